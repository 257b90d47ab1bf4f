"""A CoC document with all its fields, as it was issued or received."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, or_, select

from pcf.custody.masters import read_now
from pcf.custody.tables import document, party, void
from pcf.errors import InputError
from pcf.store.schema import log_head

Name = tuple[str, str, str]
"""Direction, issuer's certificate, reference."""


def find_documents(connection: Connection, text: str) -> list[Name]:
    """Documents of a reference, or the one of a full name (`out/CERTIFICATE/REFERENCE`)."""
    full = document.c.direction + "/" + document.c.issuer + "/" + document.c.reference
    query = select(document.c.direction, document.c.issuer, document.c.reference).where(
        or_(document.c.reference == text, full == text)
    )
    return [(row.direction, row.issuer, row.reference) for row in connection.execute(query)]


def find_document(connection: Connection, text: str) -> Name:
    """The one document of a reference or a full name.

    Raises
    ------
    InputError
        For none, and for several: an own one and a received one may bear the same reference.
    """
    found = find_documents(connection, text)
    if len(found) > 1:
        names = " | ".join(sorted("/".join(name) for name in found))
        raise InputError("document", f"{len(found)} documents of the reference {text!r}", f"one of: {names}")
    if not found:
        raise InputError("document", repr(text), "the reference of a document, or in|out/CERTIFICATE/REFERENCE", "pcf coc list")
    return found[0]


def covering_head(connection: Connection, seq: int) -> str | None:
    """The first signed head that an event is in: of a document the one that was signed when it was issued; None before that."""
    query = select(log_head.c.note).where(log_head.c.size > seq).order_by(log_head.c.size).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def read_document(connection: Connection, direction: str, issuer: str, reference: str) -> dict[str, Any]:
    """A document as plain values.

    Raises
    ------
    InputError
        For one that is not recorded.
    """
    row = connection.execute(
        select(document).where(
            document.c.direction == direction, document.c.issuer == issuer, document.c.reference == reference
        )
    ).first()  # fmt: skip
    if row is None:
        raise InputError("document", f"{direction}/{issuer}/{reference}", "a recorded document", "pcf coc list")
    details = json.loads(row.details)
    taken_back = connection.execute(
        select(void.c.date, void.c.reason).where(
            void.c.target_kind == "document", void.c.target == f"{direction}/{issuer}/{reference}"
        )
    ).first()  # fmt: skip
    if direction == "out":
        issuer_party, customer = _address(details["issuer_party"]), _address(details["customer"])
    else:
        sender = read_now(connection, party, [row.party], before=row.event_seq)[row.party]
        issuer_party = {"name": sender["name"], "address": json.loads(sender["details"]).get("address", "")}
        customer = {"name": details.get("customer", ""), "address": "", "certificate": ""}
    return {
        "schema": "pcf/coc-document/1",
        "direction": direction,
        "issuer": issuer,
        "reference": reference,
        "date": row.date,
        "account": row.account,
        "coc_kg": row.coc_kg,
        "total_kg": row.total_kg,
        "unit": row.unit,
        "issuer_party": issuer_party,
        "customer": customer,
        "responsible": details.get("responsible", ""),
        "conformance": details.get("conformance", ""),
        "delivery_note": details.get("delivery_note", ""),
        "recycled_content": " · ".join(
            filter(None, (details.get("recycled_content", ""), details.get("recycled_content_method", "")))
        ),
        "footprint": _footprint(details),
        "void": {"date": taken_back.date, "reason": taken_back.reason} if taken_back else None,
        "event_seq": row.event_seq,
    }


def _address(content: dict[str, Any]) -> dict[str, str]:
    details = json.loads(content.get("details") or "{}")
    return {
        "name": content.get("name", ""), "address": details.get("address", ""), "certificate": content.get("certificate", "")
    }  # fmt: skip


def _footprint(details: dict[str, Any]) -> str:
    """Footprint with what it is worth nothing without (R19)."""
    if not details.get("footprint"):
        return ""
    if "footprint_boundary" not in details:
        return str(details["footprint"])
    value = f"{float(details['footprint']):.3f} tCO2e/t"
    return " · ".join((value, details["footprint_boundary"], details["footprint_period"], details["footprint_verifier"]))
