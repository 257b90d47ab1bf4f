"""`pcf cbam`: specific embedded emissions of an installation's goods; no footprint, and never computed from one."""

from __future__ import annotations

from pathlib import Path

import click

from pcf.commands.main import Group, language
from pcf.errors import InputError


class _ShortGroup(Group):
    """`pcf cbam FILE` means `pcf cbam compute FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As the group does, with the command put in front of anything that is none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["compute", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ShortGroup)
def cbam() -> None:
    """CBAM specific embedded emissions of an installation's goods: direct emissions, its own rules and factors.

    Not a product carbon footprint, and never computed from one. `pcf cbam FILE` is short for `pcf cbam compute FILE`.
    """


@cbam.command(short_help="Compute an installation's year.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the sixteen summary items and all terms to a .xlsx or .json file."
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.pass_context
def compute(ctx: click.Context, file: Path, as_json: bool, out: Path | None, force: bool) -> None:
    """Compute the specific embedded emissions of the goods in FILE (YAML or JSON; see `pcf cbam template`)."""
    from pcf.commands.cbam_view import print_cbam
    from pcf.exchange.cbam_files import write_cbam_workbook
    from pcf.exchange.cbam_summary import summary
    from pcf.methods import cbam as method
    from pcf.text import json_text
    from pcf.views.files import check_out, write_all, write_text

    lang = language(ctx)
    check_out(out, force=force)
    installation = method.read_installation(file)
    results, notices = method.calc_installation(installation)
    made = method.document(installation, results, notices, lang)
    made["summary"] = summary(made, lang)
    if out is not None and out.suffix.lower() == ".json":
        write_text(out, json_text(made) + "\n")
    elif out is not None:
        write_all(out, lambda target: write_cbam_workbook(target, made, lang))
    if as_json:
        click.echo(json_text(made))
        return
    print_cbam(made, lang)
    if out is not None:
        click.echo(str(out))


@cbam.command(short_help="Print or write a file to fill in.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a .yaml file instead.")
@click.option("--plant", type=click.Path(path_type=Path), help="Take the activity data of a plant's workbook (.xlsx).")
@click.option("--year", type=click.IntRange(2000, 2100), help="The calendar year of the workbook.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.pass_context
def template(ctx: click.Context, out: Path | None, plant: Path | None, year: int | None, force: bool) -> None:
    """Print a sample of an installation's year, with remarks in both languages; all of its figures are invented.

    With --plant the amounts are those of a plant's workbook (`pcf data template`); what it does not hold stays empty and is
    refused until it is stated. No footprint is taken from it.
    """
    from pcf.views.files import write_text

    lang = language(ctx)
    _check_draft(out, force=force)
    if (plant is None) != (year is None):
        raise InputError("--plant and --year", "one of the two", "both or neither")
    content = _sample() if plant is None or year is None else _draft(plant, year, lang)
    if out is None:
        click.echo(content, nl=False)
        return
    write_text(out, content)
    click.echo(str(out))


def _sample() -> str:
    from pcf.resources import datasets_path

    return (datasets_path() / "cbam" / "installation.yaml").read_text(encoding="utf-8")


def _draft(plant: Path, year: int, lang: str) -> str:
    from pcf.commands.options import load
    from pcf.exchange import read_plant
    from pcf.exchange.cbam_plant import draft_text

    return draft_text(read_plant(plant, year), load(None), lang)


def _check_draft(out: Path | None, *, force: bool) -> None:
    from pcf.views.files import check_place

    if out is None:
        return
    place = f"--out {out}"
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(place, out.suffix or "no ending", ".yaml or .yml")
    check_place(out, place)
    if out.exists() and not force:
        raise InputError(place, "a file that exists", "the name of a new file", "name another one, or add --force")
