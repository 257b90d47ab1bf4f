"""The one choice object: everything that is decided, not measured, when a footprint is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pcf.errors import InputError

CHOICES: Mapping[str, tuple[str, ...]] = {
    "boundary": ("cradle-to-gate", "gate-to-gate", "scope-1-2"),
    "gwp": ("AR6", "AR5", "AR4"),
    "scrap": ("cut-off", "co-product"),
    "electricity": ("contract", "location"),
    "attribution": ("attributed", "site-average"),
    "td": ("official", "none", "loss-scaled"),
    "low_voltage_pfc": ("excluded", "included"),
    "heat": ("energy", "exergy", "alternative"),
    "co_products": ("none", "mass", "economic"),
    "cut_off": ("2 % together", "1 % each, 5 % together"),
}
"""Each choice of the method with its options; the first is the default."""

SWITCHES: Mapping[str, tuple[str, str]] = {
    "method_coproduct": ("scrap", "co-product"),
    "method_attributed": ("attribution", "attributed"),
    "method_location": ("electricity", "location"),
    "method_td_official": ("td", "official"),
    "method_td_loss_scaled": ("td", "loss-scaled"),
    "method_low_voltage_pfc": ("low_voltage_pfc", "included"),
    "method_heat__energy": ("heat", "energy"),
    "method_heat__exergy": ("heat", "exergy"),
    "method_heat__alternative": ("heat", "alternative"),
    "method_co_products__mass": ("co_products", "mass"),
    "method_co_products__economic": ("co_products", "economic"),
}
"""Names that formulas may use → the choice and the option at which the name is 1 (else 0)."""


@dataclass(frozen=True)
class Method:
    """A frozen set of choices; two results of different methods are never subtracted or ranked.

    Parameters
    ----------
    boundary, gwp, scrap, electricity, attribution, td, low_voltage_pfc, heat, co_products, cut_off : str
        One of `CHOICES`.
    steps : tuple of str
        Processes that `gate-to-gate` and `scope-1-2` count; empty: the product's own step.
    factor_year : str
        Year of the factor rows; empty: the newest of each.

    Raises
    ------
    InputError
        For an option that does not exist.
    """

    boundary: str = "cradle-to-gate"
    steps: tuple[str, ...] = ()
    gwp: str = "AR6"
    scrap: str = "cut-off"
    electricity: str = "contract"
    attribution: str = "attributed"
    td: str = "official"
    low_voltage_pfc: str = "excluded"
    heat: str = "energy"
    co_products: str = "none"
    cut_off: str = "2 % together"
    factor_year: str = ""

    def __post_init__(self) -> None:
        for name, options in CHOICES.items():
            value = getattr(self, name)
            if value not in options:
                raise InputError(f"method {name}", repr(value), " | ".join(options))
        year = self.factor_year
        if year and not (len(year) == 4 and year.isascii() and year.isdigit()):
            raise InputError("method factor_year", repr(year), "a year of four digits")

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Method:
        """A method from texts, as in a study file; unknown keys are refused."""
        known = {item.name for item in fields(cls)}
        for key in data:
            if key not in known:
                raise InputError("method", repr(key), ", ".join(sorted(known)))
        values = {key: str(value) for key, value in data.items() if key != "steps"}
        steps = data.get("steps", ())
        if not isinstance(steps, list | tuple) or not all(isinstance(step, str) for step in steps):
            raise InputError("method steps", repr(steps), "a list of process ids")
        return cls(**values, steps=tuple(steps))

    def switches(self) -> dict[str, float]:
        """The names that formulas may use, each 0 or 1."""
        return {name: float(getattr(self, choice) == option) for name, (choice, option) in SWITCHES.items()}

    def with_choice(self, choice: str, option: str) -> Method:
        """The same method with one choice changed."""
        changed: Method = replace(self, **{choice: option})  # type: ignore[arg-type]
        return changed

    def as_document(self) -> dict[str, Any]:
        """The choices as they stand in a result."""
        document: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        document["steps"] = list(self.steps)
        document["factor_year"] = self.factor_year or "newest"
        return document


ALTERNATIVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "scrap": ("scrap", ("cut-off", "co-product")),
    "electricity": ("attribution", ("site-average", "attributed")),
    "electricity_basis": ("electricity", ("contract", "location")),
    "td": ("td", ("none", "official", "loss-scaled")),
    "low_voltage_pfc": ("low_voltage_pfc", ("excluded", "included")),
    "heat": ("heat", ("energy", "exergy", "alternative")),
    "co_products": ("co_products", ("none", "mass", "economic")),
}
"""Alternatives printed beside every result: name in the document → choice and options."""


def alternative_methods(base: Method) -> list[tuple[str, str, Method]]:
    """Every alternative of a method, one choice changed at a time: (name, option, method)."""
    return [
        (name, option, base.with_choice(choice, option)) for name, (choice, options) in ALTERNATIVES.items() for option in options
    ]
