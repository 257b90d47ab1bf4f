"""Certificates in worker processes: what the pages have computed, typeset, signed and recorded, by what the commands call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.custody import Book
from pcf.errors import DataError, InputError, PcfError
from pcf.store import Database, open_database
from pcf.views.issuing import check_receiver, open_desk, party_of, this_day
from pcf.web.desk import Desk
from pcf.web.work import catalogue

if TYPE_CHECKING:
    from pcf.certificate.bulk import Outcome
    from pcf.certificate.choices import Choice
    from pcf.certificate.issue import Office, Order
    from pcf.model import Method
    from pcf.views.certificate_orders import Placed

SECONDS = 240.0
"""After which a certificate that is being made is given up: what is not recorded by then never is."""

MOST_ROWS = 2_000
"""Rows of one upload."""

PPI = 110
"""Resolution of the pages on the screen."""


@dataclass(frozen=True)
class Seat:
    """In whose name a process works, on which database."""

    actor: str
    url: str = field(repr=False)


def seat(desk: Desk, actor: str) -> Seat:
    """The seat of a person at a desk."""
    return Seat(actor, desk.database.engine.url.render_as_string(hide_password=False))


@lru_cache(maxsize=2)
def _database(url: str) -> Database:
    return open_database(url, create=False)


def _book(seat: Seat) -> Book:
    return Book(_database(seat.url), catalogue(), seat.actor)


def _office(seat: Seat) -> Office:
    return open_desk(_book(seat))


@dataclass(frozen=True)
class Readiness:
    """Whether certificates can be issued here; `problem` says what is missing."""

    problem: str = ""
    four_eyes: bool = False


def look(book: Book) -> Readiness:
    """Whether there are keys, a passphrase that opens them, and an issuer's file; called by the server itself."""
    try:
        office = open_desk(book)
    except PcfError as problem:
        return Readiness(str(problem))
    return Readiness(four_eyes=office.profile.four_eyes)


def choices(seat: Seat, kind: str, contains: str, without: str) -> tuple[list[Choice], bool]:
    """What of a kind can still be certified; see `Chooser.list`."""
    from pcf.certificate.choices import Chooser

    office = _office(seat)
    with office.book.read() as connection:
        return Chooser(connection, office.book.catalogue, office.profile, without).list(kind, contains)


def find_choice(seat: Seat, kind: str, name: str, site: str, year: int | None, without: str) -> Choice | None:
    """One choice, if it is one."""
    from pcf.certificate.choices import Chooser

    office = _office(seat)
    with office.book.read() as connection:
        return Chooser(connection, office.book.catalogue, office.profile, without).find(kind, name, site, year)


@dataclass(frozen=True)
class Preview:
    """A certificate as it would be: its document, the checks, its pages as pictures [PNG] and as a file."""

    document: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    pictures: Sequence[bytes]
    pdf: bytes


def preview(seat: Seat, order: Order) -> Preview:
    """Compute an order and pass every check of an issue; nothing is recorded or signed."""
    from pcf.certificate.rehearsal import rehearse
    from pcf.certificate.render import pictures, render

    office = _office(seat)
    _check_shipment(office.book, order)
    case, document = rehearse(office, order, this_day())
    checks = {check["id"]: check for part in _parts(case) for check in part["checks"]}
    if case.interval is not None:
        checks.pop("A-18", None)  # of single footprints, which have no interval: the certificate has one
    return Preview(document, list(checks.values()), pictures(document, order.lang, PPI), render(document, order.lang))


def _parts(case: Any) -> list[Mapping[str, Any]]:
    """Footprints behind a case; a check that warns of one heat stands before the same one that passes of another."""
    found = [case.footprint, *([] if case.batch is None else [item["footprint"] for item in case.batch["heats"]])]
    return sorted(found, key=lambda item: sum(check["status"] != "pass" for check in item["checks"]))


def _check_shipment(book: Book, order: Order) -> None:
    if order.request.kind == "shipment":
        with book.read() as connection:
            check_receiver(party_of(connection, order.request.name), order.customer, "customer", order.request.name)


def issue_one(seat: Seat, order: Order) -> str:
    """Issue a certificate; gives its number. A repeat under the key of the order gives the one that is there."""
    from pcf.certificate.issue import issue

    office = _office(seat)
    _check_shipment(office.book, order)
    return issue(office, order, this_day()).number


def draft_one(seat: Seat, order: Order) -> str:
    """Pass every check and keep the order for somebody else to release; gives its id."""
    from pcf.certificate.drafting import is_drafted, save_draft
    from pcf.certificate.rehearsal import rehearse

    office = _office(seat)
    with office.book.read() as connection:
        known = is_drafted(connection, order)
    if not known:
        _check_shipment(office.book, order)
        rehearse(office, order, this_day())
    return save_draft(office.book, order)


def release_one(seat: Seat, identity: str) -> str:
    """Issue the certificate of a draft, computed anew; gives its number."""
    from pcf.certificate.drafting import release

    return release(_office(seat), identity, this_day()).number


def make_pdf(seat: Seat, number: str) -> bytes:
    """The signed file of a recorded certificate."""
    from pcf.certificate.issue import make_file

    return make_file(_office(seat), number)


# Many at once ------------------------------------------------------------------------------------------------------------


def read_upload(seat: Seat, path: str, method: Method, prints: str) -> list[Placed]:
    """Orders of an uploaded table, each held against the book.

    Raises
    ------
    DataError
        With every row that is wrong.
    InputError
        For a file that is no table, or too large.
    """
    from pcf.certificate.choices import check_orders
    from pcf.views.certificate_orders import read_placed

    office = _office(seat)
    placed = read_placed(Path(path), method, prints, MOST_ROWS)
    with office.book.read() as connection:
        problems = check_orders(connection, office.book.catalogue, office.profile, [(item.place, item.order) for item in placed])
        for item in placed:
            if item.order.request.kind == "shipment":
                try:
                    check_receiver(
                        party_of(connection, item.order.request.name), item.order.customer, item.place, item.order.request.name
                    )
                except InputError as problem:
                    problems.append(problem)
    if problems:
        raise DataError(problems)
    return placed


def issue_some(seat: Seat, orders: Sequence[tuple[str, Order]], folder: str) -> list[Outcome]:
    """Issue a few orders of a table into a folder; with four eyes each becomes a draft."""
    from pcf.certificate.bulk import issue_all
    from pcf.views.files import write_bytes

    office = _office(seat)
    if office.profile.four_eyes:
        return [_drafted(seat, name, order) for name, order in orders]
    return [item for some in issue_all(office, orders, Path(folder), this_day(), write=write_bytes) for item in some]


def _drafted(seat: Seat, name: str, order: Order) -> Outcome:
    from pcf.certificate.bulk import Outcome

    try:
        return Outcome(name, number=draft_one(seat, order))
    except PcfError as problem:
        return Outcome(name, refused=str(problem))
