"""The invented records of the demonstration: used cans, can-makers' trim and HQALight become can stock that is sold with documents.

Every name, number and mass here is made up. Two scopes: a smelter that casts HQALight on hydropower, and a casthouse with a
rolling mill that buys it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SMELTER, MILL = "demo-smelter", "demo-mill"
SMELTER_SCOPE, MILL_SCOPE = "smelter-scope", "mill-scope"
YEAR = "2025"

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Kind of record → rows."""

_DOC = {"responsible": "Demo, quality office", "conformance": "Aligned with the ASI CoC Standard, mass balance"}

SAMPLE: Records = {
    "party": [
        {"id": "demo-group", "name": "Demo Aluminium Group (invented)", "address": "1 Demo Road, Zouping", "country": "CN", "own": "yes"},
        {"id": "demo-rolling", "name": "Demo Rolling Company (invented)", "address": "2 Demo Road, Zouping", "country": "CN", "own": "yes"},
        {"id": "city-collect", "name": "City Collection Demo (invented)", "country": "CN"},
        {"id": "can-maker", "name": "Demo Can Maker (invented)", "address": "8 Can Street, Jinan", "country": "CN"},
        {"id": "beverage", "name": "Demo Beverages (invented)", "address": "9 Drink Street, Qingdao", "country": "CN"},
        {"id": "alloys", "name": "Demo Master Alloys (invented)", "country": "CN"},
    ],
    "certificate": [
        {"number": "DEMO-COC-1", "holder": "demo-group", "standard": "asi-coc", "valid_from": "2024-06-01", "valid_until": "2027-05-31",
         "level": "FULL", "auditor": "Demo Audit (invented)"},
        {"number": "DEMO-COC-2", "holder": "demo-rolling", "standard": "asi-coc", "valid_from": "2024-09-01", "valid_until": "2027-08-31",
         "level": "FULL", "auditor": "Demo Audit (invented)"},
        {"number": "DEMO-COC-3", "holder": "can-maker", "standard": "asi-coc", "valid_from": "2024-01-15", "valid_until": "2027-01-14",
         "level": "FULL", "auditor": "Demo Audit (invented)", "checked_on": "2025-02-03"},
    ],
    "due-diligence": [
        {"id": "DD-2025-01", "party": "city-collect", "date": "2025-01-10", "valid_until": "2025-12-31", "result": "passed",
         "source_type": "municipal-collection", "place": "Jinan", "payment": "bank transfer"},
    ],
    "site": [
        {"id": SMELTER, "name": "Demo smelter (invented)", "timezone": "Asia/Shanghai", "party": "demo-group", "plant": "demo-smelter"},
        {"id": MILL, "name": "Demo casthouse and mill (invented)", "timezone": "Asia/Shanghai", "party": "demo-rolling", "plant": "hongfa"},
    ],
    "scope": [
        {"id": SMELTER_SCOPE, "name": "Smelter and its casthouse", "sites": SMELTER, "certificate": "DEMO-COC-1",
         "representative": "Demo, CoC representative"},
        {"id": MILL_SCOPE, "name": "Casthouse and rolling mill", "sites": MILL, "certificate": "DEMO-COC-2",
         "representative": "Demo, CoC representative"},
    ],
    "period": [
        {"scope": scope, "id": year, "start": f"{year}-01-01", "end": f"{year}-12-31"}
        for scope in (SMELTER_SCOPE, MILL_SCOPE) for year in (YEAR, "2026")
    ],
    "lot": [
        {"id": "LIQ-2025-02", "site": SMELTER, "date": "2025-02-03", "material": "electrolysis", "mass_kg": 505_000,
         "supplier": "demo-group", "ticket": "LAD-0203", "content_class": "primary", "asi_class": "coc", "source_type": "own"},
    ],
    "cast": [
        {"heat": "L-0203-1", "site": SMELTER, "date": "2025-02-03", "furnace": "CH1", "product": "hqalight", "charge": "LIQ-2025-02=252500",
         "product_kg": 250_000, "dross_kg": 1_200},
        {"heat": "L-0203-2", "site": SMELTER, "date": "2025-02-04", "furnace": "CH1", "product": "hqalight", "charge": "LIQ-2025-02=252500",
         "product_kg": 250_000, "dross_kg": 1_250},
    ],
    "meter": [
        {"site": SMELTER, "time": "2025-02", "leg": "own_coal", "mwh": 5_000},
        {"site": SMELTER, "time": "2025-02", "leg": "grid", "mwh": 11_000},
    ],
    "power": [
        {"id": "HYDRO-2025-02", "site": SMELTER, "kind": "certificate", "leg": "grid", "time": "2025-02", "mwh": 9_000,
         "technology": "hydro", "registry": "GEC-DEMO", "serials": "H250200001-H250209000", "cancelled_on": "2025-03-10",
         "cancelled_for": "HQALight, February 2025"},
        {"id": "GEC-2025-02", "site": SMELTER, "kind": "certificate", "leg": "grid", "time": "2025-02", "mwh": 1_000, "technology": "wind",
         "registry": "GEC-DEMO", "serials": "W250200001-W250201000", "cancelled_on": "2025-03-10", "cancelled_for": "HQALight, February 2025"},
    ],
    "match": [
        {"id": "M-2025-02", "evidence": "HYDRO-2025-02", "product": "hqalight", "time": "2025-02", "mwh": 6_900, "mass_kg": 500_000},
    ],
    "shipment": [
        {"id": "SH-L-01", "site": SMELTER, "date": "2025-02-10", "customer": "demo-rolling", "delivery_note": "DN-L-01", "form": "ingot",
         "items": "L-0203-1=200000", "invoice": "INV-L-01"},
    ],
    "filing": [
        {"id": f"F-{scope}-{part}", "scope": scope, "period": YEAR, "part": part, "date": "2025-01-15", "title": title}
        for scope in (SMELTER_SCOPE, MILL_SCOPE)
        for part, title in ((2, "Procedures, training log and appointment (invented)"), (10, "Annual report as submitted (invented)"),
                            (12, "Claims and labels in use (invented)"), (13, "Retention schedule (invented)"),
                            (15, "Internal audit and management review (invented)"))
    ],
}  # fmt: skip
"""What the first import of the demonstration brings in; the second scope receives what the first one has documented."""


