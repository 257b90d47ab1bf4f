"""What the parts of the admin page share: to ask before something is done, to show a secret once, to say what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from pcf.errors import DataError, PcfError
from pcf.store import clock
from pcf.web.dialogs import open_dialog
from pcf.web.shell import View, main_button

Do = Callable[[str], Any]
"""What is done under somebody's name, in a thread."""

MOST_SAID = 30


async def act(view: View, do: Do, place: ui.element | None = None) -> tuple[bool, Any]:
    """Do something under the name of whoever looks; whether it was done, and what it gave. A problem is said at `place`."""
    try:
        actor = view.act("people")
        return True, await asyncio.to_thread(do, actor)
    except PcfError as problem:
        if place is None:
            view.explain(problem)
        else:
            say_at(place, problem)
        return False, None


def say_at(place: ui.element, problem: PcfError) -> None:
    """A problem where it belongs, each line of it."""
    place.clear()
    found = problem.problems if isinstance(problem, DataError) else [problem]
    with place, ui.element("div").classes("banner bad").props('role="alert"'), ui.element("div"):
        for item in found[:MOST_SAID]:
            ui.label(str(item))
        if len(found) > MOST_SAID:
            ui.label("…")


def ask(
    view: View, title: str, why: str, do: Do, then: Callable[[Any], Awaitable[None]], *, word: str, bad: bool = True,
    build: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """A dialog that says what will happen, and does it or not.

    Parameters
    ----------
    then : callable
        Told what was given, once it is done.
    word : str
        Of the button that does it.
    bad : bool
        Whether something is lost by it.
    build : callable, optional
        Adds fields to the dialog.
    """
    with open_dialog(title) as dialog:
        ui.label(why).classes("dialog-why")
        if build is not None:
            build()
        place = ui.element("div").classes("full").props('aria-live="polite"')

        async def go_on() -> None:
            button.disable()
            done, given = await act(view, do, place)
            button.enable()
            if done:
                dialog.close()
                await then(given)

        with ui.element("div").classes("actions end"):
            ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps autofocus")
            if bad:
                button = ui.button(word, on_click=go_on, color="negative").props("unelevated no-caps").classes("button-bad")
            else:
                button = main_button(view, word, "check", go_on)


def show_once(view: View, title: str, why: str, secret: str, then: Callable[[], Awaitable[None]]) -> None:
    """A secret that is shown now and never again."""
    with open_dialog(title) as dialog:
        dialog.props("persistent")
        ui.label(why).classes("dialog-why")
        with ui.element("div").classes("secret"):
            shown = ui.element("code").props('id="secret" tabindex="0"')
            shown._text = secret
            ui.button(icon="content_copy", on_click=lambda: ui.clipboard.write(secret)).props(
                f'flat round dense aria-label="{view.say("admin-copy")}"'
            )

        async def close() -> None:
            await then()
            dialog.close()  # last: what lies beneath is then what is clicked

        with ui.element("div").classes("actions end"):
            main_button(view, view.say("admin-noted"), "check", close)


def rows(heads: Sequence[str], caption: str) -> Any:
    """A table whose cells hold elements; gives its body."""
    with ui.element("div").classes("scroll"), ui.element("table").classes("pcf-table"):
        words("caption", caption).classes("hidden-words")
        with ui.element("thead"), ui.element("tr"):
            for head in heads:
                words("th", head).props('scope="col"')
        return ui.element("tbody")


def words(tag: str, content: str) -> ui.element:
    """An element with a text that is shown and never interpreted."""
    made = ui.element(tag)
    made._text = content
    return made


def chip(content: str, look: str = "") -> None:
    """A word in a frame."""
    ui.label(content).classes(f"chip {look}")


def local(moment: int) -> str:
    """A time [us] as the server's clock shows it, to the second."""
    return clock.as_datetime(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
