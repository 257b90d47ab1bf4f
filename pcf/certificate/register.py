"""The register of certificates: the next number, what a certificate covers, how it ends; in one transaction with the ledger.

The printed number counts without a gap, since it is given in the transaction that records the certificate. The public id is random:
nobody finds a certificate by trying numbers.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from pcf.certificate.cover import ENDED, KIND, check_fresh, cover
from pcf.certificate.draft import find_legs
from pcf.certificate.evidence import SITE_POWER, site_power
from pcf.certificate.gather import Case
from pcf.certificate.listing import keep
from pcf.certificate.status_list import LEAST_BITS, Reason, StatusList
from pcf.custody.book import Book, Work
from pcf.custody.draws import Pool, draw_rows
from pcf.custody.tables import calculation_seal, certificate_end, footprint_certificate
from pcf.errors import CheckFailed, DataError, InputError
from pcf.exchange.sharing.register import deprecate_certificate
from pcf.store.events import compact, digest
from pcf.store.schema import event

PREFIX = "PCF"
IDENTITY = "urn:pcf-aluminium:certificate:"
"""How the id of a credential begins; the public id follows."""

REVOKED, SUPERSEDED = "revoked", "superseded"


@dataclass(frozen=True)
class Entry:
    """A certificate as it is recorded; `seq` and `time` [us] are those of its event."""

    number: str
    id: str
    seq: int
    time: int
    place: int
    seal: str
    document: Mapping[str, Any]
    lang: str
    exchange: Mapping[str, Any] | None
    payload: str

    @property
    def identity(self) -> str:
        """Id of the credential."""
        return IDENTITY + self.id


@dataclass(frozen=True)
class Made:
    """A certificate's document, how it is printed, and its footprint as other systems read it."""

    document: dict[str, Any]
    lang: str
    exchange: Mapping[str, Any]


Make = Callable[[str, str, Entry | None], Made]
"""Makes a certificate of its number, its public id, and the one that it takes the place of."""


def record_certificate(
    book: Book, case: Case, make: Make, issued: date, key: str, asked: str, replaces: str = "", reason: str = "",
    also: Callable[[Work, str], None] | None = None,
) -> Entry:  # fmt: skip
    """Record a certificate with the metal that it covers; a repeat under the same key gives the one that is there.

    Parameters
    ----------
    make : callable
        See `Make`.
    key, asked : str
        What makes a repeat known, and the digest of all that was asked for.
    replaces, reason : str
        Number of the certificate that this one takes the place of, and why.
    also : callable, optional
        What is recorded with the certificate of a number, or not at all.

    Raises
    ------
    CheckFailed, DataError
        Where the metal is not there or certified already, the MWh behind it or the plant's production do not reach for what was
        certified meanwhile, or the product's year is certified the other way.
    InputError
        For a key that another request has, and a certificate to be replaced that is of something else or holds no more.
    Stale
        Where the book has grown since the case was computed, or other metal remains of what is certified by batch.
    """
    with book.write() as work:
        if known := find_known(work.connection, key, asked):
            return known
        check_fresh(work, case)
        place = f"{case.request.kind} {case.request.name}"
        number, public = next_number(work.connection, issued.year), secrets.token_urlsafe(24)
        before = _replace(work, case, replaces, issued, reason, number) if replaces else None
        rows, masses = cover(work, place, case)
        if work.problems:
            raise DataError(work.problems)
        made = make(number, public, before)
        row = {
            "number": number, "id": IDENTITY + public, "kind": case.request.kind, "unit": case.unit, "product": case.pool.product,
            "site": case.pool.site, "year": case.pool.year, "mass_kg": case.mass_kg, "issued": made.document["issued"],
            "valid_until": made.document["valid_until"], "seal": case.seal_sha256, "place": _count(work.connection),
            "details": compact({
                "document": made.document, "lang": made.lang, "exchange": made.exchange, "plant_sha256": case.plant_sha256,
                SITE_POWER: {
                    leg: repr(taken) for leg, taken in site_power(*find_legs(case.footprint), case.power).items()
                },
            }),
        }  # fmt: skip
        _keep_seal(work.connection, case)
        work.add(KIND, f"{KIND}:{key}", asked, {
            "footprint_certificate": [row], "certificate_draw": draw_rows(number, masses), "certificate_choice": rows
        })  # fmt: skip
        if also is not None:
            also(work, number)
        work.tx.flush()
        keep(work.connection, number, made.document)
        return read_entry(work.connection, number)


