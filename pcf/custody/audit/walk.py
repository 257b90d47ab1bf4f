"""An auditor's walk: from a record back to its tickets and on to its documents, each stop as the log holds it, with its proof.

What a stop shows is read from the event of the log that wrote it, and not from the tables: what is shown is what is proven. The tables are
held against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from pcf.custody.audit.walk_papers import Paper, read_papers
from pcf.custody.tables import heat, lot, processing, shipment, unit
from pcf.custody.trace import LEAST_KG, Genealogy, Node, read_contents, trace
from pcf.store.log import log_reader, log_size
from pcf.store.merkle import inclusion_proof, leaf_hash, root, verify_inclusion
from pcf.store.schema import EVENT_SEQ, event

MOST_STOPS = 120
"""Units whose records a walk reads: the root, and those with the largest shares of it."""

CHUNK = 400

_TABLES = {"lot": lot, "heat": heat, "processed": processing, "shipment": shipment}
"""Kind of a unit → table of what else is known of it; bundles, returns and dross come with their heat or step."""

_UNSHOWN = ("unit", "id", "kind", "details", "charge", "bundles", "post", "pre")
_ORDER = {"lot": 0, "heat": 1, "dross": 2, "return": 3, "bundle": 4, "processed": 5, "shipment": 6}


@dataclass(frozen=True)
class Proof:
    """That the event of a record is in the log; `holds` of the path, `intact` of the event's bytes and of the rows in the tables."""

    seq: int
    time: int
    kind: str
    actor: str
    leaf: str
    path: tuple[str, ...]
    holds: bool
    intact: bool

    @property
    def good(self) -> bool:
        """Whether everything agrees."""
        return self.holds and self.intact


@dataclass(frozen=True)
class Stop:
    """A unit on the way: `side` is `root`, `up` (what it was made of) or `down`, `share` of the root's mass; `content` post- and
    pre-consumer [1]."""

    node: Node
    side: str
    share: float
    fields: Mapping[str, Any]
    papers: tuple[Paper, ...]
    content: tuple[float, float] | None
    proof: Proof


@dataclass
class Walk:
    """A trail both ways, of a log with so many events and this root; `left_out` units are in the genealogy and no stops.

    `paper_proofs` are by name of the paper and number of its event.
    """

    genealogy: Genealogy
    log_size: int
    log_root: str
    stops: list[Stop] = field(default_factory=list)
    paper_proofs: dict[tuple[str, int], Proof] = field(default_factory=dict)
    left_out: int = 0

    @property
    def good(self) -> bool:
        """Whether every record on the way is as its event of the log wrote it."""
        return all(stop.proof.good for stop in self.stops) and all(proof.good for proof in self.paper_proofs.values())


def read_walk(connection: Connection, name: str) -> Walk:
    """Follow a unit both ways and read every stop.

    Raises
    ------
    InputError
        For a unit that is not recorded.
    CheckFailed
        For a circle of units, which no entry makes.
    """
    found = trace(connection, name, least_kg=LEAST_KG, voided=True)
    shown = _nearest(found)
    papers = read_papers(connection, [found.nodes[id_] for id_ in shown])
    events = _read_events(
        connection, [*(found.nodes[id_].event_seq for id_ in shown), *(paper.seq for some in papers.values() for paper in some)]
    )
    rows = _read_rows(connection, [found.nodes[id_] for id_ in shown])
    size = log_size(connection)
    read = cache(log_reader(connection))
    whole = root(size, read)
    contents = read_contents(connection, [id_ for id_ in shown if found.nodes[id_].kind == "heat"])
    walk = Walk(found, size, whole.hex(), left_out=len(found.nodes) - len(shown))

    def prove(seq: int, *, intact: bool = True) -> Proof:
        row = events[seq]
        path = inclusion_proof(seq, size, read)
        leaf = leaf_hash(row.payload.encode())
        return Proof(
            seq, row.time, row.kind, row.actor, leaf.hex(), tuple(item.hex() for item in path),
            verify_inclusion(leaf, seq, size, path, whole), intact and leaf == row.leaf,
        )  # fmt: skip

    for id_ in shown:
        node = found.nodes[id_]
        told = _told(events[node.event_seq].payload, node)
        content = contents.get(id_)
        walk.stops.append(Stop(
            node, _side(found, id_), float(found.shares.get(id_, found.reached.get(id_, 1))), _fields(told), tuple(papers[id_]),
            (float(content[0]), float(content[1])) if content else None, prove(node.event_seq, intact=told == rows[id_]),
        ))  # fmt: skip
    for paper in (paper for some in papers.values() for paper in some):
        intact = paper.row in _rows_of(events[paper.seq].payload, paper.table)
        walk.paper_proofs[paper.name, paper.seq] = prove(paper.seq, intact=intact)
    return walk


def _side(found: Genealogy, id_: str) -> str:
    return "root" if id_ == found.root else "up" if id_ in found.shares else "down"


