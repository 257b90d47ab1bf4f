"""Brings a plant's workbook in: all of it, checked and closed, or nothing."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
    with _staged(folder) as stage:
        changed = _write(stage, site_id, document, source_row(plant), replace=replace, file=path.name)
        catalogue, problems = check_paths([datasets_path(), stage], None, "0" * 64)
        if problems:
            raise DataError(problems)
        closures = _closed(plant, catalogue)
        if changed:
            _commit(stage, folder)
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


@contextlib.contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A copy of the user's data beside the folder itself, to be changed and checked before it takes its place."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".pcf-import-", dir=folder.parent))
    except OSError as problem:
        raise EnvironmentProblem(f"{folder.parent}: {problem.strerror or problem}; nothing was imported") from None
    try:
        if folder.is_dir():
            shutil.copytree(folder, stage, dirs_exist_ok=True)
        yield stage
    except OSError as problem:
        raise EnvironmentProblem(f"{folder}: {problem.strerror or problem}; nothing was imported") from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _write(stage: Path, site_id: str, document: Mapping[str, Any], row: dict[str, str], *, replace: bool, file: str) -> bool:
    """Write site and source into the stage; False where the same content is there already."""
    target = stage / "sites" / f"{site_id}.yaml"
    content = json.dumps(document, ensure_ascii=False, indent=1) + "\n"  # JSON is YAML, and keeps every digit
    rows = _rows(stage / "sources.csv")
    same = target.is_file() and target.read_text(encoding="utf-8") == content and row in rows
    if same:
        return False
    if target.is_file() and not replace:
        raise InputError(
            f"{file} site_id",
            f"{site_id!r} with other content",
            "the content that was imported before",
            "--replace takes the new one",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
    kept = [item for item in rows if item["id"] != row["id"]]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerows([*kept, row])
    (stage / "sources.csv").write_text(buffer.getvalue(), encoding="utf-8")
    return True


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _commit(stage: Path, folder: Path) -> None:
    """Put the stage in the folder's place: after a kill at any moment the old or the new data are there, whole."""
    for path in stage.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.is_dir():
        folder.rename(old)
    stage.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
