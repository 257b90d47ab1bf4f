"""What an exported study says beside its numbers: formulas, values with their sources and marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pcf.engine.study import Activity, Line, Study
from pcf.text import visible

_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)


def line_words(line: Line) -> str:
    """The formula of an amount, where it is booked, and its weakest marks."""
    marks = ", ".join(filter(None, (line.source_check, line.data_class)))
    return visible(" · ".join(filter(None, (line.text, line.category, marks))))


def value_words(name: str, found: Mapping[str, Any]) -> str:
    """A value in one line: `anode_net = 0.42 kg/t · site · tiangong-yang19, table 2 · 2019 · CN · transcribed, secondary`."""
    value = found["value"]
    shown = ", ".join(f"{key} {part:.10g}" for key, part in value.items()) if isinstance(value, Mapping) else f"{value:.10g}"
    unit = str(found.get("unit", ""))
    edition = f"GWP100: {found['gwp_edition']}" if found.get("gwp_edition") else ""
    source = ", ".join(str(found[key]) for key in ("source", "locator") if found.get(key))
    marks = ", ".join(str(found[key]) for key in ("source_check", "data_class") if found.get(key))
    rest = (found.get("origin"), edition, source, found.get("year"), found.get("geography"), marks, found.get("note"))
    amount = shown if unit in ("", "1") else f"{shown} {unit}"
    return visible(" · ".join([f"{name} = {amount}", *(str(part) for part in rest if part)]), keep="")


def basis_lines(item: Activity) -> str:
    """What the amounts of an activity rest on, a line each."""
    return "\n".join(value_words(name, found) for name, found in item.basis.items())


def gas_lines(study: Study) -> str:
    """Where the characterisation factors come from, a line each."""
    return "\n".join(value_words(gas, found) for gas, found in sorted(study.gas_basis.items()))


def period(basis: Mapping[str, Mapping[str, Any]]) -> str:
    """The years of what an activity rests on: `2019`, `2011–2024`, or nothing."""
    years = sorted({year for found in basis.values() for year in _YEAR.findall(str(found.get("year", "")))})
    return "" if not years else years[0] if len(years) == 1 else f"{years[0]}–{years[-1]}"


def source_words(record: Mapping[str, str]) -> str:
    """Title, publisher and year of a source."""
    return visible(", ".join(filter(None, (record.get("title"), record.get("publisher"), record.get("year")))), keep="")
