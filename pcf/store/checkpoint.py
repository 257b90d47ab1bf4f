"""Checkpoint: the signed head of the log, as a text that anybody can keep and check without this program.

The format is that of transparency logs: who issued it, number of leaves, root, an empty line, signatures. A checkpoint in
another party's hands is what makes a rewritten log show.

References
----------
c2sp.org/tlog-checkpoint and c2sp.org/signed-note; signatures are Ed25519 (RFC 8032), type 0x01.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pcf.errors import CheckFailed, InputError

if TYPE_CHECKING:
    from pcf.store.keys import Signer

MOST_CHARACTERS = 200_000
"""Longest note that is read or made; it has room for the 16 signatures of any kind that a reader has to bear."""

_ED25519 = b"\x01"
_KEY_ID = 4
_PUBLIC_KEY = 32
_ROOT = 32
_MOST_LEAVES = 2**63 - 1
_MOST_NAME = 200
_DASH = "— "
_NUMBER = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL = re.compile("[\x00-\x1f\ud800-\udfff]")
"""What a line cannot hold: control characters, and halves of characters, which UTF-8 does not have."""


@dataclass(frozen=True)
class Checkpoint:
    """Head of a log.

    Parameters
    ----------
    origin : str
        Who issued it: one line, the same in every checkpoint of the log.
    size : int
        Leaves of the tree.
    root : bytes
        Root of the tree.
    extra : tuple of str
        Further lines that are signed too.

    Raises
    ------
    InputError
        When it cannot be written as a note.
    """

    origin: str
    size: int
    root: bytes
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for place, line in (("origin", self.origin), *(("extension line", line) for line in self.extra)):
            if not line or _CONTROL.search(line):
                raise InputError(f"checkpoint, {place}", repr(line), "one line of text without control characters")
        if not 0 <= self.size <= _MOST_LEAVES:
            raise InputError("checkpoint, size", str(self.size), f"a number of leaves from 0 to {_MOST_LEAVES}")
        if len(self.root) != _ROOT:
            raise InputError("checkpoint, root", f"{len(self.root)} bytes", f"{_ROOT} bytes")

    @property
    def text(self) -> str:
        """What is signed."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _base64(self.root), *self.extra))


@dataclass(frozen=True)
class Signature:
    """Signature line of a note; nothing says yet that it is right."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Verifier:
    """Public Ed25519 key with its name.

    Raises
    ------
    InputError
        When the name cannot stand in a note, or the key has not its length.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name, "public key, name")
        if len(self.public_key) != _PUBLIC_KEY:
            raise InputError(f"public key {self.name}", f"{len(self.public_key)} bytes", f"{_PUBLIC_KEY} bytes")

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of a digest of name and key: tells keys apart, proves nothing."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID]

    @property
    def vkey(self) -> str:
        """The key as text, to be published: `name+key id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public_key)}"

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature is this key's under a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_vkey(text: str) -> Verifier:
    """Read a public key in its text form.

    Raises
    ------
    InputError
        When the text is no such form, or of a key of another kind, or its key id is not that of name and key.
    """
    place, expected = "public key", "name+key id+base64 of an Ed25519 key"
    parts = text.strip().split("+", 2) if len(text) <= MOST_CHARACTERS else []
    if len(parts) != 3:
        raise InputError(place, repr(text[:_MOST_NAME]), expected)
    key = _decode(parts[2], place)
    if key[:1] != _ED25519:
        raise InputError(place, "a key of another kind", expected)
    found = Verifier(parts[0], key[1:])
    if parts[1] != found.key_id.hex():
        raise InputError(f"public key {found.name}", f"key id {parts[1]}", found.key_id.hex(), "ask for the key again")
    return found


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """Signed note of a checkpoint.

    Raises
    ------
    InputError
        When the signer's name cannot stand in a note, or the note gets too long.
    """
    verifier = Verifier(signer.name, signer.public_key)
    signature = verifier.key_id + signer.sign(checkpoint.text.encode())
    return _bounded(f"{checkpoint.text}\n{_DASH}{verifier.name} {_base64(signature)}\n")


def parse(text: str) -> tuple[Checkpoint, tuple[Signature, ...]]:
    """Read a note without checking who signed it.

    There is one spelling of a note only: what is read here and written again is the same text.

    Raises
    ------
    InputError
        When the text is no checkpoint in this format.
    """
    body, gap, signed = _bounded(text).rpartition("\n\n")
    if not gap or not signed.endswith("\n"):
        raise InputError(
            "checkpoint",
            "a text without complete signature lines",
            "a checkpoint, an empty line, signature lines, each ended by one line feed",
            "use the file as it was sent",
        )
    lines = body.split("\n")
    if len(lines) < 3:
        raise InputError("checkpoint", f"{len(lines)} lines", "at least 3: origin, size, root")
    if not _NUMBER.fullmatch(lines[1]):
        raise InputError("checkpoint, line 2", repr(lines[1]), "a number of leaves")
    checkpoint = Checkpoint(lines[0], int(lines[1]), _decode(lines[2], "checkpoint, line 3"), tuple(lines[3:]))
    count = len(lines) + 2
    return checkpoint, tuple(_signature(line, number) for number, line in enumerate(signed[:-1].split("\n"), count))


def open_note(text: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """Read a note that one of some keys must have signed; signatures of other keys are left aside.

    Raises
    ------
    InputError
        When the text is no checkpoint in this format.
    CheckFailed
        When none of the keys signed it, or the signature of one of them is wrong.
    """
    checkpoint, signatures = parse(text)
    message = checkpoint.text.encode()
    signed = False
    for signature in signatures:
        known = [key for key in verifiers if (key.name, key.key_id) == (signature.name, signature.key_id)]
        if not known:
            continue
        if not any(key.accepts(signature.signature, message) for key in known):
            raise CheckFailed(
                f"checkpoint: the signature of {known[0].name}+{known[0].key_id.hex()} is wrong: the text or the signature was changed"
            )
        signed = True
    if not signed:
        trusted = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in verifiers[:3]) + (", …" if len(verifiers) > 3 else "")
        raise CheckFailed(f"checkpoint: no signature of a trusted key; trusted: {trusted or 'none'}")
    return checkpoint


def _bounded(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise InputError("checkpoint", f"{len(text):,} characters", f"at most {MOST_CHARACTERS:,}")
    return text


def _signature(line: str, number: int) -> Signature:
    place = f"checkpoint, line {number}"
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise InputError(place, repr(line), "a signature: em dash, name, base64")
    _check_name(name, place)
    content = _decode(encoded, place)
    if len(content) <= _KEY_ID:
        raise InputError(place, f"{len(content)} bytes", "a key id and a signature")
    return Signature(name, content[:_KEY_ID], content[_KEY_ID:])


def _check_name(name: str, place: str) -> None:
    wrong = not name or len(name) > _MOST_NAME or "+" in name or not name.isprintable() or any(map(str.isspace, name))
    if wrong:
        raise InputError(place, repr(name), f"a name of 1 to {_MOST_NAME} visible characters without spaces and plus")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decode(encoded: str, place: str) -> bytes:
    """Bytes of their one spelling in base64."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        content = b""
    if not content or _base64(content) != encoded:
        raise InputError(place, repr(encoded), "base64")
    return content
