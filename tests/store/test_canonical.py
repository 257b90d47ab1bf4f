"""Canonical JSON against the reference implementation: the same bytes, or the same refusal."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from pcf.store.canonical import DEEPEST, MOST_INTEGER, canonical

characters = (
    st.characters() | st.characters(categories=["Cs"]) | st.sampled_from('\x00\x1f\x7f"\\/\u2028\ue000\uffff\U00010000\U0001f600')
)
texts = st.text(characters, max_size=8) | st.sampled_from(["1.5", ":9007199254740993", "[12345678901234567", ",1e5"])
edges = st.sampled_from([
    0, -0.0, 0.0, 1.0, 1e15, 9007199254740991.0, 1e16, 1e21, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"),
    MOST_INTEGER, MOST_INTEGER + 1, -MOST_INTEGER, -MOST_INTEGER - 1, 9_000_000_000_000_000, 10**30, True, False, None,
])  # fmt: skip
values = st.recursive(
    texts | edges | st.integers() | st.floats() | st.binary(max_size=2) | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts, inner, max_size=4)
        | st.dictionaries(texts | st.integers() | st.booleans() | st.none() | st.floats(), inner, max_size=3)
    ),
    max_leaves=12,
)


def outcome(write: Any, content: Any) -> bytes | tuple[type[Exception], str]:
    """Bytes of some content, or the refusal."""
    try:
        found: bytes = write(content)
    except Exception as error:  # noqa: BLE001 (whatever the reference raises has to be raised here)
        return type(error), str(error)
    return found


def nested(depth: int, leaf: Any = 1) -> Any:
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"k": leaf}
    return leaf


class Kind(enum.StrEnum):
    """A text that is more than one."""

    LOT = "lot"


@given(values)
@example({"\ue000": 1, "\U00010000": 2})  # by UTF-16 the second one comes first
@example({"a": "\ud800"})
@example({"\ud800": 1})
@example({1: "a"})
@example({True: 1, "True": 2})
@example({None: 1})
@example({"a": 1, 2: 3})
@example((1, (2, [True])))
@example({"b": 1.0, "a": -0.0})
@example({Kind.LOT: Kind.LOT})
@example({"b": [1e-5, 2e-7, -3.5e300], "a": 1e-5})
@example([1e-5, "\x7f", "\x7f1e-5\x7f"])  # what could be taken for a number
@example({"\x7f": 2e-7})
@example({"b": float("nan"), "a": 2**60})  # the reference finds the member first that sorts first
def test_the_bytes_or_the_refusal_are_those_of_the_reference(content: Any) -> None:
    assert outcome(canonical, content) == outcome(rfc8785.dumps, content)


@given(st.integers(0, 3 * DEEPEST), texts | edges)
def test_so_they_are_at_any_depth(depth: int, leaf: Any) -> None:
    assert outcome(canonical, nested(depth, leaf)) == outcome(rfc8785.dumps, nested(depth, leaf))


def test_what_is_too_deep_for_the_reference_is_too_deep() -> None:
    circle: list[Any] = []
    circle.append(circle)
    for content in (nested(100_000), circle):
        with pytest.raises(RecursionError):
            canonical(content)


def test_what_others_published() -> None:
    # RFC 8785, sections 3.2.2 and 3.2.3.
    sample = json.loads(
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        ' "string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}'
    )
    assert canonical(sample).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    order = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert [int(item) for item in json.loads(canonical(order)).values()] == [2, 4, 6, 7, 1, 5, 3]


def test_a_record_takes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rfc8785, "dumps", None)
    record = {"seq": 7, "rows": {"lot": [{"unit": "批次", "mass_kg": MOST_INTEGER, "document": None, "details": '{"a":1.5}'}]}}
    assert json.loads(canonical(record)) == record


def test_a_calculation_takes_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    content = {"amounts": [0.1, 2.0, -0.0, 1e-4, 123456.789, 1e15, -2.5], "text": "铝"}
    expected = rfc8785.dumps(content)
    monkeypatch.setattr(rfc8785, "dumps", None)
    assert canonical(content) == expected
