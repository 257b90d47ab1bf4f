"""The pages of Verify."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from pcf.certificate.public_page import facts
from pcf.text import text
from pcf.views.verification import RESULTS, Verification, shown
from pcf.web import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi.responses import HTMLResponse

    from pcf.certificate.standing import Standing
    from pcf.certificate.verify import Step

MOST_FILE = 5_000_000
"""Bytes of a file: a certificate has less than a tenth of it."""

_HEAD = '<link rel="stylesheet" href="/verify/style.css"><meta name="robots" content="noindex">'
_LOOK = {"current": "good", "status-open": "warn", "expired": "warn", "superseded": "warn"}


@dataclass(frozen=True)
class Taken:
    """A file that somebody has brought, what he calls it, and the sealed calculation where he has that too."""

    name: str
    content: bytes = field(repr=False)
    bundle: bytes | None = field(repr=False)


def form(problem: str = "", status: int = 200, **fields: object) -> HTMLResponse:
    """Where a file is brought, or an id is typed."""
    most = f"{MOST_FILE // 1_000_000} MB"
    said = plain.notice(plain.say(problem, most=most, **fields)) if problem else ""
    body = (
        f"<h1>{plain.say('verify-title')}</h1><p class='intro'>{plain.say('verify-intro')}</p>{said}"
        "<form method='post' action='/verify' enctype='multipart/form-data'>"
        f"<label for='file'>{plain.say('verify-file')}</label>"
        f"<input class='drop' id='file' name='file' type='file' accept='.pdf,.json,application/pdf,application/json' required>"
        f"<p class='hint'>{plain.say('verify-file-hint', most=most)}</p>"
        f"<label for='bundle'>{plain.say('verify-bundle')}</label>"
        "<input class='drop small' id='bundle' name='bundle' type='file' accept='.json,application/json'>"
        f"<p class='hint'>{plain.say('verify-bundle-hint')}</p>"
        f"<button>{plain.say('verify-do')}</button></form>"
        f"<h2>{plain.say('verify-by-id')}</h2><form class='line' method='get' action='/verify'>"
        f"<label for='id'>{plain.say('verify-id')}</label><div><input id='id' name='id' maxlength='60' required autocomplete='off' "
        f"spellcheck='false' aria-describedby='id-hint'><button class='second'>{plain.say('verify-look-up')}</button></div>"
        f"<p class='hint' id='id-hint'>{plain.say('verify-id-hint')}</p></form>"
    )
    return _page(body, status)


def certificate(found: Standing, day: date, lang: str) -> HTMLResponse:
    """What the register says of a certificate: the facts of the published page, and nothing more."""
    body = f"{facts(found.entry, found.end, day, lang).html}<p>{_link(plain.say('verify-also-file'))}</p>"
    return _page(body, place=f"/verify/{found.entry.id}")


def unknown() -> HTMLResponse:
    """The same answer for every id that nobody has."""
    return _said("verify-unknown", 404, "warn")


def later(seconds: int) -> HTMLResponse:
    """For who asks too often."""
    made = _said("verify-later", 429, "warn", minutes=-(-seconds // 60))
    made.headers["retry-after"] = str(seconds)
    return made


def busy() -> HTMLResponse:
    """While too many ask."""
    made = _said("verify-busy", 503, "warn")
    made.headers["retry-after"] = "10"
    return made


def closed() -> HTMLResponse:
    """Where the server lacks something; what, its journal says."""
    return _said("verify-closed", 503, "warn")


def result(found: Verification, taken: Taken, own: str, lang: str) -> HTMLResponse:
    """The verdict over a file, and every step.

    Parameters
    ----------
    own : str
        Public id of the certificate where it is one of the own register.
    """
    kind = found.cause or found.outcome
    rows = [
        (
            plain.say("verify-name"),
            f"{escape(taken.name)} ({plain.say('verify-size', size=f'{len(taken.content) / 1000:,.0f}')})",
        ),
        *([(plain.say("verify-certificate"), escape(heading))] if (heading := found.heading(lang)) else []),
        (plain.say("verify-at"), f"{found.at:%Y-%m-%d %H:%M} UTC"),
    ]
    table = "".join(f"<tr><th scope='row'>{name}</th><td>{value}</td></tr>" for name, value in rows)
    content = found.by_key["content"]
    shows = content.good and content.values["demonstration"] == "true"
    demonstration = f"<p class='status warn'>{escape(text('verify-verdict.demonstration', lang))}</p>" if shows else ""
    limits = "".join(f"<li>{escape(item)}</li>" for item in found.limits(lang)) if found.holds else ""
    body = (
        f"<h1>{plain.say('verify-title')}</h1><p class='status {_LOOK.get(kind, 'bad')}' role='status'>{plain.say(f'verify-is-{kind}')}</p>"
        f"<p>{plain.say(f'verify-means-{kind}')}</p>{demonstration}<table class='facts'>{table}</table>"
        + (f"<p><a href='/verify/{escape(own)}'>{plain.say('verify-register')}</a></p>" if own else "")
        + f"<h2>{plain.say('verify-steps')}</h2>{_steps(found.steps, lang)}"
        + (f"<h2>{plain.say('verify-limits')}</h2><ul class='hint'>{limits}</ul>" if limits else "")
        + f"<p><a class='button' href='/verify'>{plain.say('verify-another')}</a></p><p class='hint'>{plain.say('verify-kept')}</p>"
    )
    return _page(body)


def _steps(steps: Sequence[Step], lang: str) -> str:
    """The steps in their order; those that were not asked because another one said no, folded into one line with their count."""
    parts = []
    for on, group in groupby(steps, key=lambda step: step.values["step"] if step.values.get("reason") == "rests" else ""):
        rows = list(group)
        listed = f"<ol class='steps'>{''.join(_step(step, lang) for step in rows)}</ol>"
        if on and len(rows) > 1:
            words = plain.say("verify-not-asked", count=len(rows), step=text(f"verify.{on}", lang))
            listed = f"<details class='not-asked'><summary>{words}</summary>{listed}</details>"
        parts.append(listed)
    return "".join(parts)


def _step(step: Step, lang: str) -> str:
    kind = RESULTS[step.good]
    said = escape(shown(step, lang))
    # What of the program's errors has no translation is English in every language.
    detail = f"<p{' lang=en' if step.good is False and lang != 'en' and said.isascii() else ''}>{said}</p>" if said else ""
    return (
        f"<li class='{kind}'><div><b>{escape(text(f'verify.{step.key}', lang))}</b>{detail}</div>"
        f"<span class='mark'>{escape(text(f'verify-result.{kind}', lang))}</span></li>"
    )


def _said(key: str, status: int, look: str, **fields: object) -> HTMLResponse:
    body = (
        f"<h1>{plain.say('verify-title')}</h1><p class='status {look}' role='alert'>{plain.say(f'{key}-title')}</p>"
        f"<p>{plain.say(key, **fields)}</p><p>{_link(plain.say('verify-also-file'))}</p>"
    )
    return _page(body, status)


def _link(words: str) -> str:
    return f"<a class='button' href='/verify'>{words}</a>"


def _page(body: str, status: int = 200, place: str = "/verify") -> HTMLResponse:
    return plain.page("verify-title", body, status=status, place=place, width="middle", head=_HEAD, start="/verify")
