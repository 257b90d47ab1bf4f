"""The demo's page: the overview in both languages, with links to what lies beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pcf.settings import LANGUAGES
from pcf.text import name_in, text
from pcf.views.figures import decimals_of, percent, tonnes

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #d5dde5;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}h1{font-size:1.5rem;margin-top:2.5rem}a{color:#0b5cad}"
)


def render_page(documents: Sequence[Mapping[str, Any]]) -> str:
    """The page as HTML."""
    parts = "\n".join(_section(documents, lang) for lang in LANGUAGES)
    return f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>pcf</title>\n<style>{STYLE}</style>\n{parts}\n</html>\n'


def _section(documents: Sequence[Mapping[str, Any]], lang: str) -> str:
    heads = ("product", "name", "total", "with-low", "files")
    names = [text(f"heading.{key}", lang) if key != "files" else text("demo.files", lang) for key in heads]
    names.insert(4, text("source-check.assumed", lang))
    names = [name.replace("-\n", "-").replace("\n", "") for name in names]
    names[2] += " [tCO2e/t]"
    decimals = decimals_of(max(item["total"]["value"] for item in documents))
    head = "".join(f"<th{_numeric(place)}>{escape(name)}</th>" for place, name in enumerate(names))
    rows = "\n".join(f"<tr>{_row(item, lang, decimals)}</tr>" for item in documents)
    return (
        f'<section lang="{lang}">\n<h1>{escape(text("demo.title", lang))}</h1>\n<p>{escape(text("demo.intro", lang))}</p>\n'
        f"<table>\n<tr>{head}</tr>\n{rows}\n</table>\n<ul>\n"
        f'<li><a href="footprints.xlsx">footprints.xlsx</a>: {escape(text("demo.workbook", lang))}</li>\n'
        f'<li><a href="sample-plant.xlsx">sample-plant.xlsx</a>, <a href="sample-plant.json">sample-plant.json</a>: '
        f"{escape(text('demo.plant', lang))}</li>\n<li>{_custody(lang)}: {escape(text('demo.custody', lang))}</li>\n"
        f"<li>{_certificate()}: {escape(text('demo.certificate', lang))}</li>\n</ul>\n</section>"
    )


def _custody(lang: str) -> str:
    """Links to what the custody story leaves."""
    names = (
        f"DEMO-COC-1-2025-00001.{lang}.html", f"DEMO-COC-2-2025-00001.{lang}.html", f"trace-SH-C-01.{lang}.svg", "audit-2025/index.html",
        "log-head.txt",
    )  # fmt: skip
    return ", ".join(f'<a href="custody/{name}">{name}</a>' for name in names)


def _certificate() -> str:
    """Links to the certificate; where the packages that set it are absent, they lead nowhere."""
    names = (
        "certificate/certificate.pdf",
        "certificate/page-1.png",
        "certificate/page-2.png",
        "certificate/bundle.json",
        "trust/demo/did.json",
    )
    return ", ".join(f'<a href="{name}">{name}</a>' for name in names)


def _numeric(place: int) -> str:
    return ' class="n"' if place in (2, 3, 4) else ""


def _row(item: Mapping[str, Any], lang: str, decimals: int) -> str:
    product, with_low = item["product"]["id"], item["headline"]["with_low_voltage_pfc"]
    links = " · ".join(
        f'<a href="footprints/{escape(product)}.{ending}">{escape(text(f"demo.{key}", lang))}</a>'
        for ending, key in (("txt", "table"), ("json", "document"))
    )
    cells = [
        f"<code>{escape(product)}</code>",
        escape(name_in(item["product"]["name"], lang)),
        f"<b>{tonnes(item['total']['value'], decimals)}</b>",
        "" if with_low is None else tonnes(with_low, decimals),
        percent(item["evidence"]["source_check"]["assumed"], lang),
        links,
    ]
    return "".join(f"<td{_numeric(place)}>{cell}</td>" for place, cell in enumerate(cells))
