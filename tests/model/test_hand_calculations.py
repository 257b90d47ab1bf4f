"""Parts of the model against calculations by hand, with the figures of the sources written out."""

from __future__ import annotations

import pytest

from pcf.catalogue import Catalogue
from pcf.engine import at, calculate
from pcf.model import Method, Settings, compose

KWH = 3.6e6  # J


def intensity(catalogue: Catalogue, product: str, key: str, **choices: str) -> float:
    found = calculate(catalogue, product, Method(**choices))
    index = next(number for number, node in enumerate(found.system.nodes) if node.key == key)
    return at(found.solution.intensity[index], 0)


def test_contract_hydropower_gets_its_own_factor_and_the_official_delivery(catalogue: Catalogue) -> None:
    # 2024: hydropower 0.0141, transmission and distribution with losses 0.0327 kgCO2e/kWh
    key = "electricity@product:hqalight"
    assert intensity(catalogue, "hqalight", key) * KWH == pytest.approx(0.0141 + 0.0327, rel=1e-12)
    assert intensity(catalogue, "hqalight", key, td="none") * KWH == pytest.approx(0.0141, rel=1e-12)
    # site average: 80 % hydropower delivered, 20 % plain average 0.5777 as delivered
    average = intensity(catalogue, "hqalight", key, attribution="site-average") * KWH
    assert average == pytest.approx(0.8 * (0.0141 + 0.0327) + 0.2 * 0.5777, rel=1e-12)
    # location basis: power under contract gets the plain grid
    assert intensity(catalogue, "hqalight", key, electricity="location") * KWH == pytest.approx(0.5777, rel=1e-12)


def test_factor_year_2023_takes_the_rows_of_2023(catalogue: Catalogue) -> None:
    key = "electricity@product:hqalight"
    assert intensity(catalogue, "hqalight", key, electricity="location", factor_year="2023") * KWH == pytest.approx(
        0.6205, rel=1e-12
    )


def test_anode_co2_is_net_anode_less_sulphur_and_ash(catalogue: Catalogue) -> None:
    # IPCC 2006 Vol. 3 Eq. 4.21 with the guideline's values: 0.411 × (1 − 0.02 − 0.004) × 44/12 = 1.4708 t/t liquid metal
    found = calculate(catalogue, "hqalight", Method(boundary="scope-1-2"))
    assert at(found.table["electrolysis", "process-co2"], 0) == pytest.approx(1.005 * 0.411 * 0.976 * 44 / 12, rel=1e-5)


def test_pfc_default_is_a_mass_of_gas_then_characterised(catalogue: Catalogue) -> None:
    # 0.034 kg CF4 and 0.0034 kg C2F6 per t, AR6 7380 and 12400, AR5 6630 and 11100; 1.005 t liquid per t ingot
    for edition, cf4, c2f6 in (("AR6", 7380, 12400), ("AR5", 6630, 11100)):
        found = calculate(catalogue, "hqalight", Method(gwp=edition))
        by_hand = 1.005 * (0.034 * cf4 + 0.0034 * c2f6) / 1000
        assert at(found.table["electrolysis", "pfc"], 0) == pytest.approx(by_hand, rel=1e-12)


def test_slope_method_uses_anode_effect_minutes(catalogue: Catalogue) -> None:
    # Centre-worked prebake, slope 0.143 and ratio 0.121: 0.2 per day × 2 min → 0.0572 kg CF4, 0.00692 kg C2F6 per t
    scope = "product:hqalight"
    minute, day = 60.0, 86400.0
    values = {
        (scope, "pfc_method__default"): 0.0, (scope, "pfc_method__slope"): 1.0, (scope, "ae_frequency"): 0.2 / day,
        (scope, "ae_duration"): 2 * minute,
    }  # fmt: skip
    found = calculate(catalogue, "hqalight", settings=Settings(values))
    mass = {gas: at(amount, 0) for gas, (amount, _) in found.gases.items()}
    assert 1000 * mass["tetrafluoromethane"] == pytest.approx(1.005 * 0.143 * 0.4, rel=1e-9)
    assert 1000 * mass["hexafluoroethane"] == pytest.approx(1.005 * 0.143 * 0.4 * 0.121, rel=1e-9)


def test_own_coal_power_carries_its_own_use_as_a_loop(catalogue: Catalogue) -> None:
    # 0.288 kgce/kWh generated and 5.5 % own use: 0.288 / 0.945 kgce per kWh supplied
    found = calculate(catalogue, "primary-captive-coal")
    node = next(node for node in found.system.nodes if node.process.id == "power-own-coal")
    total = intensity(catalogue, "primary-captive-coal", node.key)
    generated = sum(at(link.amount, 0) * link.characterised for link in node.links if link.kind != "input")
    for link in node.links:
        if link.kind == "input" and found.system.nodes[int(link.target)] is not node:
            generated += at(link.amount, 0) * at(found.solution.intensity[int(link.target)], 0)
    assert total == pytest.approx(generated / (1 - 0.055), rel=1e-12)
    assert 0.85 < total * KWH < 1.05


