"""Formulas as a person checks them: the names, then the numbers in the units in which they are written, then the result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pcf.catalogue import Catalogue
from pcf.engine import at
from pcf.model import Link, Scope
from pcf.views.figures import plain, with_unit

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CHARGE = "charge balance"
"""What stands in place of a formula where the charge's element balance gives the amount."""

_LONGEST = 240
"""Characters of a formula with its numbers; a longer one (a sum over every option) is shown by its names alone."""


@dataclass(frozen=True)
class Line:
    """One formula: what it gives (empty: the amount itself), its names, its numbers, its value."""

    name: str
    formula: str
    filled: str
    value: str


def formula_lines(catalogue: Catalogue, link: Link, scope: Scope) -> Iterator[Line]:
    """Formulas behind an amount: those of the derived names that count in it, each once, the amount's own first."""
    done: set[str] = set()
    open_names = [name for name in _NAME.findall(link.text) if name in catalogue.derived]
    if link.text == CHARGE:
        return
    if link.text not in catalogue.derived and link.text not in catalogue.parameters and _NAME.search(link.text):
        yield Line("", link.text, _fill(catalogue, scope, link.text), "")
    while open_names:
        name = open_names.pop(0)
        rest = catalogue.bases[name]
        if name in done or at(scope.values[name], 0) == 0 or (rest and not rest & link.names):
            continue
        done.add(name)
        derived = catalogue.derived[name]
        value = with_unit(at(scope.values[name], 0) / derived.scale, derived.unit)
        yield Line(name, derived.text, _fill(catalogue, scope, derived.text), value)
        open_names += [item for item in _NAME.findall(derived.text) if item in catalogue.derived]


def _fill(catalogue: Catalogue, scope: Scope, formula: str) -> str:
    filled = _NAME.sub(lambda found: _shown(catalogue, scope, found[0]), formula)
    return filled if len(filled) <= _LONGEST else ""


def _shown(catalogue: Catalogue, scope: Scope, name: str) -> str:
    if name in catalogue.derived:
        derived = catalogue.derived[name]
        return with_unit(at(scope.values[name], 0) / derived.scale, derived.unit)
    if name in catalogue.parameters:
        quantity = scope.quantities.get(name, catalogue.parameters[name])
        return with_unit(at(scope.values[name], 0) / quantity.scale, quantity.unit)
    return plain(at(scope.values[name], 0)) if name in scope.values else name
