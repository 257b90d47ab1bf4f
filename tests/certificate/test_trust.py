"""Issuers: their keys, their public files, and whom a folder makes known."""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.trust import (
    Trust,
    create_issuer,
    did_document,
    generations,
    issuer_folder,
    load_issuer,
    read_issuer,
    read_trust,
    rotate_issuer,
    write_issuer,
)
from pcf.errors import EnvironmentProblem, InputError
from tests.certificate.issuing import NOW, issuer
from tests.commands.mills import Call, done, loaded

WEB = "did:web:issuer.example"


def edit(path: Path, **changed: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changed}), encoding="utf-8")


def test_an_issuer_comes_back_with_its_lists(tmp_path: Path) -> None:
    made = issuer(tmp_path)
    folder = tmp_path / "trust" / "demo"
    write_issuer(folder, made.keys.public)
    (folder / "status").mkdir()
    (folder / "status" / "1.json").write_bytes(made.status)
    expected = replace(made.keys.public, lists=(made.status,))
    assert read_trust(tmp_path / "trust") == read_trust(folder) == Trust((expected,))
    assert read_trust(tmp_path / "trust").of_did(WEB) == expected
    assert read_trust(tmp_path / "trust").of_certificate(b"") is None


def test_no_folder_trusts_nobody(tmp_path: Path) -> None:
    assert read_trust(tmp_path / "nowhere") == Trust()
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem):
        read_trust(tmp_path / "file")


def test_keys_are_private_and_public_files_hold_none(tmp_path: Path) -> None:
    create_issuer(tmp_path, "issuer", "Demo", NOW, "open sesame", WEB)
    for path in (tmp_path / "keys").glob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"ENCRYPTED" in path.read_bytes()
    assert all(b"PRIVATE" not in path.read_bytes() for path in issuer_folder(tmp_path, "issuer").iterdir())
    assert load_issuer(tmp_path, "issuer", "open sesame").public.name == "Demo"
    with pytest.raises(InputError, match="a wrong passphrase"):
        load_issuer(tmp_path, "issuer", "close sesame")
    (tmp_path / "keys" / "issuer-1-pdf.pem").chmod(0o644)
    with pytest.raises(InputError, match="mode 0644"):
        load_issuer(tmp_path, "issuer", "open sesame")


def test_rotation_keeps_what_was_trusted(tmp_path: Path) -> None:
    first = create_issuer(tmp_path, "issuer", "Demo", NOW, None, WEB)
    second = rotate_issuer(tmp_path, "issuer", NOW, None)
    assert generations(tmp_path, "issuer") == [1, 2]
    assert (first.method, second.method) == (f"{WEB}#key-1", f"{WEB}#key-2")
    assert first.certificate in second.public.certificates
    assert second.public.keys[first.method] == first.credential.public_key
    newest = load_issuer(tmp_path, "issuer", None)
    assert (newest.certificate, newest.method) == (second.certificate, second.method)


def test_a_did_that_is_its_key_cannot_get_another(tmp_path: Path) -> None:
    made = create_issuer(tmp_path, "issuer", "Demo", NOW, None)
    assert made.public.did.startswith("did:key:z6Mk")
    assert read_issuer(issuer_folder(tmp_path, "issuer")) == made.public
    with pytest.raises(InputError, match="did:key"):
        rotate_issuer(tmp_path, "issuer", NOW, None)
    with pytest.raises(InputError, match="an issuer that exists"):
        create_issuer(tmp_path, "issuer", "Demo", NOW, None)
    with pytest.raises(InputError, match="no such issuer"):
        rotate_issuer(tmp_path, "other", NOW, None)
    with pytest.raises(EnvironmentProblem, match="no such issuer"):
        load_issuer(tmp_path, "other", None)


@pytest.mark.parametrize("did", ["web:x", "did:web:", "did:web:a/b", "did:web:a b", "did:key:z6Mk"])
def test_a_did_of_another_kind_is_refused(tmp_path: Path, did: str) -> None:
    with pytest.raises(InputError, match="--did"):
        create_issuer(tmp_path, "issuer", "Demo", NOW, None, did)
    assert not (tmp_path / "keys").exists()


def test_only_keys_that_may_assert_are_trusted(tmp_path: Path) -> None:
    create_issuer(tmp_path, "issuer", "Demo", NOW, None, WEB)
    rotate_issuer(tmp_path, "issuer", NOW, None)
    folder = issuer_folder(tmp_path, "issuer")
    edit(folder / "did.json", assertionMethod=[f"{WEB}#key-2"])
    assert list(read_issuer(folder).keys) == [f"{WEB}#key-2"]
    edit(folder / "did.json", assertionMethod=[])
    with pytest.raises(InputError, match="a key that may assert"):
        read_issuer(folder)


def test_a_key_of_somebody_else_is_none(tmp_path: Path) -> None:
    made = issuer(tmp_path)
    folder = issuer_folder(tmp_path, "issuer")
    (method,) = did_document(made.keys.public)["verificationMethod"]
    for change in (
        {"controller": "did:web:other"},
        {"type": "JsonWebKey"},
        {"id": "did:web:other#1"},
        {"publicKeyMultibase": "z6Mk"},
    ):
        edit(folder / "did.json", verificationMethod=[{**method, **change}])
        with pytest.raises(InputError):
            read_issuer(folder)
    edit(folder / "did.json", verificationMethod=[method, method])
    with pytest.raises(InputError, match="each once"):
        read_issuer(folder)


@pytest.mark.parametrize("name", ["did.json", "issuer.json", "certificates.pem"])
def test_damaged_files_are_said(tmp_path: Path, name: str) -> None:
    issuer(tmp_path)
    path = issuer_folder(tmp_path, "issuer") / name
    for content in (b"", b"[]", b"\xff", b"0" * 5_000_001):
        path.write_bytes(content)
        with pytest.raises(InputError):
            read_issuer(path.parent)
    path.unlink()
    with pytest.raises(EnvironmentProblem):
        read_issuer(path.parent)


def test_one_key_of_two_issuers_is_refused(tmp_path: Path) -> None:
    issuer(tmp_path)
    for name in ("a", "b"):
        shutil.copytree(issuer_folder(tmp_path, "issuer"), tmp_path / "trust" / name)
    with pytest.raises(InputError, match="one DID of two issuers"):
        read_trust(tmp_path / "trust")


def test_the_commands_make_list_rotate_and_publish(
    pcf: Call, pcf_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no keys" in done(pcf("key", "list")).out
    refused = pcf("key", "create", "--company", "Demo")
    assert refused.code == 2 and "--no-passphrase" in refused.err
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n", encoding="utf-8")
    secret.chmod(0o600)
    monkeypatch.setenv("PCF_KEY_PASSPHRASE_FILE", str(secret))
    done(pcf("key", "create", "--company", "Demo 铝业", "--did", WEB, "--country", "CN"))
    done(pcf("key", "rotate"))
    rows = loaded(pcf("key", "list", "--json"))
    assert [(row["company"], row["number"], row["current"], row["encrypted"]) for row in rows] == [
        ("Demo 铝业", 1, False, True),
        ("Demo 铝业", 2, True, True),
    ]
    assert len(loaded(pcf("key", "public"))["verificationMethod"]) == 2
    done(pcf("key", "public", "--out", str(tmp_path / "trust" / "demo")))
    assert read_trust(tmp_path / "trust").issuers[0].name == "Demo 铝业"
    assert "使用中" in done(pcf("--lang", "zh", "key", "list")).out
    assert pcf("key", "public", "--name", "other").code == 2
    secret.chmod(0o644)
    assert pcf("key", "rotate").code == 2
