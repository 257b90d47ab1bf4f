"""`pcf export openlca` and `brightway-package`: the whole study in a file, so that a verifier computes it in a tool of his own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_file
from pcf.errors import CheckFailed, InputError
from pcf.text import json_text, name_in, text

if TYPE_CHECKING:
    from pcf.engine.study import Study

WORDS = "en"
"""Language of what a study says in words, whatever the language of the screen is: it goes abroad."""

AGREE = 1e-9
"""Permitted relative difference between the footprint and what the exported activities give."""

MOST_BYTES = 20_000_000
"""Size up to which a bundle is read."""

METHOD_WORDS = (
    "boundary", "scrap", "electricity", "attribution", "td", "low_voltage_pfc", "heat", "co_products", "factor_year",
)  # fmt: skip

Function = TypeVar("Function", bound=Callable[..., Any])


def file_options(ending: str) -> Callable[[Function], Function]:
    """Add the options of a command that writes one file."""

    def decorate(function: Function) -> Function:
        function = click.option("--json", "as_json", is_flag=True, help="Summary as JSON on stdout.")(function)
        function = click.option("--force", is_flag=True, help="Write over a file that exists.")(function)
        out = f"File to write: {ending}."
        return click.option("--out", required=True, type=click.Path(path_type=Path), help=out)(function)

    return decorate


def study_options(ending: str) -> Callable[[Function], Function]:
    """Add the argument and options of a command that writes the study of a product, or of a sealed calculation."""

    def decorate(function: Function) -> Function:
        function = file_options(ending)(setting_options(method_options(catalogue_option(function))))
        sealed = "Sealed calculation of a certificate, in place of a product."
        function = click.option("--bundle", type=click.Path(path_type=Path), metavar="FILE", help=sealed)(function)
        return click.argument("product", required=False)(function)

    return decorate


@click.command(short_help="Write the whole study as an openLCA package.")
@study_options(".zip")
@click.pass_context
def openlca(
    ctx: click.Context, /, product: str | None, bundle: Path | None, out: Path, force: bool, as_json: bool, data_path: Path | None,
    **options: Any,
) -> None:  # fmt: skip
    """Write the study of a PRODUCT as openLCA JSON-LD: processes, flows, sources, the impact method, a product system.

    Import the file into an empty openLCA database and calculate the product system with the method in it.
    """
    from pcf.exchange.openlca import openlca_package

    check_out(out, ".zip", force=force)
    made = prepare(ctx, product, bundle, data_path, options)
    write_bytes(out, openlca_package(made.studies, made.results, made.remark))
    finish(ctx, out, "openLCA JSON-LD 2", made, as_json=as_json)


@click.command("brightway-package", short_help="Write the whole study as a BW2Package.")
@study_options(".bw2package")
@click.pass_context
def brightway_package(
    ctx: click.Context, /, product: str | None, bundle: Path | None, out: Path, force: bool, as_json: bool, data_path: Path | None,
    **options: Any,
) -> None:  # fmt: skip
    """Write the study of a PRODUCT as a BW2Package: emissions, activities and the method, for any Brightway.

    `bw2io.BW2Package.import_file` reads it; nothing of pcf is needed there.
    """
    from pcf.engine.brightway import pack
    from pcf.exchange.brightway_package import brightway_objects, database_name

    check_out(out, ".bw2package", force=force)
    made = prepare(ctx, product, bundle, data_path, options)
    both = zip(made.studies, made.results, strict=True)
    write_bytes(out, pack([item for study, result in both for item in brightway_objects(study, result, made.remark)]))
    finish(ctx, out, "BW2Package", made, as_json=as_json, databases=[database_name(study) for study in made.studies])


@dataclass(frozen=True)
class Made:
    """Studies with the result of each [kgCO2e per unit of its first activity], and the `value` of all per `unit`."""

    studies: list[Study]
    results: list[float]
    remark: str
    value: float
    unit: str


def check_out(out: Path, ending: str, *, force: bool) -> None:
    """Refuse a file before anything is computed for it."""
    from pcf.views.files import check_place

    check_file("--out", out, (ending,), force=force)
    check_place(out, f"--out {out}")


def prepare(
    ctx: click.Context, product: str | None, bundle: Path | None, data_path: Path | None, options: Mapping[str, Any]
) -> Made:
    """What is asked for, computed; what the exported activities give is the footprint again.

    Raises
    ------
    InputError
        For a wrong option, product or bundle; for both of them or neither.
    CheckFailed
        Where the exported activities give another number.
    """
    if (product is None) == (bundle is None):
        raise InputError("what to export", "both or nothing" if bundle else "nothing", "a PRODUCT, or --bundle FILE")
    if bundle is None:
        return _of_product(str(product), data_path, options)
    for name in options:
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            option = next(item.opts[0] for item in ctx.command.params if item.name == name)
            raise InputError(option, "an option beside --bundle, whose calculation is made", "a bundle alone")
    return _of_bundle(bundle, data_path)


def _of_product(product: str, data_path: Path | None, options: Mapping[str, Any]) -> Made:
    from pcf.engine import at, calculate
    from pcf.engine.study import solve_study
    from pcf.exchange.studies import study_of
    from pcf.methods import assess, document

    catalogue = load(data_path)
    asked = read_options(catalogue, product, dict(options))
    found = calculate(catalogue, asked.product, asked.method, asked.settings)
    study = study_of(found.system)
    result = at(found.total, 0) * found.system.nodes[0].process.scale
    unit = study.activities[0].unit
    _require_same(asked.product, solve_study(study), result, unit)
    return Made([study], [result], remark_of(document(found, assess(found), WORDS)), result, unit)


def _of_bundle(path: Path, data_path: Path | None) -> Made:
    from pcf.certificate.seal import read_seal
    from pcf.engine.study import solve_study
    from pcf.exchange.sealed_studies import sealed_studies
    from pcf.exchange.studies import gwp_basis

    bundle = read_seal(_read(path))
    catalogue = load(data_path)
    studies = sealed_studies(bundle, catalogue.gwp, {name: gwp_basis(catalogue, name) for name in catalogue.gwp})
    results = [solve_study(study) for study in studies]
    weights = [float(part["weight"]) for part in bundle["parts"]]
    scales = [float(part["nodes"][0]["scale"]) for part in bundle["parts"]]
    value = sum(weight * result / scale for weight, result, scale in zip(weights, results, scales, strict=True))
    sealed = float(bundle["result"]["value"])
    _require_same(path.name, value, sealed, "kg")
    return Made(studies, results, remark_of(bundle["calculation"]), sealed, "kg")


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError(f"--bundle {path}", "no regular file", "a file")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise InputError(f"--bundle {path}", f"{size:,} bytes", f"at most {MOST_BYTES:,}")
        return path.read_bytes()
    except OSError as problem:
        raise InputError(f"--bundle {path}", problem.strerror or "an unreadable file", "a readable file") from None


def _require_same(place: str, again: float, result: float, unit: str) -> None:
    if not abs(again - result) <= AGREE * max(abs(result), abs(again)):
        raise CheckFailed(f"{place}: the activities give {again!r}, the footprint is {result!r} kgCO2e per {unit}")


def remark_of(document: Mapping[str, Any]) -> str:
    """How a footprint was made, as far as its document or its seal says: site, choices, standing and data."""
    lines = [text("pact.demonstration", WORDS)] if document.get("standing") == "demonstration" else []
    site, origin = document.get("site"), document.get("provenance")
    if isinstance(site, Mapping) and isinstance(site.get("name"), Mapping):
        lines.append(f"{name_in(site['name'], WORDS)} ({site.get('id')}), {site.get('geography')}, {site.get('data_year')}")
    if isinstance(document.get("method"), Mapping):
        chosen = {**dict.fromkeys(METHOD_WORDS, "-"), **document["method"]}
        lines.append(text("study.method", WORDS, **{name: str(chosen[name]) for name in METHOD_WORDS}))
    if isinstance(origin, Mapping):
        digests = [str(origin[name]) for name in ("datasets_sha256", "own_data_sha256", "study_sha256") if origin.get(name)]
        lines.append(
            text(
                "study.standing", WORDS, standing=document.get("standing"), engine=origin.get("engine"),
                version=origin.get("datasets_version"), digest=", ".join(digests),
            )
        )  # fmt: skip
    return "\n".join(lines)


def write_bytes(out: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    from pcf.views.files import write_all

    write_all(out, lambda target: _write(target, content))


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(content)


def finish(ctx: click.Context, out: Path, kind: str, made: Made, *, as_json: bool, databases: Sequence[str] = ()) -> None:
    """Say what was written."""
    processes = sum(len(study.activities) for study in made.studies)
    if as_json:
        summary = {"file": str(out), "format": kind, "processes": processes, "value": made.value, "unit": made.unit}
        click.echo(json_text({**summary, **({"databases": list(databases)} if databases else {})}))
        return
    lang = language(ctx)
    value = f"{made.value:.6g}"
    click.echo(text("study.written", lang, path=str(out), format=kind, processes=processes, value=value, unit=made.unit))
    for name in databases:
        click.echo(text("study.database", lang, database=name))
