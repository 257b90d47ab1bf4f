"""The certificate of a P-256 key under which PDF files are signed: made by its own owner, trusted where somebody trusts it.

References
----------
RFC 5280 (X.509), RFC 5480 (P-256 in certificates), RFC 7468 (PEM).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from pcf.errors import InputError
from pcf.store.keys import P256, Signer

MOST_NAME = 64
"""Longest name of a company in a certificate [characters]."""

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_COUNTRY = re.compile("[A-Z]{2}")


def make_certificate(signer: Signer, company: str, valid_from: datetime, years: int = 5, country: str = "") -> bytes:
    """Make the certificate of a key, signed by the key itself, in DER.

    Parameters
    ----------
    signer : Signer
        A P-256 key.
    company : str
        Name of who signs.
    valid_from : datetime
        With its zone.
    years : int
        How long it holds, 1 to 20.
    country : str
        Two letters, or nothing.

    Raises
    ------
    InputError
        For a key of another kind, and a name or country that cannot stand in a certificate.
    """
    from asn1crypto import core, keys, x509

    if signer.kind != P256:
        raise InputError(f"key {signer.name}", f"a key of kind {signer.kind}", f"a key of kind {P256}")
    if not company.strip() or company != company.strip() or len(company) > MOST_NAME or not company.isprintable():
        raise InputError("--company", repr(company[:100]), f"a name of 1 to {MOST_NAME} printable characters")
    if country and not _COUNTRY.fullmatch(country):
        raise InputError("--country", repr(country[:20]), "two capital letters, such as CN")
    if not 1 <= years <= 20:
        raise InputError("--years", str(years), "1 to 20")
    start = valid_from.astimezone(UTC).replace(microsecond=0)
    public = keys.PublicKeyInfo.load(signer.public_key)
    parts = {"country_name": country} if country else {}
    name = x509.Name.build({**parts, "organization_name": company, "common_name": company})
    content = x509.TbsCertificate({
        "version": "v3",
        "serial_number": secrets.randbits(126) + 1,
        "signature": {"algorithm": "sha256_ecdsa"},
        "issuer": name,
        "validity": {
            "not_before": x509.Time(name="utc_time", value=start),
            "not_after": _time(start + timedelta(days=365 * years)),
        },
        "subject": name,
        "subject_public_key_info": public,
        "extensions": [
            {"extn_id": "basic_constraints", "critical": True, "extn_value": x509.BasicConstraints({"ca": False})},
            {"extn_id": "key_usage", "critical": True, "extn_value": {"digital_signature", "non_repudiation"}},
            {"extn_id": "key_identifier", "critical": False, "extn_value": core.OctetString(public.sha1)},
        ],
    })  # fmt: skip
    signature = signer.sign(content.dump())
    whole = x509.Certificate({
        "tbs_certificate": content, "signature_algorithm": {"algorithm": "sha256_ecdsa"}, "signature_value": signature
    })  # fmt: skip
    return bytes(whole.dump())


def _time(moment: datetime) -> Any:
    from asn1crypto import x509

    return x509.Time(name="utc_time" if moment.year < 2050 else "general_time", value=moment)


def write_pem(certificates: list[bytes]) -> bytes:
    """Certificates in PEM."""
    blocks = []
    for certificate in certificates:
        body = base64.b64encode(certificate).decode()
        lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
        blocks.append(f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    return "".join(blocks).encode()


def read_pem(content: bytes, place: str) -> list[bytes]:
    """Certificates of a PEM file, in DER.

    Raises
    ------
    InputError
        When there is none, or one is not of a P-256 key.
    """
    found = []
    for block in _BLOCK.findall(content):
        try:
            certificate = base64.b64decode(b"".join(block.split()), validate=True)
            public_key(certificate)
        except ValueError as problem:
            raise InputError(place, str(problem)[:100], "certificates of P-256 keys in PEM") from None
        found.append(certificate)
    if not found:
        raise InputError(place, "no certificate", "certificates of P-256 keys in PEM")
    return found


def public_key(certificate: bytes) -> Any:
    """P-256 key of a certificate.

    Raises
    ------
    ValueError
        When it is no certificate, or of another key.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("a certificate of another kind of key")
    return key


def period(certificate: bytes) -> tuple[datetime, datetime]:
    """From when until when a certificate holds."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate)
    return found.not_valid_before_utc, found.not_valid_after_utc


def company_name(certificate: bytes) -> str:
    """The company that a certificate names; nothing says that it is true."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    names = x509.load_der_x509_certificate(certificate).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate, as programs show it."""
    return hashlib.sha256(certificate).hexdigest()
