"""Keys that sign: one key a file, its public half beside it. Ed25519 for log and credentials, P-256 for PDF files.

Whatever signs is a `Signer`, so that a key in a device (`pcf.store.pkcs11`) can stand in for one in a file.

References
----------
RFC 8032 (Ed25519), FIPS 186-5 (ECDSA), RFC 5958 (PKCS #8), RFC 7468 (PEM).
"""

from __future__ import annotations

import base64
import errno
import os
import re
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pcf.errors import EnvironmentProblem, InputError
from pcf.store.checkpoint import Verifier, parse_vkey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MOST_BYTES = 10_000
"""Largest key file that is read."""

ED25519 = "Ed25519"
P256 = "P-256"
KINDS = (ED25519, P256)
"""Kinds of keys; a P-256 key signs by ECDSA with SHA-256."""

_NAME = re.compile("[a-z0-9-]{1,40}")
_ENDING = ".pem"
_PRIVATE = 0o600
_MOST_PASSPHRASE = 1023  # bytes; OpenSSL takes no more


class Signer(Protocol):
    """What signs under a name."""

    @property
    def name(self) -> str:
        """Name in the signature line."""

    @property
    def public_key(self) -> bytes:
        """Public half, as signature lines and certificates identify it: 32 bytes of Ed25519, the DER of a P-256 key."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""

    def sign(self, message: bytes, /) -> bytes:
        """Signature under a message."""


@dataclass(frozen=True)
class FileKey:
    """Key that was read from a file."""

    name: str
    public_key: bytes
    _sign: Callable[[bytes], bytes] = field(repr=False, compare=False)
    kind: str = field(default=ED25519, repr=False)

    def sign(self, message: bytes, /) -> bytes:
        """Signature under a message: 64 bytes of Ed25519, the DER of an ECDSA signature."""
        return self._sign(message)


def create_key(folder: Path, name: str, passphrase: str | None = None, kind: str = ED25519) -> Signer:
    """Make a key; the folder is made where it is missing.

    Parameters
    ----------
    folder : Path
        Where `<name>.pem`, readable by its owner only, and `<name>.pub` come to lie.
    name : str
        1 to 40 small letters, digits and hyphens.
    passphrase : str, optional
        With which the file is encrypted.
    kind : str
        One of `KINDS`.

    Raises
    ------
    InputError
        For a name or a passphrase that cannot be one, and for a key that exists.
    EnvironmentProblem
        When the folder cannot be written.
    """
    if not _create(folder, name, passphrase, kind):
        raise InputError(str(_path(folder, name)), "a key that exists", "the name of a new key")
    return load_key(folder, name, passphrase, kind)


def load_key(folder: Path, name: str, passphrase: str | None = None, kind: str = ED25519) -> Signer:
    """Read a key.

    Raises
    ------
    EnvironmentProblem
        When there is no such key, or it cannot be read.
    InputError
        For a file that others can read, a link or what is no ordinary file, a wrong passphrase, a key of another kind.
    """
    path = _path(folder, name)
    return _decoded(name, read_private(path), _secret(passphrase), str(path), kind)


def is_encrypted(folder: Path, name: str) -> bool:
    """Whether a key needs a passphrase.

    Raises
    ------
    EnvironmentProblem, InputError
        See `load_key`.
    """
    return b"ENCRYPTED" in read_private(_path(folder, name))


def open_key(folder: Path, name: str, passphrase: str | None) -> Signer:
    """As `ensure_key`; a key that was made before there was a passphrase is read as it is.

    Raises
    ------
    EnvironmentProblem, InputError
        See `load_key`.
    """
    is_open = _path(folder, name).exists() and not is_encrypted(folder, name)
    return ensure_key(folder, name, None if is_open else passphrase)


def ensure_key(folder: Path, name: str, passphrase: str | None = None) -> Signer:
    """Read a key, and make it before where there is none; processes that do so at once get the same one.

    Raises
    ------
    EnvironmentProblem, InputError
        See `create_key` and `load_key`.
    """
    path = _path(folder, name)
    if not os.path.lexists(path):
        _create(folder, name, passphrase)
    key = load_key(folder, name, passphrase)
    if not os.path.lexists(public_path(folder, name)):  # whoever made the key was stopped just then
        _publish(folder, key)
    return key


def list_keys(folder: Path) -> list[str]:
    """Names of the keys in a folder, sorted.

    Raises
    ------
    EnvironmentProblem
        When the folder cannot be read.
    """
    try:
        names = [entry.stem for entry in folder.iterdir() if entry.suffix == _ENDING]
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise EnvironmentProblem(f"{folder}: {problem.strerror}") from None
    return sorted(name for name in names if _NAME.fullmatch(name))


def public_path(folder: Path, name: str) -> Path:
    """File of the public half of a key."""
    return _path(folder, name).with_suffix(".pub")


def read_public(folder: Path, name: str) -> Verifier | None:
    """The public half of an Ed25519 key, which asks for no passphrase; None where there is no such key.

    Raises
    ------
    EnvironmentProblem, InputError
        When it cannot be read, or is none.
    """
    path = public_path(folder, name)
    try:
        return parse_vkey(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{path}: the public key cannot be read: {error}") from None


def _path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise InputError("name of a key", repr(name), "1 to 40 small letters, digits and hyphens")
    return folder / f"{name}{_ENDING}"


def _secret(passphrase: str | None) -> bytes | None:
    if passphrase is None:
        return None
    # No message says what the passphrase was.
    try:
        secret = passphrase.encode()
    except UnicodeEncodeError:
        raise InputError("passphrase", "a character that is none", "text in UTF-8") from None
    if not 1 <= len(secret) <= _MOST_PASSPHRASE:
        raise InputError("passphrase", f"{len(secret)} bytes", f"1 to {_MOST_PASSPHRASE} bytes, or no passphrase at all")
    return secret


def _generate(kind: str) -> Ed25519PrivateKey | EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if kind not in KINDS:
        raise InputError("kind of a key", repr(kind), " or ".join(KINDS))
    return Ed25519PrivateKey.generate() if kind == ED25519 else ec.generate_private_key(ec.SECP256R1())


def _create(folder: Path, name: str, passphrase: str | None, kind: str = ED25519) -> bool:
    """Make a key unless there is one; whether it was made."""
    from cryptography.hazmat.primitives import serialization

    path, secret = _path(folder, name), _secret(passphrase)
    private = _generate(kind)
    content = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption(),
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A hard link, because it never replaces a file: of two processes that make the key at once one wins, and the
        # other one finds a whole file.
        _write(path, content, _PRIVATE, os.link)
    except FileExistsError:
        if os.path.lexists(path):
            return False
        raise EnvironmentProblem(f"{folder}: is no folder; no key was made") from None
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}; no key was made") from None
    _publish(folder, _as_signer(name, private))
    return True


def _publish(folder: Path, key: Signer) -> None:
    path = public_path(folder, key.name)
    try:
        write_public(path, public_text(key).encode())
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}; the key is there, its public half is not") from None


def public_text(key: Signer) -> str:
    """The public half as text: name, key id and base64 of an Ed25519 key, PEM of a P-256 key."""
    if key.kind == ED25519:
        return f"{Verifier(key.name, key.public_key).vkey}\n"
    body = base64.encodebytes(key.public_key).decode().replace("\n", "")
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def write_public(path: Path, content: bytes) -> None:
    """Write a file that everybody may read, whole or not at all; one of the name is replaced."""
    _write(path, content, 0o644, os.replace)


def _write(path: Path, content: bytes, mode: int, name: Callable[[Path, Path], None]) -> None:
    """Write a file beside, bring it to the disk, then give it its name."""
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        name(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_private(path: Path, forbidden: int = 0o077) -> bytes:
    """Content of a file for its owner only; all checks are of the open file, so that none can be put in its place after them.

    Parameters
    ----------
    path : Path
    forbidden : int
        Bits that its mode must not have.

    Raises
    ------
    EnvironmentProblem, InputError
        See `load_key`.
    """
    try:
        # Not blocking: to open a pipe would wait for its other end.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise EnvironmentProblem(f"{path}: there is no such key") from None
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise InputError(str(path), "a symbolic link", "an ordinary file", "put the key itself there") from None
        if problem.errno == errno.ENXIO:
            raise _not_ordinary(path) from None
        raise EnvironmentProblem(f"{path}: {problem.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _not_ordinary(path)
        if (mode := stat.S_IMODE(status.st_mode)) & forbidden:
            raise InputError(
                str(path), f"mode {mode:04o}", f"mode {_PRIVATE:04o}: readable by its owner only", f"chmod 600 {path}"
            )
        content = os.read(handle, MOST_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > MOST_BYTES:
        raise InputError(str(path), f"more than {MOST_BYTES:,} bytes", "a key file")
    return content


def _not_ordinary(path: Path) -> InputError:
    return InputError(str(path), "a folder, pipe or device", "an ordinary file")


def _decoded(name: str, content: bytes, secret: bytes | None, place: str, kind: str) -> FileKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    named = "an Ed25519 key" if kind == ED25519 else "a P-256 key"
    encrypted = b"ENCRYPTED" in content
    if encrypted and secret is None:
        raise InputError(place, "an encrypted key", "its passphrase")
    if secret is not None and not encrypted:
        # Taken silently it would leave its owner in the belief that the file is protected.
        raise InputError(place, "a key that is not encrypted, and a passphrase", "one without the other")
    try:
        private = load_pem_private_key(content, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        expected = f"{named}, PKCS #8 in PEM" + (", and the passphrase that opens it" if encrypted else "")
        raise InputError(place, "a wrong passphrase or a damaged file" if encrypted else "no such key", expected) from None
    if isinstance(private, Ed25519PrivateKey) and kind == ED25519:
        return _as_signer(name, private)
    if isinstance(private, EllipticCurvePrivateKey) and isinstance(private.curve, SECP256R1) and kind == P256:
        return _as_signer(name, private)
    raise InputError(place, "a key of another kind", named)


def _as_signer(name: str, private: Ed25519PrivateKey | EllipticCurvePrivateKey) -> FileKey:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return FileKey(name, private.public_key().public_bytes_raw(), private.sign)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    return FileKey(name, public, lambda message: private.sign(message, ec.ECDSA(hashes.SHA256())), P256)
