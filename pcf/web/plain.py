"""Pages in plain HTML: sign-in, password, and what is said when something may not be."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi.responses import HTMLResponse

from pcf.text import text
from pcf.web.guard import language, theme

_PAGE = """<!doctype html>
<html lang="{lang}" data-theme="{theme}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · pcf</title><link rel="stylesheet" href="/static/plain.css"><link rel="icon" href="/static/mark.svg">{head}</head>
<body><header><a class="brand" href="{start}"><img src="/static/mark.svg" alt="" width="28" height="28"><span>{product}</span></a>
<nav aria-label="{settings}"><a href="{switch}" hreflang="{other}" lang="{other}">{other_name}</a>
<a href="{shade}">{shade_name}</a></nav></header>
<main>{body}</main><footer>{foot}</footer></body></html>
"""


def say(key: str, **fields: object) -> str:
    """A text of the page's language, as HTML."""
    return escape(text(f"web.{key}", language.get(), **fields))


def page(
    title: str, body: str, *, status: int = 200, place: str = "/", width: str = "narrow", head: str = "", start: str = "/"
) -> HTMLResponse:  # fmt: skip
    """A whole page.

    Parameters
    ----------
    title : str
        Key of its title beneath `web.`.
    body : str
        HTML; whatever came from people is escaped in it.
    place : str
        Where the switches of language and theme lead back to.
    width : str
        `narrow`, or `middle` for what needs more than a column.
    head : str
        HTML; what else the page loads.
    start : str
        Where the name of the product leads.
    """
    from urllib.parse import quote

    lang = language.get()
    other = "en" if lang == "zh" else "zh"
    shade = "light" if theme.get() == "dark" else "dark"
    back = quote(place, safe="")
    made = _PAGE.format(
        lang="zh-CN" if lang == "zh" else "en", theme=theme.get(), title=say(title), product=say("product"), settings=say("settings"),
        switch=f"/preferences?language={other}&amp;next={back}", other="zh-CN" if other == "zh" else "en",
        other_name="中文" if other == "zh" else "English", shade=f"/preferences?theme={shade}&amp;next={back}",
        shade_name=say(f"theme-{shade}"), body=f'<div class="{width}">{body}</div>', foot=say("foot"),
        head=head, start=start,
    )  # fmt: skip
    return HTMLResponse(made, status)


def field(name: str, label: str, kind: str = "text", **more: Any) -> str:
    """A labelled field of a form."""
    rest = "".join(f' {key.replace("_", "-")}="{escape(str(value))}"' for key, value in more.items())
    return f'<label for="{name}">{say(label)}</label><input id="{name}" name="{name}" type="{kind}" required{rest}>'


def notice(words: str, *, bad: bool = True) -> str:
    """A sentence that is read out when the page appears."""
    return f'<p class="{"bad" if bad else "good"}" role="alert">{words}</p>' if words else ""


def refused(status: int, key: str) -> HTMLResponse:
    """A page that says no."""
    body = f'<h1>{say(f"{key}-title")}</h1><p>{say(key)}</p><p><a class="button" href="/">{say("to-start")}</a></p>'
    return page(f"{key}-title", body, status=status)
