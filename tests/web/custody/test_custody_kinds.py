"""What commands enter and take back, a page does: no browser, the declarations alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import click
import pytest

pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")

from pcf.commands.main import cli
from pcf.custody.intake import KINDS
from pcf.custody.records import Void
from pcf.custody.registers import AMENDED, REGISTERS
from pcf.custody.sheet import VOID_KIND
from pcf.text import texts
from pcf.web.pages.custody_enter import ELSEWHERE, GROUPS
from pcf.web.pages.custody_offers import AMENDMENTS
from pcf.web.pages.custody_parts import PARTS
from pcf.web.pages.custody_registers import COLUMNS
from pcf.web.pages.custody_registers import GROUPS as LISTED

PAPERS = {"document", "statement"}
"""Kinds that have pages of their own, with their button to take them back."""


def entered(command: click.Command) -> Iterator[str]:
    """Kinds of records that a command and those beneath it enter."""
    if kind := getattr(command, "kind", ""):
        yield kind
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from entered(below)


def test_every_kind_that_a_command_enters_has_its_form_or_its_page() -> None:
    formed = [name for names in GROUPS.values() for name in names]
    assert len(formed) == len(set(formed))
    assert {*formed, *ELSEWHERE} == set(KINDS)
    by_command = set(entered(cli))
    assert {"filing", "party-amendment", "void", "meter"} <= by_command, "the commands were found"
    assert by_command <= {*formed, *ELSEWHERE}
    assert set(ELSEWHERE.values()) <= set(PARTS.values())


def test_every_kind_that_is_taken_back_has_a_page_with_its_button() -> None:
    kinds = set(get_args(Void.model_fields["kind"].annotation))
    assert kinds == {*VOID_KIND.values(), *PAPERS, *(set(REGISTERS) - {*AMENDED, "period"})}


def test_registers_are_complete() -> None:
    assert {name for names in LISTED.values() for name in names} == set(REGISTERS) == set(COLUMNS)
    assert tuple(AMENDMENTS.values()) == AMENDED


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_form_has_words_for_its_fields(lang: str) -> None:
    found = texts(lang)
    for names in GROUPS.values():
        for kind in names:
            assert f"web.custody-kind-{kind}" in found and f"kind.{kind}" in found
            for field in KINDS[kind].model.model_fields:
                assert f"field.{field}" in found or f"field.{kind}-{field}" in found, f"{kind}: {field}"
