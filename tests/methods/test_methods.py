"""Checks, cut-off, data quality and the report view against sums by hand."""

from __future__ import annotations

import pytest

from pcf.catalogue import STAGES, Catalogue, Marks, Quantity
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.methods import Range, assess, assess_cut_off, document, rate_quality
from pcf.methods.quality import score_quantity
from pcf.methods.reportview import report_stages
from pcf.model import Method, read_request


def status(catalogue: Catalogue, product: str, *texts: str, site: str = "", **choices: str) -> dict[str, str]:
    method = Method(**choices)  # type: ignore[arg-type]
    product_id, settings = read_request(catalogue, product, method, texts, site=site)
    return {check.id: check.status for check in assess(calculate(catalogue, product_id, method, settings))}


def test_the_cut_off_test_by_hand(catalogue: Catalogue) -> None:
    # Remelt ingot alone on its own boundary is too long a chain for a sum by hand; the anode is short: sum over its nodes.
    found = calculate(catalogue, "anode")
    omitted = sum(
        at(level, 0) * item.estimate.value
        for node, level in zip(found.system.nodes, found.solution.activity, strict=True)
        for item in node.process.checklist
        if item.status == "omitted" and item.estimate
    )
    result = assess_cut_off(found)
    assert omitted > 0
    assert result.total == pytest.approx(omitted / (at(found.total, 0) + omitted), rel=1e-12)
    assert result.limit == 0.02
    loose = assess_cut_off(calculate(catalogue, "anode", Method(cut_off="1 % each, 5 % together")))
    assert (loose.limit, loose.each_limit) == (0.05, 0.01)
    assert loose.total == result.total


def test_an_unknown_flow_is_never_a_pass(catalogue: Catalogue) -> None:
    result = assess_cut_off(calculate(catalogue, "alumina"))
    assert result.unknown
    assert status(catalogue, "alumina")["A-11"] == "not evaluated"


def test_partial_boundaries_fail_the_boundary_check(catalogue: Catalogue) -> None:
    assert status(catalogue, "hqalight")["A-10"] == "pass"
    for boundary in ("gate-to-gate", "scope-1-2"):
        assert status(catalogue, "hqalight", boundary=boundary)["A-10"] == "fail"


def test_model_estimates_fail_where_primary_data_are_wanted(catalogue: Catalogue) -> None:
    found = status(catalogue, "hqalight")
    assert found["A-12"] == "fail"
    assert found["A-15"] == found["A-16"] == "not evaluated"


def test_older_potentials_and_unproven_contracts_warn(catalogue: Catalogue) -> None:
    assert status(catalogue, "hqalight")["A-17"] == "pass"
    assert status(catalogue, "hqalight", gwp="AR5")["A-17"] == "warn"
    assert status(catalogue, "hqalight")["electricity"] == "warn"
    assert status(catalogue, "hqalight", electricity="location")["electricity"] == "pass"


def test_measured_pfc_passes_and_the_default_warns(catalogue: Catalogue) -> None:
    assert status(catalogue, "hqalight")["pfc"] == "warn"
    assert (
        status(catalogue, "hqalight", "pfc_method=measured", "cf4_measured=0.03kg/t", "c2f6_measured=0.003kg/t")["pfc"] == "pass"
    )


def test_a_charge_beyond_the_alloys_limits_fails_and_says_how_far_one_could_go(catalogue: Catalogue) -> None:
    method = Method()
    product, settings = read_request(catalogue, "a356.2", method, ["scrap_wheels_a356__fe=0.003", "recycled_content=0.9"])
    found = calculate(catalogue, product, method, settings)
    check = next(item for item in assess(found) if item.id == "charge-feasible")
    assert check.status == "fail"
    assert check.fields["element"] == "Fe"
    highest = float(check.fields["highest"]) / 100
    assert 0 < highest < 0.9
    texts = ["scrap_wheels_a356__fe=0.003", f"recycled_content={highest - 0.01}"]
    assert status(catalogue, "a356.2", *texts)["charge-feasible"] == "pass"


def test_quality_scores_by_rule(catalogue: Catalogue) -> None:
    marks = Marks("s", "2019", "CN", "transcribed")
    spread = {"distribution": "triangular", "low": 1, "high": 2, "sets": 5}
    scores = score_quantity(catalogue, Quantity(1, "t", 1, marks, spread), 2024, "CN-Yunnan")
    # five years old: below six; same country, other province; five data sets; read off a transcription
    assert scores == {"reliability": 3, "completeness": 2, "time": 2, "geography": 2, "technology": 3}
    pedigree = score_quantity(catalogue, Quantity(1, "t", 1, marks, {"pedigree": [1, 2, 3, 4, 5]}), 2024, "CN")
    assert list(pedigree.values()) == [1, 2, 3, 4, 5]