def mill_records(issuer: str, reference: str, footprint: Mapping[str, str]) -> Records:
    """Records of the mill, which received HQALight on a document of the smelter; `footprint` is what that states, or nothing."""
    stated = footprint and {
        "footprint": footprint["footprint"], "footprint_boundary": "cradle-to-gate", "footprint_gwp": "AR6",
        "footprint_period": footprint["footprint_period"], "footprint_verifier": "", "footprint_document": reference,
    }  # fmt: skip
    return {
        "received": [
            {"issuer": issuer, "reference": reference, "party": "demo-group", "date": "2025-02-10", "material": "asi-aluminium",
             "coc_kg": 200_000, "total_kg": 200_000, "customer": "Demo Rolling Company (invented)", **_DOC},
            {"issuer": "DEMO-COC-3", "reference": "CM-2025-117", "party": "can-maker", "date": "2025-02-20", "material": "eligible-scrap",
             "coc_kg": 300_000, "total_kg": 300_000, "customer": "Demo Rolling Company (invented)", **_DOC},
        ],
        "lot": [
            {"id": "UBC-0001", "site": MILL, "date": "2025-02-12", "material": "scrap-ubc", "mass_kg": 500_000, "supplier": "city-collect",
             "ticket": "W-0212-01", "content_class": "post-consumer", "asi_class": "eligible-scrap", "due_diligence": "DD-2025-01",
             "source_type": "municipal-collection", "invoice": "I-1001"},
            {"id": "TRIM-0007", "site": MILL, "date": "2025-02-21", "material": "scrap-can-trim", "mass_kg": 300_000, "supplier": "can-maker",
             "ticket": "W-0221-04", "content_class": "pre-consumer", "asi_class": "eligible-scrap", "document_issuer": "DEMO-COC-3",
             "document_reference": "CM-2025-117", "source_type": "coc-entity", "invoice": "I-1002"},
            {"id": "PRIM-0042", "site": MILL, "date": "2025-02-12", "material": "hqalight", "mass_kg": 200_000, "supplier": "demo-group",
             "ticket": "W-0212-02", "content_class": "primary", "asi_class": "coc", "document_issuer": issuer,
             "document_reference": reference, "source_type": "casthouse", "invoice": "I-1003", **stated},
            {"id": "MN-0003", "site": MILL, "date": "2025-02-05", "material": "manganese-master-alloy", "mass_kg": 8_000,
             "supplier": "alloys", "ticket": "W-0205-01", "content_class": "alloying", "asi_class": "non-coc", "invoice": "I-1004"},
            {"id": "INGOT-0009", "site": MILL, "date": "2025-02-25", "material": "primary-delivery", "mass_kg": 100_000,
             "supplier": "alloys", "ticket": "W-0225-03", "content_class": "primary", "asi_class": "non-coc", "invoice": "I-1005"},
        ],
        "cast": [
            {"heat": "H12345", "site": MILL, "date": "2025-03-01", "furnace": "F3", "product": "can-stock-3104", "alloy": "3104",
             "charge": "UBC-0001=250000,TRIM-0007=150000,PRIM-0042=100000,MN-0003=1500", "product_kg": 440_000, "returns_kg": 30_000,
             "dross_kg": 12_000, "chemistry": "Mn=1.0,Mg=1.15,Cu=0.18,Si=0.25,Fe=0.45",
             "bundles": "SLAB-2025-0001=220000,SLAB-2025-0002=220000"},
            {"heat": "H12346", "site": MILL, "date": "2025-03-02", "furnace": "F3", "product": "can-stock-3104", "alloy": "3104",
             "charge": "UBC-0001=250000,TRIM-0007=150000,PRIM-0042=100000,MN-0003=1500,H12345-R=30000,INGOT-0009=20000",
             "product_kg": 480_000, "returns_kg": 35_000, "dross_kg": 12_500, "chemistry": "Mn=0.98,Mg=1.12,Cu=0.17,Si=0.24,Fe=0.44"},
        ],
        "process": [
            {"id": "COIL-0001", "site": MILL, "date": "2025-03-08", "step": "rolling", "product": "can-stock-3104",
             "inputs": "SLAB-2025-0001=220000", "product_kg": 190_000, "returns_kg": 28_000},
            {"id": "COIL-0002", "site": MILL, "date": "2025-03-09", "step": "rolling", "product": "can-stock-3104",
             "inputs": "SLAB-2025-0002=220000", "product_kg": 189_000, "returns_kg": 29_000},
        ],
        "shipment": [
            {"id": "SH-C-01", "site": MILL, "date": "2025-03-12", "customer": "beverage", "delivery_note": "DN-C-01", "form": "coil",
             "items": "COIL-0001=190000,COIL-0002=110000", "invoice": "INV-C-01", "order": "PO-778"},
        ],
    }  # fmt: skip
