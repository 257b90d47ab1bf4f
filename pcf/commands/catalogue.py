"""`pcf products` and `pcf show`: what there is, and what a product is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, site_option
from pcf.engine import at
from pcf.model import System, compose
from pcf.text import json_text, name_in, text
from pcf.views.order import in_order
from pcf.views.parameters import MAIN, parameter_rows

VALUE_HEADINGS = ("parameter", "value", "unit", "range", "meaning", "origin", "reference")
WHOLE = ("parameter", "value", "unit", "range")
"""Columns that are never broken."""

WIDE = 110
"""Columns of a screen from which the values stand in seven columns."""


@click.command()
@catalogue_option
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def products(ctx: click.Context, data_path: Path | None, as_json: bool) -> None:
    """List the products with their site, standard and aliases."""
    catalogue, lang = load(data_path), language(ctx)
    rows = [
        {
            "id": item.id,
            "aliases": list(item.aliases),
            "name": dict(item.name),
            "kind": item.kind,
            "site": item.site,
            "standard": item.standard,
            "product_standard": item.product_standard,
            "declared_unit": {"amount": item.amount, "unit": item.unit},
        }
        for item in in_order(catalogue.products.values())
    ]
    if as_json:
        click.echo(json_text(rows))
        return
    from functools import partial

    from rich.table import Table

    from pcf.commands.tables import console, fitting, new_table

    def listing(headings: tuple[str, ...]) -> Table:
        table = new_table()
        for heading in headings:
            table.add_column(text(f"heading.{heading}", lang), no_wrap=heading != "name", overflow="fold")
        for item in in_order(catalogue.products.values()):
            cells = {
                "id": item.id, "aliases": ", ".join(item.aliases), "name": name_in(item.name, lang), "site": item.site or "–",
                "kind": text(f"kind.{item.kind}", lang), "standard": item.standard,
            }  # fmt: skip
            table.add_row(*(cells[heading] for heading in headings))
        return table

    screen = console()
    every = ("id", "aliases", "name", "kind", "site", "standard")
    forms = (every, ("id", "aliases", "name", "site", "standard"), ("id", "aliases", "name", "site"), ("id", "name", "site"))
    screen.print(fitting(screen, [partial(listing, headings) for headings in forms]))
    screen.print(text("message.products-next", lang))


@click.command()
@click.argument("product")
@site_option
@method_options
@catalogue_option
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.option(
    "--all", "everything", is_flag=True, help="Parameters of every part of the chain, not of the product's own site alone."
)
@click.pass_context
def show(ctx: click.Context, /, product: str, data_path: Path | None, as_json: bool, everything: bool, **options: Any) -> None:
    """Show a PRODUCT's chain and its parameters with ranges, units and sources."""
    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    system = compose(catalogue, asked.product, asked.method, asked.settings)
    rows = parameter_rows(system, everything=everything)
    if as_json:
        chain = [
            {"process": node.process.id, "scope": node.scope.id.removeprefix("product:"), "inputs": [
                {"target": system.nodes[int(link.target)].key if link.kind == "input" else str(link.target), "kind": link.kind,
                 "amount": at(link.amount, 0), "formula": link.text} for link in node.links]}
            for node in system.nodes
        ]  # fmt: skip
        click.echo(json_text({"product": system.product.id, "parameters": rows, "chain": chain}))
        return
    _print_head(system, lang)
    _print_chain(system, lang)
    _print_parameters(rows, lang)


def _print_head(system: System, lang: str) -> None:
    from rich.text import Text

    from pcf.commands.tables import console

    screen, site = console(), system.own.site
    screen.print()
    screen.print(Text(f"{name_in(system.product.name, lang)}  [{system.product.id}]", style="bold"))
    if site is not None:
        screen.print(Text(text(
            "message.site", lang, name=name_in(site.name, lang), id=site.id, geography=site.geography, year=site.year,
            standing=text(f"standing.{site.standing}", lang),
        )))  # fmt: skip
    if system.product.note:
        screen.print(Text(system.product.note, style="dim"))
    screen.print()


def _print_chain(system: System, lang: str) -> None:
    from rich.text import Text
    from rich.tree import Tree

    from pcf.commands.tables import console

    seen: set[int] = set()

    def label(index: int, amount: str) -> Text:
        node = system.nodes[index]
        where = node.scope.id.removeprefix("product:")
        return Text.assemble((f"{amount} ", "cyan"), name_in(node.process.name, lang), (f"  {node.process.id} @ {where}", "dim"))

    def grow(tree: Tree, index: int) -> None:
        if index in seen:
            return
        seen.add(index)
        services = []
        for link in system.nodes[index].links:
            if link.kind != "input":
                continue
            target = int(link.target)
            supplier = system.nodes[target].process
            amount = at(link.amount, 0) * system.nodes[index].process.scale / supplier.scale
            shown = f"{amount:.4g} {supplier.unit}"
            if supplier.stage is None:
                services.append(f"{supplier.id} {shown}")
            else:
                grow(tree.add(label(target, shown)), target)
        if services:
            tree.add(Text(" · ".join(services), style="dim"))

    root = Tree(label(0, f"{system.product.amount:g} {system.product.unit}"))
    grow(root, 0)
    console().print(root)


def _print_parameters(rows: list[dict[str, Any]], lang: str) -> None:
    """Two tables: values with their ranges, the product's own main ones first; then the shares with their options."""
    from rich.table import Table

    from pcf.commands.tables import console, new_table
    from pcf.views.figures import plain, shown_shares

    rows = sorted(rows, key=lambda item: (item["name"] not in MAIN, item["name"]))

    def values(*, narrow: bool) -> Table:
        table = new_table()
        headings = ("value", "unit", "range", "parameter") if narrow else VALUE_HEADINGS
        longest = max((len(row["source"]) for row in rows if "source" in row), default=0)
        for heading in headings:
            table.add_column(
                text(f"heading.{heading}", lang), justify="right" if heading == "value" else "left", overflow="fold",
                no_wrap=heading in WHOLE and not (narrow and heading == "parameter"),
                min_width=longest if heading == "reference" else None,
            )  # fmt: skip
        for row in rows:
            if isinstance(row["value"], dict):
                continue
            span = f"{row['range'][0]:g} … {row['range'][1]:g}" if row["range"] else ""
            check = text(f"source-check.{row['source_check']}", lang)
            origin = text(f"origin.{row['origin'].replace(' ', '-')}", lang)
            unit = "" if row["unit"] == "1" else row["unit"]
            title, reference = name_in(row["title"], lang), f"{row['source']} {row['year']}, {check}"
            if narrow:
                table.add_row(plain(row["value"]), unit, span, f"{row['name']}\n{title}\n{origin}; {reference}")
            else:
                table.add_row(row["name"], plain(row["value"]), unit, span, title, origin, reference)
        return table

    shares = new_table()
    for heading in ("shares", "value", "choices"):
        shares.add_column(text(f"heading.{heading}", lang), overflow="fold")
    for row in rows:
        if isinstance(row["value"], dict):
            title, check = name_in(row["title"], lang), text(f"source-check.{row['source_check']}", lang)
            choices = ", ".join(dict.fromkeys((*row["options"], *row["choices"])))
            shares.add_row(f"{row['name']}\n{title}", f"{shown_shares(row['value'], lang)}\n{check}", choices)
    screen = console()
    screen.print(values(narrow=screen.width < WIDE))
    if shares.row_count:
        screen.print(shares)
