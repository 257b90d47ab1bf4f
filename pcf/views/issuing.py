"""What commands and pages share when certificates are issued: the method's choices, the day, whom a certificate is for, the issuer's desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pcf.certificate.issue import Office
    from pcf.custody.book import Book

ISSUER = "issuer"
"""Name of the issuer whose keys sign, unless another one is named."""

METHOD: dict[str, tuple[str, ...]] = {
    "electricity": ("contract", "location"), "attribution": ("attributed", "site-average"), "low_voltage_pfc": ("included", "excluded"),
    "scrap": ("cut-off", "co-product"), "gwp": ("AR6", "AR5"),
}  # fmt: skip
"""Choices of the method that an issuer has; low-voltage PFC is in the result unless the plant has measured it."""


def this_day() -> date:
    """The day of issue."""
    return date.today()  # noqa: DTZ011 (the issuer's own day)


def read_day(value: str | None, place: str = "--valid-until") -> date | None:
    """The last day that somebody wants."""
    if value is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:  # weeks and days without hyphens are days too, to Python
        raise InputError(place, repr(value), "a day such as 2027-03-31")
    return found


def party_of(connection: Connection, shipment: str) -> dict[str, str]:
    """The party that a shipment went to, with its order: whom a certificate of it is for.

    Raises
    ------
    InputError
        For what is no shipment.
    """
    from sqlalchemy import select

    from pcf.custody import tables
    from pcf.custody.masters import read_now

    row = connection.execute(
        select(tables.shipment.c.customer, tables.shipment.c.details).where(tables.shipment.c.unit == shipment)
    ).first()
    if row is None:
        raise InputError("--shipment", repr(shipment), "a recorded shipment", "pcf ship list")
    party = read_now(connection, tables.party, [row.customer])[row.customer]
    details = json.loads(party["details"])
    order = json.loads(row.details).get("order", "")
    return {"name": party["name"], "address": details.get("address", ""), "country": details.get("country", ""), "order": order}


def check_receiver(party: Mapping[str, str], customer: Mapping[str, Any], place: str, shipment: str) -> None:
    """Refuse a certificate of a shipment for anybody but whom it went to.

    Raises
    ------
    InputError
    """
    from pcf.custody.plain import plain

    if plain(str(customer["name"])) != plain(party["name"]):
        raise InputError(
            f"{place}, name", repr(customer["name"]), f"the customer of shipment {shipment}: {party['name']!r}",
            "a certificate of a shipment is for whom it went to",
        )  # fmt: skip


def open_desk(book: Book, profile: Path | None = None, issuer: str = ISSUER) -> Office:
    """The issuer with his file and keys."""
    from pcf.certificate.desk import find_profile, open_log_key, open_office
    from pcf.settings import home
    from pcf.store.passphrase import find_passphrase

    found, passphrase = find_profile(home(), profile), find_passphrase()
    return open_office(book, home(), issuer, found, open_log_key(home(), passphrase), passphrase)