@pytest.mark.parametrize("method", ["energy", "exergy", "alternative"])
def test_coal_burned_is_coal_allocated_whatever_the_heat_method(catalogue: Catalogue, method: str) -> None:
    """Power and heat of one unit together carry its fuel: per fuel, power × its fuel + heat × its fuel = 1."""
    scope = "product:primary-captive-coal"
    system = compose(catalogue, "primary-captive-coal", Method(heat=method), Settings({(scope, "chp_heat_efficiency"): 0.3}))
    values = next(node for node in system.nodes if node.process.id == "power-own-coal").scope.values
    power = values["chp_electric_efficiency"] * values["coal_heat_power"]
    heat = values["chp_heat_efficiency"] * values["coal_heat_steam"]
    assert power + heat == pytest.approx(1, rel=1e-12)
    by_hand = {  # 0.288 kgce/kWh of 29.3076 MJ: 3.6 / 8.4406 = 0.42651 of the fuel as power, 0.3 as heat
        "energy": 0.42651 / (0.42651 + 0.3),
        "exergy": 0.42651 / (0.42651 + 0.3 * 0.33),
        "alternative": (0.42651 / 0.44) / (0.42651 / 0.44 + 0.3 / 0.88),
    }
    assert power == pytest.approx(by_hand[method], rel=1e-4)


def test_avoided_emissions_and_offsets_have_no_way_in(catalogue: Catalogue) -> None:
    for process in catalogue.processes.values():
        for exchange in process.exchanges:
            assert not str(exchange.text).startswith("-"), process.id
    for years in catalogue.factors.values():
        for factor in years.values():
            if factor.kind == "emission":
                assert factor.quantity.value >= 0


def test_gate_to_gate_counts_energy_and_emissions_of_the_step_alone(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight", Method(boundary="gate-to-gate"))
    assert {stage for (stage, _), value in found.table.items() if at(value, 0)} == {"electrolysis"}
    # anode CO2 + PFC + 13,511 kWh at hydropower with delivery, times 1.005
    ac = 12823 / 0.97 + 291.4
    by_hand = 1.005 * (0.411 * 0.976 * 44 / 12 + (0.034 * 7380 + 0.0034 * 12400) / 1000 + ac * (0.0141 + 0.0327) / 1000)
    assert found.total == pytest.approx(by_hand, rel=1e-4)


def test_scope_1_2_counts_contract_hydropower_at_zero(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight", Method(boundary="scope-1-2"))
    by_hand = 1.005 * (0.411 * 0.976 * 44 / 12 + (0.034 * 7380 + 0.0034 * 12400) / 1000)
    assert found.total == pytest.approx(by_hand, rel=1e-4)
    assert found.total < 1.83
    # the site's own mix: 20 % grid at Yunnan's CO2 factor
    plain = calculate(catalogue, "primary-yunnan", Method(boundary="scope-1-2"))
    grid = catalogue.factors["grid-co2-cn-yunnan"]
    factor = grid[max(grid)].quantity.value * KWH / 1000
    assert plain.total == pytest.approx(by_hand + 1.005 * 0.2 * factor * (12823 / 0.97 + 291.4), rel=1e-4)


def test_cradle_to_gate_of_hqalight_is_far_above_the_published_claim(catalogue: Catalogue) -> None:
    assert calculate(catalogue, "hqalight").total > 3


def test_the_group_is_the_mean_of_its_sites(catalogue: Catalogue) -> None:
    both = {name: calculate(catalogue, name).total for name in ("primary-yunnan", "primary-shandong", "primary-group")}
    assert both["primary-group"] == pytest.approx(0.23 * both["primary-yunnan"] + 0.77 * both["primary-shandong"], rel=1e-12)


def test_co_product_trim_solves_its_loop(catalogue: Catalogue) -> None:
    """Can stock that is made of its own trim: I = b + t I + the trim's preparation, by hand from the cut-off result."""
    cut_off = calculate(catalogue, "can-stock-3104")
    charge = next(iter(cut_off.system.charges.values()))
    trim = float(charge.gross["scrap-can-trim"])
    # Cut-off: I0 = b. Co-product: I = b + trim × I  →  I = I0 / (1 − trim)
    found = calculate(catalogue, "can-stock-3104", Method(scrap="co-product"))
    assert found.total == pytest.approx(cut_off.total / (1 - trim), rel=1e-12)
    assert at(found.table["recycling", "scrap-burden"], 0) == pytest.approx(trim * found.total, rel=1e-12)


def test_post_consumer_scrap_is_free_of_burden_under_either_method(catalogue: Catalogue) -> None:
    totals = calculate(catalogue, "a356.2").alternatives["scrap"]
    assert totals["cut-off"] == pytest.approx(totals["co-product"], rel=1e-12)


def test_pre_consumer_scrap_carries_the_declared_default(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqaloop")
    trim = float(next(iter(found.system.charges.values())).gross["scrap-profile-trim"])
    totals = found.alternatives["scrap"]
    assert totals["co-product"] - totals["cut-off"] == pytest.approx(trim * 15.947, rel=1e-9)
