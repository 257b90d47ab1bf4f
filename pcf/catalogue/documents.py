"""Reads a data folder or a study into plain documents, each with its place, collecting every problem."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pcf.catalogue.files import MOST_FILES, read_csv, read_plain, read_text, read_yaml_with_lines
from pcf.catalogue.names import nearest
from pcf.errors import InputError

KINDS = {
    "processes": "process",
    "alloys": "alloy",
    "products": "product",
    "sites": "site",
    "roadmaps": "roadmap",
    "studies": "study",
}
"""Folder of a kind of YAML document → the kind, as in `schema: pcf/<kind>/1`."""

MOST_RUNS = 10_000
"""Most runs that a study may expand to."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,39}\Z")

METHOD_TABLES = ("gwp", "rules")
SOURCE_COLUMNS = ("id", "title", "publisher", "year", "url", "redistribution", "note")
FACTOR_COLUMNS = (
    "id", "name_en", "name_zh", "kind", "value", "unit", "gas", "gwp_edition", "year", "geography", "source", "locator",
    "source_check", "data_class", "assurance", "distribution", "low", "high", "sets", "pedigree", "note",
)  # fmt: skip


@dataclass
class Document:
    """One YAML document: what it says, where it stands, and the line of each key path."""

    kind: str
    place: str
    data: dict[str, Any]
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def where(self, *path: Any) -> str:
        """Place of a key path: file, line if known, and the path itself."""
        keys = list(path)
        line = None
        while keys and line is None:
            line = self.lines.get(tuple(keys))
            keys.pop()
        name = ".".join(str(part) for part in path)
        return f"{self.place}" + (f":{line}" if line else "") + (f" {name}" if name else "")


@dataclass
class Folder:
    """All documents of one or more data folders and studies, in reading order."""

    version: str = ""
    sources: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    factors: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    problems: list[InputError] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Kinds of documents and tables of which something could not be read: what is unknown may stand there."""


_KNOWN = frozenset({"cbam", "custody", "exchange", "factors", "schema", *KINDS})
_DATA = frozenset({".yaml", ".yml", ".csv"})


@dataclass(frozen=True)
class Listing:
    """What a data folder holds: the files that are read, in a fixed order, and what looks like data and is not."""

    files: tuple[Path, ...]
    strays: tuple[Path, ...]


def list_folder(root: Path) -> Listing:
    """List a data folder (VERSION, CSV and YAML documents; schemas and studies apart).

    Listed, not globbed: a folder that cannot be read is an error of the environment, never an empty one.
    """
    files = [root / name for name in ("VERSION", "sources.csv") if os.path.lexists(root / name)]
    strays = [
        entry
        for entry in _entries(root)
        if entry.name not in _KNOWN and entry not in files and (entry.suffix.lower() in _DATA or entry.is_dir())
    ]
    for name, ending in (("factors", ".csv"), *((kind, ".yaml") for kind in KINDS if kind != "studies")):
        folder = root / name
        if not os.path.lexists(folder):
            continue
        if not folder.is_dir():
            strays.append(folder)
            continue
        for entry in _entries(folder):
            if entry.name.endswith(ending):
                files.append(entry)
            elif entry.suffix.lower() in _DATA or entry.is_dir():
                strays.append(entry)
    if len(files) > MOST_FILES:
        raise InputError(str(root), f"{len(files):,} files", f"at most {MOST_FILES:,}")
    return Listing(tuple(files), tuple(strays))


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name; what is hidden belongs to other programs."""
    return [folder / name for name in sorted(os.listdir(folder)) if not name.startswith(".")]  # noqa: PTH208 - as fast again


def require_folder(path: Path) -> bool:
    """Whether a folder is there.

    Raises
    ------
    InputError
        For something else of that name.
    """
    if not os.path.lexists(path):
        return False
    if not path.is_dir():
        raise InputError(str(path), "no folder", "a data folder")
    return True


def hash_paths(roots: Iterable[Path]) -> str:
    """SHA-256 over names and bytes of data folders and files, in order.

    Raises
    ------
    InputError
        For a path that is neither a folder nor a regular file.
    """
    digest = hashlib.sha256()
    for root in roots:
        if not root.is_dir() and not root.is_file():
            raise InputError(str(root), "no such folder or file", "a data folder or a study file")
        listing = list_folder(root) if root.is_dir() else Listing((root,), ())
        for path in listing.files:
            name = path.relative_to(root).as_posix() if root.is_dir() else path.name
            digest.update(os.fsencode(name))
            digest.update(b"\0")
            digest.update(hashlib.sha256(read_plain(path, name)).digest())
        for path in listing.strays:  # so that a compiled catalogue does not hide them
            digest.update(b"\0" + os.fsencode(path.relative_to(root)))
    return digest.hexdigest()


