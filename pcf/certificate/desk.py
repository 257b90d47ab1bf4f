"""Where an issuer's things lie: his file and keys in the state folder, what is trusted here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from pcf.catalogue import open_catalogue
from pcf.certificate.issue import Office
from pcf.certificate.profile import NAME, Profile, read_profile
from pcf.certificate.trust import Issuer, Trust, issuer_folder, issuer_names, load_issuer, read_issuer, read_trust
from pcf.custody.book import Book
from pcf.errors import EnvironmentProblem
from pcf.store.checkpoint import Verifier
from pcf.store.database import open_database
from pcf.store.keys import Signer, open_key, read_public

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


TRUST = "trust"
"""Name of the folder of trusted issuers."""


def own_issuers(home: Path) -> list[Issuer]:
    """The public halves of the issuers whose keys lie here; the log's key is among what they publish."""
    log = read_public(home / "keys", LOG)
    return [
        replace(found, logs=tuple(dict.fromkeys((*((log,) if log else ()), *found.logs))))
        for found in (read_issuer(issuer_folder(home, name)) for name in issuer_names(home))
    ]


def whole_trust(home: Path) -> Trust:
    """Whom this installation trusts: the issuers of its trust folder, and its own.

    An own issuer that lies in the folder too counts with the status lists of there and the keys of here, which are newer.

    Raises
    ------
    EnvironmentProblem, InputError
        As `read_trust`.
    """
    known, own = read_trust(home / TRUST), own_issuers(home)
    lists = {item.did: item.lists for item in known.issuers}
    mine = {item.did: replace(item, lists=lists.get(item.did, ())) for item in own}
    return Trust((*(item for item in known.issuers if item.did not in mine), *mine.values()))
