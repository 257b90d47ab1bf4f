"""Samples as records: who drew what, when, by which seed, from which state of the records; and the same draw again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.custody.audit.sampling import KINDS, METHOD, Drawn, draw, population_sha256, read_population
from pcf.custody.audit.view import find_span
from pcf.custody.book import Book
from pcf.errors import DataError, InputError
from pcf.store.audit_schema import SAMPLE, audit_sample
from pcf.store.events import compact, digest
from pcf.store.log import log_size
from pcf.store.schema import event
from pcf.text import visible

MOST_SIZE, MOST_SEED = 1_000, 2**53 - 1
MOST_PURPOSE = 200


@dataclass(frozen=True)
class Sample:
    """A sample; `time` [us, UTC] and `actor` are those of its event `seq`, `log_size` says as of which state of the records."""

    id: str
    scope: str
    period: str
    kind: str
    size: int
    seed: int
    method: str
    log_size: int
    items: int
    mass_kg: int
    population_sha256: str
    purpose: str
    drawn: tuple[Drawn, ...]
    seq: int
    time: int
    actor: str

    @property
    def drawn_kg(self) -> int:
        """Mass of what was drawn [kg]."""
        return sum(item.mass_kg for item in self.drawn)


def draw_sample(book: Book, scope: str, period: str, kind: str, size: int, seed: int | None = None, purpose: str = "") -> Sample:
    """Draw and record a sample.

    Parameters
    ----------
    seed : int, optional
        By default one that nobody could have chosen.

    Raises
    ------
    InputError
        For a scope or period that is not recorded, a population that is empty, and values out of range.
    """
    _check(kind, size, seed, purpose)
    seed = secrets.randbelow(MOST_SEED + 1) if seed is None else seed
    with book.database.write(book.actor) as tx:
        span, _ = find_span(tx.connection, scope, period)
        known = tx.tip[0]
        found = read_population(tx.connection, span, kind, known)
        if not found:
            raise InputError("--of", f"no {kind} in {scope}, {period}", f"a period with {kind}")
        drawn = draw(found, size, seed)
        number = 1 + int(tx.connection.execute(select(func.count()).select_from(audit_sample)).scalar_one())
        row: dict[str, Any] = {
            "id": f"AS-{number:04d}", "scope": scope, "period": period, "kind": kind, "size": size, "seed": seed, "method": METHOD,
            "log_size": known, "items": len(found), "mass_kg": sum(item.mass_kg for item in found),
            "population_sha256": population_sha256(found), "purpose": purpose, "drawn": compact([asdict(item) for item in drawn]),
        }  # fmt: skip
        tx.add(SAMPLE, f"{SAMPLE}:{row['id']}", digest(row), {"audit_sample": [row]})
        tx.flush()
        return find_sample(tx.connection, row["id"])


def _check(kind: str, size: int, seed: int | None, purpose: str) -> None:
    problems = []
    if kind not in KINDS:
        problems.append(InputError("--of", repr(kind[:40]), ", ".join(KINDS)))
    if not 1 <= size <= MOST_SIZE:
        problems.append(InputError("--size", f"{size:,}", f"1 to {MOST_SIZE:,}"))
    if seed is not None and not 0 <= seed <= MOST_SEED:
        problems.append(InputError("--seed", f"{seed:,}", f"0 to {MOST_SEED:,}"))
    if len(purpose) > MOST_PURPOSE or purpose != visible(purpose, keep=""):
        problems.append(InputError("--purpose", f"{len(purpose):,} characters", f"one line of at most {MOST_PURPOSE}"))
    if problems:
        raise DataError(problems) if len(problems) > 1 else problems[0]


def read_samples(connection: Connection, contains: Mapping[str, str] | None = None) -> list[Sample]:
    """Samples, the newest first; `contains` is what some of their columns have to be."""
    query = select(audit_sample, event.c.time, event.c.actor).join(event, event.c.seq == audit_sample.c.event_seq)
    for name, value in (contains or {}).items():
        query = query.where(audit_sample.c[name] == value)
    return [_sample(row._mapping) for row in connection.execute(query.order_by(audit_sample.c.event_seq.desc()))]


def find_sample(connection: Connection, name: str) -> Sample:
    """A sample.

    Raises
    ------
    InputError
        For one that is not recorded.
    """
    found = read_samples(connection, {"id": name})
    if not found:
        raise InputError("sample", repr(name[:40]), "the id of a recorded sample", "pcf audit samples")
    return found[0]


def _sample(row: Mapping[Any, Any]) -> Sample:
    columns = {name: row[name] for name in Sample.__dataclass_fields__ if name not in ("drawn", "seq")}
    drawn = tuple(Drawn(**item) for item in json.loads(row["drawn"]))
    return Sample(**columns, drawn=drawn, seq=row["event_seq"])


@dataclass(frozen=True)
class Again:
    """A sample drawn anew: what there was to draw from then, and what came out; both have to be as recorded."""

    sample: Sample
    population_sha256: str
    drawn: Sequence[Drawn]

    @property
    def agrees(self) -> bool:
        """Whether the draw came out the same."""
        return self.population_sha256 == self.sample.population_sha256 and tuple(self.drawn) == self.sample.drawn


def draw_again(connection: Connection, name: str) -> Again:
    """Draw a recorded sample again from the records as they were then.

    Raises
    ------
    InputError
        For a sample that is not recorded, or that a rule has drawn which this program does not know.
    """
    known = find_sample(connection, name)
    if known.method != METHOD or known.log_size > log_size(connection):
        raise InputError(f"sample {known.id}", f"method {known.method}", METHOD, "use the version of the program that drew it")
    span, _ = find_span(connection, known.scope, known.period)
    found = read_population(connection, span, known.kind, known.log_size)
    return Again(known, population_sha256(found), draw(found, known.size, known.seed))


def sample_document(found: Sample) -> dict[str, Any]:
    """A sample for other programs."""
    from pcf.store.clock import show

    return {
        "schema": "pcf/audit-sample/1", **{key: value for key, value in asdict(found).items() if key not in ("seq", "time", "actor")},
        "drawn": [asdict(item) for item in found.drawn], "drawn_kg": found.drawn_kg, "event": found.seq, "time": show(found.time),
        "actor": found.actor,
    }  # fmt: skip
