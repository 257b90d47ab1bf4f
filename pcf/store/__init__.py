"""The database, its migrations, the events with their transparency log, and the keys; beneath custody, certificate and web."""

from pcf.store.database import Database, open_database
from pcf.store.events import Event, Transaction, compact, digest

__all__ = ["Database", "Event", "Transaction", "compact", "digest", "open_database"]
