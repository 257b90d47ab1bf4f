"""Checkpoints against notes that others published, and against every change of a note."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import CheckFailed, InputError, PcfError
from pcf.store.checkpoint import MOST_CHARACTERS, Checkpoint, Signature, Verifier, open_note, parse, parse_vkey, sign

# A head of the Go checksum database, sum.golang.org, as its key signed it; the key is the one in the go command.
GO_VKEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = """go.sum database tree
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

# The key of the documentation of golang.org/x/mod/sumdb/note: key id and public half of a known private half.
NEUMANN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_SIGNATURE = base64.b64decode(
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)

ROOT = bytes(range(32))
HEAD = Checkpoint("plant.example/log", 42, ROOT)


@dataclass(frozen=True)
class Key:
    """Signer in memory."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, message: bytes, /) -> bytes:
        return self.private.sign(message)


KEY = Key("plant.example/log", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
OTHER = Key("witness.example", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
TRUSTED = Verifier(KEY.name, KEY.public_key)
NOTE = sign(replace(HEAD, extra=("批次 7",)), KEY)

lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30)
visible = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="+")
names = st.text(visible, min_size=1, max_size=20)
checkpoints = st.builds(
    Checkpoint, lines, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3).map(tuple)
)


def verifier(key: Key) -> Verifier:
    return Verifier(key.name, key.public_key)


def test_a_published_checkpoint_opens() -> None:
    found = open_note(GO_NOTE, [parse_vkey(GO_VKEY)])
    root = bytes.fromhex("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62")
    assert found == Checkpoint("go.sum database tree", 20_852_163, root)


def test_a_published_checkpoint_of_another_size_does_not() -> None:
    with pytest.raises(CheckFailed, match=r"signature of sum\.golang\.org\+033de0ae is wrong"):
        open_note(GO_NOTE.replace("20852163", "20852164"), [parse_vkey(GO_VKEY)])


def test_a_published_key() -> None:
    found = parse_vkey(NEUMANN_VKEY + "\n")
    assert (found.name, found.key_id.hex(), found.vkey) == ("PeterNeumann", "c74f20a3", NEUMANN_VKEY)
    assert found.public_key == Key("", Ed25519PrivateKey.from_private_bytes(NEUMANN_SEED)).public_key
    assert found.key_id == NEUMANN_SIGNATURE[:4]
    assert found.accepts(NEUMANN_SIGNATURE[4:], NEUMANN_TEXT)
    assert not found.accepts(NEUMANN_SIGNATURE[4:], NEUMANN_TEXT[:-1])
    assert not found.accepts(NEUMANN_SIGNATURE[4:-1], NEUMANN_TEXT)


def test_a_note_is_text_as_the_format_says() -> None:
    text = sign(HEAD, KEY)
    signed = "plant.example/log\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    signature = base64.b64encode(TRUSTED.key_id + KEY.private.sign(signed.encode())).decode()
    assert text == f"{signed}\n— plant.example/log {signature}\n"


@given(checkpoints)
def test_what_is_signed_opens_as_it_was(checkpoint: Checkpoint) -> None:
    text = sign(checkpoint, KEY)
    assert open_note(text, [TRUSTED]) == checkpoint
    assert parse(text)[0].text == text.partition("\n\n")[0] + "\n"


def test_signatures_of_unknown_keys_are_left_aside() -> None:
    witness = NOTE.partition("\n\n")[2].replace(KEY.name, OTHER.name)
    assert open_note(NOTE + witness, [TRUSTED]).size == 42
    assert len(parse(NOTE + witness)[1]) == 2
    # The same name with another key, and the same key under another name, are unknown keys too.
    for stranger in (replace(TRUSTED, name="x"), replace(TRUSTED, public_key=OTHER.public_key)):
        with pytest.raises(CheckFailed, match="no signature of a trusted key"):
            open_note(NOTE, [stranger])


def test_one_of_several_keys_is_enough() -> None:
    assert open_note(NOTE, [verifier(OTHER), TRUSTED]).size == 42


def test_a_wrong_signature_of_a_known_key_spoils_a_right_one_of_another() -> None:
    body = NOTE.partition("\n\n")[0]
    wrong = base64.b64encode(verifier(OTHER).key_id + bytes(64)).decode()
    text = f"{NOTE}— {OTHER.name} {wrong}\n"
    assert open_note(text, [TRUSTED]).text == body + "\n"
    with pytest.raises(CheckFailed, match=r"signature of witness\.example\+[0-9a-f]{8} is wrong"):
        open_note(text, [TRUSTED, verifier(OTHER)])


def test_a_key_that_shares_name_and_id_is_tried_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Verifier, "key_id", TRUSTED.key_id)
    assert open_note(NOTE, [Verifier(KEY.name, OTHER.public_key), TRUSTED]).size == 42


def test_without_keys_nothing_is_trusted() -> None:
    with pytest.raises(CheckFailed, match="trusted: none"):
        open_note(NOTE, [])


def test_every_changed_character_is_found() -> None:
    for place, char in enumerate(NOTE):
        for other in {"\n", " ", "A", "0", "+", "=", "\r", "\x00", "—", chr(ord(char) ^ 1)} - {char}:
            with pytest.raises(PcfError) as caught:
                open_note(NOTE[:place] + other + NOTE[place + 1 :], [TRUSTED])
            assert len(str(caught.value).splitlines()) == 1


def test_every_missing_piece_is_found() -> None:
    for place in range(len(NOTE)):
        for text in (NOTE[:place], NOTE[place + 1 :], NOTE[:place] + NOTE[place + 1 :], NOTE[:place] + "\n" + NOTE[place:]):
            with pytest.raises(PcfError):
                open_note(text, [TRUSTED])


@given(st.text(max_size=200) | st.text("\n— +=A0\r\ud800", max_size=60))
def test_any_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        open_note(text, [TRUSTED])
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError):
        parse_vkey(text)


@given(st.data())
def test_any_cut_and_paste_is_refused(data: st.DataObject) -> None:
    start, to = data.draw(st.integers(0, len(NOTE) - 1)), data.draw(st.integers(0, len(NOTE)))
    stop = data.draw(st.integers(start + 1, len(NOTE)))
    text = NOTE[:to] + NOTE[start:stop] + NOTE[to:]
    try:
        found = open_note(text, [TRUSTED])
    except PcfError:
        return
    # Nothing but the signature line once more may pass.
    assert found == parse(NOTE)[0]
    assert len(parse(text)[1]) == 2


@pytest.mark.parametrize(
    ("old", "new", "place", "found"),
    [
        ("\n42\n", "\n042\n", "line 2", "042"),
        ("\n42\n", "\n+42\n", "line 2", "+42"),
        ("\n42\n", "\n-1\n", "line 2", "-1"),
        ("\n42\n", "\n٤٢\n", "line 2", "٤٢"),
        ("\n42\n", "\n" + "9" * 5000 + "\n", "line 2", "999"),
        ("\n42\n", "\n9999999999999999999\n", "size", "9999999999999999999"),
        ("Hh8=", "Hh9=", "line 3", "Hh9="),  # the same 32 bytes in another spelling
        ("Hh8=", "Hh8", "line 3", "Hh8"),
        ("Hh8=", "Hg==", "root", "31 bytes"),
        ("plant.example/log\n", "\n", "origin", "''"),
        ("批次", "批\t次", "extension line", "\\t"),
        ("批次 7", "批次\n\n7", "extension line", "''"),  # the last empty line is the one before the signatures
        ("— plant", "- plant", "line 6", "- plant"),
        ("— plant", "— pl+nt", "line 6", "pl+nt"),
        ("— plant", "— pl\u00a0nt", "line 6", "pl\\xa0nt"),
        ("— plant.example/log ", "— plant.example/log  ", "line 6", "' "),
    ],
)
def test_a_refusal_says_where(old: str, new: str, place: str, found: str) -> None:
    assert old in NOTE
    with pytest.raises(InputError) as caught:
        parse(NOTE.replace(old, new))
    assert caught.value.place == f"checkpoint, {place}"
    assert found in caught.value.found


def test_line_ends_of_another_system_are_refused_with_advice() -> None:
    with pytest.raises(InputError, match="use the file as it was sent"):
        open_note(NOTE.replace("\n", "\r\n"), [TRUSTED])


def test_a_key_id_alone_is_no_signature() -> None:
    with pytest.raises(InputError, match="line 5: found 4 bytes"):
        parse(f"{HEAD.text}\n— plant {base64.b64encode(b'four').decode()}\n")


def test_signatures_of_other_kinds_are_read() -> None:
    # The largest that the format speaks of: 16 post-quantum signatures of 5 kB.
    line = f"— witness {base64.b64encode(b'keyid' * 1000).decode()}\n"
    assert parse(f"{HEAD.text}\n{line * 16}")[1] == (Signature("witness", b"keyi", (b"keyid" * 1000)[4:]),) * 16


def test_a_long_text_is_not_read_nor_made() -> None:
    with pytest.raises(InputError, match="at most 200,000"):
        open_note(NOTE * 5000, [TRUSTED])
    with pytest.raises(InputError, match="at most 200,000"):
        sign(replace(HEAD, extra=("x" * MOST_CHARACTERS,)), KEY)


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": ""}, {"origin": "two\nlines"}, {"origin": "\ud800"}, {"size": -1}, {"size": 2**63}, {"root": b""},
        {"root": ROOT + b"\x00"}, {"extra": ("",)}, {"extra": ("fine", "two\nlines")},
    ],
)  # fmt: skip
def test_what_no_note_can_hold_is_no_checkpoint(fields: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"checkpoint, {'extension' if 'extra' in fields else next(iter(fields))}"):
        Checkpoint(**{"origin": "plant", "size": 1, "root": ROOT, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\u202eb", "x" * 201])
def test_a_name_that_no_signature_line_can_hold(name: str) -> None:
    with pytest.raises(InputError, match="visible characters"):
        sign(HEAD, replace(KEY, name=name))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NEUMANN_VKEY.replace("c74f20a3", "c74f20a4"), "key id c74f20a4"),
        (NEUMANN_VKEY.replace("c74f20a3", "C74F20A3"), "key id C74F20A3"),
        (NEUMANN_VKEY.replace("Peter", "Pater"), "key id c74f20a3"),
        (NEUMANN_VKEY.replace("+ARpc", "+Ahpc"), "a key of another kind"),
        (NEUMANN_VKEY[:-4], "29 bytes"),  # three bytes less
        (NEUMANN_VKEY[:-1], "ARpc"),
        ("PeterNeumann", "PeterNeumann"),
        ("", "''"),
        (NEUMANN_VKEY * 5000, "PeterNeumann+"),
    ],
)
def test_a_damaged_public_key_is_refused(text: str, found: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_vkey(text)
    assert found in caught.value.found


@given(names, st.binary(min_size=32, max_size=32))
def test_a_public_key_comes_back_from_its_text(name: str, key: bytes) -> None:
    made = Verifier(name, key)
    assert parse_vkey(made.vkey) == made
    assert made.accepts(bytes(64), b"") in (False, True)  # any 32 bytes may be asked
