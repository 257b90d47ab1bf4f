"""Papers on the units of a walk: documents received and issued, claims, certificates of footprints, checks of suppliers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from pcf.custody.audit.view import document_name
from pcf.custody.tables import (
    certificate_draw,
    certificate_end,
    document,
    due_diligence,
    footprint_certificate,
    lot,
    statement,
    void,
)
from pcf.custody.trace import Node
from pcf.store.schema import EVENT_SEQ

CHUNK = 400


@dataclass(frozen=True)
class Paper:
    """A paper on a unit.

    Attributes
    ----------
    kind : str
        `document-in`, `document-out`, `statement`, `certificate` or `due-diligence`.
    mass_kg : int, optional
        What it covers [kg]; None for a due diligence.
    what : str
        Account of a document, attribute of a claim, printed footprint of a certificate, result of a due diligence.
    party : str
        Whose document or due diligence, or for whom a certificate is.
    void : str
        Since when it holds no more; empty where it stands.
    seq : int
        Number of its event.
    table, row
        Where it is recorded, and its row there, to be held against the event.
    follows : str
        Of a document received from another scope of this book the shipment that it was issued for: there the trail goes on.
    """

    kind: str
    name: str
    date: str
    mass_kg: int | None
    what: str
    party: str
    void: str
    sha256: str
    seq: int
    table: str
    row: Mapping[str, Any]
    follows: str = ""


def read_papers(connection: Connection, nodes: Sequence[Node]) -> dict[str, list[Paper]]:
    """Papers by unit, in the order of the log."""
    found: dict[str, list[Paper]] = {node.id: [] for node in nodes}
    lots = [node.id for node in nodes if node.kind == "lot"]
    others = [node.id for node in nodes if node.kind != "lot"]
    for read, names in ((_received, lots), (_checks, lots), (_issued, others), (_claims, others), (_certificates, others)):
        for place in range(0, len(names), CHUNK):
            for id_, paper in read(connection, names[place : place + CHUNK]):
                found[id_].append(paper)
    for papers in found.values():
        papers.sort(key=lambda paper: (paper.seq, paper.name))
    return found


Found = Iterable[tuple[str, Paper]]


def _received(connection: Connection, names: Sequence[str]) -> Found:
    """Documents that lots count on."""
    issued = document.alias()
    same = (issued.c.issuer == document.c.issuer) & (issued.c.reference == document.c.reference)
    query = (
        select(document, lot.c.unit.label("of"), issued.c.unit.label("follows"))
        .join(lot, (lot.c.document_issuer == document.c.issuer) & (lot.c.document_reference == document.c.reference))
        .outerjoin(issued, same & (issued.c.direction == "out"))
        .where(document.c.direction == "in", lot.c.unit.in_(names))
    )  # fmt: skip
    return _documents(connection, query)


def _issued(connection: Connection, names: Sequence[str]) -> Found:
    return _documents(connection, select(document, document.c.unit.label("of")).where(document.c.unit.in_(names)))


def _documents(connection: Connection, query: Select[Any]) -> Found:
    rows = [dict(row._mapping) for row in connection.execute(query)]
    gone = _gone(connection, "document", [row["event_seq"] for row in rows])
    for row in rows:
        details = json.loads(row["details"])
        yield row["of"], Paper(
            f"document-{row['direction']}", document_name(row), row["date"], row["coc_kg"], row["account"], row["party"],
            gone.get(row["event_seq"], ""), str(details.get("file_sha256") or ""), row["event_seq"], "document", _own(document, row),
            row.get("follows") or "",
        )  # fmt: skip


def _checks(connection: Connection, names: Sequence[str]) -> Found:
    """The due diligences that lots of scrap name."""
    wanted = {}
    for row in connection.execute(select(lot.c.unit, lot.c.details).where(lot.c.unit.in_(names))):
        if id_ := json.loads(row.details).get("due_diligence"):
            wanted[row.unit] = str(id_)
    known = {row.id: row for row in connection.execute(select(due_diligence).where(due_diligence.c.id.in_(set(wanted.values()))))}
    gone = _gone(connection, "due-diligence", [row.event_seq for row in known.values()])
    for id_, name in wanted.items():
        if (found := known.get(name)) is not None:
            yield id_, Paper(
                "due-diligence", name, found.date, None, found.result, found.party, gone.get(found.event_seq, ""), "", found.event_seq,
                "due_diligence", _own(due_diligence, found._mapping),
            )  # fmt: skip


def _claims(connection: Connection, names: Sequence[str]) -> Found:
    rows = connection.execute(select(statement).where(statement.c.shipment.in_(names))).all()
    gone = _gone(connection, "statement", [row.event_seq for row in rows])
    for row in rows:
        yield row.shipment, Paper(
            "statement", row.id, row.date, row.mass_kg, row.attribute, "", gone.get(row.event_seq, ""), "", row.event_seq,
            "statement", _own(statement, row._mapping),
        )  # fmt: skip


def _certificates(connection: Connection, names: Sequence[str]) -> Found:
    """Certificates of a unit, and those of a product that draw on it."""
    table = footprint_certificate
    joined = select(table, certificate_end.c.date.label("ended")).outerjoin(
        certificate_end, certificate_end.c.number == table.c.number
    )
    seen = set()
    for query in (
        joined.add_columns(table.c.unit.label("of")).where(table.c.unit.in_(names)),
        joined.add_columns(certificate_draw.c.unit.label("of"))
        .join(certificate_draw, certificate_draw.c.number == table.c.number).where(certificate_draw.c.unit.in_(names)),
    ):  # fmt: skip
        for row in connection.execute(query):
            if (row.number, row.of) in seen:
                continue
            seen.add((row.number, row.of))
            content = json.loads(row.details)["document"]
            made, customer = content["footprint"], content.get("customer") or {}
            yield row.of, Paper(
                "certificate", row.number, row.issued[:10], row.mass_kg, f"{made['printed']} {made['unit']}", str(customer.get("name") or ""),
                (row.ended or "")[:10], row.seal, row.event_seq, "footprint_certificate", _own(table, row._mapping),
            )  # fmt: skip


def _gone(connection: Connection, kind: str, seqs: Sequence[int]) -> dict[int, str]:
    """Day of the void by event of the record."""
    query = select(void.c.target_seq, void.c.date).where(void.c.target_kind == kind, void.c.target_seq.in_(seqs))
    return {row.target_seq: row.date for row in connection.execute(query)}


def _own(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row as the event has it: the table's own columns, without the number of the event."""
    return {column.name: row[column.name] for column in table.c if column.name != EVENT_SEQ}
