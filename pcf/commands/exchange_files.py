"""Footprints as the exchange formats have them: what the subcommands of `pcf export` share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, site_option
from pcf.commands.run_options import check_file
from pcf.errors import InputError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.exchange.pact_company import Company

WORDS = "en"
"""Language of what an exchanged footprint says in words, whatever the language of the screen is: it goes abroad."""

Function = TypeVar("Function", bound=Callable[..., Any])


def exchange_options(function: Function) -> Function:
    """Add the options of a command that hands a product's footprint on."""
    for option in reversed((
        click.option("--company", required=True, type=click.Path(path_type=Path), help="Who hands it on: `pcf export company`."),
        click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .json."),
        click.option("--force", is_flag=True, help="Write over a file that exists."),
        click.option("--json", "as_json", is_flag=True, help="Summary as JSON on stdout."),
    )):  # fmt: skip
        function = option(function)
    return catalogue_option(method_options(site_option(function)))


def prepare(
    product: str, data_path: Path | None, company: Path, out: Path, options: Mapping[str, Any], *, force: bool
) -> tuple[dict[str, Any], Company]:
    """The footprint document of a product and the company's data, both checked before anything is written.

    Raises
    ------
    InputError
        For a wrong file, option or product.
    """
    from pcf.engine import calculate
    from pcf.exchange.pact_company import read_company
    from pcf.methods import assess, document
    from pcf.views.files import check_place

    check_file("--out", out, (".json",), force=force)
    check_place(out, f"--out {out}")
    who = read_company(company)
    catalogue = load(data_path)
    asked = read_options(catalogue, product, dict(options))
    found = calculate(catalogue, asked.product, asked.method, asked.settings)
    return document(found, assess(found), WORDS), who


def certified(number: str, company: Path, out: Path, *, force: bool) -> tuple[dict[str, Any], Company]:
    """The PACT footprint that a certificate was issued with, as it stands now, and the company's data.

    Raises
    ------
    InputError
        For an unknown certificate, one that has ended, and another company's file.
    """
    from pcf.certificate.history import read_standing
    from pcf.commands.entry import open_store
    from pcf.exchange.pact_company import read_company
    from pcf.views.files import check_place

    check_file("--out", out, (".json",), force=force)
    check_place(out, f"--out {out}")
    who = read_company(company)
    with open_store(create=False).read() as connection:
        twin = read_standing(connection, number)
    if set(who.company.ids).isdisjoint(twin["companyIds"]):
        raise InputError(
            f"{company.name}, company.ids", ", ".join(who.company.ids), f"the issuer of {number}: {', '.join(twin['companyIds'])}"
        )
    return twin, who


def one_source(ctx: click.Context, options: Iterable[str]) -> None:
    """Whether there is a product or a certificate, and for a certificate nothing that it has settled itself.

    Raises
    ------
    InputError
        Otherwise.
    """
    product, number = ctx.params["product"], ctx.params["certificate"]
    if (product is None) == (number is None):
        raise InputError("PRODUCT, --certificate", "neither" if product is None else "both", "one of them")
    given = [name for name in options if ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE]
    if number is not None and given:
        found = f"with --{given[0].replace('_', '-')}"
        raise InputError(f"--certificate {number}", found, "no option of a product: the certificate has settled them")


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def finish(
    ctx: click.Context, out: Path, content: Mapping[str, Any], summary: dict[str, Any], line: str, *, as_json: bool
) -> None:
    """Write the file and say so."""
    from pcf.views.files import write_text

    write_text(out, json_text(content) + "\n")
    if as_json:
        click.echo(json_text({"file": str(out), **summary}))
        return
    click.echo(text(line, language(ctx), path=str(out), **summary))
