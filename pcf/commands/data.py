"""`pcf data`: check a data folder, compare two, write a plant's workbook and bring one in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.catalogue import Catalogue, check_paths, hash_paths
from pcf.commands.main import Group, exit_code, language
from pcf.commands.options import user_data
from pcf.errors import DataError, InputError, PcfError
from pcf.resources import datasets_path
from pcf.text import json_text, text
from pcf.views.data_diff import difference_document
from pcf.views.data_versions import list_versions, open_version


@click.group(cls=Group)
def data() -> None:
    """Check, compare, and bring in data."""


@data.command(short_help="Report every problem of a data folder at once.")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def check(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Report every problem of a data folder (default: the shipped one) or of a study file at once."""
    path = path or datasets_path()
    if as_json:
        report, code = _report(path)
        click.echo(json_text(report))
        ctx.exit(code)
    catalogue, problems = _read(path)
    if problems:
        raise DataError(problems)
    rows = sum(len(years) for years in catalogue.factors.values())
    click.echo(text(
        "message.data-sound", language(ctx), sources=len(catalogue.sources), factors=rows, processes=len(catalogue.processes),
        products=len(catalogue.products), sites=len(catalogue.sites), version=catalogue.version, sha=catalogue.sha256[:12],
    ))  # fmt: skip


def _report(path: Path) -> tuple[dict[str, Any], int]:
    """What `data check --json` prints, and its exit code: a document even where nothing can be read."""
    version, sha256 = "", ""
    try:
        catalogue, problems = _read(path)
        version, sha256, code = catalogue.version, catalogue.sha256, 2 if problems else 0
    except (PcfError, OSError) as error:
        problems, code = _problems(error, path), exit_code(error)
    shown = [{"place": p.place, "found": p.found, "expected": p.expected, "advice": p.advice} for p in problems]
    return {"version": version, "sha256": sha256, "problems": shown}, code


def _problems(error: Exception, path: Path) -> list[InputError]:
    if isinstance(error, DataError):
        return error.problems
    if isinstance(error, InputError):
        return [error]
    found = (error.strerror or "") if isinstance(error, OSError) else ""
    return [InputError(str(path), found or str(error), "a readable data folder or study file")]


def _read(path: Path) -> tuple[Catalogue, list[InputError]]:
    if path.is_file():
        return check_paths([datasets_path()], path, hash_paths([datasets_path(), path]))
    return check_paths([path], None, hash_paths([path]))


@data.command(short_help="Say what changed between two versions of the data.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Say what changed between two versions of the data and by how much each product's footprint moved.

    A version is a data folder, a ZIP file of one, `shipped`, `current` (with what was brought in), or an earlier state that
    `pcf data versions` names. A folder without VERSION lies on top of the shipped data.
    """
    first, second = _both_sound(old, new)
    found = difference_document(first, second)
    changes, moved = found["changes"], found["products"]
    if as_json:
        click.echo(json_text(found))
        return
    from pcf.commands.tables import console, new_table
    from pcf.views.figures import tonnes

    lang, screen = language(ctx), console()
    table = new_table()
    for heading in ("kind", "id", "old", "new"):
        table.add_column(text(f"heading.{heading}", lang), overflow="fold")
    for item in changes:
        table.add_row(item["kind"], item["id"], item["old"] or "–", item["new"] or "–")
    screen.print(table if changes else text("message.no-changes", lang))
    table = new_table()
    for heading in ("product", "old", "new", "difference"):
        table.add_column(text(f"heading.{heading}", lang), justify="left" if heading == "product" else "right", overflow="fold")
    for row in moved:
        cells = [row["problem"] or "–" if row[key] is None else tonnes(row[key]) for key in ("old", "new")]
        change = "" if row["difference"] is None else f"{row['difference']:+.4f} ({row['difference'] / row['old']:+.1%})"
        table.add_row(row["product"], *cells, change)
    screen.print(table)


def _both_sound(*paths: Path) -> list[Catalogue]:
    """The catalogues of several versions; the problems of all of them at once, each with its version."""
    found, problems = [], []
    for path in paths:
        try:
            found.append(open_version(str(path), None, user_data()))
            own = []
        except InputError as error:
            if exit_code(error) != error.exit_code:
                raise
            own = _problems(error, path)
        problems += [_in_folder(path, item) for item in own]
    if problems:
        raise DataError(problems)
    return found


def _in_folder(path: Path, problem: InputError) -> InputError:
    named = problem.place == str(path) or problem.place.startswith(f"{path}/")
    place = problem.place if named else f"{path}: {problem.place}"
    return InputError(place, problem.found, problem.expected, problem.advice)


@data.command(short_help="List the versions of the data that are here.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def versions(as_json: bool) -> None:
    """List the versions that `pcf data diff` knows by name: shipped, current, and the state before each import."""
    found = list_versions(user_data())
    click.echo(json_text(found) if as_json else "\n".join(found))


@data.command(short_help="Write the workbook for a plant's own data.")
@click.argument("path", type=click.Path(path_type=Path), metavar="SITE.xlsx")
@click.option("--sample", is_flag=True, help="Fill it with the fictitious sample plant, marked DEMONSTRATION.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def template(path: Path, sample: bool, force: bool) -> None:
    """Write the workbook into which a plant's own data of a year go."""
    from pcf.exchange import write_sample, write_template
    from pcf.views.files import write_all

    if path.suffix.lower() != ".xlsx":
        raise InputError(str(path), path.suffix or "no ending", "a file name that ends in .xlsx")
    if path.exists() and not force:
        raise InputError(str(path), "a file that is there already", "a new file", "--force replaces it")
    write_all(path, write_sample if sample else write_template)
    click.echo(str(path))


@data.command("import", short_help="Check a plant's workbook and make it a site.")
@click.argument("path", type=click.Path(path_type=Path), metavar="SITE.xlsx")
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="The calendar year of the data.")
@click.option("--replace", is_flag=True, help="Replace an import of the same site.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def import_(ctx: click.Context, path: Path, year: int, replace: bool, as_json: bool) -> None:
    """Check a plant's workbook, its balances included, and make it a site; nothing is kept unless everything is right."""
    from pcf.exchange import import_plant

    report = import_plant(path, year, user_data(), replace=replace)
    if as_json:
        click.echo(json_text(report.as_document()))
        return
    for line in report.lines(language(ctx)):
        click.echo(line)
