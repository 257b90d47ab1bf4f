"""Checks of documents that were made in English, told in Chinese: as if they had been made in Chinese."""

from __future__ import annotations

import pytest

from pcf.catalogue import Catalogue
from pcf.engine.contrast import contrast
from pcf.methods.wording import retell_check
from pcf.views.basis import document_of
from pcf.views.state import parse_state

STATES = (
    "a356.2",
    "hqalight",
    "hqaloop",
    "can-stock-3104",
    "can-stock-3104:recycled_content=0",
    "primary-yunnan-liquid",
    "alumina",
)


@pytest.mark.parametrize("state", STATES)
def test_a_check_is_retold_as_it_would_have_been_told(catalogue: Catalogue, state: str) -> None:
    variant = parse_state(state).variant(catalogue)
    footprint = contrast(catalogue, [variant, variant], 50).footprints[0]
    english, chinese = (document_of(footprint, lang)["checks"] for lang in ("en", "zh"))
    assert [retell_check(catalogue, check["detail"], "zh") for check in english] == [check["detail"] for check in chinese]
    assert [retell_check(catalogue, check["detail"], "en") for check in english] == [check["detail"] for check in english]


def test_what_is_no_check_stays_as_it_is(catalogue: Catalogue) -> None:
    assert retell_check(catalogue, "55 % of something else", "zh") == "55 % of something else"