def _replace(work: Work, case: Case, number: str, day: date, reason: str, by: str) -> Entry:
    """End the certificate that another one takes the place of."""
    before = _end(work, number, SUPERSEDED, day, reason, by)
    table = footprint_certificate
    row = work.connection.execute(
        select(table.c.product, table.c.site, table.c.year, table.c.unit).where(table.c.number == before.number)
    ).one()  # fmt: skip
    if Pool(*row[:3]) != case.pool or row.unit != case.unit:
        raise InputError(
            "--replaces", f"{before.number}, of {row.unit or Pool(*row[:3])}", f"a certificate of {case.unit or case.pool}",
            "a certificate of something else is revoked, not replaced",
        )  # fmt: skip
    return before


def _keep_seal(connection: Connection, case: Case) -> None:
    """Keep a calculation; two certificates may be of the same one."""
    known = select(calculation_seal.c.sha256).where(calculation_seal.c.sha256 == case.seal_sha256)
    if connection.execute(known).first() is None:
        connection.execute(insert(calculation_seal), {"sha256": case.seal_sha256, "bundle": case.seal})


def next_number(connection: Connection, year: int) -> str:
    """The next number of a year: one more than there are."""
    query = select(func.count()).where(footprint_certificate.c.number.startswith(f"{PREFIX}-{year}-"))
    return f"{PREFIX}-{year}-{int(connection.execute(query).scalar_one()) + 1:06d}"


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(footprint_certificate)).scalar_one())


