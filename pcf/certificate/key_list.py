"""What keys lie in a state folder: purpose, algorithm, fingerprint, since when; of public halves alone, so that no passphrase is asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pcf.certificate.desk import LOG
from pcf.certificate.trust import Issuer, generations, issuer_folder, issuer_names, read_issuer
from pcf.certificate.x509 import fingerprint, period
from pcf.errors import InputError
from pcf.exchange.sharing.vault import KEY as SERVICE
from pcf.store.keys import ED25519, P256, is_encrypted, public_path, read_public

PDF, CREDENTIAL, HEADS, PACT = "pdf", "credential", "log", "pact"
"""What a key is for."""


@dataclass(frozen=True)
class KeyLine:
    """A key.

    Parameters
    ----------
    issuer : str
        Whose it is; empty for the keys of log and service.
    fingerprint : str
        SHA-256 in hexadecimal: of the X.509 certificate for PDF files, as PDF readers show it; of the 32 bytes of an Ed25519 key else.
    created : datetime
        From when the certificate holds; of a key without one, when its file was written.
    """

    issuer: str
    number: int
    purpose: str
    algorithm: str
    fingerprint: str
    created: datetime
    until: datetime | None
    current: bool
    encrypted: bool


def list_issuer_keys(home: Path) -> list[tuple[str, Issuer, list[KeyLine]]]:
    """The own issuers, each with both keys of every generation.

    Raises
    ------
    EnvironmentProblem, InputError
        As `read_issuer`.
    """
    found = []
    for name in issuer_names(home):
        public, numbers = read_issuer(issuer_folder(home, name)), generations(home, name)
        found.append((name, public, [
            line for number in numbers for line in _pair(home, name, public, number, current=number == numbers[-1])
        ]))  # fmt: skip
    return found


def list_service_keys(home: Path) -> list[KeyLine]:
    """The keys of the log and of the PACT service, as far as they are there."""
    folder, found = home / "keys", []
    for name, purpose in ((LOG, HEADS), (SERVICE, PACT)):
        if key := read_public(folder, name):
            written = datetime.fromtimestamp(public_path(folder, name).stat().st_mtime, UTC)
            mark = hashlib.sha256(key.public_key).hexdigest()
            found.append(
                KeyLine("", 1, purpose, ED25519, mark, written, None, current=True, encrypted=is_encrypted(folder, name))
            )
    return found


def _pair(home: Path, name: str, public: Issuer, number: int, *, current: bool) -> list[KeyLine]:
    folder = home / "keys"
    pdf, credential = f"{name}-{number}-pdf", f"{name}-{number}-vc"
    certificate, key = _certificate(folder, pdf, public), read_public(folder, credential)
    if key is None:
        raise InputError(f"issuer {name}", f"no public half of {credential}", "the file that `pcf key` wrote", "restore a backup")
    start, stop = period(certificate)
    mark = hashlib.sha256(key.public_key).hexdigest()
    return [
        KeyLine(name, number, PDF, P256, fingerprint(certificate), start, stop, current, is_encrypted(folder, pdf)),
        KeyLine(name, number, CREDENTIAL, ED25519, mark, start, None, current, is_encrypted(folder, credential)),
    ]


def _certificate(folder: Path, name: str, public: Issuer) -> bytes:
    """The X.509 certificate of a P-256 key."""
    from cryptography.hazmat.primitives import serialization

    from pcf.certificate.x509 import public_key

    try:
        held = serialization.load_pem_public_key(public_path(folder, name).read_bytes())
    except (OSError, ValueError):
        held = None
    found = next((item for item in public.certificates if held is not None and public_key(item) == held), None)
    if found is None:
        raise InputError(f"key {name}", "no certificate of its public half", "the files that `pcf key` wrote", "restore a backup")
    return found
