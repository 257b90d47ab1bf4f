"""Dialogs: one card with a title, which is also what a screen reader says when it opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from pcf.web.shell import headline


@contextmanager
def open_dialog(title: str, classes: str = "") -> Iterator[ui.dialog]:
    """An open dialog with its title; what is built inside stands beneath it.

    Parameters
    ----------
    title : str
        In plain text.
    classes : str
        More classes of its card.
    """
    with ui.dialog(value=True) as made, ui.card().classes(f"dialog {classes}".strip()):
        made._props["aria-label"] = title
        headline("h2", title, "dialog-title")
        yield made
