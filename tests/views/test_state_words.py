"""A variant in words: names of the levers and options instead of the signs of the command line."""

from __future__ import annotations

import pytest

from pcf.catalogue import Catalogue
from pcf.views.state import parse_state
from pcf.views.state_words import describe


@pytest.mark.parametrize(("variant", "lang", "words"), [
    ("a356.2", "en", "A356.2 foundry-alloy ingot"),
    ("a356.2:recycled_content=0.85", "en", "A356.2 foundry-alloy ingot (Recycled content 85 %)"),
    ("a356.2:recycled_content=0.85,scrap=co-product", "zh", "A356.2 铸造铝合金锭（再生含量 85%、废料负荷 共生产品法）"),
    ("a356.2:silicon_origin=hydro,nothing=7", "en", "A356.2 foundry-alloy ingot (Power behind the silicon hydropower, nothing 7)"),
])  # fmt: skip
def test_a_variant_is_called_by_what_was_moved(catalogue: Catalogue, variant: str, lang: str, words: str) -> None:
    assert describe(parse_state(variant), catalogue, lang) == words
