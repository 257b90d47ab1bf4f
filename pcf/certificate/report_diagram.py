"""The picture of the system boundary: the stages of a route with what flows between them, as boxes and arrows in millimetres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.certificate.pages import percent, plain
from pcf.certificate.report_blocks import COMMA, Blocks, tonnes
from pcf.certificate.texts import say

WIDTH, BOX, GAP, INSET, HIGH = 178.0, 22.0, 6.5, 4.0, 17.0
SIDE = 42.0
"""What stands to the right of the boundary is at most so wide."""

LANES: Mapping[str, tuple[int, int]] = {
    "bauxite": (0, 0), "alumina": (1, 0), "electrolysis": (2, 0), "casting": (3, 0), "rolling": (4, 0),
    "anode": (1, 1), "recycling": (2, 1), "alloying": (3, 1),
}  # fmt: skip
"""Stage → column and lane: what becomes the product above, what comes in from the side below."""

AFTER: Mapping[str, tuple[str, ...]] = {
    "bauxite": ("alumina", "electrolysis", "casting", "rolling"), "alumina": ("electrolysis", "casting", "rolling"),
    "electrolysis": ("casting", "rolling"), "casting": ("rolling",), "rolling": (), "anode": ("electrolysis", "casting", "rolling"),
    "recycling": ("casting", "rolling"), "alloying": ("casting", "rolling"),
}  # fmt: skip
"""Stage → where its product may go, nearest first."""


def diagram(blocks: Blocks) -> dict[str, Any]:
    """The block of the system boundary."""
    from pcf.charts.style import look

    stages = {stage["id"]: stage for stage in blocks.result["stages"] if stage["value"]}
    columns = sorted({LANES[name][0] for name in stages})
    lanes = 1 + max((LANES[name][1] for name in stages), default=0)
    if lanes > 1 and all(LANES[name][1] for name in stages):
        lanes = 1
    top, step = 24.0, HIGH + 9.0
    place = {}
    for name in stages:
        column, lane = LANES[name]
        place[name] = (INSET + columns.index(column) * (BOX + GAP), top + (lane if lanes > 1 else 0) * step)
    right = max(INSET + max(len(columns), 2) * (BOX + GAP) - GAP + INSET, 92.0)
    bottom = top + (lanes - 1) * step + HIGH + 5
    items: list[dict[str, Any]] = [
        {"kind": "frame", "x": 0, "y": 6, "w": right, "h": bottom - 6},
        {
            "kind": "label",
            "x": 0,
            "y": 0,
            "w": right,
            "text": blocks.told(f"diagram.{blocks.result['boundary']}"),
            "strong": True,
        },
        _box(
            INSET,
            9,
            right - 2 * INSET,
            9,
            [blocks.told("diagram.direct" if blocks.result["boundary"] == "scope-1-2" else "diagram.supply")],
            tone="soft",
        ),
    ]
    for name, (x, y) in place.items():
        stage = stages[name]
        lines = [blocks.stage(name), plain(f"{tonnes(stage['value'])} ({percent(stage['share'])})")]
        items.append({**_box(x, y, BOX, HIGH, lines), "color": look("stage", name).color})
        if y == top:
            items.append(_arrow((x + BOX / 2, 18), (x + BOX / 2, y), soft=True))
    for name in stages:
        following = next((other for other in AFTER[name] if other in stages), None)
        items.append(_to_gate(place[name], right) if following is None else _between(place[name], place[following]))
    gate = next((y for name, (_, y) in place.items() if not any(other in stages for other in AFTER[name])), top)
    beside = right + 8
    side = min(WIDTH - beside, SIDE)
    items += [
        _arrow((right, 11), (beside, 11)),
        _box(beside, 2, side, 17, [blocks.told("diagram.emissions")], tone="emission"),
        _box(
            beside,
            gate - 1,
            side,
            HIGH + 2,
            [blocks.told("diagram.product"), plain(blocks.result["product"]["id"])],
            tone="product",
        ),
        _box(beside, gate + HIGH + 4, side, 23, [blocks.told("diagram.outside")], tone="outside"),
    ]
    height = max(bottom, gate + HIGH + 27)
    if "recycling" in place:
        x, y = place["recycling"]
        below = bottom + 6
        scrap = blocks.told(f"diagram.scrap-{blocks.result['method']['scrap']}")
        items += [
            _box(max(0.0, x - 19), below, 60, 11, [scrap], tone="outside"), _arrow((x + BOX / 2, below), (x + BOX / 2, y + HIGH)),
        ]  # fmt: skip
        height = max(height, below + 11)
    alt = blocks.told("diagram.alt", stages=lambda lang: COMMA[lang].join(say(f"stage.{name}", lang) for name in stages))
    return {"kind": "diagram", "height": height + 1, "items": items, "alt": " ".join(piece["text"] for piece in alt)}


def _box(x: float, y: float, w: float, h: float, lines: list[Any], tone: str = "stage") -> dict[str, Any]:
    return {"kind": "box", "x": x, "y": y, "w": w, "h": h, "lines": lines, "tone": tone}


def _arrow(*points: tuple[float, float], soft: bool = False) -> dict[str, Any]:
    return {"kind": "arrow", "points": [list(point) for point in points], "soft": soft}


def _to_gate(place: tuple[float, float], right: float) -> dict[str, Any]:
    x, y = place
    return _arrow((x + BOX, y + HIGH / 2), (right + 8, y + HIGH / 2))


def _between(start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    """From a stage to the next: straight in a lane, up into it from the lane below."""
    (x, y), (far, high) = start, end
    if y == high:
        return _arrow((x + BOX, y + HIGH / 2), (far, high + HIGH / 2))
    if x == far:
        return _arrow((x + BOX / 2, y), (x + BOX / 2, high + HIGH))
    middle = far - GAP / 2
    return _arrow((x + BOX, y + HIGH / 2), (middle, y + HIGH / 2), (middle, high + HIGH - 4), (far, high + HIGH - 4))
