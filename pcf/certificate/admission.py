"""What a result has to pass before it is certified: the checks of the standards, and what they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from pcf.custody.draws import find_lacks
from pcf.errors import CheckFailed, DataError

CERTIFIABLE = ("site-result", "demonstration")
PASSING = ("pass", "warn")
OPEN = frozenset({"charge-feasible", "A-15", "A-16"})
"""Checks that may stay open: limits of an alloy where there is none, and what a plant's import has checked already."""


def check_result(found: Mapping[str, Any]) -> None:
    """Refuse a result that a required check speaks against.

    Raises
    ------
    CheckFailed
        Naming the check, with what was found and what was expected.
    """
    product = found["product"]["id"]
    if found["standing"] not in CERTIFIABLE:
        raise CheckFailed(
            f"{product} at {found['site']['id']}: found a {found['standing']}; expected a site result: primary data of a plant's closed "
            "year; pcf data import"
        )
    if found["headline"]["with_low_voltage_pfc"] is not None and found["method"]["low_voltage_pfc"] != "included":
        raise CheckFailed(
            f"{product}: found low-voltage PFC neither measured nor included; expected one of the two; --low-voltage-pfc included, or the "
            "measurement in the plant's workbook"
        )
    if unknown := found["omitted"]["unknown"]:
        raise CheckFailed(
            f"{product}, flow checklist: found flows that nobody has assessed: {'; '.join(unknown)}; expected an estimate of each with its "
            "source; flows in issuer.yaml"
        )
    for check in found["checks"]:
        if check["status"] not in PASSING and not (check["status"] == "not evaluated" and check["id"] in OPEN):
            raise CheckFailed(f"{product}, check {check['id']} ({check['standard']}): {check['status']}: {check['detail']}")


def check_metal(connection: Connection, place: str, name: str, mass_kg: int, masses: Mapping[str, Fraction]) -> None:
    """Refuse a certificate for which no metal is left, before its power is asked for: whoever has none need not match any.

    Parameters
    ----------
    place : str
        What the message begins with, such as `batch H1`.
    masses : mapping
        What it would draw of each unit [kg].

    Raises
    ------
    DataError
        Naming each unit with what is left of it.
    """
    if lacks := list(find_lacks(connection, place, name, mass_kg, masses)):
        raise DataError(lacks)
