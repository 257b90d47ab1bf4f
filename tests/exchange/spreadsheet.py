"""A spreadsheet program in small: evaluates the formulas of a workbook from its cells, nothing of the cached values used.

It knows what the evidence pack's workbook needs: arithmetic, comparisons, IF, AND, OR, MIN, MAX, SUM, ABS, ROUND, FLOOR,
SUMIFS, COUNTIF.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)
    | "(?P<text>(?:[^"]|"")*)"
    | (?P<ref>(?:(?:'(?:[^']|'')+'|[A-Za-z][\w-]*)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![\w(])
    | (?P<name>[A-Z]+)(?=\()
    | (?P<sign><>|<=|>=|[-+*/=<>(),])
    )""",
    re.VERBOSE,
)


class Spreadsheet:
    """Values of a workbook's cells, formulas evaluated anew."""

    def __init__(self, path: Path) -> None:
        book = load_workbook(path)
        self.cells: dict[tuple[str, int, int], Any] = {
            (sheet.title, cell.row, cell.column): cell.value
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        self._known: dict[tuple[str, int, int], Any] = {}

    def change(self, sheet: str, address: str, value: Any) -> None:
        column, row, _, _ = range_boundaries(address)
        self.cells[(sheet, row, column)] = value
        self._known.clear()

    def __call__(self, sheet: str, address: str) -> Any:
        column, row, _, _ = range_boundaries(address)
        return self.at(sheet, row, column)

    def at(self, sheet: str, row: int, column: int) -> Any:
        key = (sheet, row, column)
        if key not in self._known:
            value = self.cells.get(key)
            if isinstance(value, str) and value.startswith("="):
                value = Formula(self, sheet, value[1:]).value()
            self._known[key] = value
        return self._known[key]

    def range(self, sheet: str, address: str) -> list[Any]:
        first, top, last, bottom = range_boundaries(address.replace("$", ""))
        return [self.at(sheet, row, column) for row in range(top, bottom + 1) for column in range(first, last + 1)]


class Formula:
    """One formula, read from left to right."""

    def __init__(self, book: Spreadsheet, sheet: str, source: str) -> None:
        self.book, self.sheet, self.place = book, sheet, 0
        self.tokens: list[tuple[str, str]] = []
        end = 0
        while end < len(source):
            match = TOKEN.match(source, end)
            assert match is not None, f"cannot read {source[end:]!r} of {source!r}"
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind]))
            end = match.end()

    def value(self) -> Any:
        found = self._comparison()
        assert self.place == len(self.tokens)
        return found

    def _peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) and self.tokens[self.place][0] == "sign" else ""

    def _take(self, sign: str) -> None:
        assert self._peek() == sign, (sign, self.tokens[self.place :])
        self.place += 1

    def _comparison(self) -> Any:
        left = self._sum()
        while (sign := self._peek()) in ("=", "<>", "<", ">", "<=", ">="):
            self.place += 1
            left = compare(left, sign, self._sum())
        return left

    def _sum(self) -> Any:
        left = self._product()
        while (sign := self._peek()) in ("+", "-") and sign:
            self.place += 1
            right = self._product()
            left = (left or 0) + (right or 0) if sign == "+" else (left or 0) - (right or 0)
        return left

    def _product(self) -> Any:
        left = self._one()
        while (sign := self._peek()) in ("*", "/") and sign:
            self.place += 1
            right = self._one()
            left = (
                (left or 0) * (right or 0) if sign == "*" else (left or 0) / right if right else math.nan
            )  # as #DIV/0!: harmless where IF turns away from it
        return left

    def _one(self) -> Any:
        kind, word = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return float(word)
        if kind == "text":
            return word.replace('""', '"')
        if kind == "ref":
            sheet, address = self._ref(word)
            return self.book.range(sheet, address) if ":" in address else self.book(sheet, address.replace("$", ""))
        if kind == "name":
            return self._call(word)
        if word == "-":
            return -self._one()
        assert word == "(", word
        found = self._comparison()
        self._take(")")
        return found

    def _ref(self, word: str) -> tuple[str, str]:
        sheet, _, address = word.rpartition("!")
        return (sheet.strip("'").replace("''", "'") or self.sheet), address

    def _call(self, name: str) -> Any:
        self._take("(")
        arguments = []
        while self._peek() != ")":
            arguments.append(self._comparison())
            if self._peek() == ",":
                self._take(",")
        self._take(")")
        return FUNCTIONS[name](*arguments)


def compare(left: Any, sign: str, right: Any) -> bool:
    """As Excel does: an empty cell equals nothing and zero, and a text is never a number."""
    left, right = _empty(left, right), _empty(right, left)
    if isinstance(left, str) != isinstance(right, str):
        return sign == "<>"
    return bool(COMPARISONS[sign](left, right))


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _empty(value: Any, other: Any) -> Any:
    return value if value is not None else "" if isinstance(other, str) else 0


def _numbers(arguments: tuple[Any, ...]) -> list[float]:
    flat = [item for argument in arguments for item in (argument if isinstance(argument, list) else [argument])]
    return [item for item in flat if isinstance(item, int | float)]


def _sumifs(values: list[Any], *pairs: Any) -> float:
    total = 0.0
    for number, value in enumerate(values):
        if all(pairs[at][number] == pairs[at + 1] for at in range(0, len(pairs), 2)) and isinstance(value, int | float):
            total += value
    return total


def _round(value: float, places: float) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda condition, one, other: one if condition else other,
    "AND": lambda *all_of: all(all_of),
    "OR": lambda *any_of: any(any_of),
    "MIN": lambda *values: min(_numbers(values)),
    "MAX": lambda *values: max(_numbers(values)),
    "SUM": lambda *values: sum(_numbers(values)),
    "ABS": lambda value: abs(value or 0),
    "ROUND": _round,
    "FLOOR": lambda value, step: value if math.isnan(value) else math.floor(value / step) * step,
    "SUMIFS": _sumifs,
    "COUNTIF": lambda values, wanted: sum(1 for value in values if value == wanted),
}