def test_quality_lies_on_the_scale_and_is_their_mean(catalogue: Catalogue) -> None:
    rating = rate_quality(calculate(catalogue, "hqalight"))
    assert all(1 <= score <= 5 for score in rating.scores.values())
    assert rating.overall == pytest.approx(sum(rating.scores.values()) / 5)


def test_the_report_view_moves_and_keeps_the_sum() -> None:
    matrix = {
        "electrolysis": {"electricity": 5.0, "pfc": 0.3, "process-co2": 1.5},
        "alumina": {"thermal-energy": 2.0, "transport": 0.2},
    }
    rows = {row["id"]: row for row in report_stages(matrix, STAGES)}
    assert rows["electrolysis"]["value"] == pytest.approx(1.8)
    assert rows["auxiliary-and-energy"]["value"] == pytest.approx(7.0)
    assert rows["transport"]["value"] == pytest.approx(0.2)
    assert rows["alumina"] == {"id": "alumina", "value": 0.0, "reason": "in-shared-keys"}
    assert rows["rolling"]["reason"] == "not-on-route"
    assert sum(row["value"] for row in rows.values()) == pytest.approx(9.0)


def test_separate_items_sum_to_the_total_or_say_that_they_cannot(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight", Method(boundary="scope-1-2", steps=("electrolysis",)))
    item = document(found, assess(found))
    assert item["separate"]["fossil"] == pytest.approx(item["total"]["value"], rel=1e-9)
    # Nobody assessed land use or biogenic carbon on this boundary: no zero stands for what was not looked at.
    assert {value for name, value in item["separate"].items() if name != "fossil"} == {"not separable"}
    whole = document(calculate(catalogue, "hqalight"), [])
    assert set(whole["separate"].values()) == {"not separable"}


def test_what_dross_displaces_is_information_and_never_part_of_the_total(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight")
    item = document(found, [])
    # 5 kg of dross, half of it metal, in place of primary metal at 15.947 tCO2e/t
    assert sum(item["information"]["substitution"].values()) == pytest.approx(0.005 * 0.5 * 15.947, rel=1e-9)
    assert item["total"]["value"] == pytest.approx(sum(sum(row.values()) for row in item["matrix"].values()))
    assert document(calculate(catalogue, "hqalight", Method(boundary="scope-1-2")), [])["information"]["substitution"] == {}


@pytest.mark.parametrize(("method", "missing", "verdict"), [
    ("slope", "ae_duration", "warn"), ("overvoltage", "ae_overvoltage", "warn"), ("measured", "c2f6_measured", "pass"),
])  # fmt: skip
def test_a_pfc_method_of_the_plants_own_record_never_runs_on_a_usual_value(
    catalogue: Catalogue, method: str, missing: str, verdict: str
) -> None:
    """Each value stands beside the method save one, and the one is named; with it the method calculates.

    Anode effects say nothing of low-voltage PFC, so a warning stays with them; a measurement holds both.
    """
    record = {
        "ae_frequency": "0.1/day", "ae_duration": "2min", "ae_overvoltage": "1.5mV", "cf4_measured": "0.03kg/t",
        "c2f6_measured": "0.003kg/t",
    }  # fmt: skip
    texts = [f"{name}={value}" for name, value in record.items() if name != missing]
    with pytest.raises(InputError, match=rf"{missing}: .*no value of the plant's own"):
        status(catalogue, "hqalight", f"pfc_method={method}", *texts)
    assert status(catalogue, "hqalight", f"pfc_method={method}", f"{missing}={record[missing]}", *texts)["pfc"] == verdict


def test_the_interpretation_passes_where_an_interval_is_known(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "anode")
    alone, known = (
        next(item for item in assess(found, range_) if item.id == "A-18") for range_ in (None, Range(1.2, 1.9, 4_000))
    )
    assert (alone.status, known.status) == ("warn", "pass")
    assert (known.fields["low"], known.fields["high"], known.fields["draws"]) == ("1.20", "1.90", "4,000")
    assert known.fields["stages"] == alone.fields["stages"]
