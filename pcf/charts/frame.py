"""What stands around every figure: title, footer, language, unit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pcf.charts.wording import text
from pcf.errors import InputError

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Footer:
    """What a figure rests on, as ready texts in the figure's language; `note` is free."""

    boundary: str
    method: str
    gwp: str
    standing: str
    evidence: str
    note: str = ""

    @property
    def words(self) -> str:
        """One line of text: boundary · method · GWP edition · standing · evidence · note."""
        parts = (self.boundary, self.method, self.gwp, self.standing, self.evidence, self.note)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Frame:
    """Title, footer and language of a figure, and what its values are.

    `quantity` and `unit` name the value axis; by default the footprint in tCO₂e/t.
    """

    title: str
    footer: Footer
    lang: str = "en"
    subtitle: str = ""
    quantity: str = ""
    unit: str = "tCO₂e/t"

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise InputError("chart language", repr(self.lang), " or ".join(LANGUAGES))
        for field in ("boundary", "method", "gwp", "standing", "evidence"):
            if not getattr(self.footer, field).strip():
                raise InputError(f"chart footer, {field}", "no text", "what the figure rests on, in words")

    def say(self, key: str, **fields: object) -> str:
        """Text `chart.<key>` in the figure's language."""
        return text(f"chart.{key}", self.lang, **fields)

    @property
    def value_axis(self) -> str:
        """Title of the value axis with its unit."""
        return self.axis(self.quantity or self.say("footprint"), self.unit)

    def axis(self, name: str, unit: str) -> str:
        """Title of an axis with its unit, if it has one."""
        return name if unit in ("", "1") else self.say("axis", name=name, unit=unit)

    def with_unit(self, number: str) -> str:
        """A number and the unit of the values."""
        return f"{number} {self.unit}"


def require(condition: object, place: str, found: str, expected: str) -> None:
    """Refuse data of which no figure can be drawn."""
    if not condition:
        raise InputError(f"chart, {place}", found, expected)


def require_finite(place: str, values: Iterable[float]) -> None:
    """Refuse what is not a number: a missing value must be marked as such, never drawn."""
    bad = [value for value in values if not math.isfinite(value)]
    require(not bad, place, f"{len(bad)} values that are no finite numbers", "finite numbers")
