"""`pcf export`: the model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.main import Group
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.model import compose


@click.group(cls=Group)
def export() -> None:
    """Hand the model to other programs."""


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