def read_folder(root: Path, into: Folder | None = None) -> Folder:
    """Read a data folder; problems are collected, never raised one by one."""
    folder = into or Folder()
    if not root.is_dir():
        folder.problems.append(InputError(str(root), "no such folder", "a data folder with sources.csv, factors/, processes/ …"))
        return folder
    listing = list_folder(root)
    for path in listing.strays:
        folder.problems.append(
            InputError(
                path.relative_to(root).as_posix(), "something that is not read",
                "sources.csv, factors/*.csv, processes/*.yaml …", "rename it, or move it elsewhere",
            )
        )  # fmt: skip
    if not any(path.suffix in {".csv", ".yaml"} for path in listing.files):
        folder.problems.append(InputError(str(root), "no data files", "sources.csv, factors/*.csv, processes/*.yaml …"))
    for path in listing.files:
        _read_file(path, path.relative_to(root).as_posix(), root, folder)
    return folder


def _read_file(path: Path, place: str, root: Path, folder: Folder) -> None:
    if path == root / "VERSION":
        try:
            folder.version = read_text(path, place).strip()
            if not _VERSION.match(folder.version):
                raise InputError(place, repr(folder.version), "one word such as 2026.11.0")
        except InputError as problem:
            folder.problems.append(problem)
    elif path == root / "sources.csv":
        folder.sources += _read_table(path, place, SOURCE_COLUMNS, folder, "source")
    elif path.suffix == ".csv":
        folder.factors += _read_table(path, place, FACTOR_COLUMNS, folder, "factor")
    else:
        _read_document(path, place, KINDS[path.parent.name], folder)


def _read_table(path: Path, place: str, columns: Sequence[str], folder: Folder, kind: str) -> list[tuple[str, dict[str, str]]]:
    before = len(folder.problems)
    rows = read_csv(path, place, columns, problems=folder.problems)
    if len(folder.problems) > before:
        folder.unread.add(kind)
    return [(f"{place}:{row['#row']}", row) for row in rows]


def _read_document(path: Path, place: str, kind: str, folder: Folder) -> None:
    try:
        data, lines = read_yaml_with_lines(path, place)
        if not isinstance(data, dict):
            raise InputError(place, type(data).__name__, "a mapping with `schema` and `id`")
    except InputError as problem:
        folder.problems.append(problem)
        folder.unread.add(kind)
        return
    if kind == "site" and isinstance(data.get("sources"), list):
        # A site of the user's own brings the rows of its sources along, so that one file is the whole of it.
        _add_rows(data, "sources", place, folder)
        data = {key: value for key, value in data.items() if key != "sources"}
    folder.documents.append(Document(kind, place, data, lines))


def read_study(path: Path, folder: Folder) -> dict[str, Any]:
    """Add a study's own sources, factors, processes, alloys, products and sites to `folder`; return the study."""
    place = path.name
    data, lines = read_yaml_with_lines(path, place)
    if not isinstance(data, dict) or data.get("schema") != "pcf/study/1":
        raise InputError(place, "no study", "a mapping with `schema: pcf/study/1`")
    _add_rows(data, "sources", place, folder)
    _add_rows(data, "factors", place, folder)
    for key, kind in KINDS.items():
        if kind in {"roadmap", "study"}:
            continue
        for index, item in enumerate(_rows(data, key, place)):
            shifted = {path[2:]: line for path, line in lines.items() if path[:2] == (key, index)}
            document = {"schema": f"pcf/{kind}/1", **item}
            if kind == "site" and item.get("standing", "model-estimate") == "site-result":
                raise InputError(
                    f"{place} {key}[{index}] standing", "site-result", "model-estimate | demonstration",
                    "a plant's own year comes in by `pcf data import`",
                )  # fmt: skip
            folder.documents.append(Document(kind, f"{place} {key}[{index}]", document, shifted))
    return data


