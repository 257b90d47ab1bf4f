"""A plant's workbook as the draft of an installation's year for CBAM: its activity data, never a footprint.

What the workbook does not hold stays empty, and the calculation refuses it until somebody states it: CN codes, alloying shares,
heat values and factors of fuels, what the duct collects, flue gas treatment, bought metal.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pcf.catalogue import Catalogue
from pcf.exchange.plant_layout import SCRAP_CLASSES
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_sheets import locate
from pcf.text import text

PRE_CONSUMER = "pre-consumer"
NM3 = 1000.0
"""Nm3 of the unit in which the calculation takes gas."""

DECIMALS = 6
"""Of an amount in the draft; the workbook's cells have fewer."""

SMELTER = "smelter"
_LINES = {"recycled": {"en": "Recycled line", "zh": "再生线"}, "foundry": {"en": "Foundry line", "zh": "铸造合金线"}}


def draft_of_plant(plant: PlantYear, catalogue: Catalogue) -> dict[str, Any]:
    """The draft: amounts of the year with their cells as source, None for what the workbook does not hold."""
    lines = [_line(plant, catalogue, name) for name in _LINES if plant[f"{name}_output"]]
    verifier = plant.texts.get("verifier")
    made: dict[str, Any] = {
        "schema": "pcf/cbam-installation/1",
        "standing": "demonstration" if plant.texts["kind"] == "DEMONSTRATION" else "operator-data",
        "year": int(plant["year"]),
        "operator": dict.fromkeys(("name", "registration_number", "address")),
        "installation": {"name": plant.texts["name_en"], "country": "CN", **dict.fromkeys(("address", "latitude", "longitude"))},
    }
    if verifier:
        made["verifier"] = {"name": verifier, **dict.fromkeys(("accreditation", "date", "opinion"))}
    return _rounded({**made, "processes": [_smelter(plant), *lines]})


def _rounded(content: Any) -> Any:
    """Sums of decimal cells without what binary fractions leave behind."""
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_rounded(value) for value in content]
    return round(content, DECIMALS) if isinstance(content, float) else content


def draft_text(plant: PlantYear, catalogue: Catalogue, lang: str) -> str:
    """The draft as YAML, with a remark on what is empty."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = 1000
    page = io.StringIO()
    writer.dump(draft_of_plant(plant, catalogue), page)
    head = text("cbam.plant-draft", lang, file=plant.file, sha=plant.sha256)
    return "".join(f"# {line}\n" for line in head.split("\n")) + page.getvalue()


def _good(name: Mapping[str, str], tonnes: float) -> dict[str, Any]:
    return {"cn": None, "name": dict(name), "tonnes": tonnes, "other_elements": None}


def _fuel(name: str, plant: PlantYear, *keys: str) -> dict[str, Any]:
    amount = sum(plant[key] for key in keys) / NM3
    open_fields = dict.fromkeys(("ncv", "ef", "oxidation", "zero_rated_share"))
    return {"name": name, "amount": amount, "unit": "1000 Nm3", **open_fields, "source": locate(keys)}


def _smelter(plant: PlantYear) -> dict[str, Any]:
    to_lines = sum(plant[f"{name}_primary"] for name in _LINES)
    goods = [
        _good(name, tonnes)
        for name, tonnes in (
            ({"en": "Ingot", "zh": "铝锭"}, plant["ingot_cast"]),
            ({"en": "Liquid metal dispatched", "zh": "外送铝液"}, plant["liquid_delivered"]),
            ({"en": "Liquid metal to own lines", "zh": "自用铝液"}, to_lines),
        )
        if tonnes
    ]
    fuels = [_fuel("Natural gas", plant, "casting_gas", "ladle_gas")]
    if plant["casting_oil"]:
        oil = dict.fromkeys(("ef", "oxidation", "zero_rated_share"))
        fuels.append({
            "name": "Fuel oil and diesel", "amount": plant["casting_oil"], "unit": "GJ", "ncv": 1, **oil, "source": locate(("casting_oil",)),
        })  # fmt: skip
    return {
        "id": SMELTER,
        "name": {"en": "Smelter and ingot casthouse", "zh": "电解与铝锭铸造"},
        "route": "primary",
        "goods": goods,
        "outside": {"scrap": None, "off_spec": None, "by_products": plant["dross"]},
        "scrap": {"tonnes": None, "pre_consumer_share": None},
        "electrodes": _electrodes(plant),
        "fuels": fuels,
        "flue_gas_treatment": None,
        "pfc": [_potline(plant)],
        "transfers": None,
        "precursors": None,
    }


def _electrodes(plant: PlantYear) -> list[dict[str, Any]]:
    """Anodes with what is left of them without sulphur and ash; of the butts the workbook has the mass alone."""
    carbon = 1 - plant["anode_sulphur"] - plant["anode_ash"]
    keys = ("anode_gross", "anode_sulphur", "anode_ash")
    return [
        {
            "name": "Anodes set",
            "direction": "in",
            "tonnes": plant["anode_gross"],
            "carbon_content": carbon,
            "source": locate(keys),
        },
        {
            "name": "Butts returned",
            "direction": "out",
            "tonnes": plant["butts"],
            "carbon_content": None,
            "source": locate(("butts",)),
        },
    ]


def _potline(plant: PlantYear) -> dict[str, Any]:
    slope: dict[str, Any] = dict.fromkeys(("ae_frequency", "ae_duration"))
    keys: tuple[str, ...] = ("liquid_tapped",)
    if {"ae_frequency", "ae_duration"} <= plant.given:
        slope = {key: plant[key] for key in slope}
        keys += tuple(slope)
    return {
        "name": "Potlines", "technology": plant.texts["cell_technology"].upper(), "aluminium_t": plant["liquid_tapped"],
        "collection_efficiency": None, "method": "slope", "slope": slope, "source": locate(keys),
    }  # fmt: skip


def _line(plant: PlantYear, catalogue: Catalogue, line: str) -> dict[str, Any]:
    scrap = {name: plant[f"{line}_{name}"] for name in SCRAP_CLASSES}
    total = sum(scrap.values())
    new = sum(tonnes for name, tonnes in scrap.items() if _origin(catalogue, name) == PRE_CONSUMER)
    own = f"{line}_primary"
    precursors = [{
        "name": "Own liquid metal", "basis": "internal", "from": SMELTER, "tonnes": plant[own], "source": locate((own,)),
    }] if plant[own] else []  # fmt: skip
    return {
        "id": line,
        "name": dict(_LINES[line]),
        "route": "secondary",
        "goods": [_good({"en": f"Ingot of the {line} line", "zh": f"{_LINES[line]['zh']}铝锭"}, plant[f"{line}_output"])],
        "outside": {"scrap": None, "off_spec": None, "by_products": plant[f"{line}_dross"]},
        "scrap": {"tonnes": total, "pre_consumer_share": new / total if total else 0},
        "electrodes": [],
        "fuels": [_fuel("Natural gas", plant, f"{line}_gas")],
        "flue_gas_treatment": None,
        "pfc": [],
        "transfers": None,
        # Where own metal is charged, other bought metal has to be added by hand.
        "precursors": precursors or None,
    }


def _origin(catalogue: Catalogue, name: str) -> str:
    metal = catalogue.processes[name].metal
    return metal.origin if metal is not None else ""
