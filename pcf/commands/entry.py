"""Commands that every kind of record has: enter one, bring in a file, list what there is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load
from pcf.errors import InputError
from pcf.refusals import parts
from pcf.text import json_text, text, texts

if TYPE_CHECKING:
    from pcf.custody.book import Book
    from pcf.custody.intake import Count
    from pcf.store import Database

MOST_DOUBTS = 20
"""Doubts that are said one by one."""

ONLY_IN_JSON = ("details", "payload", "request", "leaf")
"""Columns too long for a table on the screen."""

TIME = "time"
"""Column that, where it is a number, holds microseconds."""

ACTOR = "PCF_ACTOR"
"""Variable with the name under which a person's entries are logged."""


def open_book(data_path: Path | None, *, create: bool = True) -> Book:
    """The custody book of the state folder or of `PCF_DATABASE_URL`."""
    from pcf.custody import Book

    actor = actor_name()
    catalogue = load(data_path)
    return Book(open_store(create=create), catalogue, actor)


def open_store(*, create: bool = True) -> Database:
    """The database of the state folder or of `PCF_DATABASE_URL`; closed when the command ends."""
    from pcf.store import open_database

    database = open_database(create=create)
    if context := click.get_current_context(silent=True):
        context.call_on_close(database.close)
    return database


def actor_name() -> str:
    """Name under which what is entered here is logged.

    Raises
    ------
    InputError
        For a name that is none.
    """
    actor = os.environ.get(ACTOR, "").strip() or os.environ.get("USER", "").strip() or "local"
    if len(actor) > 64 or not actor.isprintable():
        raise InputError(ACTOR, repr(actor[:60]), "a name of at most 64 printable characters")
    return actor


