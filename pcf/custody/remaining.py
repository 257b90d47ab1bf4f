"""What is left of a product, site and year that is certified by batch: its certificate is that of a shipment of all of it.

Whoever takes the good heats by batch leaves the others to the average: what a product certificate draws, it draws of each heat in
proportion to what is left of it. So certified masses times footprints and the rest stay what was emitted, whatever the order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import Connection

from pcf.custody.book import Work
from pcf.custody.draws import Pool, read_certified, read_own

GRAIN = Fraction(1, 10**9)
"""What draws of a certificate of all that remains are told in [kg]."""

ALIKE = Fraction(1, 10**9)
"""Shares that differ by less are the same: what rounding to grains moves is far less."""

HINT = "pcf certificate list; a certificate that should not hold is revoked first"


def read_remaining(connection: Connection, pool: Pool, without: str = "") -> dict[str, Fraction]:
    """What of each heat of a pool no certificate covers, nobody has remelted and no customer owns [kg]; heats of which nothing is left are left out.

    Parameters
    ----------
    without : str
        Number of a certificate that is to end: its metal is free.
    """
    own = read_own(connection, pool)
    certified = read_certified(connection, own, without)
    left = {name: mass - certified.get(name, Fraction(0)) for name, mass in own.items()}
    return {name: mass for name, mass in left.items() if mass > 0}


def apportion(remaining: Mapping[str, Fraction], mass_kg: int) -> dict[str, Fraction]:
    """What a mass of all that remains is of each heat [kg]: in proportion to what is left of it, to the microgram; together the mass.

    Exact proportions would bear the denominators of all certificates before them, and grow with each one for good.
    """
    total = sum(remaining.values(), Fraction(0))
    wanted = {name: mass_kg * mass / total for name, mass in remaining.items()}
    found = {name: math.floor(mass / GRAIN) * GRAIN for name, mass in wanted.items()}
    rest = mass_kg - sum(found.values())
    largest = sorted(wanted, key=lambda name: (found[name] - wanted[name], name))
    for most in (GRAIN, rest):  # a second round only where what is left of a heat ends between two grains
        for name in largest:
            more = max(Fraction(0), min(most, rest, remaining[name] - found[name]))
            found[name] += more
            rest -= more
    return {name: mass for name, mass in found.items() if mass}


def is_alike(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> bool:
    """Whether two remainders are of the same heats in the same proportion, so that their average is the same."""
    totals = [sum(each.values(), Fraction(0)) for each in (one, other)]
    return set(one) == set(other) and all(abs(one[name] / totals[0] - other[name] / totals[1]) <= ALIKE for name in one)


def too_much(pool: Pool, mass_kg: int, remaining: Mapping[str, Fraction]) -> tuple[str, str, str]:
    """What was found, what was expected and what to do, where a certificate wants more than remains."""
    left = float(sum(remaining.values(), Fraction(0)))
    return (
        f"{mass_kg:,} kg of {pool}, which is certified by batch",
        f"at most the {left:,.3f} kg of {len(remaining):,} heats that no certificate covers and nobody has remelted",
        HINT,
    )


def draw_remaining(work: Work, place: str, pool: Pool, mass_kg: int, remaining: Mapping[str, Fraction]) -> None:
    """Check that a certificate is covered by what remains; a problem where it is not."""
    if mass_kg > sum(remaining.values(), Fraction(0)):
        work.problem(f"{place}, mass_kg", *too_much(pool, mass_kg, remaining))
