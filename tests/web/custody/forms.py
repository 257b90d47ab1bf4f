"""Filling in the forms of the custody book."""

from __future__ import annotations

from typing import Any

PROBLEM = ".q-field--error [role=alert]"
"""What a field says of its problem."""


def field(page: Any, name: str) -> Any:
    """The input of a field: NiceGUI puts what is set on an element onto the input itself."""
    return page.locator(f"[data-field='{name}']").first


def choose(page: Any, name: str, words: str) -> None:
    """Choose what a field offers; a menu that is closing still has its items, and would be taken for the next one."""
    field(page, name).click()
    page.locator(".q-menu .q-item").filter(has_text=words).first.wait_for()
    page.locator(".q-menu .q-item").filter(has_text=words).first.click()
    page.wait_for_selector(".q-menu", state="detached")