def add_method_rows(root: Path, folder: Folder) -> None:
    """Add what belongs to the method, not to an inventory: warming potentials and limits of the checks, with their sources.

    A row that the study brings itself stays.
    """
    base = Folder()
    own = {(row["id"], row["year"]) for _, row in folder.factors}
    for name in METHOD_TABLES:
        place = f"factors/{name}.csv"
        rows = read_csv(root / "factors" / f"{name}.csv", place, FACTOR_COLUMNS, problems=folder.problems)
        base.factors += [(f"{place}:{row['#row']}", row) for row in rows if (row["id"], row["year"]) not in own]
    folder.factors += base.factors
    present = {row["id"] for _, row in folder.sources}
    wanted = {row["source"] for _, row in base.factors} - present
    rows = read_csv(root / "sources.csv", "sources.csv", SOURCE_COLUMNS, problems=folder.problems)
    folder.sources += [(f"sources.csv:{row['#row']}", row) for row in rows if row["id"] in wanted]


@dataclass(frozen=True)
class Study:
    """What a study file asks for: its runs, and whether it stands on its own documents alone."""

    runs: tuple[dict[str, Any], ...]
    alone: bool


def read_runs(path: Path) -> Study:
    """The runs of a study file, crossed where one varies factors; without runs each product that the study brings.

    Raises
    ------
    InputError
        For a file that is no study or has neither runs nor products.
    """
    data, lines = read_yaml_with_lines(path, path.name)
    from pcf.catalogue.schemas import schema_problems

    if not isinstance(data, dict):
        raise InputError(path.name, type(data).__name__, "a mapping with `schema: pcf/study/1`")
    problems = schema_problems(Document("study", path.name, data, lines))
    if problems:
        raise problems[0]
    runs = data.get("runs") or [{"product": item["id"]} for item in data.get("products") or []]
    if not runs:
        raise InputError(path.name, "neither runs nor products", "runs: [{product: …}], or products of its own")
    crossed = [item for index, run in enumerate(runs) for item in _cross(run, f"{path.name} runs[{index}]")]
    if len(crossed) > MOST_RUNS:
        raise InputError(f"{path.name} runs", f"{len(crossed):,} runs", f"at most {MOST_RUNS:,}")
    return Study(tuple(crossed), data.get("base", "catalogue") == "none")


def _cross(run: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """A run with `vary` as one run for every combination of its factors' levels; any other run as it is."""
    factors = run.get("vary")
    if not factors:
        return [run]
    count = math.prod(len(levels) for levels in factors.values())
    if count > MOST_RUNS:
        raise InputError(f"{place} vary", f"{count} combinations", f"at most {MOST_RUNS}")
    return [_combine(run, levels, place) for levels in itertools.product(*factors.values())]


def _combine(run: dict[str, Any], levels: Iterable[dict[str, Any]], place: str) -> dict[str, Any]:
    combined: dict[str, dict[str, Any]] = {"set": dict(run.get("set") or {}), "method": dict(run.get("method") or {})}
    labels = [run["label"]] if run.get("label") else []
    for level in levels:
        labels.append(level["label"])
        for part, values in combined.items():
            for name, value in (level.get(part) or {}).items():
                if name in values:
                    raise InputError(f"{place} vary", f"{name} set twice in one combination", "one level that sets it")
                values[name] = value
    return {"label": "; ".join(labels), "product": run["product"], **combined}


def _rows(data: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    rows = data.get(key) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{place} {key}", type(rows).__name__, "a list of mappings")
    return rows


_FACTOR_MARKS = {"data_class": "secondary", "assurance": "none", "distribution": "none published"}


def _add_rows(data: dict[str, Any], key: str, place: str, folder: Folder) -> None:
    """Rows of tables that a study or a site brings along, as if they stood in a CSV file."""
    columns, target, marks = (
        (SOURCE_COLUMNS, folder.sources, {}) if key == "sources" else (FACTOR_COLUMNS, folder.factors, _FACTOR_MARKS)
    )
    for index, row in enumerate(_rows(data, key, place)):
        where = f"{place} {key}[{index}]"
        for name, value in row.items():
            if name not in columns:
                folder.problems.append(InputError(where, f"column {name!r}", ", ".join(columns), nearest(name, columns)))
            elif isinstance(value, bool | list | dict):
                folder.problems.append(InputError(f"{where} {name}", repr(value), "a text or a number"))
        texts = {name: "" if value is None else str(value) for name, value in row.items() if name in columns}
        target.append((where, {**dict.fromkeys(columns, ""), **marks, **texts}))
