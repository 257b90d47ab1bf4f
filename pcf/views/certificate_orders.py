"""A table of orders that become certificates, and the table of what became of them; a repeat goes on where the last one stopped."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pcf.certificate.particulars import KINDS
from pcf.errors import DataError, InputError

if TYPE_CHECKING:
    from pcf.certificate.bulk import Outcome
    from pcf.certificate.issue import Order
    from pcf.model import Method

FIELDS = (
    "order", *KINDS, "site", "year", "mass_kg", "name", "address", "country", "part_number", "customer_order", "lang", "valid_until"
)  # fmt: skip
"""Columns of the table: `order` names a row once and for all; one of product, batch and shipment says what is certified."""

RESULTS = "certificates.csv"
"""What became of each order."""


@dataclass(frozen=True)
class Placed:
    """An order with where it stands and the id of its row."""

    place: str
    name: str
    order: Order


def read_orders(path: Path, method: Method, prints: str) -> list[tuple[str, Order]]:
    """Orders of a table by the id of their row; see `read_placed`."""
    return [(item.name, item.order) for item in read_placed(path, method, prints)]


def read_placed(path: Path, method: Method, prints: str, most: int | None = None) -> list[Placed]:
    """Orders of a table with their places; nothing is issued while one of them is wrong in its form.

    Parameters
    ----------
    most : int, optional
        Rows that are taken.

    Raises
    ------
    DataError
        With every row that is wrong.
    InputError
        For a file that is no table, has no rows, or too many.
    """
    from pcf.views.record_files import read_rows

    found: list[Placed] = []
    problems: list[InputError] = []
    seen: dict[str, str] = {}
    for number, (place, row) in enumerate(read_rows(path, FIELDS), start=1):
        if most is not None and number > most:
            raise InputError(
                path.name, f"more than {most:,} rows", f"at most {most:,}", "take several files, or pcf certificate bulk"
            )
        values = {name: str(value).strip() for name, value in row.items() if value is not None and str(value).strip()}
        try:
            name = _name(values, place, seen)
            found.append(Placed(place, name, _read_order(values, place, name, method, prints)))
        except InputError as problem:
            problems.append(problem)
    if problems:
        raise DataError(problems)
    if not found:
        raise InputError(path.name, "no rows", f"a heading with some of {', '.join(FIELDS)}, and a row for each certificate")
    return found


def _name(values: Mapping[str, str], place: str, seen: dict[str, str]) -> str:
    name = values.get("order", "")
    if not name or len(name) > 80 or not name.isprintable():
        raise InputError(f"{place}, order", repr(name[:40]) if name else "nothing", "an id of the order, at most 80 characters")
    if name in seen:
        raise InputError(f"{place}, order", f"{name!r} a second time", "each order once", f"it stands at {seen[name]} too")
    seen[name] = place
    return name


def _read_order(values: Mapping[str, str], place: str, name: str, method: Method, prints: str) -> Order:
    from pcf.certificate.gather import Request
    from pcf.certificate.issue import Order
    from pcf.certificate.particulars import check_customer
    from pcf.certificate.render import PRINTS

    kinds = [kind for kind in KINDS if kind in values]
    if len(kinds) != 1:
        raise InputError(place, f"{len(kinds)} of {', '.join(KINDS)}", "exactly one of them")
    if kinds[0] != "product" and (extra := [name for name in ("site", "year") if name in values]):
        raise InputError(f"{place}, {extra[0]}", repr(values[extra[0]]), f"nothing: it follows from the {kinds[0]}")
    customer = {key: values[key] for key in ("name", "address", "country", "part_number") if key in values}
    if "customer_order" in values:
        customer["order"] = values["customer_order"]
    lang = values.get("lang", prints)
    if lang not in PRINTS:
        raise InputError(f"{place}, lang", repr(lang[:20]), f"one of: {', '.join(PRINTS)}")
    request = Request(
        kinds[0], values[kinds[0]], values.get("site", ""), _whole(values, "year", place), _whole(values, "mass_kg", place), method
    )  # fmt: skip
    return Order(request, check_customer(customer, place), lang, f"bulk/{name}", _day(values, place))


def _whole(values: Mapping[str, str], name: str, place: str) -> int | None:
    if name not in values:
        return None
    text = values[name].removesuffix(".0")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**12:
        raise InputError(f"{place}, {name}", repr(values[name][:40]), "a whole number above 0")
    return int(text)


def _day(values: Mapping[str, str], place: str) -> date | None:
    if "valid_until" not in values:
        return None
    try:
        return date.fromisoformat(values["valid_until"][:10])
    except ValueError:
        raise InputError(f"{place}, valid_until", repr(values["valid_until"][:40]), "a day such as 2027-03-31") from None


def write_outcomes(out: Path, outcomes: Sequence[Outcome]) -> None:
    """Write what became of the orders as a table."""
    from pcf.views.files import write_text

    write_text(out / RESULTS, outcome_table(outcomes))


def outcome_table(outcomes: Sequence[Outcome]) -> str:
    """What became of the orders, as CSV."""
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\n")
    table.writerow(("order", "number", "file", "footprint_tCO2e_per_t", "refused"))
    for item in outcomes:
        table.writerow((_cell(item.order), item.number, item.file, item.footprint, _cell(item.refused)))
    return page.getvalue()


def _cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
