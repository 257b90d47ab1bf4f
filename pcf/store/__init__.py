"""The database, its migrations, the events with their transparency log, and the keys; beneath custody, certificate and web."""

from pcf.store import pact_schema as pact_schema  # whoever verifies the log needs every table that events have rows of
from pcf.store import people_schema as people_schema
from pcf.store.database import Database, open_database
from pcf.store.events import Event, Transaction, compact, digest

__all__ = ["Database", "Event", "Transaction", "compact", "digest", "open_database", "pact_schema", "people_schema"]