def find_known(connection: Connection, key: str, asked: str) -> Entry | None:
    """The certificate that was issued under a key, or None.

    Raises
    ------
    InputError
        For a key that another request has.
    """
    query = (
        select(event.c.request, footprint_certificate.c.number)
        .join(event, event.c.seq == footprint_certificate.c.event_seq).where(event.c.key == f"{KIND}:{key}")
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None:
        return None
    if row.request != asked:
        found = f"{key.removeprefix('key:')!r}, under which {row.number} was issued"
        raise InputError("--key", found, "the same request as before, or a new key")
    if end := read_ends(connection).get(row.number):
        raise InputError(
            "--key", f"{key.removeprefix('key:')!r}, whose certificate {row.number} is {end.status} since {end.date}", "a new key"
        )
    return read_entry(connection, row.number)


def read_entry(connection: Connection, number: str) -> Entry:
    """A recorded certificate by its number or public id.

    Raises
    ------
    InputError
        For one that is not there.
    """
    table = footprint_certificate
    row = connection.execute(_entries().where((table.c.number == number) | (table.c.id == IDENTITY + number))).first()
    if row is None:
        raise InputError("certificate", repr(number[:60]), "the number or id of an issued certificate", "pcf certificate list")
    return _entry(row)


def read_entries(connection: Connection) -> list[Entry]:
    """Every certificate, in the order of issue."""
    return [_entry(row) for row in connection.execute(_entries().order_by(footprint_certificate.c.event_seq))]


def _entries() -> Any:
    table = footprint_certificate
    return select(table, event.c.time, event.c.payload).join(event, event.c.seq == table.c.event_seq)


def _entry(row: Any) -> Entry:
    """A row, as long as it is what the log has of it: whoever changes a row by the back door gets nothing signed."""
    recorded = json.loads(row.payload)["rows"]["footprint_certificate"][0]
    if any(getattr(row, name) != value for name, value in recorded.items()):
        raise CheckFailed(f"certificate {row.number}: its row is not what the log has of it; nothing was signed; pcf log verify")
    details = json.loads(row.details)
    return Entry(
        row.number, row.id.removeprefix(IDENTITY), row.event_seq, row.time, row.place, row.seal, details["document"], details["lang"],
        details["exchange"], row.payload,
    )  # fmt: skip


def read_bundle(connection: Connection, entry: Entry) -> bytes:
    """The sealed calculation of a certificate."""
    query = select(calculation_seal.c.bundle).where(calculation_seal.c.sha256 == entry.seal)
    found = connection.execute(query).scalar()
    if found is None or hashlib.sha256(found).hexdigest() != entry.seal:
        raise CheckFailed(f"certificate {entry.number}: the sealed calculation is missing or was changed; restore a backup")
    return bytes(found)


@dataclass(frozen=True)
class Ended:
    """How a certificate ended."""

    number: str
    status: str
    date: str
    reason: str
    replaced_by: str | None
    place: int


def read_ends(connection: Connection) -> dict[str, Ended]:
    """Certificates that no longer hold, by number."""
    query = select(certificate_end, footprint_certificate.c.place).join(
        footprint_certificate, footprint_certificate.c.number == certificate_end.c.number
    )
    return {
        row.number: Ended(row.number, row.status, row.date, row.reason, row.replaced_by, row.place)
        for row in connection.execute(query)
    }


def list_entries(connection: Connection, contains: str, limit: int) -> list[dict[str, Any]]:
    """Certificates as a list, the newest first, with whether they hold."""
    table = footprint_certificate
    query = select(table).order_by(table.c.event_seq.desc())
    ends = read_ends(connection)
    found = []
    for row in connection.execute(query):
        document = json.loads(row.details)["document"]
        end = ends.get(row.number)
        shown = {
            "number": row.number, "status": "active" if end is None else end.status, "certified": row.unit or row.product,
            "product": row.product, "site": row.site, "year": row.year, "mass_kg": row.mass_kg,
            "footprint": document["footprint"]["printed"], "customer": document["customer"]["name"], "issued": row.issued,
            "valid_until": row.valid_until, "id": row.id.removeprefix(IDENTITY),
        }  # fmt: skip
        if contains.casefold() in " ".join(map(str, shown.values())).casefold():
            found.append(shown)
        if len(found) == limit:
            break
    return found


def revoke(book: Book, number: str, day: date, reason: str) -> Ended:
    """Revoke a certificate: the metal that it covers is free again, the certificate never is.

    Raises
    ------
    InputError
        For one that is not there, or has ended already; a repeat with the same reason is known.
    """
    with book.write() as work:
        entry = read_entry(work.connection, number)
        known = read_ends(work.connection).get(entry.number)
        if known is not None and (known.status, known.reason) == (REVOKED, reason):
            return known
        _end(work, entry.number, REVOKED, day, reason, None)
        return read_ends(work.connection)[entry.number]


def _end(work: Work, number: str, status: str, day: date, reason: str, replaced_by: str | None) -> Entry:
    """End a certificate that holds: its metal is free for what follows in this writing."""
    entry = read_entry(work.connection, number)
    known = read_ends(work.connection).get(entry.number)
    if known is not None:
        raise InputError(
            f"certificate {entry.number}", f"{known.status} on {known.date}: {known.reason}", f"one that holds, to be {status}"
        )
    if not reason.strip() or len(reason) > 300 or not reason.isprintable():
        raise InputError("--reason", repr(reason[:60]), "why, in at most 300 characters")
    if day.isoformat() < entry.document["issued"]:
        raise InputError("--date", day.isoformat(), f"the day of issue, {entry.document['issued']}, or later")
    row = {"number": entry.number, "status": status, "date": day.isoformat(), "reason": reason, "replaced_by": replaced_by}
    work.add(ENDED, f"{ENDED}:{entry.number}", digest(row), {"certificate_end": [row]})
    work.tx.flush()
    deprecate_certificate(work.tx, entry.number)
    return entry


def make_lists(connection: Connection) -> list[StatusList]:
    """The status lists over all certificates, with reasons; the first one is there before the first certificate."""
    count = _count(connection)
    lists = [StatusList.empty() for _ in range(max(1, -(-count // LEAST_BITS)))]
    ids = {}
    ends = read_ends(connection)
    if replacing := [end.replaced_by for end in ends.values() if end.replaced_by]:
        query = select(footprint_certificate.c.number, footprint_certificate.c.id).where(
            footprint_certificate.c.number.in_(replacing)
        )
        ids = dict(connection.execute(query).all())
    for end in ends.values():
        number, index = divmod(end.place, LEAST_BITS)
        instead = ids.get(end.replaced_by or "", "")
        lists[number] = lists[number].with_bit(index, reason=Reason(index, f"{end.status}: {end.reason}", end.date, instead))
    return lists
