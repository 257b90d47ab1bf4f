"""`pcf data`: check a data folder, compare two, write a plant's workbook and bring one in."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from pcf.catalogue import Catalogue, check_paths, compare_data, hash_paths
from pcf.commands.main import Group, exit_code, language
from pcf.commands.options import user_data
from pcf.engine import at, calculate
from pcf.errors import DataError, InputError, PcfError
from pcf.resources import datasets_path
from pcf.text import json_text, text


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


@data.command(short_help="Say what changed between two data folders.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Say what changed between two data folders and by how much each product's footprint moved."""
    first, second = _both_sound(old, new)
    changes = [dataclasses.asdict(item) for item in compare_data(first, second)]
    moved = [_movement(name, first, second) for name in sorted({*first.products, *second.products})]
    if as_json:
        click.echo(json_text({"old": first.version, "new": second.version, "changes": changes, "products": moved}))
        return
    from pcf.commands.figures import tonnes
    from pcf.commands.tables import console, new_table

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
    """The catalogues of several folders; the problems of all of them at once, each with its folder."""
    found, problems = [], []
    for path in paths:
        try:
            if not path.is_dir():
                raise InputError(str(path), "no folder", "a data folder")
            catalogue, own = _read(path)
            found.append(catalogue)
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


def _movement(name: str, first: Catalogue, second: Catalogue) -> dict[str, Any]:
    totals: list[float | None] = []
    problem = ""
    for catalogue in (first, second):
        try:
            totals.append(at(calculate(catalogue, name).total, 0) if name in catalogue.products else None)
        except PcfError as error:
            totals.append(None)
            problem = str(error)
    before, after = totals
    difference = None if before is None or after is None else after - before
    return {"product": name, "old": before, "new": after, "difference": difference, "unit": "tCO2e/t", "problem": problem}


@data.command(short_help="Write the workbook for a plant's own data.")
@click.argument("path", type=click.Path(path_type=Path), metavar="SITE.xlsx")
@click.option("--sample", is_flag=True, help="Fill it with the fictitious sample plant, marked DEMONSTRATION.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def template(path: Path, sample: bool, force: bool) -> None:
    """Write the workbook into which a plant's own data of a year go."""
    from pcf.commands.files import write_all
    from pcf.exchange import write_sample, write_template

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
