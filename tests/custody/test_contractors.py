"""Metal at contractors (R17): out of stock while it is away, back under its own name, and bought material alone under another one."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book, import_rows
from tests.custody.books import OTHER_SCOPE, SCOPE, Values, cast, enter, enter_all, lot, process, refused, shipment, void


def move(name: str, unit: str | None, kg: int, direction: str = "sent", **more: Any) -> Values:
    return {
        "id": name, "party": "merchant", "direction": direction, "date": "2025-05-01", "mass_kg": kg, "unit": unit, "scope": SCOPE,
        **more,
    }  # fmt: skip


@pytest.fixture
def metal(book: Book) -> Book:
    """1,000 kg of heat H, and 300 kg of the lot that is left."""
    enter_all(book, [("lot", lot("P", 1_400)), ("cast", cast("H", {"P": 1_100}, 1_000))])
    return book


def test_what_is_away_is_not_in_stock(metal: Book) -> None:
    enter(metal, "contractor", move("C1", "H", 700))
    used = [
        ("cast", cast("H2", {"H": 301}, 300, date="2025-05-02"), "cast, charge line 1"),
        ("process", process("COIL", {"H": 301}, 300, date="2025-05-02"), "process, inputs line 1"),
        ("shipment", shipment("S", {"H": 301}, date="2025-05-02"), "shipment, items line 1"),
        ("contractor", move("C2", "H", 301), "contractor, mass_kg"),
    ]
    for kind, values, place in used:
        assert refused(metal, kind, values) == [
            f"{place}: found 301 kg of 'H', of which 300 kg are left; expected what is left, or less"
        ]
    enter(metal, "shipment", shipment("S", {"H": 300}, date="2025-05-02"))
    # 700 kg come back, and 695 kg of coil are made of them.
    enter(metal, "contractor", move("C2", "H", 700, "returned", date="2025-05-20"))
    enter(metal, "process", process("COIL", {"H": 700}, 695, date="2025-05-21"))


def test_several_movements_of_one_import(metal: Book) -> None:
    enter_all(metal, [("contractor", move("C1", "H", 600)), ("contractor", move("C2", "H", 400))])
    assert (
        "600 kg of 'H', of which buyer has 0 kg"
        in refused(metal, "contractor", move("C3", "H", 600, "returned", party="buyer"))[0]
    )
    assert refused(metal, "contractor", move("C3", "H", 1_001, "returned")) == [
        (
            "contractor, mass_kg: found 1,001 kg of 'H', of which merchant has 1,000 kg; expected the unit that was sent and no more than it "
            "(R17); bought material comes back as a lot with the --movement out"
        )
    ]
    enter_all(metal, [("contractor", move("C3", "H", 600, "returned")), ("contractor", move("C4", "H", 400, "returned"))])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (move("C", "S", 5), "contractor, unit: found 'S', a shipment; expected a unit that was in stock on 2025-05-01"),
        (move("C", "H", 5, date="2025-01-10"), "contractor, unit: found 'H', of 2025-02-10; expected a unit that was in stock on 2025-01-10"),
        (move("C", "X", 5), "contractor, unit: found 'X', which is void; expected a unit that was in stock"),
        (move("C", "H", 5, material="dross"), "contractor"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent(metal: Book, values: Values, says: str) -> None:
    enter_all(metal, [("shipment", shipment("S", {"H": 5})), ("lot", lot("X", 5))])
    enter(metal, "void", void("lot", "X"))
    (problem,) = refused(metal, "contractor", values)
    assert problem.startswith(says)


def came(name: str, kg: int, **more: Any) -> Values:
    return lot(name, kg, supplier="merchant", date="2025-05-20", **more)


def back(name: str, unit: str, kg: int, movement: str, **more: Any) -> Values:
    return move(name, unit, kg, "returned", date="2025-05-20", movement=movement, **more)


def test_own_metal_does_not_come_back_as_a_lot(metal: Book) -> None:
    enter_all(
        metal, [("contractor", move("C1", "H", 700)), ("contractor", move("C2", "P", 200)), ("contractor", move("C3", None, 50))]
    )
    enter_all(metal, [("lot", came(name, kg)) for name, kg in (("B", 150), ("D", 45), ("E", 6), ("F", 5))])
    (problem,) = refused(metal, "contractor", back("R", "B", 150, "C1"))
    assert problem == (
        "contractor, movement: found 'C1', of own cast metal; expected that metal under its own name: the unit that was sent (R17); "
        "what the contractor has made of it is recorded as a step of that unit: a certificate may cover it already"
    )
    for values, says in (
        (back("R", "D", 45, "C3"), "movement: found 'C3', which names no unit; expected a movement that says what was sent"),
        (back("R", "D", 45, "C9"), "movement: found 'C9'; expected a recorded movement out that stands"),
        (back("R", "D", 45, "C2", party="smelter"), "movement: found 'C2', of 2025-05-01 to merchant by S; expected one to smelter by S"),
        (back("R", "D", 44, "C2"), "unit: found 'D', a lot of 2025-05-20 and 45 kg; expected a lot of 2025-05-20 and 44 kg that stands"),
        (back("R", "H", 45, "C2"), "unit: found 'H', a heat"),
    ):  # fmt: skip
        assert refused(metal, "contractor", values)[0].startswith(f"contractor, {says}")
    enter_all(metal, [("contractor", back("R1", "B", 150, "C2")), ("contractor", back("R2", "D", 45, "C2"))])
    assert refused(metal, "contractor", back("R3", "E", 6, "C2")) == [
        "contractor, movement: found 6 kg of 'C2', of which 5 kg have not come back; expected no more than was sent (R17)"
    ]
    enter(metal, "contractor", back("R3", "F", 5, "C2"))
    assert "which movement R2 has moved" in refused(metal, "void", void("lot", "D"))[0]
    enter_all(metal, [("void", void("contractor", "R2"))])
    assert "'F', which came back by R3; expected a lot" in refused(metal, "contractor", back("R4", "F", 5, "C2"))[0]
    # What came back is in stock, and may be sent itself.
    assert "of which 150 kg are left" in refused(metal, "contractor", move("C5", "B", 151, date="2025-05-21"))[0]
    enter(metal, "contractor", move("C5", "B", 150, date="2025-05-21"))


def test_dross_has_no_unit(metal: Book) -> None:
    enter(metal, "contractor", move("C1", None, 100, material="dross"))
    enter_all(metal, [("lot", came("REC", 60)), ("contractor", back("R1", "REC", 60, "C1"))])


def test_a_book_that_is_entered_at_once(metal: Book) -> None:
    """Casts and steps come before movements in a workbook: what is left counts when all of them are in."""
    enter_all(metal, [("process", process("COIL", {"H": 1_000}, 990, date="2025-06-01")), ("lot", came("B", 150))])
    moves = [
        move("C1", "H", 900), move("R1", "H", 900, "returned", date="2025-05-20"), move("C2", "P", 200), back("R2", "B", 150, "C2"),
    ]  # fmt: skip
    tables = [("contractor", [(f"row {number}", values) for number, values in enumerate(moves, 1)])]
    assert import_rows(metal, tables).written == 4


def test_no_movement_is_taken_back_that_something_stands_on(metal: Book) -> None:
    enter_all(metal, [
        ("contractor", move("C1", "H", 700)), ("contractor", move("C2", "H", 700, "returned", date="2025-05-20")),
        ("contractor", move("C3", "P", 200)), ("lot", came("BACK", 150)), ("contractor", back("R3", "BACK", 150, "C3")),
        ("cast", cast("H2", {"H": 400}, 390, date="2025-05-21")),
    ])  # fmt: skip
    for target, says in (
        ("C1", "of which metal has come back"), ("C2", "without which more of H was taken than there is"),
        ("C3", "which R3 answers"),
    ):  # fmt: skip
        assert refused(metal, "void", void("contractor", target)) == [
            f"void, target: found {target!r}, {says}; expected a record that nothing stands on"
        ]
    enter_all(metal, [("void", void("cast", "H2")), ("void", void("contractor", "R3"))])
    assert "which movement C1 has moved" in refused(metal, "void", void("cast", "H"))[0]
    enter_all(metal, [("void", void("contractor", name)) for name in ("C2", "C1", "C3")])
    enter(metal, "cast", cast("H3", {"H": 1_000, "P": 300}, 1_290, date="2025-05-22"))


def test_movements_of_another_scope(metal: Book) -> None:
    (problem,) = refused(metal, "contractor", move("C1", "H", 5, scope=OTHER_SCOPE))
    assert problem == "contractor, scope: found 'T'; expected S, the scope of unit H"
