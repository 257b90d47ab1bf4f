"""Meters: a month of a leg is read once, as a whole or by the hour; a wrong reading is taken back and entered anew."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.custody.power import read_leg, read_legs
from pcf.store.log import verify
from tests.custody.books import Values, cast, close, enter, enter_all, lot, refused, void

MONTH, HOUR = "2025-02", "2025-02-10T05"
READING = f"works/{MONTH}/own_pv"


def meter(mwh: Any, time: str = MONTH, leg: str = "own_pv") -> Values:
    return {"site": "works", "time": time, "leg": leg, "mwh": mwh}


def power(name: str = "PV", mwh: Any = 50, **more: Any) -> Values:
    return {
        "id": name, "site": "works", "kind": "own", "leg": "own_pv", "time": MONTH, "mwh": mwh, "technology": "pv", **more
    }  # fmt: skip


def match(name: str, mwh: Any, mass_kg: int, **more: Any) -> Values:
    return {"id": name, "evidence": "PV", "product": "hqaloop", "time": MONTH, "mwh": mwh, "mass_kg": mass_kg, **more}


@pytest.fixture
def plant(book: Book) -> Book:
    """100 t of product in February on two days, and 50 MWh of own solar power."""
    enter_all(book, [
        ("lot", lot("P", 210_000)), ("cast", cast("H", {"P": 63_000}, 60_000)),
        ("cast", cast("H2", {"P": 42_000}, 40_000, date="2025-02-11")),
        ("meter", meter(50)), ("power", power()),
    ])  # fmt: skip
    return book


def metered(book: Book) -> int:
    with book.read() as connection:
        return read_leg(connection, "works", MONTH, "own_pv").metered


def test_an_hour_of_a_metered_month_is_refused(plant: Book) -> None:
    (problem,) = refused(plant, "meter", meter(1, HOUR))
    assert problem.startswith(f"meter, time: found {HOUR}, while leg own_pv of works is metered for {MONTH}; expected months")
    assert f"pcf void --kind meter --target {READING}" in problem


def test_a_month_with_metered_hours_is_refused(plant: Book) -> None:
    enter(plant, "meter", meter(1, HOUR, "own_wind"))
    (problem,) = refused(plant, "meter", meter(1, leg="own_wind"))
    assert problem.startswith(f"meter, time: found {MONTH}, while leg own_wind of works is metered for {HOUR}; expected hours")
    # Another month, another leg and further hours are free.
    enter_all(plant, [
        ("meter", meter(1, "2025-03", "own_wind")), ("meter", meter(1, leg="own_hydro")), ("meter", meter(1, "2025-02-10T06", "own_wind"))
    ])  # fmt: skip


def test_both_measures_in_one_file_are_refused(plant: Book) -> None:
    with pytest.raises(Exception, match="while leg own_wind of works is metered for 2025-02-10T05"):
        enter_all(plant, [("meter", meter(1, HOUR, "own_wind")), ("meter", meter(1, leg="own_wind"))])


def test_a_wrong_reading_is_taken_back_and_entered_anew(plant: Book) -> None:
    enter(plant, "void", void("meter", READING))
    assert metered(plant) == 0
    with plant.read() as connection:
        assert read_legs(connection, "works", MONTH, MONTH) == []
    assert enter(plant, "meter", meter(45)) == Count(1, 0)
    assert metered(plant) == 45_000_000
    assert enter(plant, "meter", meter(45)) == Count(0, 1)
    # And once more: the second reading was wrong too, the first one right.
    assert enter(plant, "void", void("meter", READING)) == Count(1, 0)
    assert enter(plant, "void", void("meter", READING)) == Count(0, 1)
    assert enter(plant, "meter", meter(50)) == Count(1, 0)
    assert metered(plant) == 50_000_000
    with plant.read() as connection:
        assert list(verify(connection)) == []


def test_after_a_void_the_month_may_be_read_by_the_hour(plant: Book) -> None:
    enter(plant, "void", void("meter", READING))
    assert enter(plant, "meter", meter(1, HOUR)) == Count(1, 0)


def test_a_reading_that_matches_need_stays(plant: Book) -> None:
    enter(plant, "match", match("M", 10, 100))
    (problem,) = refused(plant, "void", void("meter", READING))
    assert (
        problem == f"void, target: found '{READING}', of which match M has spent some; expected a record that nothing stands on"
    )
    enter(plant, "void", void("match", "M"))
    enter(plant, "void", void("meter", READING))


def test_a_heat_whose_tonnes_have_power_stays(plant: Book) -> None:
    enter(plant, "match", match("M", 10, 60_001))
    (problem,) = refused(plant, "void", void("cast", "H2"))
    assert "'H2', without which 60,000 kg of hqaloop are cast in 2025-02, and power is matched to 60,001 kg" in problem
    enter(plant, "void", void("match", "M"))
    enter(plant, "match", match("M2", 10, 60_000))
    enter(plant, "void", void("cast", "H2"))


def test_a_heat_of_an_hour_that_has_power_stays(plant: Book) -> None:
    hour = "2025-02-11T05"
    enter_all(plant, [
        ("meter", meter(9, hour, "own_wind")), ("power", power("W", 9, leg="own_wind", technology="wind", time=hour)),
        ("match", match("M", 5, 100, evidence="W", time=hour)),
    ])  # fmt: skip
    # The month has enough without it, but the day has not.
    (problem,) = refused(plant, "void", void("cast", "H2"))
    assert "without which 0 kg of hqaloop are cast in 2025-02-11, and power is matched to 100 kg" in problem
    enter(plant, "void", void("cast", "H"))


CLOSED = "which is in the closed period 2025; expected a day of an open period"


def test_a_closed_period_takes_no_power(plant: Book) -> None:
    enter(plant, "match", match("M", 10, 100))
    close(plant, "2025")
    late = [
        ("meter", meter(1, leg="own_wind"), "meter, time"), ("power", power("PV2"), "power, time"), ("match", match("M2", 1, 100), "match, time"),
        ("void", void("match", "M", date="2026-01-05"), "void, time"), ("void", void("power", "PV", date="2026-01-05"), "void, target"),
    ]  # fmt: skip
    for kind, values, where in late:
        (problem,) = refused(plant, kind, values)
        assert problem.startswith(where), problem
        if where.endswith("time"):
            assert f"found {MONTH}, {CLOSED}" in problem
    enter(plant, "meter", meter(1, "2026-02"))


def test_a_reading_of_a_closed_period_stays(plant: Book) -> None:
    close(plant, "2025")
    (problem,) = refused(plant, "void", void("meter", READING, date="2026-01-05"))
    assert problem.startswith(f"void, time: found {MONTH}, {CLOSED}")


def test_a_time_is_metered_once_whatever_the_key(book: Book) -> None:
    values = {"site": "works", "time": "2025-07", "leg": "grid", "mwh": 900}
    enter(book, "meter", values, "one")
    (problem,) = refused(book, "meter", {**values, "mwh": 100}, "other")
    assert "which is metered for leg grid of works already; expected each time once" in problem
