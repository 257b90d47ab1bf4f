"""What certificates of a footprint draw: every kilogram of metal at most once, whatever it is called by then.

A certificate on a shipment draws on the shipment and on every unit behind it, up to the heats: a coil draws on its slab the mass
that was rolled, trim included, because the trim bears no burden. So a heat and a bundle of it cannot both be certified in full,
and the certified footprints and the rest of the metal add up to what the casthouse has emitted.

Metal that was charged into another heat is the metal of that heat: nobody can certify it under its first name any more. A customer's
own metal that is only melted here is his to certify, as no document of the scope covers it: of each unit his share is left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.custody.book import Work
from pcf.custody.genealogy import RETURN, voided_units
from pcf.custody.tables import (
    certificate_choice,
    certificate_draw,
    certificate_end,
    consumption,
    footprint_certificate,
    heat,
    unit,
)
from pcf.custody.trace import TOLLED, tolled_share
from pcf.errors import InputError

AVERAGE, BATCH = "average", "batch"
"""How a product of a site and year is certified: chosen with the first certificate, and kept."""

MADE_OF_HEATS = ("heat", "bundle", "processed", "shipment")
LAST_DAY = "9999-12-31"
MOST_UNITS = 20_000
"""Units behind one certificate that are followed."""


@dataclass(frozen=True)
class Pool:
    """What a product certificate draws on: a product that a site cast in a calendar year."""

    product: str
    site: str
    year: int

    def __str__(self) -> str:
        return f"{self.product} of {self.site} in {self.year}"


def find_masses(connection: Connection, name: str, mass_kg: int) -> dict[str, Fraction]:
    """What a mass of a unit is of each unit behind it, itself included, up to the heats [kg of that unit].

    Raises
    ------
    InputError
        For what is not made of heats alone, or is void.

    Notes
    -----
    Of a unit of mass `P` that took `t` of a unit behind it, the mass `m` is `m t / P` of that one.
    """
    row = connection.execute(
        select(unit.c.kind, unit.c.mass_kg).where(unit.c.id == name, unit.c.id.not_in(voided_units()))
    ).first()  # fmt: skip
    if row is None or row.kind not in MADE_OF_HEATS:
        raise InputError("unit", repr(name), "a heat, bundle, coil or shipment that stands", "pcf cast list")
    if mass_kg > row.mass_kg:
        raise InputError("mass_kg", f"{mass_kg:,}", f"at most the mass of {name}: {row.mass_kg:,}")
    return _follow(connection, name, Fraction(mass_kg), row, bought=False)


def _follow(connection: Connection, name: str, kg: Fraction, row: Any, *, bought: bool) -> dict[str, Fraction]:
    """A mass of a unit and what it is of each unit behind it; `bought` metal in it is refused, or left out."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    front = {name: (kg, row.kind, row.mass_kg)}
    while front:
        above: dict[str, tuple[Fraction, str, int]] = {}
        for one, (mass, kind, whole) in front.items():
            found[one] += mass
            if kind == "heat":
                continue
            for line in _parents(connection, one):
                if line.kind not in MADE_OF_HEATS:
                    if bought:
                        continue
                    raise InputError(f"unit {name}", f"{line.parent} ({line.kind}) in it", "what is made of heats alone")
                before = above[line.parent][0] if line.parent in above else Fraction(0)
                above[line.parent] = (before + mass * line.taken / whole, line.kind, line.mass_kg)
        if len(found) > MOST_UNITS:
            raise InputError(f"unit {name}", f"more than {MOST_UNITS:,} units behind it", "fewer")
        front = above
    return dict(found)


def _parents(connection: Connection, name: str) -> Iterable[Any]:
    query = (
        select(consumption.c.parent, consumption.c.mass_kg.label("taken"), unit.c.kind, unit.c.mass_kg)
        .join(unit, unit.c.id == consumption.c.parent).where(consumption.c.child == name)
    )  # fmt: skip
    return connection.execute(query).all()


def calc_remelted(connection: Connection, names: Iterable[str], gone: Sequence[str] = (), until: str = LAST_DAY) -> Fraction:
    """What of a few units was charged into heats, as themselves or as what was made of them [kg of these units].

    Parameters
    ----------
    names : iterable of str
        Heats, or one unit: of a bundle and its heat together the same metal would count twice.
    gone : sequence of str
        Heats that do not count, as if they were void.
    until : str
        Last day of what was charged.
    """
    return sum(read_remelted(connection, names, gone, until).values(), Fraction(0))


