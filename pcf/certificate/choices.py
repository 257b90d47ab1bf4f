"""What can still be certified, with the mass that is left: products of a year, batches, shipments.

What stands here has metal, a plant with data of its own year, and an issuer who has named the product; whether every check passes is
known when it is computed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, or_, select

from pcf.catalogue import Catalogue
from pcf.certificate.drafting import is_drafted
from pcf.certificate.issue import Order, key_of
from pcf.certificate.profile import Profile
from pcf.certificate.register import find_known
from pcf.custody.batch import find_casthouse
from pcf.custody.draws import (
    AVERAGE,
    BATCH,
    MADE_OF_HEATS,
    Pool,
    calc_pool,
    left_to_certify,
    pools_of,
    read_choice,
    read_pool,
)
from pcf.custody.genealogy import voided_units
from pcf.custody.heats import Heats, heats_of
from pcf.custody.masters import read_now
from pcf.custody.plant_years import choose_site
from pcf.custody.remaining import read_remaining
from pcf.custody.tables import heat, party, shipment, unit
from pcf.errors import InputError

CERTIFIABLE = ("site-result", "demonstration")
CHUNK, MOST_LOOKED_AT = 50, 1_000
"""Units that are read together, and at which one list looks: beyond them a search narrows it."""

LONGEST = 100


@dataclass(frozen=True)
class Choice:
    """Something that can be certified; `left_kg` is the largest mass that a certificate can still cover."""

    kind: str
    name: str
    product: str
    site: str
    year: int
    date: str
    mass_kg: int
    left_kg: int
    customer: str = ""


@dataclass
class Chooser:
    """Looks at one view of the book; what several choices share is read once."""

    connection: Connection
    catalogue: Catalogue
    profile: Profile
    without: str = ""
    _pools: dict[Pool, bool] = field(default_factory=dict)
    _bases: dict[Pool, str | None] = field(default_factory=dict)

    def list(self, kind: str, contains: str = "", most: int = 50) -> tuple[list[Choice], bool]:
        """Choices of a kind, the newest first, and whether there may be more.

        Parameters
        ----------
        contains : str
            Part of the id, product or customer.
        """
        found: list[Choice] = []
        source = self._products(contains) if kind == "product" else self._units(kind, contains)
        for item in source:
            if item is None:  # as far as one list looks
                return found, True
            found.append(item)
            if len(found) == most:
                return found, True
        return found, False

    def find(self, kind: str, name: str, site: str = "", year: int | None = None) -> Choice | None:
        """The choice of a name, if it is one."""
        if kind == "product":
            return next((
                item for item in self._products(name)
                if (item.name, item.site, item.year) == (name, site or item.site, year or item.year)
            ), None)  # fmt: skip
        row = self.connection.execute(_unit_rows(kind).where(unit.c.id == name)).first()
        return None if row is None else self._unit(kind, row)

    def _products(self, contains: str) -> Iterator[Choice]:
        year = func.substr(unit.c.date, 1, 4)
        query = (
            select(heat.c.product, unit.c.site, year.label("year"), func.max(unit.c.date).label("date"))
            .join(unit, unit.c.id == heat.c.unit).where(unit.c.id.not_in(voided_units()))
            .group_by(heat.c.product, unit.c.site, year).order_by(year.desc(), heat.c.product, unit.c.site)
        )  # fmt: skip
        if contains:
            query = query.where(heat.c.product.icontains(contains[:LONGEST], autoescape=True))
        for row in self.connection.execute(query).all():
            pool = Pool(row.product, row.site, int(row.year))
            if not self._sound(pool) or not self._is_cast(pool.product):
                continue
            whole = int(calc_pool(self.connection, pool))
            if self._basis(pool) == BATCH:  # its average is that of what remains
                left = int(sum(read_remaining(self.connection, pool, self.without).values()))
            else:
                left = whole - read_pool(self.connection, pool, self.without)
            if left > 0:
                yield Choice("product", pool.product, pool.product, pool.site, pool.year, row.date, whole, left)

    def _is_cast(self, product: str) -> bool:
        """Whether a product is sold as it is cast: any other one is certified by what was made of which heat."""
        item = self.catalogue.products[product]
        return not item.charge or find_casthouse(self.catalogue, product) == item.process

    def _units(self, kind: str, contains: str) -> Iterator[Choice | None]:
        query = _unit_rows(kind).order_by(unit.c.date.desc(), unit.c.id).limit(CHUNK)
        if contains:
            part = contains[:LONGEST]
            columns = [unit.c.id, *([party.c.name, party.c.id, shipment.c.details] if kind == "shipment" else [unit.c.material])]
            query = query.where(or_(*(column.icontains(part, autoescape=True) for column in columns)))
        for start in range(0, MOST_LOOKED_AT, CHUNK):
            rows = self.connection.execute(query.offset(start)).all()
            yield from (item for row in rows if (item := self._unit(kind, row)) is not None)
            if len(rows) < CHUNK:
                return
        yield None

    def _unit(self, kind: str, row: Any) -> Choice | None:
        try:
            pools = pools_of(self.connection, heats_of(self.connection, row.id))
            if len(pools) != 1:
                return None
            pool = pools.pop()
            if not self._sound(pool) or self._basis(pool) == AVERAGE:
                return None
            left = left_to_certify(self.connection, row.id, self.without)
        except InputError:  # not made of heats alone
            return None
        if left <= 0:
            return None
        return Choice(
            kind,
            row.id,
            pool.product,
            pool.site,
            pool.year,
            row.date,
            row.mass_kg,
            left,
            row.customer if kind == "shipment" else "",
        )

    def _basis(self, pool: Pool) -> str | None:
        if pool not in self._bases:
            self._bases[pool] = read_choice(self.connection, pool)
        return self._bases[pool]

    def _sound(self, pool: Pool) -> bool:
        """Whether the plant's own data of the year are in, and the issuer sells the product."""
        if pool not in self._pools:
            self._pools[pool] = pool.product in self.profile.products and self._has_data(pool)
        return self._pools[pool]

    def _has_data(self, pool: Pool) -> bool:
        try:
            plant = Heats(self.connection, self.catalogue).plant(pool.site)
            name, provisional = choose_site(self.catalogue, plant, pool.year)
        except InputError:
            return False
        return not provisional and pool.product in self.catalogue.products and self.catalogue.sites[name].standing in CERTIFIABLE


