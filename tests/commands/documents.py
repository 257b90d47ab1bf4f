"""JSON documents of the commands, checked against their schemas."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from pcf.resources import datasets_path


def checked(name: str, text: str) -> dict[str, Any]:
    """A document that fulfils its schema."""
    schema = json.loads((datasets_path() / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    found: dict[str, Any] = json.loads(text)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    return found
