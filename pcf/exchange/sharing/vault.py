"""The service's own key, and the secrets of other services that are kept under it.

The secrets have to be shown to their services, so that a digest is not enough; they lie encrypted in the database, whose copies go
further than the folder of the keys does.

References
----------
RFC 8032 (a signature of Ed25519 follows from key and message alone), RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pcf.errors import EnvironmentProblem
from pcf.store.keys import Signer, ensure_key, is_encrypted
from pcf.store.passphrase import find_passphrase

KEY = "pact"
_PURPOSE = b"pcf/pact/peer-secrets/1"
_NONCE = 12


def service_key(folder: Path) -> Signer:
    """The key of the service, made when it is first needed; with a passphrase where one is set.

    Raises
    ------
    EnvironmentProblem, InputError
        As `ensure_key`.
    """
    return ensure_key(folder, KEY, passphrase(folder))


def passphrase(folder: Path) -> str | None:
    """The passphrase of the key; one that is there without a passphrase needs none."""
    found = find_passphrase()
    there = os.path.lexists(folder / f"{KEY}.pem")
    return found if not there or is_encrypted(folder, KEY) else None


def seal(signer: Signer, client: str, secret: str) -> bytes:
    """A secret, encrypted for one client."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_derive(signer)).encrypt(nonce, secret.encode(), client.encode())


def unseal(signer: Signer, client: str, sealed: bytes) -> str:
    """A secret in the clear.

    Raises
    ------
    EnvironmentProblem
        When it was encrypted under another key, or for another client.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_derive(signer)).decrypt(sealed[:_NONCE], sealed[_NONCE:], client.encode()).decode()
    except (InvalidTag, ValueError):
        raise EnvironmentProblem(
            f"client {client}: the secret of its service was kept under another key; give it again: pcf client secret --peer-id"
        ) from None


def _derive(signer: Signer) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, _PURPOSE).derive(signer.sign(_PURPOSE))
