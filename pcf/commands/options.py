"""Options that several commands share, and how they become product, method and settings."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from pcf.catalogue import STAGES, Catalogue, nearest, open_catalogue
from pcf.errors import InputError
from pcf.model import CHOICES, Method, Settings, compose, find_product, read_request
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
SHORTCUTS = {
    "recycled_content": "Recycled content on metal basis, 0 to 1 or per cent.",
    "recycled_input": "Share of scrap in the gross charge, 0 to 1 or per cent.",
    "post_consumer_share": "Post-consumer share of the scrap, 0 to 1 or per cent.",
}
_BEFORE_REMARK = re.compile(r"[（(,:：]")
"""A site's name ends where a remark on it begins: `Shandong, smelter with own coal power`."""

_THOUSANDS = re.compile(r"\d{1,3}([,，]\d{3})+(?!\d)")


class Option(click.Choice[str]):
    """A choice in any letter case; an option whose name has several words is known by its first ones, with or without spaces."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The option that a text means."""
        wanted = _squeezed(str(value))
        for option in self.choices:
            if _squeezed(option) == wanted:
                return option
        close = [option for option in self.choices if wanted and _squeezed(option).startswith(wanted) and " " in option]
        return close[0] if len(close) == 1 else super().convert(value, param, ctx)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).lower()


@dataclass(frozen=True)
class Request:
    """What a command line asks for."""

    product: str
    method: Method
    settings: Settings


def method_options(function: Function) -> Function:
    """Add an option for each choice of the method."""
    for name, options in reversed(list(CHOICES.items())):
        decorate = click.option(
            f"--{name.replace('_', '-')}", name, type=Option(options), default=options[0], show_default=True,
            help=METHOD_HELP[name],
        )  # fmt: skip
        function = decorate(function)
    step = "Step or stage that gate-to-gate or scope-1-2 counts, such as electrolysis or casting."
    function = click.option("--step", "steps", multiple=True, callback=_written, help=step)(function)
    return click.option(
        "--year", "factor_year", default="", callback=_written, help="Year of the emission factors (default: the newest)."
    )(function)


def setting_options(function: Function) -> Function:
    """Add the options that change a product's parameters."""
    function = click.option(
        "--set", "texts", multiple=True, metavar="NAME=VALUE[UNIT]", help="Replace a value; `pcf show` lists the names."
    )(function)
    for name, text in reversed(SHORTCUTS.items()):
        function = click.option(f"--{name.replace('_', '-')}", help=text)(function)
    mix = "Hypothetical mix of the product's own site (not of its suppliers): a preset or coal=0.2,hydro=0.8."
    return site_option(click.option("--grid-mix", default="", callback=_written, help=mix)(function))


def site_option(function: Function) -> Function:
    """Add the option that names another site."""
    return click.option("--site", default="", callback=_written, help="Compute at another site, by its id or name.")(function)


