"""Equations of material accounting, each pure: whole kilograms in, exact fractions or floored kilograms out.

An entitlement is floored to the kilogram (R27), so that no rounding ever allows a kilogram that nothing covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

from pcf.errors import InputError

Order = Literal["fifo", "lifo"]


@dataclass(frozen=True)
class Settlement:
    """How a period ends; all in kg.

    Attributes
    ----------
    drawn_from_carry, drawn_from_current : int
        What covered the documents issued and the overdraft repaid, from the balance brought along and from the period's own cap.
    expired : int
        Balance brought along that was not drawn: it is older than one period now (R13).
    positive_balance : int
        The period's own cap that was not drawn; the next period may draw it (F4).
    overdraft : int
        What nothing covered (F6); the next period repays it (R12).
    """

    drawn_from_carry: int
    drawn_from_current: int
    expired: int
    positive_balance: int
    overdraft: int


def calc_input_percentage(coc_in: int, other_in: int, alloying_in: int = 0, *, include_alloying: bool = False) -> Fraction:
    """Input percentage of a material account over a period (F1).

    Parameters
    ----------
    coc_in, other_in, alloying_in : int
        CoC material with eligible scrap, other metal, alloying elements [kg]; internal scrap is in none of them (R05).
    include_alloying : bool
        Whether alloying elements count in the denominator; the standard's text leaves it open, so an auditor sees both.

    Returns
    -------
    Fraction
        From 0 to 1; 0 as long as nothing came in.

    Raises
    ------
    InputError
        For a negative mass.

    Notes
    -----
    ``IP = coc_in / (coc_in + other_in [+ alloying_in])``
    """
    for name, value in (("coc_in", coc_in), ("other_in", other_in), ("alloying_in", alloying_in)):
        if value < 0:
            raise InputError(name, f"{value:,} kg", "0 kg or more")
    total = coc_in + other_in + (alloying_in if include_alloying else 0)
    return Fraction(coc_in, total) if total else Fraction(0)


def calc_output_cap(percentage: Fraction, output_kg: int) -> int:
    """CoC product that a period allows [kg] (F2): the share of what left, so that every product bears the losses alike."""
    return floor(percentage * output_kg)


def calc_scrap_cap(percentage: Fraction, scrap_out_kg: int) -> int:
    """Eligible scrap that a period allows [kg] (F3); an account of its own, to which no unused product cap flows (R09)."""
    return floor(percentage * scrap_out_kg)


def calc_bounded_cap(cap: int, coc_in: int, output_kg: int) -> int:
    """A cap that never lets out more than came in, nor more than left [kg] (R22).

    The percentage alone would turn stock of an earlier period into CoC material.
    """
    return min(cap, coc_in, output_kg)


class SharedInput(NamedTuple):
    """What aluminium and eligible scrap may each designate of the CoC input that they share [kg].

    `scrap_at_close` is what the balance of scrap is settled with: of what neither has used, aluminium keeps first.
    """

    aluminium: int
    scrap: int
    scrap_at_close: int


def share_input(coc_in: int, caps: tuple[int, int], wanted: tuple[int, int]) -> SharedInput:
    """Share one CoC input between the accounts of aluminium and of eligible scrap (R22).

    Parameters
    ----------
    coc_in : int
        CoC material that came in [kg]; each of the caps is within it.
    caps, wanted : tuple of int
        Of aluminium and of scrap [kg]: the cap of its own output (F2, F3), and what documents and the repayment of an overdraft
        need of it beyond the balance brought along.

    Notes
    -----
    Both caps together may exceed the input where stock of an earlier period left. While a period is open, either account may
    use what the other has not: first come, first served. Scrap has no overdraft, so what it used stands before aluminium's need.
    """
    aluminium = min(caps[0], coc_in - min(caps[1], wanted[1]))
    scrap = min(caps[1], coc_in - min(aluminium, wanted[0]))
    return SharedInput(aluminium, scrap, min(caps[1], coc_in - aluminium))


def calc_positive_balance(cap: int, issued: int) -> int:
    """What of a cap no document has used [kg] (F4)."""
    return max(cap - issued, 0)


def settle(*, cap: int, issued: int, carried_in: int = 0, overdraft_in: int = 0, order: Order = "fifo") -> Settlement:
    """Settle a period (F5, F6).

    Parameters
    ----------
    cap : int
        Entitlement of the period itself [kg] (F2, F3).
    issued : int
        Mass on the period's documents less what was voided in it [kg].
    carried_in, overdraft_in : int
        Positive balance and overdraft of the period before [kg].
    order : {"fifo", "lifo"}
        Which is drawn first: the balance brought along, or the period's own cap. Accounts are settled first in, first out; the
        other order shows what would expire.

    Raises
    ------
    InputError
        For a negative mass, or another order.

    Notes
    -----
    The overdraft is repaid before anything is issued.
    """
    for name, value in (("cap", cap), ("issued", issued), ("carried_in", carried_in), ("overdraft_in", overdraft_in)):
        if value < 0:
            raise InputError(name, f"{value:,} kg", "0 kg or more")
    if order not in ("fifo", "lifo"):
        raise InputError("order", repr(order), "fifo or lifo")
    wanted = issued + overdraft_in
    if order == "fifo":
        from_carry = min(carried_in, wanted)
        from_current = min(cap, wanted - from_carry)
    else:
        from_current = min(cap, wanted)
        from_carry = min(carried_in, wanted - from_current)
    return Settlement(from_carry, from_current, carried_in - from_carry, cap - from_current, wanted - from_carry - from_current)


def calc_overdraft_unpaid(cap: int, overdraft_in: int, carried_in: int = 0) -> int:
    """Overdraft of the period before that this one cannot repay [kg]; anything but 0 breaks R12."""
    return min(max(overdraft_in - cap - carried_in, 0), overdraft_in)


def calc_overdraft_limit(coc_in: int, share: Fraction) -> int:
    """Largest overdraft of a period [kg] (F6).

    Parameters
    ----------
    coc_in : int
        CoC material that came in over the period [kg].
    share : Fraction
        Setting `overdraft-share` [1].
    """
    return floor(share * coc_in)


def calc_overdraft_allowed(overdraft: int, limit: int, *, force_majeure: bool) -> bool:
    """Whether an overdraft [kg] may stand (F6, R11): within the limit, and with a force-majeure file."""
    return overdraft <= 0 or (force_majeure and overdraft <= limit)


def calc_availability(percentage: Fraction, output_kg: int, issued: int, carried_in: int = 0, overdraft_in: int = 0) -> int:
    """What may still be issued at a moment of an open period [kg] (F7); negative when too much was.

    Parameters
    ----------
    percentage : Fraction
        Input percentage of the period so far [1]; final only when the period ends.
    output_kg : int
        What left so far [kg]: product for its account, pre-consumer scrap for that of eligible scrap.
    issued, carried_in, overdraft_in : int
        As for `settle` [kg].
    """
    return calc_output_cap(percentage, output_kg) + carried_in - overdraft_in - issued


def calc_nearly_spent(available: int, issued: int, share: Fraction) -> bool:
    """Whether a period's documents are to be warned of (F7).

    Parameters
    ----------
    available, issued : int
        What may still be issued, and what has been [kg].
    share : Fraction
        Setting `availability-warning` [1], of all that could be issued so far.
    """
    return issued > 0 and issued > share * (available + issued)


def calc_physical_footprint(charged: Iterable[tuple[int, Fraction]], output_kg: int, own: Fraction = Fraction(0)) -> Fraction:
    """Footprint of every product of a mix, whatever its CoC designation, which therefore is no parameter here (F9, R20).

    Parameters
    ----------
    charged : iterable of (int, Fraction)
        Mass [kg] and footprint [tCO2e/t] of each input.
    output_kg : int
        Product of the whole mix [kg].
    own : Fraction
        Footprint of the process itself [tCO2e/t of product].

    Raises
    ------
    InputError
        Without output.
    """
    if output_kg <= 0:
        raise InputError("output of the mix", f"{output_kg:,} kg", "more than 0 kg")
    return sum((mass * intensity for mass, intensity in charged), Fraction(0)) / output_kg + own


def calc_efficiency(losses: Iterable[Fraction]) -> Fraction:
    """Efficiency of a conversion [1]: 1 less all its loss fractions.

    Raises
    ------
    InputError
        For a loss below 0, or losses above 1 together.
    """
    found = list(losses)
    if any(loss < 0 for loss in found) or sum(found) > 1:
        raise InputError("loss fractions", ", ".join(str(loss) for loss in found), "shares from 0, of 1 at most together")
    return 1 - sum(found, Fraction(0))


def calc_credits(mass_kg: int, share: Fraction, efficiency: Fraction) -> int:
    """Credits that an input brings [kg] (F11): mass times share of the source class times efficiency, floored."""
    return floor(max(mass_kg, 0) * share * efficiency)


def calc_conservation_gap(
    *, cap: int, carried_in: int, issued: int, expired: int, positive_balance: int, overdraft_in: int = 0, overdraft: int = 0
) -> int:
    """What one or several settled periods issued, kept or lost beyond what they had [kg]; 0 in a true account (R22).

    Parameters
    ----------
    cap, issued, expired : int
        Sums over the periods [kg].
    carried_in, overdraft_in : int
        At the beginning of the first period [kg].
    positive_balance, overdraft : int
        At the end of the last one [kg].

    Notes
    -----
    ``issued + positive_balance + expired + overdraft_in = cap + carried_in + overdraft``
    """
    return issued + positive_balance + expired + overdraft_in - cap - carried_in - overdraft


def calc_claims_covered(claimed_kg: int, attribute_in_kg: int, efficiency: Fraction, carried_in: int = 0) -> bool:
    """Whether what was claimed of an attribute is within what came in, less losses, and was carried over (R22)."""
    return claimed_kg <= calc_credits(attribute_in_kg, Fraction(1), efficiency) + carried_in
