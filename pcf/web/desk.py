"""What the workbench works with: the database, the catalogue, the people, the workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pcf.catalogue import Catalogue, open_catalogue
from pcf.custody import Book
from pcf.settings import home
from pcf.store import Database
from pcf.web.people import People
from pcf.web.sessions import Sessions
from pcf.web.work import Work


@dataclass
class Desk:
    """One server's things.

    Parameters
    ----------
    database : Database
    data_path : Path, optional
        Another data folder than the shipped one.
    secure : bool
        Whether the pages come by TLS: then cookies do, too.
    language : str
        Of a browser that asks for none.
    limits : dict of path to int
        Routes outside the workbench that take larger bodies than a form [bytes].
    observe : callable
        Told how long the engine took for a change [s].
    """

    database: Database
    data_path: Path | None = None
    secure: bool = False
    language: str = "en"
    limits: dict[str, int] = field(default_factory=dict)
    observe: Callable[[float], None] = field(default=lambda _: None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _catalogue: Catalogue | None = field(default=None, repr=False)

    @cached_property
    def people(self) -> People:
        """Accounts and passwords."""
        return People(self.database)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self.database, self.people)

    @cached_property
    def work(self) -> Work:
        """Processes for what takes long."""
        return Work(self.data_path)

    @cached_property
    def checking(self) -> Work:
        """The process that looks into files of strangers: one, with little memory, apart from those of the people who work here."""
        return Work(self.data_path, 1, most_waiting=8, memory=2 << 30)

    @cached_property
    def auditing(self) -> Work:
        """The process that holds the log against everything: one call at a time, however long it takes."""
        return Work(self.data_path, 1, most_waiting=1)

    @property
    def data(self) -> Path:
        """Folder of the data that were brought in."""
        return home() / "data"

    @property
    def catalogue(self) -> Catalogue:
        """The data, with what was brought in on top."""
        with self._lock:
            if self._catalogue is None:
                self._catalogue = open_catalogue(self.data_path, overlays=[self.data])
            return self._catalogue

    def renew(self) -> None:
        """Read the data again: somebody has brought some in."""
        with self._lock:
            self._catalogue = None
        self.work.renew()

    def book(self, actor: str) -> Book:
        """The custody book, written by a person."""
        return Book(self.database, self.catalogue, actor)

    def close(self) -> None:
        """End the workers and give back the database."""
        self.sessions.close()
        self.work.close()
        self.checking.close()
        self.auditing.close()
        self.database.close()
