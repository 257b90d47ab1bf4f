"""`pcf demo`: every product on the shipped data, a plant's workbook, the custody story; the results left in a folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import load, user_data
from pcf.engine import calculate
from pcf.methods import assess, document
from pcf.settings import home, set_home
from pcf.text import json_text, text
from pcf.views.order import in_order

FOLDER = Path("pcf-demo")
"""Where everything goes without `--home`: the current folder, never beside the user's own data."""

INSTALLED = Path(".venv") / "bin" / "pcf"
"""Where a checkout has the program."""


@click.command()
@click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Own state; outputs go beside it (default: {FOLDER}/home in the current folder).",
)
@click.pass_context
def demo(ctx: click.Context, folder: Path | None) -> None:
    """Compute every product, bring in the sample plant, and leave tables, documents and workbooks beside the home folder."""
    from pcf.commands.demo_page import render_page
    from pcf.commands.demo_story import tell_story
    from pcf.commands.output import print_footprint
    from pcf.commands.overview import print_overview
    from pcf.commands.workbook import write_results
    from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
    from pcf.views.files import write_all, write_text

    folder = folder or FOLDER / "home"
    set_home(folder)
    home().mkdir(parents=True, exist_ok=True)
    outputs, shown = home().parent, folder.parent
    lang = language(ctx)
    catalogue = load(None)
    documents = []
    for item in in_order(catalogue.products.values()):
        result = calculate(catalogue, item.id)
        documents.append(document(result, assess(result), lang))
    print_overview(documents, lang)
    for found in documents:
        print_footprint(found, lang, short=True)
    (outputs / "footprints").mkdir(exist_ok=True)
    for found in documents:
        name = found["product"]["id"]
        write_results(outputs / "footprints" / f"{name}.json", [found], lang)
        write_text(outputs / "footprints" / f"{name}.txt", _full_table(found, lang))
    write_results(outputs / "footprints.xlsx", documents, lang)

    sample = outputs / "sample-plant.xlsx"
    write_all(sample, write_sample)
    report = import_plant(sample, SAMPLE_YEAR, user_data(), replace=True)
    write_text(outputs / "sample-plant.json", json_text(report.as_document()) + "\n")
    write_text(outputs / "index.html", render_page(documents))
    click.echo("")
    for line in report.lines(lang):
        click.echo(line)
    click.echo("")
    tell_story(outputs, load(None), lang, click.echo)
    click.echo("")
    click.echo(text("message.demo-done", lang, folder=shown))
    click.echo(text("message.demo-index", lang, file=shown / "index.html"))
    if INSTALLED.exists():
        click.echo(text("message.run-as", lang, command=INSTALLED))
    command = INSTALLED if INSTALLED.exists() else "pcf"
    click.echo(text("message.run-next", lang, command=command))
    click.echo(text("message.run-serve", lang, command=command, home=folder))


def _full_table(item: Mapping[str, Any], lang: str) -> str:
    from pcf.commands.output import print_footprint
    from pcf.commands.tables import console

    page = io.StringIO()
    print_footprint(item, lang, full=True, screen=console(page))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip() + "\n"
