"""Parts of the model against calculations by hand, with the figures of the sources written out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pcf.catalogue import Catalogue
from pcf.engine import Footprint, at, calculate
from pcf.errors import InputError
from pcf.model import Method, Settings, compose, read_request

KWH = 3.6e6  # J


def intensity(catalogue: Catalogue, product: str, key: str, **choices: str) -> float:
    found = calculate(catalogue, product, Method(**choices))
    index = next(number for number, node in enumerate(found.system.nodes) if node.key == key)
    return at(found.solution.intensity[index], 0)


def with_settings(catalogue: Catalogue, product: str, *texts: str, grid_mix: str = "", **choices: object) -> Footprint:
    method = Method(**choices)  # type: ignore[arg-type]
    product_id, settings = read_request(catalogue, product, method, texts, grid_mix)
    return calculate(catalogue, product_id, method, settings)


def node_intensity(found: Footprint, key: str) -> float:
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
    assert at(found.table["electrolysis", "process-co2"], 0) == pytest.approx(1.008 * 0.411 * 0.976 * 44 / 12, rel=1e-5)


def test_pfc_default_is_a_mass_of_gas_then_characterised(catalogue: Catalogue) -> None:
    # 0.034 kg CF4 and 0.0034 kg C2F6 per t, AR6 7380 and 12400, AR5 6630 and 11100; 1.008 t liquid per t ingot
    for edition, cf4, c2f6 in (("AR6", 7380, 12400), ("AR5", 6630, 11100)):
        found = calculate(catalogue, "hqalight", Method(gwp=edition))
        by_hand = 1.008 * (0.034 * cf4 + 0.0034 * c2f6) / 1000
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
    assert 1000 * mass["tetrafluoromethane"] == pytest.approx(1.008 * 0.143 * 0.4, rel=1e-9)
    assert 1000 * mass["hexafluoroethane"] == pytest.approx(1.008 * 0.143 * 0.4 * 0.121, rel=1e-9)


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
    # anode CO2 + PFC + 13,562 kWh at hydropower with delivery, times 1.008
    ac = 12823 / 0.97 + 342.4
    by_hand = 1.008 * (0.411 * 0.976 * 44 / 12 + (0.034 * 7380 + 0.0034 * 12400) / 1000 + ac * (0.0141 + 0.0327) / 1000)
    assert found.total == pytest.approx(by_hand, rel=1e-4)


def test_scope_1_2_counts_contract_hydropower_at_zero(catalogue: Catalogue) -> None:
    found = calculate(catalogue, "hqalight", Method(boundary="scope-1-2"))
    by_hand = 1.008 * (0.411 * 0.976 * 44 / 12 + (0.034 * 7380 + 0.0034 * 12400) / 1000)
    assert found.total == pytest.approx(by_hand, rel=1e-4)
    assert found.total < 1.83
    # the site's own mix: 20 % grid at Yunnan's CO2 factor
    plain = calculate(catalogue, "primary-yunnan", Method(boundary="scope-1-2"))
    grid = catalogue.factors["grid-co2-cn-yunnan"]
    factor = grid[max(grid)].quantity.value * KWH / 1000
    assert plain.total == pytest.approx(by_hand + 1.008 * 0.2 * factor * (12823 / 0.97 + 342.4), rel=1e-4)


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


@pytest.mark.parametrize(
    ("origin", "year", "power"),
    [
        ("coal", "", 0.9240),  # the smelter's own plant: nothing for delivery
        ("national", "", 0.5777),  # as delivered
        ("hydro", "", 0.0141 + 0.0327),  # bought over the grid: with official delivery
        ("national", "2023", 0.6205),
        ("coal", "2023", 0.9440),
        ("hydro", "2023", 0.0143 + 0.0338),  # 0.0036 + 0.048641 × 0.6205 = 0.0338
    ],
)
def test_silicon_is_its_process_its_reductants_and_its_power(catalogue: Catalogue, origin: str, year: str, power: float) -> None:
    # 5.0 kg process CO2 + 0.6 kg upstream + 12.6 kWh/kg × power + 1,000 km by truck at 0.0978 kg per t and km
    found = with_settings(catalogue, "a356.2", f"silicon_origin={origin}", factor_year=year)
    by_hand = 5.0 + 0.6 + 12.6 * power + 1000 * 0.0978 / 1000
    assert node_intensity(found, "silicon-metal@common") == pytest.approx(by_hand, rel=1e-9)


def test_caustic_soda_is_its_power_and_its_coal(catalogue: Catalogue) -> None:
    # 2,292 kWh/t × 0.5777 = 1.3241 kg/kg; 2,063 MJ/t of coal at its own intensity, about 0.1 kg/MJ: 1.5 kg/kg together
    found = with_settings(catalogue, "alumina")
    coal = node_intensity(found, "coal-burned@common") * 1e6  # kg per MJ
    assert node_intensity(found, "caustic-soda@common") == pytest.approx(2.292 * 0.5777 + 2.063 * coal, rel=1e-9)
    assert 0.09 < coal < 0.11


def test_purchased_heat_carries_the_upstream_of_its_coal_in_a_life_cycle_alone(catalogue: Catalogue) -> None:
    # Shandong 75.1 kgCO2/GJ of heat; coal 1 / 0.90 GJ at 23.204 GJ/t = 47.884 kg per GJ of heat
    texts = ("alumina_energy_basis=steam", "steam_source=purchased")
    whole = with_settings(catalogue, "alumina", *texts)
    upstream = node_intensity(whole, "coal-supply@product:alumina")  # kgCO2e per kg
    heat = node_intensity(whole, "steam@product:alumina") * 1e9
    assert heat == pytest.approx(75.1 + 1000 / 23.204 / 0.90 * upstream, rel=1e-9)
    direct = with_settings(catalogue, "alumina", *texts, boundary="scope-1-2")
    assert node_intensity(direct, "steam@product:alumina") * 1e9 == pytest.approx(75.1, rel=1e-9)


def test_the_steam_basis_has_no_coal_beside_bought_gas(catalogue: Catalogue) -> None:
    # 2,775 kg × 2.7 MJ/kg / 0.90 = 8,325 MJ of coal and 80.5 Nm3 × 38.931 = 3,134 MJ of gas: 11.46 GJ, not 15.6 with 180 kg more
    found = with_settings(catalogue, "alumina", "alumina_energy_basis=steam")
    burned = {
        node.process.id: at(level, 0)
        for node, level in zip(found.system.nodes, found.solution.activity, strict=True)
        if node.scope.id != "common" or node.process.id == "natural-gas-burned"
    }
    assert burned["coal-burned"] / 1e3 == pytest.approx(2775 * 2.7 / 0.90, rel=1e-9)  # J per kg are MJ per 1,000 t
    assert burned["natural-gas-burned"] * 1000 == pytest.approx(80.5, rel=1e-9)


def test_the_whole_plant_set_holds_sorting_and_casting(catalogue: Catalogue) -> None:
    found = with_settings(catalogue, "hqaloop")
    melt = 1 / (1 - 0.01)  # 1 % run-around returns
    charge = next(iter(found.system.charges.values()))
    collected = next(level for node, level in zip(found.system.nodes, found.solution.activity, strict=True)
                     if node.process.id == "scrap-collection")  # fmt: skip
    # Nothing is sorted out beyond the yields: what is collected is what is charged.
    assert at(collected, 0) == pytest.approx(float(charge.gross_total), rel=1e-12)
    # 319 kWh per t of melt is all the plant's power; the yards' 15 kWh per t of scrap are the national average's.
    power = next(level for node, level in zip(found.system.nodes, found.solution.activity, strict=True)
                 if node.key == "electricity@product:hqaloop")  # fmt: skip
    assert at(power, 0) * 1000 / KWH == pytest.approx(319 * melt, rel=1e-9)


@pytest.mark.parametrize("product", ["a356.2", "can-stock-3104", "a356.2-liquid"])
def test_the_whole_plant_set_is_refused_where_casting_is_counted_apart(catalogue: Catalogue, product: str) -> None:
    with pytest.raises(InputError, match="whole_plant_set_holds_casting"):
        with_settings(catalogue, product, "furnace=whole_plant")


def test_a_twin_chamber_furnace_takes_coated_scrap_without_a_decoating_line(catalogue: Catalogue) -> None:
    # Shredding 60 kWh/t instead of the line's 115; lacquer 0.012 t C × 44/12 either way; gas 25 Nm3 only with the line
    def decoating(*texts: str) -> dict[str, float]:
        found = with_settings(catalogue, "packaging-recycled", *texts)
        node = next(node for node in found.system.nodes if node.process.id == "scrap-decoating")
        names = {str(found.system.nodes[int(link.target)].process.id) if link.kind == "input" else str(link.target): link
                 for link in node.links}  # fmt: skip
        return {name: at(link.amount, 0) for name, link in names.items()}

    twin, line = decoating(), decoating("furnace=regenerative")
    assert "natural-gas-burned" not in twin
    assert line["natural-gas-burned"] * 1000 == pytest.approx(25, rel=1e-12)
    assert twin["electricity"] * 1000 / KWH == pytest.approx(60, rel=1e-12)
    assert line["electricity"] * 1000 / KWH == pytest.approx(115, rel=1e-12)
    assert twin["carbon dioxide, fossil"] == pytest.approx(0.012 * 44 / 12, rel=1e-5)


def test_ingot_travels_to_the_casthouse(catalogue: Catalogue) -> None:
    # Wenshan to Zouping: 2,600 km by rail at 6.502 g, 60 km by truck at 97.8 g per t and km
    found = with_settings(catalogue, "can-stock-3104")
    ingot = calculate(catalogue, "hqalight").total
    delivered = node_intensity(found, "primary-delivery@product:can-stock-3104")
    assert delivered == pytest.approx(at(ingot, 0) + (2600 * 0.006502 + 60 * 0.0978) / 1000, rel=1e-9)
    # A356.2: ingot of the sister smelter, 50 km by truck
    alloy = node_intensity(with_settings(catalogue, "a356.2"), "primary-delivery@product:a356.2")
    assert alloy == pytest.approx(at(calculate(catalogue, "primary-shandong").total, 0) + 50 * 0.0978 / 1000, rel=1e-9)


def test_national_and_residual_are_averages_as_delivered(catalogue: Catalogue) -> None:
    key = "electricity@product:hqalight"
    for mix, by_hand in (("national", 0.5777), ("residual", 0.713), ("coal", 0.9240 + 0.0327)):
        found = with_settings(catalogue, "hqalight", grid_mix=mix)
        assert node_intensity(found, key) * KWH == pytest.approx(by_hand, rel=1e-9)


def test_direct_line_power_whose_attributes_were_sold_gets_the_plain_average(catalogue: Catalogue) -> None:
    texts = ("electricity_supply=direct_pv:0.4,direct_hydro:0.6", "direct_attributes_sold=0.25")
    found = with_settings(catalogue, "primary-yunnan", *texts)
    by_hand = 0.75 * (0.4 * 0.0520 + 0.6 * 0.0141) + 0.25 * 0.5777
    assert node_intensity(found, "electricity@product:primary-yunnan") * KWH == pytest.approx(by_hand, rel=1e-9)


def test_iron_from_red_mud_and_sold_heat_take_their_share(catalogue: Catalogue) -> None:
    # 200 kg of concentrate: by mass 1 / 1.2, by a price of 0.1 1 / 1.02; 500 MJ of heat at 0.01 t/GJ: 1 / 1.005, by mass nothing
    none = at(calculate(catalogue, "alumina").total, 0)
    for choice, name, amount, share in (
        ("mass", "red_mud_iron", 0.2, 1 / 1.2), ("economic", "red_mud_iron", 0.2, 1 / 1.02),
        ("mass", "exported_heat", 5e5, 1.0), ("economic", "exported_heat", 5e5, 1 / 1.005),
    ):  # fmt: skip
        sold = replace(catalogue.parameters[name], value=amount)  # base units: kg/kg, J/kg
        selling = replace(catalogue, parameters={**catalogue.parameters, name: sold})
        found = calculate(selling, "alumina", Method(co_products=choice))
        assert at(found.total, 0) == pytest.approx(none * share, rel=1e-9)


def test_wheel_scrap_decides_whether_the_charge_meets_the_iron_limit(catalogue: Catalogue) -> None:
    # By hand per t of outside metal: 0.74 of scrap at the middle of the casting's range (0 to 0.20 %), 0.236 of primary at 0.09 %,
    # 0.019 of silicon at 0.3 % and 0.01 points of pick-up: 0.74 × 0.100 + 0.236 × 0.09 + 0.019 × 0.3 + 0.01 = 0.111 %.
    charge = next(iter(calculate(catalogue, "a356.2").system.charges.values()))
    assert float(charge.composition["Fe"]) == pytest.approx(0.00111, abs=2e-5)
    assert bool(charge.feasible)
    # Wheels that took up 0.015 points more are too much: 0.74 × 0.115 % alone adds 0.011 points.
    dirty = Settings({("product:a356.2", "scrap_wheels_a356__fe"): 0.00115})
    charge = next(iter(calculate(catalogue, "a356.2", settings=dirty).system.charges.values()))
    assert float(charge.composition["Fe"]) == pytest.approx(0.00122, abs=2e-5)
    assert not bool(charge.feasible)
