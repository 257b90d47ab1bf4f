"""Certificates as lists: searched, filtered and cut into pages by the database, whatever their number."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select

from pcf.custody.tables import certificate_end, footprint_certificate
from pcf.store.certificate_schema import certificate_listing

ACTIVE, EXPIRED, REVOKED, SUPERSEDED = "active", "expired", "revoked", "superseded"
STATUSES = (ACTIVE, EXPIRED, REVOKED, SUPERSEDED)
FIGURE = ("printed", "boundary", "gate", "gwp")
"""Of a certificate's footprint what a list shows."""

MOST_PAGE = 200
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Listed:
    """A certificate as a list shows it; `printed` in tCO2e/t, of `boundary` to `gate`, with the GWP of the IPCC report `gwp`."""

    number: str
    status: str
    kind: str
    certified: str
    product: str
    site: str
    year: int
    mass_kg: int
    printed: str
    boundary: str
    gate: str
    gwp: str
    customer: str
    issued: str
    valid_until: str


@dataclass(frozen=True)
class Wanted:
    """What a list shows; an empty value lets everything through."""

    contains: str = ""
    status: str = ""
    kind: str = ""
    product: str = ""


def fold(words: str) -> str:
    """A text as it is searched: without differences of case and width."""
    return unicodedata.normalize("NFKC", words).casefold()


def keep(connection: Connection, number: str, document: Mapping[str, Any]) -> None:
    """List a certificate that has just been recorded."""
    table, customer = footprint_certificate, document["customer"]
    row = connection.execute(select(table).where(table.c.number == number)).one()
    parts = [
        number, *(customer.get(name) or "" for name in ("name", "order", "part_number")), row.unit or "", row.product,
        *document["product"]["name"].values(), row.site, *(heat["id"] for heat in document["batches"]),
    ]  # fmt: skip
    figure = {name: document["footprint"][name] for name in FIGURE}
    listed = {"seq": row.event_seq, "number": number, "customer": customer["name"], **figure, "words": fold("\n".join(parts))}
    connection.execute(insert(certificate_listing), listed)


def list_page(connection: Connection, wanted: Wanted, today: date, page: int = 0, size: int = 50) -> tuple[int, list[Listed]]:
    """How many certificates there are, and those of a page, the newest first.

    Parameters
    ----------
    page : int
        Counted from 0.
    """
    size = min(max(size, 1), MOST_PAGE)
    conditions = _conditions(wanted, today)
    counted = _joined(select(func.count())).where(*conditions)
    count = int(connection.execute(counted).scalar_one())
    query = _rows().where(*conditions).order_by(certificate_listing.c.seq.desc()).limit(size).offset(max(page, 0) * size)
    return count, [_listed(row, today) for row in connection.execute(query)]


def read_listed(connection: Connection, numbers: Iterable[str], today: date) -> dict[str, Listed]:
    """Certificates as lists show them, by their numbers; what is no number of one is left out."""
    wanted = sorted(set(numbers))
    found: dict[str, Listed] = {}
    for place in range(0, len(wanted), MOST_PAGE):
        query = _rows().where(footprint_certificate.c.number.in_(wanted[place : place + MOST_PAGE]))
        found |= {row.number: _listed(row, today) for row in connection.execute(query)}
    return found


def _rows() -> Select[Any]:
    table, end = footprint_certificate, certificate_end
    return _joined(select(
        table.c.number, table.c.kind, table.c.unit, table.c.product, table.c.site, table.c.year, table.c.mass_kg, table.c.issued,
        table.c.valid_until, certificate_listing.c.customer, *(certificate_listing.c[name] for name in FIGURE), end.c.status,
    ))  # fmt: skip


def _joined(query: Select[Any]) -> Select[Any]:
    table = footprint_certificate
    return (
        query.select_from(certificate_listing)
        .join(table, table.c.number == certificate_listing.c.number)
        .outerjoin(certificate_end, certificate_end.c.number == table.c.number)
    )


def _conditions(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    table, end = footprint_certificate, certificate_end
    found: list[ColumnElement[bool]] = [
        certificate_listing.c.words.contains(word, autoescape=True) for word in fold(wanted.contains[:LONGEST_SEARCH]).split()
    ]
    if wanted.status in (REVOKED, SUPERSEDED):
        found.append(end.c.status == wanted.status)
    elif wanted.status in (ACTIVE, EXPIRED):
        holds = table.c.valid_until >= today.isoformat()
        found += [end.c.status.is_(None), holds if wanted.status == ACTIVE else ~holds]
    found += [table.c[name] == value for name in ("kind", "product") if (value := getattr(wanted, name))]
    return found


def _listed(row: Row[Any], today: date) -> Listed:
    return Listed(
        row.number, status_of(row.status, row.valid_until, today), row.kind, row.unit or row.product, row.product, row.site, row.year,
        row.mass_kg, row.printed, row.boundary, row.gate, row.gwp, row.customer, row.issued, row.valid_until,
    )  # fmt: skip


def status_of(end: str | None, valid_until: str, today: date) -> str:
    """Whether a certificate holds on a day."""
    return end or (EXPIRED if valid_until < today.isoformat() else ACTIVE)


def products_of(connection: Connection) -> list[str]:
    """Products of which there are certificates."""
    return sorted(connection.execute(select(footprint_certificate.c.product).distinct()).scalars())


def earlier_customers(connection: Connection, contains: str = "", most: int = 50) -> list[dict[str, Any]]:
    """Customers of certificates, as the newest certificate of each has them, the newest first."""
    listing = certificate_listing
    last = select(func.max(listing.c.seq).label("seq")).group_by(listing.c.customer)
    if contains:
        last = last.where(listing.c.words.contains(fold(contains[:LONGEST_SEARCH]), autoescape=True))
    last = last.order_by(func.max(listing.c.seq).desc()).limit(most)
    query = select(footprint_certificate.c.details).where(footprint_certificate.c.event_seq.in_(last))
    rows = connection.execute(query.order_by(footprint_certificate.c.event_seq.desc())).scalars()
    return [json.loads(details)["document"]["customer"] for details in rows]
