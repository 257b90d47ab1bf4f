"""What must not have changed, and what must not have been said, after somebody has done his worst."""

from __future__ import annotations

import json
from contextlib import closing

from sqlalchemy import func, select

from pcf.store import open_database
from pcf.store.schema import metadata
from tests.web.conftest import Server


def count_rows(server: Server) -> dict[str, int]:
    """Rows of every table but those of sign-ins."""
    with closing(open_database(server.database)) as database, database.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("web_session", "login_attempt")
        }


def complaints_of(server: Server) -> list[str]:
    """Lines of the server's journal that tell of a defect."""
    found = []
    for line in server.journal.read_text(encoding="utf-8").splitlines():
        content = json.loads(line) if line.startswith("{") else {"level": "error", "event": line}
        if content["level"] not in ("info", "warning") or "trace" in content or content["event"] == "failed":
            found.append(line[:3_000])
    return found
