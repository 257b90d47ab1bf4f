"""The picture of a genealogy: masses of the unit on it, few layers, few names, nothing lost in a group."""

from __future__ import annotations

import io
import itertools
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pcf.charts import FORMATS, Chart, Footer, Frame, Link, Unit, genealogy
from pcf.charts.genealogy import MOST_LAYERS, MOST_UNITS, _group, _layers, _name, _shorten
from pcf.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"
FOOTER = Footer("Physical chain of custody", "by charged mass", "log 1 to 9", "own records", "7 units")
FOOTER_ZH = Footer("实物产销监管链", "按装炉质量", "日志 1 至 9", "本公司记录", "7 个单元")


def frame(lang: str = "en") -> Frame:
    return Frame(
        "SH-1: origin" if lang == "en" else "SH-1：来源", FOOTER if lang == "en" else FOOTER_ZH, lang, quantity="mass", unit="t"
    )


def chart(lang: str = "en") -> Chart:
    units = [
        Unit("UBC-1", "Used cans", "post-consumer"), Unit("TRIM-1", "Trim", "pre-consumer"), Unit("H-1", "", "heat"),
        Unit("SH-1", "Can stock", "shipment"),
    ]  # fmt: skip
    links = [Link("UBC-1", "H-1", 250.5), Link("TRIM-1", "H-1", 49.5), Link("H-1", "SH-1", 300.0)]
    return genealogy(units, links, "SH-1", 300.0, frame(lang))


def texts(made: Chart) -> list[str]:
    return [element.text or "" for element in ET.fromstring(made.render("svg")).iter(f"{SVG}text")]


def figure(made: Chart) -> dict[str, Any]:
    found = re.search(r"^const figure = (.*);$", made.render("html").decode(), re.MULTILINE)
    assert found
    shown: dict[str, Any] = json.loads(found[1])
    return shown


def many(lots: int) -> Chart:
    """One heat of many lots; lot n has n + 1 tonnes."""
    units = [Unit(f"L{number}", "", "primary") for number in range(lots)] + [Unit("H", "", "heat")]
    links = [Link(f"L{number}", "H", number + 1.0) for number in range(lots)]
    return genealogy(units, links, "H", lots * (lots + 1) / 2, frame())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_drawn_in_every_format_and_stays_on_the_sheet(lang: str, tmp_path: Any) -> None:
    for form in FORMATS:
        assert chart(lang).save(tmp_path / f"picture.{form}").stat().st_size > 5000
    picture = Image.open(io.BytesIO(chart(lang).render("png"))).convert("L")
    wide, high = picture.size
    for edge in ((0, 0, 40, high), (wide - 40, 0, wide, high), (0, 0, wide, 30), (0, high - 16, wide, high)):
        assert picture.crop(edge).getextrema() == (255, 255)


@pytest.mark.parametrize("form", ["svg", "pdf", "png", "html"])
def test_the_same_genealogy_gives_the_same_bytes(form: str) -> None:
    assert chart().render(form) == chart().render(form)


def test_masses_shares_and_the_colours_meaning_stand_on_it() -> None:
    words = texts(chart())
    assert {"UBC-1", "250.5 t · 84 %", "49.5 t · 16 %", "300.0 t · 100 %", "SH-1", "300.0 t", "Used cans"} <= set(words)
    assert {"Post-consumer scrap", "Pre-consumer scrap", "Heat", "Shipment"} <= set(words)
    chinese = texts(chart("zh"))
    assert {"250.5 t · 84%", "消费后废料", "消费前废料", "熔次", "发货"} <= set(chinese)


def test_a_page_names_the_colours_too() -> None:
    objects = pytest.importorskip("plotly.graph_objects")
    shown = figure(chart())
    objects.Figure(data=shown["data"], layout=shown["layout"])
    assert [trace["name"] for trace in shown["data"][1:]] == ["Post-consumer scrap", "Pre-consumer scrap", "Heat", "Shipment"]
    assert shown["data"][0]["node"]["color"][0] == shown["data"][1]["marker"]["color"]


