"""The page behind a certificate's code: what it is of and whether it holds, as a static file without scripts.

The workbench's page of a certificate shows the same facts in the same dress, and nothing more; the customer is not named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from pcf.certificate.register import Ended, Entry
from pcf.certificate.texts import LANGUAGES, say

SHEET = (
    ".status{display:flex;gap:12px;align-items:center;padding:14px 16px;border-radius:10px;font-weight:650;margin:0 0 16px;line-height:1.4}"
    ".status::before{flex:none;width:30px;height:30px;border-radius:50%;display:grid;place-items:center;font-size:17px;line-height:1;"
    "border:2px solid currentColor}"
    ".status.good{background:var(--good-ground);color:var(--good)}.status.good::before{content:'\\2713';content:'\\2713'/''}"
    ".status.warn{background:var(--warn-ground);color:var(--warn)}.status.warn::before{content:'!';content:'!'/''}"
    ".status.bad{background:var(--bad-ground);color:var(--bad)}.status.bad::before{content:'\\2715';content:'\\2715'/''}"
    ".facts{border-collapse:collapse;width:100%;margin:0 0 16px}.facts th{text-align:left;font-weight:500;color:var(--soft);width:36%}"
    ".facts th,.facts td{padding:7px 10px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}"
    "@media(max-width:520px){.facts tr{display:block;border-bottom:1px solid var(--rule);padding:7px 0}"
    ".facts th,.facts td{display:block;width:auto;border:0;padding:0}.facts th{font-size:14px}}"
)
"""How facts and their status look; the colours are those of whoever uses it."""

_STYLE = (
    ":root{--ground:#f4f6f8;--card:#fff;--ink:#1b2731;--soft:#51606d;--rule:#d5dce2;--good:#0b6b56;--good-ground:#e0f3ee;"
    "--warn:#7a4b00;--warn-ground:#fdf1da;--bad:#a3211a;--bad-ground:#fdecea;color-scheme:light dark}"
    "@media(prefers-color-scheme:dark){:root{--ground:#10171e;--card:#1a232c;--ink:#e8edf1;--soft:#a9b6c1;--rule:#34424e;--good:#6fdcc0;"
    "--good-ground:#12352d;--warn:#f3c66b;--warn-ground:#382b12;--bad:#ffb4ab;--bad-ground:#3a1a18}}"
    "*{box-sizing:border-box}body{margin:0;padding:24px 16px 40px;background:var(--ground);color:var(--ink);"
    "font:16px/1.55 Inter,'Helvetica Neue',Arial,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "section{max-width:680px;margin:0 auto 20px;background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:26px 28px}"
    "h1{font-size:22px;line-height:1.25;margin:0 0 14px}p{margin:0 0 12px}section>p:last-child{margin:0;color:var(--soft);font-size:14px}"
    "@media(max-width:520px){section{padding:20px 18px}}"
)
_LOOK = {"valid": "good", "expired": "warn"}


@dataclass(frozen=True)
class Facts:
    """What everybody may know of a certificate, in one language: its status in a sentence, and rows of label and value."""

    status: str
    said: str
    title: str
    notice: str
    rows: tuple[tuple[str, str], ...]
    compare: str

    @property
    def html(self) -> str:
        """Heading, notice, status and rows."""
        rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in self.rows)
        notice = f'<p class="status warn">{escape(self.notice)}</p>' if self.notice else ""
        return (
            f'<h1>{escape(self.title)}</h1>\n<p class="status {_LOOK.get(self.status, "bad")}" role="status">{escape(self.said)}</p>\n'
            f'{notice}<table class="facts">{rows}</table>\n<p>{escape(self.compare)}</p>'
        )


def facts(entry: Entry, end: Ended | None, day: date, lang: str) -> Facts:
    """What everybody may know of a certificate as it stands on a day."""
    document = entry.document
    status = end.status if end else "expired" if day.isoformat() > document["valid_until"] else "valid"
    said = say(f"public.{status}", lang, day=end.date if end else day.isoformat(), reason=end.reason if end else "")
    notice = say("notice.demonstration", lang) if document["demonstration"] else ""
    return Facts(status, said, say("title.certificate", lang), notice, tuple(_rows(entry, lang)), say("public.compare", lang))


def page(entry: Entry, end: Ended | None, day: date) -> str:
    """The page of a certificate as it stands on a day, in both languages."""
    parts = "\n".join(f'<section lang="{lang}">\n{facts(entry, end, day, lang).html}\n</section>' for lang in LANGUAGES)
    return (
        f'<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>{escape(entry.number)}</title>\n<style>{_STYLE}{SHEET}</style>\n{parts}\n</html>\n'
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
