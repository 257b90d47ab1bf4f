"""Key files: made once, for their owner only, and refused when anything about them is odd."""

from __future__ import annotations

import multiprocessing
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pcf.errors import EnvironmentProblem, InputError
from pcf.store.checkpoint import Checkpoint, open_note, parse_vkey, sign
from pcf.store.keys import MOST_BYTES, create_key, ensure_key, list_keys, load_key, public_path

# RFC 8032, section 7.1, test 2.
RFC_SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
RFC_PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
RFC_MESSAGE = "72"
RFC_SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"


def pem(private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def put(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "log.pem"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def ensure(folder: Path, name: str, passphrase: str | None) -> bytes:
    return ensure_key(folder, name, passphrase).public_key


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_known_key_signs_as_published(tmp_path: Path) -> None:
    put(tmp_path, pem(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(RFC_SEED))))
    key = load_key(tmp_path, "log")
    assert key.name == "log"
    assert key.public_key.hex() == RFC_PUBLIC
    assert key.sign(bytes.fromhex(RFC_MESSAGE)).hex() == RFC_SIGNATURE


@pytest.mark.parametrize("passphrase", [None, "x", "密码 with spaces", "x" * 1023])
def test_a_key_comes_back_as_it_was_made(tmp_path: Path, passphrase: str | None) -> None:
    made = create_key(tmp_path / "new" / "keys", "log", passphrase)
    read = load_key(tmp_path / "new" / "keys", "log", passphrase)
    assert read.public_key == made.public_key
    assert read.sign(b"text") == made.sign(b"text")


def test_what_a_key_signs_opens_with_its_published_half(tmp_path: Path) -> None:
    head = Checkpoint("plant", 0, bytes(32))
    note = sign(head, create_key(tmp_path, "log"))
    assert open_note(note, [parse_vkey(public_path(tmp_path, "log").read_text(encoding="utf-8"))]) == head


def test_only_the_owner_can_read_a_new_key(tmp_path: Path, open_umask: None) -> None:
    create_key(tmp_path / "keys", "log")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "log.pem").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["log.pem", "log.pub"]


def test_a_narrow_umask_leaves_the_key_readable(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        create_key(tmp_path, "log")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log.pem").stat().st_mode) == 0o600


def test_a_passphrase_encrypts_the_file(tmp_path: Path) -> None:
    create_key(tmp_path, "plain")
    create_key(tmp_path, "secret", "open sesame")
    assert (tmp_path / "plain.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert (tmp_path / "secret.pem").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")


def test_a_key_is_never_made_over_another(tmp_path: Path) -> None:
    create_key(tmp_path, "log")
    before = (tmp_path / "log.pem").read_bytes()
    with pytest.raises(InputError, match="a key that exists"):
        create_key(tmp_path, "log")
    assert (tmp_path / "log.pem").read_bytes() == before
    (tmp_path / "link.pem").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="a key that exists"):
        create_key(tmp_path, "link")
    assert not (tmp_path / "nowhere").exists()


def test_ensure_makes_a_key_once(tmp_path: Path) -> None:
    first = ensure_key(tmp_path, "log", "open sesame")
    assert ensure_key(tmp_path, "log", "open sesame").public_key == first.public_key
    with pytest.raises(InputError, match="a wrong passphrase"):
        ensure_key(tmp_path, "log", "close sesame")


def test_ensure_publishes_what_an_interrupted_making_left_out(tmp_path: Path) -> None:
    create_key(tmp_path, "log")
    content = public_path(tmp_path, "log").read_bytes()
    public_path(tmp_path, "log").unlink()
    ensure_key(tmp_path, "log")
    assert public_path(tmp_path, "log").read_bytes() == content


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_processes_at_once_get_the_same_key(tmp_path: Path, passphrase: str | None) -> None:
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        for attempt in range(6):
            folder = tmp_path / f"keys-{attempt}"
            found = pool.starmap(ensure, [(folder, "log", passphrase)] * 8, chunksize=1)
            assert len(found) == 8
            assert len(set(found)) == 1
            assert sorted(path.name for path in folder.iterdir()) == ["log.pem", "log.pub"]
            assert parse_vkey(public_path(folder, "log").read_text(encoding="utf-8")).public_key == found[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o644, 0o700 | 0o001])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    create_key(tmp_path, "log")
    path = tmp_path / "log.pem"
    path.chmod(mode)
    with pytest.raises(InputError) as caught:
        load_key(tmp_path, "log")
    assert (caught.value.place, caught.value.found, caught.value.advice) == (str(path), f"mode {mode:04o}", f"chmod 600 {path}")
    assert "0600" in caught.value.expected


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    create_key(tmp_path, "log")
    (tmp_path / "log.pem").chmod(mode)
    assert load_key(tmp_path, "log").name == "log"


