"""Data Integrity proofs of the kind `eddsa-jcs-2022`: canonical JSON, SHA-256, Ed25519.

$$ \\text{signature} = \\text{Ed25519}(\\text{SHA-256}(\\text{JCS}(\\text{proof options})) \\,\\|\\, \\text{SHA-256}(\\text{JCS}(\\text{document}))) $$

References
----------
W3C Verifiable Credential Data Integrity 1.0; W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3; W3C Controlled
Identifiers 1.0 (Multibase, Multikey); RFC 8785 (JCS); RFC 8032 (Ed25519).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pcf.certificate.strict_json import write_canonical
from pcf.certificate.vcdm import as_time, read_time
from pcf.errors import CheckFailed, InputError
from pcf.store.keys import ED25519, Signer

CRYPTOSUITE = "eddsa-jcs-2022"

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTICODEC = bytes.fromhex("ed01")
_KEY = 32
_SIGNATURE = 64
_LONGEST = 200
_OPTIONS = ("type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "@context")


def write_base58(content: bytes) -> str:
    """Multibase text in base58btc, with its `z`."""
    number = int.from_bytes(content)
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "z" + "1" * (len(content) - len(content.lstrip(b"\0"))) + text


def read_base58(text: str, place: str) -> bytes:
    """Bytes of a multibase text in base58btc.

    Raises
    ------
    InputError
        When it is none, or longer than keys and signatures are.
    """
    body = text[1:]
    if text[:1] != "z" or len(body) > _LONGEST or any(char not in _ALPHABET for char in body):
        raise InputError(place, repr(text[:_LONGEST]), "multibase text in base58btc")
    number = 0
    for char in body:
        number = number * 58 + _ALPHABET.index(char)
    zeros = len(body) - len(body.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multikey(public_key: bytes) -> str:
    """An Ed25519 key as a Multikey."""
    return write_base58(_MULTICODEC + public_key)


def read_multikey(text: str, place: str) -> bytes:
    """The Ed25519 key of a Multikey.

    Raises
    ------
    InputError
        When it is none.
    """
    found = read_base58(text, place)
    if len(found) != len(_MULTICODEC) + _KEY or found[: len(_MULTICODEC)] != _MULTICODEC:
        raise InputError(place, repr(text), "a Multikey of Ed25519 (z6Mk…)")
    return found[len(_MULTICODEC) :]


def did_key(public_key: bytes) -> str:
    """The `did:key` of an Ed25519 key."""
    return f"did:key:{multikey(public_key)}"


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """What is signed (64 bytes): hash of the options of the proof, hash of the document without its proof."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    return (
        hashlib.sha256(write_canonical(dict(options), "options of the proof")).digest()
        + hashlib.sha256(write_canonical(unsecured, "document")).digest()
    )


def add_proof(document: Mapping[str, Any], signer: Signer, method: str, created: datetime) -> dict[str, Any]:
    """A document with its proof.

    Parameters
    ----------
    document : mapping
        Without a proof.
    signer : Signer
        An Ed25519 key.
    method : str
        Verification method: the issuer's DID, `#`, and the key's name there.
    created : datetime
        With its zone.

    Raises
    ------
    InputError
        For a key of another kind, a document with a proof, or one that has no canonical form.
    """
    if signer.kind != ED25519:
        raise InputError(f"key {signer.name}", f"a key of kind {signer.kind}", f"a key of kind {ED25519}")
    if "proof" in document:
        raise InputError("document", "a proof", "a document that is not signed yet")
    options: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": as_time(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = signer.sign(hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": write_base58(signature)}}


def check_proof(document: Mapping[str, Any], keys: Mapping[str, bytes]) -> str:
    """Check the one proof of a document; gives the verification method that made it.

    Stricter than the standard where that costs nothing: exactly one proof, of this kind, with the document's own context and
    with no option that is not understood.

    Parameters
    ----------
    document : mapping
    keys : mapping
        Verification methods that are trusted → their Ed25519 keys.

    Raises
    ------
    CheckFailed
        When the proof is of another kind, by an unknown key, or wrong.
    InputError
        When document or proof are not what they should be.
    """
    proof = document.get("proof")
    if not isinstance(proof, Mapping):
        raise CheckFailed("proof: found none or several; expected one")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise CheckFailed(f"proof: found the option {unknown[0]!r}, which is not understood here")
    kind = (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose"))
    if kind != ("DataIntegrityProof", CRYPTOSUITE, "assertionMethod"):
        raise CheckFailed(
            f"proof: found {' '.join(map(str, kind))[:120]}; expected DataIntegrityProof {CRYPTOSUITE} assertionMethod"
        )
    if options.get("@context") != document.get("@context"):
        raise CheckFailed("proof: its context is not the document's")
    read_time(options.get("created"), "proof, created")
    method, value = options.get("verificationMethod"), proof.get("proofValue")
    if not isinstance(method, str) or method not in keys:
        raise CheckFailed(f"proof: the key {str(method)[:120]} is not trusted")
    signature = read_base58(value, "proof, proofValue") if isinstance(value, str) else b""
    if len(signature) != _SIGNATURE or not _accepts(keys[method], signature, hash_data(document, options)):
        raise CheckFailed(f"proof: the signature of {method} is wrong: the document or the proof was changed")
    return method


def _accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
