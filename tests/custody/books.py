"""A small world for the custody tests, and records with what a test does not care about filled in.

Scope `S` has the sites `works` (casthouse) and `mill`, scope `T` the site `elsewhere`; both have the periods 2025 and 2026.
`canco` has a CoC certificate, `merchant` has passed due diligence, `smelter` has neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cache
from typing import Any

from sqlalchemy import func, select

from pcf.catalogue import Catalogue, check_paths
from pcf.custody import Book, record
from pcf.custody.accounts import Balance, balance
from pcf.custody.closing import close_period
from pcf.custody.equations import Settlement
from pcf.custody.genealogy import voided_units
from pcf.custody.intake import Count, import_rows
from pcf.custody.tables import consumption, unit
from pcf.errors import InputError
from pcf.resources import datasets_path
from pcf.store import open_database
from pcf.store.schema import event

Values = dict[str, Any]
Entry = tuple[str, Values]

SCOPE, OTHER_SCOPE = "S", "T"
OWN, THEIRS = "ASI-OWN", "ASI-CAN"
ALUMINIUM, SCRAP, POST, PRE = "asi-aluminium", "eligible-scrap", "post-consumer", "pre-consumer"

WORLD: tuple[Entry, ...] = (
    ("party", {"id": "hq", "name": "Own company", "own": "yes"}),
    ("party", {"id": "abroad", "name": "Own company abroad", "own": "yes"}),
    ("party", {"id": "canco", "name": "Can maker"}),
    ("party", {"id": "merchant", "name": "Scrap merchant"}),
    ("party", {"id": "smelter", "name": "Smelter"}),
    ("party", {"id": "buyer", "name": "Buyer", "address": "1 Mill Road"}),
    ("certificate", {"number": OWN, "holder": "hq", "standard": "asi-coc", "valid_from": "2024-01-01", "valid_until": "2026-12-31"}),
    ("certificate", {"number": THEIRS, "holder": "canco", "standard": "asi-coc", "valid_from": "2024-07-01", "valid_until": "2026-06-30"}),
    ("certificate", {"number": "ISO-CAN", "holder": "canco", "standard": "iso-14021", "valid_from": "2024-01-01", "valid_until": "2026-12-31"}),
    ("due-diligence", {"id": "DD-1", "party": "merchant", "date": "2025-01-01", "valid_until": "2025-12-31", "result": "passed"}),
    ("due-diligence", {"id": "DD-2", "party": "merchant", "date": "2026-01-01", "valid_until": "2026-12-31", "result": "passed"}),
    ("due-diligence", {"id": "DD-FAILED", "party": "merchant", "date": "2025-01-01", "valid_until": "2026-12-31", "result": "failed"}),
    ("site", {"id": "works", "name": "Works", "timezone": "Asia/Shanghai", "party": "hq"}),
    ("site", {"id": "mill", "name": "Mill", "timezone": "Asia/Shanghai", "party": "hq"}),
    ("site", {"id": "elsewhere", "name": "Works abroad", "timezone": "Europe/Berlin", "party": "abroad"}),
    ("scope", {"id": SCOPE, "name": "Scope", "sites": "works,mill", "certificate": OWN}),
    ("scope", {"id": OTHER_SCOPE, "name": "Scope abroad", "sites": "elsewhere"}),
    *(
        ("period", {"scope": scope, "id": year, "start": f"{year}-01-01", "end": f"{year}-12-31"})
        for scope in (SCOPE, OTHER_SCOPE)
        for year in ("2025", "2026")
    ),
)  # fmt: skip


@cache
def shipped_catalogue() -> Catalogue:
    """The shipped data, without a state folder."""
    found, problems = check_paths([datasets_path()], None, "0" * 64)
    assert problems == []
    return found


def prepare(url: str) -> None:
    """Make the tables and the world behind a URL."""
    with closing(open_database(url)) as database:
        enter_all(Book(database, shipped_catalogue(), "tester"), WORLD)


# Entering --------------------------------------------------------------------------------------------------------------


def enter(book: Book, kind: str, values: Mapping[str, Any], key: str = "") -> Count:
    """Record one thing at a place of its kind's name."""
    return record(book, kind, values, kind, key)


def enter_all(book: Book, entries: Iterable[Entry]) -> Count:
    """Record things in one transaction, each at the place `KIND row NUMBER`."""
    tables = [(kind, [(f"{kind} row {number}", values)]) for number, (kind, values) in enumerate(entries, 1)]
    return import_rows(book, tables)


def refused(book: Book, kind: str, values: Mapping[str, Any], key: str = "") -> list[str]:
    """The problems of a record, or none where it was taken; nothing of a refused one stays."""
    before = size(book)
    try:
        enter(book, kind, values, key)
    except InputError as error:
        assert size(book) == before
        return [str(problem) for problem in getattr(error, "problems", [error])]
    return []


def misses(book: Book, cases: Iterable[tuple[str, Values, str]]) -> dict[str, list[str]]:
    """Of records with the beginning of the problem that a book has to name, those where it named none or others."""
    found: dict[str, list[str]] = {}
    for kind, values, says in cases:
        problems = refused(book, kind, values)
        if not any(problem.startswith(says) for problem in problems) or any("\n" in problem for problem in problems):
            found[says] = problems
    return found


