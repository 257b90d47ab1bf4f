"""A study as the objects of a BW2Package: a database of emissions, one of activities, and the method.

Classes are named by their public names (`bw2data.Database`, `bw2data.Method`), which every version of Brightway has, rather than
by the modules that hold them in one version.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pcf.catalogue import UNSPECIFIED
from pcf.engine.study import Activity, Line, Study, own_use
from pcf.exchange.study_words import basis_lines, gas_lines, line_words
from pcf.text import text, visible

WORDS = "en"
DATABASE = {"module": "bw2data", "name": "Database"}
METHOD = {"module": "bw2data", "name": "Method"}


def brightway_objects(study: Study, result: float, remark: str) -> list[dict[str, Any]]:
    """What a BW2Package holds, the emissions first, since the others point to them.

    The database's name ends with a digest of its content: an import never writes over another study's.

    Parameters
    ----------
    study : Study
    result : float
        [kgCO2e per unit of the first activity]; told in the comment of the database.
    remark : str
        How the result was made.
    """
    used = sorted({line.target for item in study.activities for line in item.lines if isinstance(line.target, str)})
    name = database_name(study)
    place = f"{name} emissions"
    told = text(
        "study.result", WORDS, value=repr(result), unit=study.activities[0].unit, product=study.name, gwp=study.edition,
    )  # fmt: skip
    return [
        {
            "name": place,
            "class": DATABASE,
            "metadata": {"format": "pcf", "backend": "sqlite", "depends": []},
            "data": {
                (place, gas): {
                    "name": gas,
                    "type": "emission",
                    "unit": "kg",
                    "categories": ("air",),
                    **({"comment": text("study.unspecified", WORDS)} if gas == UNSPECIFIED else {}),
                }
                for gas in used
            },
        },
        {
            "name": name,
            "class": DATABASE,
            "metadata": {"format": "pcf", "backend": "sqlite", "depends": [place], "description": visible(f"{told}\n{remark}")},
            "data": {(name, item["code"]): _placed(item, name, place) for item in _datasets(study)},
        },
        {
            "name": ("pcf", name, f"GWP100 {study.edition}"),
            "class": METHOD,
            # The abbreviation names the method's file; an import over the same method needs it from the package.
            "metadata": {"unit": "kg CO2e", "description": gas_lines(study), "abbreviation": name.replace(" ", "-")},
            "data": [((place, gas), study.gases[gas]) for gas in used],
        },
    ]


def database_name(study: Study) -> str:
    """Name of a study's database; its end is a digest of the content."""
    content = [study.id, study.edition, sorted(study.gases.items()), _datasets(study)]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]
    return f"pcf {study.id} {study.edition} {digest}"


def _datasets(study: Study) -> list[dict[str, Any]]:
    return [_dataset(study, index) for index in range(len(study.activities))]


def _dataset(study: Study, index: int) -> dict[str, Any]:
    """An activity whose exchanges name what they lead to by code or gas alone."""
    item = study.activities[index]
    made = {
        "type": "production",
        "input": item.key,
        "name": item.product,
        "unit": item.unit,
        "amount": 1.0 - own_use(study, index),
    }
    lines = [_exchange(study, line) for line in item.lines if line.target != index]
    comment = "\n".join(filter(None, (item.note, item.place, basis_lines(item))))
    return {
        "code": item.key,
        "name": f"{item.name}{_suffix(item)}",
        "reference product": item.product,
        "unit": item.unit,
        "location": item.geography,
        "type": "process",
        "categories": ("pcf", item.group),
        "comment": comment,
        "exchanges": [made, *lines],
    }


def _suffix(item: Activity) -> str:
    return "" if item.is_row else f" @ {item.key.partition('@')[2].removeprefix('product:') or item.key}"


def _exchange(study: Study, line: Line) -> dict[str, Any]:
    if isinstance(line.target, str):
        found = {"type": "biosphere", "input": line.target, "name": line.target, "unit": "kg"}
    else:
        supplier = study.activities[line.target]
        found = {"type": "technosphere", "input": supplier.key, "name": supplier.product, "unit": supplier.unit}
    return {**found, "amount": line.amount, "comment": line_words(line)}


def _placed(item: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    """An activity whose exchanges lead into the databases that the package brings."""
    exchanges = [{**line, "input": (place if line["type"] == "biosphere" else name, line["input"])} for line in item["exchanges"]]
    return {**item, "database": name, "exchanges": exchanges}
