"""Remarks of the data: the English texts say what the data say, and the Chinese ones are Chinese."""

from __future__ import annotations

import re

from pcf.catalogue import Catalogue
from pcf.text import texts
from pcf.views.source_words import known, locator, process_note, slug


def places(catalogue: Catalogue) -> set[str]:
    return {item.quantity.marks.locator for versions in catalogue.factors.values() for item in versions.values()}


def test_english_is_what_the_data_have(catalogue: Catalogue) -> None:
    assert {locator(place, "en") for place in places(catalogue)} == places(catalogue)
    for item in catalogue.processes.values():
        assert process_note(item.id, item.note, "en") == item.note
    for row in catalogue.sources.values():
        assert known("redistribution", row["redistribution"], "en") == row["redistribution"]


def test_every_note_is_told_in_chinese(catalogue: Catalogue) -> None:
    noted = [item for item in catalogue.processes.values() if item.note]
    assert noted and all(re.search("[一-鿿]", process_note(item.id, item.note, "zh")) for item in noted)


def test_nothing_is_translated_that_the_data_do_not_have(catalogue: Catalogue) -> None:
    parts = {slug(part) for place in places(catalogue) for part in re.split("[,;] ", place)} | {"row"}
    terms = {slug(row["redistribution"]) for row in catalogue.sources.values()}
    kept = {"locator": parts, "process-note": set(catalogue.processes), "redistribution": terms}
    for key in texts("zh"):
        group, _, name = key.partition(".")
        assert name in kept.get(group, {name}), key


def test_a_row_of_a_notice_keeps_its_own_name() -> None:
    assert locator("notice 2024 No. 12, row 云南", "zh") == "2024 年第 12 号公告, 云南 行"
    assert locator("WTT fuels, LNG, tonnes", "zh") == "WTT fuels, LNG, tonnes"
