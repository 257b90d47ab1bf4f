"""What covers papers on a shipment: what its account and its metal still allow, before anything is issued."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, func, select

from pcf.custody.accounts import Balance, balance
from pcf.custody.book import Span, read_periods
from pcf.custody.documents import not_void
from pcf.custody.ledger import CREDIT
from pcf.custody.listing import Reason, voids_of
from pcf.custody.masters import scope_certificate
from pcf.custody.shipments import own_mass
from pcf.custody.tables import document, scope_site, shipment, site, statement, unit, void
from pcf.custody.trace import mixed_content
from pcf.errors import InputError


@dataclass(frozen=True)
class Cover:
    """What may still be said of a shipment; masses in kg.

    Attributes
    ----------
    own_kg : int
        Mass without metal that belongs to customers: no document covers more.
    documented_kg, claimed : int, mapping of str to int
        What standing documents cover; what standing claims say by attribute.
    span : Span, optional
        Accounting period of the shipment's day; None where there is none.
    account, accounts : Balance, mapping of str to Balance
        The shipment's account, and those of recycled content, in that period.
    content : mapping of str to Fraction
        Post- and pre-consumer content of the physical metal [1].
    """

    shipment: str
    date: str
    zone: str
    customer: str
    scope: str
    certificate: str
    mass_kg: int
    own_kg: int
    documented_kg: int
    claimed: Mapping[str, int]
    span: Span | None
    account_name: str
    account: Balance | None
    accounts: Mapping[str, Balance]
    content: Mapping[str, Fraction]
    void: Reason | None

    @property
    def undocumented_kg(self) -> int:
        """What no document covers yet [kg]."""
        return self.own_kg - self.documented_kg

    @property
    def issuable_kg(self) -> int:
        """The most that a document may cover now [kg]."""
        return 0 if self.account is None else max(min(self.undocumented_kg, self.account.available), 0)


def read_cover(connection: Connection, name: str) -> Cover:
    """What covers papers on a shipment.

    Raises
    ------
    InputError
        For what is no recorded shipment.
    """
    row = connection.execute(
        select(unit, shipment.c.customer, shipment.c.account, shipment.c.details, site.c.timezone, scope_site.c.scope)
        .join(shipment, shipment.c.unit == unit.c.id).join(site, site.c.id == unit.c.site)
        .outerjoin(scope_site, scope_site.c.site == unit.c.site).where(unit.c.id == name)
    ).first()  # fmt: skip
    if row is None:
        raise InputError("shipment", repr(name[:80]), "a recorded shipment", "pcf ship list")
    scope = row.scope or ""
    span = next((item for item in read_periods(connection).get(scope, []) if item.start <= row.date <= item.end), None)
    account, accounts = None, {}
    if span is not None:
        account = balance(connection, scope, row.account, span.id)
        accounts = {attribute: balance(connection, scope, attribute, span.id) for attribute in CREDIT}
    documented = select(func.coalesce(func.sum(document.c.coc_kg), 0)).where(
        document.c.unit == name, document.c.direction == "out", not_void()
    )
    claims = select(statement.c.attribute, func.sum(statement.c.mass_kg)).where(
        statement.c.shipment == name, statement.c.id.not_in(select(void.c.target).where(void.c.target_kind == "statement"))
    )
    post, pre = mixed_content(connection, name)
    return Cover(
        name, row.date, row.timezone, row.customer, scope, (scope_certificate(connection, scope) if scope else None) or "",
        row.mass_kg, own_mass(json.loads(row.details), row.mass_kg), int(connection.execute(documented).scalar_one()),
        {attribute: int(mass) for attribute, mass in connection.execute(claims.group_by(statement.c.attribute))},
        span, row.account, account, accounts, dict(zip(CREDIT, (post, pre), strict=True)), voids_of(connection, [name]).get(name),
    )  # fmt: skip