def _written(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse an empty text that somebody wrote: it is a variable of a script that was never set."""
    if ctx.get_parameter_source(parameter.name or "") is not ParameterSource.DEFAULT:
        for text in value if isinstance(value, tuple) else (value,):
            if not text.strip():
                raise InputError(parameter.opts[0], "nothing", "a value, or the option left out")
    return value


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


def read_options(catalogue: Catalogue, product: str, options: dict[str, Any]) -> Request:
    """Product, method and settings from the texts of a command's options.

    Raises
    ------
    InputError
        For names, values or combinations that make no sense; its place is the option that was written.
    """
    product_id = find_product(catalogue, product)
    chosen = {name: options[name] for name in CHOICES}
    method = Method(**chosen, steps=_steps(catalogue, product_id, options), factor_year=options["factor_year"])
    texts = [_without_separators(text) for text in options.get("texts", ())]
    shortcuts = [name for name in SHORTCUTS if options.get(name) is not None]
    texts += [f"{name}={options[name]}" for name in shortcuts]
    if options.get("grid_mix") and (twice := [text for text in texts if _named(text) in ("grid_mix", f"{product_id}.grid_mix")]):
        raise InputError("--grid-mix", f"a mix here and in --set {twice[0]}", "one of the two")
    mix, site = options.get("grid_mix", ""), find_site(catalogue, options.get("site", ""))
    try:
        _, settings = read_request(catalogue, product_id, method, texts, _known_case(catalogue, mix), site)
    except InputError as problem:
        raise _in_the_users_words(catalogue, product_id, shortcuts, problem) from None
    return Request(product_id, method, settings)


def _steps(catalogue: Catalogue, product_id: str, options: dict[str, Any]) -> tuple[str, ...]:
    """Processes that the steps name; a stage stands for all its processes in the product's chain."""
    written = tuple(options["steps"])
    if written and options["boundary"] == "cradle-to-gate":
        raise InputError(
            f"--step {written[0]}", "a step with the boundary cradle-to-gate, which counts the whole chain",
            "--boundary gate-to-gate or --boundary scope-1-2 beside it",
        )  # fmt: skip
    if not any(step.lower() in STAGES and step.lower() not in catalogue.processes for step in written):
        return written
    chain = compose(catalogue, product_id, Method(), Settings()).nodes
    found: dict[str, None] = {}
    for step in written:
        inside = [node.process.id for node in chain if node.process.stage == step.lower()]
        found.update(dict.fromkeys(inside if inside and step not in catalogue.processes else [step]))
    return tuple(found)


def find_site(catalogue: Catalogue, text: str) -> str:
    """Id of a site by id or name in any letter case, or by a part of its name that no other site has.

    Raises
    ------
    InputError
        With the nearest known site.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return ""
    names = {
        item.id: [item.id, *item.name.values(), *(_BEFORE_REMARK.split(name)[0].strip() for name in item.name.values())]
        for item in catalogue.sites.values()
    }
    exact = [site for site, known in names.items() if wanted in (name.casefold() for name in known)]
    parts = [site for site, known in names.items() if any(name.casefold().startswith(wanted) for name in known)]
    for found in (exact, parts):
        if len(found) == 1:
            return found[0]
    if parts:
        raise InputError("--site", f"{text!r}, which {len(parts)} sites bear", f"one of {', '.join(sorted(parts))}")
    shown = text if len(text) <= 60 else text[:60] + "…"
    raise InputError("--site", repr(shown), ", ".join(sorted(catalogue.sites)), nearest(wanted, catalogue.sites))


def _known_case(catalogue: Catalogue, mix: str) -> str:
    """A mix with its names in the letter case that the catalogue has."""
    group = catalogue.shares.get("grid_mix")
    known = {name.lower(): name for name in (*group.options, *group.presets)} if group else {}
    return re.sub(r"[A-Za-z_][A-Za-z_-]*", lambda found: known.get(found[0].lower(), found[0]), mix)


def _named(text: str) -> str:
    return text.partition("=")[0].strip()


def _without_separators(text: str) -> str:
    name, _, value = text.partition("=")
    if _THOUSANDS.match(value.strip()):
        plain = re.sub("[,，]", "", value.strip())
        raise InputError(f"--set {name.strip()}", f"{value.strip()!r} with a thousands separator", f"{plain!r}")
    return text


def _in_the_users_words(catalogue: Catalogue, product_id: str, shortcuts: list[str], problem: InputError) -> InputError:
    """A problem with a value that came by its own option names that option."""
    for name in shortcuts:
        if name not in problem.place:
            continue
        option = f"--{name.replace('_', '-')}"
        if not catalogue.products[product_id].charge:
            having = sorted(item.id for item in catalogue.products.values() if item.charge and item.charge.get("scrap"))
            return InputError(
                option, f"{product_id}, which has no scrap in its charge", f"a product with scrap: {', '.join(having)}"
            )
        number = problem.found.strip("'")
        if number.replace(".", "", 1).isdigit() and 1 < float(number) <= 100:
            return InputError(option, number, f"a share from 0 to 1: {float(number) / 100:g}, or {number}%")
        return InputError(option, problem.found, problem.expected, problem.advice)
    return problem
