"""Keys by their public halves: fingerprints as other programs compute them."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pcf.certificate.desk import own_issuers, whole_trust
from pcf.certificate.key_list import list_issuer_keys, list_service_keys
from pcf.certificate.trust import create_issuer, issuer_folder, rotate_issuer, write_issuer
from pcf.errors import InputError
from pcf.store.keys import create_key, public_path

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    create_issuer(tmp_path, "issuer", "Demo", AT, "open sesame", "did:web:issuer.example")
    rotate_issuer(tmp_path, "issuer", AT, None)
    return tmp_path


def test_fingerprints_are_those_of_certificate_and_key(made: Path) -> None:
    ((name, public, lines),) = list_issuer_keys(made)
    assert (name, public.name) == ("issuer", "Demo")
    shown = [(line.number, line.purpose, line.algorithm, line.current, line.encrypted) for line in lines]
    assert shown == [
        (1, "pdf", "P-256", False, True), (1, "credential", "Ed25519", False, True),
        (2, "pdf", "P-256", True, False), (2, "credential", "Ed25519", True, False),
    ]  # fmt: skip
    pem = (
        (issuer_folder(made, "issuer") / "certificates.pem").read_text(encoding="ascii").split("-----BEGIN CERTIFICATE-----")[1:]
    )
    ders = [base64.b64decode(item.partition("-----END")[0]) for item in pem]
    assert [lines[0].fingerprint, lines[2].fingerprint] == [hashlib.sha256(der).hexdigest() for der in ders]
    vkey = public_path(made / "keys", "issuer-2-vc").read_text(encoding="ascii").strip()
    raw = base64.b64decode(vkey.split("+", 2)[2])[1:]  # a byte of the algorithm, then the key
    assert len(raw) == 32 and lines[3].fingerprint == hashlib.sha256(raw).hexdigest()


def test_openssl_says_the_same(made: Path) -> None:
    place = issuer_folder(made, "issuer") / "certificates.pem"
    try:
        said = subprocess.run(
            ["openssl", "x509", "-in", str(place), "-noout", "-fingerprint", "-sha256"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert said.strip().rpartition("=")[2].replace(":", "").lower() == list_issuer_keys(made)[0][2][0].fingerprint


def test_keys_of_log_and_service_are_there_when_they_are(tmp_path: Path) -> None:
    assert list_service_keys(tmp_path) == [] == list_issuer_keys(tmp_path)
    create_key(tmp_path / "keys", "pact")
    create_key(tmp_path / "keys", "log", "open sesame")
    assert [(line.purpose, line.encrypted) for line in list_service_keys(tmp_path)] == [("log", True), ("pact", False)]


def test_a_key_without_its_certificate_is_said(made: Path) -> None:
    public_path(made / "keys", "issuer-1-pdf").unlink()
    with pytest.raises(InputError, match="no certificate of its public half"):
        list_issuer_keys(made)


def test_an_own_issuer_counts_with_its_newest_keys_and_published_lists(made: Path, tmp_path: Path) -> None:
    own = own_issuers(made)[0]
    create_issuer(tmp_path / "other", "issuer", "Other", AT, None, "did:web:other.example")
    write_issuer(made / "trust" / "other", own_issuers(tmp_path / "other")[0])
    old = made / "trust" / "self"
    write_issuer(old, own)
    (old / "status").mkdir()
    (old / "status" / "1.json").write_bytes(b"{}")
    rotate_issuer(made, "issuer", AT, None)
    found = {item.did: item for item in whole_trust(made).issuers}
    assert set(found) == {"did:web:issuer.example", "did:web:other.example"}
    assert len(found["did:web:issuer.example"].certificates) == 3 and found["did:web:issuer.example"].lists == (b"{}",)
