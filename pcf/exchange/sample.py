"""The fictitious sample plant: a complete and plausible year, marked DEMONSTRATION on every sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pcf.exchange.plant_template import write_filled

SAMPLE_YEAR = 2025
SAMPLE_SITE = "demo-smelter"

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WET = (0.52, 0.50, 0.50, 0.55, 0.66, 0.80, 0.84, 0.85, 0.82, 0.76, 0.64, 0.55)  # hydropower share by month, wet in summer


def write_sample(path: Path) -> None:
    """Write the sample plant's workbook."""
    write_filled(path, sample_values())


def sample_values() -> dict[str, Any]:
    """Values of the sample plant: a smelter of about 240 kt in Yunnan with hydropower under contract, a small own power plant,
    a recycled line and a foundry line.
    """
    liquid_casting, dispatched, foundry = _spread(144_000.0), _spread(91_800.0), _spread(18_000.0)
    recycled = _spread(12_000.0)
    foundry_primary = _times(foundry, 0.236)
    tapped = [round(sum(parts), 1) for parts in zip(liquid_casting, dispatched, foundry_primary, strict=True)]
    ingot, delivered = _times(liquid_casting, 1 / 1.006), _times(dispatched, 1 / 1.004)
    rectifier = _times(tapped, 13.28)
    uses = {
        "use_rectifier": rectifier,
        "use_auxiliary": _times(tapped, 0.285),
        "use_casting": _times(ingot, 0.056),
        "use_delivery": _times(delivered, 0.006),
        "use_recycled": _times(recycled, 0.155),
        "use_foundry": _times(foundry, 0.168),
    }
    return {
        "site_id": SAMPLE_SITE,
        "name_en": "Demonstration smelter",
        "name_zh": "演示铝厂",
        "geography": "CN-Yunnan",
        "year": SAMPLE_YEAR,
        "kind": "DEMONSTRATION",
        "assurance": "none",
        "own_power_plant": "yes",
        "alumina_site": "shandong",
        "anode_site": "shandong",
        "note_contract_hydro": "DEMONSTRATION: green certificates GEC-0001 to GEC-9999, cancelled 2026-01-15",
        "liquid_tapped": tapped,
        "liquid_to_casting": liquid_casting,
        "ingot_cast": ingot,
        "liquid_dispatched": dispatched,
        "liquid_delivered": delivered,
        "ingot_attributed": _spread(60_000.0),
        "liquid_attributed": _spread(20_000.0),
        **uses,
        "use_direct_current": _times(rectifier, 0.974),
        **_power(uses),
        "alumina": _times(tapped, 1.917),
        "alumina_purity": 0.989,
        "anode_gross": _times(tapped, 0.473),
        "butts": _times(tapped, 0.066),
        "anode_sulphur": 0.019,
        "anode_ash": 0.0045,
        "alf3": _times(tapped, 0.0178, 2),
        "cryolite": [0.0] * 12,
        "pfc_method": "slope",
        "cell_technology": "pfpb_l",
        "ae_frequency": 0.03,
        "ae_duration": 2.1,
        "casting_gas": _times(ingot, 21.0, 0),
        "casting_oil": _times(ingot, 0.05),
        "dross": _times(ingot, 0.0055),
        "ladle_gas": _times(delivered, 5.5, 0),
        "alumina_rail_km": 2450,
        "alumina_truck_km": 25,
        "anode_rail_km": 2450,
        "anode_truck_km": 25,
        "coal_rail_km": 320,
        "hot_metal_km": 18,
        **_recycled(recycled),
        **_foundry(foundry, foundry_primary),
    }


def _spread(total: float, digits: int = 1) -> list[float]:
    """A year's total over its months by days."""
    return [round(total * days / sum(_DAYS), digits) for days in _DAYS]


def _times(values: list[float], factor: float, digits: int = 1) -> list[float]:
    return [round(value * factor, digits) for value in values]


def _power(uses: dict[str, list[float]]) -> dict[str, Any]:
    """Supply by leg to what is used, wet and dry months apart, and the small power plant behind the coal leg."""
    use = [round(sum(parts), 1) for parts in zip(*uses.values(), strict=True)]
    own_coal, own_pv = _times(use, 0.11), _times(use, 0.015)
    hydro = [round(value * share, 1) for value, share in zip(use, _WET, strict=True)]
    grid = [round(a * 1.002 - b - c - d, 1) for a, b, c, d in zip(use, own_coal, own_pv, hydro, strict=True)]
    generated = _times(own_coal, 1 / 0.94)
    return {
        "leg_own_coal": own_coal,
        "leg_own_pv": own_pv,
        "leg_contract_hydro": hydro,
        "leg_grid": grid,
        "certificates_contract_hydro": hydro,
        "attributed_contract_hydro": _spread(60_000 * 13.75 + 20_000 * 13.70),
        "coal_burned": _times(generated, 0.43),
        "coal_ncv": 20.9,
        "coal_cc": 26.2,
        "coal_oxidation": 0.985,
        "generated": generated,
        "own_use": [round(value - net, 1) for value, net in zip(generated, own_coal, strict=True)],
    }


def _recycled(output: list[float]) -> dict[str, Any]:
    """Recycled ingot of old profiles, cable and mixed scrap, with some new trim."""
    return {
        "recycled_output": output,
        "recycled_scrap-extrusion-6063": _times(output, 0.48),
        "recycled_scrap-wire-ec": _times(output, 0.19),
        "recycled_scrap-mixed-cast": _times(output, 0.21),
        "recycled_scrap-profile-trim": _times(output, 0.19),
        "recycled_primary": [0.0] * 12,
        "recycled_returns": _times(output, 0.012),
        "recycled_gas": _times(output, 82.0, 0),
        "recycled_flux": _times(output, 0.004, 2),
        "recycled_dross": _times(output, 0.034),
        "recycled_furnace": "twin_chamber",
    }


def _foundry(output: list[float], primary: list[float]) -> dict[str, Any]:
    """A356.2 of wheels and wheel chips with own liquid metal."""
    return {
        "foundry_output": output,
        "foundry_scrap-wheels-a356": _times(output, 0.630),
        "foundry_scrap-wheel-chips": _times(output, 0.159),
        "foundry_primary": primary,
        "foundry_returns": _times(output, 0.03),
        "foundry_gas": _times(output, 88.0, 0),
        "foundry_flux": _times(output, 0.003, 2),
        "foundry_dross": _times(output, 0.028),
        "foundry_furnace": "regenerative",
        "foundry_silicon-metal": _times(output, 0.0195, 2),
        "foundry_magnesium-metal": _times(output, 0.0014, 3),
        "foundry_titanium-master-alloy": _times(output, 0.0049, 2),
        "foundry_strontium-master-alloy": _times(output, 0.0022, 2),
        "silicon_origin": "national",
        "magnesium_origin": "pidgeon",
    }
