"""Reads YAML and CSV strictly: what could be misread is refused with its line, never guessed."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.catalogue.names import nearest
from pcf.errors import InputError

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

MOST_BYTES = 2_000_000
MOST_EVENTS = 200_000
MOST_FILES = 5_000
DEEPEST = 30
LONGEST_CELL = 4000

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+\Z", re.ASCII)


def read_plain(path: Path, place: str) -> bytes:
    """Bytes of a regular file of a bearable size.

    Raises
    ------
    InputError
        For anything else: a folder, a pipe, a device, a link that leads nowhere or round in a circle.
    """
    try:
        if not path.is_file():
            raise InputError(place, "no regular file", "a file")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(place, f"{size:,} bytes", f"a file of at most {MOST_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as problem:
        raise InputError(place, problem.strerror or "an unreadable file", "a readable file") from problem


def read_text(path: Path, place: str) -> str:
    """Text of a plain file in UTF-8 without byte order mark."""
    data = read_plain(path, place)
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{place}:1", "a byte order mark", "UTF-8 without one", "save the file as plain UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise InputError(f"{place}:{line}", f"byte 0x{data[problem.start]:02x}", "UTF-8") from None
    if "\0" in text:
        raise InputError(f"{place}:{text[: text.index(chr(0))].count(chr(10)) + 1}", "a NUL character", "text")
    return text


def parse_number(text: str, place: str) -> float:
    """A finite decimal number in plain digits.

    Raises
    ------
    InputError
        For an empty text, full-width digits, thousands separators, NaN and the like.
    """
    value = text.strip()
    if not _DECIMAL.match(value):
        found = "nothing" if not value else repr(value[:40])
        raise InputError(place, found, "a number in plain digits with a decimal point")
    number = float(value)
    if not math.isfinite(number):
        raise InputError(place, repr(value[:40]), "a finite number")
    return number


def read_yaml(path: Path, place: str) -> Any:
    """Content of a YAML file."""
    return read_yaml_with_lines(path, place)[0]


def read_yaml_with_lines(path: Path, place: str) -> tuple[Any, dict[tuple[Any, ...], int]]:
    """Content of a YAML file, and the line of each key path.

    Raises
    ------
    InputError
        For anchors, aliases, tags, duplicate keys, several documents, anything but texts, numbers, booleans and null.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    text = read_text(path, place)
    reader = YAML(typ="safe", pure=True)
    try:
        depth, documents = 0, 0
        for count, event in enumerate(reader.parse(text)):
            if count > MOST_EVENTS:
                raise InputError(place, f"more than {MOST_EVENTS:,} parts", "a smaller document")
            line = event.start_mark.line + 1 if event.start_mark else 1
            name = type(event).__name__
            if getattr(event, "version", None) is not None or getattr(event, "tags", None):
                raise InputError(f"{place}:{line}", "a %YAML or %TAG directive", "none: documents are YAML 1.2")
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                raise InputError(f"{place}:{line}", "an anchor or alias", "each value written out")
            if getattr(event, "tag", None) not in (None, "!"):
                raise InputError(f"{place}:{line}", f"tag {str(event.tag)[:40]}", "no tags")
            depth += name.endswith("StartEvent") and name[:3] in {"Map", "Seq"}
            depth -= name in {"MappingEndEvent", "SequenceEndEvent"}
            documents += name == "DocumentStartEvent"
            if depth > DEEPEST:
                raise InputError(f"{place}:{line}", f"more than {DEEPEST} levels", "a flatter document")
            if documents > 1:
                raise InputError(f"{place}:{line}", "a second document", "one document a file")
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        found = str(getattr(problem, "problem", "") or "text that is not YAML")
        raise InputError(f"{place}:{line}", found[:120], "YAML") from None
    except (ValueError, RecursionError) as problem:
        raise InputError(place, str(problem)[:120], "YAML") from None
    if node is None:
        raise InputError(place, "an empty file", "a YAML document")
    lines: dict[tuple[Any, ...], int] = {}
    return _value(node, (), place, lines), lines


def _value(node: Node, path: tuple[Any, ...], place: str, lines: dict[tuple[Any, ...], int]) -> Any:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, number), place, lines) for number, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str) or not key.strip() or not key.isprintable():
                raise InputError(f"{place}:{key_line}", "a key that is not a plain text", "a text without control characters")
            if key in found:
                raise InputError(f"{place}:{key_line}", f"key {key!r} a second time", "each key once")
            lines[(*path, key)] = key_line
            found[key] = _value(value_node, (*path, key), place, lines)
        return found
    return _scalar(node, place, line)


def _scalar(node: Node, place: str, line: int) -> Any:
    tag = str(node.tag).rpartition(":")[2]
    text = str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int":
        if not _INTEGER.match(text):
            raise InputError(f"{place}:{line}", repr(text[:40]), "a whole number in plain decimal digits, or a quoted text")
        return int(text) if len(text) < 20 else parse_number(text, f"{place}:{line}")
    if tag == "float":
        return parse_number(text, f"{place}:{line}")
    if any(not (char.isprintable() or char == "\n") for char in text):
        raise InputError(f"{place}:{line}", "control or direction characters in a text", "printable characters")
    return text


_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_csv(
    path: Path, place: str, required: Sequence[str], optional: Sequence[str] = (), problems: list[InputError] | None = None
) -> list[dict[str, str]]:
    """Rows of a CSV file, each with its line number under `#row`.

    With `problems` given, problems are appended and the rows concerned left out; else the first one is raised.
    """
    found: list[InputError] = []
    rows: list[dict[str, str]] = []
    try:
        rows = _csv_rows(read_text(path, place), place, required, optional, found)
    except InputError as problem:
        found.insert(0, problem)
    if problems is None and found:
        raise found[0]
    if problems is not None:
        problems += found
    return rows


def _csv_rows(
    text: str, place: str, required: Sequence[str], optional: Sequence[str], problems: list[InputError]
) -> list[dict[str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        header = next(reader, [])
        if len(header) == 1:
            for sign, name in _DELIMITERS.items():
                if sign in header[0]:
                    raise InputError(f"{place}:1", f"{name} between the columns", "commas")
        _check_header(header, place, required, optional)
        for cells in reader:
            line = f"{place}:{reader.line_num}"
            if not cells:
                continue
            if len(cells) != len(header):
                problems.append(
                    InputError(line, f"{len(cells)} cells", f"{len(header)}, as in the header", "quote cells with commas")
                )
            elif not all(cell.isprintable() for cell in cells):
                problems.append(InputError(line, "control or direction characters in a cell", "printable characters"))
            elif any(len(cell) > LONGEST_CELL for cell in cells):
                problems.append(InputError(line, "a very long cell", f"cells of at most {LONGEST_CELL} characters"))
            else:
                rows.append({**dict(zip(header, cells, strict=True)), "#row": str(reader.line_num)})
    except csv.Error as problem:
        raise InputError(f"{place}:{reader.line_num}", str(problem), "CSV with commas and double quotes") from None
    return rows


def _check_header(header: Sequence[str], place: str, required: Sequence[str], optional: Sequence[str]) -> None:
    known = [*required, *optional]
    for name in header:
        if name not in known:
            raise InputError(f"{place}:1", f"column {name[:40]!r}", ", ".join(known), nearest(name, known))
    if len(set(header)) != len(header):
        raise InputError(f"{place}:1", "a column twice", "each column once")
    missing = [name for name in required if name not in header]
    if missing:
        raise InputError(f"{place}:1", f"no column {missing[0]!r}", ", ".join(known))