def _unit_rows(kind: str) -> Any:
    query = select(unit.c.id, unit.c.kind, unit.c.date, unit.c.mass_kg).where(unit.c.id.not_in(voided_units()))
    if kind != "shipment":
        return query.where(unit.c.kind.in_([name for name in MADE_OF_HEATS if name != "shipment"]))
    joined = query.add_columns(party.c.name.label("customer")).join(shipment, shipment.c.unit == unit.c.id)
    return joined.join(party, party.c.id == shipment.c.customer).where(unit.c.kind == "shipment")


def list_parties(connection: Connection, contains: str = "", most: int = 50) -> list[dict[str, str]]:
    """Recorded parties as customers: id, name, address, country; those of one's own company are none."""
    query = select(party.c.id).order_by(party.c.name, party.c.id).limit(4 * most)
    if contains:
        query = query.where(
            or_(*(column.icontains(contains[:LONGEST], autoescape=True) for column in (party.c.id, party.c.name)))
        )
    found = []
    for name, row in read_now(connection, party, connection.execute(query).scalars()).items():
        details = json.loads(row["details"])
        if not details.get("own"):
            found.append({
                "id": name, "name": row["name"], "address": details.get("address") or "", "country": details.get("country") or "",
            })  # fmt: skip
    return sorted(found, key=lambda item: item["name"])[:most]


def check_orders(
    connection: Connection, catalogue: Catalogue, profile: Profile, orders: Sequence[tuple[str, Order]]
) -> list[InputError]:  # fmt: skip
    """Problems of orders, each with its place, before anything is computed: what is not there, and more than is left of it.

    An order whose certificate is there already has none.

    Orders of one file draw on the same metal one after another; what they take of each other's metal behind it the issue itself sees.
    """
    chooser = Chooser(connection, catalogue, profile)
    known: dict[tuple[str, str, str, int | None], Choice | None] = {}
    taken: dict[tuple[str, str, str, int | None], int] = {}
    problems = []
    for place, order in orders:
        request = order.request
        try:
            if find_known(connection, key_of(order), order.digest()) or is_drafted(connection, order):
                continue
        except InputError as problem:
            problems.append(InputError(f"{place}, order", problem.found, problem.expected, problem.advice))
            continue
        key = (request.kind, request.name, request.site, request.year)
        if key not in known:
            known[key] = chooser.find(*key)
        found = known[key]
        if found is None:
            problems.append(InputError(
                f"{place}, {request.kind}", repr(request.name), f"a {request.kind} of which something can still be certified",
                "it is not recorded, is certified already, or its plant's data of the year are not in",
            ))  # fmt: skip
            continue
        left = found.left_kg - taken.get(key, 0)
        mass = left if request.mass_kg is None else request.mass_kg
        if mass > left or left <= 0:
            problems.append(InputError(
                f"{place}, mass_kg", f"{mass:,} kg of {request.name}" if request.mass_kg else f"all of {request.name}",
                f"at most the {max(left, 0):,} kg that are left, all rows together",
            ))  # fmt: skip
            continue
        taken[key] = taken.get(key, 0) + mass
    return problems
