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
    """Values of the sample plant: a smelter of about 240 kt in Yunnan with hydropower under contract and a small own plant."""
    year = sum(_DAYS)

    def spread(total: float, digits: int = 1) -> list[float]:
        return [round(total * days / year, digits) for days in _DAYS]

    liquid_casting, dispatched = spread(148_500.0), spread(91_800.0)
    tapped = [round(a + b, 1) for a, b in zip(liquid_casting, dispatched, strict=True)]
    ingot = [round(value / 1.006, 1) for value in liquid_casting]
    delivered = [round(value / 1.004, 1) for value in dispatched]
    rectifier = [round(value * 13.28, 1) for value in tapped]
    direct = [round(value * 0.974, 1) for value in rectifier]
    auxiliary = [round(value * 0.285, 1) for value in tapped]
    casting = [round(value * 0.056, 1) for value in ingot]
    ladles = [round(value * 0.006, 1) for value in delivered]
    use = [round(sum(parts), 1) for parts in zip(rectifier, auxiliary, casting, ladles, strict=True)]
    own_coal = [round(value * 0.11, 1) for value in use]
    own_pv = [round(value * 0.015, 1) for value in use]
    hydro = [round(value * share, 1) for value, share in zip(use, _WET, strict=True)]
    grid = [round(a * 1.002 - b - c - d, 1) for a, b, c, d in zip(use, own_coal, own_pv, hydro, strict=True)]
    generated = [round(value / 0.94, 1) for value in own_coal]
    return {
        "site_id": SAMPLE_SITE,
        "name_en": "Demonstration smelter",
        "name_zh": "演示铝厂",
        "geography": "CN-Yunnan",
        "year": SAMPLE_YEAR,
        "kind": "DEMONSTRATION",
        "assurance": "none",
        "alumina_site": "shandong",
        "anode_site": "shandong",
        "liquid_tapped": tapped,
        "liquid_to_casting": liquid_casting,
        "ingot_cast": ingot,
        "liquid_dispatched": dispatched,
        "liquid_delivered": delivered,
        "ingot_attributed": spread(60_000.0),
        "liquid_attributed": spread(20_000.0),
        "leg_own_coal": own_coal,
        "leg_own_pv": own_pv,
        "leg_contract_hydro": hydro,
        "leg_grid": grid,
        "certificates_contract_hydro": hydro,
        "attributed_contract_hydro": spread(60_000 * 13.75 + 20_000 * 13.70),
        "use_rectifier": rectifier,
        "use_direct_current": direct,
        "use_auxiliary": auxiliary,
        "use_casting": casting,
        "use_delivery": ladles,
        "coal_burned": [round(value * 0.43, 1) for value in generated],
        "coal_ncv": 20.9,
        "coal_cc": 26.2,
        "coal_oxidation": 0.985,
        "generated": generated,
        "own_use": [round(value - net, 1) for value, net in zip(generated, own_coal, strict=True)],
        "alumina": [round(value * 1.917, 1) for value in tapped],
        "alumina_purity": 0.989,
        "anode_gross": [round(value * 0.473, 1) for value in tapped],
        "butts": [round(value * 0.066, 1) for value in tapped],
        "anode_sulphur": 0.019,
        "anode_ash": 0.0045,
        "alf3": [round(value * 0.0178, 2) for value in tapped],
        "cryolite": [0.0] * 12,
        "pfc_method": "slope",
        "cell_technology": "pfpb_l",
        "ae_frequency": 0.03,
        "ae_duration": 2.1,
        "casting_gas": [round(value * 21.0) for value in ingot],
        "casting_oil": [round(value * 0.05, 1) for value in ingot],
        "dross": [round(value * 0.0055, 1) for value in ingot],
        "ladle_gas": [round(value * 5.5) for value in delivered],
        "alumina_rail_km": 2450,
        "alumina_truck_km": 25,
        "anode_rail_km": 2450,
        "anode_truck_km": 25,
        "coal_rail_km": 320,
        "hot_metal_km": 18,
    }
