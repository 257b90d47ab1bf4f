"""Where an issuer's things lie: his file and keys in the state folder, what is trusted here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from pcf.catalogue import open_catalogue
from pcf.certificate.issue import Office
from pcf.certificate.profile import NAME, Profile, read_profile
from pcf.certificate.trust import load_issuer
from pcf.custody.book import Book
from pcf.errors import EnvironmentProblem
from pcf.store.checkpoint import Verifier
from pcf.store.database import open_database
from pcf.store.keys import Signer, open_key

LOG = "log"
"""Name of the log's key."""


def find_profile(home: Path, path: Path | None) -> Profile:
    """The issuer's file: the one that is named, else `issuer.yaml` of the state folder.

    Raises
    ------
    EnvironmentProblem
        Where there is none.
    InputError
        As `read_profile`.
    """
    place = path or home / NAME
    if path is None and not place.exists():
        raise EnvironmentProblem(
            f"{place}: there is no issuer's file; `pcf certificate profile --out {place}` writes one to fill in"
        )
    return read_profile(place)


@dataclass(frozen=True)
class Reopening:
    """What another process opens the same office with.

    Parameters
    ----------
    url : str
        Of the database.
    data, own : Path
        Data folder, None for the program's own, and folder of the user's own data.
    """

    url: str
    data: Path | None
    own: Path
    actor: str
    home: Path
    name: str
    profile: Profile
    passphrase: str | None = field(default=None, repr=False)

    def __call__(self) -> Office:
        """Open it."""
        book = Book(open_database(self.url, create=False), open_catalogue(self.data, overlays=[self.own]), self.actor)
        return open_office(book, self.home, self.name, self.profile, open_log_key(self.home, self.passphrase), self.passphrase)


def open_log_key(home: Path, passphrase: str | None) -> Signer:
    """The key of the log, made when it is first needed."""
    return open_key(home / "keys", LOG, passphrase)


def open_office(book: Book, home: Path, name: str, profile: Profile, log: Signer, passphrase: str | None) -> Office:
    """An issuer with his keys; the log's key is among what he publishes.

    Raises
    ------
    EnvironmentProblem, InputError
        As `load_issuer`.
    """
    keys = load_issuer(home, name, passphrase)
    own = Verifier(log.name, log.public_key)
    logs = (own, *(item for item in keys.public.logs if item != own))
    return Office(book, profile, replace(keys, public=replace(keys.public, logs=logs)), log)
