"""Four eyes: one drafts a certificate, another releases or rejects it. A draft is the order alone; a release computes it anew."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.certificate.gather import Request
from pcf.certificate.issue import Office, Order, issue, key_of
from pcf.certificate.register import Entry
from pcf.custody.book import Book, Work
from pcf.errors import CheckFailed, InputError
from pcf.model import Method
from pcf.store.certificate_schema import DRAFT, certificate_draft
from pcf.store.events import compact, digest
from pcf.store.schema import event
from pcf.text import visible

DRAFTED, RELEASED, REJECTED = "drafted", "released", "rejected"
LONGEST_REASON = 300


@dataclass(frozen=True)
class Draft:
    """An order that waits for a second person, or what became of it; times in us, UTC."""

    id: str
    state: str
    order: Order
    drafter: str
    drafted: int
    decider: str = ""
    decided: int = 0
    reason: str = ""
    certificate: str = ""


def save_draft(book: Book, order: Order) -> str:
    """Keep an order for somebody else to release; gives its id. A repeat under the same key gives the one that is there.

    Raises
    ------
    InputError
        For a key that is no short text, or that another order has.
    """
    key_of(order)
    identity = _identity(order)
    with book.write() as work:
        if not is_drafted(work.connection, order):
            row = {"id": identity, "number": 1, "state": DRAFTED, "content": _content(order), "reason": None, "certificate": None}
            work.add(DRAFT, _key(identity, 1), order.digest(), {"certificate_draft": [row]})
    return identity


def is_drafted(connection: Connection, order: Order) -> bool:
    """Whether an order was drafted under its key, whatever became of it.

    Raises
    ------
    InputError
        For a key under which something else was drafted.
    """
    if not order.key:
        return False
    query = select(event.c.request).where(event.c.key == _key(_identity(order), 1))
    known = connection.execute(query).scalar()
    if known not in (None, order.digest()):
        raise InputError("key", f"{order.key[:60]!r}, under which something else was drafted", "a new key")
    return known is not None


def _identity(order: Order) -> str:
    return digest(order.key)[:24] if order.key else secrets.token_hex(12)


def release(office: Office, identity: str, today: date) -> Entry:
    """Issue the certificate of a draft, computed anew; the release is recorded with it, or neither is.

    Raises
    ------
    CheckFailed
        For whoever has drafted it.
    InputError
        For a draft that is not there, or does not wait any more; and as `issue`.
    """
    with office.book.read() as connection:
        draft = read_draft(connection, identity)
    actor = office.book.actor
    if draft.drafter == actor:
        raise _own(draft)

    def also(work: Work, number: str) -> None:
        found = _waiting(work.connection, identity)
        if found.drafter == actor:
            raise _own(found)
        _end(work, found, RELEASED, None, number)

    order = replace(draft.order, key=f"draft/{identity}")
    return issue(office, order, today, also=also)


def reject(book: Book, identity: str, reason: str) -> None:
    """End a draft without a certificate; whoever has drafted it may take it back so.

    Raises
    ------
    InputError
        For a draft that is not there or does not wait any more, and for a reason that is none.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or reason != visible(reason, keep=""):
        raise InputError("reason", repr(reason[:60]), f"why, in at most {LONGEST_REASON} characters")
    with book.write() as work:
        _end(work, _waiting(work.connection, identity), REJECTED, reason, None)


def _end(work: Work, draft: Draft, state: str, reason: str | None, certificate: str | None) -> None:
    row = {"id": draft.id, "number": 2, "state": state, "content": None, "reason": reason, "certificate": certificate}
    work.add(DRAFT, _key(draft.id, 2), digest(row), {"certificate_draft": [row]})


def _waiting(connection: Connection, identity: str) -> Draft:
    draft = read_draft(connection, identity)
    if draft.state != DRAFTED:
        raise InputError(f"draft {identity[:40]}", f"{draft.state} by {draft.decider}", "a draft that waits")
    return draft


def _own(draft: Draft) -> CheckFailed:
    return CheckFailed(f"draft {draft.id}: found a release by {draft.drafter}, who has drafted it; expected one by somebody else")


def _key(identity: str, number: int) -> str:
    return f"{DRAFT}:{identity}:{number}"


# Reading ---------------------------------------------------------------------------------------------------------------


def read_draft(connection: Connection, identity: str) -> Draft:
    """A draft by its id.

    Raises
    ------
    InputError
        For one that is not there.
    """
    rows = connection.execute(
        _rows().where(certificate_draft.c.id == identity).order_by(certificate_draft.c.number)
    ).all()  # fmt: skip
    if not rows:
        raise InputError("draft", repr(identity[:40]), "the id of a draft")
    return _draft(rows)


def list_drafts(connection: Connection, *, waiting: bool, most: int = 200) -> tuple[int, list[Draft]]:
    """How many drafts wait, or were decided, and the newest of them."""
    ended = select(certificate_draft.c.id).where(certificate_draft.c.number == 2)
    which = certificate_draft.c.id.not_in(ended) if waiting else certificate_draft.c.id.in_(ended)
    query = select(certificate_draft.c.id).where(certificate_draft.c.number == 1, which)
    count = int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    names = list(connection.execute(query.order_by(certificate_draft.c.event_seq.desc()).limit(most)).scalars())
    found: dict[str, list[Any]] = {}
    for row in connection.execute(_rows().where(certificate_draft.c.id.in_(names)).order_by(certificate_draft.c.number)):
        found.setdefault(row.id, []).append(row)
    return count, [_draft(found[name]) for name in names]


def draft_of(connection: Connection, certificate: str) -> Draft | None:
    """The draft that a certificate was released from, if it was."""
    query = select(certificate_draft.c.id).where(certificate_draft.c.certificate == certificate)
    identity = connection.execute(query).scalar()
    return None if identity is None else read_draft(connection, identity)


def _rows() -> Any:
    return select(certificate_draft, event.c.actor, event.c.time).join(event, event.c.seq == certificate_draft.c.event_seq)


def _draft(rows: Sequence[Any]) -> Draft:
    first, last = rows[0], rows[-1]
    made = Draft(first.id, last.state, _order(first.content), first.actor, first.time)
    if first is last:
        return made
    return replace(made, decider=last.actor, decided=last.time, reason=last.reason or "", certificate=last.certificate or "")


def _content(order: Order) -> str:
    request, until = order.request, order.valid_until and order.valid_until.isoformat()
    return compact({
        "kind": request.kind, "name": request.name, "site": request.site, "year": request.year, "mass_kg": request.mass_kg,
        "method": {**asdict(request.method), "steps": list(request.method.steps)}, "customer": dict(order.customer),
        "lang": order.lang, "key": order.key, "valid_until": until, "replaces": order.replaces, "reason": order.reason,
    })  # fmt: skip


def _order(content: str) -> Order:
    read = json.loads(content)
    named = {name: read[name] for name in ("kind", "name", "site", "year", "mass_kg")}
    request = Request(**named, method=Method.from_mapping(read["method"]))
    until = read["valid_until"] and date.fromisoformat(read["valid_until"])
    return Order(request, read["customer"], read["lang"], read["key"], until, read["replaces"], read["reason"])
