"""Status lists: bits where the standard has them, and nobody else's list, no old one and no bomb taken for it."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.certificate.status_list import (
    LEAST_BITS,
    MOST_BITS,
    Reason,
    StatusList,
    decode_list,
    encode_list,
    find_list,
    read_list,
    status_entry,
)
from pcf.errors import CheckFailed, InputError
from tests.certificate.issuing import ADDRESS, DAY, NOW, Made, issuer, list_of, revoked

ENTRY = status_entry(ADDRESS, 7)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return issuer(tmp_path_factory.mktemp("issuer"))


def ask(made: Made, *lists: bytes, entry: dict[str, Any] = ENTRY) -> Any:
    return find_list(entry, made.keys.public.did, lists, made.keys.public.keys, NOW)


def packed(content: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_the_first_bit_is_the_leftmost_one() -> None:
    assert StatusList.empty().with_bit(0).bits[:1] == b"\x80"
    assert StatusList.empty().with_bit(15).bits[:2] == b"\x00\x01"


def test_a_list_is_gzip_without_name_or_time() -> None:
    text = encode_list(StatusList.empty().with_bit(9))
    content = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    assert content[:10].hex() == "1f8b08000000000002ff"
    assert gzip.decompress(content) == b"\x00\x40" + bytes(LEAST_BITS // 8 - 2)  # the standard library's own reader
    assert text == encode_list(StatusList.empty().with_bit(9))


@given(st.sets(st.integers(0, LEAST_BITS - 1), max_size=20))
@settings(max_examples=25, deadline=None)
def test_what_is_set_comes_back_and_nothing_else(places: set[int]) -> None:
    found = StatusList.empty()
    for place in places:
        found = found.with_bit(place)
    back = decode_list(encode_list(found))
    assert back.bits == found.bits
    assert sum(byte.bit_count() for byte in back.bits) == len(places)
    assert all(back.is_set(place) for place in places)
    for place in places:
        back = back.with_bit(place, value=False)
    assert back == StatusList.empty()


@pytest.mark.parametrize("size", [0, LEAST_BITS - 8, MOST_BITS + 8, LEAST_BITS + 1, -8])
def test_a_list_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(InputError):
        StatusList.empty(size)


@pytest.mark.parametrize("index", [-1, LEAST_BITS])
def test_a_number_beyond_the_list_is_refused(index: int) -> None:
    for act in (StatusList.empty().is_set, StatusList.empty().with_bit):
        with pytest.raises(InputError):
            act(index)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "multibase"),
        ("zabc", "multibase"),
        ("u!!!!", "GZIP"),
        ("uAAAA", "GZIP"),
        (packed(gzip.compress(bytes(LEAST_BITS // 8))[:-9]), "cut off"),
        (packed(gzip.compress(bytes(LEAST_BITS // 8)) + b"x"), "goes on"),
        (packed(gzip.compress(bytes(10))), "80 bits"),
        (packed(gzip.compress(bytes(2**28), 9)), "more than"),  # 256 MB in 260 kB
        ("u" + "A" * 3_000_000, "characters"),
    ],
    ids=["empty", "other-base", "no-base64", "no-gzip", "cut-off", "goes-on", "short", "bomb", "long"],
)
def test_bombs_and_damage_are_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        decode_list(text)


def test_a_certificate_is_looked_up(made: Made) -> None:
    assert not ask(made, made.status).is_set
    found = ask(made, list_of(made.keys, revoked()))
    assert found.is_set
    assert found.reason == Reason(7, "wrong mass", "2026-02-28", "urn:uuid:2")
    assert not ask(made, list_of(made.keys, revoked(8))).is_set


def test_the_newest_list_counts(made: Made) -> None:
    newer = list_of(made.keys, revoked(), valid_from=NOW - DAY / 2)
    for lists in ((made.status, newer), (newer, made.status)):
        assert ask(made, *lists).is_set


def test_no_other_list_is_taken(made: Made, tmp_path: Path) -> None:
    other = issuer(tmp_path, did="did:web:other.example")
    by_other = list_of(other.keys, StatusList.empty())
    for content, said in (
        (by_other, "is not trusted"),
        (list_of(made.keys, StatusList.empty(), purpose="suspension"), "its purpose"),
        (list_of(made.keys, StatusList.empty(), address="https://issuer.example/status/2"), "its address"),
        (list_of(made.keys, StatusList.empty(), issuer="did:web:other.example"), "not the issuer's"),
        (list_of(made.keys, StatusList.empty(), valid_from=NOW - 2 * DAY, valid_until=NOW - DAY), "has expired"),
        (list_of(made.keys, StatusList.empty(), valid_from=NOW + DAY / 2), "only"),
        (made.status.replace(b"revocation", b"suspension"), "is wrong"),
        (b"\x00", "no JSON"),
    ):
        with pytest.raises(CheckFailed, match=said):
            ask(made, content)
    with pytest.raises(CheckFailed, match="there is none"):
        ask(made)
    # Another issuer's key is no help where the reader trusts both.
    keys = {**made.keys.public.keys, **other.keys.public.keys}
    with pytest.raises(CheckFailed, match="not the issuer's"):
        find_list(ENTRY, made.keys.public.did, [by_other], keys, NOW)


@pytest.mark.parametrize(
    "change",
    [{"type": "Other"}, {"statusPurpose": "message"}, {"statusListIndex": 7}, {"statusListIndex": "07"}, {"statusListIndex": "-1"},
     {"statusListIndex": "9" * 9}, {"statusSize": 2}],
)  # fmt: skip
def test_an_entry_that_is_none_is_refused(made: Made, change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ask(made, made.status, entry={**ENTRY, **change})


def test_a_list_of_ones_own_is_read_to_be_changed(made: Made) -> None:
    assert read_list(list_of(made.keys, revoked()), made.keys.public.keys) == revoked()