def read_remelted(
    connection: Connection, names: Iterable[str], gone: Sequence[str] = (), until: str = LAST_DAY
) -> dict[str, Fraction]:
    """What of each unit was charged into heats, as itself or as what was made of it [kg of that unit]; see `calc_remelted`."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    # kg of what is asked for in a kg of each unit below
    front: dict[str, dict[str, Fraction]] = {name: {name: Fraction(1)} for name in names}
    while front:
        below: dict[str, dict[str, Fraction]] = {}
        query = (
            select(consumption, unit.c.mass_kg.label("whole"), heat.c.unit.label("heat"))
            .join(unit, unit.c.id == consumption.c.child).outerjoin(heat, heat.c.unit == consumption.c.child)
            .where(
                consumption.c.parent.in_(list(front)), consumption.c.role != RETURN,
                consumption.c.child.not_in(voided_units()), consumption.c.child.not_in(gone), unit.c.date <= until,
            )
        )  # fmt: skip
        for line in connection.execute(query):
            held = found if line.heat is not None else below.setdefault(line.child, defaultdict(Fraction))
            for name, part in front[line.parent].items():
                held[name] += part * line.mass_kg / (1 if line.heat is not None else line.whole)
        front = below
    return dict(found)


def read_certified(connection: Connection, names: Iterable[str], without: str = "") -> dict[str, Fraction]:
    """What standing certificates have drawn of units [kg]; `without` is the number of one that is to end."""
    query = select(certificate_draw.c.unit, certificate_draw.c.kg).where(
        certificate_draw.c.unit.in_(list(names)), certificate_draw.c.number.not_in(_ended()), certificate_draw.c.number != without
    )
    found: dict[str, Fraction] = {}
    for name, mass in connection.execute(query):
        found[name] = found.get(name, Fraction(0)) + Fraction(mass)
    return found


def left_to_certify(connection: Connection, name: str, without: str = "") -> int:
    """The largest mass of a unit that a certificate can still cover [kg, whole]; `without` as in `read_certified`."""
    mass = _mass(connection, name)
    whole = find_masses(connection, name, mass)
    return max(0, min(int(_free(connection, one, without) / whole[one] * mass) for one in whole))


def _free(connection: Connection, name: str, without: str = "") -> Fraction:
    own = (_mass(connection, name) - calc_remelted(connection, [name])) * (1 - tolled_share(connection, name))
    return own - read_certified(connection, [name], without).get(name, Fraction(0))


def draw_unit(work: Work, place: str, name: str, mass_kg: int) -> dict[str, Fraction]:
    """What a certificate on a unit draws; problems where some of it has been drawn or remelted already.

    Raises
    ------
    InputError
        As `find_masses`.
    """
    work.tx.flush()
    wanted = find_masses(work.connection, name, mass_kg)
    for lack in find_lacks(work.connection, place, name, mass_kg, wanted):
        work.problem(lack.place, lack.found, lack.expected, lack.advice)
    return wanted


def find_lacks(
    connection: Connection, place: str, name: str, mass_kg: int, wanted: Mapping[str, Fraction]
) -> Iterator[InputError]:
    """Units of which a certificate wants more than is left of them."""
    for one, mass in wanted.items():
        free = _free(connection, one)
        if mass <= free:
            continue
        whose = "" if one == name else f", which {name} is made of"
        tolled = tolled_share(connection, one)
        less = f", without the {100 * float(tolled):.3g} % of it that is a customer's own" if tolled else ""
        yield InputError(
            f"{place}, mass_kg", f"{mass_kg:,} kg of {name}, that is {float(mass):,.3f} kg of {one}{whose}",
            f"at most the {max(float(free), 0):,.3f} kg of {one} that no certificate covers and nobody has remelted{less}",
            "pcf certificate list; a certificate that should not hold is revoked first",
        )  # fmt: skip


def draw_pool(work: Work, place: str, pool: Pool, mass_kg: int) -> None:
    """Check that a product certificate is covered by metal that was cast; a problem where it is not."""
    work.tx.flush()
    made = calc_pool(work.connection, pool)
    before = read_pool(work.connection, pool)
    if mass_kg > made - before:
        work.problem(
            f"{place}, mass_kg", f"{mass_kg:,} kg of {pool}, of which {before:,} kg are certified",
            f"at most what was cast and not remelted, {int(made):,} kg, all certificates together",
        )  # fmt: skip


def calc_pool(connection: Connection, pool: Pool, gone: Sequence[str] = ()) -> Fraction:
    """What a site has cast of a product in a year [kg]; `gone` heats do not count.

    What went back into heats as metal is left out, and what belongs to customers.
    """
    return sum(read_own(connection, pool, gone).values(), Fraction(0))


def read_own(connection: Connection, pool: Pool, gone: Sequence[str] = ()) -> dict[str, Fraction]:
    """Of each heat of a pool that stands what is nobody else's and did not go back into heats as metal [kg]; `gone` heats do not count."""
    query = select(unit.c.id, unit.c.mass_kg, heat.c.details).join(heat, heat.c.unit == unit.c.id)
    rows = connection.execute(query.where(*_of(pool), unit.c.id.not_in(gone)).order_by(unit.c.id)).all()
    remelted = read_remelted(connection, [row.id for row in rows], gone)
    shares = {row.id: tolled_share(connection, row.id) for row in rows if TOLLED in row.details}
    return {row.id: (row.mass_kg - remelted.get(row.id, Fraction(0))) * (1 - shares.get(row.id, 0)) for row in rows}


