"""The page behind a certificate's code: what it is of and whether it holds, as a static file without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape

from pcf.certificate.register import Ended, Entry
from pcf.certificate.texts import LANGUAGES, say

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1f2933}"
    "h1{font-size:1.3rem;margin:2rem 0 .5rem}table{border-collapse:collapse;width:100%}"
    "th{text-align:left;font-weight:500;color:#52606d;width:40%;vertical-align:top}td,th{padding:.35rem .5rem;border-bottom:1px solid #d9e2ec}"
    "td{overflow-wrap:anywhere}.good,.bad{padding:.7rem 1rem;font-weight:600;color:#fff}.good{background:#0b5c3b}.bad{background:#9b1c1c}"
)


def page(entry: Entry, end: Ended | None, day: date) -> str:
    """The page of a certificate as it stands on a day; the customer is not named."""
    parts = "\n".join(_section(entry, end, day, lang) for lang in LANGUAGES)
    title = escape(f"{entry.number}")
    return (
        f'<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f'<meta name="robots" content="noindex">\n<title>{title}</title>\n<style>{STYLE}</style>\n{parts}\n</html>\n'
    )


def _section(entry: Entry, end: Ended | None, day: date, lang: str) -> str:
    document = entry.document
    status = end.status if end else "expired" if day.isoformat() > document["valid_until"] else "valid"
    said = say(f"public.{status}", lang, day=end.date if end else day.isoformat(), reason=end.reason if end else "")
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in _rows(entry, lang))
    notice = f"<p><b>{escape(say('notice.demonstration', lang))}</b></p>" if document["demonstration"] else ""
    return (
        f'<section lang="{lang}">\n<h1>{escape(say("title.certificate", lang))}</h1>\n{notice}'
        f'<p class="{"good" if status == "valid" else "bad"}">{escape(said)}</p>\n<table>{rows}</table>\n'
        f"<p>{escape(say('public.compare', lang))}</p>\n</section>"
    )


def _rows(entry: Entry, lang: str) -> Iterator[tuple[str, str]]:
    document = entry.document
    made, unit = document["footprint"], document["unit"]
    yield say("label.number", lang), f"{entry.number} ({say('label.version', lang)} {document['version']})"
    yield say("footer.id", lang), entry.id
    yield say("label.issuer", lang), document["issuer"]["name"][lang]
    yield say("label.product", lang), f"{document['product']['name'][lang]} ({document['product']['standard']})"
    if unit is not None:
        yield say("label.batches", lang), unit["id"]
    yield say("label.mass", lang), say("value.mass", lang, mass=f"{document['mass_kg']:,}")
    boundary = ", ".join((say(f"boundary.{made['boundary']}", lang), say(f"gate.{made['gate']}", lang)))
    yield say("label.footprint", lang), f"{made['printed']} {made['unit']} · {boundary} · GWP100 {made['gwp']}"
    yield say("label.issued", lang), document["issued"]
    yield say("label.valid-until", lang), document["valid_until"]
    yield say("public.assurance", lang), document["assurance"]["statement"][lang]
