"""Events that came in from other systems."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from pcf.exchange.sharing.outbox import PREFIX
from pcf.store import clock
from pcf.store.pact_schema import pact_inbox


def list_inbox(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Events that came in, the newest first; `payload` is the event."""
    table = pact_inbox
    rows = connection.execute(select(table).order_by(table.c.time.desc(), table.c.id).limit(limit))
    return [
        {
            "id": row.id, "client": row.client, "source": row.source, "type": row.type.removeprefix(PREFIX), "made": clock.show(row.time),
            "payload": json.loads(row.body),
        }
        for row in rows
    ]  # fmt: skip
