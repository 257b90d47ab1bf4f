"""Reads a data folder or a study into plain documents, each with its place, collecting every problem."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pcf.catalogue.files import MOST_BYTES, read_csv, read_yaml_with_lines
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
"""Most runs that one `vary` may expand to."""

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


def data_files(root: Path) -> list[Path]:
    """The data files of a folder in a fixed order (VERSION, CSV and YAML documents; schemas and studies apart)."""
    found = [path for path in (root / "VERSION", root / "sources.csv") if path.exists()]
    for name, ending in (("factors", ".csv"), *((kind, ".yaml") for kind in KINDS if kind != "studies")):
        folder = root / name
        if folder.is_dir():
            # Listed, not globbed: a folder that cannot be read is an error of the environment, never an empty one.
            found += sorted(path for path in folder.iterdir() if path.name.endswith(ending) and not path.name.startswith("."))
    return found


def require_plain(path: Path, place: str) -> Path:
    """The path itself.

    Raises
    ------
    InputError
        For anything but a regular file of a bearable size: a folder, a pipe, a device, a link that leads nowhere.
    """
    if not path.is_file():
        raise InputError(place, "no regular file", "a file")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InputError(place, f"{size:,} bytes", f"at most {MOST_BYTES:,}")
    return path


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
        for path in data_files(root) if root.is_dir() else [root]:
            name = path.relative_to(root).as_posix() if root.is_dir() else path.name
            digest.update(name.encode())
            digest.update(b"\0")
            digest.update(hashlib.sha256(require_plain(path, name).read_bytes()).digest())
    return digest.hexdigest()


def read_folder(root: Path, into: Folder | None = None) -> Folder:
    """Read a data folder; problems are collected, never raised one by one."""
    folder = into or Folder()
    if not root.is_dir():
        folder.problems.append(InputError(str(root), "no such folder", "a data folder with sources.csv, factors/, processes/ …"))
        return folder
    files = data_files(root)
    if not any(path.suffix in {".csv", ".yaml"} for path in files):
        folder.problems.append(InputError(str(root), "no data files", "sources.csv, factors/*.csv, processes/*.yaml …"))
    for path in files:
        place = path.relative_to(root).as_posix()
        if path.name == "VERSION":
            folder.version = path.read_text(encoding="utf-8").strip()
        elif path == root / "sources.csv":
            rows = read_csv(path, place, SOURCE_COLUMNS, problems=folder.problems)
            folder.sources += [(f"{place}:{row['#row']}", row) for row in rows]
        elif path.suffix == ".csv":
            rows = read_csv(path, place, FACTOR_COLUMNS, problems=folder.problems)
            folder.factors += [(f"{place}:{row['#row']}", row) for row in rows]
        else:
            _read_document(path, place, KINDS[path.parent.name], folder)
    return folder


def _read_document(path: Path, place: str, kind: str, folder: Folder) -> None:
    try:
        data, lines = read_yaml_with_lines(path, place)
    except InputError as problem:
        folder.problems.append(problem)
        return
    if not isinstance(data, dict):
        folder.problems.append(InputError(place, type(data).__name__, "a mapping with `schema` and `id`"))
        return
    if kind == "site" and isinstance(data.get("sources"), list):
        # A site of the user's own brings the rows of its sources along, so that one file is the whole of it.
        for index, row in enumerate(_rows(data, "sources", place)):
            folder.sources.append((f"{place} sources[{index}]", {**dict.fromkeys(SOURCE_COLUMNS, ""), **_texts(row)}))
        data = {key: value for key, value in data.items() if key != "sources"}
    folder.documents.append(Document(kind, place, data, lines))


def read_study(path: Path, folder: Folder) -> dict[str, Any]:
    """Add a study's own sources, factors, processes, alloys, products and sites to `folder`; return the study."""
    place = path.name
    data, lines = read_yaml_with_lines(path, place)
    if not isinstance(data, dict) or data.get("schema") != "pcf/study/1":
        raise InputError(place, "no study", "a mapping with `schema: pcf/study/1`")
    blank = dict.fromkeys(FACTOR_COLUMNS, "")
    for index, row in enumerate(_rows(data, "sources", place)):
        folder.sources.append((f"{place} sources[{index}]", {**dict.fromkeys(SOURCE_COLUMNS, ""), **_texts(row)}))
    for index, row in enumerate(_rows(data, "factors", place)):
        marks = {"data_class": "secondary", "assurance": "none", "distribution": "none published"}
        folder.factors.append((f"{place} factors[{index}]", {**blank, **marks, **_texts(row)}))
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


def _texts(row: dict[str, Any]) -> dict[str, str]:
    return {key: "" if value is None else str(value) for key, value in row.items()}
