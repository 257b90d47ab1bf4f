"""Footprints of round figures for the tests, the particulars of an issue, and a reader of the text of a PDF."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from io import BytesIO
from typing import Any

import pikepdf

ID = "Zx3kQ9vT2mB7rLpWc5yHnA"

CLAIMED = {"post_consumer": 0.5, "pre_consumer": 0.125, "basis": "batch", "claims": ["ST-1", "ST-2"]}
"""Recycled content as it was claimed of a shipment: 62.5 %."""

METHOD = {
    "boundary": "cradle-to-gate", "steps": [], "gwp": "AR6", "scrap": "cut-off", "electricity": "contract",
    "attribution": "attributed", "td": "official", "low_voltage_pfc": "included", "heat": "energy", "co_products": "none",
    "cut_off": "2 % together", "factor_year": "newest",
}  # fmt: skip


def footprint(standing: str = "demonstration", **more: Any) -> dict[str, Any]:
    """A footprint of 4.625 tCO2e/t: 0.5 + 1.125 + 3 by stage, 4.5 + 0.125 by gas; every figure an exact double."""
    stages = {
        "bauxite": 0.5,
        "alumina": 1.125,
        "anode": 0.0,
        "electrolysis": 3.0,
        "casting": 0.0,
        "recycling": 0.0,
        "rolling": 0.0,
    }
    found: dict[str, Any] = {
        "schema": "pcf/footprint/1",
        "product": {"id": "a356.2", "name": {"en": "A356.2 foundry-alloy ingot", "zh": "A356.2 铸造铝合金锭"}},
        "declared_unit": {"amount": 1.0, "unit": "t"},
        "boundary": "cradle-to-gate",
        "method": dict(METHOD),
        "site": {
            "id": "demo-2025", "name": {"en": "Demonstration casthouse", "zh": "演示铸造厂"}, "geography": "CN-Yunnan",
            "data_year": 2025, "standing": standing,
        },
        "changes": [],
        "alignment": {"standard": "GB/T 24067-2024", "claimed": True, "wording": "Aligned with GB/T 24067-2024."},
        "parameters": {
            "electricity_supply": {"value": {"contract_hydro": 0.75, "grid": 0.25, "own_pv": 0.0}},
            "grid_mix": {"value": {"site": 1.0}},
        },
        "total": {"value": 4.625, "unit": "tCO2e/t"},
        "headline": {"without_low_voltage_pfc": None, "with_low_voltage_pfc": None},
        "stages": [{"id": name, "value": value, "share": value / 4.625} for name, value in stages.items()],
        "gases": {
            "carbon dioxide, fossil": {"mass_kg": 4500.0, "tCO2e": 4.5},
            "tetrafluoromethane": {"mass_kg": 0.01694, "tCO2e": 0.125},
        },
        "separate": {
            "fossil": 4.625, "biogenic_emissions": "not separable", "biogenic_removals": "not separable",
            "land_use_change": "not separable", "aircraft": 0.0,
        },
        "alternatives": {
            "scrap": {"cut-off": 4.625, "co-product": 5.375}, "electricity_basis": {"contract": 4.625, "location": 11.25},
        },
        "charge": {"post_consumer_content": 0.5, "pre_consumer_content": 0.125, "recycled_content": 0.625},
        "evidence": {
            "source_check": {"source-read": 0.5, "transcribed": 0.25, "derived": 0.125, "assumed": 0.125},
            "data_class": {"primary": 0.75, "secondary": 0.25},
        },
        "data_quality": {
            "reliability": 1.5, "completeness": 2.0, "time": 1.0, "geography": 1.25, "technology": 2.5, "overall": 1.75,
        },
        "omitted": {"share": 0.01, "limit": 0.02, "largest": "", "unknown": []},
        "standing": standing,
        "provenance": {
            "engine": "pcf 0.1.0", "datasets_version": "2026.11.0", "datasets_sha256": "a" * 64, "own_data_sha256": "b" * 64,
        },
    }  # fmt: skip
    return {**found, **more}


def particulars(**more: Any) -> dict[str, Any]:
    """All that has to be given, for a product."""
    found: dict[str, Any] = {
        "number": "PCF-2026-000123",
        "version": 1,
        "id": ID,
        "kind": "product",
        "issued": "2026-03-31",
        "valid_until": "2027-12-31",
        "issuer": {
            "name": {"en": "Demonstration Aluminium Co., Ltd.", "zh": "演示铝业有限公司"},
            "address": {"en": "1 Example Road, Wenshan", "zh": "文山州示例路 1 号"},
            "identifier": "USCC 91530000DEMO00000X",
        },
        "customer": {
            "name": "Bayerische Räder AG 巴伐利亚车轮", "address": "Industriestraße 12, 80331 München", "country": "DE",
            "part_number": "WHL-19", "order": "PO 4500123456",
        },
        "product_standard": "GB/T 8733-2016",
        "mass_kg": 200_000,
        "coc_model": "mass-balance",
        "electricity_evidence": {"contract_hydro": "Retired certificates GEC-2025-0001 to 1312"},
        "seal_sha256": "c" * 64,
        "verify_url": f"https://verify.example.com/c/{ID}",
    }  # fmt: skip
    return {**found, **more}


def batch(kind: str = "shipment", further: float = 0.0) -> dict[str, Any]:
    """Two heats of 0.75 and 0.25 of the mass, 4.625 and 5.625 tCO2e/t (mean 4.875), and steps after the cast."""
    second = footprint()
    second["total"] = {"value": 5.625, "unit": "tCO2e/t"}
    second["stages"] = [
        {**stage, "value": stage["value"] + (1.0 if stage["id"] == "anode" else 0.0)} for stage in second["stages"]
    ]
    second["gases"] = {**copy.deepcopy(second["gases"]), "methane, fossil": {"mass_kg": 33.0, "tCO2e": 1.0}}
    second["alternatives"] = {
        "scrap": {"cut-off": 5.625, "co-product": 6.375}, "electricity_basis": {"contract": 5.625, "location": 12.25},
    }  # fmt: skip
    heats = [
        {
            "share": share, "footprint": document,
            "batch": {"id": name, "post_consumer_content": post, "pre_consumer_content": 0.125},
        }
        for share, document, name, post in ((0.75, footprint(), "H-1", 0.5), (0.25, second, "H-2", 0.25))
    ]  # fmt: skip
    return {
        "schema": "pcf/batch/1", "unit": "S-7", "kind": kind, "site": "demo", "date": "2025-06-30", "product": "a356.2",
        "mass_kg": 250_000, "total": {"value": 4.875 + further, "unit": "tCO2e/t"},
        "headline": {"without_low_voltage_pfc": None, "with_low_voltage_pfc": None},
        "cast_metal": {"value": 4.875, "unit": "tCO2e/t"}, "further_steps": {"value": further, "unit": "tCO2e/t"},
        "further_alternatives": {
            "scrap": {"cut-off": further, "co-product": 1.5 * further}, "electricity_basis": {"contract": further, "location": 1.5 * further},
        } if further else {},
        "gate": "product" if further else "cast", "gwp": "AR6", "standing": "demonstration", "provisional": False, "heats": heats,
    }  # fmt: skip


def texts(content: bytes) -> list[str]:
    """The text of each page of a PDF, as its fonts map glyphs to characters; without spaces, whose place is the reader's guess."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return ["".join(_texts(page, page.obj.Resources)) for page in pdf.pages]


