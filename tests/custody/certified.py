"""Certificates as they stand in the book, made without the computation behind them."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from typing import Any

from pcf.custody import Book
from pcf.custody.book import Work
from pcf.custody.draws import AVERAGE, BATCH, Pool, choose, draw_pool, draw_rows, draw_unit, pools_of, read_certified
from pcf.custody.remaining import apportion, draw_remaining, read_remaining
from pcf.errors import DataError
from pcf.store.events import digest

POOL = Pool("hqaloop", "works", 2025)
_numbers = count(1)


def certify(book: Book, name: str, kg: int, *more: tuple[str, int]) -> str:
    """Certify a mass of a unit, and of more units in the same writing; the number of the first certificate."""
    with book.write() as work:
        numbers = [_record(work, one, mass) for one, mass in ((name, kg), *more)]
    return numbers[0]


def _record(work: Work, name: str, kg: int) -> str:
    masses = draw_unit(work, f"batch {name}", name, kg)
    pool = pools_of(work.connection, masses).pop()
    rows = choose(work, f"batch {name}", [pool], BATCH)
    return _add(work, pool, kg, rows, draw_rows("", masses), name)


def certify_average(book: Book, kg: int, pool: Pool = POOL) -> str:
    """Certify a mass of a product at its average."""
    with book.write() as work:
        rows = choose(work, "product", [pool], AVERAGE)
        draw_pool(work, "product", pool, kg)
        return _add(work, pool, kg, rows, [], None)


def certify_remaining(book: Book, kg: int, pool: Pool = POOL) -> str:
    """Certify a mass of all that remains of a product whose year is certified by batch."""
    with book.write() as work:
        rows = choose(work, "product", [pool], BATCH)
        work.tx.flush()
        remaining = read_remaining(work.connection, pool)
        masses = apportion(remaining, kg)
        draw_remaining(work, "product", pool, kg, remaining)
        return _add(work, pool, kg, rows, draw_rows("", masses), None)


def _add(work: Work, pool: Pool, kg: int, choices: list[Any], draws: list[dict[str, str]], name: str | None) -> str:
    if work.problems:
        raise DataError(work.problems)
    place = next(_numbers)
    number = f"PCF-2026-{place:06d}"
    row = {
        "number": number, "id": f"urn:{place}", "kind": "batch" if name else "product", "unit": name, "product": pool.product,
        "site": pool.site, "year": pool.year, "mass_kg": kg, "issued": "2026-01-10", "valid_until": "2027-01-10", "seal": "0" * 64,
        "place": place, "details": "{}",
    }  # fmt: skip
    work.add("footprint-certificate", f"footprint-certificate:{number}", digest(row), {
        "footprint_certificate": [row], "certificate_draw": [{**draw, "number": number} for draw in draws],
        "certificate_choice": choices,
    })  # fmt: skip
    work.tx.flush()
    return number


def end(book: Book, number: str, status: str = "revoked") -> None:
    """End a certificate."""
    row = {"number": number, "status": status, "date": "2026-02-01", "reason": "typing error", "replaced_by": None}
    with book.write() as work:
        work.add("certificate-end", f"certificate-end:{number}", digest(row), {"certificate_end": [row]})


def certified(book: Book, *names: str) -> dict[str, Fraction]:
    """What certificates have drawn of units [kg]."""
    with book.read() as connection:
        return read_certified(connection, names)


def refusal(work: Any, *arguments: Any) -> str:
    """The problems of what is refused, a line each."""
    try:
        work(*arguments)
    except DataError as error:
        return "\n".join(map(str, error.problems))
    raise AssertionError("was not refused")
