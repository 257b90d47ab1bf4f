"""Where a setting finds its place, and what it may not do."""

from __future__ import annotations

import pytest

from pcf.catalogue import Catalogue
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.model import Method, Settings, compose, find_product, read_settings


def settings(catalogue: Catalogue, product: str, *texts: str, grid_mix: str = "", site: str = "") -> Settings:
    base = compose(catalogue, product, Method(scrap="co-product"), Settings())
    return read_settings(base, texts, grid_mix, site)


def test_a_name_of_the_own_chain_acts_there(catalogue: Catalogue) -> None:
    found = settings(catalogue, "hqalight", "dc_electricity=13MWh/t")
    assert found.values == {("product:hqalight", "dc_electricity"): pytest.approx(13000 * 3600)}


def test_a_name_of_one_other_part_acts_there_and_of_several_asks(catalogue: Catalogue) -> None:
    assert list(settings(catalogue, "hqalight", "naoh_input=100").values) == [("shandong", "naoh_input")]
    with pytest.raises(InputError, match="which one"):
        settings(catalogue, "primary-group", "dc_electricity=13000")
    found = settings(catalogue, "primary-group", "primary-yunnan.dc_electricity=13000")
    assert list(found.values) == [("product:primary-yunnan", "dc_electricity")]


def test_a_setting_of_another_unit_is_the_same_value(catalogue: Catalogue) -> None:
    one, two = (settings(catalogue, "hqalight", f"dc_electricity={text}") for text in ("13000", "46.8GJ/t"))
    key = ("product:hqalight", "dc_electricity")
    assert one.values[key] == pytest.approx(two.values[key], rel=1e-12)


def test_grid_mix_replaces_the_own_site_and_not_the_upstream_one(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight", settings=settings(catalogue, "hqalight", grid_mix="coal"))
    base = calculate(catalogue, "hqalight")
    for stage in ("bauxite", "alumina", "anode"):
        assert at(found.table[stage, "electricity"], 0) == pytest.approx(at(base.table[stage, "electricity"], 0), rel=1e-12)
    ac = 12823 / 0.97 + 342.4
    assert at(found.table["electrolysis", "electricity"], 0) == pytest.approx(1.008 * ac * (0.9240 + 0.0327) / 1000, rel=1e-4)


def test_shares_of_a_mix_are_linear(catalogue: Catalogue) -> None:
    def total(mix: str) -> float:
        return float(calculate(catalogue, "hqalight", settings=settings(catalogue, "hqalight", grid_mix=mix)).total)

    assert total("coal=0.2,hydro=0.8") == pytest.approx(0.2 * total("coal") + 0.8 * total("hydro"), rel=1e-12)


def test_another_site_takes_its_power_and_its_supply(catalogue: Catalogue) -> None:
    moved = calculate(catalogue, "primary-yunnan", settings=settings(catalogue, "primary-yunnan", site="shandong"))
    assert moved.total == pytest.approx(calculate(catalogue, "primary-shandong").total, rel=1e-12)


def test_recycled_input_and_content_are_two_views_of_one_charge(catalogue: Catalogue) -> None:
    by_input = calculate(catalogue, "a356.2", settings=settings(catalogue, "a356.2", "recycled_input=0.6"))
    content = float(next(iter(by_input.system.charges.values())).recycled_content)
    by_content = calculate(catalogue, "a356.2", settings=settings(catalogue, "a356.2", f"recycled_content={content!r}"))
    assert by_content.total == pytest.approx(by_input.total, rel=1e-10)
    with pytest.raises(InputError, match="one of them"):
        calculate(catalogue, "a356.2", settings=settings(catalogue, "a356.2", "recycled_input=0.6", "recycled_content=0.5"))


def test_a_charge_that_misses_a_limit_is_computed_and_says_so(catalogue: Catalogue) -> None:
    from pcf.methods import assess

    chosen = settings(catalogue, "a356.2", "scrap_wheels_a356__fe=0.002", "recycled_input=0.9")
    found = calculate(catalogue, "a356.2", settings=chosen)
    assert found.total > 0
    check = next(item for item in assess(found) if item.id == "charge-feasible")
    assert check.status == "fail"
    assert check.fields["element"] == "Fe"
    highest = float(check.fields["highest"]) / 100
    again = settings(catalogue, "a356.2", "scrap_wheels_a356__fe=0.002", f"recycled_content={highest - 0.001:.4f}")
    assert (
        next(item for item in assess(calculate(catalogue, "a356.2", settings=again)) if item.id == "charge-feasible").status
        == "pass"
    )


@pytest.mark.parametrize("name", ["HQALight", " hqalight ", "hqa-light", "A356.2", "a356"])
def test_products_are_found_in_any_case_and_by_alias(catalogue: Catalogue, name: str) -> None:
    assert find_product(catalogue, name) in {"hqalight", "a356.2"}


def test_settings_that_reach_nothing_are_refused(catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="nothing uses"):
        calculate(catalogue, "hqalight", settings=Settings({("product:hqalight", "naoh_input"): 0.1}))
    with pytest.raises(InputError, match="scope"):
        calculate(catalogue, "hqalight", settings=Settings({("product:a356.2", "alloy_returns"): 0.1}))


def test_a_setting_may_open_the_part_where_another_one_lives(catalogue: Catalogue) -> None:
    from pcf.model import read_request

    texts = ["steam_source=chp", "chp_heat_efficiency=0.4", "alumina_energy_basis=steam"]
    _, chosen = read_request(catalogue, "alumina", Method(), texts)
    boiler = read_request(catalogue, "alumina", Method(), ["alumina_energy_basis=steam"])[1]
    assert calculate(catalogue, "alumina", settings=chosen).total != calculate(catalogue, "alumina", settings=boiler).total
    with pytest.raises(InputError, match="steam_source"):
        read_request(catalogue, "alumina", Method(), ["steam_source=chp"])


def test_a_combined_unit_without_heat_gives_no_steam(catalogue: Catalogue) -> None:
    from pcf.model import read_request

    _, chosen = read_request(catalogue, "alumina", Method(), ["alumina_energy_basis=steam", "steam_source=chp"])
    with pytest.raises(InputError, match="chp_steam_fuel"):
        calculate(catalogue, "alumina", settings=chosen)
