"""Three solvers on every product, and on random values of its parameters."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.engine import TOLERANCES, at, brightway, calc_totals, calculate, cross_check, leaves, solve, solve_reference
from pcf.engine.brightway import solve_brightway
from pcf.errors import InputError
from pcf.model import Method, Node, Settings, compose
from pcf.resources import datasets_path

PRODUCTS = sorted(path.stem for path in (datasets_path() / "products").glob("*.yaml"))


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("scrap", ["cut-off", "co-product"])
def test_three_solvers_agree_on_every_product(catalogue: Catalogue, product: str, scrap: str) -> None:
    system = compose(catalogue, product, Method(scrap=scrap), Settings())
    found = cross_check(system, solve(system))
    assert found.differences["reference"] <= TOLERANCES["reference"]
    assert found.differences["brightway"] <= TOLERANCES["brightway"]
    assert found.agrees


def test_brightway_solves_systems_with_the_same_places_without_writing_them(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three products with two sets of values each, in turns: two are written of each product at most, and every total is right."""
    written: list[str] = []
    write = brightway._write

    def counted(bw2data: Any, system: Any, *more: Any) -> Any:
        written.append(system.nodes[0].key)
        return write(bw2data, system, *more)

    monkeypatch.setattr(brightway, "_write", counted)
    monkeypatch.setattr(brightway, "_opened", {})
    totals: dict[str, set[float]] = {}
    for turn in range(2):
        for product in ("hqalight", "hqaloop", "a356.2"):
            for number in range(2):
                system = compose(catalogue, product, Method(gwp=("AR5", "AR6")[number]), Settings())
                changed = replace(system, nodes=[_scaled(node, 1 + 0.1 * number + 0.01 * turn) for node in system.nodes])
                expected = solve_reference(changed)
                assert solve_brightway(changed) == pytest.approx(expected, rel=TOLERANCES["brightway"])
                totals.setdefault(product, set()).add(round(expected, 6))
    assert len(written) == len(set(written)) == 3
    assert all(len(values) == 4 for values in totals.values())


def _scaled(node: Node, factor: float) -> Node:
    """A node with another amount of everything that is no material from stage to stage."""
    return replace(
        node, links=[link if link.kind == "input" else replace(link, amount=link.amount * factor) for link in node.links]
    )


def test_places_that_differ_are_written_anew(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brightway, "_opened", {})
    system = compose(catalogue, "hqalight", Method(), Settings())
    whole = solve_brightway(system)
    last = max(index for index, node in enumerate(system.nodes) if any(link.kind != "input" for link in node.links))
    less = replace(system, nodes=[
        replace(node, links=[link for link in node.links if link.kind == "input"]) if index == last else node
        for index, node in enumerate(system.nodes)
    ])  # fmt: skip
    assert solve_brightway(less) == pytest.approx(solve_reference(less), rel=TOLERANCES["brightway"]) != pytest.approx(whole)
    assert len(brightway._opened) == 2


def test_few_systems_are_kept_open(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brightway, "_opened", {})
    monkeypatch.setattr(brightway, "MOST_OPENED", 2)
    for product in ("hqalight", "hqaloop", "a356.2"):
        solve_brightway(compose(catalogue, product, Method(), Settings()))
    assert len(brightway._opened) == 2


def random_settings(catalogue: Catalogue, product: str, draw: Any) -> Settings:
    """Values for some parameters of the chain, each inside its own permitted range."""
    system = compose(catalogue, product, Method(), Settings())
    values: dict[tuple[str, str], float] = {}
    for scope in system.scopes:
        for name in sorted(scope.used & set(catalogue.parameters)):
            quantity = scope.quantities.get(name)
            spread = quantity.uncertainty if quantity else None
            if spread and "low" in spread and draw(st.booleans()):
                values[scope.id, name] = draw(st.floats(spread["low"], spread["high"]))
    return Settings(values)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), product=st.sampled_from(PRODUCTS), scrap=st.sampled_from(["cut-off", "co-product"]))
def test_reference_solver_agrees_on_random_parameters(
    catalogue: Catalogue, data: st.DataObject, product: str, scrap: str
) -> None:
    chosen = random_settings(catalogue, product, data.draw)
    system = compose(catalogue, product, Method(scrap=scrap), chosen)
    solution = solve(system)
    total = at(solution.intensity[0], 0)
    assert solve_reference(system) == pytest.approx(total, rel=1e-10)
    assert sum(at(leaf.value, 0) for leaf in leaves(system, solution)) == pytest.approx(total, rel=1e-10)


@pytest.mark.parametrize("product", PRODUCTS)
def test_table_gases_and_leaves_sum_to_the_total(catalogue: Catalogue, product: str) -> None:
    for method in (Method(), Method(scrap="co-product"), Method(electricity="location", td="loss-scaled")):
        found = calculate(catalogue, product, method)
        total = at(found.total, 0)
        assert sum(at(value, 0) for value in found.table.values()) == pytest.approx(total, rel=1e-12)
        assert sum(at(value, 0) for _, value in found.gases.values()) == pytest.approx(total, rel=1e-12)
        assert sum(found.evidence["source_check"].values()) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("product", PRODUCTS)
def test_alternatives_in_one_pass_are_those_computed_alone(catalogue: Catalogue, product: str) -> None:
    found = calculate(catalogue, product).alternatives
    assert found["scrap"]["co-product"] == pytest.approx(
        calculate(catalogue, product, Method(scrap="co-product")).total, rel=1e-12
    )
    alone = calculate(catalogue, product, Method(attribution="site-average"))
    assert found["electricity"]["site-average"] == pytest.approx(alone.total, rel=1e-12)
    assert found["td"]["loss-scaled"] == pytest.approx(calculate(catalogue, product, Method(td="loss-scaled")).total, rel=1e-12)


def test_many_scenarios_in_one_pass_are_those_computed_one_by_one(catalogue: Catalogue) -> None:
    key = ("product:hqalight", "dc_electricity")
    values = np.linspace(12500, 14500, 7) * 3.6e3  # kWh/t in J/kg
    whole = calc_totals(catalogue, "hqalight", Method(), Settings({key: values}), 7)
    for number, value in enumerate(values):
        assert whole[number] == pytest.approx(
            calculate(catalogue, "hqalight", settings=Settings({key: float(value)})).total, rel=1e-13
        )


def test_a_loop_that_eats_its_own_product_is_refused(catalogue: Catalogue) -> None:
    key = ("product:primary-captive-coal", "own_use_rate")
    with pytest.raises(InputError, match="loop"):
        calculate(catalogue, "primary-captive-coal", settings=Settings({key: 1.0}))


def test_brightway_leaves_stdout_and_the_home_directory_alone(tmp_path: Any) -> None:
    program = "from pcf.commands import main; main(['footprint', 'anode', '--json', '--cross-check'])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300,
        env={"HOME": str(tmp_path), "PCF_HOME": str(tmp_path / "home"), "PATH": "", "XDG_DATA_HOME": str(tmp_path / "share")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
