"""The document of a batch, `pcf/batch/1`: its own footprint, and each heat behind it at the cast."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from pcf.catalogue import Catalogue, Process, Product
from pcf.custody.draws import Pool
from pcf.custody.footprint import batch_part, footprint_document
from pcf.custody.heats import Heats, UnitFootprint, heats_of, read_unit, unit_footprint
from pcf.custody.trace import read_contents, tolled_share
from pcf.methods import weakest_standing

SCHEMA = "pcf/batch/1"

REMAINING = "remaining"
"""Kind of what is no unit: all that is left of a product, site and year."""

ALTERNATIVES = {"scrap": ("scrap", ("cut-off", "co-product")), "electricity_basis": ("electricity", ("contract", "location"))}
"""Alternative that a footprint document has → the choice of the method, and its options."""


def batch_document(heats: Heats, unit: str, lang: str = "en") -> dict[str, Any]:
    """The document `pcf/batch/1` of a heat, or of anything made of heats: its own total, and each heat at the cast."""
    known = read_unit(heats.connection, unit)
    head = {
        "unit": unit, "kind": known.kind, "site": known.site, "date": known.date, "product": known.material, "mass_kg": known.mass_kg
    }  # fmt: skip
    return _document(heats, heats_of(heats.connection, unit), head, lambda one: unit_footprint(one, unit), lang)


def remaining_document(heats: Heats, pool: Pool, draws: Mapping[str, Fraction], lang: str = "en") -> dict[str, Any]:
    """The document `pcf/batch/1` of what is drawn of all that is left of a product, site and year, as if it were shipped at its end.

    Parameters
    ----------
    draws : mapping
        What is drawn of each heat [kg].
    """
    mass = sum(draws.values(), Fraction(0))
    shares = {name: kg / mass for name, kg in draws.items()}
    head = {
        "unit": str(pool), "kind": REMAINING, "site": pool.site, "date": f"{pool.year}-12-31", "product": pool.product,
        "mass_kg": int(mass),
    }  # fmt: skip

    def measure(known: Heats) -> UnitFootprint:
        return UnitFootprint(math.fsum(float(share) * known.total(name) for name, share in shares.items()), 0.0)

    return _document(heats, shares, head, measure, lang)


def _document(
    heats: Heats, shares: Mapping[str, Fraction], head: Mapping[str, Any], measure: Callable[[Heats], UnitFootprint], lang: str
) -> dict[str, Any]:
    made = {name: heats.footprint(name) for name in shares}
    documents = {
        id(one.footprint): footprint_document(one, lang) for one in {id(one.footprint): one for one in made.values()}.values()
    }
    whole = measure(heats)
    parts: list[dict[str, Any]] = [
        {
            "share": float(share),
            "batch": batch_part(made[name]) | _own_content(heats.connection, name),
            "footprint": documents[id(made[name].footprint)],
        }
        for name, share in shares.items()
    ]
    pair: dict[str, float | None] = {"excluded": None, "included": None}
    if any(item["footprint"]["headline"]["with_low_voltage_pfc"] is not None for item in parts):
        for option in pair:
            method = replace(heats.method, low_voltage_pfc=option)
            pair[option] = measure(heats.under(method)).total
    names = {head["product"], *(one.batch.product for one in made.values())}
    names |= {line.material for one in made.values() for line in one.lots}
    return {
        "schema": SCHEMA,
        **head,
        "total": {"value": whole.total, "unit": "tCO2e/t"},
        "headline": {"without_low_voltage_pfc": pair["excluded"], "with_low_voltage_pfc": pair["included"]},
        "cast_metal": {"value": whole.cast, "unit": "tCO2e/t"},
        "further_steps": {"value": whole.steps, "unit": "tCO2e/t"},
        "further_alternatives": _further_alternatives(heats, measure) if whole.steps else {},
        "gate": whole.gate,
        "steps_without_data": sorted(whole.plain),
        "gwp": heats.method.gwp,
        "standing": weakest_standing(item.standing for item in made.values()),
        "provisional": any(item.provisional for item in made.values()),
        "names": {name: dict(found.name) for name in sorted(names) if (found := _material(heats.catalogue, name))},
        "heats": parts,
    }


def _further_alternatives(heats: Heats, measure: Callable[[Heats], UnitFootprint]) -> dict[str, dict[str, float]]:
    """What the steps after the cast add under the other treatments of scrap and bases of electricity [tCO2e/t]."""
    return {
        choice: {option: measure(heats.under(heats.method.with_choice(name, option))).steps for option in options}
        for choice, (name, options) in ALTERNATIVES.items()
    }


def _own_content(connection: Connection, heat: str) -> dict[str, float]:
    """Content of a heat that holds a customer's metal, as it is claimed: without that metal, which the charge has (F13)."""
    if not tolled_share(connection, heat):
        return {}
    post, pre = read_contents(connection, [heat])[heat]
    return {"post_consumer_content": float(post), "pre_consumer_content": float(pre)}


def _material(catalogue: Catalogue, name: str) -> Product | Process | None:
    return catalogue.products.get(name) or catalogue.processes.get(name)
