"""Sweeps, goal seek, roadmaps and portfolios against single footprints and hand calculations."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from pcf.catalogue import Catalogue, Lever, LeverSetting, Roadmap
from pcf.catalogue.records import Marks
from pcf.catalogue.roadmaps import Point
from pcf.engine import calculate
from pcf.engine.axes import read_axis, read_variant
from pcf.engine.goal import seek
from pcf.engine.montecarlo import Variant
from pcf.engine.portfolio import PART, Row, compute_part, split_parts
from pcf.engine.roadmap import hold_against_targets, run_roadmap
from pcf.engine.sweep import run_sweep
from pcf.errors import InputError
from pcf.model import Method, Settings, read_request

MARKS = Marks("project-estimates", "2024", "", "assumed")


def single(catalogue: Catalogue, product: str, *texts: str, grid_mix: str = "") -> float:
    product_id, settings = read_request(catalogue, product, Method(), texts, grid_mix)
    return float(calculate(catalogue, product_id, settings=settings).total)


def test_a_point_of_a_sweep_is_the_footprint_there(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "a356.2")
    axes = [
        read_axis(catalogue, variant, "recycled_content=0.1:0.7:0.2"),
        read_axis(catalogue, variant, "silicon_origin=coal,hydro"),
    ]
    found = run_sweep(catalogue, variant, axes)
    assert found.total.shape == (4, 2)
    for (row, content), (column, origin) in itertools.product(enumerate(axes[0].labels), enumerate(axes[1].labels)):
        alone = single(catalogue, "a356.2", f"recycled_content={content}", f"silicon_origin={origin}")
        assert found.total[row, column] == pytest.approx(alone, rel=1e-12)
    assert sum(found.stages.values()) == pytest.approx(found.total, rel=1e-12)


def test_mixes_between_presets_are_straight_lines_of_shares(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "primary-shandong")
    line = read_axis(catalogue, variant, "grid_mix=coal:hydro:5")
    triangle = read_axis(catalogue, variant, "grid_mix=coal:hydro:wind:5")
    assert len(triangle) == 15
    assert all(math.isclose(sum(shares), 1) for shares in triangle.shares)
    half = run_sweep(catalogue, variant, [line]).total[2]
    assert half == pytest.approx(single(catalogue, "primary-shandong", grid_mix="coal=0.5,hydro=0.5"), rel=1e-12)


def test_a_charge_that_misses_its_limits_is_no_number(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "a356.2")
    found = run_sweep(catalogue, variant, [read_axis(catalogue, variant, "scrap_wheels_a356__fe=0.0005:0.002:0.0005")])
    assert found.feasible.tolist() == [True, True, False, False]
    assert np.isnan(found.shown).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recycled_content=0:1:1e-12", "at most"), ("recycled_content=1:0:0.1", "from below to"), ("recycled_content=0:1:0", "step above"),
        ("recycled_content=0:2:0.5", "0 to 1"), ("nothing=0:1:0.5", "unknown name"), ("grid_mix=coal:hydro:x", "whole number"),
        ("recycled_content", "no name or no values"), ("grid_mix=coal:water:5", "water"),
    ],
)  # fmt: skip
def test_an_axis_that_makes_no_sense_is_refused(catalogue: Catalogue, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_axis(catalogue, read_variant(catalogue, "a356.2"), text)


def test_a_grid_too_large_is_refused_with_its_size(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "a356.2")
    axes = [read_axis(catalogue, variant, f"{name}=0:1:0.0001") for name in ("recycled_content", "post_consumer_share")]
    wide = [*axes, read_axis(catalogue, variant, "grid_mix=coal:hydro:10000")]
    with pytest.raises(InputError, match="1,000,200,010,000 points"):
        run_sweep(catalogue, variant, wide)


def test_goal_seek_finds_the_content_that_reaches_a_target(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "a356.2")
    found = seek(catalogue, variant, [read_axis(catalogue, variant, "recycled_content=0.5:1:0.5")], 4.0)
    content = 0.5 + 0.5 * found.position["recycled_content"]
    assert found.reached
    assert single(catalogue, "a356.2", f"recycled_content={content!r}") == pytest.approx(4.0, rel=1e-9)


def test_goal_seek_takes_the_cheaper_way(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "a356.2")
    axes = [
        read_axis(catalogue, variant, "recycled_content=0.5:0.9:0.4"),
        read_axis(catalogue, variant, "post_consumer_share=1:1:1"),
    ]
    costly = seek(catalogue, variant, axes[:1], 6.0, {"recycled_content": 10.0})
    # 10 for the whole way from 0.5 to 0.9, in proportion to how far it has to go
    assert costly.cost == pytest.approx(10 * costly.position["recycled_content"])


def test_a_target_out_of_reach_says_what_comes_nearest(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "primary-shandong")
    found = seek(catalogue, variant, [read_axis(catalogue, variant, "dc_electricity=12000kWh/t:13000kWh/t:1000kWh/t")], 3.0)
    assert not found.reached
    assert found.monotone
    assert found.total == pytest.approx(single(catalogue, "primary-shandong", "dc_electricity=12000kWh/t"), rel=1e-9)


def lever(name: str, setting: str, first: str, last: str) -> Lever:
    points = (Point(2020, first, MARKS), Point(2040, last, MARKS))
    return Lever(name, {"en": name, "zh": name}, (LeverSetting((setting,), points),))


def test_levers_add_up_whatever_their_order(catalogue: Catalogue) -> None:
    levers = (
        lever("power", "dc_electricity", "13500kWh/t", "12500kWh/t"),
        lever("anode", "anode_net", "0.42", "0.40"),
        lever("mix", "electricity_supply", "own_coal:1.0,grid:0.0", "own_coal:0.5,grid:0.5"),
    )
    roadmap = Roadmap("r", {"en": "r", "zh": "r"}, 2020, (), levers)
    found = run_roadmap(catalogue, Variant("primary-shandong"), roadmap, 2020, 2040, draws=0)
    assert found.frozen + sum(found.contributions.values()) == pytest.approx(found.total, rel=1e-12)
    # By hand for the last year: the mean of each lever's effect over the six orders.
    values = {
        "power": ("dc_electricity=13500kWh/t", "dc_electricity=12500kWh/t"), "anode": ("anode_net=0.42", "anode_net=0.40"),
        "mix": ("electricity_supply=own_coal:1.0,grid:0.0", "electricity_supply=own_coal:0.5,grid:0.5"),
    }  # fmt: skip
    total: dict[tuple[str, ...], float] = {}
    for size in range(4):
        for chosen in itertools.combinations(sorted(values), size):
            total[chosen] = single(catalogue, "primary-shandong", *(pair[name in chosen] for name, pair in values.items()))
    for name in values:
        effects = []
        for order in itertools.permutations(sorted(values)):
            before = tuple(sorted(order[: order.index(name)]))
            effects.append(total[tuple(sorted((*before, name)))] - total[before])
        assert found.contributions[name][-1] == pytest.approx(sum(effects) / 6, rel=1e-9)


def test_the_published_roadmap_is_held_against_its_targets_without_netting(catalogue: Catalogue) -> None:
    found = hold_against_targets(catalogue, catalogue.roadmaps["hongqiao"], 2055, Method())
    assert [(item.target.year, item.target.indicator) for item in found] == [
        (2040, "primary-intensity"), (2040, "green-share"), (2055, "neutral"),
    ]  # fmt: skip
    neutral = found[-1]
    assert neutral.found > 0, "carbon anodes and grid power remain: no lever takes them all"
    assert neutral.gap == pytest.approx(neutral.found)


def test_a_lever_that_reaches_nothing_is_named(catalogue: Catalogue) -> None:
    roadmap = Roadmap("r", {"en": "r", "zh": "r"}, 2020, (), (lever("scrap", "a356.2.recycled_input", "0.5", "0.9"),))
    found = run_roadmap(catalogue, Variant("hqalight"), roadmap, 2020, 2025, draws=0)
    assert found.unused == ("scrap",)
    assert set(found.total.tolist()) == {calculate(catalogue, "hqalight").total}


def test_rows_of_a_portfolio_have_the_bits_that_they_have_alone(catalogue: Catalogue) -> None:
    cells = [{"product": "a356.2", "recycled_content": f"{content}", "id": f"{content}"} for content in (0.3, 0.5, 0.9)] + [
        {"product": "hqalight", "grid_mix": "hydro"},
        {"product": "nothing"},
        {"product": "hqalight", "recycled_content": "0.5"},
    ]
    rows = [Row(number, item) for number, item in enumerate(cells, start=1)]
    together = compute_part(catalogue, rows)
    alone = [compute_part(catalogue, [row])[0] for row in rows]
    assert together == alone
    assert together[1].total == single(catalogue, "a356.2", "recycled_content=0.5")
    assert [bool(line.problem) for line in together] == [False, False, False, False, True, True]


def test_parts_hold_every_row_once() -> None:
    rows = (Row(number, {}) for number in range(1, 2 * PART + 6))
    parts = list(split_parts(rows))
    assert [len(part) for part in parts] == [PART, PART, 5]
    assert [row.number for part in parts for row in part] == list(range(1, 2 * PART + 6))


def test_settings_of_a_variant_come_from_its_text(catalogue: Catalogue) -> None:
    variant = read_variant(catalogue, "A356.2:recycled_content=0.6,grid_mix=coal:0.2,hydro:0.8,scrap=co-product")
    assert variant.product == "a356.2"
    assert variant.method.scrap == "co-product"
    assert variant.settings.values["product:a356.2", "recycled_content"] == 0.6
    assert isinstance(variant.settings, Settings)
    with pytest.raises(InputError, match="twice"):
        read_variant(catalogue, "a356.2:recycled_content=0.6,recycled_content=0.7")
