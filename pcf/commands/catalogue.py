"""`pcf products` and `pcf show`: what there is, and what a product is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_method
from pcf.engine import at
from pcf.model import Settings, System, compose, find_product
from pcf.text import name_in, text

MAIN = ("recycled_content", "recycled_input", "post_consumer_share")
"""Parameters that people look for first."""


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
        for item in catalogue.products.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from pcf.commands.output import console

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("id", "name", "kind", "site", "standard"):
        table.add_column(text(f"heading.{heading}", lang), no_wrap=heading == "id")
    for item in catalogue.products.values():
        label = ", ".join((item.id, *item.aliases))
        table.add_row(label, name_in(item.name, lang), text(f"kind.{item.kind}", lang), item.site or "–", item.standard)
    console().print(table)


@click.command()
@click.argument("product")
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
    system = compose(catalogue, find_product(catalogue, product), read_method(options), Settings())
    rows = _parameter_rows(system, everything)
    if as_json:
        chain = [
            {"process": node.process.id, "scope": node.scope.id.removeprefix("product:"), "inputs": [
                {"target": system.nodes[int(link.target)].key if link.kind == "input" else str(link.target), "kind": link.kind,
                 "amount": at(link.amount, 0), "formula": link.text} for link in node.links]}
            for node in system.nodes
        ]  # fmt: skip
        click.echo(json.dumps({"product": system.product.id, "parameters": rows, "chain": chain}, ensure_ascii=False, indent=2))
        return
    _print_chain(system, lang)
    _print_parameters(rows, lang)


def _parameter_rows(system: System, everything: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for scope in system.scopes:
        if scope is not system.own and not everything:
            continue
        prefix = "" if scope is system.own else f"{scope.id.removeprefix('product:')}."
        for name in sorted(scope.used):
            group = system.catalogue.shares.get(name)
            if group is not None:
                shares = {option: at(scope.values[f"{name}__{option}"], 0) for option in group.options}
                rows.append({
                    "name": prefix + name, "value": {key: value for key, value in shares.items() if value}, "unit": "1",
                    "choices": list(group.presets), "options": list(group.options), "origin": scope.origin.get(name, "process default"), "title": dict(group.title),
                    "source_check": scope.share_marks.get(name, group.source_check), "note": group.note,
                })  # fmt: skip
            elif name in scope.quantities:
                quantity = scope.quantities[name]
                parameter = system.catalogue.parameters.get(name, quantity)
                limits = quantity.limits or parameter.limits
                rows.append({
                    "name": prefix + name, "value": quantity.shown, "unit": quantity.unit,
                    "range": [limit / quantity.scale for limit in limits] if limits else None,
                    "origin": scope.origin.get(name, "process default"), "title": dict(quantity.name or parameter.name),
                    "source": quantity.marks.source, "year": quantity.marks.year, "geography": quantity.marks.geography,
                    "source_check": quantity.marks.source_check, "note": quantity.marks.note,
                })  # fmt: skip
    return rows


def _print_chain(system: System, lang: str) -> None:
    from rich.text import Text
    from rich.tree import Tree

    from pcf.commands.output import console

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
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from pcf.commands.output import console

    def table(headings: tuple[str, ...]) -> Table:
        made = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in headings:
            whole = heading in ("parameter", "value", "unit", "range")
            made.add_column(text(f"heading.{heading}", lang), justify="right" if heading == "value" else "left", no_wrap=whole)
        return made

    values = table(("parameter", "meaning", "value", "unit", "range", "origin", "reference"))
    shares = table(("parameter", "meaning", "shares", "choices"))
    for row in sorted(rows, key=lambda item: (item["name"] not in MAIN, item["name"])):
        title = name_in(row["title"], lang)
        if isinstance(row["value"], dict):
            shown = ", ".join(f"{key} {value:.4g}" for key, value in row["value"].items())
            shares.add_row(row["name"], title, shown, ", ".join(dict.fromkeys((*row["options"], *row["choices"]))))
            continue
        span = f"{row['range'][0]:g} … {row['range'][1]:g}" if row["range"] else ""
        check = text(f"source-check.{row['source_check']}", lang)
        origin = text(f"origin.{row['origin'].replace(' ', '-')}", lang)
        values.add_row(
            row["name"], title, f"{row['value']:.6g}", row["unit"], span, origin, f"{row['source']} {row['year']}, {check}"
        )
    console().print(values)
    if shares.row_count:
        console().print(shares)
