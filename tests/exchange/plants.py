"""Plants for the tests: the sample with other values."""

from __future__ import annotations

from typing import Any

from pcf.exchange.sample import sample_values

USES = ("use_rectifier", "use_auxiliary", "use_casting", "use_delivery", "use_recycled", "use_foundry")
LEGS = ("leg_own_coal", "leg_own_pv", "leg_own_gas", "leg_contract_hydro", "leg_direct_wind", "leg_grid")


def times(values: list[float], factor: float, digits: int = 2) -> list[float]:
    return [round(value * factor, digits) for value in values]


def plus(*rows: list[float]) -> list[float]:
    return [round(sum(parts), 2) for parts in zip(*rows, strict=True)]


def without_line(values: dict[str, Any], line: str) -> dict[str, Any]:
    """The same plant without one of its lines."""
    kept = {key: value for key, value in values.items() if not key.startswith(f"{line}_") and key != f"use_{line}"}
    if line == "foundry":
        kept = {key: value for key, value in kept.items() if key not in ("silicon_origin", "magnesium_origin")}
        kept["liquid_to_casting"] = plus(values["liquid_to_casting"], values["foundry_primary"])
    return kept


def powered(values: dict[str, Any], coal: float, gas: float, contract: float, exported: float = 0.0, heat: float = 0.0) -> None:
    """Fill the supply for the use, with shares of own coal, own gas and contract; 2 % photovoltaics, 3 % direct wind, the rest grid."""
    use = plus(*(values[key] for key in USES if key in values))
    shares = {
        "leg_own_coal": coal,
        "leg_own_gas": gas,
        "leg_contract_hydro": contract,
        "leg_own_pv": 0.02,
        "leg_direct_wind": 0.03,
    }
    for key, share in shares.items():
        values[key] = times(use, share)
    taken = plus(*(values[key] for key in shares))
    values["leg_grid"] = [round(a - b, 2) for a, b in zip(use, taken, strict=True)]
    values["certificates_contract_hydro"] = values["leg_contract_hydro"]
    for key in ("coal_burned", "generated", "own_use", "coal_ncv", "coal_cc", "coal_oxidation", "coal_rail_km"):
        values.pop(key, None)
    if coal:
        # Exports and a difference of 0.5 % between the power plant and the plant's own meter.
        net = times(values["leg_own_coal"], 1.005 + exported)
        generated = times(net, 1 / 0.94)
        values |= {
            "power_exported": times(values["leg_own_coal"], exported),
            "generated": generated,
            "own_use": [round(a - b, 2) for a, b in zip(generated, net, strict=True)],
            "coal_burned": times(generated, 0.43 + heat / 10),
            "heat_delivered": times(generated, heat),
            "coal_ncv": 20.9,
            "coal_cc": 26.2,
            "coal_oxidation": 0.985,
            "coal_rail_km": 320,
        }
    if gas:
        values["gas_generated"] = times(values["leg_own_gas"], 1 / 0.975)
        values["gas_own_use"] = [round(a - b, 2) for a, b in zip(values["gas_generated"], values["leg_own_gas"], strict=True)]
        values["gas_burned"] = times(values["gas_generated"], 195.0)
    values["own_power_plant"] = "yes" if coal or gas else "no"


def attributed(values: dict[str, Any], ingot: float, liquid: float) -> None:
    """Retire a quarter of the contract hydropower for shares of what it covers."""
    retired = times(values["leg_contract_hydro"], 0.25)
    values["attributed_contract_hydro"] = retired
    room = 0.25 * sum(values["leg_contract_hydro"]) / 14.5 / (sum(values["ingot_cast"]) + sum(values["liquid_delivered"]))
    values["ingot_attributed"] = times(values["ingot_cast"], ingot * room)
    values["liquid_attributed"] = times(values["liquid_delivered"], liquid * room)


def plant(**changes: Any) -> dict[str, Any]:
    """The sample with other values."""
    return {**sample_values(), **changes}
