"""Renewable power: every watt-hour once, in its own time, on its own leg, for metal that was really cast."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.custody.power import GRID, Leg, read_leg, read_legs
from tests.custody.books import Values, cast, enter, enter_all, lot, misses, refused, sums, void

MONTH = "2025-02"
ACCOUNT = "renewable-power"


def meter(mwh: Any, leg: str = GRID, **more: Any) -> Values:
    return {"site": "works", "time": MONTH, "leg": leg, "mwh": mwh, **more}


def green(name: str, mwh: Any, serials: str, **more: Any) -> Values:
    """Wind certificates that were cancelled."""
    return {
        "id": name, "site": "works", "kind": "certificate", "leg": GRID, "time": MONTH, "mwh": mwh, "technology": "wind", "registry": "GEC",
        "serials": serials, "cancelled_on": "2025-03-20", **more,
    }  # fmt: skip


def own(name: str, mwh: Any, **more: Any) -> Values:
    return {"id": name, "site": "works", "kind": "own", "leg": "own_pv", "time": MONTH, "mwh": mwh, "technology": "pv", **more}


def match(name: str, evidence: str, mwh: Any, mass_kg: int, **more: Any) -> Values:
    return {"id": name, "evidence": evidence, "product": "hqaloop", "time": MONTH, "mwh": mwh, "mass_kg": mass_kg, **more}


@pytest.fixture
def plant(book: Book) -> Book:
    """100 t of product in February, 1,000 MWh from the grid and 50 MWh of own solar power."""
    enter_all(book, [
        ("lot", lot("P", 210_000)),
        ("cast", cast("H", {"P": 105_000}, 100_000)),
        ("meter", meter("1000")), ("meter", meter("50", "own_pv")),
        ("power", green("G1", "500", "GEC-000001-GEC-000500")), ("power", own("PV", "50")),
    ])  # fmt: skip
    return book


def leg(book: Book, name: str = GRID) -> Leg:
    with book.read() as connection:
        return read_leg(connection, "works", MONTH, name)


def test_evidence_is_credited_and_matches_are_spent(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "400", 60_000))
    assert sums(plant, ACCOUNT, MONTH) == {"credit": 550_000_000, "issued": 400_000_000}
    found = leg(plant)
    assert (found.metered, found.matched, found.rest) == (1_000_000_000, 400_000_000, 600_000_000)
    assert found.by_product == {"hqaloop": 400_000_000}


def test_matched_and_unmatched_power_add_up_to_the_meter(plant: Book) -> None:
    for name, evidence, mwh, kg in (("M1", "G1", "123.456789", 40_000), ("M2", "PV", "49.999999", 60_000)):
        enter(plant, "match", match(name, evidence, mwh, kg))
    with plant.read() as connection:
        legs = read_legs(connection, "works", "2025-01", "2025-12")
    assert {item.leg: item.matched + item.rest for item in legs} == {GRID: 1_000_000_000, "own_pv": 50_000_000}
    assert sum(item.matched for item in legs) == 123_456_789 + 49_999_999


REFUSED = [
    ("match", match("M", "G1", "500.000001", 1), "match, mwh: found 500 MWh, of evidence with 500 MWh left"),
    ("match", match("M", "G1", "0", 1), "match, mwh: found 0; expected more than 0 MWh"),
    ("match", match("M", "NONE", "1", 1), "match, evidence: found 'NONE'; expected recorded evidence"),
    ("match", match("M", "G1", "1", 1, time="2025-03"), "match, time: found 2025-03; expected 2025-02, when this power was made"),
    ("match", match("M", "G1", "1", 100_001), "match, mass_kg: found 100,001 kg, of 100,000 kg of hqaloop cast at works in 2025-02"),
    ("match", match("M", "G1", "1", 1, product="hqalight"), "match, mass_kg: found 1 kg, of 0 kg of hqalight cast"),
    ("power", green("G2", "10", "GEC-000500"), "power, serials: found 'GEC-000500', numbers that G1 holds already"),
    ("power", green("G2", "10", "GEC-000400-GEC-000600"), "power, serials: found 'GEC-000400-GEC-000600', numbers that G1 holds"),
    ("power", green("G2", "10", "GEC-000501-GEC-000510,GEC-000505"), "power, serials: found 'GEC-000505', numbers that this record holds"),
    ("power", green("G2", "11", "GEC-000501-GEC-000510"), "power, mwh: found 11 MWh on certificates for 10 MWh"),
    ("power", green("G2", "1", "GEC-000510-GEC-000501"), "power, serials: found 'GEC-000510-GEC-000501'; expected a range from the lower number"),
    ("power", green("G2", "1", "GEC-000501-CEG-000510"), "power, serials: found 'GEC-000501-CEG-000510'; expected numbers such as"),
    ("power", green("G2", "1", "green"), "power, serials: found 'green'; expected numbers such as GEC-000001"),
    ("power", green("G2", "1", ""), "power, serials: found no registry or no numbers"),
    ("power", green("G2", "1", "X-1", registry=""), "power, serials: found no registry or no numbers"),
    ("power", green("G2", "0", "X-1"), "power, mwh: found 0; expected more than 0 MWh"),
    ("power", green("G2", "1", "X-1", leg="own_pv", technology="pv"), "power, leg: found 'own_pv' for certificate; expected one of: grid; own generation takes"),
    ("power", green("G2", "1", "X-1", technology="coal"), "power, technology: found 'coal'; expected one of: hydro, wind, pv, nuclear"),
    ("power", own("PV2", "1", technology="wind"), "power, technology: found 'wind'"),
    ("power", own("PV2", "1", leg="own_coal"), "power, leg: found 'own_coal' for own"),
    ("power", green("G2", "1", "X-1", site="nowhere"), "power, site: found 'nowhere'"),
    ("meter", meter("1", "moonlight"), "meter, leg: found 'moonlight'; expected one of: own_coal"),
    ("meter", meter("1001"), "meter: found 'works/2025-02/grid', which is recorded with other content"),
]  # fmt: skip


def test_what_would_count_twice_or_not_at_all_is_refused(plant: Book) -> None:
    assert misses(plant, REFUSED) == {}


def test_power_whose_attributes_were_sold_is_renewable_for_nobody(plant: Book) -> None:
    enter(plant, "meter", meter("100", "own_wind"))
    enter(plant, "power", own("W", "100", leg="own_wind", technology="wind", attributes_sold="yes"))
    assert sums(plant, ACCOUNT, MONTH) == {"credit": 550_000_000}
    (problem,) = refused(plant, "match", match("M", "W", "1", 1))
    assert "W, whose attributes were sold" in problem
    assert (leg(plant, "own_wind").evidence, leg(plant, "own_wind").sold) == (0, 100_000_000)


def test_certificates_count_once_they_are_cancelled(plant: Book) -> None:
    enter(plant, "power", green("G2", "10", "GEC-000501-GEC-000510", cancelled_on=""))
    (problem,) = refused(plant, "match", match("M", "G2", "1", 1))
    assert "G2, whose certificates are not cancelled" in problem


def test_no_evidence_gives_more_than_it_is_for(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "400", 50_000))
    (problem,) = refused(plant, "match", match("M2", "G1", "100.000001", 50_000))
    assert "of evidence with 100 MWh left; expected what is left: a MWh is spent once" in problem
    enter(plant, "match", match("M2", "G1", "100", 50_000))


def test_no_leg_gives_more_than_its_meter_saw(plant: Book) -> None:
    enter(plant, "power", green("G2", "600", "GEC-000501-GEC-001100"))
    enter(plant, "match", match("M1", "G1", "500", 50_000))
    (problem,) = refused(plant, "match", match("M2", "G2", "500.000001", 50_000))
    assert "of leg grid, whose meter has 500 MWh left in 2025-02" in problem
    enter(plant, "match", match("M2", "G2", "500", 50_000))
    assert leg(plant).rest == 0


def test_no_tonne_is_matched_beyond_what_was_cast(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "10", 60_000))
    (problem,) = refused(plant, "match", match("M2", "G1", "10", 40_001))
    assert "40,001 kg, of 100,000 kg of hqaloop cast at works in 2025-02, 60,000 kg matched" in problem
    enter(plant, "match", match("M2", "G1", "10", 40_000))


def test_the_hours_of_a_month_add_up_with_it(plant: Book) -> None:
    hour = {"time": "2025-02-10T05"}
    enter_all(
        plant, [("meter", meter("9", "own_wind", **hour)), ("power", own("W", "9", leg="own_wind", technology="wind", **hour))]
    )
    enter(plant, "match", match("M1", "G1", "10", 60_000))
    # The day of the hour has its 100 t, but the month has 40 t left.
    (problem,) = refused(plant, "match", match("M2", "W", "5", 40_001, **hour))
    assert "40,001 kg, of 100,000 kg of hqaloop cast at works in 2025-02, 60,000 kg matched" in problem
    enter(plant, "match", match("M2", "W", "5", 40_000, **hour))
    # The same mass of the same time: further evidence for the same tonnes.
    enter(plant, "match", match("M3", "W", "1", 40_000, **hour))


def test_further_evidence_may_top_up_the_same_tonnes(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "400", 100_000))
    enter(plant, "match", match("M2", "PV", "50", 100_000))
    assert leg(plant).by_product == {"hqaloop": 400_000_000}
    assert leg(plant, "own_pv").by_product == {"hqaloop": 50_000_000}


def test_tonnes_of_one_site_are_no_tonnes_of_another(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "10", 60_000))
    enter(plant, "meter", meter("100", site="mill"))
    enter(plant, "power", green("G9", "100", "GEC-009001-GEC-009100", site="mill"))
    # Nothing was cast at the mill, whatever the works has matched.
    (problem,) = refused(plant, "match", match("M9", "G9", "10", 60_000))
    assert "60,000 kg, of 0 kg of hqaloop cast at mill" in problem


def test_a_void_heat_is_no_production(plant: Book) -> None:
    enter(plant, "void", void("cast", "H"))
    (problem,) = refused(plant, "match", match("M1", "G1", "10", 1))
    assert "1 kg, of 0 kg of hqaloop cast" in problem


def test_a_void_match_gives_its_power_back(plant: Book) -> None:
    before = leg(plant)
    enter(plant, "match", match("M1", "G1", "500", 100_000))
    enter(plant, "void", void("match", "M1"))
    assert leg(plant) == before
    assert sums(plant, ACCOUNT, MONTH) == {"credit": 550_000_000}
    enter(plant, "match", match("M2", "G1", "500", 100_000))


def test_evidence_that_was_spent_stays_until_its_match_is_void(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "10", 100))
    (problem,) = refused(plant, "void", void("power", "G1"))
    assert "'G1', of which match M1 has spent some" in problem
    enter(plant, "void", void("match", "M1"))
    enter(plant, "void", void("power", "G1"))
    assert sums(plant, ACCOUNT, MONTH) == {"credit": 50_000_000}
    # Its numbers are free again.
    assert enter(plant, "power", green("G3", "500", "GEC-000001-GEC-000500")) == Count(1, 0)


def test_an_hour_has_accounts_of_its_own(plant: Book) -> None:
    hour = {"time": "2025-02-10T05"}
    enter(plant, "meter", meter("2", "direct_wind", **hour))
    enter(plant, "power", own("H5", "1", kind="direct", leg="direct_wind", technology="wind", **hour))
    problem, *_ = refused(plant, "match", match("M", "H5", "1", 1))
    assert "expected 2025-02-10T05, when this power was made: a MWh is spent in its own time" in problem
    # The heat was cast on that day.
    enter(plant, "match", match("M", "H5", "1", 1_000, **hour))
    assert sums(plant, ACCOUNT, "2025-02-10T05") == {"credit": 1_000_000, "issued": 1_000_000}
    assert leg(plant, "direct_wind").matched == 0


def test_a_repeat_spends_nothing(plant: Book) -> None:
    enter(plant, "match", match("M1", "G1", "10", 100))
    assert enter(plant, "match", match("M1", "G1", "10.0", 100)) == Count(0, 1)
    assert leg(plant).matched == 10_000_000


@pytest.mark.parametrize("serials", ["GEC-2025-003000", "GEC-2025-3000", "A-1-500"])
def test_a_number_with_its_year_is_no_range(book: Book, serials: str) -> None:
    values = {
        "id": "E", "site": "works", "time": "2025-02", "kind": "certificate", "leg": "grid", "technology": "wind", "registry": "GEC",
        "cancelled_on": "2025-03-01", "mwh": 2, "serials": serials,
    }  # fmt: skip
    (problem,) = refused(book, "power", values)
    assert "found 2 MWh on certificates for 1 MWh" in problem
    enter(book, "power", {**values, "mwh": 1})


def test_a_range_may_have_its_year_in_the_prefix(book: Book) -> None:
    values = {
        "id": "E", "site": "works", "time": "2025-02", "kind": "certificate", "leg": "grid", "technology": "wind", "registry": "GEC",
        "cancelled_on": "2025-03-01", "mwh": 500, "serials": "GEC-2025-000001-GEC-2025-000500",
    }  # fmt: skip
    enter(book, "power", values)
    (problem,) = refused(book, "power", {**values, "id": "E2", "mwh": 1, "serials": "gec-2025-000500"})
    assert "numbers that E holds already" in problem
