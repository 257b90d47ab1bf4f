"""The key of the log in the state folder, and heads signed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcf.settings import home

if TYPE_CHECKING:
    from pcf.store import Database
    from pcf.store.checkpoint import Verifier
    from pcf.store.keys import Signer

PASSPHRASE = "PCF_KEY_PASSPHRASE"
KEY = "log"


def log_key() -> Signer:
    """The log's key; made when it is first needed, encrypted where there is a passphrase."""
    from pcf.store.keys import open_key
    from pcf.store.passphrase import find_passphrase

    return open_key(home() / "keys", KEY, find_passphrase())


def log_public_key() -> list[Verifier]:
    """The public half of the log's key, or nothing where nobody has signed here yet; asks for no passphrase."""
    from pcf.store.keys import read_public

    found = read_public(home() / "keys", KEY)
    return [] if found is None else [found]


def sign_head(database: Database) -> str:
    """Sign the log as it is now; gives the head's text."""
    from pcf.store.log import sign_head as sign

    return sign(database, log_key())
