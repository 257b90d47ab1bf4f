"""The rules of custody and their limits, as the data tables state them, each with its source and how surely it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pcf.catalogue import SOURCE_CHECKS, nearest
from pcf.catalogue.files import read_csv
from pcf.errors import InputError
from pcf.resources import datasets_path

RULE_COLUMNS = ("id", "name_en", "name_zh", "criterion", "standard", "version", "status", "source", "note")
SETTING_COLUMNS = ("id", "name_en", "name_zh", "value", "unit", "source", "locator", "source_check", "note")
STATUSES = ("verified", "unverified")

_RULE = re.compile(r"R\d{2}", re.ASCII)
_SETTING = re.compile(r"[a-z]+(?:-[a-z0-9]+)*", re.ASCII)
_VALUE = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """A rule that the records are held to.

    Attributes
    ----------
    id : str
        `R01` … `R28`.
    names : Mapping[str, str]
        What it says, by language (`en`, `zh`).
    criterion : str
        Number in the standard; empty while the number has not been seen in the standard's own text.
    standard, version : str
        Where the rule comes from; empty for a rule of this program.
    status : str
        `verified` or `unverified`.
    source : str
        Id in the table of sources.
    note : str
        What is open.
    """

    id: str
    names: Mapping[str, str]
    criterion: str
    standard: str
    version: str
    status: str
    source: str
    note: str

    @property
    def indicative(self) -> bool:
        """Whether documents call it indicative, because the standard's own wording was not seen (R28)."""
        return self.status != "verified"


@dataclass(frozen=True)
class Setting:
    """A limit of the rules: its exact value, and what it rests on."""

    id: str
    names: Mapping[str, str]
    value: Fraction
    unit: str
    source: str
    locator: str
    source_check: str
    note: str


def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in order.

    Raises
    ------
    InputError
        For a table that is not as it should be.
    """
    return read_rules(_table("rules"))


def settings() -> Mapping[str, Setting]:
    """Every limit by its id.

    Raises
    ------
    InputError
        For a table that is not as it should be.
    """
    return read_settings(_table("settings"))


def rule(name: str) -> Rule:
    """The rule of an id.

    Raises
    ------
    InputError
        For another id.
    """
    found = rules()
    if name not in found:
        raise InputError("rule of custody", repr(name), f"{min(found)} to {max(found)}")
    return found[name]


def setting(name: str) -> Fraction:
    """Value of a limit, in the unit of its row.

    Raises
    ------
    InputError
        For an id that the table does not have.
    """
    found = settings()
    if name not in found:
        raise InputError("limit of custody", repr(name), ", ".join(found), nearest(name, found))
    return found[name].value


@cache
def read_rules(path: Path) -> Mapping[str, Rule]:
    """Rules of a table, read once.

    Raises
    ------
    InputError
        For the first row that is wrong.
    """
    found: dict[str, Rule] = {}
    for row in _rows(path, RULE_COLUMNS, _RULE):
        place = f"{path.name}:{row['#row']}"
        if row["status"] not in STATUSES:
            raise InputError(f"{place} status", repr(row["status"]), " | ".join(STATUSES))
        if row["criterion"] and row["status"] != "verified":
            # A number printed beside a rule reads as a quotation of the standard.
            raise InputError(
                f"{place} criterion", f"{row['criterion']!r} of an unverified rule", "nothing", "verify the rule first"
            )
        found[row["id"]] = Rule(
            row["id"], _names(row), row["criterion"], row["standard"], row["version"], row["status"], row["source"], row["note"]
        )
    return MappingProxyType(found)


@cache
def read_settings(path: Path) -> Mapping[str, Setting]:
    """Limits of a table, read once.

    Raises
    ------
    InputError
        For the first row that is wrong.
    """
    found: dict[str, Setting] = {}
    for row in _rows(path, SETTING_COLUMNS, _SETTING):
        place = f"{path.name}:{row['#row']}"
        if not _VALUE.fullmatch(row["value"]):
            raise InputError(f"{place} value", repr(row["value"]), "a number in plain digits, 0 or more")
        if row["source_check"] not in SOURCE_CHECKS:
            raise InputError(f"{place} source_check", repr(row["source_check"]), " | ".join(SOURCE_CHECKS))
        found[row["id"]] = Setting(
            row["id"], _names(row), Fraction(row["value"]), row["unit"], row["source"], row["locator"], row["source_check"],
            row["note"],
        )  # fmt: skip
    return MappingProxyType(found)


@cache
def _table(name: str) -> Path:
    return datasets_path() / "custody" / f"{name}.csv"


def _names(row: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({"en": row["name_en"], "zh": row["name_zh"]})


def _rows(path: Path, columns: tuple[str, ...], pattern: re.Pattern[str]) -> list[dict[str, str]]:
    rows = read_csv(path, path.name, columns)
    seen: set[str] = set()
    for row in rows:
        place = f"{path.name}:{row['#row']}"
        if not pattern.fullmatch(row["id"]) or row["id"] in seen:
            raise InputError(f"{place} id", repr(row["id"]), "an id of its own in the form of the others")
        seen.add(row["id"])
        for column in ("name_en", "name_zh", "source"):
            if not row[column].strip():
                raise InputError(f"{place} {column}", "nothing", "a text")
    return rows
