"""Writes what is generated in the documents.

The results tables and the sample of both READMEs, the command reference (docs/cli.md),
the sources in docs/provenance.md.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from pcf.catalogue import SOURCE_CHECKS, Catalogue, open_catalogue
from pcf.commands.main import cli
from pcf.commands.output import print_footprint
from pcf.commands.overview import row_label
from pcf.commands.tables import console
from pcf.engine import calculate
from pcf.methods import assess, document
from pcf.text import name_in, text
from pcf.views.figures import decimals_of, percent, tonnes
from pcf.views.order import in_order

ROOT = Path(__file__).parents[1]


def replace_block(page: str, name: str, content: str) -> str:
    """A text with what stands between two marks replaced."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    return block.sub(lambda found: found[1] + content + found[2], page)


README = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
HEADINGS = {
    "en": ("product", "what it is", "tCO2e/t", "with low-voltage PFC", "scrap as co-product", "rests on assumed values"),
    "zh": ("产品", "说明", "tCO2e/t", "含低电压全氟化碳", "废铝按共生产品", "依据假设值的比例"),
}


def results(catalogue: Catalogue, lang: str) -> str:
    """The table of results as Markdown."""
    found = [calculate(catalogue, product.id) for product in in_order(catalogue.products.values())]
    items = [document(result, assess(result), lang) for result in found]
    decimals = decimals_of(max(item["total"]["value"] for item in items))
    lines = ["| " + " | ".join(HEADINGS[lang]) + " |", "|---|---|---:|---:|---:|---:|"]
    for item in items:
        total, other, with_low = (
            item["total"]["value"],
            item["alternatives"]["scrap"]["co-product"],
            item["headline"]["with_low_voltage_pfc"],
        )
        label = row_label(item)
        mark = " †" if label.endswith("†") else ""
        cells = (
            f"`{item['product']['id']}`{mark}", name_in(item["product"]["name"], lang), f"**{tonnes(total, decimals)}**",
            "" if with_low is None else tonnes(with_low, decimals),
            "" if abs(other - total) < 1e-9 else tonnes(other, decimals),
            percent(item["evidence"]["source_check"]["assumed"], lang),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    if any(row_label(item).endswith("†") for item in items):
        lines += ["", text("message.infeasible", lang)]
    return "\n".join(lines) + "\n"


def sample(catalogue: Catalogue, lang: str) -> str:
    """What the screen shows for one product, without the lists below its table."""
    result = calculate(catalogue, "hqalight")
    page = io.StringIO()
    print_footprint(document(result, assess(result), lang), lang, short=True, screen=console(page))
    lines = "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip()
    return f"```text\n{lines}\n```\n"


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
    found = {}
    for lang, path in README.items():
        page = replace_block(path.read_text(encoding="utf-8"), "results", results(catalogue, lang))
        found[path] = replace_block(page, "sample", sample(catalogue, lang))
    provenance = ROOT / "docs" / "provenance.md"
    found[provenance] = replace_block(provenance.read_text(encoding="utf-8"), "sources", sources(catalogue))
    found[ROOT / "docs" / "cli.md"] = command_reference()
    return found


if __name__ == "__main__":
    for path, content in pages(open_catalogue()).items():
        path.write_text(content, encoding="utf-8")