def _nearest(found: Genealogy) -> list[str]:
    """Units to read: from tickets to shipments, of each kind those with the largest shares first."""
    shares = {**found.reached, **found.shares}
    kept = sorted(found.nodes, key=lambda id_: (id_ != found.root, -shares.get(id_, 0), id_))[:MOST_STOPS]
    sides = {"up": 0, "root": 1, "down": 2}
    return sorted(
        kept, key=lambda id_: (sides[_side(found, id_)], _ORDER.get(found.nodes[id_].kind, 9), -shares.get(id_, 0), id_)
    )  # fmt: skip


def _read_events(connection: Connection, seqs: Iterable[int]) -> dict[int, Any]:
    wanted, found = sorted(set(seqs)), dict[int, Any]()
    for place in range(0, len(wanted), CHUNK):
        query = select(event.c.seq, event.c.time, event.c.kind, event.c.actor, event.c.payload, event.c.leaf)
        found.update((row.seq, row) for row in connection.execute(query.where(event.c.seq.in_(wanted[place : place + CHUNK]))))
    return found


Told = dict[str, Mapping[str, Any]]
"""Rows of a unit by table."""


def _told(payload: str, node: Node) -> Told:
    """Rows of a unit in the event that wrote it; nothing where the event does not speak of it."""
    found = {"unit": next((row for row in _rows_of(payload, "unit") if row.get("id") == node.id), None)}
    if node.kind in _TABLES:
        table = _TABLES[node.kind].name
        found[table] = next((row for row in _rows_of(payload, table) if row.get("unit") == node.id), None)
    return {name: row for name, row in found.items() if row is not None}


def _rows_of(payload: str, table: str) -> list[dict[str, Any]]:
    """Rows of a table in an event; none where somebody has rewritten it, as the proof says."""
    try:
        return [row for row in json.loads(payload)["rows"].get(table, ()) if isinstance(row, dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _read_rows(connection: Connection, nodes: Sequence[Node]) -> dict[str, Told]:
    """Rows of units as the tables have them, without the number of their event."""
    found: dict[str, Told] = {node.id: {} for node in nodes}
    for table, key, kind in ((unit, unit.c.id, None), *((table, table.c.unit, kind) for kind, table in _TABLES.items())):
        names = [node.id for node in nodes if kind is None or node.kind == kind]
        for place in range(0, len(names), CHUNK):
            for row in connection.execute(select(table).where(key.in_(names[place : place + CHUNK]))):
                values = dict(row._mapping)
                values.pop(EVENT_SEQ)
                found[values[key.name]][table.name] = values
    return found


def _fields(told: Told) -> dict[str, Any]:
    """What a person reads of a record: its columns and details, without empty ones and what only the program needs."""
    found: dict[str, Any] = {}
    for row in told.values():
        more = json.loads(row["details"]) if isinstance(row.get("details"), str) else {}
        for name, value in {**row, **more}.items():
            if name not in _UNSHOWN and not name.endswith("_plain") and value not in (None, "", [], {}):
                found.setdefault(name, value)
    return found


def walk_document(walk: Walk) -> dict[str, Any]:
    """A walk for other programs, `pcf/audit-walk/1`."""
    from pcf.store.clock import show

    def proof(item: Proof) -> dict[str, Any]:
        return {
            "event": item.seq, "time": show(item.time), "kind": item.kind, "actor": item.actor, "leaf": item.leaf, "path": list(item.path),
            "included": item.holds, "intact": item.intact,
        }  # fmt: skip

    found = walk.genealogy
    return {
        "schema": "pcf/audit-walk/1",
        "root": found.root,
        "good": walk.good,
        "complete": not (found.cut or found.ends or walk.left_out),
        "left_out": walk.left_out,
        "log": {"size": walk.log_size, "root": walk.log_root},
        "stops": [
            {
                "id": stop.node.id, "kind": stop.node.kind, "side": stop.side, "date": stop.node.date, "site": stop.node.site,
                "material": stop.node.material, "content_class": stop.node.content_class, "mass_kg": stop.node.mass_kg,
                "share": round(stop.share, 12), "voided": stop.node.voided, "fields": dict(stop.fields),
                "content": stop.content and {"post_consumer": stop.content[0], "pre_consumer": stop.content[1]},
                "papers": [
                    {
                        "kind": paper.kind, "name": paper.name, "date": paper.date, "mass_kg": paper.mass_kg, "what": paper.what,
                        "party": paper.party, "void": paper.void, "sha256": paper.sha256, "follows": paper.follows, "proof": proof(walk.paper_proofs[paper.name, paper.seq]),
                    }
                    for paper in stop.papers
                ],
                "proof": proof(stop.proof),
            }
            for stop in walk.stops
        ],
        "edges": [
            {"parent": edge.parent, "child": edge.child, "mass_kg": edge.mass_kg, "role": edge.role, "event": edge.event_seq}
            for edge in [*found.up, *found.down]
        ],
    }  # fmt: skip
