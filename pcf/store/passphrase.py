"""Where the passphrase of a key comes from: the service manager, a file, the environment, or whoever sits at the terminal.

References
----------
systemd.exec(5), `LoadCredential=` and `CREDENTIALS_DIRECTORY`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pcf.errors import InputError
from pcf.store.keys import read_private

CREDENTIALS = "CREDENTIALS_DIRECTORY"
CREDENTIAL = "pcf-key-passphrase"
"""Name of the credential that a service gets: `LoadCredential=pcf-key-passphrase:…`."""

FILE = "PCF_KEY_PASSPHRASE_FILE"
VARIABLE = "PCF_KEY_PASSPHRASE"


def find_passphrase(ask: Callable[[], str] | None = None) -> str | None:
    """The passphrase, from the first place that has one.

    Parameters
    ----------
    ask : callable, optional
        Asks whoever sits at the terminal.

    Raises
    ------
    EnvironmentProblem
        When a file that is named cannot be read.
    InputError
        When others can read it, or it holds no line of text.
    """
    if folder := os.environ.get(CREDENTIALS):
        path = Path(folder) / CREDENTIAL
        if os.path.lexists(path):
            # The service manager lets the service's user in by an access list, which the mode shows as the group's.
            return _line(path, 0o037)
    if name := os.environ.get(FILE):
        return _line(Path(name), 0o077)
    if text := os.environ.get(VARIABLE):
        return text
    return ask() if ask is not None else None


def _line(path: Path, forbidden: int) -> str:
    content = read_private(path, forbidden)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise InputError(str(path), "bytes that are no UTF-8", "a passphrase in one line") from None
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line:
        raise InputError(str(path), "an empty file or several lines", "a passphrase in one line")
    return line
