"""`pcf run`: compute a study file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.catalogue import Catalogue, open_catalogue, read_runs
from pcf.commands.main import language
from pcf.commands.options import user_data
from pcf.commands.workbook import write_results
from pcf.engine import calculate
from pcf.errors import InputError
from pcf.methods import assess, document
from pcf.model import read_run
from pcf.text import json_text
from pcf.views.files import check_out


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout (a list for several runs).")
@click.option("--out", type=click.Path(path_type=Path), help="Write the results to a .json or .xlsx file.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--full", is_flag=True, help="Print parameters, gases and passed checks too.")
@click.pass_context
def run(ctx: click.Context, study: Path, as_json: bool, out: Path | None, force: bool, full: bool) -> None:
    """Compute the runs of a STUDY file, which may bring its own sources, factors, processes and products."""
    check_out(out, force=force)
    lang = language(ctx)
    content = read_runs(study)
    catalogue = open_catalogue(overlays=[] if content.alone else [user_data()], study=study)
    documents: list[dict[str, Any]] = []
    for number, item in enumerate(content.runs):
        place = f"{study.name} runs[{number}]"
        try:
            documents.append(_run(catalogue, item, lang))
        except InputError as problem:
            raise InputError(f"{place}: {problem.place}", problem.found, problem.expected, problem.advice) from None
    if out is not None:
        write_results(out, documents, lang)
    if as_json:
        click.echo(json_text(documents[0] if len(documents) == 1 else documents))
        return
    from pcf.commands.output import print_documents

    print_documents(documents, lang, full=full)
    if out is not None:
        click.echo(str(out))


def _run(catalogue: Catalogue, item: dict[str, Any], lang: str) -> dict[str, Any]:
    product_id, method, settings = read_run(catalogue, item)
    result = calculate(catalogue, product_id, method, settings)
    found = document(result, assess(result), lang)
    if item.get("label"):
        found["label"] = str(item["label"])
    return found
