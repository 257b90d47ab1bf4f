"""`pcf explain`: the contribution tree of a footprint, down to source rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pcf.catalogue import Catalogue
from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_method, read_product_settings, setting_options
from pcf.engine import Branch, calc_tree, calculate
from pcf.model import Scope
from pcf.text import name_in


@click.command()
@click.argument("product")
@setting_options
@method_options
@catalogue_option
@click.option("--depth", type=click.IntRange(1, 40), default=6, show_default=True, help="Levels of the tree.")
@click.option(
    "--at-least", type=click.FloatRange(0, 1), default=0.01, show_default=True, help="Leave out what is below this share."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def explain(
    ctx: click.Context, /, product: str, data_path: Path | None, depth: int, at_least: float, as_json: bool, **options: Any
) -> None:
    """Follow a PRODUCT's footprint down its chain to the source row of each number."""
    catalogue, lang = load(data_path), language(ctx)
    method = read_method(options)
    product_id, settings = read_product_settings(catalogue, product, method, options)
    result = calculate(catalogue, product_id, method, settings)
    tree = calc_tree(result.system, result.solution, depth=depth, at_least=at_least)
    if as_json:
        click.echo(json.dumps(_document(catalogue, tree), ensure_ascii=False, indent=2, allow_nan=False))
        return
    _print(catalogue, tree, lang)


def _label(branch: Branch, lang: str) -> str:
    if branch.node is not None:
        return f"{name_in(branch.node.process.name, lang)} [{branch.node.key.replace('product:', '')}]"
    factor = branch.link.factor if branch.link else None
    return name_in(factor.quantity.name, lang) if factor else branch.label


def _unit(branch: Branch) -> tuple[float, str]:
    """Amount and unit of a branch as its supplier or factor counts."""
    if branch.node is not None:
        return branch.amount * 1000 / branch.node.process.scale, branch.node.process.unit
    factor = branch.link.factor if branch.link else None
    if factor is None:
        return branch.amount * 1000, "kg"
    scale, unit = factor.quantity.scale, factor.quantity.unit
    return branch.amount * 1000 * scale, f"× {factor.quantity.shown:.6g} {unit}"


def _sources(catalogue: Catalogue, branch: Branch, scope: Scope | None) -> list[dict[str, Any]]:
    """The source rows behind a branch's amount and factor."""
    found: list[dict[str, Any]] = []
    link = branch.link
    if link is None:
        return found
    for name in sorted(link.names):
        if scope is None or name not in scope.quantities:
            continue
        quantity = scope.quantities[name]
        found.append(_row(catalogue, name, quantity.shown, quantity.unit, quantity.marks, scope.origin.get(name, "")))
    if link.factor is not None:
        quantity = link.factor.quantity
        found.append(_row(catalogue, link.factor.id, quantity.shown, quantity.unit, quantity.marks, quantity.place))
    return found


def _row(catalogue: Catalogue, name: str, value: float, unit: str, marks: Any, origin: str) -> dict[str, Any]:
    source = catalogue.sources.get(marks.source, {})
    return {
        "name": name, "value": value, "unit": unit, "source": marks.source, "title": source.get("title", ""),
        "url": source.get("url", ""), "locator": marks.locator, "year": marks.year, "geography": marks.geography,
        "source_check": marks.source_check, "data_class": marks.data_class, "place": origin,
    }  # fmt: skip


def _document(catalogue: Catalogue, branch: Branch, scope: Scope | None = None) -> dict[str, Any]:
    inner = branch.node.scope if branch.node else scope
    return {
        "label": branch.label,
        "amount_base_units_per_kg": branch.amount,
        "tCO2e_per_t": branch.value,
        "formula": branch.link.text if branch.link else "",
        "sources": _sources(catalogue, branch, scope),
        "branches": [_document(catalogue, item, inner) for item in branch.branches],
    }


def _print(catalogue: Catalogue, tree: Branch, lang: str) -> None:
    from rich.text import Text
    from rich.tree import Tree

    from pcf.commands.output import console, percent, tonnes

    total = tree.value or 1.0

    def label(branch: Branch) -> Text:
        amount, unit = _unit(branch)
        return Text.assemble(
            (f"{tonnes(branch.value):>7} ", "bold cyan"), (f"{percent(branch.value / total):>5}  ", "cyan"),
            _label(branch, lang), (f"  {amount:.5g} {unit}", "dim"),
        )  # fmt: skip

    def grow(to: Tree, branch: Branch, scope: Scope | None) -> None:
        for row in _sources(catalogue, branch, scope):
            to.add(Text(
                f"{row['name']} = {row['value']:.6g} {row['unit']} · {row['source']}, {row['locator'] or row['title']}, "
                f"{row['year']} {row['geography']} · {row['source_check']}", style="dim italic",
            ))  # fmt: skip
        for item in branch.branches:
            grow(to.add(label(item)), item, branch.node.scope if branch.node else scope)

    root = Tree(label(tree))
    grow(root, tree, None)
    console().print(root)
