"""Levers moved by hand: the model is recorded once, and each position of the levers is then one scenario of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.axes import read_axis
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import PROBE, Input, Outcome, Scenarios
from pcf.engine.sweep import Axis
from pcf.errors import InputError


class Live:
    """A variant with some levers.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
        With what does not move.
    levers : mapping of name to (low, high, unit)
        Numbers with their ranges.
    mix : tuple of str, optional
        Two options of `grid_mix`: a lever of that name goes from the first to the second, 0 to 1.
    """

    def __init__(
        self, catalogue: Catalogue, variant: Variant, levers: Mapping[str, tuple[float, float, str]], mix: tuple[str, str] | None = None
    ) -> None:  # fmt: skip
        self._axes: dict[str, tuple[Axis, float, float]] = {}
        for name, (low, high, unit) in levers.items():
            written = "" if unit in ("1", "") else unit
            self._axes[name] = (read_axis(catalogue, variant, f"{name}={low!r}{written},{high!r}{written}"), low, high)
        if mix is not None:
            self._axes["grid_mix"] = (read_axis(catalogue, variant, f"grid_mix={mix[0]},{mix[1]}"), 0.0, 1.0)
        keys = [key for axis, _, _ in self._axes.values() for key in axis.values]
        if len(set(keys)) < len(keys) or not keys:
            raise InputError("levers", "none, or two that move one value", "levers of different names")
        inputs = [
            Input(f"{scope}.{name}", ((scope, name),), "", float(values.min()), float(values.max()))
            for axis, _, _ in self._axes.values()
            for (scope, name), values in axis.values.items()
        ]
        # Positions all over the ranges, the same every time; what takes another turn there is found by the program's guards.
        places = np.random.default_rng(0).random((len(self._axes), PROBE))
        probe = np.array(
            [row for place, (axis, _, _) in zip(places, self._axes.values(), strict=True) for row in _rows(axis, place)]
        )
        self._scenarios = Scenarios(
            catalogue, variant.product, variant.method, variant.settings, inputs, probe, stages=True
        )  # fmt: skip

    def run(self, positions: Mapping[str, float]) -> Outcome:
        """The result with each lever at a position [its own unit]; what lies outside a range is taken to its end."""
        rows: list[Sequence[float]] = []
        for name, (axis, low, high) in self._axes.items():
            place = float(np.clip((positions[name] - low) / (high - low), 0, 1))
            rows += _rows(axis, np.array([place]))
        return self._scenarios.run(np.array(rows))


def _rows(axis: Axis, places: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[Sequence[float]]:
    """Values of an axis with two ends at places from 0 to 1, a row for each value that it moves."""
    return [values[0] + (values[1] - values[0]) * places for values in axis.values.values()]
