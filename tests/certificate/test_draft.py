"""The machine-readable certificate: what it says, and what it refuses to be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pcf.catalogue import Catalogue
from pcf.certificate.draft import check_certificate, draft, printed, schema
from pcf.certificate.pages import pages
from pcf.certificate.particulars import check_customer
from pcf.certificate.texts import check_characters, words
from pcf.engine import calculate
from pcf.errors import InputError
from pcf.methods import assess, document
from pcf.model import CHOICES
from pcf.text import texts as program_texts
from tests.certificate.certificates import CLAIMED, ID, batch, footprint, particulars

REQUIRED = (
    "number", "version", "id", "kind", "issued", "valid_until", "issuer", "customer", "product_standard", "mass_kg", "coc_model",
    "electricity_evidence", "seal_sha256", "verify_url",
)  # fmt: skip


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as found:
        call()
    return str(found.value)


def test_the_schema_is_one_and_lets_nothing_else_in() -> None:
    Draft202012Validator.check_schema(schema())
    made = draft(footprint(), None, particulars())
    check_certificate(made)
    assert "no_such_field" in refusal(lambda: check_certificate({**made, "no_such_field": 1}))
    for key in made:
        assert key in refusal(lambda key=key: check_certificate({name: value for name, value in made.items() if name != key}))


def test_every_object_of_the_schema_is_closed() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object" and "required" in node:
                assert node["additionalProperties"] is False, node
            for key, value in node.items():
                if key != "allOf":
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(schema())


def test_a_product_certificate_says_what_the_footprint_says() -> None:
    made = draft(footprint(), None, particulars())
    assert made["footprint"]["value"] == "4.625"
    assert made["footprint"]["printed"] == "4.63"  # half up: 4.625 is exact
    assert float(made["footprint"]["value"]) == 4.625
    assert [(stage["id"], stage["value"]) for stage in made["stages"]][:2] == [("bauxite", 0.5), ("alumina", 1.125)]
    assert made["scrap_methods"] == {"cut-off": 4.625, "co-product": 5.375}
    assert made["recycled_content"] is None  # what the charge holds is no claim
    assert made["electricity"]["results"] == {"contract": 4.625, "location": 11.25}
    assert [(leg["leg"], leg["share"]) for leg in made["electricity"]["legs"]] == [("contract_hydro", 0.75), ("grid", 0.25)]
    assert made["electricity"]["attribution"] == "site-average"
    assert made["data_period"] == {"start": "2025-01-01", "end": "2025-12-31"}
    assert made["primary_data"]["share"] == 0.75
    assert made["assurance"]["statement"]["en"] == "Self-declared, not verified by a third party."
    assert made["standards"] == {"relation": "aligned with", "names": ["GB/T 24067-2024"]}
    assert made["uncertainty"] is None
    assert made["verify"]["id"] == made["id"] == ID
    assert made["separate"]["aircraft"] == 0.0
    assert made["separate"]["land_use_change"] == "not separable"


def test_it_changes_nothing_that_it_is_given() -> None:
    given = (footprint(), batch(), particulars(kind="shipment"))
    before = copy.deepcopy(given)
    assert draft(*given) == draft(*given)
    assert given == before


def test_a_demonstration_says_so_and_a_site_result_does_not() -> None:
    made = draft(footprint("demonstration"), None, particulars())
    assert made["demonstration"] is True
    assert made["notice"] == {"en": "DEMONSTRATION — NOT A CLAIM", "zh": "演示——不构成声明"}
    assert "notice" in refusal(lambda: check_certificate({**made, "notice": None}))
    real = draft(footprint("site-result"), None, particulars())
    assert (real["demonstration"], real["notice"]) == (False, None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"standing": "model-estimate"}, "standing"),
        ({"changes": [{"name": "casting.gas", "value": 1.0}]}, "casting.gas"),
        ({"parameters": {"grid_mix": {"value": {"hydro": 1.0}}}}, "grid_mix"),
        ({"boundary": "gate-to-gate"}, "boundary"),
        ({"site": None}, "footprint.site"),
        ({"omitted": None}, "footprint.omitted"),
        ({"alternatives": {"scrap": {"cut-off": 4.625}}}, "co-product"),
        ({"total": {"value": 4.5, "unit": "tCO2e/t"}}, "stages"),
        ({"total": {"value": float("nan"), "unit": "tCO2e/t"}}, "total"),
        ({"parameters": {}}, "electricity_supply"),
    ],
)
def test_what_is_no_measured_and_whole_result_is_refused(change: dict[str, Any], named: str) -> None:
    assert named in refusal(lambda: draft(footprint(**change), None, particulars()))


def test_one_estimated_heat_is_enough_to_refuse_a_batch() -> None:
    shipped = batch()
    shipped["heats"][1]["footprint"]["standing"] = "model-estimate"
    assert "model-estimate" in refusal(lambda: draft(footprint(), shipped, particulars(kind="shipment")))
    changed = batch()
    changed["heats"][1]["footprint"]["changes"] = [{"name": "casting.gas"}]
    assert "casting.gas" in refusal(lambda: draft(footprint(), changed, particulars(kind="shipment")))
    assert "provisional" in refusal(lambda: draft(footprint(), {**batch(), "provisional": True}, particulars(kind="shipment")))


def test_a_product_may_be_the_average_of_what_remains() -> None:
    made = draft(footprint(), batch("remaining"), particulars())
    check_certificate(made)
    assert (made["average_of"], made["unit"], made["footprint"]["value"]) == ("remaining", None, "4.875")
    assert [(one["id"], one["share"]) for one in made["batches"]] == [("H-1", 0.75), ("H-2", 0.25)]
    assert any("of each heat what no certificate covered at the issue" in one["en"] for one in made["limitations"])
    assert not any("the average of the period;" in one["en"] for one in made["limitations"])
    whole = draft(footprint(), None, particulars())
    assert (whole["average_of"], whole["batches"]) == ("period", [])
    assert draft(footprint(), batch(), particulars(kind="shipment"))["average_of"] is None
    for changed in ({"average_of": "period"}, {"average_of": None}, {"batches": []}, {"unit": {"id": "S"}}):
        assert "certificate." in refusal(lambda changed=changed: check_certificate({**made, **changed}))
    assert "certificate." in refusal(lambda: check_certificate({**whole, "average_of": "remaining"}))


@pytest.mark.parametrize(
    ("kind", "of"), [("product", "shipment"), ("product", "heat"), ("shipment", "remaining"), ("batch", "remaining")]
)
def test_a_document_of_something_else_is_refused(kind: str, of: str) -> None:
    assert refusal(lambda: draft(footprint(), batch(of), particulars(kind=kind))).startswith(
        f"kind: found {kind!r}; expected what the batch document is of: {of}"
    )


def test_recycled_content_is_what_was_claimed() -> None:
    made = draft(footprint(), batch(), particulars(kind="shipment", recycled_content=CLAIMED))
    check_certificate(made)
    assert made["recycled_content"] == {**CLAIMED, "method": "mass claimed / mass of the shipment"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"post_consumer": 0.9, "pre_consumer": 0.2}, "recycled_content: found 1.1; expected both together at most 1"),
        ({"post_consumer": -0.1}, "recycled_content.post_consumer"),
        ({"pre_consumer": float("nan")}, "recycled_content.pre_consumer"),
        ({"basis": "hearsay"}, "recycled_content.basis: found 'hearsay'"),
        ({"claims": []}, "recycled_content.claims: found nothing"),
        ({"total": 0.6}, "recycled_content.total: found a field that is not known"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(changed: dict[str, Any], says: str) -> None:
    wanted = particulars(kind="shipment", recycled_content={**CLAIMED, **changed})
    assert refusal(lambda: draft(footprint(), batch(), wanted)).startswith(says)


def test_a_shipment_is_the_mean_of_its_heats_by_mass() -> None:
    made = draft(footprint(), batch(), particulars(kind="shipment"))
    check_certificate(made)
    assert made["footprint"]["value"] == "4.875"  # 0.75 × 4.625 + 0.25 × 5.625
    assert {stage["id"]: stage["value"] for stage in made["stages"]}["anode"] == 0.25
    assert {gas["gas"]: gas["tCO2e"] for gas in made["gases"]} == {
        "carbon dioxide, fossil": 4.5, "methane, fossil": 0.25, "tetrafluoromethane": 0.125,
    }  # fmt: skip
    assert made["scrap_methods"]["co-product"] == 5.625  # 0.75 × 5.375 + 0.25 × 6.375
    assert made["recycled_content"] is None
    assert [(heat["id"], heat["share"], heat["value"]) for heat in made["batches"]] == [
        ("H-1", 0.75, "4.625"),
        ("H-2", 0.25, "5.625"),
    ]


def test_steps_after_the_cast_are_in_the_stages_and_nowhere_split() -> None:
    made = draft(footprint(), batch(further=0.5), particulars(kind="shipment"))
    check_certificate(made)
    assert made["footprint"]["value"] == "5.375"
    assert {stage["id"]: stage["value"] for stage in made["stages"]}["rolling"] == 0.5
    assert {gas["gas"]: gas["tCO2e"] for gas in made["gases"]}["steps after the cast"] == 0.5
    assert set(made["separate"].values()) == {"not separable"}
    assert made["scrap_methods"]["co-product"] == 6.375  # 5.625 at the cast, and steps of 0.75 under that treatment
    assert made["electricity"]["results"]["location"] == 12.25  # 11.5 and 0.75
    assert any("after the cast" in one["en"] for one in made["limitations"])


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_particular_is_named(name: str) -> None:
    for given in ({key: value for key, value in particulars().items() if key != name}, particulars(**{name: None})):
        assert name in refusal(lambda given=given: draft(footprint(), None, given))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"surprise": 1}, "surprise"),
        ({"number": "pcf 1"}, "number"),
        ({"id": "short"}, "id"),
        ({"version": True}, "version"),
        ({"mass_kg": 0}, "mass_kg"),
        ({"mass_kg": 1.5}, "mass_kg"),
        ({"issued": "2026-02-30"}, "issued"),
        ({"issued": "2025-12-31"}, "issued"),
        ({"valid_until": "2026-03-31"}, "valid_until"),
        ({"valid_until": "2029-01-01"}, "valid_until"),
        ({"verify_url": "http://verify.example.com/" + ID}, "verify_url"),
        ({"verify_url": "https://verify.example.com/other"}, "verify_url"),
        ({"coc_model": "magic"}, "coc_model"),
        ({"seal_sha256": "C" * 64}, "seal_sha256"),
        ({"electricity_evidence": {}}, "electricity_evidence.contract_hydro"),
        ({"electricity_evidence": {"contract_hydro": "x", "own_wind": "y"}}, "own_wind"),
        ({"assurance": {"level": "none", "verifier": "TÜV"}}, "assurance.verifier"),
        ({"assurance": {"level": "limited"}}, "assurance.verifier"),
        (
            {"uncertainty": {"low": 5.0, "high": 4.0, "level": 0.95, "draws": 1000, "seed": 0, "sampler": "sobol"}},
            "uncertainty.high",
        ),
        ({"log": {"index": 5, "size": 5, "root": "0" * 64}}, "log.index"),
        ({"kind": "batch"}, "kind"),
        ({"customer": []}, "customer"),
    ],
)
def test_a_wrong_particular_is_named(change: dict[str, Any], named: str) -> None:
    assert named in refusal(lambda: draft(footprint(), None, particulars(**change)))


def test_a_batch_certifies_no_more_than_its_mass_and_only_its_own_product() -> None:
    assert "mass_kg" in refusal(lambda: draft(footprint(), batch(), particulars(kind="shipment", mass_kg=250_001)))
    draft(footprint(), batch(), particulars(kind="shipment", mass_kg=250_000))
    other = footprint(product={"id": "hqalight", "name": {"en": "x", "zh": "x"}})
    assert "hqalight" in refusal(lambda: draft(other, batch(), particulars(kind="shipment")))
    assert "kind" in refusal(lambda: draft(footprint(), batch(kind="heat"), particulars(kind="shipment")))


def test_a_verified_result_names_who_verified_it() -> None:
    assurance = {"level": "limited", "verifier": "TÜV Example", "report": "R-77"}
    made = draft(footprint(), None, particulars(assurance=assurance))
    check_certificate(made)
    assert made["assurance"]["statement"]["en"] == "Verified with limited assurance by TÜV Example, report R-77."


def test_both_results_stand_where_no_measurement_decides_on_low_voltage_pfc() -> None:
    found = footprint(headline={"without_low_voltage_pfc": 4.625, "with_low_voltage_pfc": 5.5})
    made = draft(found, None, particulars())
    assert (made["low_voltage_pfc"]["without"], made["low_voltage_pfc"]["with"]) == (4.625, 5.5)
    assert any("low-voltage" in one["en"] for one in made["limitations"])


def test_power_that_was_retired_for_the_product_is_its_own() -> None:
    parameters = {
        "electricity_supply": {"value": {"own_coal": 1.0}}, "electricity_attribution": {"value": {"product": 1.0}},
        "attributed_supply": {"value": {"contract_hydro": 1.0}},
    }  # fmt: skip
    made = draft(footprint(parameters=parameters), None, particulars())
    assert [leg["leg"] for leg in made["electricity"]["legs"]] == ["contract_hydro"]
    assert made["electricity"]["attribution"] == "attributed"


@pytest.mark.parametrize(
    ("value", "shown"),
    # By hand: three digits, at most three decimals, a half goes up.
    [
        (4.625, "4.63"),
        (0.0625, "0.063"),
        (12.34, "12.3"),
        (16.55, "16.6"),
        (0.9996, "1.00"),
        (9.996, "10.0"),
        (99.96, "100"),
        (100.5, "101"),
        (0.0123, "0.012"),
        (-4.625, "-4.63"),
        (1234.5, "1235"),
        (0, "0.000"),
    ],
)
def test_the_print_is_the_rounded_seal(value: float, shown: str) -> None:
    assert printed(value) == shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Firma \u05d0\u05d1", "U+05D0"),  # Hebrew
        ("شركة", "U+0634"),
        ("Wheels 😀", "U+1F600"),
        ("A\u202eB", "U+202E"),
        ("A\u200bB", "U+200B"),
        ("A\u00adB", "U+00AD"),
        ("A\ufeffB", "U+FEFF"),
        ("A\nB", "U+000A"),
        ("A\x00B", "U+0000"),
        ("\U00020000", "U+20000"),  # a hanzi outside the font
        ("㶲", "U+3DB2"),
        ("あ", "U+3042"),
        ("A\ud800", "U+D800"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named_with_its_field(text: str, named: str) -> None:
    said = refusal(lambda: check_customer({"name": text, "address": "x", "country": "DE"}, "wheels.json"))
    assert "wheels.json.name" in said
    assert named in said


@pytest.mark.parametrize("field", ["name", "address", "country"])
def test_a_customer_without_a_required_field_is_refused(field: str) -> None:
    given = {"name": "N", "address": "A", "country": "DE"}
    del given[field]
    assert f"customer.{field}" in refusal(lambda: check_customer(given))


def test_a_customer_s_texts_have_a_limit() -> None:
    known = {"address": "A", "country": "DE"}
    assert check_customer({"name": "n" * 200, **known})["name"] == "n" * 200
    assert "500 characters" in refusal(lambda: check_customer({"name": "n" * 500, **known}))
    assert "customer.name" in refusal(lambda: check_customer({"name": "   ", **known}))
    assert "customer.name" in refusal(lambda: check_customer({"name": ["x"], **known}))
    assert "country" in refusal(lambda: check_customer({"name": "N", "address": "A", "country": "Germany"}))
    assert "vat" in refusal(lambda: check_customer({"name": "N", "vat": "1", **known}))


def test_a_name_typed_in_pieces_is_put_together() -> None:
    assert check_customer({"name": "Mu\u0308ller", "address": "A", "country": "DE"})["name"] == "Müller"


def test_a_character_outside_the_font_is_refused_wherever_it_comes_from() -> None:
    site = {**footprint()["site"], "name": {"en": "Site あ", "zh": "厂"}}
    assert "certificate.site.name.en" in refusal(lambda: draft(footprint(site=site), None, particulars()))


def test_texts_are_the_same_in_both_languages_and_can_all_be_printed() -> None:
    assert list(words("en")) == list(words("zh"))
    for language in ("en", "zh"):
        for key, content in words(language).items():
            check_characters(content, key)
            assert "conform" not in content.lower(), key


def test_everything_that_the_program_can_compute_has_a_text(catalogue: Catalogue) -> None:
    known = words("en")
    for stage in document_of(catalogue, "can-stock-3104")["stages"]:
        assert f"stage.{stage['id']}" in known
    for leg in catalogue.shares["electricity_supply"].options:
        assert f"leg.{leg}" in known
    groups = {
        "scrap": "scrap",
        "electricity": "electricity",
        "td": "td",
        "low_voltage_pfc": "pfc",
        "heat": "heat",
        "co_products": "co-products",
    }
    for choice, group in groups.items():
        for option in CHOICES[choice]:
            assert f"{group}.{option}" in known
    assert {key for key in program_texts("en") if key.startswith("gas.")} <= set(known)


@pytest.mark.parametrize("product", ["hqalight", "a356.2", "can-stock-3104"])
def test_documents_of_the_program_make_certificates(catalogue: Catalogue, product: str) -> None:
    found = document_of(catalogue, product)
    found.setdefault("omitted", footprint()["omitted"])
    assert "model-estimate" in refusal(lambda: draft(found, None, particulars()))
    # As if the site's year had been measured.
    found["standing"] = "site-result"
    supply = found["parameters"].get("electricity_supply") or found["parameters"]["attributed_supply"]
    evidence = {leg: "meters" for leg, share in supply["value"].items() if share and leg != "grid"}
    made = draft(found, None, particulars(electricity_evidence=evidence))
    check_certificate(made)
    assert float(made["footprint"]["value"]) == found["total"]["value"]
    pages(made, ("zh", "en"))


def document_of(catalogue: Catalogue, product: str) -> dict[str, Any]:
    result = calculate(catalogue, product)
    return document(result, assess(result))
