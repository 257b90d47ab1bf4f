"""The immutable objects that the catalogue hands to the rooms above it.

All numbers are in the coherent base of `pcf.units` (kg, J, m, s, Nm3, kgCO2e); `unit` and `scale` say how a
person wrote them: value in `unit` = base value / `scale`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pcf.catalogue.formula import Expression, names, order_definitions

if TYPE_CHECKING:
    from pcf.catalogue.roadmaps import Roadmap

SOURCE_CHECKS = ("source-read", "transcribed", "derived", "assumed")
"""Marks of a value's source, from strongest to weakest."""

DATA_CLASSES = ("primary", "secondary")
STAGES = ("bauxite", "alumina", "anode", "electrolysis", "casting", "recycling", "alloying", "rolling")
CATEGORIES = ("electricity", "pfc", "process-co2", "thermal-energy", "ancillary", "transport", "scrap-burden")
BOUNDARIES = ("cradle-to-gate", "gate-to-gate", "scope-1-2")
UNSPECIFIED = "GHG, unspecified"


@dataclass(frozen=True)
class Marks:
    """Where a value comes from, and how surely."""

    source: str
    year: str
    geography: str
    source_check: str
    data_class: str = "secondary"
    assurance: str = "none"
    locator: str = ""
    note: str = ""


@dataclass(frozen=True)
class Quantity:
    """A number with unit, marks, spread and permitted range; all numbers in the coherent base.

    `own_only`: a process's value that only says what is usual: a result has to bring its own.
    """

    value: float
    unit: str
    scale: float
    marks: Marks
    uncertainty: Mapping[str, Any] | None = None
    limits: tuple[float, float] | None = None
    name: Mapping[str, str] = field(default_factory=dict)
    factor: str | None = None
    place: str = ""
    own_only: bool = False

    @property
    def shown(self) -> float:
        """The value in its own unit."""
        return self.value / self.scale


@dataclass(frozen=True)
class Factor:
    """One row of a factor table: a quantity that may be a mass of gas per unit of something."""

    id: str
    kind: str
    quantity: Quantity
    gas: str | None
    gwp_edition: str | None


@dataclass(frozen=True)
class ShareGroup:
    """Named shares that sum to one."""

    name: str
    options: tuple[str, ...]
    default: Mapping[str, float]
    presets: Mapping[str, Mapping[str, float]]
    title: Mapping[str, str]
    process: str
    source_check: str
    note: str = ""


@dataclass(frozen=True)
class Derived:
    """A name that follows from others by a formula."""

    name: str
    expression: Expression
    unit: str
    scale: float
    title: Mapping[str, str]
    process: str
    text: str


@dataclass(frozen=True)
class Exchange:
    """One input or emission of a process, per unit of its reference flow."""

    kind: str
    target: str
    expression: Expression
    text: str
    unit: str
    role: str
    category: str | None
    stage: str | None
    boundaries: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Metal:
    """What a process supplies to a charge: origin, composition by mass fraction, metal yield."""

    origin: str
    composition: Mapping[str, Quantity]
    metal_yield: Quantity
    alloy: str | None = None
    element: str | None = None


def metal_name(process_id: str, item: str) -> str:
    """Name under which an element's content, or the yield, of a metal supplier is a parameter."""
    return f"{re.sub('[^a-z0-9]', '_', process_id)}__{item.lower()}"


@dataclass(frozen=True)
class ChecklistItem:
    """One line of a process's flow checklist; `estimate` in kgCO2e per kg of the reference flow.

    `unless` names method switches or shares, any of which brings an omitted flow into the result.
    """

    flow: str
    status: str
    estimate: Quantity | None
    note: str
    unless: str = ""


@dataclass(frozen=True)
class Process:
    """A unit process."""

    id: str
    name: Mapping[str, str]
    stage: str | None
    category: str | None
    per_site: bool
    unit: str
    scale: float
    reference: Mapping[str, str]
    parameters: tuple[str, ...]
    shares: tuple[str, ...]
    derived: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    checklist: tuple[ChecklistItem, ...]
    metal: Metal | None
    charge: bool
    allocation: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Alloy:
    """Composition limits of an alloy (mass fractions) with the targets that additions adjust."""

    id: str
    name: Mapping[str, str]
    standard: str
    elements: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class SiteCharge:
    """What one casthouse of a site charged in the year: gross mass of each material per mass of product [kg/kg].

    `primary` is the process that gave the primary metal (empty: the product's own choice); `parameters` and `shares` are
    the values of this casthouse's line alone and stand over those of the site.
    """

    primary: str
    gross: Mapping[str, Quantity]
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteOutput:
    """What one casthouse of a site made in the year [kg], and the part of it that MWh were retired for."""

    produced: Quantity
    attributed: Quantity


@dataclass(frozen=True)
class Site:
    """A plant and a calendar year: its own values, its electricity and who supplies it.

    `charge` holds, by casthouse process, what was really charged. `covers` names the processes that the plant's own data
    describe: only their products are results of the site. `outputs` holds, by casthouse process, what it made in the year.
    """

    id: str
    name: Mapping[str, str]
    geography: str
    standing: str
    year: int
    parameters: Mapping[str, Quantity]
    shares: Mapping[str, Mapping[str, Any]]
    supply: Mapping[str, Mapping[str, str]]
    charge: Mapping[str, SiteCharge] = field(default_factory=dict)
    note: str = ""
    covers: tuple[str, ...] = ()
    outputs: Mapping[str, SiteOutput] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """A product: the last process of its route, its site, its own settings and its charge."""

    id: str
    aliases: tuple[str, ...]
    name: Mapping[str, str]
    kind: str
    standard: str
    process: str
    step: str | None
    site: str | None
    unit: str
    amount: float
    parameters: Mapping[str, Quantity]
    shares: Mapping[str, Mapping[str, Any]]
    charge: Mapping[str, Any] | None
    product_standard: str = ""
    note: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Everything that the data say, validated.

    `sha256` is that of the data folder, `own_sha256` that of the user's own data on top of it, `study_sha256` that of a study.
    """

    version: str
    sha256: str
    sources: Mapping[str, Mapping[str, str]]
    factors: Mapping[str, Mapping[str, Factor]]
    gwp: Mapping[str, Mapping[str, float]]
    processes: Mapping[str, Process]
    parameters: Mapping[str, Quantity]
    owners: Mapping[str, str]
    shares: Mapping[str, ShareGroup]
    derived: Mapping[str, Derived]
    alloys: Mapping[str, Alloy]
    sites: Mapping[str, Site]
    products: Mapping[str, Product]
    study_sha256: str | None = None
    roadmaps: Mapping[str, Roadmap] = field(default_factory=dict)
    own_sha256: str | None = None

    @cached_property
    def bases(self) -> Mapping[str, frozenset[str]]:
        """Derived name → the parameters and share groups that it rests on, through other derived names."""
        found: dict[str, frozenset[str]] = {}
        for name in order_definitions({name: item.expression for name, item in self.derived.items()}):
            found[name] = self.bases_of(self.derived[name].expression, found)
        return found

    def bases_of(self, expression: Expression, known: Mapping[str, frozenset[str]] | None = None) -> frozenset[str]:
        """Parameters and share groups that an expression rests on; method switches left out."""
        known = self.bases if known is None else known
        found: set[str] = set()
        for name in names(expression):
            if name in known:
                found |= known[name]
            elif name in self.parameters:
                found.add(name)
            elif name.partition("__")[0] in self.shares:
                found.add(name.partition("__")[0])
        return frozenset(found)
