"""Credentials: the published proof bit for bit, the published documents accepted and refused as their names say."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.certificate.credential import credential, is_safe_name, read_credential, sign_credential
from pcf.certificate.proof import add_proof, check_proof, did_key, hash_data, multikey, read_base58, read_multikey, write_base58
from pcf.certificate.strict_json import DEEPEST, read_canonical, read_json, write_canonical
from pcf.certificate.vcdm import check_credential, check_presentation, read_time
from pcf.errors import CheckFailed, InputError, PcfError
from pcf.store.keys import P256, FileKey, create_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def signer(seed: bytes = bytes(32)) -> FileKey:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return FileKey("test", private.public_key().public_bytes_raw(), private.sign)


KEY = signer()
DID = did_key(KEY.public_key)
METHOD = f"{DID}#{multikey(KEY.public_key)}"
TRUSTED = {METHOD: KEY.public_key}


def made(**changed: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "subject": {"id": "urn:x:heat", "footprint": "1.234", "名称": "铝"}, "issuer": DID, "identifier": "urn:uuid:1", "valid_from": NOW,
    }  # fmt: skip
    return credential(**{**arguments, **changed})


def signed(**changed: Any) -> bytes:
    return sign_credential(made(**changed), KEY, METHOD, NOW)


@pytest.fixture
def vectors(shared_data: Path) -> Path:
    return shared_data / "w3c-vc" / "eddsa-jcs-2022"


@pytest.mark.shared
def test_the_published_proof_comes_out_bit_for_bit(vectors: Path) -> None:
    def text(name: str) -> str:
        return (vectors / name).read_text(encoding="utf-8").strip()

    pair = json.loads(text("keyPair.json"))
    seed = read_base58(pair["privateKeyMultibase"], "key")
    assert seed[:2].hex() == "8026"  # ed25519-priv of the multicodec table
    key = signer(seed[2:])
    assert multikey(key.public_key) == pair["publicKeyMultibase"]
    unsigned, options = json.loads(text("unsigned.json")), json.loads(text("proofConfigJCS.json"))
    assert write_canonical(unsigned, "").decode() == text("canonDocJCS.txt")
    assert write_canonical(options, "").decode() == text("proofCanonJCS.txt")
    assert hash_data(unsigned, options).hex() == text("combinedHashJCS.txt") == text("proofHashJCS.txt") + text("docHashJCS.txt")
    found = add_proof(unsigned, key, options["verificationMethod"], read_time(options["created"], ""))
    assert read_base58(found["proof"]["proofValue"], "").hex() == text("sigHexJCS.txt")
    assert found["proof"]["proofValue"] == text("sigBTC58JCS.txt")
    published = json.loads(text("signedJCS.json"))
    assert found == published
    assert check_proof(published, {options["verificationMethod"]: key.public_key}) == options["verificationMethod"]


INJECTED = "did:example:issuer"
"""The documents leave the issuer to whoever issues them."""


def prepare(document: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "credential-no-issuer-fail.json":
        return {**document, "credentialSubject": {"id": "did:example:subject"}}  # else its empty subject alone would do
    if name.startswith("presentation"):
        return document
    document.setdefault("issuer", INJECTED)
    if isinstance(document["issuer"], dict):
        document["issuer"].setdefault("id", INJECTED)
    moments = {"FUTURE DATE": "2099-01-01T00:00:00Z", "PAST DATE": "2000-01-01T00:00:00Z"}
    for member in ("validFrom", "validUntil"):
        if member in document:
            document[member] = moments.get(document[member], document[member])
    return document


@pytest.mark.shared
def test_published_documents_are_taken_and_refused_as_their_names_say(shared_data: Path) -> None:
    paths = sorted((shared_data / "w3c-vc" / "vcdm2-input").rglob("*.json"))
    assert len(paths) > 100
    found: dict[str, bool] = {}
    for path in paths:
        document = prepare(json.loads(path.read_text(encoding="utf-8")), path.name)
        try:
            (check_presentation if path.name.startswith("presentation") else check_credential)(document)
            found[path.name] = True
        except InputError:
            found[path.name] = False
    assert found == {path.name: path.name.endswith("-ok.json") for path in paths}


def test_a_credential_comes_back_as_it_was_signed() -> None:
    content = signed(attachments={"pact.json": b"{}"}, valid_until=NOW + timedelta(days=1))
    found = read_credential(content, TRUSTED)
    assert found["credentialSubject"]["名称"] == "铝"
    assert found["relatedResource"] == [{
        "id": "urn:uuid:1#pact.json", "name": "pact.json",
        # printf '{}' | openssl dgst -sha256 -binary | base64
        "digestSRI": "sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=",
    }]  # fmt: skip
    assert signed(attachments={"pact.json": b"{}"}, valid_until=NOW + timedelta(days=1)) == content


def test_every_flipped_bit_of_a_credential_is_detected() -> None:
    content = signed()
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            with pytest.raises(PcfError):
                read_credential(bytes(damaged), TRUSTED)


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text + b"\n",
        lambda text: b" " + text,
        lambda text: text.replace(b'"footprint"', b'"\\u0066ootprint"'),
        lambda text: text.replace(b",", b", ", 1),
    ],
)
def test_another_spelling_of_the_same_credential_is_refused(spelling: Any) -> None:
    with pytest.raises(InputError, match="another spelling"):
        read_credential(spelling(signed()), TRUSTED)


def change(**options: Any) -> dict[str, Any]:
    document = json.loads(signed())
    document["proof"].update(options)
    return document


def test_a_proof_of_another_kind_or_key_is_no_proof() -> None:
    other = signer(bytes([1]) * 32)
    for document, said in (
        (made(), "none or several"),
        ({**made(), "proof": [json.loads(signed())["proof"]]}, "none or several"),
        (change(cryptosuite="eddsa-rdfc-2022"), "expected DataIntegrityProof"),
        (change(proofPurpose="authentication"), "expected DataIntegrityProof"),
        (change(expires="2027-01-01T00:00:00Z"), "not understood"),
        (change(verificationMethod="did:example:other#1"), "is not trusted"),
        (change(created="2026-03-01T12:00:01Z"), "is wrong"),
        (change(proofValue="z1"), "is wrong"),
        ({**json.loads(signed()), "@context": ["https://www.w3.org/ns/credentials/v2"]}, "its context"),
        ({**json.loads(signed()), "validFrom": "2026-03-02T12:00:00Z"}, "is wrong"),
    ):
        with pytest.raises(CheckFailed, match=said):
            check_proof(document, TRUSTED)
    with pytest.raises(CheckFailed, match="is wrong"):
        check_proof(json.loads(signed()), {METHOD: other.public_key})


def test_only_an_ed25519_key_signs_a_credential(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a key of kind P-256"):
        add_proof(made(), create_key(tmp_path, "pdf", kind=P256), METHOD, NOW)
    with pytest.raises(InputError, match="not signed yet"):
        add_proof(json.loads(signed()), KEY, METHOD, NOW)
    with pytest.raises(InputError, match="a time with its zone"):
        add_proof(made(), KEY, METHOD, NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": {}},
        {"issuer": "Demo Ltd"},
        {"identifier": "no url"},
        {"valid_until": NOW - timedelta(seconds=1)},
        {"attachments": {"../x": b""}},
    ],
)
def test_what_is_no_credential_is_not_made(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        made(**changed)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("pact.json", True), ("a-b_c.1.json", True), ("", False), (".", False), ("..", False), (".hidden", False), ("../x", False),
        ("a/b", False), ("a\\b", False), ("C:x", False), ("a..b", False), ("铝.json", False), ("a\n", False), ("-rf", False), ("x" * 101, False),
    ],
)  # fmt: skip
def test_names_of_attachments_lead_nowhere_else(name: str, safe: bool) -> None:
    assert is_safe_name(name) is safe


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_base58_has_one_spelling(content: bytes) -> None:
    text = write_base58(content)
    assert read_base58(text, "") == content
    assert not content or write_base58(b"\0" + content) == "z1" + text[1:]


def test_a_multikey_is_of_ed25519() -> None:
    assert read_multikey(multikey(bytes(range(32))), "") == bytes(range(32))
    for wrong in (
        "",
        "z",
        "u6Mk",
        "z0",
        write_base58(b"\xed\x01" + bytes(31)),
        write_base58(b"\x80\x24" + bytes(33)),
        "z" + "2" * 201,
    ):
        with pytest.raises(InputError):
            read_multikey(wrong, "")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T12:00:00.5Z", NOW + timedelta(milliseconds=500)),
        ("2026-03-01T20:00:00+08:00", datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))),
    ],
)
def test_times_are_read_with_their_zone(text: str, moment: datetime) -> None:
    assert read_time(text, "") == moment


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026-03-01T12:00:00", "2026-13-01T12:00:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00z", "", None, 5, "２026-03-01T12:00:00Z", "9999-12-31T23:59:59.999999999Z0"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(InputError):
        read_time(text, "validFrom")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a":1,"a":1}', "member 'a' twice"),
        (b'{"a":NaN}', "NaN"),
        (b"\xff", "no JSON in UTF-8"),
        (b"", "no JSON in UTF-8"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), f"more than {DEEPEST}"),
        (b"[" * 1_000_000, f"more than {DEEPEST}"),
        (b"9" * 5000, "no JSON in UTF-8"),
        (b"a: &a [1]\nb: [*a, *a]", "no JSON in UTF-8"),
    ],
)
def test_hostile_json_is_refused_in_one_line(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_json(content, "file")
    assert len(str(caught.value).splitlines()) == 1


def test_json_that_canonical_json_cannot_hold_is_refused() -> None:
    for content in (b"[9007199254740993]", b'["\\ud800"]', b"1e999"):
        with pytest.raises(InputError):
            read_canonical(content, "file")
    assert read_canonical(b'["[[[[ not deep"]', "file") == ["[[[[ not deep"]
    with pytest.raises(InputError, match="at most 3"):
        read_json(b"1234", "file", 3)


def test_the_hash_is_of_options_then_document() -> None:
    document, options = {"b": 2, "a": 1, "proof": {}}, {"type": "x"}
    expected = hashlib.sha256(b'{"type":"x"}').digest() + hashlib.sha256(b'{"a":1,"b":2}').digest()
    assert hash_data(document, options) == expected
