"""Every document of the custody commands against its published schema, and against what the schema must refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.documents import problems
from tests.commands.mills import Call, done, loaded

MILL = "mill-scope"
OPTIONAL = {"head", "available_kg", "overdraft_kg"}
NAME = "out/DEMO-COC-1/DEMO-COC-1-2025-00001"

ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "batch": (("batch", "footprint", "H12346"), ("batch", "footprint", "SH-C-01"), ("batch", "footprint", "L-0203-1")),
    "recycled-content": (("batch", "content", "SH-C-01"), ("batch", "content", "SH-C-01", "--basis", "site-average")),
    "genealogy": (("trace", "SH-C-01"), ("trace", "UBC-0001", "--down"), ("trace", "H12346", "--up")),
    "green-aluminium": (("statement", "green", "H12345"), ("statement", "green", "L-0203-1")),
    "asi-annual-report": (("statement", "asi-report", MILL, "2025"), ("statement", "asi-report", "smelter-scope", "2025")),
    "coc-document": (("coc", "show", NAME), ("coc", "show", NAME.replace("out", "in", 1))),
}


@pytest.mark.parametrize("schema", ASKED)
def test_documents_meet_their_schema(pcf: Call, mill: None, schema: str) -> None:
    if schema == "recycled-content":  # with a credit beside the physical content
        done(pcf(
            "statement", "claim", "--id", "C-1", "--shipment", "SH-C-01", "--date", "2025-03-13", "--attribute", "pre-consumer",
            "--basis", "credit", "--mass-kg", "5",
        ))  # fmt: skip
    for command in ASKED[schema]:
        found = loaded(pcf(*command, "--json"))
        assert problems(schema, found) == []
        for name in set(found) - OPTIONAL:
            assert any(name in words for words in problems(schema, {key: value for key, value in found.items() if key != name}))
        assert any("surplus" in words for words in problems(schema, {**found, "surplus": 1}))


def test_an_issued_and_a_void_document_meet_their_schema(pcf: Call, mill: None) -> None:
    issue = (
        "coc",
        "issue",
        "SH-C-01",
        "--date",
        "2025-03-12",
        "--coc-kg",
        "240000",
        "--responsible",
        "Wang",
        "--footprint",
        "--json",
    )
    issued: dict[str, Any] = loaded(pcf(*issue))
    assert problems("coc-document", issued) == []
    done(pcf("coc", "void", issued["reference"], "--date", "2025-03-20", "--reason", "wrong mass"))
    assert problems("coc-document", loaded(pcf("coc", "show", issued["reference"], "--json"))) == []


def test_a_heats_footprint_is_a_footprint_document(pcf: Call, mill: None) -> None:
    for item in loaded(pcf("batch", "footprint", "SH-C-01", "--json"))["heats"]:
        assert problems("footprint", item["footprint"]) == []
