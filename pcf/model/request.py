"""What somebody asks for in texts (a command line, a study's run) as a product, a method and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pcf.catalogue import Catalogue
from pcf.errors import InputError
from pcf.model.compose import compose
from pcf.model.method import Method
from pcf.model.settings import Settings, find_product, is_known, read_settings


def read_request(
    catalogue: Catalogue, product: str, method: Method, texts: Sequence[str] = (), grid_mix: str = "", site: str = ""
) -> tuple[str, Settings]:
    """Product id and settings from texts such as `dc_electricity=13000kWh/t`.

    Raises
    ------
    InputError
        For an unknown product or a setting that cannot be read or reaches nothing.
    """
    product_id = find_product(catalogue, product)
    if not texts and not grid_mix and not site:
        return product_id, Settings()
    # Under `co-product` every value has a use, so a setting is found whatever the method of the result.
    widest = method.with_choice("scrap", "co-product")
    base = compose(catalogue, product_id, widest, Settings())
    first = [text for text in texts if is_known(base, text)]
    rest = [text for text in texts if text not in first]
    if not rest:
        return product_id, read_settings(base, texts, grid_mix, site)
    # One setting may open the part of the chain in which another one lives: steam in place of fuels, then its source.
    settings = read_settings(base, first, grid_mix, site)
    more = read_settings(compose(catalogue, product_id, widest, settings), rest)
    return product_id, replace(settings.with_values(more.values), texts={**settings.texts, **more.texts})


def read_run(catalogue: Catalogue, run: Mapping[str, Any]) -> tuple[str, Method, Settings]:
    """Product id, method and settings of one run of a study.

    Raises
    ------
    InputError
        As `read_request`, and for a method that does not exist.
    """
    chosen = run.get("set") or {}
    if not isinstance(chosen, Mapping):
        raise InputError("set", type(chosen).__name__, "a mapping of names to values")
    method = Method.from_mapping(run.get("method") or {})
    texts = [f"{name}={value}" for name, value in chosen.items() if name not in {"grid_mix", "site"}]
    found = read_request(
        catalogue, str(run["product"]), method, texts, str(chosen.get("grid_mix", "")), str(chosen.get("site", ""))
    )
    return found[0], method, found[1]
