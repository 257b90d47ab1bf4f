"""The footprint document of what a certificate is of: of several heats and later steps one `pcf/footprint/1`, for the exchange formats.

Figures are those of the certificate. Recycled content is what was claimed: what is in the metal and not claimed belongs to nobody yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import UNSPECIFIED
from pcf.certificate.draft import (
    AFTER_CAST,
    SCORES,
    SOURCE_CHECKS,
    further_by,
    mean_by_result,
    omitted_of,
    parts_of,
    separate_of,
)
from pcf.exchange.pact_aluminium import UNCLAIMED

Parts = Sequence[tuple[float, Mapping[str, Any]]]

CLAIMED = "mass claimed / mass of the shipment"
"""Basis of recycled content that was claimed."""


def blend(footprint: Mapping[str, Any], batch: Mapping[str, Any] | None, content: Mapping[str, Any] | None) -> dict[str, Any]:
    """One footprint document.

    Parameters
    ----------
    footprint : mapping
        The product's `pcf/footprint/1`, at its plant and in its year.
    batch : mapping or None
        The `pcf/batch/1` of what is certified.
    content : mapping or None
        Recycled content as it was claimed.
    """
    shares = content or {"post_consumer": 0.0, "pre_consumer": 0.0}
    charge = {
        "post_consumer_content": shares["post_consumer"], "pre_consumer_content": shares["pre_consumer"],
        "recycled_content": shares["post_consumer"] + shares["pre_consumer"], "basis": CLAIMED if content else UNCLAIMED,
    }  # fmt: skip
    if batch is None:
        return {**footprint, "charge": charge}
    parts, further = parts_of(batch), float(batch["further_steps"]["value"])
    total = float(batch["total"]["value"])
    stages = _stages(parts, further)
    return {
        **footprint,
        "total": dict(batch["total"]),
        "headline": dict(batch["headline"]),
        "standing": batch["standing"],
        "stages": [{"id": name, "value": value, "share": value / total if total else 0.0} for name, value in stages.items()],
        "matrix": _matrix(parts),
        "gases": _gases(parts, further),
        "separate": separate_of(parts, further),
        "alternatives": _alternatives(parts, batch),
        "evidence": {
            "source_check": mean_by_result(parts, "evidence", "source_check", SOURCE_CHECKS),
            "data_class": mean_by_result(parts, "evidence", "data_class", ("primary", "secondary")),
        },
        "data_quality": mean_by_result(parts, "data_quality", None, SCORES),
        "omitted": omitted_of(parts),
        "charge": charge,
        **{name: _union(name, footprint if further else None, parts) for name in ("factors", "references", "process_names")},
    }


def _stages(parts: Parts, further: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for weight, document in parts:
        for stage in document["stages"]:
            found[stage["id"]] = found.get(stage["id"], 0.0) + weight * stage["value"]
    if further:
        found[AFTER_CAST] = found.get(AFTER_CAST, 0.0) + further
    return found


def _matrix(parts: Parts) -> dict[str, dict[str, float]]:
    """Stage and source of the cast metal; the later steps have one number without a source."""
    found: dict[str, dict[str, float]] = {}
    for weight, document in parts:
        for stage, row in document["matrix"].items():
            cells = found.setdefault(stage, {})
            for source, value in row.items():
                cells[source] = cells.get(source, 0.0) + weight * value
    return found


def _gases(parts: Parts, further: float) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for weight, document in parts:
        for name, gas in document["gases"].items():
            entry = found.setdefault(name, {"mass_kg": None if gas["mass_kg"] is None else 0.0, "tCO2e": 0.0})
            entry["tCO2e"] += weight * gas["tCO2e"]
            if gas["mass_kg"] is not None:
                entry["mass_kg"] += weight * gas["mass_kg"]
            for edition, value in gas.get("editions", {}).items():
                told = entry.setdefault("editions", {})
                told[edition] = told.get(edition, 0.0) + weight * value
    if further:
        entry = found.setdefault(UNSPECIFIED, {"mass_kg": None, "tCO2e": 0.0, "editions": {}})
        entry["tCO2e"] += further
        entry["editions"]["not stated"] = entry["editions"].get("not stated", 0.0) + further
    return found


def _alternatives(parts: Parts, batch: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Results under the other choices, as far as every heat has them, and the later steps too."""
    first, further = parts[0][1]["alternatives"], bool(batch["further_steps"]["value"])
    known = batch.get("further_alternatives", {})
    return {
        choice: {
            option: further_by(batch, choice, option)
            + math.fsum(weight * document["alternatives"][choice][option] for weight, document in parts)
            for option in options
            if all(option in document["alternatives"].get(choice, {}) for _, document in parts)
        }
        for choice, options in first.items()
        if not further or choice in known
    }


def _union(name: str, footprint: Mapping[str, Any] | None, parts: Parts) -> dict[str, Any]:
    """Rows of the heats, and of the product's average where its later steps are in the result."""
    found: dict[str, Any] = {} if footprint is None else dict(footprint[name])
    for _, document in parts:
        found |= document[name]
    return found
