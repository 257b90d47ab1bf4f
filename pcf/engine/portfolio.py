"""Thousands of rows, each a product with its own settings: in parts of a fixed size, on this machine or on a cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.footprint import calc_totals
from pcf.engine.scenarios import Input, Scenarios
from pcf.errors import InputError
from pcf.model import CHOICES, Method, Settings, System, compose, find_product, find_site, read_settings

PART = 2000
"""Rows of one part: what is computed, kept and resumed at a time."""

RESERVED = ("id", "product", "site", "grid_mix")
"""Columns with a meaning of their own; those of the method's choices are the others that are no parameters."""

STAGE_PREFIX = "stage_"


@dataclass(frozen=True)
class Row:
    """One row of a portfolio: its number in the file from 1, its columns as texts, empty cells left out."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """Result of one row: total and stages [tCO2e/t], whether its charge is feasible, or what is wrong with it."""

    number: int
    id: str
    product: str
    total: float | None
    feasible: bool | None
    boundary: str
    stages: Mapping[str, float]
    problem: str = ""


def split_parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in parts of a fixed size, one in memory at a time."""
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


def hash_part(rows: Sequence[Row], data: str) -> str:
    """Identity of a part: its rows and the data set that computes them."""
    digest = hashlib.sha256(data.encode())
    for row in rows:
        digest.update(repr((row.number, sorted(row.cells.items()))).encode())
    return digest.hexdigest()


def compute_part(catalogue: Catalogue, rows: Sequence[Row]) -> list[Line]:
    """Results of a part in the order of its rows; a row that cannot be computed says why and leaves the others alone.

    Notes
    -----
    Rows of the same product, method and site that set the same things are one pass. Each row's figures are those that it has
    alone, bit for bit.
    """
    found: dict[int, Line] = {}
    groups: dict[tuple[Any, ...], list[tuple[Row, Settings]]] = {}
    bases: dict[tuple[str, Method], System] = {}
    for row in rows:
        try:
            product, method, settings = _read(catalogue, row, bases)
        except InputError as problem:
            found[row.number] = Line(
                row.number, row.cells.get("id", ""), row.cells.get("product", ""), None, None, "", {}, str(problem)
            )
            continue
        key = (product, method, tuple(sorted(settings.sites.items())), tuple(sorted(settings.values)))
        groups.setdefault(key, []).append((row, settings))
    for (product, method, _, keys), members in groups.items():
        for line in _compute(catalogue, product, method, keys, members):
            found[line.number] = line
    return [found[row.number] for row in rows]


def _read(catalogue: Catalogue, row: Row, bases: dict[tuple[str, Method], System]) -> tuple[str, Method, Settings]:
    cells = dict(row.cells)
    cells.pop("id", None)
    if "product" not in cells:
        raise InputError(f"row {row.number} product", "nothing", "a product")
    product = find_product(catalogue, cells.pop("product"))
    site, mix = cells.pop("site", ""), cells.pop("grid_mix", "")
    known = {item.name for item in fields(Method)}
    method = Method.from_mapping({name: cells.pop(name) for name in list(cells) if name in CHOICES or name in known - {"steps"}})
    if (product, method) not in bases:
        bases[product, method] = compose(catalogue, product, method.with_choice("scrap", "co-product"), Settings())
    texts = [f"{name}={value}" for name, value in cells.items()]
    try:
        return product, method, read_settings(bases[product, method], texts, mix, find_site(catalogue, site) if site else "")
    except InputError as problem:
        raise InputError(f"row {row.number} {problem.place}", problem.found, problem.expected, problem.advice) from None


def _compute(
    catalogue: Catalogue, product: str, method: Method, keys: Sequence[tuple[str, str]], members: Sequence[tuple[Row, Settings]]
) -> Iterator[Line]:
    boundary = method.boundary
    sites = members[0][1].sites
    values = np.array([[settings.values[key] for _, settings in members] for key in keys]).reshape(len(keys), len(members))
    inputs = [
        Input(f"{scope}.{name}", ((scope, name),), "", float(row.min()), float(row.max()))
        for (scope, name), row in zip(keys, values, strict=True)
    ]
    try:
        scenarios = Scenarios(catalogue, product, method, Settings(sites=sites), inputs, values, stages=True)
        outcome = scenarios.run(values if len(keys) else np.empty((0, len(members))))
    except InputError:
        # One row of the group makes no sense: each stands alone then.
        if len(members) > 1:
            for member in members:
                yield from _compute(catalogue, product, method, keys, [member])
            return
        yield _alone(catalogue, product, method, *members[0])
        return
    for index, (row, _) in enumerate(members):
        if not np.isfinite(outcome.total[index]):
            yield _alone(catalogue, product, method, *members[index])
            continue
        stages = {name: float(value[index]) for name, value in outcome.stages.items()}
        yield Line(
            row.number,
            row.cells.get("id", ""),
            product,
            float(outcome.total[index]),
            bool(outcome.feasible[index]),
            boundary,
            stages,
        )


def _alone(catalogue: Catalogue, product: str, method: Method, row: Row, settings: Settings) -> Line:
    """A row for which there is no number: what stands in its way."""
    label = row.cells.get("id", "")
    try:
        calc_totals(catalogue, product, method, settings, 1)
    except InputError as problem:
        return Line(row.number, label, product, None, None, method.boundary, {}, f"row {row.number} {problem}")
    return Line(row.number, label, product, None, None, method.boundary, {}, f"row {row.number}: no finite result")


def data_identity(catalogue: Catalogue) -> str:
    """What a part's figures depend on besides its rows."""
    return f"{catalogue.sha256} {catalogue.own_sha256 or ''}"


def compute_on_worker(rows: Sequence[Row], data: str) -> list[Line]:
    """A part on a worker of a cluster, which has the program and the data set installed.

    Raises
    ------
    InputError
        Where the worker has another data set than the one that asks.
    """
    catalogue = _worker_catalogue()
    if data_identity(catalogue) != data:
        raise InputError(
            "worker", f"data set {data_identity(catalogue)[:12]}", f"data set {data[:12]}", "install the same version there"
        )
    return compute_part(catalogue, rows)


@lru_cache
def _worker_catalogue() -> Catalogue:
    from pcf.catalogue import open_catalogue

    return open_catalogue()
