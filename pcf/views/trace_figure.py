"""The picture of a genealogy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pcf.catalogue import Catalogue
from pcf.errors import InputError
from pcf.text import name_in, text

if TYPE_CHECKING:
    from pcf.charts import Chart, Footer
    from pcf.custody.trace import Genealogy, Node

REST = "\0rest"
"""Id of what of the unit is still there."""

_REMARK = re.compile(r"[（(,，:：]")
"""A name ends where a remark on it begins: `Used beverage cans, decoated`."""

NAMED = ("heat", "processed", "shipment")
"""Kinds that may be of another material than what they are made of."""

KG = 1000
"""Kilograms in a tonne."""


def draw(found: Genealogy, catalogue: Catalogue, log_size: int, lang: str) -> Chart:
    """The flows of a unit's mass.

    Raises
    ------
    InputError
        For a unit that nothing went into and nothing was made of.
    """
    from pcf.charts import Frame, Link, Unit, genealogy

    portions = [*found.portions_up(), *found.portions_down()]
    if not portions:
        raise InputError(f"--chart of {found.root}", "nothing that went into it or was made of it", "a unit with a genealogy")
    links = [Link(edge.parent, edge.child, float(mass / KG)) for edge, mass in portions]
    units = [
        Unit(name, short_name(node, catalogue, lang) if _is_named(node, found.start) else "", part_of(node))
        for name, node in found.nodes.items()
    ]
    if rest := rest_of(found):
        links.append(Link(found.root, REST, rest / KG))
        units.append(Unit(REST, "", "rest", text("genealogy.rest", lang)))
    start = found.start
    whole = start.mass_kg / KG
    used = {name for link in links for name in (link.source, link.target)}
    frame = Frame(
        text(f"genealogy.title-{_direction(found)}", lang, unit=found.root, mass=f"{whole:,.3f}".rstrip("0").rstrip(".")),
        _footer(found, len(used - {REST}), log_size, lang),
        lang,
        text(
            "genealogy.subtitle", lang, kind=text(f"unit.{start.kind}", lang), date=start.date, site=start.site,
            material=material_name(start, catalogue, lang),
        ),
        text("field.mass", lang),
        "t",
    )  # fmt: skip
    return genealogy([unit for unit in units if unit.id in used], links, found.root, whole, frame)


def _direction(found: Genealogy) -> str:
    return "both" if found.up and found.down else "up" if found.up else "down"


def _is_named(node: Node, start: Node) -> bool:
    """Whether a picture says what a unit is of: lots, the root, and where a step has made something else of it."""
    return node.id == start.id or node.kind == "lot" or (node.kind in NAMED and node.material != start.material)


def short_name(node: Node, catalogue: Catalogue, lang: str) -> str:
    """Name of what a unit is of, without the remark on it."""
    return _REMARK.split(material_name(node, catalogue, lang))[0].strip()


def rest_of(found: Genealogy) -> int:
    """What of the unit nothing was made of yet [kg]; nothing for a shipment, which has left, or where nobody looked."""
    if found.start.kind == "shipment" or found.start.voided or not found.reached or found.cut:
        return 0
    taken = sum(edge.mass_kg for edge in found.down if edge.parent == found.root and edge.role != "return")
    return max(found.start.mass_kg - taken, 0)


def part_of(node: Node) -> str:
    """What gives a unit its colour: the class of a lot's metal, the kind of anything else."""
    return (node.content_class or "other") if node.kind == "lot" else node.kind


def material_name(node: Node, catalogue: Catalogue, lang: str) -> str:
    """Name of what a unit is of, as the catalogue has it."""
    if node.material == "several":
        return text("genealogy.several", lang)
    known = catalogue.products.get(node.material) or catalogue.processes.get(node.material)
    return name_in(known.name, lang) if known else node.material


def _footer(found: Genealogy, units: int, log_size: int, lang: str) -> Footer:
    from pcf.charts import Footer

    notes = [text("genealogy.cut", lang, most=f"{len(found.nodes):,}")] if found.cut else []
    lots = sum(1 for node in found.nodes.values() if node.kind == "lot" and not node.voided)
    return Footer(
        text("genealogy.boundary", lang),
        text("genealogy.method", lang, unit=found.root),
        text("genealogy.log", lang, seq=f"{log_size - 1:,}"),
        text("genealogy.standing", lang),
        text("genealogy.evidence", lang, units=f"{units:,}", lots=f"{lots:,}"),
        " · ".join(notes),
    )
