"""Levers and states: what can be moved stands where the model has it."""

from __future__ import annotations

import pytest

from pcf.catalogue import Catalogue
from pcf.engine import at, calculate
from pcf.engine.live import Live
from pcf.errors import InputError
from pcf.model import Settings, compose
from pcf.views.levers import MAIN, Lever, find_levers
from pcf.views.state import LONGEST, MOST_CHANGES, State, parse_state, read_state


def levers(catalogue: Catalogue, state: State) -> tuple[list[Lever], list[Lever]]:
    variant = state.variant(catalogue)
    system = compose(catalogue, variant.product, variant.method, variant.settings)
    base = compose(catalogue, variant.product, variant.method, Settings(sites=variant.settings.sites))
    return find_levers(system, base)


@pytest.mark.parametrize(
    ("product", "name", "value"),
    [
        ("a356.2", "recycled_content", 0.9), ("a356.2", "post_consumer_share", 0.2), ("hqalight", "dc_electricity", 13_000.0),
        ("hqalight", "anode_net", 0.4), ("can-stock-3104", "recycled_content", 0.3),
    ],
)  # fmt: skip
def test_a_lever_that_was_moved_stands_where_it_was_put_with_its_range(
    catalogue: Catalogue, product: str, name: str, value: float
) -> None:
    before = {lever.name: lever for lever in levers(catalogue, State(product))[0]}
    after = {lever.name: lever for lever in levers(catalogue, State(product, {name: f"{value}"}))[0]}
    assert list(after) == list(before)
    assert after[name].value == pytest.approx(value) and before[name].value != pytest.approx(value)
    assert (after[name].low, after[name].high, after[name].title) == (before[name].low, before[name].high, before[name].title)


@pytest.mark.parametrize("product", ["a356.2", "hqalight", "can-stock-3104", "alumina", "hqaloop", "primary-shandong"])
def test_a_live_variant_gives_what_the_footprint_gives(catalogue: Catalogue, product: str) -> None:
    main, _ = levers(catalogue, State(product))
    assert [lever.name for lever in main] == [name for name in MAIN if name in {lever.name for lever in main}]
    numbers = {lever.name: (lever.low, lever.high, lever.unit) for lever in main if lever.is_number}
    live = Live(catalogue, State(product).variant(catalogue), numbers, ("site", "hydro"))
    start = {lever.name: float(lever.value) for lever in main if lever.is_number} | {"grid_mix": 0.0}
    assert live.run(start).total[0] == pytest.approx(at(calculate(catalogue, product).total, 0), rel=1e-12)
    moved = {name: low + 0.3 * (high - low) for name, (low, high, _) in numbers.items()}
    texts = {name: repr(value) for name, value in moved.items()} | {"grid_mix": "site:75%,hydro:25%"}
    variant = State(product, texts).variant(catalogue)
    found = live.run({**moved, "grid_mix": 0.25})
    whole = calculate(catalogue, product, variant.method, variant.settings)
    assert found.total[0] == pytest.approx(at(whole.total, 0), rel=1e-9)
    assert sum(float(values[0]) for values in found.stages.values()) == pytest.approx(found.total[0], rel=1e-9)


def test_a_step_of_a_slider_is_a_round_number() -> None:
    assert Lever("x", {}, "1", 0.5, 0, 1).step == 0.01
    assert Lever("x", {}, "kWh/t", 12_823, 11_000, 16_000).step == 10
    assert Lever("x", {}, "Nm3/t", 79, 20, 200).step == pytest.approx(0.1)


def test_live_levers_have_to_be_some_and_different(catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="levers"):
        Live(catalogue, State("a356.2").variant(catalogue), {})


@pytest.mark.parametrize(
    "text", ["a356.2", "a356.2:recycled_content=0.9", "a356.2:grid_mix=coal:0.2,hydro:0.8,recycled_content=0.9,scrap=co-product"]
)
def test_a_state_is_the_same_as_text_and_as_a_link(text: str) -> None:
    from urllib.parse import parse_qsl

    state = parse_state(text)
    assert state.text == text
    assert read_state(parse_qsl(state.query)) == state


def test_a_change_can_be_taken_back() -> None:
    state = State("a356.2").having(scrap="co-product")
    assert state.text == "a356.2:scrap=co-product"
    assert state.having(scrap="") == State("a356.2")


def test_a_link_is_bounded() -> None:
    with pytest.raises(InputError, match="too many or too long"):
        read_state([("x", "1" * (LONGEST + 1))])
    with pytest.raises(InputError, match="too many or too long"):
        read_state([(f"x{number}", "1") for number in range(MOST_CHANGES + 1)])
    assert read_state([("a=b", "1"), ("c", " ")], "p") == State("p")
