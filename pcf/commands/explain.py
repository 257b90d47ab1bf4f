"""`pcf explain`: the contribution tree of a footprint, down to source rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pcf.catalogue import STAGES, UNSPECIFIED, Catalogue, nearest
from pcf.commands.formulas import formula_lines
from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.engine import Branch, Footprint, at, calc_tree, calculate
from pcf.errors import InputError
from pcf.methods import assess, describe_marks, describe_parameter, describe_shares, document
from pcf.model import Link, Node, Scope
from pcf.text import json_text, name_in, text, texts

DEEPEST = 40


@click.command()
@click.argument("product")
@click.argument("branch", required=False)
@setting_options
@method_options
@catalogue_option
@click.option("--depth", type=click.IntRange(1, DEEPEST), default=6, show_default=True, help="Levels of the tree.")
@click.option(
    "--at-least", type=click.FloatRange(0, 1), default=0.01, show_default=True,
    help="Leave out what is below this share; what is left out is summed in a line.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def explain(
    ctx: click.Context, /, product: str, branch: str | None, data_path: Path | None, depth: int, at_least: float, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Follow a PRODUCT's footprint down its chain to the formula and the source row of each number.

    BRANCH opens one part alone: a process or stage, such as electrolysis.
    """
    if math.isnan(at_least):  # lies in no range, yet outside none either
        raise InputError("--at-least", "nan", "a share from 0 to 1")
    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    result = calculate(catalogue, asked.product, asked.method, asked.settings)
    tree = calc_tree(result.system, result.solution, depth=DEEPEST if branch else depth, at_least=at_least)
    if branch:
        tree = _cut(_find(catalogue, tree, branch), depth)
    if as_json:
        click.echo(json_text(_document(catalogue, tree, result)))
        return
    _print(catalogue, result, tree, lang)


def _find(catalogue: Catalogue, tree: Branch, wanted: str) -> Branch:
    """The branches of a process or stage as one: the largest, or all of a stage's below a common line."""
    name = wanted.strip().lower()

    def places(branch: Branch) -> Iterator[Branch]:
        node = branch.node
        names = set()
        if node is not None:
            titles = [title.lower() for title in node.process.name.values()]
            names = {node.process.id, node.key.lower(), node.key.replace("product:", "").lower(), *titles}
            if name in STAGES and name not in catalogue.processes and node.process.stage == name:
                names.add(name)
        if name in names:
            yield branch
            return
        for item in branch.branches:
            yield from places(item)

    found = sorted(places(tree), key=lambda item: -abs(item.value))
    if not found:
        known = sorted({node.process.id for item in _walk(tree) if (node := item.node) is not None})
        raise InputError("branch", repr(wanted[:60]), f"a process or stage of the tree: {', '.join(known)}", nearest(name, known))
    return found[0]


def _walk(branch: Branch) -> Iterator[Branch]:
    yield branch
    for item in branch.branches:
        yield from _walk(item)


def _cut(branch: Branch, depth: int) -> Branch:
    inner = tuple(_cut(item, depth - 1) for item in branch.branches) if depth > 0 else ()
    return replace(branch, branches=inner)


def _rows(catalogue: Catalogue, link: Link | None, scope: Scope | None) -> list[dict[str, Any]]:
    """The values behind an amount, shares included, and the factor row, each with its source."""
    if link is None:
        return []
    found: list[dict[str, Any]] = []
    for name in sorted(link.names) if scope is not None else ():
        assert scope is not None
        group = catalogue.shares.get(name)
        if group is not None:
            found.append({"name": name, **describe_shares(scope, group), "place": ""})
        elif name in scope.quantities:
            quantity = scope.quantities[name]
            row = {"factor": quantity.factor} if quantity.factor else {}
            found.append({"name": name, **describe_parameter(scope, name), **row, "place": quantity.place})
    if link.factor is not None:
        quantity = link.factor.quantity
        found.append({
            "name": link.factor.id, "value": quantity.shown, "unit": quantity.unit, **describe_marks(quantity.marks),
            "place": quantity.place,
        })  # fmt: skip
    for row in found:
        source = catalogue.sources.get(row.get("source", ""), {})
        row["title"], row["url"] = str(source.get("title") or ""), str(source.get("url") or "")
    return found


def _document(catalogue: Catalogue, branch: Branch, result: Footprint, scope: Scope | None = None) -> dict[str, Any]:
    inner = branch.node.scope if branch.node else scope
    amount, unit = _amount(branch)
    return {
        "label": branch.label,
        "amount_base_units_per_kg": branch.amount,
        "amount": amount,
        "unit": unit,
        "tCO2e_per_t": branch.value,
        "formula": branch.link.text if branch.link else "",
        "sources": _rows(catalogue, branch.link, scope),
        "branches": [_document(catalogue, item, result, inner) for item in branch.branches],
    }


def _amount(branch: Branch) -> tuple[float, str]:
    """Amount of a branch per tonne of product, in the unit of its supplier or factor."""
    if branch.node is not None:
        return branch.amount * 1000 / branch.node.process.scale, branch.node.process.unit
    factor = branch.link.factor if branch.link else None
    if factor is None:
        return branch.amount * 1000, "kgCO2e" if branch.label == UNSPECIFIED else "kg"
    return branch.amount * 1000 * factor.quantity.scale, f"× {factor.quantity.shown:.6g} {factor.quantity.unit}"