@pytest.mark.parametrize(("lots", "groups"), [(2, 0), (MOST_UNITS, 0), (MOST_UNITS + 1, 1), (300, 1)])
def test_of_many_units_the_smallest_become_one(lots: int, groups: int) -> None:
    node = figure(many(lots))["data"][0]["node"]
    named = [label for label in node["label"] if "others" in label]
    assert len(named) == groups
    assert len(node["label"]) <= MOST_UNITS + 1
    if groups:
        assert any(label.startswith(f"L{lots - 1} ") for label in node["label"])
        assert not any(label.startswith("L0 ") for label in node["label"])
        assert sum(figure(many(lots))["data"][0]["link"]["value"]) == lots * (lots + 1) / 2


@pytest.mark.parametrize("heats", [1, 5, 25, 90])
def test_labels_of_a_page_are_beside_their_nodes_and_above_one_another(heats: int) -> None:
    """A ticket that went into many heats, each of which went on: no label reaches into the next, and none off the page."""
    units = [Unit("UBC", "Used beverage cans", "post-consumer"), Unit("S", "Can stock", "shipment")]
    links = []
    for number in range(heats):
        units += [Unit(f"H{number}", "Can-body stock 3104", "heat"), Unit(f"R{number}", "", "return")]
        links += [Link("UBC", f"H{number}", 3.0), Link(f"H{number}", f"R{number}", 1.0), Link(f"H{number}", "S", 2.0)]
    shown = figure(genealogy(units, links, "UBC", 3.0 * heats, frame()))
    layout, trace = shown["layout"], shown["data"][0]
    high = layout["height"] if "height" in layout else height_of(heats, units, links)
    inner = high - layout["margin"]["t"] - layout["margin"]["b"]
    columns: dict[float, list[tuple[float, float]]] = {}
    for item in layout["annotations"]:
        rows = item["text"].count("<br>") + 1
        half = rows * item["font"]["size"] * 1.25 / 2
        columns.setdefault(round(item["x"], 6), []).append((inner * (1 - item["y"]) - half, inner * (1 - item["y"]) + half))
    assert len(columns) == 3
    for spans in columns.values():
        ordered = sorted(spans)
        assert all(one[1] <= other[0] + 1 for one, other in itertools.pairwise(ordered))
        assert ordered[0][0] > -layout["margin"]["t"] and ordered[-1][1] < inner + layout["margin"]["b"]
    assert max(columns) < trace["domain"]["x"][1] < 1, "the last layer's labels have their own room"


def height_of(heats: int, units: list[Unit], links: list[Link]) -> float:
    """Height of the figure [px], which the page gives its place."""
    return float(genealogy(units, links, "UBC", 3.0 * heats, frame()).spec()["height"])


def test_a_band_that_passes_a_layer_has_a_place_in_it_and_no_name() -> None:
    """A lot that goes into the second of two heats passes the first one's layer."""
    units = [Unit(name, "", part) for name, part in (("A", "primary"), ("H1", "heat"), ("H2", "heat"))]
    links = [Link("A", "H1", 1.0), Link("H1", "H2", 1.0), Link("A", "H2", 2.0)]
    shown = figure(genealogy(units, links, "A", 3.0, frame()))
    node, link = shown["data"][0]["node"], shown["data"][0]["link"]
    (stop,) = [number for number, label in enumerate(node["label"]) if not label]
    assert node["color"][stop] in link["color"] and "A → H2" in node["customdata"][stop]
    assert [value for end, value in zip(link["target"], link["value"], strict=True) if end == stop] == [2.0]
    assert len(shown["layout"]["annotations"]) == 3


