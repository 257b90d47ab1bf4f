"""What the tabs of the page Audit share: where they are, links among them, the address of the database for workers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from nicegui import ui

from pcf.errors import DataError, PcfError
from pcf.web.shell import View

LONG = 1_800.0
"""Seconds that a pack or a check of the whole log may take."""


@dataclass(frozen=True)
class Place:
    """A scope and a period."""

    scope: str
    period: str


def at(tab: str, place: Place | None = None, **more: str) -> str:
    """Address of a tab."""
    fields = {"tab": tab} | ({"scope": place.scope, "period": place.period} if place else {}) | more
    return "/app/audit?" + urlencode({name: value for name, value in fields.items() if value})


def trail(unit: str) -> str:
    """Address of the walk from a unit; nothing for none."""
    return at("trail", unit=unit) if unit else ""


def database_url(view: View) -> str:
    """What a worker opens the database by."""
    return view.desk.database.engine.url.render_as_string(hide_password=False)


def say_problem(view: View, place: ui.element, problem: PcfError) -> None:
    """A refusal where it happened, each problem in a line."""
    place.clear()
    with place, ui.element("div").classes("banner bad").props('role="alert"'), ui.element("div"):
        for item in problem.problems if isinstance(problem, DataError) else [problem]:
            ui.label(view.refusal(item))


def whole_number(view: View, label: str, written: object, low: int, high: int) -> int:
    """A number that somebody has typed.

    Raises
    ------
    InputError
        For anything else.
    """
    from pcf.errors import InputError

    found = str(written or "").strip().replace(",", "")
    if not found.isascii() or not found.isdigit() or len(found) > 20 or not low <= int(found) <= high:
        raise InputError(view.say(label), repr(found[:20]), f"{low:,} … {high:,}")
    return int(found)
