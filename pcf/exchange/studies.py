"""A footprint's system as a study for other programs, with what every amount rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.catalogue import UNSPECIFIED, Catalogue
from pcf.engine import at
from pcf.engine.study import Activity, Line, Study
from pcf.methods import describe_marks, describe_parameter, describe_shares, references
from pcf.model import Link, Node, System
from pcf.text import name_in, visible
from pcf.units import unit_scale

WORDS = "en"
"""Language of an exported study, whatever the language of the screen is: it goes abroad."""

ROWS = "factor rows"
"""Group of the activities that are rows of a factor table."""


def study_of(system: System, scenario: int = 0) -> Study:
    """The study of one scenario of a system: what the product needs and nothing else.

    Parameters
    ----------
    system : System
    scenario : int
        Which of its scenarios.

    Raises
    ------
    InputError
        For a factor per something that has no unit.
    """
    return _Builder(system, scenario).build()


class _Builder:
    def __init__(self, system: System, scenario: int) -> None:
        self.system, self.scenario = system, scenario
        self.order = _reached(system, scenario)
        self.place = {index: place for place, index in enumerate(self.order)}
        self.rows: dict[str, Activity] = {}

    def build(self) -> Study:
        """The activities of the chain, then the factor rows that they use."""
        # A row's index is known once all of the chain has been seen: rows are counted from the end of the chain on.
        chain = [self._activity(self.system.nodes[index]) for index in self.order]
        catalogue, edition = self.system.catalogue, self.system.method.gwp
        activities, gases = (*chain, *self.rows.values()), gwp_basis(catalogue, edition)
        return Study(
            id=self.system.product.id,
            name=visible(name_in(self.system.product.name, WORDS)),
            edition=edition,
            activities=activities,
            gases={**catalogue.gwp[edition], UNSPECIFIED: 1.0},
            gas_basis=gases,
            sources=references(catalogue, [*gases.values(), *(found for item in activities for found in item.basis.values())]),
        )

    def _activity(self, node: Node) -> Activity:
        process = node.process
        lines = [self._line(node, link) for link in node.links if at(link.amount, self.scenario)]
        names = sorted({name for link in node.links for name in link.names})
        site = node.scope.site
        return Activity(
            key=node.key,
            name=visible(name_in(process.name, WORDS)),
            product=visible(name_in(process.reference, WORDS)),
            unit=process.unit,
            geography=node.scope.geography,
            place=visible(name_in(site.name, WORDS)) if site else "",
            group=process.stage or process.category or "supply",
            lines=tuple(lines),
            basis={name: found for name in names if (found := self._basis(node, name))},
            note=visible(process.note),
        )

    def _line(self, node: Node, link: Link) -> Line:
        amount = at(link.amount, self.scenario) * node.process.scale
        marks = {"category": link.category, "source_check": link.source_check, "data_class": link.data_class}
        if link.kind == "input":
            target = int(link.target)
            return Line(self.place[target], amount / self.system.nodes[target].process.scale, link.text, **marks)
        if link.kind == "emission":
            # What stands for a whole supply is characterised with its own intensity; the flow is kgCO2e.
            amount *= at(link.characterised, self.scenario) if link.gas == UNSPECIFIED else 1.0
            return Line(str(link.gas), amount, link.text, **marks)
        row = self._row(link)
        index = len(self.order) + list(self.rows).index(row.key)
        return Line(index, amount / unit_scale(row.unit), link.text, **marks)

    def _row(self, link: Link) -> Activity:
        """The activity of a factor row: one unit of what it is a factor of, with its emission."""
        factor = link.factor
        assert factor is not None  # a link of this kind has one
        key = f"factor:{factor.id}"
        if key not in self.rows:
            quantity = factor.quantity
            unit = denominator(quantity.unit)
            per_unit = at(link.per_unit, self.scenario)
            is_own = per_unit == quantity.value
            found: dict[str, Any] = {"value": per_unit / quantity.scale, "unit": quantity.unit}
            found |= {"origin": "factor row", **describe_marks(quantity.marks)} if is_own else {"origin": "user"}
            if factor.gwp_edition:
                found["gwp_edition"] = factor.gwp_edition
            name = visible(name_in(quantity.name, WORDS)) if quantity.name else factor.id
            emission = Line(
                str(factor.gas), per_unit * unit_scale(unit), factor.id, source_check=str(found.get("source_check", "assumed")),
                data_class=str(found.get("data_class", "secondary")),
            )  # fmt: skip
            self.rows[key] = Activity(
                key, name, name, unit, quantity.marks.geography, "", ROWS, (emission,), {factor.id: found}, is_row=True
            )
        return self.rows[key]

    def _basis(self, node: Node, name: str) -> Mapping[str, Any] | None:
        scope, group = node.scope, self.system.catalogue.shares.get(name)
        if group is not None:
            return describe_shares(scope, group)
        return describe_parameter(scope, name) if name in scope.quantities else None


def gwp_basis(catalogue: Catalogue, edition: str) -> dict[str, dict[str, Any]]:
    """Gas → its warming potential in an edition, with where it comes from."""
    return {
        str(row.gas): {"value": row.quantity.shown, "unit": row.quantity.unit, **describe_marks(row.quantity.marks)}
        for years in catalogue.factors.values()
        for row in years.values()
        if row.kind == "property" and row.gas and row.gwp_edition == edition
    }


def denominator(unit: str) -> str:
    """What a factor's unit is per: `kWh` of `kgCO2e/kWh`, `t*km` of `kgCO2e/(t*km)`."""
    _, slash, per = unit.partition("/")
    return per.strip("()") if slash else "1"


def _reached(system: System, scenario: int) -> list[int]:
    """Indices of the nodes that the product needs, in the order in which its chain comes to them."""
    found, done = [0], 0
    while done < len(found):
        for link in system.nodes[found[done]].links:
            if link.kind == "input" and at(link.amount, scenario) and int(link.target) not in found:
                found.append(int(link.target))
        done += 1
    return found
