"""The remelting lines of a plant's year: what each charged, and its own energy, as values of that line alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pcf.exchange.plant_layout import SCRAP_CLASSES
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_totals import calc_gross
from pcf.exchange.plant_value import MWH, TONNE, Value

Shares = Mapping[str, tuple[Mapping[str, float], tuple[str, ...]]]


@dataclass(frozen=True)
class Line:
    """A line's gross charge per t of product [t/t], its parameters [base units] and its shares, each with its fields."""

    gross: Mapping[str, Value]
    parameters: Mapping[str, Value]
    shares: Shares


def calc_line(plant: PlantYear, line: str) -> Line | None:
    """A line as the model has it; None where the plant does not have the line.

    The line's meters hold everything from the scrap yard to the cast ingot. So all of it stands with melting, per t of melt,
    and what the model would add for shredding, decoating, holding and casting is zero.
    """
    output = plant[f"{line}_output"]
    if not output:
        return None
    key = f"{line}_output"
    gross = {
        name: Value(mass / output, f"{line}_primary" if name == "electrolysis" else f"{line}_{name}", key)
        for name, mass in calc_gross(plant, line).items()
    }
    returns = plant[f"{line}_returns"]
    melt, tonnes = output + returns, (key, f"{line}_returns")
    furnace, electricity = plant.texts[f"{line}_furnace"], f"use_{line}"
    zero = ("shredding_electricity", "decoating_gas", "decoating_electricity")
    flux = "rotary_salt" if furnace == "rotary" else "salt_flux"
    prefix = {"recycled": "recycled", "foundry": "alloy"}[line]
    parameters = {
        f"{furnace}_gas": Value(plant[f"{line}_gas"] / (melt * TONNE), f"{line}_gas", *tonnes),
        f"{furnace}_electricity": Value(plant[electricity] * MWH / (melt * TONNE), electricity, *tonnes),
        flux: Value(plant[f"{line}_flux"] / melt, f"{line}_flux", *tonnes),
        "melt_dross": Value(plant[f"{line}_dross"] / melt, f"{line}_dross", *tonnes),
        f"{prefix}_returns": Value(returns / melt, f"{line}_returns", key),
        f"{prefix}_holding_gas": Value(0.0, f"{line}_gas"),
        f"{prefix}_casting_electricity": Value(0.0, electricity),
        **{name: Value(0.0, f"{line}_gas" if name.endswith("gas") else electricity) for name in zero},
        "shredding_input": Value(1.0, *_classes(plant, line)),
        "decoating_input": Value(1.0, *_classes(plant, line)),
    }
    shares: dict[str, tuple[Mapping[str, float], tuple[str, ...]]] = {"furnace": ({furnace: 1.0}, (f"{line}_furnace",))}
    for group in ("silicon_origin", "magnesium_origin"):
        if line == "foundry" and group in plant.texts:
            shares[group] = ({plant.texts[group]: 1.0}, (group,))
    return Line(gross, parameters, shares)


def _classes(plant: PlantYear, line: str) -> tuple[str, ...]:
    keys = tuple(f"{line}_{name}" for name in SCRAP_CLASSES)
    return tuple(key for key in keys if plant[key]) or keys[:1]
