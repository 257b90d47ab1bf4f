"""A CoC document as lines and as a page to print; every field is text, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from pcf.text import text, visible

STYLE = """
body { font: 15px/1.5 "Noto Sans SC", "Noto Sans", sans-serif; max-width: 46rem; margin: 2.5rem auto; color: #1b1f24; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } p.sub { color: #59636e; margin: 0 0 1.5rem }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 500; color: #59636e; width: 34%; vertical-align: top }
td, th { padding: .45rem .6rem; border-bottom: 1px solid #d8dee4 } td { overflow-wrap: anywhere } .mass { font-size: 1.15rem; font-weight: 600 }
.void { border: 2px solid #b3261e; color: #b3261e; padding: .6rem 1rem; margin: 1rem 0; font-weight: 600 }
pre { background: #f3f5f7; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem }
footer { color: #59636e; font-size: .85rem; margin-top: 1.5rem } @media print { body { margin: 0 } }
"""


TERMS = {
    "self-declared, not verified by a third party": "self-declared", "low-voltage PFC excluded": "without-pfc",
    "low-voltage PFC included": "with-pfc", "cradle-to-gate": "cradle-to-gate", "to product": "to-product", "to cast": "to-cast",
    "model-estimate": "model-estimate", "demonstration": "demonstration", "site-result": "site-result", "provisional": "provisional",
}  # fmt: skip
"""Terms of a stated footprint, as `pcf coc issue` writes them → what they are called."""


def fields(item: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """Label and value of every field, the nine mandatory ones first."""
    party, customer = item["issuer_party"], item["customer"]
    values = {
        "date": item["date"],
        "reference": item["reference"],
        "issuer": "\n".join(filter(None, (party.get("name"), party.get("address"), item["issuer"]))),
        "customer": "\n".join(filter(None, (customer.get("name"), customer.get("address"), customer.get("certificate")))),
        "responsible": item["responsible"],
        "conformance": item["conformance"] or text("coc.conformance", lang),
        "material": text(f"account.{item['account']}", lang),
        "coc_kg": f"{item['coc_kg']:,} kg",
        "total_kg": f"{item['total_kg']:,} kg",
        "shipment": item["unit"] or "",
        "delivery_note": item["delivery_note"],
        "recycled_content": item["recycled_content"],
        "footprint": _in_words(item["footprint"], lang),
    }
    for name, value in values.items():
        if value:
            yield text(f"field.{name}", lang), visible(str(value), keep="\n")


def _in_words(stated: str, lang: str) -> str:
    """A stated footprint with its terms in the reader's language; names and numbers stay."""
    for term, name in TERMS.items():
        stated = re.sub(rf"(?<![\w-]){re.escape(term)}(?![\w-])", text(f"coc-term.{name}", lang), stated)
    return stated.replace(", ", "，") if lang == "zh" else stated


def document_lines(item: Mapping[str, Any], lang: str) -> Iterator[str]:
    """The document as lines for the screen."""
    yield text(f"coc.title-{item['direction']}", lang)
    if item["void"]:
        yield text("coc.void", lang, date=item["void"]["date"], reason=visible(item["void"]["reason"]))
    colon = "：" if lang == "zh" else ": "
    for label, value in fields(item, lang):
        yield f"  {label}{colon}{value.replace(chr(10), ' · ')}"


def render_document(item: Mapping[str, Any], head: str, lang: str) -> str:
    """The document as a page that needs nothing else."""
    rows = "".join(
        f"<tr><th>{escape(label)}</th><td{' class=mass' if value.endswith(' kg') else ''}>{escape(value).replace(chr(10), '<br>')}</td></tr>"
        for label, value in fields(item, lang)
    )
    title = escape(text(f"coc.title-{item['direction']}", lang))
    gone, seq = "", f"{item['event_seq']:,}"
    if item["void"]:
        sentence = text("coc.void", lang, date=item["void"]["date"], reason=visible(item["void"]["reason"]))
        gone = f"<p class=void>{escape(sentence)}</p>"
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><meta charset="utf-8">'
        f"<title>{title} {escape(item['reference'])}</title>\n<style>{STYLE}</style>\n"
        f"<h1>{title}</h1><p class=sub>{escape(item['reference'])}</p>{gone}\n<table>{rows}</table>\n"
        f"<footer>{escape(text('coc.footprint-note', lang))}<p>{escape(text('coc.head-note', lang))}</p></footer>\n"
        f"<p class=sub>{escape(text('coc.head-of', lang, seq=seq))}</p><pre>{escape(head)}</pre>\n</html>\n"
    )
