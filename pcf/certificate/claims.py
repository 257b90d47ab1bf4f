"""Recycled content of what is certified: what was claimed of a shipment; nothing else is recycled content here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from pcf.custody.statements import read_statement
from pcf.custody.tables import statement, void


def read_claims(connection: Connection, shipment: str) -> tuple[dict[str, Any] | None, list[str]]:
    """Claimed shares of a shipment with the custody models of the claims; None where nothing was claimed."""
    gone = select(void.c.target).where(void.c.target_kind == "statement")
    first = connection.execute(
        select(statement.c.id).where(statement.c.shipment == shipment, statement.c.id.not_in(gone)).order_by(statement.c.id)
    ).scalar()  # fmt: skip
    if first is None:
        return None, []
    found = read_statement(connection, first)
    shares = {name: float(part.share) for name, part in found.parts.items()}
    bases = {part.basis for part in found.parts.values()}
    return {
        "post_consumer": shares.get("post-consumer", 0.0), "pre_consumer": shares.get("pre-consumer", 0.0),
        "basis": bases.pop() if len(bases) == 1 else "several", "claims": sorted(part.claim for part in found.parts.values()),
    }, [found.model.id]  # fmt: skip
