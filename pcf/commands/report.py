"""`pcf report`: the study report of a footprint."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.text import json_text, text

LANGUAGES = ("both", "zh", "en")


@click.command()
@click.argument("product")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .pdf.")
@click.option(
    "--lang-of-report", "lang_of_report", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True,
    help="Language of the report.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="Summary as JSON on stdout.")
@setting_options
@method_options
@catalogue_option
@click.pass_context
def report(
    ctx: click.Context, /, product: str, out: Path, lang_of_report: str, force: bool, as_json: bool, data_path: Path | None,
    **options: Any,
) -> None:  # fmt: skip
    """Write the study report of a PRODUCT's footprint as a tagged PDF/A: goal and scope, boundary, inventory, results, sensitivity,
    data quality, checks, limitations, every parameter and factor with its source.

    Each page says what the result is: a model estimate, a demonstration, or a plant's own result. A report is never a certificate.
    """
    from pcf.commands.run_options import check_file
    from pcf.views.files import check_place, write_all

    check_file("--out", out, (".pdf",), force=force)
    check_place(out, f"--out {out}")
    from pcf.certificate.report import render_report
    from pcf.certificate.study import make_study

    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    study = make_study(catalogue, asked.product, asked.method, asked.settings)
    content = render_report(study, datetime.now(UTC).date(), lang_of_report)
    write_all(out, lambda target: _write(target, content))
    summary = {
        "file": str(out), "product": asked.product, "standing": study.result["standing"], "language": lang_of_report,
        "total": dict(study.result["total"]), "certificate": False,
    }  # fmt: skip
    if as_json:
        click.echo(json_text(summary))
        return
    standing = text(f"standing.{summary['standing']}", lang)
    click.echo(text("report.written", lang, path=str(out), product=asked.product, standing=standing))


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(content)
