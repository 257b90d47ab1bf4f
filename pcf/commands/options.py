"""Options that several commands share, and how they become method and settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pcf.catalogue import Catalogue, open_catalogue
from pcf.model import CHOICES, Method, Settings, read_request
from pcf.settings import home

Function = TypeVar("Function", bound=Callable[..., Any])

METHOD_HELP = {
    "boundary": "What is counted.",
    "gwp": "Edition of the global warming potentials.",
    "scrap": "Burden of pre-consumer scrap.",
    "electricity": "Whether power under contract keeps its own factor.",
    "attribution": "Whether retired MWh go to the product or are spread over the site.",
    "td": "Transmission and distribution of grid power.",
    "low_voltage_pfc": "PFC of low-voltage anode effects.",
    "heat": "Allocation between heat and power of one plant.",
    "co_products": "Allocation to co-products and losses.",
    "cut_off": "Limit of the cut-off test.",
}


def method_options(function: Function) -> Function:
    """Add an option for each choice of the method."""
    for name, options in reversed(list(CHOICES.items())):
        decorate = click.option(
            f"--{name.replace('_', '-')}", name, type=click.Choice(options), default=options[0], show_default=True,
            help=METHOD_HELP[name],
        )  # fmt: skip
        function = decorate(function)
    function = click.option("--step", "steps", multiple=True, help="Step that gate-to-gate or scope-1-2 counts.")(function)
    return click.option("--year", "factor_year", default="", help="Year of the emission factors (default: the newest).")(function)


def setting_options(function: Function) -> Function:
    """Add the options that change a product's parameters."""
    shortcuts = (
        ("--recycled-content", "Recycled content on metal basis, 0 to 1."),
        ("--recycled-input", "Share of scrap in the gross charge, 0 to 1."),
        ("--post-consumer-share", "Post-consumer share of the scrap, 0 to 1."),
    )
    function = click.option("--set", "texts", multiple=True, metavar="NAME=VALUE[UNIT]", help="Replace a parameter.")(function)
    for option, text in reversed(shortcuts):
        function = click.option(option, help=text)(function)
    function = click.option("--grid-mix", default="", help="Hypothetical mix of the own site: preset or coal=0.2,hydro=0.8.")(
        function
    )
    return click.option("--site", default="", help="Compute at another site.")(function)


def catalogue_option(function: Function) -> Function:
    """Add the option that names another data folder."""
    return click.option(
        "--data",
        "data_path",
        type=click.Path(path_type=Path),
        default=None,
        help="Another data folder.",
    )(function)


def load(data_path: Path | None) -> Catalogue:
    """The catalogue with the user's own imported data on top; says so when the first reading takes a moment."""
    return open_catalogue(data_path, overlays=[user_data()], on_compile=_announce)


def user_data() -> Path:
    """Folder of what the user has imported."""
    return home() / "data"


def _announce() -> None:
    if sys.stderr.isatty():
        click.echo("pcf: checking and compiling the data (once) …", err=True)


def read_method(options: dict[str, Any]) -> Method:
    """The method from a command's options; the options are taken out of the mapping."""
    chosen = {name: options.pop(name) for name in CHOICES}
    return Method(**chosen, steps=tuple(options.pop("steps")), factor_year=options.pop("factor_year"))


def read_product_settings(catalogue: Catalogue, name: str, method: Method, options: dict[str, Any]) -> tuple[str, Settings]:
    """Product id and settings from a command's options."""
    shortcuts = ("recycled_content", "recycled_input", "post_consumer_share")
    texts = [*options["texts"], *(f"{key}={options[key]}" for key in shortcuts if options.get(key) is not None)]
    return read_request(catalogue, name, method, texts, options["grid_mix"], options["site"])
