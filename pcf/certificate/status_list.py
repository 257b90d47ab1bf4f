"""Bitstring Status List: one bit a certificate that says whether it still holds, in a signed list that anybody can keep.

References
----------
W3C Bitstring Status List v1.0; RFC 1952 (GZIP).
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pcf.certificate.credential import credential, issuer_id, read_credential
from pcf.certificate.vcdm import read_time
from pcf.errors import CheckFailed, InputError

LEAST_BITS = 131_072
"""Length of a new list; a shorter one would tell too much about who is looked up."""

MOST_BITS = 2**23
"""Longest list that is made or read."""

REVOCATION = "revocation"
PURPOSES = (REVOCATION, "suspension")
LIST_TYPE = "BitstringStatusListCredential"
ENTRY_TYPE = "BitstringStatusListEntry"

_GZIP = bytes.fromhex("1f8b08000000000002ff")
"""Head of a GZIP file without name and time, of no system, so that the same list is the same bytes everywhere."""

_MOST_TEXT = MOST_BITS // 8 * 4 // 3 + 2000
_MOST_FILE = _MOST_TEXT + 2_000_000
_INDEX = re.compile("0|[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Reason:
    """Why a bit is set, for people: revoked, or superseded by another certificate."""

    index: int
    reason: str
    day: str
    superseded_by: str = ""


@dataclass(frozen=True)
class StatusList:
    """The bits of a list; number 0 is the first, the leftmost of the first byte.

    Raises
    ------
    InputError
        For a list that is too short, too long, or no whole number of bytes.
    """

    bits: bytes
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not LEAST_BITS <= 8 * len(self.bits) <= MOST_BITS:
            raise InputError("status list", f"{8 * len(self.bits):,} bits", f"{LEAST_BITS:,} to {MOST_BITS:,} bits")

    @classmethod
    def empty(cls, size: int = LEAST_BITS) -> StatusList:
        """A list in which every certificate holds."""
        if size % 8:
            raise InputError("status list", f"{size:,} bits", "whole bytes")
        return cls(bytes(max(size, 0) // 8))

    @property
    def size(self) -> int:
        """Number of bits."""
        return 8 * len(self.bits)

    def is_set(self, index: int) -> bool:
        """Whether a bit is set.

        Raises
        ------
        InputError
            For a number that the list does not have.
        """
        self._check(index)
        return bool(self.bits[index // 8] >> (7 - index % 8) & 1)

    def with_bit(self, index: int, *, value: bool = True, reason: Reason | None = None) -> StatusList:
        """The list with one bit changed, and why.

        Raises
        ------
        InputError
            For a number that the list does not have, or the reason of another one.
        """
        self._check(index)
        if reason is not None and (reason.index != index or not value):
            raise InputError("status list, reason", f"number {reason.index}", f"the number {index} of the bit that is set")
        changed = bytearray(self.bits)
        mask = 1 << (7 - index % 8)
        changed[index // 8] = changed[index // 8] | mask if value else changed[index // 8] & ~mask
        kept = [item for item in self.reasons if item.index != index] + ([reason] if reason else [])
        return replace(self, bits=bytes(changed), reasons=tuple(sorted(kept, key=lambda item: item.index)))

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise InputError("status list", f"number {index}", f"0 to {self.size - 1}")


@dataclass(frozen=True)
class Status:
    """What a list says about a certificate."""

    purpose: str
    is_set: bool
    reason: Reason | None
    valid_from: datetime
    valid_until: datetime | None


def encode_list(found: StatusList) -> str:
    """The bits as text: GZIP, base64url, multibase `u`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(found.bits) + packer.flush()
    end = zlib.crc32(found.bits).to_bytes(4, "little") + len(found.bits).to_bytes(4, "little")
    return "u" + base64.urlsafe_b64encode(_GZIP + body + end).decode().rstrip("=")


