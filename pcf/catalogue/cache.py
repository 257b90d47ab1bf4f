"""The compiled catalogue: JSON in the cache folder, keyed by data hash and code version; never pickle.

Deleting the cache changes nothing but the time: a hit spares pint, jsonschema, YAML and all checks.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pcf.catalogue import records
from pcf.catalogue.records import (
    Alloy,
    Catalogue,
    ChecklistItem,
    Derived,
    Exchange,
    Factor,
    Marks,
    Metal,
    Process,
    Product,
    Quantity,
    ShareGroup,
    Site,
    SiteCharge,
    SiteOutput,
)
from pcf.catalogue.roadmaps import restore_roadmap

MOST_BYTES = 100_000_000
"""Largest compiled catalogue that is read."""


@lru_cache
def code_version() -> str:
    """Hash of the modules that decide what a compiled catalogue looks like."""
    digest = hashlib.sha256()
    folder = Path(records.__file__).parent
    for path in (*sorted(folder.glob("*.py")), folder.parent / "units.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_path(folder: Path, key: str) -> Path:
    """Where the compiled form of the data with a hash lives."""
    return folder / f"catalogue-{key[:16]}-{code_version()}.json"


def store(catalogue: Catalogue, folder: Path, key: str) -> None:
    """Write the compiled catalogue; atomic (temporary file and rename), and silent where the folder is not writable.

    The first line holds the key and the hash of the rest, so that a damaged file is never taken for the data.
    """
    target = cache_path(folder, key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dataclasses.asdict(catalogue), ensure_ascii=False, separators=(",", ":"))
        handle, name = tempfile.mkstemp(dir=folder, prefix=".catalogue-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(f"{key} {_checksum(text)}\n{text}")
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for old in folder.glob("catalogue-*.json"):
            if old != target and old.stat().st_mtime < target.stat().st_mtime - 30 * 86400:
                old.unlink(missing_ok=True)
    except OSError:
        return


def fetch(folder: Path, key: str) -> Catalogue | None:
    """The compiled catalogue of the data with this hash, or None; a damaged file counts as none."""
    try:
        path = cache_path(folder, key)
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        if head != f"{key} {_checksum(text)}":
            return None
        return _catalogue(json.loads(text))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _quantity(data: Mapping[str, Any] | None) -> Any:
    if data is None:
        return None
    limits = data["limits"]
    return Quantity(**{**data, "marks": Marks(**data["marks"]), "limits": tuple(limits) if limits else None})


def _quantities(data: Mapping[str, Any]) -> dict[str, Quantity]:
    return {name: _quantity(item) for name, item in data.items()}


def _process(data: dict[str, Any]) -> Process:
    metal = data["metal"]
    if metal:
        metal = Metal(
            **{
                **metal,
                "composition": _quantities(metal["composition"]),
                "metal_yield": _quantity(metal["metal_yield"]),
            }
        )
    exchanges = tuple(Exchange(**{**item, "boundaries": tuple(item["boundaries"])}) for item in data["exchanges"])
    checklist = tuple(ChecklistItem(**{**item, "estimate": _quantity(item["estimate"])}) for item in data["checklist"])
    return Process(
        **{
            **data,
            "metal": metal or None,
            "exchanges": exchanges,
            "checklist": checklist,
            **{key: tuple(data[key]) for key in ("parameters", "shares", "derived")},
        }
    )


def _product(data: dict[str, Any]) -> Product:
    charge = data["charge"]
    if charge:
        keys = ("recycled_input", "recycled_content", "post_consumer_share")
        charge = {**charge, **{key: _quantity(charge[key]) for key in keys if key in charge}}
    return Product(**{**data, "charge": charge, "aliases": tuple(data["aliases"]), "parameters": _quantities(data["parameters"])})


def _site_charge(data: dict[str, Any]) -> SiteCharge:
    return SiteCharge(**{**data, "gross": _quantities(data["gross"]), "parameters": _quantities(data["parameters"])})


def _site_output(data: dict[str, Any]) -> SiteOutput:
    return SiteOutput(_quantity(data["produced"]), _quantity(data["attributed"]))


def _catalogue(data: dict[str, Any]) -> Catalogue:
    factors = {
        name: {year: Factor(**{**row, "quantity": _quantity(row["quantity"])}) for year, row in years.items()}
        for name, years in data["factors"].items()
    }
    return Catalogue(
        **{
            **data,
            "factors": factors,
            "processes": {name: _process(item) for name, item in data["processes"].items()},
            "parameters": _quantities(data["parameters"]),
            "shares": {name: ShareGroup(**{**item, "options": tuple(item["options"])}) for name, item in data["shares"].items()},
            "derived": {name: Derived(**item) for name, item in data["derived"].items()},
            "alloys": {name: Alloy(**item) for name, item in data["alloys"].items()},
            "sites": {
                name: Site(
                    **{
                        **item,
                        "parameters": _quantities(item["parameters"]),
                        "charge": {key: _site_charge(charge) for key, charge in item["charge"].items()},
                        "covers": tuple(item["covers"]),
                        "outputs": {key: _site_output(output) for key, output in item["outputs"].items()},
                    }
                )
                for name, item in data["sites"].items()
            },
            "products": {name: _product(item) for name, item in data["products"].items()},
            "roadmaps": {name: restore_roadmap(item) for name, item in data["roadmaps"].items()},
        }
    )
