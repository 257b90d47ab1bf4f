"""Writes what is generated in the documents.

The results tables of both READMEs, the command reference (docs/cli.md),
the sources in docs/provenance.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from pcf.catalogue import SOURCE_CHECKS, Catalogue, open_catalogue
from pcf.commands.main import cli
from pcf.commands.output import percent, tonnes
from pcf.engine import at, calculate
from pcf.methods import assess, document
from pcf.text import name_in

ROOT = Path(__file__).parents[1]


def replace_block(text: str, name: str, content: str) -> str:
    """A text with what stands between two marks replaced."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    return block.sub(lambda found: found[1] + content + found[2], text)


README = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
SHOWN = (
    "hqalight", "primary-yunnan", "primary-shandong", "primary-captive-coal", "primary-group", "hqaloop", "a356.2",
    "can-stock-3104", "packaging-recycled", "alumina", "anode",
)  # fmt: skip
HEADINGS = {
    "en": ("product", "what it is", "tCO2e/t", "scrap as co-product", "rests on assumed values"),
    "zh": ("产品", "说明", "tCO2e/t", "废铝按共生产品", "依据假设值的比例"),
}


def results(catalogue: Catalogue, lang: str) -> str:
    """The table of results as Markdown."""
    lines = ["| " + " | ".join(HEADINGS[lang]) + " |", "|---|---|---:|---:|---:|"]
    for product in SHOWN:
        found = calculate(catalogue, product)
        item = document(found, assess(found), lang)
        other = found.alternatives["scrap"]["co-product"]
        same = abs(other - at(found.total, 0)) < 1e-9
        assumed = percent(item["evidence"]["source_check"]["assumed"])
        cells = (f"`{product}`", name_in(item["product"]["name"], lang), f"**{tonnes(item['total']['value'])}**")
        lines.append("| " + " | ".join((*cells, "" if same else tonnes(other), assumed)) + " |")
    return "\n".join(lines) + "\n"


def sources(catalogue: Catalogue) -> str:
    """The sources with the number of values that name each, by source check."""
    counts: dict[str, Counter[str]] = {}
    rows = [row.quantity for years in catalogue.factors.values() for row in years.values()]
    places = (*catalogue.sites.values(), *catalogue.products.values())
    rows += [*catalogue.parameters.values(), *(item for place in places for item in place.parameters.values())]
    for quantity in rows:
        if quantity.factor is None:
            counts.setdefault(quantity.marks.source, Counter())[quantity.marks.source_check] += 1
    lines = ["| source | values | read | transcribed | derived | assumed |", "|---|---:|---:|---:|---:|---:|"]
    for source, found in sorted(counts.items(), key=lambda item: (-item[1].total(), item[0])):
        row = catalogue.sources[source]
        title = f"[{row['title']}]({row['url']})" if row["url"] else row["title"]
        cells = [str(found[check] or "") for check in SOURCE_CHECKS]
        lines.append(f"| {title}, {row['publisher']}, {row['year']} | {found.total()} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _commands(inner, (*path, name))


def command_reference() -> str:
    """The help of every command."""
    lines = [
        "# Commands",
        "",
        "Written by `docs/make_pages.py` from the commands' own help. Exit codes: 0 done, 1 a check that was asked for failed,",
        "2 bad input or data (one line says where), 3 the environment lacks something. stdout carries the result, stderr",
        "progress and errors.",
        "",
    ]
    for path, command in _commands(cli, ("pcf",)):
        context = click.Context(
            command, info_name=" ".join(path), terminal_width=100, max_content_width=100, help_option_names=["-h", "--help"]
        )
        lines += [f"## {' '.join(path)}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)


def pages(catalogue: Catalogue) -> dict[Path, str]:
    """Every generated page with its content of today."""
    found = {
        path: replace_block(path.read_text(encoding="utf-8"), "results", results(catalogue, lang))
        for lang, path in README.items()
    }
    provenance = ROOT / "docs" / "provenance.md"
    found[provenance] = replace_block(provenance.read_text(encoding="utf-8"), "sources", sources(catalogue))
    found[ROOT / "docs" / "cli.md"] = command_reference()
    return found


if __name__ == "__main__":
    for path, content in pages(open_catalogue()).items():
        path.write_text(content, encoding="utf-8")
