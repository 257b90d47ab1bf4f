"""What is asked of a file that somebody has brought, in a process of its own; of the file itself nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pcf.certificate.desk import TRUST, own_issuers, whole_trust
from pcf.certificate.register import IDENTITY
from pcf.certificate.standing import Standing, find_standing
from pcf.certificate.verify import holds, verify
from pcf.store import open_database
from pcf.views.verification import Verification


def check(content: bytes, bundle: bytes | None, home: str, url: str) -> Verification:
    """Every step of a verification, as `pcf certificate verify` has them; of own certificates the register says the status.

    Parameters
    ----------
    home : str
        State folder, with the trust folder and the own issuers.
    url : str
        Of the database.
    """
    place = Path(home)
    trusted, own = whole_trust(place), {item.did for item in own_issuers(place)}
    database = open_database(url, create=False)

    def register(did: str, identity: str) -> Standing | None:
        if did not in own or not identity.startswith(IDENTITY):
            return None
        with database.read() as connection:
            return find_standing(connection, identity.removeprefix(IDENTITY))

    at = datetime.now(UTC)
    try:
        steps = verify(content, trusted, bundle, at=at, offline=True, register=register)
    finally:
        database.close()
    return Verification(steps, at, offline=True, folder=str(place / TRUST), issuers=len(trusted.issuers), holds=holds(steps))
