"""What the server does, a JSON line an event on standard error."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

logger = logging.getLogger("pcf.web")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered: in each of its lines and in its answer."""


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "event": record.getMessage(), **getattr(record, "fields", {}),
        }  # fmt: skip
        if request_id.get():
            line.setdefault("request", request_id.get())
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def note(event: str, level: str = "info", **fields: object) -> None:
    """Write a line."""
    logger.log(logging.getLevelName(level.upper()), event, extra={"fields": fields})


def open_journal() -> None:
    """Let everything that is logged in this process become such lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logger.setLevel(logging.INFO)
