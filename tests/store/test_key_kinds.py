"""P-256 keys, keys in a device, and where a passphrase comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from pcf.errors import EnvironmentProblem, InputError
from pcf.store.keys import ED25519, KINDS, P256, create_key, is_encrypted, load_key, public_path
from pcf.store.passphrase import CREDENTIAL, find_passphrase
from pcf.store.pkcs11 import load_device_key


def check(public: bytes, signature: bytes, message: bytes) -> None:
    key = serialization.load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, message, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_p256_key_signs_and_comes_back(tmp_path: Path, passphrase: str | None) -> None:
    made = create_key(tmp_path, "pdf", passphrase, P256)
    read = load_key(tmp_path, "pdf", passphrase, P256)
    assert made.kind == read.kind == P256
    assert made.public_key == read.public_key
    check(made.public_key, read.sign(b"text"), b"text")
    published = serialization.load_pem_public_key(public_path(tmp_path, "pdf").read_bytes())
    assert published.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) == made.public_key
    assert is_encrypted(tmp_path, "pdf") is (passphrase is not None)


def test_each_kind_is_refused_in_place_of_the_other(tmp_path: Path) -> None:
    for kind, other in (KINDS, KINDS[::-1]):
        create_key(tmp_path, kind.lower(), kind=kind)
        with pytest.raises(InputError, match="a key of another kind"):
            load_key(tmp_path, kind.lower(), kind=other)
    with pytest.raises(InputError, match="Ed25519 or P-256"):
        create_key(tmp_path, "rsa", kind="RSA")
    assert not (tmp_path / "rsa.pem").exists()


def test_another_curve_is_no_p256_key(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    path = tmp_path / "pdf.pem"
    path.write_bytes(
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path.chmod(0o600)
    with pytest.raises(InputError, match="a key of another kind; expected a P-256 key"):
        load_key(tmp_path, "pdf", kind=P256)


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_passphrase_comes_from_the_first_place_that_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CREDENTIALS_DIRECTORY", "PCF_KEY_PASSPHRASE_FILE", "PCF_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    assert find_passphrase() is None
    assert find_passphrase(lambda: "asked") == "asked"
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "variable")
    assert find_passphrase(lambda: "asked") == "variable"
    monkeypatch.setenv("PCF_KEY_PASSPHRASE_FILE", str(put(tmp_path / "file", "文件 1\n".encode())))
    assert find_passphrase() == "文件 1"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert find_passphrase() == "文件 1"  # the service has other credentials only
    put(tmp_path / CREDENTIAL, b"service", 0o440)
    assert find_passphrase() == "service"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_passphrase_file_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    monkeypatch.setenv("PCF_KEY_PASSPHRASE_FILE", str(put(tmp_path / "file", b"open sesame", mode)))
    with pytest.raises(InputError, match=f"mode {mode:04o}") as caught:
        find_passphrase()
    assert "sesame" not in str(caught.value)


def test_a_credential_that_everybody_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / CREDENTIAL, b"x", 0o444)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(InputError, match="mode 0444"):
        find_passphrase()


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb\n", b"\xff"])
def test_a_passphrase_file_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setenv("PCF_KEY_PASSPHRASE_FILE", str(put(tmp_path / "file", content)))
    with pytest.raises(InputError, match="a passphrase in one line"):
        find_passphrase()
    monkeypatch.setenv("PCF_KEY_PASSPHRASE_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentProblem):
        find_passphrase()


class Token:
    """A device as the driver library shows it, with one P-256 key."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    def get_token(self, token_label: str) -> Any:
        return self

    def open(self, user_pin: str) -> Any:
        if user_pin != "1234":
            raise RuntimeError(f"wrong PIN {user_pin}")
        return self

    def get_key(self, object_class: str, label: str) -> Any:
        if object_class == "private":
            return self
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )  # fmt: skip
        return {"point": bytes((4, len(point))) + point}

    def sign(self, content: bytes, mechanism: str) -> bytes:
        assert mechanism == "ecdsa" and len(content) == 32
        r, s = decode_dss_signature(self.private.sign(content, ec.ECDSA(Prehashed(hashes.SHA256()))))
        return r.to_bytes(32) + s.to_bytes(32)


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Token:
    found = Token()
    library = SimpleNamespace(
        lib=lambda path: found,
        ObjectClass=SimpleNamespace(PRIVATE_KEY="private", PUBLIC_KEY="public"),
        Attribute=SimpleNamespace(EC_POINT="point"),
        Mechanism=SimpleNamespace(ECDSA="ecdsa", EDDSA="eddsa"),
    )
    monkeypatch.setitem(sys.modules, "pkcs11", library)
    return found


def test_a_key_in_a_device_signs_like_one_in_a_file(token: Token) -> None:
    key = load_device_key("driver.so", "token", "pdf", "1234", P256)
    assert (key.name, key.kind) == ("pdf", P256)
    for _ in range(20):  # halves of a signature are shorter now and then
        check(key.public_key, key.sign(b"text"), b"text")
    assert "private" not in repr(key)


def test_a_device_that_refuses_is_a_matter_of_the_environment(token: Token) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        load_device_key("driver.so", "token", "pdf", "9876", P256)
    assert "9876" not in str(caught.value)
    with pytest.raises(InputError, match="a key of another kind"):
        load_device_key("driver.so", "token", "pdf", "1234", ED25519)


def test_a_missing_driver_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(EnvironmentProblem, match="pip install python-pkcs11"):
        load_device_key("driver.so", "token", "pdf", "1234", P256)
