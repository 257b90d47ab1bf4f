"""The graph of near relatives: every box a link, nothing in it interpreted."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from pcf.catalogue import Catalogue
from pcf.custody.kin import Kin
from pcf.custody.shares import Edge
from pcf.custody.trace import Node
from pcf.views.kin_graph import HEIGHT, ROOM, draw_kin

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script>'


def node(name: str, kind: str, mass_kg: int, *, voided: bool = False) -> Node:
    return Node(name, kind, "works", "2025-01-02", mass_kg, "hqalight", voided, "primary" if kind == "lot" else "")


def drawn(catalogue: Catalogue, kin: Kin) -> ET.Element:
    made = draw_kin(kin, catalogue, "en", lambda name: f"/unit?id={len(name)}&x=1", {-1: "/more"})
    return ET.fromstring(made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def family() -> Kin:
    nodes = [
        node(HOSTILE, "lot", 5_000, voided=True),
        node("L-2", "lot", 2_000),
        node("H", "heat", 6_500),
        node("S", "shipment", 1_000),
    ]
    edges = [Edge(HOSTILE, "H", 5_000, "charge"), Edge("L-2", "H", 1_250, "charge"), Edge("H", "S", 1_000, "shipped")]
    levels = {HOSTILE: -1, "L-2": -1, "H": 0, "S": 1}
    return Kin("H", {item.id: item for item in nodes}, edges, levels, {-1: 3})


def test_every_box_is_a_link_that_is_read_out(catalogue: Catalogue) -> None:
    links = list(drawn(catalogue, family()).iter(f"{SVG}a"))
    assert [link.get("href") for link in links] == [
        f"/unit?id={len(HOSTILE)}&x=1",
        "/unit?id=3&x=1",
        "/more",
        "/unit?id=1&x=1",
        "/unit?id=1&x=1",
    ]
    said = [link.get("aria-label") or "" for link in links]
    assert said[0].startswith(f"lot, {HOSTILE}") and "VOID" in said[0]
    assert said[2] == "3 more" and "heat, H" in said[3]
    assert "script" not in {item.tag.removeprefix(SVG) for link in links for item in link.iter()}


def test_what_it_was_made_of_stands_left_and_lines_are_as_wide_as_their_mass(catalogue: Catalogue) -> None:
    made = drawn(catalogue, family())
    across = {}
    for link in made.iter(f"{SVG}a"):
        box = next(item for item in link.iter(f"{SVG}rect"))
        across[link.get("aria-label", "").split(", ")[1] if "more" not in link.get("aria-label", "") else "more"] = (
            float(box.get("x", "")), float(box.get("y", ""))
        )  # fmt: skip
    assert across[HOSTILE][0] == across["L-2"][0] == across["more"][0] < across["H"][0] < across["S"][0]
    assert across["L-2"][1] - across[HOSTILE][1] == HEIGHT + ROOM
    widths = [float(line.get("stroke-width", "")) for line in made.iter(f"{SVG}path")]
    # The largest line is 12 px; 1,250 of 5,000 kg is a quarter of it, 1,000 a fifth.
    assert widths == [12.0, 3.0, 2.4]