def _of(pool: Pool) -> tuple[Any, ...]:
    return (
        heat.c.product == pool.product, unit.c.site == pool.site, unit.c.date >= f"{pool.year}-01-01",
        unit.c.date <= f"{pool.year}-12-31", unit.c.id.not_in(voided_units()),
    )  # fmt: skip


def read_pool(connection: Connection, pool: Pool, without: str = "") -> int:
    """What standing certificates at the average cover of a pool [kg]; `without` as in `read_certified`.

    Where the pool is certified by batch, also those of the product have drawn on its heats, and nothing is counted here.
    """
    if read_choice(connection, pool) == BATCH:
        return 0
    query = select(func.coalesce(func.sum(footprint_certificate.c.mass_kg), 0)).where(
        footprint_certificate.c.kind == "product", footprint_certificate.c.product == pool.product,
        footprint_certificate.c.site == pool.site, footprint_certificate.c.year == pool.year,
        footprint_certificate.c.number.not_in(_ended()), footprint_certificate.c.number != without,
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())


def sum_certified(
    connection: Connection, sites: Collection[str], products: Collection[str], year: int, without: str = ""
) -> Fraction:
    """Cast metal of some sites, products and a year that standing certificates cover [kg]; `without` as in `read_certified`."""
    table = footprint_certificate
    standing = (table.c.number.not_in(_ended()), table.c.number != without)
    of = (table.c.product.in_(products), table.c.site.in_(sites), table.c.year == year)
    apart = table.c.number.not_in(
        select(certificate_draw.c.number)
    )  # at the average of a pool; whatever else there is draws on heats
    average = select(func.coalesce(func.sum(table.c.mass_kg), 0)).where(*standing, *of, apart)
    drawn = (
        select(certificate_draw.c.kg).join(heat, heat.c.unit == certificate_draw.c.unit)
        .join(table, table.c.number == certificate_draw.c.number).where(*standing, *of)
    )  # fmt: skip
    return sum(map(Fraction, connection.execute(drawn).scalars()), Fraction(int(connection.execute(average).scalar_one())))


def pools_of(connection: Connection, heats: Iterable[str]) -> set[Pool]:
    """The pools that heats are of."""
    query = (
        select(heat.c.product, unit.c.site, unit.c.date).join(unit, unit.c.id == heat.c.unit).where(unit.c.id.in_(list(heats)))
    )
    return {Pool(row.product, row.site, int(row.date[:4])) for row in connection.execute(query)}


def choose(work: Work, place: str, pools: Iterable[Pool], basis: str) -> list[dict[str, str | int]]:
    """Rows of choices that a certificate makes; a problem where a pool is certified the other way.

    Whoever could certify the good heats by batch and the others at the average would certify less than was emitted.
    """
    rows: list[dict[str, str | int]] = []
    for pool in sorted(pools, key=str):
        known = read_choice(work.connection, pool)
        if known is None:
            rows.append({"product": pool.product, "site": pool.site, "year": pool.year, "basis": basis})
        elif known != basis:
            other = "by batch or shipment" if known == BATCH else "at the product's average"
            work.problem(
                place, f"a certificate of {pool} by {basis}", f"one {other}, as the first certificate of that year has chosen",
                "all of a product, site and year is certified one way",
            )  # fmt: skip
    return rows


