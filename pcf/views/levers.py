"""What somebody may move in a product: its own parameters with their ranges, the main ones first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pcf.engine import at
from pcf.model import System
from pcf.settings import LANGUAGES
from pcf.text import text
from pcf.views.parameters import parameter_rows

CONTENT = "recycled_content"
MAIN = (
    CONTENT, "post_consumer_share", "grid_mix", "dc_electricity", "anode_net", "primary_metal", "silicon_origin", "furnace",
    "alumina_electricity", "melting_gas", "group_mix", "bauxite_origin", "alumina_fuel", "cell_technology", "baking_gas", "green_coke_input",
)  # fmt: skip
"""Levers that a customer asks about, in the order in which they are shown."""

HIDDEN = frozenset({"recycled_input"})
"""A charge states one of recycled input and content; people ask for the content."""


@dataclass(frozen=True)
class Lever:
    """One thing that can be moved.

    Parameters
    ----------
    name : str
    title : mapping of language to text
    unit : str
    value : float or str
        Where it stands: a number in `unit`, or the option that has the whole of a group of shares; empty for a mixture.
    low, high : float
        Range of a number; NaN for shares.
    options : tuple of str
        What a group of shares can be.
    check : str
        Source check of the value.
    note : str
    """

    name: str
    title: Mapping[str, str]
    unit: str
    value: Any
    low: float = float("nan")
    high: float = float("nan")
    options: tuple[str, ...] = ()
    check: str = ""
    note: str = ""
    source: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_number(self) -> bool:
        """Whether it is a number with a range."""
        return not self.options

    @property
    def is_share(self) -> bool:
        """Whether people read it in per cent."""
        return self.is_number and self.unit in ("1", "") and (self.low, self.high) == (0, 1)

    @property
    def step(self) -> float:
        """A step of a slider: a hundredth of a share, else about a two-hundredth of the range, round in decimals."""
        if self.is_share:
            return 0.01
        size = (self.high - self.low) / 200
        return float(10.0 ** math.floor(math.log10(size)))


def find_levers(system: System, base: System) -> tuple[list[Lever], list[Lever]]:
    """Main levers in their order, then the others by name.

    Parameters
    ----------
    system : System
        The chain as it stands.
    base : System
        The same without values set by hand: it knows the ranges of what was.
    """
    found: dict[str, Lever] = {}
    for source in (base, system):
        for row in parameter_rows(source, everything=False):
            lever = _lever(row)
            if lever is not None and (source is system or system.own.origin.get(lever.name) == "user"):
                found[lever.name] = _as_it_stands(lever, system, base)
    charge = next((item for index, item in system.charges.items() if system.nodes[index].scope is system.own), None)
    if charge is not None:
        stated = found.get("recycled_input") or found.get(CONTENT)
        title = {lang: text("heading.recycled-content", lang) for lang in LANGUAGES}
        found[CONTENT] = Lever(
            CONTENT, title, "1", at(charge.recycled_content, 0), 0.0, 1.0, check=stated.check if stated else "",
            note=stated.note if stated else "", source=stated.source if stated else "",
        )  # fmt: skip
    if "silicon_origin" not in found:
        for row in parameter_rows(system, everything=True):
            if row["name"] == "common.silicon_origin" and (lever := _lever({**row, "name": "silicon_origin"})):
                found["silicon_origin"] = lever
    main = [found.pop(name) for name in MAIN if name in found]
    rest = [lever for name, lever in sorted(found.items()) if name not in HIDDEN]
    return main, rest


def _as_it_stands(lever: Lever, system: System, base: System) -> Lever:
    """A number that was set by hand has that value, where the data have another."""
    quantity = base.own.quantities.get(lever.name) or system.own.quantities.get(lever.name)
    if not lever.is_number or quantity is None or lever.name not in system.own.values:
        return lever
    return replace(lever, value=at(system.own.values[lever.name], 0) / quantity.scale)


def _lever(row: Mapping[str, Any]) -> Lever | None:
    check, note = str(row.get("source_check", "")), str(row.get("note", "") or "")
    if isinstance(row["value"], dict):
        options = tuple(dict.fromkeys((*row["options"], *row["choices"])))
        whole = [name for name, share in row["value"].items() if share == 1]
        return Lever(
            row["name"], row["title"], "1", whole[0] if whole else "", options=options, check=check, note=note,
            shares=row["value"],
        )  # fmt: skip
    if not row["range"]:
        return None
    low, high = row["range"]
    return Lever(
        row["name"], row["title"], row["unit"], row["value"], low, high, check=check, note=note, source=str(row.get("source", ""))
    )