def test_a_missing_key_is_a_matter_of_the_environment(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(EnvironmentProblem, match=r"log\.pem: there is no such key"):
            load_key(folder, "log")


def test_a_link_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path, "log")
    (tmp_path / "other.pem").symlink_to(tmp_path / "log.pem")
    with pytest.raises(InputError, match="a symbolic link"):
        load_key(tmp_path, "other")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.pem").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe.pem", mode=0o600)
    for name in ("folder", "pipe"):
        with pytest.raises(InputError, match="a folder, pipe or device"):
            load_key(tmp_path, name)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name is short
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("log.pem")
        Path("log.pem").chmod(0o600)
        with pytest.raises(InputError, match="a folder, pipe or device"):
            load_key(tmp_path, "log")


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    content = pem(Ed25519PrivateKey.generate())
    put(tmp_path, content + b"\n" * (MOST_BYTES - len(content)))
    load_key(tmp_path, "log")
    put(tmp_path, content + b"\n" * (MOST_BYTES - len(content) + 1))
    with pytest.raises(InputError, match="more than 10,000 bytes"):
        load_key(tmp_path, "log")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    put(tmp_path, pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(InputError, match="a key of another kind; expected an Ed25519 key"):
        load_key(tmp_path, "log")


def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path) -> None:
    content = pem(Ed25519PrivateKey.generate())
    body = len("-----BEGIN PRIVATE KEY-----\n")
    for damaged in (b"", b"\x00" * 100, content[:60], content[:body] + b"A" + content[body + 1 :], content[body:]):
        put(tmp_path, damaged)
        with pytest.raises(InputError) as caught:
            load_key(tmp_path, "log")
        assert len(str(caught.value).splitlines()) == 1


def test_passphrase_and_encryption_go_together(tmp_path: Path) -> None:
    create_key(tmp_path, "plain")
    create_key(tmp_path, "secret", "open sesame")
    with pytest.raises(InputError, match="a key that is not encrypted, and a passphrase"):
        load_key(tmp_path, "plain", "open sesame")
    with pytest.raises(InputError, match="an encrypted key; expected its passphrase"):
        load_key(tmp_path, "secret")
    with pytest.raises(InputError, match="a wrong passphrase") as caught:
        load_key(tmp_path, "secret", "close sesame")
    assert "close sesame" not in str(caught.value)


@pytest.mark.parametrize("passphrase", ["", "x" * 1024, "\ud800"])
def test_a_passphrase_that_cannot_be_one_is_refused(tmp_path: Path, passphrase: str) -> None:
    for ask in (create_key, ensure_key):
        with pytest.raises(InputError, match=r"^passphrase: "):
            ask(tmp_path / "keys", "log", passphrase)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("name", ["", "Log", "a.b", "../log", "a/b", "a_b", "log\n", "密", "x" * 41])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    for ask in (create_key, load_key, ensure_key):
        with pytest.raises(InputError, match="small letters, digits and hyphens"):
            ask(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_the_keys_of_a_folder(tmp_path: Path) -> None:
    assert list_keys(tmp_path / "nowhere") == []
    for name in ("log", "certificate-2026", "x" * 40):
        create_key(tmp_path, name)
    (tmp_path / "README.pem").touch()
    (tmp_path / "notes.txt").touch()
    assert list_keys(tmp_path) == ["certificate-2026", "log", "x" * 40]
    with pytest.raises(EnvironmentProblem, match="Not a directory"):
        list_keys(tmp_path / "notes.txt")


def test_a_folder_that_is_a_file_is_a_matter_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for ask in (create_key, load_key, ensure_key):
        with pytest.raises(EnvironmentProblem):
            ask(tmp_path / "file", "log")


def test_nothing_is_left_of_a_making_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="No space left on device; no key was made"):
        create_key(tmp_path, "log")
    assert list(tmp_path.iterdir()) == []


def test_a_public_half_that_cannot_be_written_does_not_cost_the_key(tmp_path: Path) -> None:
    public_path(tmp_path, "log").mkdir()
    with pytest.raises(EnvironmentProblem, match="the key is there, its public half is not"):
        create_key(tmp_path, "log")
    assert load_key(tmp_path, "log").name == "log"


def test_a_key_shows_no_secret(tmp_path: Path) -> None:
    key = create_key(tmp_path, "log", "open sesame")
    assert repr(key) == f"FileKey(name='log', public_key={key.public_key!r})"
