"""Saved variants: each under a name of its own."""

from __future__ import annotations

import pytest

from pcf.errors import InputError
from pcf.views.state import parse_state
from pcf.web import variants
from pcf.web.desk import Desk

HALF = "a356.2:recycled_content=0.5"


def test_a_name_is_of_one_variant_and_free_again_when_that_is_dropped(desk: Desk) -> None:
    first = variants.save(desk.database, "lin", "Offer A", parse_state(HALF))
    for name in ("Offer A", " Offer A "):
        with pytest.raises(InputError, match="a name that no saved variant has"):
            variants.save(desk.database, "ann", name, parse_state("a356.2"))
    assert [(item.name, item.state.text) for item in variants.listed(desk.database)] == [("Offer A", HALF)]
    variants.drop(desk.database, "lin", first)
    variants.save(desk.database, "ann", "Offer A", parse_state("a356.2"))
    assert [item.state.text for item in variants.listed(desk.database)] == ["a356.2"]


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb", "a‮b"])
def test_a_name_that_is_none_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InputError, match="printable"):
        variants.save(desk.database, "lin", name, parse_state(HALF))
    assert variants.listed(desk.database) == []
