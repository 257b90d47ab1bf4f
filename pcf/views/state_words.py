"""A variant in words: its product, and what was changed in it as a page's levers call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pcf.text import name_in, text, texts
from pcf.views.figures import with_percent
from pcf.views.heading import NAMED
from pcf.views.levers import CONTENT

if TYPE_CHECKING:
    from pcf.catalogue import Catalogue
    from pcf.views.state import State

_REMARK = re.compile("[（(]")
"""A title ends where a remark on it begins: a variant's name has brackets of its own."""

OF_PAGES = {"grid_mix": "web.grid-mix", "site": "web.site", CONTENT: "heading.recycled-content"}
"""Changes that are no parameter of the data → their texts."""


def describe(state: State, catalogue: Catalogue, lang: str) -> str:
    """The product's name with its changes in brackets."""
    name = name_in(catalogue.products[state.product].name, lang)
    changes = [
        f"{_REMARK.split(_title(key, catalogue, lang))[0].strip()} {_value(key, value, catalogue, lang)}"
        for key, value in state.changes.items()
    ]
    listed = text("web.list-comma", lang).join(changes)
    return text("web.variant-in-words", lang, name=name, changes=listed) if listed else name


def _title(key: str, catalogue: Catalogue, lang: str) -> str:
    if key in OF_PAGES:
        return text(OF_PAGES[key], lang)
    choice = f"choice.{NAMED.get(key, key)}"
    if choice in texts(lang):
        return text(choice, lang)
    short = key.rpartition(".")[2]
    group, parameter = catalogue.shares.get(short), catalogue.parameters.get(short)
    names = group.title if group else parameter.name if parameter else {}
    return name_in(names, lang) if names else key


def _value(key: str, value: str, catalogue: Catalogue, lang: str) -> str:
    known, group = texts(lang), NAMED.get(key, key)
    for name in (f"choice.{group}.{value}", f"{group}.{value}", f"web.option-{key}-{value}", f"option.{value}"):
        if name in known:
            return known[name]
    for found in (catalogue.sites.get(value), catalogue.products.get(value.replace("_", "-"))):
        if found is not None:
            return name_in(found.name, lang)
    try:
        share = float(value)
    except ValueError:
        return value
    return with_percent(f"{100 * share:.4g}", lang) if key == CONTENT else value
