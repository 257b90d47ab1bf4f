"""The JSON document of a sweep, `pcf/sweep/1`, and its table: what cannot be made has no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pcf.catalogue import STAGES, Catalogue
from pcf.commands.sweep_view import is_hypothetical_sweep
from pcf.engine.ranges import Scale, title_of
from pcf.engine.sweep import Axis, Sweep
from pcf.text import text
from pcf.views.basis import UNIT, basis_of, notes_of
from pcf.views.table_files import ResultTable

SCHEMA = "pcf/sweep/1"


def sweep_document(catalogue: Catalogue, found: Sweep, scales: Sequence[Scale], item: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep as documents have it: arrays have one dimension an axis, null where the charge is infeasible."""
    return {
        "schema": SCHEMA,
        "unit": UNIT,
        **basis_of(item),
        "axes": [
            {
                "name": axis.name, "title": dict(title_of(catalogue, found.variant, axis.name)), "kind": scale.kind,
                "unit": scale.unit or "1", "points": list(scale.values or axis.labels), "presets": list(axis.presets),
                "shares": [list(shares) for shares in axis.shares],
            }
            for axis, scale in zip(found.axes, scales, strict=True)
        ],
        "total": _nested(found.shown),
        "stages": {stage: _nested(_masked(found, stage)) for stage in _stages(found)},
        "hypothetical_mix": is_hypothetical_sweep(found),
        "infeasible": {"points": int(np.count_nonzero(~found.feasible)), "of": int(found.feasible.size)},
    }  # fmt: skip


def _stages(found: Sweep) -> list[str]:
    return [stage for stage in STAGES if stage in found.stages]


def _masked(found: Sweep, stage: str) -> Any:
    return np.where(found.feasible, found.stages[stage], np.nan)


def _nested(values: Any) -> Any:
    found = values.astype(object)
    found[~np.isfinite(values)] = None
    return found.tolist()


def sweep_table(found: Sweep, scales: Sequence[Scale], item: Mapping[str, Any], lang: str) -> ResultTable:
    """One row a point: its place on every axis, total, stages; empty where infeasible."""
    shape = found.total.shape
    columns: dict[str, Sequence[Any]] = {}
    for number, (axis, scale) in enumerate(zip(found.axes, scales, strict=True)):
        for name, values in _places(axis, scale).items():
            ones = [1] * len(shape)
            ones[number] = len(axis)
            columns[name] = np.broadcast_to(np.asarray(values).reshape(ones), shape).ravel()  # type: ignore[assignment]
    columns["total"] = found.shown.ravel()  # type: ignore[assignment]
    columns["feasible"] = found.feasible.ravel()  # type: ignore[assignment]
    for stage in _stages(found):
        columns[f"stage {stage}"] = _masked(found, stage).ravel()
    notes = notes_of(item, lang)
    if is_hypothetical_sweep(found):
        notes["warning"] = text("message.hypothetical", lang)
    return ResultTable("sweep", columns, notes)


def _places(axis: Axis, scale: Scale) -> dict[str, Sequence[Any]]:
    """Columns of an axis: numbers with their unit, shares of each preset, or names."""
    if axis.presets:
        return {f"{axis.name} {preset}": [shares[index] for shares in axis.shares] for index, preset in enumerate(axis.presets)}
    if scale.values:
        return {f"{axis.name} [{scale.unit}]" if scale.unit else axis.name: scale.values}
    return {axis.name: [str(label) for label in axis.labels]}
