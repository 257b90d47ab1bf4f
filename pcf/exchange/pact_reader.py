"""Members of a stranger's object, each of the type that it has to have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pcf.errors import InputError
from pcf.exchange.pact_decimals import read_decimal

LONGEST = 500
"""Characters of a text that a lot takes."""

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.{0,30})?", re.ASCII)


@dataclass(frozen=True)
class Warned:
    """Something doubtful: `pact-warning.<kind>` with its values."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Reader:
    """An object with its place; what is odd about its members is collected in `warnings`."""

    content: Mapping[str, Any]
    place: str
    warnings: list[Warned] = field(default_factory=list)

    def warn(self, kind: str, **values: str) -> None:
        """Note something doubtful."""
        self.warnings.append(Warned(kind, values))

    def text(self, name: str, *, required: bool = True, longest: int = LONGEST) -> str:
        """A text, empty where it may be missing.

        Raises
        ------
        InputError
            For a missing or overlong text, or another type.
        """
        value = self.content.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            raise self._wrong(name, value, "a text")
        if len(value) > longest:
            raise InputError(f"{self.place}, {name}", f"{len(value):,} characters", f"at most {longest}")
        return " ".join(value.split())

    def texts(self, name: str, *, required: bool = True) -> list[str]:
        """A list of texts."""
        value = self.content.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) and len(item) <= LONGEST for item in value):
            raise self._wrong(name, value, f"a list of texts of at most {LONGEST} characters")
        return [" ".join(item.split()) for item in value]

    def part(self, name: str, *, required: bool = True) -> Any:
        """An object, as a reader of its own; None where it may be missing."""
        value = self.content.get(name)
        if value is None and not required:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return Reader(value, f"{self.place}, {name}")

    def parts(self, name: str) -> list[Reader]:
        """A list of objects, empty where it is missing."""
        value = self.content.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(name, value, "a list of objects")
        return [Reader(item, f"{self.place}, {name}[{index}]") for index, item in enumerate(value)]

    def need(self, name: str) -> Decimal:
        """A decimal that must be there."""
        found = self.decimal(name, required=True)
        assert found is not None
        return found

    def decimal(self, name: str, *, required: bool) -> Decimal | None:
        """A decimal; how it is written is told where it is odd."""
        value = self.content.get(name)
        if value is None and not required:
            return None
        if name not in self.content:
            raise self._wrong(name, None, "a decimal")
        found, odd = read_decimal(value, f"{self.place}, {name}")
        if odd:
            self.warn(odd, field=name)
        return found

    def day(self, name: str, *, required: bool = True) -> Any:
        """The day of a moment; None where it may be missing."""
        value = self.content.get(name)
        if value is None and not required:
            return None
        found = _MOMENT.fullmatch(value) if isinstance(value, str) and len(value) <= 60 else None
        try:
            if found:
                return date.fromisoformat(found[1])
        except ValueError:
            pass
        raise self._wrong(name, value, "a moment such as 2025-01-01T00:00:00Z")

    def _wrong(self, name: str, value: object, expected: str) -> InputError:
        kinds: dict[type, str] = {list: "a list", dict: "an object", bool: "true or false"}
        found = "nothing" if value is None else kinds.get(type(value), repr(value)[:60])
        return InputError(f"{self.place}, {name}", found, expected)
