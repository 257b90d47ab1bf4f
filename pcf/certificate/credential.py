"""A certificate as a Verifiable Credential 2.0: made, signed, read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pcf.certificate.proof import add_proof, check_proof
from pcf.certificate.strict_json import read_canonical, write_canonical
from pcf.certificate.vcdm import CONTEXT, as_time, check_credential
from pcf.errors import InputError
from pcf.store.keys import Signer

TYPE = "ProductCarbonFootprintCertificate"
VOCABULARY = "urn:pcf-aluminium:terms:"
"""Where terms lie that the standard does not define; no context is fetched from anywhere."""

SEAL = "CalculationSeal"
LOG = "LogInclusion"
"""Types of evidence."""


def credential(
    subject: Mapping[str, Any],
    issuer: Mapping[str, str] | str,
    identifier: str,
    valid_from: datetime,
    valid_until: datetime | None = None,
    status: Sequence[Mapping[str, Any]] = (),
    attachments: Mapping[str, bytes] | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
    kind: str = TYPE,
) -> dict[str, Any]:
    """A credential without its proof.

    Parameters
    ----------
    subject : mapping
        What is claimed: any JSON.
    issuer : mapping or str
        DID of the issuer, or an object with `id` and `name`.
    identifier : str
        URL of the credential, such as `urn:uuid:…`.
    valid_from, valid_until : datetime
        With their zones.
    status : sequence of mappings
        Where to look whether it still holds: `pcf.certificate.status_list.status_entry`.
    attachments : mapping
        Files that go with it by name → content; their digests are in the credential.
    evidence : sequence of mappings
        Seal (`seal_evidence`) and place in the log (`log_evidence`).
    kind : str
        Type beside `VerifiableCredential`.

    Raises
    ------
    InputError
        When the result is no credential.
    """
    found: dict[str, Any] = {
        "@context": [CONTEXT, {"@vocab": VOCABULARY}],
        "id": identifier,
        "type": ["VerifiableCredential", kind],
        "issuer": dict(issuer) if isinstance(issuer, Mapping) else issuer,
        "validFrom": as_time(valid_from),
        "credentialSubject": dict(subject),
    }
    if valid_until is not None:
        found["validUntil"] = as_time(valid_until)
    if status:
        found["credentialStatus"] = [dict(item) for item in status]
    if attachments:
        found["relatedResource"] = [
            {"id": resource_id(identifier, name), "name": name, "digestSRI": digest_sri(content)}
            for name, content in sorted(attachments.items())
        ]
    if evidence:
        found["evidence"] = [dict(item) for item in evidence]
    check_credential(found)
    return found


def sign_credential(document: Mapping[str, Any], signer: Signer, method: str, created: datetime) -> bytes:
    """A credential with its proof, in canonical JSON: the file that is attached and kept.

    Raises
    ------
    InputError
        See `pcf.certificate.proof.add_proof`.
    """
    return write_canonical(add_proof(document, signer, method, created), "credential")


def read_credential(content: bytes, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """Read a signed credential and check spelling, form and proof; nothing of status and time.

    Raises
    ------
    CheckFailed
        When the proof does not hold.
    InputError
        When it is no credential in canonical JSON.
    """
    document: dict[str, Any] = read_canonical(content, "credential")
    check_credential(document)
    check_proof(document, keys)
    return document


def issuer_id(document: Mapping[str, Any]) -> str:
    """DID of who issued it."""
    issuer = document["issuer"]
    return str(issuer["id"] if isinstance(issuer, Mapping) else issuer)


def digest_sri(content: bytes) -> str:
    """Digest of a file as Subresource Integrity writes it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def resource_id(identifier: str, name: str) -> str:
    """URL of an attachment: the credential's, `#`, and the name.

    Raises
    ------
    InputError
        For a name that is none (`is_safe_name`).
    """
    if not is_safe_name(name):
        raise InputError("attachment", repr(name), "a plain file name: letters, digits, . _ -")
    return f"{identifier}#{name}"


def is_safe_name(name: str) -> bool:
    """Whether an attachment's name leads nowhere else: no path, no hidden file, plain ASCII."""
    plain = name.isascii() and name.replace(".", "").replace("_", "").replace("-", "").isalnum()
    return plain and len(name) <= 100 and not name.startswith((".", "-")) and ".." not in name


def seal_evidence(digest: str, value: float, unit: str, printed: str) -> dict[str, Any]:
    """The seal of the calculation: SHA-256 of the bundle, the sealed number, and the number as it is printed."""
    return {"type": [SEAL], "sha256": digest, "value": value, "unit": unit, "printed": printed}


def log_evidence(payload: str, index: int, size: int, path: Sequence[bytes], head: str) -> dict[str, Any]:
    """The place in the transparency log: the event's payload, which names the credential's id, its proof and a signed head."""
    return {
        "type": [LOG], "payload": payload, "index": index, "size": size, "path": [item.hex() for item in path], "head": head
    }  # fmt: skip
