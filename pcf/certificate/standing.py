"""Whether a certificate of the own register holds, asked by somebody who has its public id."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pcf.certificate.register import IDENTITY, Ended, Entry, read_entry
from pcf.custody.tables import certificate_end, footprint_certificate

_PUBLIC = re.compile("[A-Za-z0-9_-]{32}", re.ASCII)
"""24 random bytes: nobody finds one by trying."""


@dataclass(frozen=True)
class Standing:
    """A certificate, how it ended if it did, and the id of the credential that took its place."""

    entry: Entry
    end: Ended | None
    instead: str = ""


def find_standing(connection: Connection, public: str) -> Standing | None:
    """The certificate of a public id, or None; a number, which can be guessed, finds nothing.

    Raises
    ------
    CheckFailed
        For one whose row is not what the log has of it.
    """
    if not _PUBLIC.fullmatch(public):
        return None
    table = footprint_certificate
    number = connection.execute(select(table.c.number).where(table.c.id == IDENTITY + public)).scalar()
    if number is None:
        return None
    entry = read_entry(connection, number)
    row = connection.execute(select(certificate_end).where(certificate_end.c.number == number)).first()
    if row is None:
        return Standing(entry, None)
    instead = connection.execute(select(table.c.id).where(table.c.number == row.replaced_by)).scalar()
    return Standing(entry, Ended(number, row.status, row.date, row.reason, row.replaced_by, entry.place), instead or "")
