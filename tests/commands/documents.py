"""JSON documents of the commands, checked against their schemas."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from pcf.resources import datasets_path


def problems(name: str, document: Any) -> list[str]:
    """What a schema has against a document."""
    schema = json.loads((datasets_path() / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def checked(name: str, text: str) -> dict[str, Any]:
    """A document that fulfils its schema."""
    found: dict[str, Any] = json.loads(text)
    assert problems(name, found) == []
    return found
