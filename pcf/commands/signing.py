"""The key of the log in the state folder, and heads signed with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pcf.settings import home

if TYPE_CHECKING:
    from pcf.store import Database
    from pcf.store.keys import Signer

PASSPHRASE = "PCF_KEY_PASSPHRASE"
KEY = "log"


def log_key() -> Signer:
    """The log's key; made when it is first needed, encrypted where `PCF_KEY_PASSPHRASE` says with what."""
    from pcf.store.keys import ensure_key

    return ensure_key(home() / "keys", KEY, os.environ.get(PASSPHRASE) or None)


def sign_head(database: Database) -> str:
    """Sign the log as it is now; gives the head's text."""
    from pcf.store.log import sign_head as sign

    return sign(database, log_key())