class _Fields(click.Command):
    """A command with an option for each field of a record, made when it is called: the records' package is a heavy import."""

    kind = ""
    argument = ""
    defaults: tuple[str, ...] = ()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options of the record's fields, then the command's own."""
        from pcf.commands.field_help import help_of
        from pcf.custody.intake import KINDS

        made: list[click.Parameter] = []
        for name, field in KINDS[self.kind].model.model_fields.items():
            if name == self.argument:
                made.append(click.Argument([f"field_{name}"], metavar=name.upper()))
                continue
            needed = f"{help_of(self.kind, name)}{' Required.' if field.is_required() and name not in self.defaults else ''}"
            choices = get_args(field.annotation)
            metavar = "|".join(choices) if choices and all(isinstance(item, str) for item in choices) else _metavar(name)
            made.append(click.Option([f"--{name.replace('_', '-')}", f"field_{name}"], metavar=metavar, help=needed))
        return [*made, *super().get_params(ctx)]


def _metavar(name: str) -> str:
    if name.endswith("_kg"):
        return "KG"
    if name == "mwh":
        return "MWH"
    if name in ("date", "start", "end", "valid_from", "valid_until", "cancelled_on", "checked_on"):
        return "DATE"
    if name in ("charge", "inputs", "items", "bundles"):
        return "UNIT=KG,…"
    return "TEXT"


Values = dict[str, str]


def add_command(
    kind: str, *, name: str = "add", short: str, argument: str = "", defaults: tuple[str, ...] = (),
    prepare: Callable[[Values], None] = lambda _: None, after: Callable[[click.Context, Values], None] = lambda _, __: None,
) -> click.Command:  # fmt: skip
    """The command that enters one record.

    Parameters
    ----------
    argument : str
        Field that is given without an option.
    defaults : tuple of str
        Required fields that `prepare` fills in.
    prepare, after : callable
        What is done with the values before they are recorded, and what is said afterwards.
    """

    def call(ctx: click.Context, data_path: Path | None, key: str, as_json: bool, **fields: str | None) -> None:
        from pcf.custody.intake import KINDS, record

        values = {name.removeprefix("field_"): value for name, value in fields.items() if value is not None}
        prepare(values)
        identity = values.get(KINDS[kind].identity, "")
        book = open_book(data_path)
        count = record(book, kind, values, f"{kind} {identity}".strip(), own_key(key))
        report(ctx, count, f"{kind} {identity}".strip(), as_json=as_json)
        after(ctx, values)

    params: list[click.Parameter] = [
        click.Option(["--key"], default="", help="Key that makes a repeat of this call known (default: the record's id)."),
        click.Option(["--json", "as_json"], is_flag=True, help="JSON on stdout."),
    ]
    command = _Fields(name, callback=click.pass_context(catalogue_callback(call)), params=params, short_help=short, help=short)
    command.kind, command.argument, command.defaults = kind, argument, defaults
    command.params.append(_data_option())
    return command


def own_key(key: str) -> str:
    """A caller's key in a space of its own, so that it can never stand for a record's id.

    Raises
    ------
    InputError
        For a key that is no short text.
    """
    if len(key) > 200 or not key.isprintable():
        raise InputError("--key", repr(key[:60]), "a text of at most 200 printable characters")
    return f"key:{key}" if key else ""


def catalogue_callback(function: Any) -> Any:
    """The function as click calls it."""
    return function


def _data_option() -> click.Option:
    def nothing() -> None: ...

    catalogue_option(nothing)
    option: click.Option = nothing.__click_params__[0]  # type: ignore[attr-defined]
    return option


def report(ctx: click.Context, count: Count, what: str, *, as_json: bool) -> None:
    """Say what was recorded, what was there already, and what somebody should look at."""
    from pcf.commands.streams import say

    lang = language(ctx)
    for item in count.doubts[:MOST_DOUBTS]:
        place, found, expected, _ = parts(item, lang)
        say(text("custody.doubt", lang, place=place, found=found, expected=expected))
    if len(count.doubts) > MOST_DOUBTS:
        say(text("custody.doubts", lang, count=f"{len(count.doubts) - MOST_DOUBTS:,}"))
    if as_json:
        click.echo(json_text({"recorded": count.written, "known": count.known}))
        return
    key = "custody.recorded" if count.written else "custody.known"
    click.echo(text(key, lang, what=what, count=f"{count.written:,}", known=f"{count.known:,}"))


def import_command(kind: str, *, short: str) -> click.Command:
    """The command that brings in a file of records: all of them or none."""

    @click.command(
        "import", short_help=short, help=f"{short} FILE is .csv or .xlsx with the fields as headings; all rows or none."
    )
    @click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
    @click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
    @catalogue_option
    @click.pass_context
    def bring_in(ctx: click.Context, path: Path, as_json: bool, data_path: Path | None) -> None:
        from pcf.commands.progress import progress
        from pcf.custody.intake import KINDS, import_rows
        from pcf.views.record_files import check_file, read_rows

        check_file(path)
        fields = list(KINDS[kind].model.model_fields)
        total = sum(1 for _ in read_rows(path, fields))
        if not total:
            raise InputError(path.name, "no rows", "a heading and at least one row")
        book = open_book(data_path)
        with progress(total, language(ctx), "progress.rows") as advance:
            count = import_rows(book, [(kind, read_rows(path, fields))], advance)
        report(ctx, count, path.name, as_json=as_json)

    return bring_in


def list_command(table: str, *, short: str, order: tuple[str, ...] = (), unit: bool = False) -> click.Command:
    """The command that lists records, as a table or as JSON."""

    @click.command("list", short_help=short, help=short)
    @click.option("--contains", default="", help="Only records in which this text stands.")
    @click.option("--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="At most so many.")
    @click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
    @catalogue_option
    @click.pass_context
    def show(ctx: click.Context, contains: str, limit: int, as_json: bool, data_path: Path | None) -> None:
        from pcf.custody.listing import read_rows

        with open_book(data_path, create=False).read() as connection:
            rows = list(read_rows(connection, table, contains, limit, order=order, of_unit=unit))
        print_rows(ctx, rows, as_json=as_json)

    return show


def print_rows(ctx: click.Context, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as a table that fits, or as JSON; details only in JSON."""
    if as_json:
        click.echo(json_text(rows))
        return
    from pcf.commands.tables import console, new_table

    lang = language(ctx)
    if not rows:
        click.echo(text("custody.nothing", lang))
        click.echo(text("custody.first-steps", lang))
        return
    table = new_table()
    names = [name for name in rows[0] if name not in ONLY_IN_JSON and (name != "void" or any(row["void"] for row in rows))]
    for name in names:
        number = isinstance(rows[0][name], int) and name != TIME
        label = "mwh" if name == "wh" else name
        table.add_column(text(f"field.{label}", lang), justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in rows:
        table.add_row(*(_cell(name, row[name], lang) for name in names))
    console().print(table)


NAMED = {
    "content_class": "class",
    "asi_class": "asi-class",
    "origin": "lot-origin",
    "leg": "leg",
    "account": "account",
    "attribute": "account",
}
"""Columns whose ids have names → how the keys of the names begin; in English the ids are words, and stay."""


def _cell(name: str, value: Any, lang: str) -> str:
    """A value as people read it: time in the machine's zone, energy in MWh, numbers with separators of thousands."""
    if name == TIME and isinstance(value, int):
        from pcf.store.clock import show_local

        return show_local(value)
    if name == "wh":
        return f"{value / 1e6:,.6f}".rstrip("0").rstrip(".")
    if name in NAMED and lang != "en":
        return texts(lang).get(f"{NAMED[name]}.{value}", str(value or ""))
    return f"{value:,}" if isinstance(value, int) else str(value or "")
