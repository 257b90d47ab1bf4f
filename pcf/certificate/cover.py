"""What a certificate covers, in the transaction that gives its number: metal that is there, power that reaches, one basis for all.

A case was computed before, from a view of the book that may be older; here it is held against the book as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from pcf.certificate.draft import PERIOD, find_legs
from pcf.certificate.evidence import find_evidence
from pcf.certificate.gather import Case
from pcf.certificate.production import check_certified
from pcf.custody.book import Work
from pcf.custody.draws import (
    AVERAGE,
    BATCH,
    calc_pool,
    choose,
    draw_pool,
    draw_unit,
    left_to_certify,
    read_choice,
    read_pool,
    standing_certificates,
)
from pcf.custody.remaining import draw_remaining, is_alike, read_remaining
from pcf.store.certificate_schema import DRAFT
from pcf.store.pact_schema import KINDS as PACT_KINDS
from pcf.store.schema import event

KIND, ENDED = "footprint-certificate", "certificate-end"
"""Kinds of the events."""

MOVING = ("electricity", "attribution", "scrap", "heat", "co_products", "gwp")
"""Choices of the method that move burdens between the products of a plant, and the edition in which they are counted."""


class Stale(Exception):
    """Something was recorded after the case was computed; it has to be computed again."""


def check_fresh(work: Work, case: Case) -> None:
    """Whether nothing was recorded since the case was computed but certificates, drafts and publications: those change no footprint of a heat.

    Raises
    ------
    Stale
        Where something was.
    """
    query = select(event.c.seq).where(event.c.seq >= case.size, event.c.kind.not_in((KIND, ENDED, DRAFT, *PACT_KINDS))).limit(1)
    if work.connection.execute(query).first() is not None:
        raise Stale


def cover(work: Work, place: str, case: Case) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    """Rows of choices, and what is drawn of each unit [kg]; MWh and the plant's production have to reach with what was certified meanwhile too.

    Raises
    ------
    CheckFailed
        Where they do not.
    Stale
        Where other metal remains than the case was computed for.
    """
    work.tx.flush()
    masses: dict[str, Any] = {}
    if case.unit is not None:
        _check_all(case, left_to_certify(work.connection, case.unit))
        rows, masses = choose(work, place, [case.pool], BATCH), draw_unit(work, place, case.unit, case.mass_kg)
    elif case.draws is not None or read_choice(work.connection, case.pool) == BATCH:
        rows, masses = choose(work, place, [case.pool], BATCH), _draw_remaining(work, place, case)
    else:
        _check_all(case, int(calc_pool(work.connection, case.pool)) - read_pool(work.connection, case.pool))
        rows = choose(work, place, [case.pool], AVERAGE)
        draw_pool(work, place, case.pool, case.mass_kg)
    _check_method(work, place, case)
    if not work.problems:
        attribution, legs = find_legs(case.footprint)
        find_evidence(work.connection, case.pool, attribution, legs, masses, case.mass_kg, case.power)
        check_certified(work.connection, case.production, attribution, case.pool.product, masses, case.mass_kg)
    return rows, masses


def _check_all(case: Case, left_kg: int) -> None:
    """Whether all that is left is what it was when it was computed, where that was asked for; where nothing is left is told later."""
    if case.request.mass_kg is None and 0 < left_kg < case.mass_kg:
        raise Stale


def _draw_remaining(work: Work, place: str, case: Case) -> dict[str, Any]:
    """What a certificate of all that remains draws; computed anew where that is something else by now."""
    remaining = read_remaining(work.connection, case.pool)
    # Whatever was taken of all heats alike, by another product certificate, leaves the average as it was.
    if case.remaining is None or case.draws is None or (remaining and not is_alike(remaining, case.remaining)):
        raise Stale
    _check_all(case, int(sum(remaining.values())))
    if case.mass_kg <= sum(remaining.values()) and any(kg > remaining[name] for name, kg in case.draws.items()):
        raise Stale  # by less than a grain
    draw_remaining(work, place, case.pool, case.mass_kg, remaining)
    return dict(case.draws)


def _check_method(work: Work, place: str, case: Case) -> None:
    """A problem where a certificate of the plant's year moves burdens another way, or rests on other data.

    Together they would leave some of the year's emissions with nobody. By the plant, since several sites may be of one.
    """
    for number, known, plant in standing_certificates(work.connection, case.pool.year):
        if known["site"]["id"] != case.footprint["site"]["id"]:
            continue
        own, other = _basis(case.footprint, case.plant_sha256), _basis(known, plant)
        for name, value in own.items():
            if value != other[name]:
                work.problem(
                    place, f"{name} {value[:40]}", f"{other[name][:40]}, as certificate {number} of {known['site']['id']} has it",
                    "or certified mass and the rest are no longer the inventory; where it was wrong, that one is revoked first",
                )  # fmt: skip
        average = case.unit is None and case.draws is None
        # Certificates of an earlier version do not say it: those of a product were averages of the period.
        before = known.get("average_of", PERIOD if known["kind"] == "product" else None) == PERIOD
        if known["product"]["id"] == case.pool.product and before != average:
            work.problem(
                place, f"a certificate of {case.pool} by {case.request.kind}", f"one by {known['kind']}, as certificate {number}",
                "all of a product, plant and year is certified one way",
            )  # fmt: skip


def _basis(document: Mapping[str, Any], plant: str) -> dict[str, str]:
    """What certificates of a plant's year have to share: choices of the method, edition, data."""
    method = document["method"] if "method" in document else document["footprint"]["method"]
    shared = {name: str(method[name]) for name in MOVING}
    return {**shared, "data": document["provenance"]["datasets_sha256"], "plant data": plant}
