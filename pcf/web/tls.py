"""A certificate made here, for a server that nobody outside knows."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pcf.settings import home

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

DAYS = 365


def self_signed_pair(host: str) -> tuple[Path, Path]:
    """Certificate and key in the state folder; made anew for another host, or when it is about to expire."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder = home() / "tls"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    cert, key = folder / "cert.pem", folder / "key.pem"
    names = sorted({"localhost", "127.0.0.1", host, socket.gethostname()})
    now = datetime.now(UTC)
    if cert.is_file() and key.is_file():
        old = x509.load_pem_x509_certificate(cert.read_bytes())
        known = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if list(known) == [_name(item) for item in names] and old.not_valid_after_utc > now + timedelta(days=30):
            return cert, key
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pcf workbench")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(item) for item in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(
            private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return cert, key


def _name(host: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
