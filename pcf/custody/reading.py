"""Reading what people and files enter: the base of every record, and each wrong field in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pcf.errors import DataError, InputError

Model = TypeVar("Model", bound="Record")

EXPECTED = {
    "tuple_type": "one or more, with commas between them",
    "model_type": "UNIT=KG",
    "model_attributes_type": "UNIT=KG",
    "string_type": "a text",
}
"""Kind of the library's error → what is expected."""


class Record(BaseModel):
    """A record as it is entered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def content(self) -> dict[str, Any]:
        """The record as plain values, for its digest."""
        return self.model_dump(mode="json")

    def details(self, *columns: str) -> dict[str, Any]:
        """What no column of its table holds, without what was left empty."""
        return {key: value for key, value in self.content().items() if key not in columns and value not in (None, "", {}, [])}


def read_record(model: type[Model], values: Mapping[str, Any], place: str) -> Model:
    """A record from values as a file or a command line has them; what is empty counts as left out.

    Raises
    ------
    DataError
        With every field that is wrong.
    """
    found, problems = check_record(model, values, place)
    if found is None:
        raise DataError(problems)
    return found


def check_record(model: type[Model], values: Mapping[str, Any], place: str) -> tuple[Model | None, list[InputError]]:
    """As `read_record`, with the problems instead of an exception."""
    given = {key: value for key, value in values.items() if value is not None and value != ""}
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        return None, [_problem(model, item, place) for item in error.errors(include_url=False)]


def _problem(model: type[Record], item: Any, place: str) -> InputError:
    where = ", ".join(f"line {part + 1}" if isinstance(part, int) else str(part)[:60] for part in item["loc"])
    kind, found = item["type"], item.get("input")
    shown = _shown(found)
    full = f"{place}, {where}" if where else place
    if kind == "missing":
        return InputError(full, "nothing", "a value")
    if kind == "extra_forbidden":
        return InputError(full, "an unknown field", f"one of: {', '.join(model.model_fields)}")
    if kind == "literal_error":
        return InputError(full, shown, item["ctx"]["expected"].replace("'", ""))
    context = item.get("ctx") or {}
    if kind in ("too_short", "too_long"):
        bound = f"at least {context['min_length']:,}" if kind == "too_short" else f"at most {context['max_length']:,}"
        return InputError(full, f"{context['actual_length']:,} entries" if context["actual_length"] else "nothing", bound)
    if not where:
        shown = "contradicting fields"
    return InputError(full, shown, str(item["msg"])[:200] if kind == "pcf" else _expected(kind, context))


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    """What stands in a field, in own words: those of the library are no language of a plant."""
    if kind == "greater_than_equal":
        return f"a whole number, {context['ge']:,} or more"
    if kind == "less_than_equal":
        return f"a whole number, at most {context['le']:,}"
    return "a whole number" if kind.startswith("int_") else EXPECTED.get(kind, "a value such as this field has")


def _shown(found: object) -> str:
    try:
        return repr(str(found)[:100])
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"
