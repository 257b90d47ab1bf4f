"""The key of the log in the state folder, and heads signed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcf.errors import EnvironmentProblem
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
    from pcf.store.checkpoint import parse_vkey
    from pcf.store.keys import public_path

    path = public_path(home() / "keys", KEY)
    try:
        return [parse_vkey(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{path}: the public key cannot be read: {error}") from None


def sign_head(database: Database) -> str:
    """Sign the log as it is now; gives the head's text."""
    from pcf.store.log import sign_head as sign

    return sign(database, log_key())
