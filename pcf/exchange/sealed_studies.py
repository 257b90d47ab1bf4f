"""A sealed calculation as studies for other programs, one a part: what the bundle holds, and nothing that it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import UNSPECIFIED
from pcf.engine.study import Activity, Line, Study
from pcf.errors import InputError
from pcf.exchange.studies import ROWS, denominator
from pcf.text import name_in, visible
from pcf.units import unit_scale

WORDS = "en"
LONGEST = 200
"""Characters of a name that is passed on."""

SAME = 1e-12
"""Relative difference up to which two characterisation factors are one."""


def sealed_studies(
    bundle: Mapping[str, Any], gwp: Mapping[str, Mapping[str, float]], basis: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[Study]:
    """The studies of a bundle that was read by `pcf.certificate.seal.read_seal`.

    Parameters
    ----------
    bundle : mapping
    gwp : mapping of str to mapping of str to float
        Edition → gas → kgCO2e per kg: for gases that the bundle has only inside factors.
    basis : mapping of str to mapping of str to mapping
        Edition → gas → where its warming potential comes from.

    Raises
    ------
    InputError
        For a gas that is characterised with two values, and for two activities under one key.

    Notes
    -----
    A bundle holds a factor's kgCO2e per unit, not its mass of gas. The mass follows from what the gas is characterised with elsewhere in
    the bundle, else in the edition; where neither knows the gas, it stays in kgCO2e.
    """
    calculation = bundle["calculation"]
    edition = str(_mapping(calculation, "method").get("gwp", "sealed"))
    gases = _characterised(bundle, gwp.get(edition, {}))
    product = _mapping(calculation, "product")
    name = name_in(_texts(product, "name"), WORDS)[:LONGEST] or "sealed calculation"
    key = visible(str(product.get("id", "sealed"))[:LONGEST], keep="")
    parts, records = bundle["parts"], _mapping(calculation, "references")
    return [
        Study(
            id=key if len(parts) == 1 else f"{key}-{number}",
            name=visible(name if len(parts) == 1 else f"{name}, {number}", keep=""),
            edition=edition,
            activities=_Part(part["nodes"], calculation, gases).build(),
            gases=gases,
            gas_basis={gas: found for gas, found in basis.get(edition, {}).items() if gases[gas] == found["value"]},
            sources={source: _texts(records, source) for source in records},
        )
        for number, part in enumerate(parts, 1)
    ]


def _characterised(bundle: Mapping[str, Any], edition: Mapping[str, float]) -> dict[str, float]:
    """Gas → kgCO2e per kg, as the bundle's own emissions have it, else the edition."""
    found: dict[str, float] = {UNSPECIFIED: 1.0}
    for part in bundle["parts"]:
        for link in (link for node in part["nodes"] for link in node["links"] if link["kind"] == "emission"):
            gas, value = str(link["target"]), float(link["characterised"])
            if gas == UNSPECIFIED:
                continue
            if abs(found.setdefault(gas, value) - value) > SAME * abs(value):
                raise InputError("bundle, emissions", f"{gas[:60]} characterised with two values", "one value a gas")
    return {**edition, **found}


class _Part:
    def __init__(self, nodes: Sequence[Mapping[str, Any]], calculation: Mapping[str, Any], gases: Mapping[str, float]) -> None:
        self.nodes, self.gases = nodes, gases
        self.factors, self.parameters = _mapping(calculation, "factors"), _mapping(calculation, "parameters")
        self.rows: dict[str, Activity] = {}
        self.places: dict[str, int] = {}
        self.named: set[str] = set()

    def build(self) -> tuple[Activity, ...]:
        """The nodes, then the factor rows that they use."""
        chain = [self._activity(index, node) for index, node in enumerate(self.nodes)]
        found = (*chain, *self.rows.values())
        if len({item.key for item in found}) < len(found):
            raise InputError("bundle, nodes", "two activities under one key", "each once")
        return found

    def _activity(self, index: int, node: Mapping[str, Any]) -> Activity:
        # What an amount rests on is told for the whole calculation, not by process: the product's own process lists it.
        return Activity(
            key=node["key"],
            name=visible(node["name"], keep=""),
            product=visible(node["reference"], keep=""),
            unit=_unit(node["unit"]),
            geography=visible(node["geography"], keep=""),
            place=visible(node["scope"], keep=""),
            group="sealed",
            lines=tuple(self._line(node, link) for link in node["links"] if link["amount"]),
            basis={name: found for name, found in self.parameters.items() if _is_value(found)} if index == 0 else {},
        )

    def _line(self, node: Mapping[str, Any], link: Mapping[str, Any]) -> Line:
        amount = float(link["amount"]) * float(node["scale"])
        if link["kind"] == "input":
            return Line(
                link["target"], amount / float(self.nodes[link["target"]]["scale"]), str(link["text"]), str(link["category"])
            )
        if link["kind"] == "emission":
            amount *= float(link["characterised"]) if link["target"] == UNSPECIFIED else 1.0
            return Line(str(link["target"]), amount, str(link["text"]), str(link["category"]))
        place = self._row(link)
        amount /= unit_scale(self.rows[place].unit)
        return Line(len(self.nodes) + self.places[place], amount, str(link["text"]), str(link["category"]))

    def _row(self, link: Mapping[str, Any]) -> str:
        """Make the activity of a factor row, once for every value that it has; return its place among the rows."""
        name, characterised = str(link["target"]), float(link["characterised"])
        place = f"factor:{name} {characterised!r}"
        if place not in self.rows:
            found = self.factors.get(name)
            record: Mapping[str, Any] = found if isinstance(found, Mapping) and _is_value(found) else {}
            unit = _unit(denominator(str(record.get("unit", ""))))
            gas = str(link["gas"])
            if not self.gases.get(gas):
                gas = UNSPECIFIED
            emission = Line(gas, characterised / self.gases[gas] * unit_scale(unit), name)
            shown, first = visible(name, keep=""), f"factor:{name}"
            self.places[place] = len(self.rows)
            self.rows[place] = Activity(
                place if first in self.named else first, shown, shown, unit, visible(str(record.get("geography", "GLO")), keep=""), "",
                ROWS, (emission,), {name: record} if record else {}, is_row=True,
            )  # fmt: skip
            self.named.add(first)
        return place


def _unit(unit: str) -> str:
    """A unit that is known here; for any other, plain numbers: amounts are consistent whatever they are called."""
    try:
        unit_scale(unit)
    except InputError:
        return "1"
    return unit


def _mapping(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, Mapping) else {}


def _texts(content: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in _mapping(content, name).items()}


def _is_value(found: Any) -> bool:
    """Whether an entry has the form in which a footprint's document describes a value."""
    if not isinstance(found, Mapping):
        return False
    value = found.get("value")
    values = value.values() if isinstance(value, Mapping) else [value]
    return all(isinstance(item, int | float) for item in values) and all(
        isinstance(item, str) for key, item in found.items() if key != "value" and item is not None
    )