def void(kind: str, target: str, **more: Any) -> Values:
    return {"kind": kind, "target": target, "date": "2025-12-01", "reason": "typing error", **more}


def close(book: Book, period: str, scope: str = SCOPE) -> dict[str, Settlement]:
    """Close a period."""
    with book.write() as work:
        return close_period(work, "close", scope, period)


# Records ---------------------------------------------------------------------------------------------------------------


def lot(name: str, mass_kg: int, **more: Any) -> Values:
    """Metal from the smelter, which is no CoC material."""
    return {
        "id": name, "site": "works", "date": "2025-01-10", "material": "primary-delivery", "mass_kg": mass_kg, "supplier": "smelter",
        "ticket": f"T-{name}", "content_class": "primary", **more,
    }  # fmt: skip


def ubc(name: str, mass_kg: int, **more: Any) -> Values:
    """Post-consumer scrap that is eligible by due diligence; metal yield 0.88."""
    eligible = {"content_class": POST, "asi_class": SCRAP, "due_diligence": "DD-1"}
    return lot(name, mass_kg, **{"material": "scrap-ubc", "supplier": "merchant", **eligible, **more})


def received(reference: str, kg: int, **more: Any) -> Values:
    """A CoC document of the can maker that covers all of its delivery."""
    return {
        "issuer": THEIRS, "reference": reference, "party": "canco", "date": "2025-01-05", "material": SCRAP, "coc_kg": kg,
        "total_kg": kg, "customer": "hq", "responsible": "Li", "conformance": "ASI CoC Standard", **more,
    }  # fmt: skip


def trim(name: str, mass_kg: int, reference: str, **more: Any) -> Values:
    """Pre-consumer scrap of the can maker that is eligible by its document; metal yield 0.97."""
    eligible = {"content_class": PRE, "asi_class": SCRAP, "document_issuer": THEIRS, "document_reference": reference}
    return lot(name, mass_kg, **{"material": "scrap-can-trim", "supplier": "canco", **eligible, **more})


def coc_metal(name: str, mass_kg: int, reference: str, **more: Any) -> Values:
    """CoC metal with its document."""
    return lot(name, mass_kg, **{
        "supplier": "canco", "asi_class": "coc", "document_issuer": THEIRS, "document_reference": reference, **more
    })  # fmt: skip


def internal(name: str, mass_kg: int, **more: Any) -> Values:
    """Run-around scrap."""
    return lot(
        name,
        mass_kg,
        **{"material": "scrap-can-trim", "content_class": "internal", "asi_class": "outside", "supplier": "hq", **more},
    )


def lines(masses: Mapping[str, int]) -> str:
    """Units with their masses as a cell has them."""
    return ",".join(f"{name}={mass}" for name, mass in masses.items())


def cast(heat: str, charge: Mapping[str, int], product_kg: int, **more: Any) -> Values:
    return {
        "heat": heat, "site": "works", "date": "2025-02-10", "furnace": "F1", "product": "hqaloop", "charge": lines(charge),
        "product_kg": product_kg, **more,
    }  # fmt: skip


def process(name: str, inputs: Mapping[str, int], product_kg: int, **more: Any) -> Values:
    return {
        "id": name, "site": "works", "date": "2025-02-20", "step": "rolling", "product": "hqaloop", "inputs": lines(inputs),
        "product_kg": product_kg, **more,
    }  # fmt: skip


def shipment(name: str, items: Mapping[str, int], **more: Any) -> Values:
    return {
        "id": name, "site": "works", "date": "2025-03-10", "customer": "buyer", "delivery_note": f"N-{name}", "form": "ingot",
        "items": lines(items), **more,
    }  # fmt: skip


def document(name: str, coc_kg: int, **more: Any) -> Values:
    """A CoC document to issue for a shipment."""
    return {"shipment": name, "date": "2025-03-11", "coc_kg": coc_kg, "responsible": "Wang", **more}


def statement(name: str, of: str, attribute: str = POST, basis: str = "batch", **more: Any) -> Values:
    return {"id": name, "shipment": of, "date": "2025-03-12", "attribute": attribute, "basis": basis, **more}


# Asking ----------------------------------------------------------------------------------------------------------------


def size(book: Book) -> int:
    """Number of events."""
    with book.read() as connection:
        return int(connection.execute(select(func.count()).select_from(event)).scalar_one())


def account(book: Book, name: str = ALUMINIUM, period: str = "2025", scope: str = SCOPE) -> Balance:
    with book.read() as connection:
        return balance(connection, scope, name, period)


def sums(book: Book, name: str = ALUMINIUM, period: str = "2025", scope: str = SCOPE) -> dict[str, int]:
    """Sums of an account by kind, those of nothing left out."""
    return {kind: mass for kind, mass in account(book, name, period, scope).sums.items() if mass}


def left(book: Book, name: str) -> int:
    """What no step has taken of a unit [kg], by the tables alone; returns weigh on top of their heat."""
    with book.read() as connection:
        used = select(func.coalesce(func.sum(consumption.c.mass_kg), 0)).where(
            consumption.c.parent == name, consumption.c.child.not_in(voided_units()), consumption.c.role != "return"
        )
        whole = connection.execute(select(unit.c.mass_kg).where(unit.c.id == name)).scalar_one()
        return int(whole) - int(connection.execute(used).scalar_one())
