"""What somebody asks for in texts (a command line, a study's run) as a product, a method and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import Catalogue
from pcf.errors import InputError
from pcf.model.compose import compose
from pcf.model.method import Method
from pcf.model.settings import Settings, find_product, read_settings


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
    base = compose(catalogue, product_id, method.with_choice("scrap", "co-product"), Settings())
    return product_id, read_settings(base, texts, grid_mix, site)


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
