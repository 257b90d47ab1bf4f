"""Grades of green low-carbon aluminium: thresholds that the user brings with their source, for the standard's own were not seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pcf.catalogue.files import read_csv
from pcf.errors import InputError
from pcf.resources import datasets_path

SHARES = ("min_green_share", "min_green_power_share", "min_recycled_share")
FOOTPRINT = "max_footprint"
CRITERIA = (*SHARES, FOOTPRINT)
REQUIRED = ("grade", "source")
OPTIONAL = (*CRITERIA, "footprint_boundary", "note")

BOUNDARY = "cradle-to-gate"
"""The boundary of a heat's footprint: a threshold of another one says nothing about it."""

_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Grade:
    """A grade with its limits: shares of the external metal [1] and the footprint [tCO2e/t], by name in `CRITERIA`."""

    name: str
    limits: Mapping[str, Fraction]
    source: str
    note: str = ""


@dataclass(frozen=True)
class Criterion:
    """One limit of a grade with what was found, in the unit of the limit."""

    name: str
    limit: Fraction
    found: Fraction

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.found <= self.limit if self.name == FOOTPRINT else self.found >= self.limit


@dataclass(frozen=True)
class Verdict:
    """A grade with each of its limits."""

    grade: Grade
    criteria: tuple[Criterion, ...]

    @property
    def met(self) -> bool:
        """Whether every limit is kept."""
        return all(item.met for item in self.criteria)


@dataclass(frozen=True)
class Grading:
    """What a table of grades says; without a row of its own nothing is evaluated."""

    verdicts: tuple[Verdict, ...] = ()

    @property
    def evaluated(self) -> bool:
        """Whether there was any grade to hold the heat to."""
        return bool(self.verdicts)

    @property
    def grade(self) -> Grade | None:
        """The first grade of the table whose limits are all kept."""
        return next((item.grade for item in self.verdicts if item.met), None)

    def as_document(self) -> dict[str, Any]:
        """The grading as plain values."""
        return {
            "status": "evaluated" if self.evaluated else "not evaluated",
            "grade": self.grade.name if self.grade else None,
            "source": self.grade.source if self.grade else None,
            "grades": [
                {
                    "grade": item.grade.name, "source": item.grade.source, "note": item.grade.note, "met": item.met,
                    "criteria": [
                        {"name": one.name, "limit": float(one.limit), "found": float(one.found), "met": one.met} for one in item.criteria
                    ],
                }
                for item in self.verdicts
            ],
        }  # fmt: skip


def shipped_grades() -> Path:
    """The shipped table: the columns, and no grade."""
    return datasets_path() / "custody" / "grades.csv"


def read_grades(path: Path) -> tuple[Grade, ...]:
    """Grades of a table, the best first.

    Raises
    ------
    InputError
        For a row without a source or a limit, a second row of a grade, and limits that are no numbers or of another boundary.
    """
    found: dict[str, Grade] = {}
    for row in read_csv(path, path.name, REQUIRED, OPTIONAL):
        place, name = f"{path.name}:{row['#row']}", row["grade"].strip()
        if not name or name in found:
            raise InputError(f"{place} grade", repr(name), "a name of its own")
        if not row["source"].strip():
            raise InputError(
                f"{place} source", "nothing", "where the thresholds stand", "a grade without its source proves nothing"
            )
        limits = {column: _limit(row[column].strip(), place, column) for column in CRITERIA if row.get(column, "").strip()}
        if not limits:
            raise InputError(f"{place} {name}", "no limit", f"at least one of: {', '.join(CRITERIA)}")
        boundary = row.get("footprint_boundary", "").strip()
        if FOOTPRINT in limits and boundary != BOUNDARY:
            raise InputError(
                f"{place} footprint_boundary", repr(boundary), BOUNDARY, "a footprint is compared within one boundary"
            )
        found[name] = Grade(name, limits, row["source"].strip(), row.get("note", "").strip())
    return tuple(found.values())


def evaluate(grades: Sequence[Grade], figures: Mapping[str, Fraction]) -> Grading:
    """Hold figures to grades.

    Parameters
    ----------
    figures : Mapping[str, Fraction]
        What was found for each criterion that a grade names: shares [1], footprint [tCO2e/t].
    """
    return Grading(tuple(
        Verdict(grade, tuple(Criterion(name, limit, figures[name]) for name, limit in grade.limits.items())) for grade in grades
    ))  # fmt: skip


def _limit(written: str, place: str, column: str) -> Fraction:
    value = Fraction(written) if _NUMBER.fullmatch(written) else None
    if value is None or (column in SHARES and value > 1):
        wanted = "a share from 0 to 1 in plain digits" if column in SHARES else "a number of tCO2e/t in plain digits"
        raise InputError(f"{place} {column}", repr(written), wanted)
    return value
