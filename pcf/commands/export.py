"""`pcf export`: the model for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pcf.commands.exchange_files import WORDS, certified, exchange_options, finish, now, one_source, prepare
from pcf.commands.export_studies import brightway_package, openlca
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.errors import InputError
from pcf.model import compose
from pcf.text import json_text, text


@click.group(cls=Group)
def export() -> None:
    """Hand the model to other programs."""


export.add_command(openlca)
export.add_command(brightway_package)


@export.command()
@click.argument("product")
@click.option("--project", required=True, help="Name of the Brightway project that receives the database.")
@click.option("--replace", is_flag=True, help="Write the database anew where it is there already.")
@setting_options
@method_options
@catalogue_option
def brightway(product: str, project: str, replace: bool, data_path: Path | None, **options: Any) -> None:
    """Write a PRODUCT's system as a database and method into one of your own Brightway projects."""
    from pcf.engine.brightway import export_project, method_key

    catalogue = load(data_path)
    asked = read_options(catalogue, product, options)
    system = compose(catalogue, asked.product, asked.method, asked.settings)
    name = export_project(system, project, replace=replace)
    click.echo(f"{project}: {name} · {' / '.join(method_key(name, system))}")


@export.command(short_help="Write an example of the company file.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .yaml.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.pass_context
def company(ctx: click.Context, /, out: Path, force: bool) -> None:
    """Write an example of the company file that `pact`, `catenax` and `catenax-material` read."""
    from pcf.commands.run_options import check_file
    from pcf.resources import datasets_path
    from pcf.views.files import write_text

    check_file("--out", out, (".yaml", ".yml"), force=force)
    write_text(out, (datasets_path() / "exchange" / "company.yaml").read_text(encoding="utf-8"))
    click.echo(text("pact.company", language(ctx), path=str(out)))


@export.command(short_help="Write a PACT ProductFootprint, version 3.")
@click.argument("product")
@exchange_options
@click.option(
    "--supersedes", type=click.Path(path_type=Path), metavar="FILE",
    help="An earlier export that this one takes the place of: it is written again beside --out, deprecated.",
)  # fmt: skip
@click.pass_context
def pact(
    ctx: click.Context, /, product: str, company: Path, out: Path, force: bool, as_json: bool, supersedes: Path | None,
    data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Write the footprint of a PRODUCT of a plant's own year as a PACT ProductFootprint with the aluminium extension.

    The sums hold exactly in decimal arithmetic, the id is that of the content, and a footprint that breaks a rule of PACT is not
    written. A model's estimate is no footprint to hand on.
    """
    from pcf.commands.run_options import check_file
    from pcf.exchange.pact import product_footprint, supersede
    from pcf.exchange.pact_company import EXAMPLE_SCHEMA
    from pcf.exchange.pact_json import read_file
    from pcf.exchange.pact_rules import find_problems
    from pcf.views.files import check_place, write_text

    found, who = prepare(product, data_path, company, out, options, force=force)
    made = product_footprint(found, who, now(), WORDS)
    lang = language(ctx)
    if supersedes is not None:
        old = read_file(supersedes)
        if not isinstance(old, dict) or find_problems(old):
            raise InputError(
                f"--supersedes {supersedes.name}", "no footprint that was exported here", "a file of `pcf export pact`"
            )
        beside = out.with_name(f"{out.stem}.superseded.json")
        check_file("--out", beside, (".json",), force=force)
        check_place(beside, str(beside))
        before, made = supersede(old, made)
        write_text(beside, json_text(before) + "\n")
        click.echo(text("pact.superseded", lang, path=str(beside), id=before["id"]), err=True)
    if who.extension_schema == EXAMPLE_SCHEMA:
        click.echo(text("pact.example-schema", lang, address=EXAMPLE_SCHEMA), err=True)
    summary = {"format": f"PACT {made['specVersion']}", "id": made["id"], "value": made["pcf"]["pcfExcludingBiogenicUptake"]}
    finish(ctx, out, made, summary, "pact.written", as_json=as_json)


_certificate = click.option(
    "--certificate", metavar="NUMBER", help="The footprint that this certificate was issued with, in place of PRODUCT."
)


@export.command(short_help="Write the Catena-X aspect io.catenax.pcf 9.0.0.")
@click.argument("product", required=False)
@_certificate
@exchange_options
@click.pass_context
def catenax(
    ctx: click.Context, /, product: str | None, certificate: str | None, company: Path, out: Path, force: bool, as_json: bool,
    data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Write the footprint of a PRODUCT, or of a certificate, for Catena-X, under the id that it has in PACT."""
    from pcf.exchange.catenax import MODEL, catenax_footprint, catenax_of

    one_source(ctx, options)
    if certificate is not None:
        twin, who = certified(certificate, company, out, force=force)
        made = catenax_of(twin, who)
    else:
        found, who = prepare(str(product), data_path, company, out, options, force=force)
        made = catenax_footprint(found, who, now(), WORDS)
    assessed = made["pcfAssessmentAndMethodology"][0]["pcfAssessmentInformation"][0]
    value = made["productLifeCycleStagesAndEmissions"][0]["productionStage"][0]["pcfExcludingBiogenicUptake"]
    summary = {"format": MODEL, "id": assessed["idAndVersion"][0]["id"], "value": str(value)}
    finish(ctx, out, made, summary, "pact.written", as_json=as_json)


@export.command("catenax-material", short_help="Write the Catena-X aspect of secondary material, 1.0.0.")
@click.argument("product", required=False)
@_certificate
@exchange_options
@click.pass_context
def catenax_material(
    ctx: click.Context, /, product: str | None, certificate: str | None, company: Path, out: Path, force: bool, as_json: bool,
    data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Write recycled content for Catena-X: that of a PRODUCT's physical charge, or what a certificate claims."""
    from pcf.exchange.catenax_material import secondary_material, secondary_material_of

    one_source(ctx, options)
    if certificate is not None:
        twin, who = certified(certificate, company, out, force=force)
        made = secondary_material_of(twin, who, WORDS)
    else:
        found, who = prepare(str(product), data_path, company, out, options, force=force)
        made = secondary_material(found, who, WORDS)
    summary = {"format": "secondary_material_content_calculated 1.0.0", **_shares(made)}
    finish(ctx, out, made, summary, "pact.material-written", as_json=as_json)


def _shares(made: Mapping[str, Any]) -> dict[str, str]:
    """Post- and pre-consumer shares [%] of the aspect as it is written."""
    from decimal import Decimal

    kinds = made["secondaryMaterialContent"][0]["inorganic"]["secondaryInorganic"]
    read = {name: Decimal(str(kind["mechanicalRecycling"]["percentageOfMaterialWeight"])) for name, kind in kinds.items()}
    return {"post": str(read["postConsumer"] + read["postConsumerAutomotive"]), "pre": str(read["preConsumer"])}
