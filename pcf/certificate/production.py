"""What certificates are held against: what a plant's own data say that a casthouse made in the year.

Records of metal that was never made would be certified otherwise; and certified mass times footprint can only be a part of the
plant's inventory where the mass is a part of its production.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.catalogue import Catalogue
from pcf.custody.batch import find_casthouse
from pcf.custody.draws import calc_remelted, sum_certified
from pcf.custody.genealogy import voided_units
from pcf.custody.tables import heat, unit
from pcf.errors import CheckFailed

WEIGHING = "plant-balance-metal"
"""Rule with the relative difference of masses that a plant's year may close with."""


@dataclass(frozen=True)
class Production:
    """What a casthouse of a plant made in a year, and what is made of it in the records.

    Parameters
    ----------
    line : str
        Casthouse process.
    plant : str
        Site of the catalogue whose data they are.
    sites : collection of str
        Sites of the records that are of this plant.
    products : collection of str
        All that the casthouse makes; `own` are those of them with MWh of their own, where the method knows any.
    made_kg, attributed_kg : int
        Production of the year, and the part of it that MWh were retired for [kg].
    cast_kg : int
        What the records say was cast, without what was melted again within the year [kg].
    """

    line: str
    plant: str
    year: int
    sites: tuple[str, ...]
    products: tuple[str, ...]
    own: tuple[str, ...]
    made_kg: int
    attributed_kg: int
    cast_kg: int

    def bounds(self, product: str, *, apart: bool) -> list[tuple[str, tuple[str, ...], int]]:
        """What is held against what for a product: name of the bound, the products together, and their mass [kg].

        Parameters
        ----------
        apart : bool
            Whether the year has tonnes with MWh of their own, so that they and the rest have a footprint each.
        """
        found = [("made", self.products, self.made_kg)]
        if apart and product in self.own:
            found.append(("made with MWh retired for it", self.own, self.attributed_kg))
        elif apart:
            rest = tuple(name for name in self.products if name not in self.own)
            found.append(("made without MWh retired for it", rest, self.made_kg - self.attributed_kg))
        return found


def find_line(catalogue: Catalogue, product: str) -> str:
    """The casthouse process that a product comes from."""
    item = catalogue.products[product]
    return find_casthouse(catalogue, product) if item.charge else item.process


def read_production(connection: Connection, catalogue: Catalogue, product: str, plant: str, sites: Collection[str]) -> Production:
    """Production of the casthouse of a product, held against what was cast.

    Parameters
    ----------
    plant : str
        Site of the catalogue.
    sites : collection of str
        Sites of the records that are of this plant.

    Raises
    ------
    CheckFailed
        Where the plant's data do not say what the casthouse made, or more was cast than that, beyond what weighing explains.
    """
    line, found = find_line(catalogue, product), catalogue.sites[plant]
    if line not in found.outputs:
        raise CheckFailed(
            f"site {plant}: found no production of {line} in the plant's data of {found.year}; expected the tonnes that it made, which "
            "certificates are held against; pcf data import --replace"
        )
    output = found.outputs[line]
    made, attributed = (floor(round(item.value, 3)) for item in (output.produced, output.attributed))
    products = tuple(sorted(name for name in catalogue.products if _is_of(catalogue, name, line)))
    own = tuple(name for name in products if catalogue.products[name].shares.get("electricity_attribution", {}).get("product"))
    cast = _cast(connection, sites, products, found.year, made)
    rows = catalogue.factors[WEIGHING]
    if cast > made * (1 + rows[max(rows)].quantity.value):
        raise CheckFailed(
            f"{line} of {plant}: found {cast:,} kg cast in the records of {found.year} ({', '.join(sorted(sites))}); expected at most "
            f"the {made:,} kg that the plant's data have as made; correct the records, or pcf data import --replace"
        )
    return Production(line, plant, found.year, tuple(sites), products, own, made, attributed, cast)


def _is_of(catalogue: Catalogue, product: str, line: str) -> bool:
    item = catalogue.products[product]
    return find_line(catalogue, product) == line if item.charge else item.process == line


def _cast(connection: Connection, sites: Collection[str], products: Collection[str], year: int, made: int) -> int:
    """Mass that was cast in a year [kg]; what was melted again in it counts once, where that matters."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    of = (
        heat.c.product.in_(products), unit.c.site.in_(sites), unit.c.date >= first, unit.c.date <= last,
        unit.c.id.not_in(voided_units()),
    )  # fmt: skip
    joined = heat.join(unit, unit.c.id == heat.c.unit)
    whole = int(
        connection.execute(select(func.coalesce(func.sum(unit.c.mass_kg), 0)).select_from(joined).where(*of)).scalar_one()
    )
    if whole <= made:
        return whole
    names = connection.execute(select(unit.c.id).select_from(joined).where(*of)).scalars().all()
    return floor(whole - calc_remelted(connection, names, until=last))


def check_certified(
    connection: Connection, production: Production, attribution: str, product: str, masses: Mapping[str, Any], mass_kg: int,
    without: str = "",
) -> None:  # fmt: skip
    """Refuse a certificate with which more of a plant's year would be certified than was made.

    Parameters
    ----------
    attribution : str
        As `pcf.certificate.draft.find_legs` has it.
    masses : mapping
        What the certificate draws of each unit [kg]; empty for the average of a product.
    mass_kg : int
        Mass of the certificate [kg].
    without : str
        Number of a certificate that is to end.

    Raises
    ------
    CheckFailed
        Naming both masses.
    """
    new = _metal(connection, masses) if masses else mass_kg
    for name, products, most in production.bounds(product, apart=attribution != "site-average"):
        if name == "made" and production.cast_kg <= most:
            continue  # no certificate covers more than was cast
        before = sum_certified(connection, production.sites, products, production.year, without)
        if before + new > most:
            raise CheckFailed(
                f"{production.line} of {production.plant}: found {floor(before):,} kg of {production.year} on certificates and "
                f"{float(new):,.0f} kg to be certified; expected at most the {most:,} kg that the plant's data have as {name}, all "
                "certificates together"
            )


def _metal(connection: Connection, masses: Mapping[str, Any]) -> Any:
    """Of what a certificate draws the metal of heats [kg]: the other units are made of it."""
    heats = connection.execute(select(heat.c.unit).where(heat.c.unit.in_(list(masses)))).scalars()
    return sum(masses[name] for name in heats)