def test_a_group_is_of_one_layer_and_one_colour() -> None:
    units = [Unit("S", "", "shipment")]
    links = []
    for number in range(50):
        units += [Unit(f"L{number}", "", "primary"), Unit(f"H{number}", "", "heat"), Unit(f"P{number}", "", "primary")]
        links += [
            Link(f"L{number}", f"H{number}", number + 1.0),
            Link(f"H{number}", "S", number + 2.0),
            Link(f"P{number}", f"H{number}", 1.0),
        ]
    node = figure(genealogy(units, links, "S", 1325.0, frame()))["data"][0]["node"]
    groups = [(label, color) for label, color in zip(node["label"], node["color"], strict=True) if "others" in label]
    assert sorted(color for _, color in groups) == ["#0072b2", "#e69f00"]
    assert len(node["label"]) <= MOST_UNITS + 1


def test_a_long_chain_is_cut_where_the_labels_would_have_no_room() -> None:
    steps = 20
    units = [Unit(f"N{number}", "", "processed") for number in range(steps + 1)]
    links = [Link(f"N{number + 1}", f"N{number}", 10.0) for number in range(steps)]
    made = genealogy(units, links, "N0", 10.0, frame())
    words = texts(made)
    assert "N6" in words and "N7" not in words
    assert "left out" in made.frame.footer.words


def test_little_that_has_a_long_way_behind_it_is_an_end() -> None:
    """Returns of 5 % with heats and returns behind them, and so on: their origins give way, not the large ones."""
    units, links = [Unit("H0", "", "heat")], []
    for number in range(8):
        part = 0.05**number
        units += [Unit(f"L{number}", "", "primary"), Unit(f"R{number}", "", "return"), Unit(f"H{number + 1}", "", "heat")]
        links += [
            Link(f"L{number}", f"H{number}", 95 * part), Link(f"R{number}", f"H{number}", 5 * part),
            Link(f"H{number + 1}", f"R{number}", 5 * part),
        ]  # fmt: skip
    made = genealogy(units, links, "H0", 100.0, frame())
    labels = figure(made)["data"][0]["node"]["label"]
    assert any(label.startswith("L1 ") for label in labels)
    assert not any(label.startswith("L5 ") for label in labels)
    assert "0.5 %" in made.frame.footer.words


def test_what_the_root_has_no_part_in_is_refused() -> None:
    with pytest.raises(InputError, match="none of the root"):
        genealogy([Unit("A", "", "lot"), Unit("B", "", "heat")], [Link("A", "B", 1.0)], "C", 1.0, frame())


def test_ids_are_broken_at_their_signs_only() -> None:
    assert _name("SLAB-2025-0001", "", 60) == "SLAB-2025-\n0001"
    assert _name("SLAB-2025-0001", "", 40) == "SLAB-\n2025-\n0001"
    assert _name("SLAB-2025-0001", "Can stock", 200) == "SLAB-2025-0001\nCan stock"
    assert _name("X" * 40, "", 60) == "X" * 40


@st.composite
def forests(draw: st.DrawFn) -> list[Link]:
    """Flows that keep their mass on their way to unit 0: every unit divides what it gives between lower numbers."""
    size = draw(st.integers(2, 150))
    links = []
    for source in range(1, size):
        targets = draw(st.sets(st.integers(max(0, source - 20), source - 1), min_size=1, max_size=2))
        links += [Link(f"n{source}", f"n{target}", float(draw(st.integers(1, 1000)))) for target in sorted(targets)]
    return links


@given(forests())
@settings(max_examples=60)
def test_what_is_drawn_is_small_closes_no_circle_and_loses_nothing_at_the_root(links: list[Link]) -> None:
    whole = sum(link.value for link in links if link.target == "n0")
    drawn = _shorten(links, "n0", whole)
    layer = _layers(drawn.links)
    assert max(layer.values()) < MOST_LAYERS
    known = {name: Unit(name, "", "primary" if int(name[1:]) % 2 else "heat") for name in layer}
    grouped, names = _group(drawn.links, known, "n0", layer, "en")
    assert len(names) <= MOST_UNITS + 1
    assert max(_layers(grouped).values()) < MOST_LAYERS
    assert all(names[link.source].layer < names[link.target].layer for link in grouped)
    assert sum(link.value for link in grouped if link.target == "n0") == pytest.approx(whole)
