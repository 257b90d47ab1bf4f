"""The readers of YAML and CSV: what could be misread is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcf.catalogue.files import parse_number, read_csv, read_yaml
from pcf.errors import InputError

YAML = [
    (b"a: 1\na: 2\n", "f:2", "second time"),
    (b"a: &x [1]\nb: *x\n", "f:1", "anchor"),
    (b"a: !!python/object/apply:os.system ['id']\n", "f:1", "tag"),
    (b"a: !custom 1\n", "f:1", "tag"),
    (b"a: 1\n---\nb: 2\n", "f:", "document"),
    (b"\xef\xbb\xbfa: 1\n", "f:1", "byte order mark"),
    ("a: 氧化铝\n".encode("gb18030"), "f:1", "UTF-8"),
    ("a: 1\n".encode("utf-16"), "f:1", "byte order mark"),
    (b"a: .inf\n", "f:1", "plain digits"),
    (b"a: .nan\n", "f:1", "plain digits"),
    (b"a: 1_000\n", "f:1", "plain"),
    (b"a: 0x10\n", "f:1", "whole number"),
    (b"[1, 2]: 3\n", "f:1", "key"),
    (b"a: [1, 2\n", "f:", "YAML"),
    (b"", "f", "empty"),
    (b"a: \x00\n", "f:1", "NUL"),
    (b"[" * 200 + b"]" * 200, "f:1", "levels"),
    (b"<<: {a: 1}\n", "f", ""),
]


@pytest.mark.parametrize(("content", "place", "says"), YAML, ids=[f"{item[0][:20]!r}" for item in YAML])
def test_yaml_that_could_be_misread(tmp_path: Path, content: bytes, place: str, says: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    if content.startswith(b"<<"):
        assert read_yaml(path, "f") == {"<<": {"a": 1}}  # a merge key is a key like any other: nothing is merged
        return
    with pytest.raises(InputError) as caught:
        read_yaml(path, "f")
    assert caught.value.place.startswith(place)
    assert says in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    for read in (lambda: read_yaml(path, "any"), lambda: read_csv(path, "any", ["id", "value"])):
        problem = None
        try:
            read()
        except InputError as caught:
            problem = caught
        assert problem is None or "\n" not in str(problem)


CSV = [
    ("id;value\na;1\n", "semicolons"),
    ("id\tvalue\na\t1\n", "tabs"),
    ("id,value\na,1,2\n", "3 cells"),
    ("id,value\na\n", "1 cells"),
    ("id,valu\na,1\n", "did you mean 'value'"),
    ("id,id\na,1\n", "twice"),
    ("id\na\n", "no column 'value'"),
    ('id,value\n"a,1\n', "CSV"),
    ("id,value\na," + "x" * 5000 + "\n", "long cell"),
]


@pytest.mark.parametrize(("content", "says"), CSV, ids=[item[1] for item in CSV])
def test_csv_that_could_be_misread(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_csv(path, "f.csv", ["id", "value"])


@pytest.mark.parametrize(
    "text", ["", " ", "１２", "1,5", "1 000", "1e", "nan", "inf", "1e999", "--1", "0x1", "1_0", "١", "½", "1.2.3"]
)
def test_numbers_are_plain_digits(text: str) -> None:
    with pytest.raises(InputError):
        parse_number(text, "there")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_back(value: float) -> None:
    assert parse_number(repr(value), "there") == value
