"""Forms from the fields of the records: the same definitions as the commands have, with each problem at its field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from nicegui import ui

from pcf.custody.intake import KINDS
from pcf.custody.reading import Record
from pcf.custody.registers import read_entry
from pcf.errors import InputError, PcfError
from pcf.refusals import parts
from pcf.text import texts
from pcf.web.pages.custody_parts import MOST_UPLOAD, NAMED, read
from pcf.web.pages.custody_parts import value as value_of
from pcf.web.shell import View
from pcf.web.uploads import upload

DAYS = ("date", "start", "end", "valid_from", "valid_until", "cancelled_on", "checked_on")
LINES = ("charge", "inputs", "items", "bundles")
LONG = (*LINES, "note", "chemistry", "serials", "evidence", "event", "conformance")
NUMBERS = ("mass_kg", "coc_kg", "total_kg", "product_kg", "returns_kg", "dross_kg", "mwh")
FLAGS = ("own", "attributes_sold")
FOLDED = "footprint"
"""Beginning of the names of fields that only few records have: they are folded away."""

FULL_WIDTH = (*LINES, "note", "conformance", "serials")

LONGEST = 20_000
"""Characters that a form takes of a field; what is too long for the field itself is said by its own rule."""

Fields = dict[str, Any]


def is_required(kind: str, name: str) -> bool:
    """Whether a record of a kind needs a field."""
    return KINDS[kind].model.model_fields[name].is_required()


def label_of(view: View, kind: str, name: str) -> str:
    """Label of a field, with a mark where it is needed."""
    own = texts(view.lang).get(f"field.{kind}-{name}")
    words = own or (view.say("custody-note") if name == "note" else view.word("field", name))
    return f"{words} *" if is_required(kind, name) else words


def build_fields(view: View, kind: str, values: Mapping[str, str], offers: Mapping[str, Mapping[str, str]]) -> Fields:
    """An input for each field of a kind of record, in a grid.

    Parameters
    ----------
    values : mapping of str to str
        What stands in the fields at first.
    offers : mapping of str to mapping of str to str
        Field → what may be chosen for it, id → words.
    """
    made: Fields = {}
    with ui.element("div").classes("form-grid"):
        folded = [name for name in KINDS[kind].model.model_fields if name.startswith(FOLDED)]
        for name in KINDS[kind].model.model_fields:
            if name not in folded:
                made[name] = _field(view, kind, name, values.get(name, ""), offers)
        if folded:
            with ui.expansion(view.say("custody-fold-footprint")).classes("fold") as fold, ui.element("div").classes("form-grid"):
                for name in folded:
                    made[name] = _field(view, kind, name, values.get(name, ""), offers)
                    made[name].fold = fold
    return made


def _field(view: View, kind: str, name: str, value: str, offers: Mapping[str, Mapping[str, str]]) -> Any:
    """The input of one field."""
    field, label = KINDS[kind].model.model_fields[name], label_of(view, kind, name)
    choices = choices_of(view, KINDS[kind].model, name)
    one: Any
    if choices or name in offers:
        options = dict(choices or offers[name])
        if not field.is_required():
            options = {"": "–", **options}
        if value and value not in options:
            options[value] = value
        one = ui.select(options, value=value or None, label=label, with_input=name in offers).props("outlined dense")
    elif name in FLAGS:
        one = ui.select({"": "–", "yes": view.say("yes"), "no": view.say("no")}, value=value, label=label).props("outlined dense")
    elif name in LONG:
        one = ui.textarea(label, value=value).props(f'outlined dense autogrow maxlength="{LONGEST}"')
    else:
        kind_of = " type=date stack-label" if name in DAYS else ' inputmode="decimal"' if name in NUMBERS else ""
        one = ui.input(label, value=value).props(f'outlined dense maxlength="{LONGEST}"{kind_of}')
    if hint := _hint(view, kind, name):
        one.props(f'hint="{hint}"')
    one.classes("form-field wide" if name in FULL_WIDTH else "form-field").props(f'data-field="{name}"')
    return one


def _hint(view: View, kind: str, name: str) -> str:
    """What helps with a field, or nothing."""
    found = texts(view.lang)
    return found.get(f"web.custody-hint-{kind}-{name}") or found.get(f"web.custody-hint-{name}", "")


def choices_of(view: View, model: type[Record], name: str) -> dict[str, str]:
    """What a field of few words may hold, with their names; nothing for any other field."""
    annotation = model.model_fields[name].annotation
    words = [item for item in get_args(annotation) if isinstance(item, str)]
    group = NAMED.get(name, f"web.custody-{name}")
    return {word: texts(view.lang).get(f"{group}.{word}") or texts(view.lang).get(f"{group}-{word}", word) for word in words}


async def show_present(view: View, kind: str, fields: Fields) -> None:
    """Beneath each field of an amendment what holds now, once somebody has said of what."""
    try:
        present = (await read(view, read_entry, kind, str(fields["id"].value or ""))).fields
    except InputError:
        present = {}
    for name, field in fields.items():
        if name in ("id", "date", "reason"):
            continue
        found = present.get("sites" if name == "add_site" else name)
        # As a property, never as text of properties: what somebody has entered may hold quotation marks.
        field._props["hint"] = (
            view.say("custody-now", value=value_of(view, name, found)) if found else _hint(view, f"{kind}-amendment", name)
        )
        field.update()


def take_digest(view: View, fields: Fields, name: str) -> None:
    """A place for a file, whose digest goes into a field; the file itself is not kept."""

    async def take(event: Any) -> None:
        digest = hashlib.sha256(await event.file.read()).hexdigest()
        fields[name].set_value(digest)
        if "file" in fields:
            fields["file"].set_value(event.file.name)
        event.sender.reset()

    # A file that is too large for the page has a digest all the same.
    words = view.say("custody-digest-rejected", most=f"{MOST_UPLOAD:,}")
    upload(view, view.say("custody-digest"), take, MOST_UPLOAD, refuse=lambda _: view.explain(words))


def read_fields(fields: Fields) -> dict[str, str]:
    """What stands in the fields, those left out that are empty."""
    found = {name: str(field.value if field.value is not None else "") for name, field in fields.items()}
    return {name: value for name, value in found.items() if value.strip()}


def clear_problems(fields: Fields, rest: ui.element) -> None:
    """Take the problems away."""
    rest.clear()
    for field in fields.values():
        field.error = None


def show_problems(view: View, place: str, problems: Sequence[PcfError], fields: Fields, rest: ui.element) -> None:
    """Each problem at its field; those of no field stand together.

    Parameters
    ----------
    place : str
        Where the record was said to be written: problems name it before the field.
    """
    clear_problems(fields, rest)
    at: dict[str, list[str]] = {}
    others: list[str] = []
    for problem in problems:
        name = field_of(problem, place) if isinstance(problem, InputError) else ""
        if isinstance(problem, InputError) and name in fields:
            at.setdefault(name, []).append(words_of(view, problem, place))
        else:
            others.append(view.refusal(problem))
    for name, said in at.items():
        fields[name].error = " · ".join(said[:4])
        if fold := getattr(fields[name], "fold", None):
            fold.open()
    with rest:
        for words in others[:20]:
            ui.label(words).classes("banner bad").props('role="alert"')
        if at:
            ui.label(view.say("custody-form-problems", count=len(at))).classes("banner bad").props('role="alert"')


def field_of(problem: InputError, place: str) -> str:
    """The field that a problem is at, or nothing."""
    if not problem.place.startswith(f"{place}, "):
        return ""
    return problem.place[len(place) + 2 :].split(",")[0].split(" ")[0]


def words_of(view: View, problem: InputError, place: str) -> str:
    """A problem as it stands at its field: which line, what was found, what was expected, what to do."""
    where = problem.place[len(place) + 2 :].partition(" line ")[2] or problem.place[len(place) + 2 :].partition(", line ")[2]
    _, found, expected, advice = parts(problem, view.lang)
    said = view.say("custody-problem", found=found, expected=expected)
    line = f"{view.say('custody-line', number=where)}: " if where else ""
    return f"{line}{view.say('custody-problem-advice', problem=said, advice=advice) if advice else said}"
