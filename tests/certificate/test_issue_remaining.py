"""Certificates of a product whose year is certified by batch: the average of what remains, to the last kilogram."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate import gather as module
from pcf.certificate.attachments import read_attachments
from pcf.certificate.bulk import issue_all
from pcf.certificate.gather import Gatherer
from pcf.certificate.issue import Office, issue, make_file, prepare
from pcf.certificate.register import Entry, list_entries, read_bundle, read_entry, revoke
from pcf.certificate.seal import check_seal
from pcf.certificate.strict_json import write_canonical
from pcf.certificate.verify import holds
from pcf.errors import CheckFailed, DataError, InputError
from tests.certificate.certificates import texts
from tests.certificate.offices import HEAT, OTHER_HEAT, TODAY, failures, fill, judge, order
from tests.certificate.wheels import HEAT_KG, INVENTORY, WHEELS, cast_wheels, drawn, heat_values, product, value
from tests.custody import books


@pytest.fixture
def wheels(office: Office) -> Office:
    """Three heats of 8,500 kg, of the first of which 1,500 kg are certified: 7,000, 8,500 and 8,500 kg remain."""
    cast_wheels(office)
    issue(office, order("batch", "A1", 1_500), TODAY)
    return office


def bundle(office: Office, entry: Entry) -> bytes:
    with office.book.read() as connection:
        return read_bundle(connection, entry)


def on_paper(office: Office, entries: list[Entry]) -> float:
    """What certificates and the rest of the heats carry together [kgCO2e]."""
    values, taken = heat_values(office), drawn(office)
    rest = sum(float(HEAT_KG - taken.get(name, 0)) * values[name] for name in WHEELS)
    return rest + sum(entry.document["mass_kg"] * value(entry) for entry in entries)


# What it is of ----------------------------------------------------------------------------------------------------------


def test_it_is_the_mean_of_the_remaining_heats_by_what_is_left_of_each(wheels: Office) -> None:
    values = heat_values(wheels)
    assert len(set(values.values())) == 3
    entry = issue(wheels, product(2_400), TODAY)
    mean = (7_000 * values["A1"] + 8_500 * values["A2"] + 8_500 * values["A3"]) / 24_000
    assert value(entry) == pytest.approx(mean, rel=1e-12)
    document = entry.document
    assert (document["kind"], document["average_of"], document["unit"], document["mass_kg"]) == (
        "product",
        "remaining",
        None,
        2_400,
    )
    assert [(one["id"], one["share"]) for one in document["batches"]] == [
        ("A1", 7 / 24), ("A2", 8.5 / 24), ("A3", 8.5 / 24)
    ]  # fmt: skip
    assert [float(one["value"]) for one in document["batches"]] == [values[name] for name in WHEELS]
    assert drawn(wheels) == {"A1": 2_200, "A2": 850, "A3": 850}
    assert document["recycled_content"] is None
    assert document["uncertainty"]["low"] < mean < document["uncertainty"]["high"]
    assert sum(stage["value"] for stage in document["stages"]) == pytest.approx(mean, rel=1e-12)


def test_it_says_what_a_shipment_of_all_that_remains_says(wheels: Office) -> None:
    """The same heats in the same proportion, as a shipment: every figure is the same."""
    averaged = issue(wheels, product(1_000), TODAY).document
    items = {"A1": 7_000 - 1_750, "A2": 6_375, "A3": 6_375}  # what remains, less a quarter: 5,250 + 6,375 + 6,375 = 18,000 kg
    books.enter(wheels.book, "shipment", books.shipment("SH-A", items, site="demo-smelter", customer="beverage"))
    shipped = issue(wheels, order(name="SH-A", mass_kg=1_000), TODAY).document
    assert shipped["average_of"] is None
    for part in ("stages", "gases", "separate", "scrap_methods", "evidence", "data_quality", "uncertainty", "low_voltage_pfc"):
        assert flat(averaged[part]) == pytest.approx(flat(shipped[part]), rel=1e-9), part
    assert averaged["footprint"]["printed"] == shipped["footprint"]["printed"]
    assert averaged["electricity"]["legs"] == shipped["electricity"]["legs"]
    assert (averaged["coc_model"], shipped["coc_model"]) == ("mass-balance", "controlled-blending")


def flat(part: Any) -> dict[str, Any]:
    """Numbers of a document by their place."""
    if isinstance(part, dict):
        part = list(part.items())
    if isinstance(part, list):
        return {
            f"{place}/{name}": number
            for place, item in enumerate(part)
            for name, number in flat(item[1] if isinstance(item, tuple) else item).items()
        }
    return {"": part if isinstance(part, int | float) else 0}


def test_it_verifies_and_computes_again(wheels: Office) -> None:
    entry = issue(wheels, product(), TODAY)
    assert entry.document["mass_kg"] == 24_000
    sealed = bundle(wheels, entry)
    (part,) = json.loads(sealed)["parts"]
    assert [link["amount"] for link in part["nodes"][0]["links"]] == [7 / 24, 8.5 / 24, 8.5 / 24]
    file = make_file(wheels, entry.number)
    steps = judge(wheels, file, sealed)
    assert list(failures(steps)) == []
    assert holds(steps)
    assert {step.key for step in steps if step.good is None} == set()
    (coverage,) = [step for step in steps if step.key == "coverage"]
    assert dict(coverage.values) == {"mass": "24,000 kg", "what": "a356.2 demo-smelter 2025", "units": "3"}
    (pact,) = [json.loads(one.content) for one in read_attachments(file) if one.name == "pact.json"]
    assert float(pact["pcf"]["pcfExcludingBiogenicUptake"]) == pytest.approx(value(entry), abs=1e-6)


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", ["Averageoftheremainingmetalof2025:3heats", "allbybatch;thisistheaverageoftheremainingmetaloftheperiod:3heats"]),
        ("zh", ["2025年剩余金属平均值：3个熔次", "全部按批次；本证书为期间剩余金属的平均值：3个熔次"]),
    ],
)
def test_what_is_printed(wheels: Office, lang: str, says: list[str]) -> None:
    entry = issue(wheels, product(1_000, lang=lang), TODAY)
    shown = "".join("".join(texts(make_file(wheels, entry.number))).split())
    assert all(said in shown for said in says)
    assert "A1,A2,A3" in shown


def test_one_heat_and_the_average_of_a_period_are_printed_as_such(wheels: Office) -> None:
    for name in ("A1", "A2"):
        issue(wheels, order("batch", name), TODAY)
    one = issue(wheels, product(lang="en"), TODAY)
    assert "Averageoftheremainingmetalof2025:1heat" in "".join("".join(texts(make_file(wheels, one.number))).split())
    average = issue(wheels, order("product", "hqalight", 1_000, site="demo-smelter", lang="en"), TODAY)
    assert (average.document["average_of"], average.document["batches"]) == ("period", [])
    shown = "".join("".join(texts(make_file(wheels, average.number))).split())
    assert "Productaverage2025" in shown
    assert "allattheaverageoftheperiod" in shown


def test_heats_without_a_charge_of_their_own_are_sealed_as_one_part(office: Office) -> None:
    issue(office, order("batch", HEAT, 100_000), TODAY)
    entry = issue(office, order("product", "hqalight", site="demo-smelter"), TODAY)
    assert [one["id"] for one in entry.document["batches"]] == [HEAT, OTHER_HEAT]
    sealed = bundle(office, entry)
    assert [part["weight"] for part in json.loads(sealed)["parts"]] == [1.0]
    assert holds(judge(office, make_file(office, entry.number), sealed))


# Once -------------------------------------------------------------------------------------------------------------------


def test_certificates_of_every_kind_and_the_rest_are_what_was_emitted(wheels: Office) -> None:
    """Batch, product, shipment, product, a revoked one, the last kilogram: after each, on paper and left are the three heats."""
    emitted = sum(HEAT_KG * each for each in heat_values(wheels).values())
    with wheels.book.read() as connection:
        entries = [read_entry(connection, "PCF-2026-000001")]
    books.enter(
        wheels.book, "shipment", books.shipment("SH-A", {"A2": 999, "A3": 1_777}, site="demo-smelter", customer="beverage")
    )
    for wanted in (
        product(2_401), order("batch", "A3", 333), product(777), order(name="SH-A", mass_kg=1_001), product(5_003),
        order("batch", "A1", 2_000), product(1),
    ):  # fmt: skip
        entries.append(issue(wheels, wanted, TODAY))
        assert on_paper(wheels, entries) == pytest.approx(emitted, rel=1e-12)
    gone = entries.pop(2)
    revoke(wheels.book, gone.number, TODAY, "typing error")
    assert on_paper(wheels, entries) == pytest.approx(emitted, rel=1e-12)
    entries.append(issue(wheels, product(), TODAY))
    assert on_paper(wheels, entries) == pytest.approx(emitted, rel=1e-12)
    assert sum(entry.document["mass_kg"] for entry in entries) in (INVENTORY, INVENTORY - 1)
    assert all(Fraction(HEAT_KG) - taken < 1 for taken in drawn(wheels).values())
    with pytest.raises(InputError, match=r"a356\.2 of demo-smelter in 2025: found nothing left to certify"):
        issue(wheels, product(), TODAY)


def test_whoever_takes_the_good_heats_leaves_the_others_to_the_average(wheels: Office) -> None:
    values = heat_values(wheels)
    best = min(values, key=values.__getitem__)
    before = value(issue(wheels, product(2_400), TODAY))  # 700, 850 and 850 kg: no fraction is left
    issue(wheels, order("batch", best), TODAY)
    after = value(issue(wheels, product(1_000), TODAY))
    assert before < after
    assert best not in [one["id"] for one in issue(wheels, product(1_000), TODAY).document["batches"]]


def test_more_than_remains_is_refused_before_anything_is_computed(wheels: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "remaining_document", None)
    size = books.size(wheels.book)
    with pytest.raises(InputError) as problem:
        issue(wheels, product(24_001), TODAY)
    assert str(problem.value).startswith(
        "product a356.2, mass_kg: found 24,001 kg of a356.2 of demo-smelter in 2025, which is certified by batch; expected at most the "
        "24,000.000 kg of 3 heats that no certificate covers and nobody has remelted"
    )
    assert books.size(wheels.book) == size


@pytest.mark.parametrize(("limit", "what"), [("MOST_HEATS", "heats with charges of their own"), ("MOST_NAMED", "heats")])
def test_too_many_heats_are_refused(wheels: Office, monkeypatch: pytest.MonkeyPatch, limit: str, what: str) -> None:
    monkeypatch.setattr(module, limit, 2)
    with pytest.raises(InputError) as problem:
        issue(wheels, product(1), TODAY)
    assert str(problem.value).startswith(
        f"a356.2 of demo-smelter in 2025: found 3 {what}; expected at most 2 behind one certificate; certify heats by batch or shipment"
    )
    issue(wheels, order("batch", "A1"), TODAY)
    assert len(issue(wheels, product(1), TODAY).document["batches"]) == 2


def test_a_newer_one_takes_the_metal_of_the_one_that_it_replaces(wheels: Office) -> None:
    first = issue(wheels, product(), TODAY)
    issue_again = product(24_000, replaces=first.number, reason="wrong address")
    second = issue(wheels, issue_again, TODAY)
    assert (second.document["version"], second.document["replaces"]) == (2, first.id)
    assert second.document["batches"] == first.document["batches"]
    assert drawn(wheels) == dict.fromkeys(WHEELS, HEAT_KG)


def test_evidence_is_held_against_the_months_of_the_heats(office: Office) -> None:
    """MWh for 300 of 500 t of February: what a product certificate draws of the heats of the month counts like any other."""
    books.enter(office.book, "void", books.void("match", "M-2025-02"))
    match = {"id": "M-2", "evidence": "HYDRO-2025-02", "product": "hqalight", "time": "2025-02", "mwh": 6_000, "mass_kg": 300_000}
    fill(office.book, {"match": [match]})
    issue(office, order("batch", HEAT, 200_000), TODAY)
    with pytest.raises(
        CheckFailed, match="found MWh matched to 300,000 kg of hqalight at demo-smelter in 2025-02, and 300,001 kg on"
    ):
        issue(office, order("product", "hqalight", 100_001, site="demo-smelter"), TODAY)
    issue(office, order("product", "hqalight", 100_000, site="demo-smelter"), TODAY)


# What was recorded meanwhile --------------------------------------------------------------------------------------------


def test_a_batch_certificate_in_between_leads_to_a_new_computation(wheels: Office) -> None:
    case, _ = prepare(wheels, product(1_000), TODAY)
    issue(wheels, order("batch", "A3"), TODAY)
    entry = issue(wheels, product(1_000), TODAY, case)
    assert entry.seal != case.seal_sha256
    assert [one["id"] for one in entry.document["batches"]] == ["A1", "A2"]
    values = heat_values(wheels)
    assert value(entry) == pytest.approx((7_000 * values["A1"] + 8_500 * values["A2"]) / 15_500, rel=1e-12)


def test_a_product_certificate_in_between_leaves_the_average_as_it_is(wheels: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case, _ = prepare(wheels, product(1_000), TODAY)
    issue(wheels, product(7), TODAY)
    monkeypatch.setattr(Gatherer, "gather", None)
    assert issue(wheels, product(1_000), TODAY, case).seal == case.seal_sha256


def test_what_remained_is_gone_meanwhile(wheels: Office) -> None:
    case, _ = prepare(wheels, product(20_000), TODAY)
    issue(wheels, product(5_000), TODAY)
    size = books.size(wheels.book)
    with pytest.raises(DataError, match=r"found 20,000 kg of a356\.2 .* expected at most the 19,000\.000 kg of 3 heats"):
        issue(wheels, product(20_000), TODAY, case)
    issue(wheels, product(), TODAY)
    with pytest.raises(DataError, match=r"expected at most the 0\.000 kg of 0 heats"):
        issue(wheels, product(20_000), TODAY, case)
    assert books.size(wheels.book) == size + 1


def test_a_year_that_was_chosen_by_batch_meanwhile(office: Office) -> None:
    """Computed at the average of the period, while nobody had chosen: it becomes the average of what remains."""
    cast_wheels(office)
    case, document = prepare(office, product(1_000), TODAY)
    assert document["average_of"] == "period"
    issue(office, order("batch", "A1"), TODAY)
    entry = issue(office, product(1_000), TODAY, case)
    assert (entry.document["average_of"], [one["id"] for one in entry.document["batches"]]) == ("remaining", ["A2", "A3"])


def test_a_table_gives_what_its_rows_would_give_one_after_another(wheels: Office, tmp_path: Path) -> None:
    """All rows of a table are computed before the first is recorded; the second product certificate is without A3 all the same."""
    values = heat_values(wheels)
    orders = [
        ("first", product(2_400, key="1")), ("batch", order("batch", "A3", key="2")), ("second", product(1_000, key="3")),
        ("much", product(20_000, key="4")), ("rest", product(key="5")), ("none", product(key="6")),
    ]  # fmt: skip
    (found,) = issue_all(wheels, orders, tmp_path, TODAY)
    assert [item.order for item in found if item.refused] == ["much", "none"]
    assert "20,000 kg of a356.2 of demo-smelter in 2025, which is certified by batch" in found[3].refused
    with wheels.book.read() as connection:
        made = {item.order: read_entry(connection, item.number) for item in found if item.number}
    assert [len(made[name].document["batches"]) for name in ("first", "second", "rest")] == [3, 2, 2]
    # 7,000 less 700 kg of A1 and 8,500 less 850 kg of A2
    mean = (6_300 * values["A1"] + 7_650 * values["A2"]) / 13_950
    assert [value(made[name]) for name in ("second", "rest")] == pytest.approx([mean, mean], rel=1e-12)
    assert made["rest"].document["mass_kg"] == 12_950
    for item in found:
        assert not item.number or holds(judge(wheels, (tmp_path / item.file).read_bytes()))
    (again,) = issue_all(wheels, orders[:5], tmp_path, TODAY)
    assert [item.number for item in again] == [item.number for item in found[:5]]
    with wheels.book.read() as connection:
        assert len(list_entries(connection, "", 100)) == 5


# Altered ----------------------------------------------------------------------------------------------------------------


def failed(office: Office, entry: Entry, sealed: bytes | None = None, **changed: Any) -> str:
    """What a verification says of a file that its issuer made of another document than the one in the log."""
    with office.book.read() as connection:
        known = read_entry(connection, entry.number)
    forged = replace(known, document={**known.document, **changed})
    from pcf.certificate import issue as issuing

    original = issuing.read_entry
    issuing.read_entry = lambda *_: forged
    try:
        file = make_file(office, entry.number)
    finally:
        issuing.read_entry = original
    found = list(failures(judge(office, file, sealed)))
    return found[0] if found else ""


def test_an_altered_part_mass_or_number_of_heats_is_seen(wheels: Office) -> None:
    entry = issue(wheels, product(2_400), TODAY)
    sealed, document = bundle(wheels, entry), entry.document
    assert failed(wheels, entry, sealed) == ""
    first, *others = document["batches"]
    for changed in (
        {"mass_kg": 2_401}, {"batches": others}, {"batches": [{**first, "share": 0.25}, *others]},
        {"batches": [{**first, "id": "A9"}, *others]}, {"batches": [{**first, "value": "1.0"}, *others]},
    ):  # fmt: skip
        assert failed(wheels, entry, sealed, **changed) == "coverage: the log has another certificate under that number"
    with pytest.raises(
        InputError, match=r"certificate\.batches"
    ):  # a number of heats that its own schema contradicts is not printed
        failed(wheels, entry, sealed, batches=[])
    content = json.loads(sealed)
    content["parts"][0]["nodes"][0]["links"][0]["amount"] *= 1.01
    altered = write_canonical(content, "bundle")
    assert list(failures(judge(wheels, make_file(wheels, entry.number), altered))) == [
        "seal: the bundle is not the one that was sealed"
    ]
    assert check_seal(sealed).agrees
    assert not check_seal(altered).agrees