def decode_list(text: str) -> StatusList:
    """Read the bits; never more of them than a list may have.

    Raises
    ------
    InputError
        For what is no such list, or a longer or shorter one.
    """
    place = "status list, encodedList"
    if text[:1] != "u" or len(text) > _MOST_TEXT:
        raise InputError(
            place, repr(text[:20]) if text[:1] != "u" else f"{len(text):,} characters", "multibase text in base64url"
        )
    try:
        packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(31)
        bits = unpacker.decompress(packed, MOST_BITS // 8 + 1)
    except (ValueError, zlib.error) as problem:
        raise InputError(place, str(problem), "GZIP in base64url") from None
    if len(bits) > MOST_BITS // 8:
        raise InputError(place, f"more than {MOST_BITS:,} bits", f"at most {MOST_BITS:,}")
    if not unpacker.eof or unpacker.unused_data:
        raise InputError(place, "GZIP that is cut off or goes on", "one whole GZIP file")
    return StatusList(bits)


def status_entry(address: str, index: int, purpose: str = REVOCATION) -> dict[str, Any]:
    """What stands in a certificate: where the list lies and which bit is its own.

    Raises
    ------
    InputError
        For a number or a purpose that cannot be.
    """
    if not 0 <= index < MOST_BITS:
        raise InputError("status list", f"number {index}", f"0 to {MOST_BITS - 1}")
    if purpose not in PURPOSES:
        raise InputError("status list, purpose", repr(purpose), " or ".join(PURPOSES))
    return {
        "id": f"{address}#{index}",
        "type": ENTRY_TYPE,
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": address,
    }


def list_credential(
    found: StatusList,
    issuer: Mapping[str, str] | str,
    address: str,
    valid_from: datetime,
    valid_until: datetime,
    purpose: str = REVOCATION,
) -> dict[str, Any]:
    """A list as a credential without its proof; `pcf.certificate.credential.sign_credential` signs it.

    Parameters
    ----------
    address : str
        URL under which it is published.
    valid_until : datetime
        When everybody has to have fetched a newer one.
    """
    if purpose not in PURPOSES:
        raise InputError("status list, purpose", repr(purpose), " or ".join(PURPOSES))
    subject: dict[str, Any] = {
        "id": f"{address}#list",
        "type": "BitstringStatusList",
        "statusPurpose": purpose,
        "encodedList": encode_list(found),
    }
    if found.reasons:
        subject["reasons"] = [
            {"statusListIndex": str(item.index), "reason": item.reason, "date": item.day, "supersededBy": item.superseded_by}
            for item in found.reasons
        ]
    return credential(subject, issuer, address, valid_from, valid_until, kind=LIST_TYPE)


def find_list(entry: Mapping[str, Any], issuer: str, lists: Sequence[bytes], keys: Mapping[str, bytes], at: datetime) -> Status:
    """What the newest of some signed lists says about an entry of a certificate.

    Parameters
    ----------
    entry : mapping
        One of the certificate's `credentialStatus`.
    issuer : str
        DID of who issued the certificate: nobody else's list counts.
    lists : sequence of bytes
        Files that may be it.
    keys : mapping
        Verification methods of the issuer → keys.
    at : datetime
        For when.

    Raises
    ------
    CheckFailed
        When none of them is the list of the entry: another issuer's, another purpose's, another address's, expired, or wrong.
    InputError
        When the entry is none, or the newest list does not have its number.
    """
    if entry.get("type") not in (ENTRY_TYPE, [ENTRY_TYPE]) or entry.get("statusPurpose") not in PURPOSES:
        raise InputError("credentialStatus", str(entry.get("type"))[:80], f"{ENTRY_TYPE} with a purpose of {', '.join(PURPOSES)}")
    number = entry.get("statusListIndex")
    if not isinstance(number, str) or not _INDEX.fullmatch(number):
        raise InputError("credentialStatus, statusListIndex", repr(number)[:80], "a number in a text")
    if entry.get("statusSize", 1) != 1:
        raise InputError("credentialStatus, statusSize", repr(entry["statusSize"])[:80], "one bit")
    best: tuple[datetime, list[dict[str, Any]]] | None = None
    why = "there is none"
    for content in lists:
        try:
            document = _read_list(content, entry, issuer, keys, at)
        except (CheckFailed, InputError) as problem:
            why = str(problem)
            continue
        moment = read_time(document["validFrom"], "status list, validFrom")
        if best is None or moment > best[0]:
            best = (moment, [document])
        elif moment == best[0]:
            best[1].append(document)
    if best is None:
        raise CheckFailed(f"status list {str(entry.get('statusListCredential'))[:200]}: {why}")
    # Of several lists of one second nobody can say which came last; one that says no is believed.
    found = [_status(document, int(number)) for document in best[1]]
    return next((status for status in found if status.is_set), found[0])


def _read_list(content: bytes, entry: Mapping[str, Any], issuer: str, keys: Mapping[str, bytes], at: datetime) -> dict[str, Any]:
    if len(content) > _MOST_FILE:
        raise InputError("status list", f"{len(content):,} bytes", f"at most {_MOST_FILE:,}")
    document = read_credential(content, keys)
    if document.get("id") != entry.get("statusListCredential"):
        raise CheckFailed(f"its address is {str(document.get('id'))[:200]}")
    if issuer_id(document) != issuer:
        raise CheckFailed(f"it is {issuer_id(document)[:200]}'s, not the issuer's")
    if document["type"] != ["VerifiableCredential", LIST_TYPE]:
        raise CheckFailed("it is a credential of another kind")
    subject = document["credentialSubject"]
    if not isinstance(subject, Mapping) or subject.get("type") != "BitstringStatusList":
        raise CheckFailed("it is a credential of another kind")
    if subject.get("statusPurpose") != entry.get("statusPurpose"):
        raise CheckFailed(f"its purpose is {str(subject.get('statusPurpose'))[:80]}")
    if "validFrom" not in document or "validUntil" not in document:
        raise CheckFailed("it does not say from when until when it holds")
    if at < read_time(document["validFrom"], "status list, validFrom"):
        raise CheckFailed(f"it holds from {document['validFrom']} only")
    if at > read_time(document["validUntil"], "status list, validUntil"):
        raise CheckFailed(f"it has expired on {document['validUntil']}")
    return document


def _status(document: Mapping[str, Any], index: int) -> Status:
    subject = document["credentialSubject"]
    text = subject.get("encodedList")
    if not isinstance(text, str):
        raise InputError("status list, encodedList", type(text).__name__, "a text")
    found = decode_list(text)
    reason = None
    listed = subject.get("reasons")
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, Mapping) and item.get("statusListIndex") == str(index):
            reason = Reason(index, *(str(item.get(name, ""))[:500] for name in ("reason", "date", "supersededBy")))
    return Status(
        str(subject["statusPurpose"]),
        found.is_set(index),
        reason,
        read_time(document["validFrom"], "status list, validFrom"),
        read_time(document["validUntil"], "status list, validUntil") if "validUntil" in document else None,
    )


def read_list(content: bytes, keys: Mapping[str, bytes]) -> StatusList:
    """The bits and reasons of a signed list of one's own, to change them.

    Raises
    ------
    CheckFailed, InputError
        When it is not signed by one of the keys, or no list.
    """
    document = read_credential(content, keys)
    subject = document["credentialSubject"]
    if not isinstance(subject, Mapping) or not isinstance(subject.get("encodedList"), str):
        raise InputError("status list", "a credential of another kind", LIST_TYPE)
    found = decode_list(subject["encodedList"])
    listed = subject.get("reasons", [])
    return replace(
        found,
        reasons=tuple(
            Reason(int(item["statusListIndex"]), item["reason"], item["date"], item["supersededBy"]) for item in listed
        ),
    )
