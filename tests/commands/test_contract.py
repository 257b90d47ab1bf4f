"""The JSON contract of a footprint, for every product and boundary."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pcf.catalogue import Catalogue
from pcf.engine import calculate
from pcf.methods import assess, document
from pcf.model import Method
from pcf.resources import datasets_path

PRODUCTS = sorted(path.stem for path in (datasets_path() / "products").glob("*.yaml"))
SCHEMA = json.loads((datasets_path() / "schema" / "footprint.schema.json").read_text(encoding="utf-8"))


def assert_contract(item: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(item)) == []
    total = item["total"]["value"]
    near = pytest.approx(total, rel=1e-9)
    assert sum(entry["value"] for entry in item["stages"]) == near
    assert sum(entry["value"] for entry in item["sources"]) == near
    assert sum(sum(row.values()) for row in item["matrix"].values()) == near
    assert sum(entry["value"] for entry in item["report_stages"]) == near
    assert sum(entry["tCO2e"] for entry in item["gases"].values()) == near
    for group in item["evidence"].values():
        assert sum(group.values()) == pytest.approx(1, abs=1e-9)
    for entry in (*item["stages"], *item["sources"]):
        assert entry["share"] == pytest.approx(entry["value"] / total if total else 0, abs=1e-12)


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_product_fulfils_the_contract(pcf: Callable[..., Any], product: str) -> None:
    run = pcf("footprint", product, "--json")
    assert run.code == 0
    assert run.err == ""
    item = json.loads(run.out)
    assert item["product"]["id"] == product
    assert_contract(item)


@pytest.mark.parametrize("boundary", ["gate-to-gate", "scope-1-2"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_partial_boundaries_and_languages_fulfil_it_too(catalogue: Catalogue, boundary: str, language: str) -> None:
    for product in PRODUCTS:
        if catalogue.products[product].step is None:
            continue
        found = calculate(catalogue, product, Method(boundary=boundary))
        item = json.loads(json.dumps(document(found, assess(found), language)))
        assert_contract(item)
        assert item["boundary"] == boundary
        assert next(check for check in item["checks"] if check["id"] == "A-10")["status"] == "fail"


def test_alternatives_hold_the_result_itself(pcf: Callable[..., Any]) -> None:
    item = json.loads(pcf("footprint", "hqalight", "--json").out)
    method, total = item["method"], item["total"]["value"]
    assert item["alternatives"]["scrap"][method["scrap"]] == pytest.approx(total)
    assert item["alternatives"]["electricity"][method["attribution"]] == pytest.approx(total)
    assert item["alternatives"]["electricity_basis"][method["electricity"]] == pytest.approx(total)


def test_gases_are_masses_times_the_potentials_of_the_edition(pcf: Callable[..., Any], catalogue: Catalogue) -> None:
    for edition in ("AR4", "AR5", "AR6"):
        item = json.loads(pcf("footprint", "hqalight", "--json", "--gwp", edition).out)
        for gas, entry in item["gases"].items():
            if entry["mass_kg"] is not None:
                assert entry["tCO2e"] == pytest.approx(entry["mass_kg"] / 1000 * catalogue.gwp[edition][gas], rel=1e-12)
