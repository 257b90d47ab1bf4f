"""One EPCIS event of every act of the business."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from pcf.exchange import epcis_acts as acts
from pcf.exchange.epcis_events import Event

BASE = "https://example.org/"
NAMESPACES = {"pcf": "https://example.org/ns/"}
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
CERTIFICATE = "https://example.com/certificates/409"
AT: dict[str, Any] = {"base": BASE, "moment": NOON, "offset": "+08:00", "site": "铸造厂 1"}


def every_act() -> dict[str, Event]:
    """One event of every act, with all that it can say."""
    shipped = acts.shipment(
        **AT,
        delivery="DN-1",
        units={"C-1": 9_000, "C-2": 8_500},
        sender="MILL",
        recipient="CAN",
        coc_document="COC-1",
        certificates=[CERTIFICATE],
        extensions={"cocKg": 12_000},
    )
    declared, voided = acts.void(shipped, moment=NOON + timedelta(days=1), reason="did_not_occur")
    return {
        "receipt": acts.receipt(
            **AT, unit="UBC-1", mass_kg=24_000, supplier="YARD", receiver="MILL", owner="CAN", delivery="T-9", coc_document="IN-1"
        ),
        "inspection": acts.inspection(**AT, unit="UBC-1", mass_kg=24_000, report="LAB-3", conforms=False),
        "cast": acts.cast(
            **AT,
            heat="H12345",
            charge={"UBC-1": 500, "PRIM-1": 500},
            products={"SLAB-1": 930},
            alloy="AA3104",
            furnace="F3",
            order="PO-7",
            extensions={"cocModel": "massBalance"},
        ),
        "processing": acts.processing(**AT, process="ROLL-1", inputs={"SLAB-1": 930}, outputs={"C-1": 880, "EDGE-1": 40}),
        "bundling": acts.bundling(**AT, bundle="B-1", members={"C-1": 880, "C-2": 870}),
        "shipment": shipped,
        "link": acts.link(**AT, document="COC-1", units={"C-1": 880}),
        "declared": declared,
        "voided": voided,
    }
