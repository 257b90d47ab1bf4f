"""Brings a plant's workbook in: all of it, checked and closed, or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcf.catalogue import Catalogue, check_paths, hash_paths
from pcf.errors import CheckFailed, DataError, EnvironmentProblem, InputError
from pcf.exchange.closure import Closure, check_closure
from pcf.exchange.plant_balances import Balance, check_balances
from pcf.exchange.plant_reader import PlantYear, read_plant
from pcf.exchange.plant_site import site_document, source_row
from pcf.resources import datasets_path
from pcf.text import text

CLOSURE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Report:
    """What an import found and made."""

    site: str
    year: int
    standing: str
    changed: bool
    balances: Sequence[Balance]
    closures: Sequence[Closure]

    def as_document(self) -> dict[str, Any]:
        """The report for other programs."""
        return {
            "schema": "pcf/plant-import/1",
            "site": self.site,
            "year": self.year,
            "standing": self.standing,
            "changed": self.changed,
            "balances": [
                {"id": item.id, "value": item.value, "low": item.low, "high": item.high, "unit": item.unit, "status": _status(item)}
                for item in self.balances
            ],
            "closure": [
                {
                    "attribution": item.attribution, "electricity": item.electricity, "products_tCO2e": item.products,
                    "inventory_tCO2e": item.inventory, "relative_difference": item.difference,
                    "intensities_tCO2e_per_t": dict(item.intensities), "outputs_t": dict(item.outputs),
                }
                for item in self.closures
            ],
        }  # fmt: skip

    def lines(self, language: str) -> list[str]:
        """The report for people."""
        state = text("plant.changed" if self.changed else "plant.unchanged", language)
        found = [
            text("plant.imported", language, site=self.site, year=self.year, standing=text(f"standing.{self.standing}", language))
            + state
        ]
        found += [
            f"  {text(f'check-status.{_status(item)}', language)}  {text(f'plant-balance.{item.id}', language)}: {item.value:.5g} {item.unit} "
            f"({item.low:.5g} … {item.high:.5g})"
            for item in self.balances
        ]
        found.append(text("plant.closure", language))
        for item in self.closures:
            attribution = text(f"choice.electricity.{item.attribution}", language)
            basis = text(f"choice.electricity_basis.{item.electricity}", language)
            labels = {name: text(f"plant.output.{name.replace(', ', '-')}", language) for name in item.intensities}
            each = ", ".join(f"{labels[name]} {value:.3f}" for name, value in item.intensities.items())
            totals = f"{item.products:,.1f} = {item.inventory:,.1f} tCO2e ({item.difference:.0e})"
            found.append(f"  {attribution}, {basis}: {totals}; tCO2e/t: {each}")
        found.append(text("plant.use", language, site=self.site))
        return found


def _status(item: Balance) -> str:
    return "pass" if item.holds else "warn"


def import_plant(path: Path, year: int, folder: Path, *, replace: bool = False) -> Report:
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
        Replace an import of the same site with other content.

    Raises
    ------
    DataError
        With every bad cell, or every balance that does not hold.
    InputError
        For a site that the shipped data have, or that was imported before with other content.
    CheckFailed
        Where the plant does not close.
    """
    plant = read_plant(path, year)
    base, problems = check_paths([datasets_path()], None, hash_paths([datasets_path()]))
    if problems:
        raise DataError(problems)
    site_id = plant.texts["site_id"]
    if site_id in base.sites:
        raise InputError(f"{path.name} site_id", repr(site_id), "an identifier of its own", "the shipped data have this site")
    balances = check_balances(plant, base)
    document = site_document(plant, base)
    target = folder / "sites" / f"{site_id}.yaml"
    # JSON is YAML, and keeps every digit.
    content = json.dumps({**document, "sources": [source_row(plant)]}, ensure_ascii=False, indent=1) + "\n"
    changed = not (target.is_file() and target.read_text(encoding="utf-8") == content)
    if changed and target.is_file() and not replace:
        raise _present(path.name, site_id)
    with _staged(folder) as stage:
        place = stage / "sites" / target.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        catalogue, problems = check_paths([datasets_path(), stage], None, "0" * 64)
        if problems:
            raise DataError(problems)
        closures = _closed(plant, catalogue)
        if changed and not _commit(content, target, replace=replace):
            raise _present(path.name, site_id)
    return Report(site_id, year, document["standing"], changed, balances, closures)


def _closed(plant: PlantYear, catalogue: Catalogue) -> list[Closure]:
    closures = check_closure(plant, catalogue)
    for item in closures:
        if item.difference > CLOSURE_TOLERANCE:
            raise CheckFailed(
                f"{plant.file}: products {item.products:.9g} tCO2e, inventory {item.inventory:.9g} tCO2e ({item.attribution}, "
                f"{item.electricity}); expected equal to {CLOSURE_TOLERANCE:g}; nothing was imported"
            )
    return closures


def _present(file: str, site_id: str) -> InputError:
    return InputError(
        f"{file} site_id", f"{site_id!r} with other content", "the content that was imported before",
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
