"""Roadmaps: what changes over the years, lever by lever, and what is aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcf.catalogue.records import Marks

if TYPE_CHECKING:
    from pcf.catalogue.documents import Document
    from pcf.catalogue.workbench import Workbench


@dataclass(frozen=True)
class Point:
    """What a setting is in a year: a text as `--set` reads it (a number with unit, or shares)."""

    year: int
    text: str
    marks: Marks


@dataclass(frozen=True)
class LeverSetting:
    """Settings that move together: names as `--set` has them, or `factor <id>`; linear between the points, constant outside."""

    names: tuple[str, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Lever:
    """One lever of a roadmap."""

    id: str
    name: Mapping[str, str]
    settings: tuple[LeverSetting, ...]
    note: str = ""


@dataclass(frozen=True)
class Target:
    """A stated aim: `primary-intensity` relative to the base year, `green-share` of electricity, or `neutral`."""

    year: int
    indicator: str
    quantity: str
    value: float
    unit: str
    marks: Marks


@dataclass(frozen=True)
class Roadmap:
    """Levers and targets over the years."""

    id: str
    name: Mapping[str, str]
    base_year: int
    targets: tuple[Target, ...]
    levers: tuple[Lever, ...]
    note: str = ""


def read_roadmap(work: Workbench, document: Document) -> Roadmap:
    """A roadmap of a data folder; a point without a source in `sources.csv` is a problem."""
    data = document.data
    levers = []
    for index, lever in enumerate(data["levers"]):
        settings = []
        for number, setting in enumerate(lever["settings"]):
            place = document.where("levers", index, "settings", number)
            points = tuple(_point(work, item, setting.get("unit", ""), place) for item in setting["points"])
            years = [point.year for point in points]
            if years != sorted(set(years)):
                work.say(place, f"years {years}", "each year once, in order")
            settings.append(LeverSetting(tuple(setting["names"]), points))
        levers.append(Lever(lever["id"], lever["name"], tuple(settings), lever.get("note", "")))
    targets = tuple(
        Target(
            item["year"], item.get("indicator", ""), item["quantity"], float(item["value"]), item["unit"],
            _marks(work, item, document.where("targets", index)),
        )
        for index, item in enumerate(data.get("targets") or [])
    )  # fmt: skip
    return Roadmap(data["id"], data["name"], data["base_year"], targets, tuple(levers), data.get("note", ""))


def _point(work: Workbench, item: Mapping[str, Any], unit: str, place: str) -> Point:
    if ("value" in item) == ("shares" in item):
        work.say(f"{place} {item['year']}", "both or neither of value and shares", "one of them")
    if "shares" in item:
        total = sum(float(share) for share in item["shares"].values())
        if abs(total - 1) > 1e-9:
            work.say(f"{place} {item['year']}", f"shares that sum to {total:.10g}", "a sum of 1")
        text = ",".join(f"{option}:{share!r}" for option, share in item["shares"].items())
    else:
        text = f"{item.get('value')!r}{'' if unit in ('', '1') else unit}"
    return Point(int(item["year"]), text, _marks(work, item, place))


def _marks(work: Workbench, item: Mapping[str, Any], place: str) -> Marks:
    if item["source"] not in work.sources:
        work.unknown(place, "source", item["source"], work.sources, "an id of sources.csv")
    return Marks(
        item["source"], str(item["year"]), "", item["source_check"], locator=item.get("locator", ""), note=item.get("note", "")
    )


def restore_roadmap(data: Mapping[str, Any]) -> Roadmap:
    """A roadmap from its compiled form."""

    def point(item: Mapping[str, Any]) -> Point:
        return Point(item["year"], item["text"], Marks(**item["marks"]))

    levers = tuple(
        Lever(
            lever["id"], lever["name"],
            tuple(LeverSetting(tuple(item["names"]), tuple(map(point, item["points"]))) for item in lever["settings"]),
            lever["note"],
        )
        for lever in data["levers"]
    )  # fmt: skip
    targets = tuple(Target(**{**item, "marks": Marks(**item["marks"])}) for item in data["targets"])
    return Roadmap(data["id"], data["name"], data["base_year"], targets, levers, data["note"])