def _print(catalogue: Catalogue, result: Footprint, tree: Branch, lang: str) -> None:
    from rich.text import Text
    from rich.tree import Tree

    from pcf.commands.tables import console
    from pcf.views.figures import decimals_of, percent, tonnes
    from pcf.views.heading import print_heading

    screen = console()
    whole = at(result.total, 0) or 1.0
    decimals = decimals_of(whole) + 1
    print_heading(screen, document(result, assess(result), lang), lang)
    screen.print(Text(text("message.tree-help", lang), style="dim"))
    screen.print()

    def label(branch: Branch) -> Text:
        amount, unit = _amount(branch)
        return Text.assemble(
            (f"{tonnes(branch.value, decimals)} ", "bold cyan"), (f"{percent(branch.value / whole, lang)}  ", "cyan"),
            _label(branch, lang), (f"  {amount:.5g} {unit}", "dim"),
        )  # fmt: skip

    seen: set[str] = set()

    def grow(to: Tree, branch: Branch, above: Node | None) -> None:
        for line in _lines(catalogue, branch, above, lang, seen):
            to.add(Text(line, style="dim"))
        for item in branch.branches:
            grow(to.add(label(item)), item, branch.node or above)
        if rest := _rest(result, branch, decimals, lang):
            to.add(Text(rest, style="dim italic"))

    root = Tree(label(tree))
    grow(root, tree, None)
    screen.print(root)
    screen.print()
    screen.print(Text(text("message.source-hint", lang, id="ID"), style="dim"))


def _label(branch: Branch, lang: str) -> str:
    if branch.node is not None:
        return f"{name_in(branch.node.process.name, lang)} [{branch.node.key.replace('product:', '')}]"
    factor = branch.link.factor if branch.link else None
    return name_in(factor.quantity.name, lang) if factor else texts(lang).get(f"gas.{branch.label}", branch.label)


def _rest(result: Footprint, branch: Branch, decimals: int, lang: str) -> str:
    """What a branch holds beside the branches that are shown."""
    from pcf.views.figures import tonnes

    if branch.node is None:
        return ""
    links = [link for link in branch.node.links if _worth(result, link) != 0]
    shown = sum(item.value for item in branch.branches)
    count = len(links) - len(branch.branches)
    if count <= 0 or abs(branch.value - shown) <= abs(branch.value) * 1e-9:
        return ""
    key = "message.rest" if branch.branches else "message.rest-deeper"
    return text(key, lang, count=count, value=tonnes(branch.value - shown, decimals))


def _worth(result: Footprint, link: Link) -> float:
    per_unit = at(result.solution.intensity[int(link.target)], 0) if link.kind == "input" else at(link.characterised, 0)
    return at(link.amount, 0) * per_unit


def _lines(catalogue: Catalogue, branch: Branch, above: Node | None, lang: str, seen: set[str]) -> Iterator[str]:
    """The formula of an amount with its numbers, then each value with its source, its row and its note.

    What was printed in full before is named alone.
    """
    from pcf.views.figures import shown_value

    if branch.link is None or above is None:
        return
    for line in formula_lines(catalogue, branch.link, above.scope):
        filled = f"\n  = {line.filled}" if line.filled else ""
        value = line.value or _needed(branch, branch.link, above, lang)
        yield f"{line.name or text('message.amount', lang)} = {line.formula}{filled}" + (f"\n  = {value}" if value else "")
    for row in _rows(catalogue, branch.link, above.scope):
        value = shown_value(row["value"], row["unit"], lang)
        check = text(f"source-check.{row['source_check']}", lang) if "source_check" in row else text("origin.user", lang)
        first = f"{row['name']} = {value} · {check}"
        key = f"{row['name']} {value} {row['place']}"
        if key in seen:
            yield f"{first} · {text('message.as-above', lang)}"
            continue
        seen.add(key)
        where = " ".join(filter(None, (row.get("year", ""), row.get("geography", ""))))
        factor = text("message.factor-line", lang, id=row["factor"], value=value) if row.get("factor") else ""
        details = [
            " · ".join(filter(None, (row.get("source", ""), row["title"], row.get("locator", ""), where))),
            row["url"],
            " · ".join(filter(None, (row["place"], factor))),
            text("message.note", lang, note=row["note"]) if row.get("note") else "",
        ]
        yield "\n  ".join([first, *filter(None, details)])


def _needed(branch: Branch, link: Link, above: Node, lang: str) -> str:
    """What one unit of the consuming process needs of a branch; nothing for a factor, whose own unit counts something else."""
    amount = at(link.amount, 0) * above.process.scale
    if branch.node is not None:
        value, unit = amount / branch.node.process.scale, branch.node.process.unit
    elif link.factor is None:
        value, unit = amount, "kgCO2e" if link.gas == UNSPECIFIED else "kg"
    else:
        return ""
    return text("message.per", lang, value=f"{value:.5g}", unit=unit, per=above.process.unit)
