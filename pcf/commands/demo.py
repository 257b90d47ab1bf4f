"""`pcf demo`: every product on the shipped data, a plant's workbook brought in, and the results left in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pcf.commands.main import language
from pcf.commands.options import load, user_data
from pcf.engine import calculate
from pcf.methods import assess, document
from pcf.settings import home, set_home
from pcf.text import text


@click.command()
@click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Own state; outputs go beside it.",
)
@click.pass_context
def demo(ctx: click.Context, folder: Path | None) -> None:
    """Compute every product, bring in the sample plant, and leave tables, documents and workbooks beside the home folder."""
    from pcf.commands.files import write_results
    from pcf.commands.output import print_footprint, print_overview
    from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample

    if folder is not None:
        set_home(folder)
    home().mkdir(parents=True, exist_ok=True)
    outputs = home().parent
    lang = language(ctx)
    catalogue = load(None)
    documents = []
    for product_id in catalogue.products:
        result = calculate(catalogue, product_id)
        documents.append(document(result, assess(result), lang))
    for item in documents:
        print_footprint(item, lang)
    print_overview(documents, lang)
    (outputs / "footprints").mkdir(exist_ok=True)
    for item in documents:
        write_results(outputs / "footprints" / f"{item['product']['id']}.json", [item], lang)
    write_results(outputs / "footprints.xlsx", documents, lang)

    sample = outputs / "sample-plant.xlsx"
    write_sample(sample)
    report = import_plant(sample, SAMPLE_YEAR, user_data(), replace=True)
    (outputs / "sample-plant.json").write_text(
        json.dumps(report.as_document(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    click.echo("")
    for line in report.lines(lang):
        click.echo(line)
    click.echo("")
    click.echo(text("message.demo-done", lang, folder=outputs))
