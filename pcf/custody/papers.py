"""Papers of a book, page by page: CoC documents received and issued, and claims of recycled content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from pcf.custody.listing import Page, Reason, holds
from pcf.custody.tables import document, statement, void

KINDS = ("issued", "received", "claims")
_DIRECTION = {"issued": "out", "received": "in"}


def read_papers(connection: Connection, kind: str, contains: str = "", offset: int = 0, limit: int = 50) -> Page:
    """A page of papers, the newest first, each with why it was taken back.

    Parameters
    ----------
    kind : str
        `issued`, `received` or `claims`.
    """
    query = _claims(contains) if kind == "claims" else _documents(_DIRECTION[kind], contains)
    total = int(connection.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one())
    rows = [dict(row._mapping) for row in connection.execute(query.limit(limit).offset(offset))]
    gone = _voids(connection, "statement" if kind == "claims" else "document", [row["name"] for row in rows])
    return Page([{**row, "void": gone.get(row["name"])} for row in rows], total)


def _documents(direction: str, contains: str) -> Select[Any]:
    name = (document.c.direction + "/" + document.c.issuer + "/" + document.c.reference).label("name")
    columns = (
        document.c.issuer, document.c.reference, document.c.party, document.c.date, document.c.account, document.c.coc_kg,
        document.c.total_kg, document.c.unit,
    )  # fmt: skip
    query = select(name, *columns).where(document.c.direction == direction)
    if contains:
        searched = (
            document.c.issuer,
            document.c.reference,
            document.c.party,
            document.c.date,
            document.c.unit,
            document.c.details,
        )
        query = query.where(holds(searched, contains))
    return query.order_by(document.c.date.desc(), document.c.event_seq.desc())


def _claims(contains: str) -> Select[Any]:
    columns = (statement.c.shipment, statement.c.attribute, statement.c.basis, statement.c.date, statement.c.mass_kg)
    query = select(statement.c.id.label("name"), *columns)
    if contains:
        searched = (statement.c.id, statement.c.shipment, statement.c.attribute, statement.c.basis, statement.c.date)
        query = query.where(holds(searched, contains))
    return query.order_by(statement.c.date.desc(), statement.c.event_seq.desc())


def _voids(connection: Connection, kind: str, names: Sequence[str]) -> dict[str, Reason]:
    query = select(void.c.target, void.c.date, void.c.reason).where(void.c.target_kind == kind, void.c.target.in_(list(names)))
    return {row.target: Reason(row.date, row.reason) for row in connection.execute(query)}
