"""Reads beside the engine, for a service that answers many small questions.

A reading view of `Database` opens and closes a transaction and sets the view apart, which takes ten times as long as a look-up by
key. Here each thread keeps one connection on which every query is a view of its own; it cannot write.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from pcf.errors import EnvironmentProblem
from pcf.store.database import Database
from pcf.store.prepared import Prepared, compiled


class Reader:
    """Prepared queries on connections that are kept.

    Parameters
    ----------
    database : Database
        Stays its owner's to close; `close` gives back what the reader holds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mine = threading.local()
        self._all: list[Any] = []
        self._lock = threading.Lock()

    def all(self, query: Prepared, **values: Any) -> Sequence[tuple[Any, ...]]:
        """Rows of a query, as plain tuples.

        Raises
        ------
        EnvironmentProblem
            When the database is lost.
        """
        text, parameters = compiled(self._database.engine.dialect, query, values)
        for last in (False, True):  # a server that was started anew has ended the connection that a thread kept
            try:
                cursor = self._connection().cursor()
                try:
                    cursor.execute(text, parameters)
                    found: Sequence[tuple[Any, ...]] = cursor.fetchall()
                    return found
                finally:
                    cursor.close()
            except self._database.engine.dialect.loaded_dbapi.Error as error:
                self._forget()
                if last:
                    raise EnvironmentProblem(f"database: {str(error).splitlines()[0]}") from error
        raise AssertionError

    def first(self, query: Prepared, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return next(iter(self.all(query, **values)), None)

    def close(self) -> None:
        """Close every connection; for when no thread reads any more."""
        with self._lock:
            kept, self._all = self._all, []
        for connection in kept:
            connection.close()
        self._mine = threading.local()

    def _connection(self) -> Any:
        found = getattr(self._mine, "connection", None)
        if found is None:
            found = self._mine.connection = self._open()
            with self._lock:
                self._all.append(found)
        return found

    def _open(self) -> Any:
        kept = self._database.engine.raw_connection()
        found: Any = kept.driver_connection
        kept.detach()
        if self._database.is_sqlite:
            found.execute("PRAGMA query_only=ON")
        else:
            found.autocommit = True
            found.execute("SET default_transaction_read_only = on")
        return found

    def _forget(self) -> None:
        found = getattr(self._mine, "connection", None)
        if found is None:
            return
        self._mine.connection = None
        with self._lock:
            if found in self._all:
                self._all.remove(found)
        found.close()