def read_choice(connection: Connection, pool: Pool) -> str | None:
    """How a pool is certified, or None where nobody has chosen yet."""
    query = select(certificate_choice.c.basis).where(
        certificate_choice.c.product == pool.product, certificate_choice.c.site == pool.site, certificate_choice.c.year == pool.year
    )  # fmt: skip
    found: str | None = connection.execute(query).scalar()
    return found


def draw_rows(number: str, masses: Mapping[str, Fraction]) -> list[dict[str, str]]:
    """Rows of a certificate's draws."""
    return [{"number": number, "unit": name, "kg": str(mass)} for name, mass in sorted(masses.items())]


def find_certificate(connection: Connection, names: Iterable[str]) -> str:
    """A standing certificate that covers some of a few units, or nothing."""
    query = select(certificate_draw.c.number).where(
        certificate_draw.c.unit.in_(list(names)), certificate_draw.c.number.not_in(_ended())
    )
    return str(connection.execute(query.limit(1)).scalar() or "")


def standing_certificates(
    connection: Connection, year: int | None = None, **where: Any
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Certificates that hold, of a year where one is given: number, document, and digest of the plant's data.

    Without further values of columns the first one of each site, product and kind: those after it were held against it.
    """
    table = footprint_certificate
    holding = [table.c.number.not_in(_ended()), *([] if year is None else [table.c.year == year])]
    first = select(func.min(table.c.event_seq)).where(*holding).group_by(table.c.site, table.c.product, table.c.kind)
    chosen = [table.c[name] == value for name, value in where.items()] or [table.c.event_seq.in_(first)]
    query = select(table.c.number, table.c.details).where(*holding, *chosen).order_by(table.c.event_seq)
    for number, details in connection.execute(query):
        found = json.loads(details)
        yield number, found["document"], found["plant_sha256"]


def has_certificates(work: Work) -> bool:
    """Whether there is any certificate: without one nobody has to look behind a charge."""
    return work.connection.execute(select(footprint_certificate.c.number).limit(1)).first() is not None


def check_uncertified(work: Work, place: str, lines: Sequence[tuple[str, int]]) -> None:
    """A problem for each line of a charge that would remelt metal which a certificate covers."""
    if lines:
        work.tx.flush()  # what was recorded in the same writing may be made of certified metal
    wanted: dict[str, Fraction] = defaultdict(Fraction)
    for name, mass_kg in lines:
        row = work.connection.execute(select(unit.c.kind, unit.c.mass_kg).where(unit.c.id == name)).one()
        behind = _follow(work.connection, name, Fraction(mass_kg), row, bought=True)
        for one, mass in behind.items():
            wanted[one] += mass
        number = find_certificate(work.connection, behind)
        for one in behind if number else ():
            free = _free(work.connection, one)
            if wanted[one] > free:
                work.problem(
                    place, f"{mass_kg:,} kg of {name}, of which certificate {number} covers some",
                    f"at most the {max(float(free), 0):,.3f} kg of {one} that no certificate covers, all lines together",
                    f"revoke {number} first, if that metal is to be melted again",
                )  # fmt: skip
                break
    for pool in sorted(pools_of(work.connection, wanted), key=str):
        mass = sum((wanted[heat] for heat in _heats_of(work.connection, pool, wanted)), Fraction(0))
        certified = read_pool(work.connection, pool)
        if certified and calc_pool(work.connection, pool) - mass < certified:
            work.problem(
                place, f"{float(mass):,.0f} kg of {pool} charged again, of which certificates cover {certified:,} kg",
                "what no certificate covers, or less", "pcf certificate list; one that should not hold is revoked first",
            )  # fmt: skip


def _heats_of(connection: Connection, pool: Pool, names: Iterable[str]) -> list[str]:
    query = select(unit.c.id).join(heat, heat.c.unit == unit.c.id).where(*_of(pool), unit.c.id.in_(list(names)))
    return list(connection.execute(query).scalars())


def find_cover(connection: Connection, kind: str, made: Sequence[str]) -> str:
    """The certificate that a heat, step or shipment cannot be taken back for, in words, or nothing."""
    if number := find_certificate(connection, made):
        return f"which certificate {number} covers"
    if kind != "cast":
        return ""
    for pool in pools_of(connection, made):
        certified = read_pool(connection, pool)
        if certified and calc_pool(connection, pool, made) < certified:
            return f"without which less of {pool} was cast than the {certified:,} kg that certificates cover"
    return ""


def _mass(connection: Connection, name: str) -> int:
    return int(connection.execute(select(unit.c.mass_kg).where(unit.c.id == name)).scalar_one())


def _ended() -> Any:
    return select(certificate_end.c.number)
