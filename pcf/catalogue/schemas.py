"""JSON Schema checks of the YAML documents, with messages a person can act on."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pcf.errors import InputError
from pcf.resources import datasets_path

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

    from pcf.catalogue.documents import Document


@lru_cache
def load_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a file kind (`process`, `product`, … or `footprint`)."""
    path = datasets_path() / "schema" / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


@lru_cache
def validator(kind: str) -> Validator:
    """A validator of a file kind."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema(kind))


def schema_problems(document: Document) -> list[InputError]:
    """Everything in a document that its schema does not allow."""
    wanted = f"pcf/{document.kind}/1"
    if document.data.get("schema") != wanted:
        return [InputError(document.where("schema"), repr(document.data.get("schema")), wanted)]
    problems = []
    for error in sorted(validator(document.kind).iter_errors(document.data), key=lambda item: list(map(str, item.path))):
        deepest = error
        while deepest.context:
            deepest = min(deepest.context, key=lambda item: -len(item.path))
        if deepest.validator in {"const", "enum"}:
            allowed: Any = deepest.validator_value
            wanted = " | ".join(map(str, allowed)) if deepest.validator == "enum" else str(allowed)
            problems.append(InputError(document.where(*deepest.absolute_path), repr(deepest.instance), wanted))
            continue
        found = deepest.message if len(deepest.message) < 200 else deepest.message[:200] + " …"
        expected = (
            deepest.schema.get("description") if isinstance(deepest.schema, dict) else None
        ) or f"{deepest.validator}: {str(deepest.validator_value)[:120]}"
        problems.append(InputError(document.where(*deepest.absolute_path), found, expected))
    return problems
