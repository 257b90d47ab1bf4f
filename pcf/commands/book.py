"""`pcf custody`: bring in a whole book of records, or get an empty one."""

from __future__ import annotations

from pathlib import Path

import click

from pcf.commands.entry import open_book, report
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option
from pcf.errors import InputError


@click.group(cls=Group)
def custody() -> None:
    """A book of custody records: one workbook, a sheet for each kind of record."""


@custody.command("import", short_help="Bring in a workbook with a sheet for each kind of record: all of it or nothing.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE.xlsx")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def bring_in(ctx: click.Context, path: Path, as_json: bool, data_path: Path | None) -> None:
    """Bring in FILE.xlsx: sheets are named after the kinds of records, headings after their fields. All of it or nothing."""
    from pcf.commands.progress import progress
    from pcf.custody import KINDS, import_rows
    from pcf.views.record_files import read_sheets

    if path.suffix.lower() != ".xlsx":
        raise InputError(path.name, path.suffix or "no ending", ".xlsx; a single table comes in by `pcf lot import` and the like")
    fields = {kind: list(item.model.model_fields) for kind, item in KINDS.items()}
    total = sum(1 for _, rows in read_sheets(path, fields) for _ in rows)
    if not total:
        raise InputError(path.name, "no records", "a sheet with a heading and rows", "pcf custody template")
    book = open_book(data_path)
    with progress(total, language(ctx), "progress.rows") as advance:
        count = import_rows(book, read_sheets(path, fields), advance)
    report(ctx, count, path.name, as_json=as_json)


@custody.command(short_help="Write an empty book, or the sample of the demonstration.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE.xlsx")
@click.option("--sample", type=Option(("smelter", "mill")), help="The invented records of the demonstration.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def template(path: Path, sample: str | None, force: bool) -> None:
    """Write FILE.xlsx: a sheet for each kind of record with its fields, and a guide in English and Chinese."""
    from pcf.exchange.custody_book import write_book
    from pcf.views.files import check_place, write_all

    if path.suffix.lower() != ".xlsx":
        raise InputError(path.name, path.suffix or "no ending", ".xlsx")
    check_place(path, str(path))
    if path.exists() and not force:
        raise InputError(str(path), "a file that exists", "the name of a new file", "--force replaces it")
    write_all(path, lambda target: write_book(target, sample or ""))
    click.echo(str(path))