def _texts(page: Any, resources: Any) -> list[str]:
    found, table = [], {}
    tables = {name: _table(font.ToUnicode.read_bytes().decode("ascii")) for name, font in resources.get("/Font", {}).items()}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            table = tables[str(operands[0])]
        elif name in ("Tj", "TJ"):
            pieces = operands if name == "Tj" else operands[0]
            codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
            found += [table[codes[at : at + 2].hex()] for at in range(0, len(codes), 2)]
        elif name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.Subtype == "/Form":
                found += _texts(form, form.get("/Resources", resources))
    return [piece for piece in found if piece.strip()]


def _table(cmap: str) -> dict[str, str]:
    found = {}
    for body in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        found |= {code.lower(): _characters(to) for code, to in re.findall(r"<(\w+)>\s*<(\w*)>", body)}
    assert "beginbfrange" not in cmap
    return found


def _characters(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be")


def runs(page: Any) -> list[tuple[float, float, float]]:
    """Where each run of upright text on a page begins and ends, and how high it stands [pt]."""
    found, stack, now, moved, size, widths = [], [], pikepdf.Matrix(), pikepdf.Matrix(), 0.0, {}
    tables = {name: _widths(font.DescendantFonts[0]) for name, font in page.Resources.Font.items()}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "q":
            stack.append(now)
        elif name == "Q":
            now = stack.pop()
        elif name == "cm":
            now = _matrix(operands) @ now
        elif name == "Tm":
            moved = _matrix(operands) @ now
        elif name == "Tf":
            size = float(operands[1])
            widths = tables[str(operands[0])]
        elif name in ("Tj", "TJ") and abs(moved.b) < 1e-6:
            far = 0.0
            for piece in operands if name == "Tj" else operands[0]:
                if isinstance(piece, pikepdf.String):
                    codes = bytes(piece)
                    far += sum(widths[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))
                else:
                    far -= float(piece)
            found.append((moved.e, moved.e + far / 1000 * size * moved.a, moved.f))
    assert found
    return found


def _matrix(operands: Any) -> pikepdf.Matrix:
    return pikepdf.Matrix(*(float(value) for value in operands))


def _widths(font: Any) -> dict[int, float]:
    default = float(font.get("/DW", 1000))
    found: dict[int, float] = defaultdict(lambda: default)
    entries = list(font.W)
    while entries:
        first = int(entries.pop(0))
        following = entries.pop(0)
        if isinstance(following, pikepdf.Array):
            found.update({first + number: float(width) for number, width in enumerate(following)})
        else:
            found.update(dict.fromkeys(range(first, int(following) + 1), float(entries.pop(0))))
    return found
