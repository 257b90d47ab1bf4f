"""Every chart, in every format and both languages, and what stands on it."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from pcf.charts import FORMATS, Axis, Chart, Frame, Series, Variant, lines, stacked_bars, waterfall
from pcf.charts.fonts import font_file
from pcf.charts.sweep import stretches

Make = Callable[[str, str], Chart]
KINDS = (
    "stacked_bars", "waterfall", "sankey", "distribution", "difference", "tornado", "lines", "heat_map", "ternary", "trajectory",
)  # fmt: skip
LANGUAGES = ("en", "zh")
SVG = "{http://www.w3.org/2000/svg}"


def words(svg: bytes) -> list[str]:
    """Texts of an SVG in the order in which they are drawn."""
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def figure(page: bytes) -> dict[str, list[dict[str, object]]]:
    """The plotly figure in a page."""
    found = re.search(r"^const figure = (.*);$", page.decode(), re.MULTILINE)
    assert found
    shown: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_made_in_every_format(chart: Make, kind: str, lang: str, tmp_path) -> None:
    # Warnings are errors: a glyph that the font lacks would end this test.
    for form in FORMATS:
        path = chart(kind, lang).save(tmp_path / f"chart.{form}")
        assert path.stat().st_size > 5000
    assert (tmp_path / "chart.pdf").read_bytes().startswith(b"%PDF")
    with Image.open(tmp_path / "chart.png") as picture:
        assert picture.size[0] == 2560
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"chart.{form}" for form in FORMATS)


@pytest.mark.parametrize("kind", KINDS)
def test_title_footer_and_unit_stand_on_the_chart_in_its_language(chart: Make, kind: str) -> None:
    made = chart(kind, "zh")
    drawn = "".join(words(made.render("svg"))).replace(" ", "")
    assert made.frame.title.replace(" ", "") in drawn
    assert made.frame.footer.words.replace(" ", "") in drawn
    assert "tCO₂e/t" in drawn
    page = made.render("html").decode()
    assert '<html lang="zh-CN">' in page
    assert html.escape(made.frame.footer.words) in page
    english = "".join(words(chart(kind, "en").render("svg")))
    assert not re.findall(r"[\u4e00-\u9fff]", english)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_runs_over_the_edge_of_the_sheet(chart: Make, kind: str) -> None:
    for lang in LANGUAGES:
        picture = Image.open(io.BytesIO(chart(kind, lang).render("png"))).convert("L")
        wide, high = picture.size
        for edge in ((0, 0, 40, high), (wide - 40, 0, wide, high), (0, 0, wide, 30), (0, high - 16, wide, high)):
            assert picture.crop(edge).getextrema() == (255, 255)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_ask_the_network_for_nothing(chart: Make, kind: str) -> None:
    page = chart(kind, "en").render("html").decode()
    library = max(re.findall(r"<script>(.*?)</script>", page, re.DOTALL), key=len)
    ours = page.replace(library, "")
    assert "http://" not in ours and "https://" not in ours and "//cdn" not in ours
    assert not re.findall(r"<(?:link|iframe|img)\b|\bsrc=|\bhref=|@import", ours)
    assert re.findall(r"url\((?!data:)", ours) == []
    assert "default-src 'none'" in ours
    # What plotly could load by itself are maps and their fonts: no figure has one.
    assert {str(trace["type"]) for trace in figure(page.encode())["data"]} <= {
        "bar", "scatter", "heatmap", "contour", "sankey", "scatterternary",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_plotly_knows_every_property_that_a_page_sets(chart: Make, kind: str) -> None:
    objects = pytest.importorskip("plotly.graph_objects")
    shown = figure(chart(kind, "zh").render("html"))
    objects.Figure(data=shown["data"], layout=shown["layout"])


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_chart_gives_the_same_bytes(chart: Make, kind: str, form: str) -> None:
    made = chart(kind, "zh").render(form)
    assert made == chart(kind, "zh").render(form)
    assert b"CreationDate" not in made and b"<dc:date>" not in made


def test_svg_carries_the_outlines_of_its_characters(chart: Make) -> None:
    import base64

    drawn = chart("tornado", "zh").render("svg").decode()
    faces = re.findall(r"font-weight:(\d+);src:url\(data:font/woff;base64,([^)]*)\)", drawn)
    assert [weight for weight, _ in faces] == ["400", "700"]
    regular = TTFont(io.BytesIO(base64.b64decode(faces[0][1]))).getBestCmap()
    assert {ord(character) for character in "电网排放因子（碳足迹₂"} <= set(regular)
    assert len(regular) < 300


@pytest.mark.parametrize("bold", [False, True])
def test_the_font_has_what_certificates_and_charts_write(bold: bool) -> None:
    with TTFont(font_file(bold=bold), lazy=True) as font:
        there = set(font.getBestCmap())
        assert "glyf" in font and "CFF " not in font
    # Noto Sans CJK 2.004 ends at U+9FEF; the sixteen code points behind it came with Unicode 13 and 14.
    assert not set(range(0x4E00, 0x9FF0)) - there
    assert {ord(character) for character in "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹–—−·→←↑↓≤≥≈±×°‰…“”（），。：；、％αβγΔμΣ√∞✓"} <= there
    assert font_file(bold=bold).stat().st_size < 12e6


def test_stacked_bars_print_the_given_values(chart: Make) -> None:
    # Sums by hand: 0.061+2.512+0.724+12.31+0.183+0.412 = 16.202; 6.096; 2.577; 0.693+0.183+0.241 = 1.117
    drawn = words(chart("stacked_bars", "en").render("svg"))
    assert {"16.20", "6.10", "2.58", "1.12", "12.31", "2.51", "2.20"} <= set(drawn)
    assert "infeasible: iron exceeds the limit of the alloy" in drawn
    assert {"Electrolysis", "Alumina refining"} <= set(drawn)


def test_an_infeasible_variant_is_hatched_as_well_as_named(chart: Make) -> None:
    bars = figure(chart("stacked_bars", "en").render("html"))["data"]
    shapes = [trace["marker"]["pattern"]["shape"] for trace in bars]  # type: ignore[index]
    assert all(shape[3] == "/" and shape[0] != "/" for shape in shapes)


def test_waterfall_prints_signed_steps_that_lead_from_one_total_to_the_other(chart: Make) -> None:
    # 6.096 → 2.577: bauxite −0.043, alumina −1.791, anode −0.517, electrolysis −1.572, recycling +0.514, alloying −0.110
    drawn = words(chart("waterfall", "en").render("svg"))
    for shown in ("6.10", "−0.04", "−1.79", "−0.52", "−1.57", "+0.51", "−0.11", "2.58", "−57.7 %"):
        assert shown in drawn
    assert "Casting" not in drawn  # the same in both


def test_a_broken_axis_is_said(chart: Make) -> None:
    frame = chart("waterfall", "en").frame
    near = waterfall(Variant("A", {"casting": 10.0}), Variant("B", {"casting": 9.9}), frame)
    far = waterfall(Variant("A", {"casting": 10.0}), Variant("B", {"casting": 1.0}), frame)
    assert "Axis does not begin at zero" in words(near.render("svg"))
    assert "Axis does not begin at zero" not in words(far.render("svg"))


def test_sankey_prints_what_passes_each_node(chart: Make) -> None:
    # Electrolysis takes 6.4 + 2.273 + 0.724 = 9.397; the ingot 9.397 + 0.514 + 0.05 = 9.961
    drawn = words(chart("sankey", "en").render("svg"))
    assert {"0.06", "1.90", "6.76", "2.27", "0.72", "9.40", "0.51", "9.96 tCO₂e/t"} <= set(drawn)


def test_distribution_and_difference_print_interval_base_and_probability(chart: Make) -> None:
    drawn = words(chart("distribution", "en").render("svg"))
    # 6.1 ± 1.96 × 0.7 = 4.728 … 7.472
    assert {"4.73", "7.47", "Base value 6.09 tCO₂e/t"} <= set(drawn)
    drawn = words(chart("difference", "en").render("svg"))
    # −0.42 ± 1.96 × 0.31 = −1.0276 … 0.1876
    assert {"−1.03", "+0.19", "91 %", "9 %"} <= set(drawn)


def test_tornado_puts_the_widest_swing_on_top_with_its_inputs(chart: Make) -> None:
    drawn = words(chart("tornado", "en").render("svg"))
    names = [
        "Emission factor of the grid",
        "Recycled content",
        "Electricity of the potline",
        "Duration of anode effects",
        "Yield of scrap melting",
        "Freight distance",
    ]
    assert [text for text in drawn if text in names] == names
    assert {"4.12", "8.93", "(0.03 t/MWh)", "(0.57 t/MWh)", "Base value 6.10 tCO₂e/t"} <= set(drawn)


def test_an_infeasible_stretch_is_bridged_and_never_a_number(chart: Make) -> None:
    runs, bridges = stretches([0, 1, 2, 3, 4], [None, 5.0, None, float("nan"), 7.0])
    assert runs == [[(1, 5.0)], [(4, 7.0)]]
    assert bridges == [[(1, 5.0), (4, 7.0)], [(0, 5.0), (1, 5.0)]]
    frame = chart("lines", "en").frame
    shown = figure(lines(Axis("x", "1", [0, 1, 2]), [Series("s", [1.0, None, 3.0])], frame).render("html"))["data"]
    dashed = [trace for trace in shown if trace["mode"] == "lines"]
    assert [trace["hovertext"] for trace in dashed] == ["s: infeasible"]


def test_heat_map_leaves_infeasible_cells_empty(chart: Make) -> None:
    shown = figure(chart("heat_map", "en").render("html"))
    cells = shown["data"][0]["z"]
    assert cells[0][0] == pytest.approx(3.9)  # type: ignore[index]
    assert cells[-1][-1] is None  # type: ignore[index]
    assert "infeasible" in words(chart("heat_map", "en").render("svg"))


def test_trajectory_stacks_levers_between_median_and_what_would_be_without(chart: Make) -> None:
    # 2040: 13.4 − 5.5 − 3.15 − 1.17 = 3.58
    drawn = words(chart("trajectory", "en").render("svg"))
    for shown in ("13.40", "Median  3.58", "Recycled metal  −3.15", "Target 9.00", "Company target 4.00"):
        assert shown in drawn
    upper = [trace["y"] for trace in figure(chart("trajectory", "en").render("html"))["data"][1:4]]
    assert upper[-1] == pytest.approx([13.4] * 16)


def test_names_are_text_and_never_markup(chart: Make) -> None:
    frame = Frame("<script>alert(1)</script> & $x^2$", chart("lines", "en").frame.footer)
    made = stacked_bars([Variant("<b>bold</b> $a_1$", {"casting": 1.0})], frame)
    page = made.render("html").decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;" in json.dumps(figure(page.encode()))
    drawn = words(made.render("svg"))
    assert "<b>bold</b> $a_1$" in drawn and frame.title in drawn
