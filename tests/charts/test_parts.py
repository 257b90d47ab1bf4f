"""Numbers, texts, colours and layout beneath the charts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.catalogue import CATEGORIES, STAGES
from pcf.charts import style
from pcf.charts.flows import arrange
from pcf.charts.fonts import width, wrap
from pcf.charts.numbers import percent, signed, tick_labels, ticks, tonnes
from pcf.charts.wording import part_name, texts


@given(st.floats(-1e4, 1e4))
def test_numbers_are_rounded_as_in_the_tables_of_the_command_line(value: float) -> None:
    figures = pytest.importorskip("pcf.views.figures")
    expected = figures.tonnes(value)
    expected = expected.lstrip("-") if not expected.strip("-0.") else expected.replace("-", "−")
    assert tonnes(value) == expected


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.0004, "0.000"), (-1.234, "−1.234"), (0.5, "+0.500"), (0.0, "0.000")]
)  # fmt: skip
def test_a_difference_has_a_real_sign_unless_it_is_nothing(value: float, shown: str) -> None:
    assert signed(value, 3) == shown


@pytest.mark.parametrize(
    ("share", "en", "zh"),
    [(0.0, "0 %", "0%"), (0.001, "<1 %", "<1%"), (0.912, "91 %", "91%"), (0.999, ">99 %", ">99%"), (1.0, "100 %", "100%")],
)
def test_a_probability_is_never_rounded_to_certainty(share: float, en: str, zh: str) -> None:
    assert percent(share, "en") == en
    assert percent(share, "zh") == zh


@given(st.floats(-50, 50), st.floats(0.01, 100))
def test_ticks_lie_in_the_range_and_have_at_most_three_decimals(low: float, span: float) -> None:
    values = ticks(low, low + span)
    assert all(low - 1e-6 * span <= value <= low + span * (1 + 1e-6) for value in values)
    labels = tick_labels(values)
    assert len(set(labels)) == len(labels)
    assert all(len(label.partition(".")[2]) <= 3 for label in labels)


def test_both_languages_have_the_same_texts_with_the_same_fields() -> None:
    import string

    def fields(words: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name}

    assert texts("en").keys() == texts("zh").keys()
    for key in texts("en"):
        assert key.startswith("chart.")
        assert fields(texts("en")[key]) == fields(texts("zh")[key])


def lightness(color: str) -> float:
    """Lightness L* of a colour (CIE 1976, from sRGB by IEC 61966-2-1)."""
    linear = []
    for at in (1, 3, 5):
        channel = int(color[at : at + 2], 16) / 255
        linear.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("group", ["stage", "source"])
def test_every_part_has_its_own_colour_and_neighbours_differ_in_grey(group: str) -> None:
    looks = style.LOOKS[group]
    assert set(STAGES if group == "stage" else CATEGORIES) <= set(looks)
    assert len({look.color for look in looks.values()}) == len(looks)
    for first, second in zip(looks.values(), list(looks.values())[1:], strict=False):
        assert abs(lightness(first.color) - lightness(second.color)) > 8 or first.hatch != second.hatch


@pytest.mark.parametrize("group", ["stage", "source"])
def test_words_on_a_colour_can_be_read(group: str) -> None:
    for look in style.LOOKS[group].values():
        assert abs(lightness(look.color) - lightness(look.ink)) > 40


def test_low_to_high_gets_darker_all_the_way() -> None:
    levels = [lightness(color) for color in style.SEQUENCE]
    assert levels == sorted(levels, reverse=True)


def test_parts_are_named_by_the_text_catalogue() -> None:
    assert part_name("stage", "electrolysis", "zh") == "电解"
    assert part_name("source", "process-co2", "en") == "Process CO₂"
    assert part_name("stage", "something else", "en") == "something else"


@pytest.mark.parametrize(
    "words", ["从摇篮到大门，方法参照国家标准；证据：52% 已核对原文。" * 4, "a plain sentence of words, and numbers 12.5 " * 5]
)
def test_lines_fit_and_nothing_is_lost(words: str) -> None:
    lines = wrap(words, 7, 200)
    assert len(lines) > 1
    assert all(width(line, 7) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert not any(line[0] in "，。；：%" for line in lines)


def test_a_flow_that_passes_a_layer_gets_a_place_of_its_own_there() -> None:
    layout = arrange(["a", "b", "c"], [("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 2.0)])
    assert [len(column) for column in layout.columns] == [1, 2, 1]
    assert layout.nodes == {"a", "b", "c"}
    assert layout.size["a"] == 3.0
    scale = layout.scale(100, 20)
    tops = layout.tops(100, scale, 20)
    for column in layout.columns:
        for above, below in itertools.pairwise(column):
            assert tops[above] + layout.size[above] * scale <= tops[below]
