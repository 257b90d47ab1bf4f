"""Brings a plant's workbook in: all of it, checked and closed, or nothing."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pcf.catalogue import Catalogue, check_paths, hash_paths
from pcf.catalogue.earlier import keep_earlier
from pcf.errors import CheckFailed, DataError, EnvironmentProblem, InputError
from pcf.exchange.closure import Closure, check_closure
from pcf.exchange.plant_balances import Balance, check_balances
from pcf.exchange.plant_presence import check_presence
from pcf.exchange.plant_reader import PlantYear, read_plant
from pcf.exchange.plant_site import site_document, site_id, source_row
from pcf.model import Method
from pcf.resources import datasets_path
from pcf.text import text

CLOSURE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Report:
    """What an import found and made."""

    site: str
    plant: str
    year: int
    standing: str
    changed: bool
    balances: Sequence[Balance]
    closures: Sequence[Closure]
    covers: Sequence[str]

    def as_document(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "schema": "pcf/plant-import/1",
            "site": self.site,
            "plant": self.plant,
            "year": self.year,
            "standing": self.standing,
            "changed": self.changed,
            "covers": list(self.covers),
            "balances": [
                {
                    "id": item.id, "detail": item.detail, "value": item.value, "low": item.low,
                    "high": None if math.isinf(item.high) else item.high, "unit": item.unit, "cells": item.cells,
                    "status": _status(item),
                }
                for item in self.balances
            ],
            "closure": [
                {
                    "attribution": item.method.attribution, "electricity": item.method.electricity,
                    "co_products": item.method.co_products, "heat": item.method.heat, "products_tCO2e": item.products,
                    "inventory_tCO2e": item.inventory, "relative_difference": item.difference,
                    "intensities_tCO2e_per_t": dict(item.intensities), "outputs_t": dict(item.outputs),
                }
                for item in self.closures
            ],
        }  # fmt: skip

    def balance_lines(self, language: str) -> list[tuple[str, str]]:
        """Status (`pass` or `warn`) and words of each balance, for people."""
        found = []
        for item in self.balances:
            detail = f" ({item.detail})" if item.detail else ""
            advice = "" if item.holds else f"; {text(f'plant-advice.{item.id}', language)} [{item.cells}]"
            limits = f"≥ {item.low:.5g}" if math.isinf(item.high) else f"{item.low:.5g} … {item.high:.5g}"
            shown = f"{item.value:.5g} {item.unit}".strip()
            found.append((_status(item), f"{text(f'plant-balance.{item.id}', language)}{detail}: {shown} ({limits}){advice}"))
        return found

    def lines(self, language: str) -> list[str]:
        """The report for people."""
        state = text("plant.changed" if self.changed else "plant.unchanged", language)
        found = [
            text(
                "plant.imported", language, site=self.plant, year=self.year, standing=text(f"standing.{self.standing}", language)
            )
            + state
        ]
        found += [f"  {text(f'check-status.{status}', language)}  {words}" for status, words in self.balance_lines(language)]
        found.append(text("plant.closure", language))
        default = Method()
        found += [
            _closure_line(closure, language)
            for closure in self.closures
            if (closure.method.co_products, closure.method.heat) == (default.co_products, default.heat)
        ]
        worst = max(item.difference for item in self.closures)
        found.append(text("plant.closure-all", language, count=len(self.closures), worst=f"{worst:.0e}"))
        found.append(text("plant.use", language, site=self.plant))
        return found


def _closure_line(item: Closure, language: str) -> str:
    attribution = text(f"choice.electricity.{item.method.attribution}", language)
    basis = text(f"choice.electricity_basis.{item.method.electricity}", language)
    names = {name: text(f"plant.output.{name.replace(', ', '-')}", language) for name in item.intensities}
    each = ", ".join(f"{names[name]} {value:.3f}" for name, value in item.intensities.items() if value)
    totals = f"{item.products:,.1f} = {item.inventory:,.1f} tCO2e ({item.difference:.0e})"
    return f"  {attribution}, {basis}: {totals}; tCO2e/t: {each}"


def _status(item: Balance) -> str:
    return "pass" if item.holds else "warn"


def import_plant(path: Path, year: int, folder: Path, *, replace: bool = False, today: date | None = None) -> Report:
    """Check a workbook and make it a site in the user's data folder.

    Parameters
    ----------
    path : Path
        Workbook.
    year : int
        Calendar year that it must be of.
    folder : Path
        The user's data folder, an overlay over the shipped data.
    replace : bool
        Replace an import of the same site and year with other content.
    today : date, optional
        The day of the import where the plant lies; a year that is not over is refused.

    Raises
    ------
    DataError
        With every bad cell, or every balance that does not hold.
    InputError
        For a site that the shipped data have, or that was imported before with other content.
    CheckFailed
        Where the plant does not close.
    """
    plant = read_plant(path, year, today)
    base, problems = check_paths([datasets_path()], None, hash_paths([datasets_path()]))
    if problems:
        raise DataError(problems)
    name = site_id(plant)
    if plant.texts["site_id"] in base.sites or name in base.sites:
        shown = repr(plant.texts["site_id"])
        raise InputError(plant.place("site_id"), shown, "an identifier of its own", "the shipped data have this site")
    check_presence(plant)
    balances = check_balances(plant, base)
    document = site_document(plant, base)
    target = folder / "sites" / f"{name}.yaml"
    # JSON is YAML, and keeps every digit.
    content = json.dumps({**document, "sources": [source_row(plant)]}, ensure_ascii=False, indent=1) + "\n"
    changed = not (target.is_file() and target.read_text(encoding="utf-8") == content)
    if changed and target.is_file() and not replace:
        raise _present(plant)
    with _staged(folder) as stage:
        place = stage / "sites" / target.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        catalogue, problems = check_paths([datasets_path(), stage], None, "0" * 64)
        if problems:
            raise DataError(problems)
        closures = _closed(plant, catalogue)
        if changed:
            keep_earlier(folder)
        if changed and not _commit(content, target, replace=replace):
            raise _present(plant)
    return Report(
        name, plant.texts["site_id"], year, document["standing"], changed, balances, closures, document["covers"]
    )  # fmt: skip


def _closed(plant: PlantYear, catalogue: Catalogue) -> list[Closure]:
    closures = check_closure(plant, catalogue)
    for item in closures:
        if item.difference > CLOSURE_TOLERANCE:
            raise CheckFailed(
                f"{plant.file}: products {item.products:.9g} tCO2e, inventory {item.inventory:.9g} tCO2e ({item.method.attribution}, "
                f"{item.method.electricity}, co-products {item.method.co_products}, heat {item.method.heat}); expected equal to {CLOSURE_TOLERANCE:g}; nothing was imported"
            )
    return closures


def _present(plant: PlantYear) -> InputError:
    return InputError(
        plant.place("site_id", "year"), f"{site_id(plant)!r} with other content", "the content that was imported before",
        "--replace takes the new one",
    )  # fmt: skip


@contextlib.contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A copy of the user's data, in which a change is checked before it counts."""
    try:
        with tempfile.TemporaryDirectory(prefix="pcf-import-") as name:
            stage = Path(name)
            if folder.is_dir():
                shutil.copytree(folder, stage, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".pcf-*"))
            yield stage
    except OSError as problem:
        raise EnvironmentProblem(f"{problem.filename or folder}: {problem.strerror or problem}; nothing was imported") from None


def _commit(content: str, target: Path, *, replace: bool) -> bool:
    """Put one file in its place by one step of the file system; False where another import was there first.

    After a kill at any moment the old or the new file is there, whole.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".pcf-")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            part.replace(target)
        else:
            target.hardlink_to(part)
        return True
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
