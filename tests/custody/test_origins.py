"""A lot's class against the origin of its material: the impossible is refused, the doubtful is said."""

from __future__ import annotations

import pytest

from pcf.custody import Book
from tests.custody.books import enter, lot, refused, ubc

WRONG = [
    ({"material": "primary-delivery", "content_class": "post-consumer"}, "post-consumer for primary-delivery, which is primary"),
    ({"material": "hqalight", "content_class": "pre-consumer"}, "pre-consumer for hqalight, which is primary"),
    ({"material": "scrap-ubc", "content_class": "primary"}, "primary for scrap-ubc, which is post-consumer"),
    ({"material": "scrap-can-trim", "content_class": "alloying"}, "alloying for scrap-can-trim, which is pre-consumer"),
]


@pytest.mark.parametrize(("change", "found"), WRONG)
def test_an_impossible_class_is_refused(book: Book, change: dict[str, str], found: str) -> None:
    problems = refused(book, "lot", lot("L", 5, **change))
    assert any(
        item.startswith(f"lot, content_class: found {found}; expected a class that such a material can have") for item in problems
    )


def test_a_doubtful_class_is_taken_and_said(book: Book) -> None:
    count = enter(book, "lot", ubc("L", 5, content_class="internal", asi_class="outside", due_diligence=None))
    (doubt,) = count.doubts
    assert count.written == 1
    assert str(doubt).startswith("lot, content_class: found internal for scrap-ubc, which is post-consumer")


@pytest.mark.parametrize(
    "change",
    [
        {"material": "scrap-ubc", "content_class": "other"},
        {"material": "scrap-can-trim", "content_class": "internal", "asi_class": "outside"},
        {"material": "hqaloop", "content_class": "primary"},
    ],
)
def test_a_true_class_is_taken_without_a_word(book: Book, change: dict[str, str]) -> None:
    assert enter(book, "lot", lot("L", 5, **change)).doubts == ()
