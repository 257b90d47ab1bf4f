"""`pcf export openlca` and `brightway-package`: the whole study in a file, so that a verifier computes it in a tool of his own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_file
from pcf.errors import CheckFailed
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.engine.study import Study

WORDS = "en"
"""Language of what a study says in words, whatever the language of the screen is: it goes abroad."""

AGREE = 1e-9
"""Permitted relative difference between the footprint and what the exported activities give."""

Function = TypeVar("Function", bound=Callable[..., Any])


def file_options(ending: str) -> Callable[[Function], Function]:
    """Add the options of a command that writes one file."""

    def decorate(function: Function) -> Function:
        function = click.option("--json", "as_json", is_flag=True, help="Summary as JSON on stdout.")(function)
        function = click.option("--force", is_flag=True, help="Write over a file that exists.")(function)
        out = f"File to write: {ending}."
        return click.option("--out", required=True, type=click.Path(path_type=Path), help=out)(function)

    return decorate


@click.command(short_help="Write the whole study as an openLCA package.")
@click.argument("product")
@file_options(".zip")
@setting_options
@method_options
@catalogue_option
@click.pass_context
def openlca(
    ctx: click.Context, /, product: str, out: Path, force: bool, as_json: bool, data_path: Path | None, **options: Any
) -> None:
    """Write the study of a PRODUCT as openLCA JSON-LD: processes, flows, sources, the impact method, a product system.

    Import the file into an empty openLCA database and calculate the product system with the method in it.
    """
    from pcf.exchange.openlca import openlca_package

    check_out(out, ".zip", force=force)
    study, result, remark = prepare(product, data_path, options)
    write_bytes(out, openlca_package([study], [result], remark))
    finish(ctx, out, "openLCA JSON-LD 2", study, result, as_json=as_json)


@click.command("brightway-package", short_help="Write the whole study as a BW2Package.")
@click.argument("product")
@file_options(".bw2package")
@setting_options
@method_options
@catalogue_option
@click.pass_context
def brightway_package(
    ctx: click.Context, /, product: str, out: Path, force: bool, as_json: bool, data_path: Path | None, **options: Any
) -> None:
    """Write the study of a PRODUCT as a BW2Package: emissions, activities and the method, for any Brightway.

    `bw2io.BW2Package.import_file` reads it; nothing of pcf is needed there.
    """
    from pcf.engine.brightway import pack
    from pcf.exchange.brightway_package import brightway_objects

    check_out(out, ".bw2package", force=force)
    study, result, remark = prepare(product, data_path, options)
    objects = brightway_objects(study, result, remark)
    write_bytes(out, pack(objects))
    finish(ctx, out, "BW2Package", study, result, as_json=as_json, database=objects[1]["name"])


def check_out(out: Path, ending: str, *, force: bool) -> None:
    """Refuse a file before anything is computed for it."""
    from pcf.commands.files import check_place

    check_file("--out", out, (ending,), force=force)
    check_place(out, f"--out {out}")


def prepare(product: str, data_path: Path | None, options: Mapping[str, Any]) -> tuple[Study, float, str]:
    """The study of a product, its result [kgCO2e per unit of its first activity] and how it was made.

    Raises
    ------
    InputError
        For a wrong option or product.
    CheckFailed
        Where the exported activities do not give the footprint again.
    """
    from pcf.engine import at, calculate
    from pcf.engine.study import solve_study
    from pcf.exchange.studies import study_of
    from pcf.methods import assess, document

    catalogue = load(data_path)
    asked = read_options(catalogue, product, dict(options))
    found = calculate(catalogue, asked.product, asked.method, asked.settings)
    study = study_of(found.system)
    result = at(found.total, 0) * found.system.nodes[0].process.scale
    again = solve_study(study)
    if abs(again - result) > AGREE * max(abs(result), abs(again)):
        raise CheckFailed(
            f"{asked.product}: the activities give {again!r}, the footprint is {result!r} kgCO2e per {_unit(study)}"
        )
    return study, result, remark_of(document(found, assess(found), WORDS))


def remark_of(document: Mapping[str, Any]) -> str:
    """How a footprint was made: site, choices, standing and data."""
    from pcf.text import name_in

    method, site, origin = document["method"], document.get("site"), document["provenance"]
    lines = [text("pact.demonstration", WORDS)] if document["standing"] == "demonstration" else []
    if site:
        lines.append(f"{name_in(site['name'], WORDS)} ({site['id']}), {site['geography']}, {site['data_year']}")
    lines.append(
        text(
            "study.method", WORDS, boundary=document["boundary"], scrap=method["scrap"], electricity=method["electricity"],
            attribution=method["attribution"], td=method["td"], pfc=method["low_voltage_pfc"], heat=method["heat"],
            co_products=method["co_products"], year=method["factor_year"],
        )
    )  # fmt: skip
    digests = [origin[name] for name in ("datasets_sha256", "own_data_sha256", "study_sha256") if origin.get(name)]
    lines.append(
        text(
            "study.standing", WORDS, standing=document["standing"], engine=origin["engine"], version=origin["datasets_version"],
            digest=", ".join(digests),
        )
    )  # fmt: skip
    return "\n".join(lines)


def write_bytes(out: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    from pcf.commands.files import write_all

    write_all(out, lambda target: _write(target, content))


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(content)


def finish(ctx: click.Context, out: Path, kind: str, study: Study, result: float, *, as_json: bool, **more: str) -> None:
    """Say what was written."""
    summary = {**more, "format": kind, "processes": len(study.activities), "value": result, "unit": _unit(study)}
    if as_json:
        click.echo(json_text({"file": str(out), **summary}))
        return
    click.echo(text("study.written", language(ctx), path=str(out), **{**summary, "value": f"{result:.6g}"}))
    if "database" in more:
        click.echo(text("study.database", language(ctx), **more))


def _unit(study: Study) -> str:
    return study.activities[0].unit
