"""What is not certified: each by its name, and nothing of it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pcf.certificate import gather as module
from pcf.certificate.issue import Office, Order, issue
from pcf.certificate.register import list_entries, revoke
from pcf.certificate.seal import Recomputed
from pcf.errors import CheckFailed, InputError, PcfError
from pcf.model import Method
from tests.certificate.offices import COILS, HEAT, INGOT, OTHER_HEAT, TODAY, fill, make_profile, meter, order, sun
from tests.custody import books

AVERAGE: dict[str, Any] = {"kind": "product", "name": "hqalight", "mass_kg": 1_000, "site": "demo-smelter"}
AVERAGED = Method(low_voltage_pfc="included", attribution="site-average")


def refused(office: Office, wanted: Order, today: date = TODAY) -> str:
    """Why an order is refused; the log is as long as before."""
    size = books.size(office.book)
    with office.book.read() as connection:
        known = list_entries(connection, "", 100)
    with pytest.raises(PcfError) as problem:
        issue(office, wanted, today)
    assert books.size(office.book) == size
    with office.book.read() as connection:
        assert list_entries(connection, "", 100) == known
    text = str(problem.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"name": "SH-NOWHERE"}, "unit: found 'SH-NOWHERE'; expected a recorded heat, bundle, coil or shipment"),
        ({"name": HEAT}, f"--shipment: found '{HEAT}', a heat; expected a shipment"),
        ({"kind": "batch", "name": INGOT}, f"--batch: found '{INGOT}', a shipment; expected a batch"),
        ({"kind": "batch", "name": "LIQ-2025-02"}, "unit: found 'LIQ-2025-02'; expected a heat, bundle, coil or shipment that stands"),
        ({"kind": "batch", "name": "LIQ-2025-02", "mass_kg": 1}, "unit: found 'LIQ-2025-02'"),
        ({"kind": "batch", "name": HEAT, "mass_kg": 250_001}, "mass_kg: found 250,001; expected at most the mass of L-0203-1: 250,000"),
        ({"mass_kg": 200_001}, "mass_kg: found 200,001"),
        ({**AVERAGE, "name": "gold"}, "issuer.yaml, products: found no gold"),
        ({**AVERAGE, "name": "can-stock-3104", "site": "demo-mill"}, "--product: found can-stock-3104, which is worked on after the cast"),
        ({**AVERAGE, "site": "nowhere"}, "--site: found 'nowhere'; expected a site of the records: demo-mill, demo-smelter"),
        ({**AVERAGE, "year": 2026}, "site demo-smelter: found no data of 2026, only earlier ones; expected the plant's data of the year"),
        ({**AVERAGE, "year": 2024}, "site demo-smelter: found data of 2025; expected data of 2024 or an earlier year"),
        ({**AVERAGE, "mass_kg": 500_001, "method": AVERAGED}, "product hqalight, mass_kg: found 500,001 kg of hqalight of demo-smelter in 2025, of which 0 kg"),
        ({**AVERAGE, "name": "a356.2"}, "product a356.2, mass_kg: found 1,000 kg of a356.2"),
        ({"method": Method()}, "hqalight: found low-voltage PFC neither measured nor included; expected one of the two"),
        ({"valid_until": date(2029, 1, 1)}, "valid_until: found 2029-01-01; expected a day after 2026-03-02, at the latest 2028-12-31"),
        ({"valid_until": TODAY}, "valid_until: found 2026-03-02"),
        ({"customer": {"name": "N", "address": "A"}}, "customer.country: found nothing"),
    ],
    ids=str,
)  # fmt: skip
def test_an_order_that_cannot_be(office: Office, wanted: dict[str, Any], says: str) -> None:
    assert refused(office, order(**wanted)).startswith(says)


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2025, 12, 31), "issued: found 2025-12-31; expected a day after the data period, which ends with 2025"),
        (date(2028, 12, 31), "valid_until: found 2028-12-31; expected a day after 2028-12-31, at the latest 2028-12-31"),
        (date(2029, 3, 1), "valid_until: found 2028-12-31; expected a day after 2029-03-01"),
    ],
)
def test_data_that_are_too_young_or_too_old(office: Office, today: date, says: str) -> None:
    assert refused(office, order(), today).startswith(says)


def test_the_last_days_of_the_data(office: Office) -> None:
    assert issue(office, order(), date(2028, 12, 30)).document["valid_until"] == "2028-12-31"


def test_solvers_that_differ(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.check_seal
    for changed in ("brightway", "reference"):

        def check(bundle: bytes, changed: str = changed) -> Recomputed:
            found = real(bundle)
            return replace(found, **{changed: getattr(found, changed) + 1e-4})

        monkeypatch.setattr(module, "check_seal", check)
        assert refused(office, order()).startswith(f"shipment {INGOT}: the solvers differ: 7.67")


def test_flows_that_nobody_has_assessed(open_office: Callable[..., Office]) -> None:
    text = refused(open_office(flows=[]), order())
    assert text.startswith("hqalight, flow checklist: found flows that nobody has assessed: ")
    assert "Land clearing" in text
    assert "expected an estimate of each with its source; flows in issuer.yaml" in text


def test_a_flow_that_is_not_open(open_office: Callable[..., Office]) -> None:
    (flow,) = make_profile().model_dump()["flows"]
    assert "issuer.yaml, flows line 1: found bauxite-mining: Gold" in refused(
        open_office(flows=[{**flow, "flow": "Gold"}]), order()
    )


def test_a_model_is_no_plant(office: Office) -> None:
    """A heat of bought metal at a site of whose plant there are model data alone."""
    fill(office.book, {
        "site": [{"id": "park", "name": "Park", "timezone": "Asia/Shanghai", "party": "demo-group", "plant": "recycling-park"}],
        "scope": [{"id": "park", "name": "Park", "sites": "park"}],
        "period": [{"scope": "park", "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}],
        "lot": [books.lot("PARK-L", 1_000, site="park", supplier="alloys")],
        "cast": [books.cast("PARK-H", {"PARK-L": 1_000}, 990, site="park")],
    })  # fmt: skip
    assert refused(office, order("batch", "PARK-H")).startswith(
        "hqaloop at recycling-park: found a model-estimate; expected a site result: primary data of a plant's closed year"
    )
    assert "found" in refused(office, order("product", "hqaloop", 1, site="park"))


def test_a_batch_of_a_year_whose_data_are_not_in(office: Office) -> None:
    fill(office.book, {
        "lot": [books.lot("LIQ-26", 1_000, site="demo-smelter", date="2026-02-03", material="electrolysis", supplier="demo-group")],
        "cast": [books.cast("L-26", {"LIQ-26": 1_000}, 990, site="demo-smelter", date="2026-02-03", product="hqalight")],
    })  # fmt: skip
    assert refused(office, order("batch", "L-26")).startswith("site demo-smelter: found no data of 2026, only earlier ones")


def test_a_shipment_of_several_years_is_certified_by_batch(office: Office) -> None:
    fill(office.book, {
        "lot": [books.lot("LIQ-26", 1_000, site="demo-smelter", date="2026-02-03", material="electrolysis", supplier="demo-group")],
        "cast": [books.cast("L-26", {"LIQ-26": 1_000}, 990, site="demo-smelter", date="2026-02-03", product="hqaloop")],
        "shipment": [books.shipment("SH-2", {"L-26": 90, OTHER_HEAT: 90}, site="demo-smelter", date="2026-02-10", customer="beverage")],
    })  # fmt: skip
    assert refused(office, order(name="SH-2")).startswith(
        "shipment SH-2: found hqalight of demo-smelter in 2025 and hqaloop of demo-smelter in 2026; expected heats of one product, site "
        "and year; certify them apart, by batch"
    )


# Evidence ----------------------------------------------------------------------------------------------------------------


def test_power_that_nothing_proves(office: Office) -> None:
    first = issue(office, order(mass_kg=1_000, method=AVERAGED), TODAY)
    assert first.document["electricity"]["attribution"] == "site-average"
    revoke(office.book, first.number, TODAY, "r")
    books.enter(office.book, "void", books.void("power", "PV-demo-smelter"))
    text = refused(office, order(mass_kg=1_000, method=AVERAGED))
    assert text.startswith(
        "electricity, own_pv: found no evidence of 2025 at demo-smelter; expected retired certificates, a contract"
    )
    fill(office.book, {"power": [sun("PV-SOLD", "demo-smelter", attributes_sold="yes")]})
    assert refused(office, order(mass_kg=1_000, method=AVERAGED)) == text


def test_power_of_another_year_or_site_proves_nothing(office: Office) -> None:
    books.enter(office.book, "void", books.void("power", "PV-demo-mill"))
    fill(office.book, {
        "meter": [{**meter("demo-mill", "own_pv", 200), "time": "2026-02"}],
        "power": [sun("PV-26", "demo-mill", time="2026-02")],
    })  # fmt: skip
    assert refused(office, order(name=COILS)).startswith("electricity, own_pv: found no evidence of 2025 at demo-mill")


def test_matched_power_reaches_for_what_is_certified_by_batch(office: Office) -> None:
    """MWh for 300 of 500 t of February: 250 t by the first certificate, and 50 t by the second, but no kilogram more."""
    rematch(office, 300_000)
    issue(office, order("batch", HEAT), TODAY)
    assert refused(office, order("batch", OTHER_HEAT, 50_001)).startswith(
        "electricity, contract_hydro: found MWh matched to 300,000 kg of hqalight at demo-smelter in 2025-02, and 300,001 kg on "
        "certificates; expected MWh for all of them; pcf power match, or --attribution site-average"
    )
    issue(office, order("batch", OTHER_HEAT, 50_000), TODAY)


def test_matched_power_reaches_for_all_averages_of_a_year(office: Office) -> None:
    rematch(office, 300_000)
    issue(office, order(**{**AVERAGE, "mass_kg": 200_000}), TODAY)
    assert "kg of hqalight at demo-smelter in 2025, and 300,001 kg on certificates" in refused(
        office, order(**{**AVERAGE, "mass_kg": 100_001})
    )
    issue(office, order(**{**AVERAGE, "mass_kg": 100_000}), TODAY)


def test_matched_power_reaches_for_what_was_certified_meanwhile(office: Office) -> None:
    """The second case was computed while all of the MWh were free."""
    from pcf.certificate.issue import prepare

    rematch(office, 300_000)
    case, _ = prepare(office, order("batch", OTHER_HEAT), TODAY)
    issue(office, order("batch", HEAT), TODAY)
    size = books.size(office.book)
    with pytest.raises(
        CheckFailed, match="found MWh matched to 300,000 kg of hqalight at demo-smelter in 2025-02, and 500,000 kg"
    ):
        issue(office, order("batch", OTHER_HEAT), TODAY, case)
    assert books.size(office.book) == size


def rematch(office: Office, mass_kg: int) -> None:
    """Match power to a smaller mass."""
    books.enter(office.book, "void", books.void("match", "M-2025-02"))
    match = {"id": "M-2", "evidence": "HYDRO-2025-02", "product": "hqalight", "time": "2025-02", "mwh": 6_000, "mass_kg": mass_kg}
    fill(office.book, {"match": [match]})


@pytest.mark.parametrize(
    ("period", "today", "good"),
    [
        ("2022", date(2026, 3, 2), False), ("2023", date(2026, 3, 2), True), ("2021/2023", date(2026, 12, 31), True),
        ("2023-01/2023-12", date(2027, 1, 1), False), ("12022", date(2026, 3, 2), False),
    ],
)  # fmt: skip
def test_a_suppliers_footprint_that_has_expired(office: Office, period: str, today: date, good: bool) -> None:
    stated = {
        "footprint": "0.5", "footprint_boundary": "cradle-to-gate", "footprint_gwp": "AR6", "footprint_period": period,
        "footprint_document": "PCF-7", "footprint_verifier": "",
    }  # fmt: skip
    fill(office.book, {
        "lot": [books.lot("FP", 100_000, site="demo-mill", date="2025-02-25", supplier="alloys", **stated)],
        "cast": [books.cast("FIRST", {"FP": 100_000}, 99_000, site="demo-mill", date="2025-03-01"),
                 books.cast("THEN", {"FIRST": 99_000}, 98_000, site="demo-mill", date="2025-03-02")],
    })  # fmt: skip
    wanted = order("batch", "THEN", 1_000)  # a heat of that heat
    if good:
        assert issue(office, wanted, today).number
    else:
        assert refused(office, wanted, today).startswith(
            f"lot FP: found a footprint of alloys of the period {period}; expected one that"
        )


# One way ---------------------------------------------------------------------------------------------------------------


def test_a_year_is_certified_at_the_average_or_by_batch(office: Office) -> None:
    first = issue(office, order(**AVERAGE), TODAY)
    text = "a certificate of hqalight of demo-smelter in 2025 by batch; expected one at the product's average"
    assert text in refused(office, order(mass_kg=1_000))
    revoke(office.book, first.number, TODAY, "r")
    assert text in refused(office, order(mass_kg=1_000))


def test_a_year_that_is_certified_by_batch_stays_so(office: Office) -> None:
    """A product certificate is then one of what remains, also when no other certificate holds any more."""
    first = issue(office, order(mass_kg=1_000), TODAY)
    for _ in range(2):
        assert issue(office, order(**AVERAGE), TODAY).document["average_of"] == "remaining"
        revoke(office.book, first.number, TODAY, "r")
        first = issue(office, order(mass_kg=1_000), TODAY)


def test_certificates_of_a_site_move_burdens_one_way(office: Office) -> None:
    """Some tonnes with MWh of their own, others at the average of all: the rest of the plant would be counted for nobody."""
    first = issue(office, order("batch", HEAT, 1_000), TODAY)
    for method, says in (
        (
            AVERAGED,
            "found attribution site-average; expected attributed, as certificate PCF-2026-000001 of demo-smelter-2025 has it",
        ),
        (Method(low_voltage_pfc="included", scrap="co-product"), "found scrap co-product; expected cut-off"),
    ):
        assert says in refused(office, order("batch", OTHER_HEAT, 1_000, method=method))
    revoke(office.book, first.number, TODAY, "r")
    issue(office, order("batch", OTHER_HEAT, 1_000, method=AVERAGED), TODAY)


def test_metal_that_was_certified_or_remelted(office: Office) -> None:
    issue(office, order("batch", HEAT, 100_000), TODAY)
    assert (
        f"200,000 kg of {INGOT}, that is 200,000.000 kg of {HEAT}, which {INGOT} is made of; expected at most the 150,000.000 kg"
        in (refused(office, order(mass_kg=200_000)))
    )
    assert issue(office, order(), TODAY).document["mass_kg"] == 150_000  # all that is left
    assert refused(office, order()).startswith(
        f"shipment {INGOT}: found nothing left to certify; expected metal that no certificate"
    )
    fill(office.book, {"cast": [books.cast("AGAIN", {OTHER_HEAT: 50_000}, 49_000, site="demo-smelter", product="hqalight")]})
    assert f"at most the 200,000.000 kg of {OTHER_HEAT}" in refused(office, order("batch", OTHER_HEAT, 200_001))


def test_a_void_shipment_is_not_certified(office: Office) -> None:
    fill(
        office.book,
        {"shipment": [books.shipment("SH-2", {OTHER_HEAT: 9}, site="demo-smelter", date="2025-02-10", customer="beverage")]},
    )
    books.enter(office.book, "void", books.void("shipment", "SH-2"))
    for mass in (None, 5):
        assert refused(office, order(name="SH-2", mass_kg=mass)).startswith(
            "unit: found 'SH-2'; expected a heat, bundle, coil or shipment"
        )


def test_a_product_that_the_issuer_does_not_name(open_office: Callable[..., Office]) -> None:
    products = {name: item for name, item in make_profile().model_dump()["products"].items() if name != "hqalight"}
    office = open_office(products=products)
    for wanted in (order(), order(**AVERAGE)):
        with pytest.raises(
            InputError, match=r"issuer\.yaml, products: found no hqalight; expected standard, description and ids"
        ):
            issue(office, wanted, TODAY)


def test_metal_that_the_company_has_received_from_itself(office: Office) -> None:
    """Its first heat may be certified already, and the lot does not say which one that was."""
    lot = books.lot(
        "BACK", 2_000, site="demo-smelter", date="2025-02-05", supplier="demo-group", material="hqalight", content_class="primary"
    )
    heat = {
        "heat": "M-2", "site": "demo-smelter", "date": "2025-02-06", "furnace": "CH1", "product": "hqalight", "charge": "BACK=2000",
        "product_kg": 1_990,
    }  # fmt: skip
    fill(office.book, {"lot": [lot], "cast": [heat]})
    assert refused(office, order("batch", "M-2", 1_000)).startswith(
        "lot BACK: found hqalight that demo-group has received from itself; expected the heat that it was cast as"
    )
