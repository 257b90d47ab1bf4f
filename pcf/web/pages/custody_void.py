"""Taking a record back: asked for with a day and a reason, and never without them."""

from __future__ import annotations

import asyncio

from nicegui import ui

from pcf.custody import record
from pcf.errors import CheckFailed, DataError, InputError, PcfError
from pcf.refusals import parts
from pcf.views.signing import sign_head
from pcf.web.dialogs import open_dialog
from pcf.web.journal import note
from pcf.web.pages.custody_fields import Fields, field_of, show_problems
from pcf.web.shell import View, go


def void_button(view: View, kind: str, target: str, day: str, after: str) -> None:
    """A button that takes a record back, for those who may.

    Parameters
    ----------
    kind, target : str
        As `pcf void` has them.
    day : str
        Today where the record is.
    after : str
        Where the page goes when it is done.
    """
    if view.may("record"):
        ui.button(view.say("custody-void"), icon="block", on_click=lambda: _ask(view, kind, target, day, after)).props(
            "outline no-caps color=none"
        ).classes("danger")


def _ask(view: View, kind: str, target: str, day: str, after: str) -> None:
    with open_dialog(view.say("custody-void-title", name=target)) as dialog:
        dialog.on("hide", dialog.delete)
        ui.label(view.say("custody-void-intro")).classes("lever-note")
        fields: Fields = {
            "date": ui.input(view.text("field.date"), value=day).props('dense outlined type=date stack-label').classes("full"),
            "reason": ui.input(view.text("field.reason")).props('dense outlined maxlength="500"').classes("full"),
        }  # fmt: skip
        rest = ui.element("div").classes("full")

        async def do() -> None:
            button.disable()
            try:
                actor = view.act("record")
                values = {"kind": kind, "target": target, **{name: str(field.value or "") for name, field in fields.items()}}
                await asyncio.to_thread(_void, view, actor, values)
            except PcfError as problem:
                problems = problem.problems if isinstance(problem, DataError) else [problem]
                show_problems(view, "void", [_refusal(view, item, fields) for item in problems], fields, rest)
                button.enable()
                return
            note("record taken back", name=actor, kind=kind, target=target)
            go(after)

        with ui.element("div").classes("actions end"):
            ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
            button = ui.button(view.say("custody-void-do"), on_click=do).props(
                "unelevated no-caps color=negative text-color=white"
            )


def _refusal(view: View, problem: PcfError, fields: Fields) -> PcfError:
    """A problem of a field as it is; any other is why the record stays, in a line."""
    if not isinstance(problem, InputError) or field_of(problem, "void") in fields:
        return problem
    _, found, expected, advice = parts(problem, view.lang)
    why = view.say("custody-not-taken-back", found=found, expected=expected)
    return CheckFailed(view.say("custody-not-taken-back-advice", why=why, advice=advice) if advice else why)


def _void(view: View, actor: str, values: dict[str, str]) -> None:
    record(view.desk.book(actor), "void", values, "void")
    if values["kind"] == "document":
        sign_head(view.desk.database)
