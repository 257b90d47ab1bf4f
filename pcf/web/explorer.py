"""What the page Explore stands on: a state, the levers, the live model, the documents. No element of a page is in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pcf.catalogue import Catalogue
from pcf.engine import Footprint, calculate
from pcf.engine.live import Live
from pcf.engine.scenarios import Outcome
from pcf.errors import InputError
from pcf.methods import Range, assess, document
from pcf.model import CHOICES, Method, Settings, compose, find_product
from pcf.views.levers import Lever, find_levers
from pcf.views.state import State

MIX = "grid_mix"
OWN, CLEAN = "site", "hydro"
"""Ends of the lever of power before somebody chooses others."""


@dataclass(frozen=True)
class Result:
    """What a state gives."""

    state: State
    footprint: Footprint
    item: Mapping[str, Any]


def compute(catalogue: Catalogue, state: State, lang: str) -> Result:
    """The whole document of a state."""
    variant = state.variant(catalogue)
    found = calculate(catalogue, variant.product, variant.method, variant.settings)
    return Result(state, found, document(found, assess(found), lang))


def with_range(result: Result, range_: Range, lang: str) -> Result:
    """A result whose checks know where its draws lie."""
    return replace(result, item=document(result.footprint, assess(result.footprint, range_), lang))


class Explorer:
    """A state that is moved.

    Parameters
    ----------
    catalogue : Catalogue
    state : State

    Raises
    ------
    InputError
        For a state that cannot be computed.
    """

    def __init__(self, catalogue: Catalogue, state: State) -> None:
        self.catalogue = catalogue
        self.mix = (OWN, CLEAN)
        self.positions: dict[str, float] = {}
        self.live: Live | None = None
        self.set_state(State(find_product(catalogue, state.product), state.changes))

    def set_state(self, state: State) -> None:
        """Go to another state: its levers are read, and its model recorded.

        Raises
        ------
        InputError
            For a state that cannot be computed; then nothing has changed.
        """
        variant = state.variant(self.catalogue)
        system = compose(self.catalogue, variant.product, variant.method, variant.settings)
        base = compose(self.catalogue, variant.product, variant.method, Settings(sites=variant.settings.sites))
        main, rest = find_levers(system, base)
        mix, share = _read_mix(state.changes.get(MIX, ""), self.mix)
        numbers = {lever.name: (lever.low, lever.high, lever.unit) for lever in main if lever.is_number}
        has_mix = any(lever.name == MIX for lever in main) and mix is not None
        live = Live(self.catalogue, variant, numbers, mix if has_mix else None) if numbers or has_mix else None
        positions = {lever.name: float(lever.value) for lever in main if lever.is_number} | ({MIX: share} if has_mix else {})
        if live is not None:
            live.run(positions)
        self.state, self.main, self.rest, self.live, self.positions = state, main, rest, live, positions
        self.mix = mix or self.mix

    def move(self, name: str, value: float) -> Outcome | None:
        """Move a lever of numbers or of the mix; gives the result, or None where there is no live model."""
        self.positions[name] = value
        self.state = self.state.with_changes({name: self.mix_text(value) if name == MIX else f"{value:.6g}"})
        return self.live.run(self.positions) if self.live is not None else None

    def mix_text(self, share: float) -> str:
        first, second = self.mix
        if share in (0, 1):
            whole = first if share == 0 else second
            return "" if whole == OWN else whole
        per_cent = round(share * 100)
        return f"{first}:{100 - per_cent}%,{second}:{per_cent}%"

    def lever(self, name: str) -> Lever:
        """A lever by its name."""
        return next(item for item in (*self.main, *self.rest) if item.name == name)

    @property
    def method(self) -> Method:
        """The method of the state."""
        return self.state.variant(self.catalogue).method

    def choices(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Choice of the method → what is chosen, and what can be."""
        method = self.method
        return {name: (str(getattr(method, name)), options) for name, options in CHOICES.items()}

    def sites(self) -> dict[str, Mapping[str, str]]:
        """Sites at which the product could be made, by id; none where it has no site of its own."""
        product = self.catalogue.products[self.state.product]
        if not product.site:
            return {}
        found = {}
        for site in self.catalogue.sites.values():
            try:
                self.state.having(site="" if site.id == product.site else site.id, grid_mix="").variant(self.catalogue)
            except InputError:
                continue
            found[site.id] = site.name
        return found


def _read_mix(text: str, before: tuple[str, str]) -> tuple[tuple[str, str] | None, float]:
    """Ends and share of the second of a mix of two; no ends for one of more."""
    if not text:
        return (OWN, before[1] if before[1] != OWN else CLEAN), 0.0
    parts = [part.replace("=", ":").partition(":") for part in text.split(",")]
    if len(parts) == 1 and not parts[0][2]:
        return (before[0] if before[0] != parts[0][0] else (OWN if parts[0][0] != OWN else CLEAN), parts[0][0]), 1.0
    if len(parts) != 2:
        return None, 0.0
    (first, _, _), (second, _, share) = parts
    try:
        number = float(share.strip().removesuffix("%")) / (100 if share.strip().endswith("%") else 1)
    except ValueError:
        return None, 0.0
    return (first.strip(), second.strip()), number
