"""Heats as one system: nothing that is the same stands twice, nothing that differs becomes one, and the sum is that of the parts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.certificate import joint
from pcf.certificate.joint import join_systems
from pcf.certificate.seal import check_seal, make_seal
from pcf.model import System
from tests.certificate.test_seal import SALT, small


def named(system: System, name: str) -> System:
    """The same with the name of a heat in keys and scopes, as the catalogue of a heat gives them."""
    for node in system.nodes:
        node.key, node.scope.id = f"{node.key}@{name}", name  # type: ignore[misc]
    return system


def computed(parts: Any, result: float) -> float:
    found = check_seal(make_seal(parts, {}, result, SALT)[0])
    assert found.agrees
    return found.reference


def test_two_heats_by_hand() -> None:
    """A quarter of 0.023 and three quarters of 0.002 · 30 + 0.003 = 0.063, as two parts are: 0.053."""
    ((weight, nodes),) = join_systems([(0.25, small()), (0.75, small(30.0))])
    assert weight == 1.0
    assert [node["key"] for node in nodes] == ["average of 2 heats", "product", "power", "product #2", "power #2"]
    assert [(link["target"], link["amount"]) for link in nodes[0]["links"]] == [(1, 0.25), (3, 0.75)]
    assert computed([(weight, nodes)], 0.053) == pytest.approx(0.053, rel=1e-12)


def test_what_is_the_same_stands_once_whatever_its_heat() -> None:
    first, second = named(small(), "A"), named(small(), "B")
    second.nodes[0].links[2].amount = 0.007  # B bears 4 kg more of the gas, from the same power: 0.027
    ((_, nodes),) = join_systems([(0.5, first), (0.5, second)])
    assert [node["key"] for node in nodes] == ["average of 2 heats", "product@A", "power@A", "product@B"]
    assert computed([(1.0, nodes)], 0.025) == pytest.approx(0.025, rel=1e-12)


def test_heats_that_are_alike_are_one() -> None:
    ((_, nodes),) = join_systems([(0.5, named(small(), name)) for name in "AB"])
    assert len(nodes) == 3
    assert computed([(1.0, nodes)], 0.023) == pytest.approx(0.023, rel=1e-12)


def test_a_difference_far_behind_tells_everything_before_it_apart() -> None:
    """The same product and the same loop of it, but power of another plant: 0.023 / 0.75 and 0.063 / 0.75."""
    ((_, nodes),) = join_systems([(0.5, small(loop=0.25)), (0.5, small(30.0, loop=0.25))])
    assert len(nodes) == 5
    mean = (0.023 + 0.063) / 2 / 0.75
    assert computed([(1.0, nodes)], mean) == pytest.approx(mean, rel=1e-12)


def test_a_single_system_stays_as_it_is() -> None:
    ((weight, nodes),) = join_systems([(0.5, small())])
    assert (weight, [node["key"] for node in nodes]) == (0.5, ["product", "power"])


def test_what_is_too_large_for_one_part_is_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "MOST_NODES", 6)
    factors = [10.0, 20.0, 30.0, 40.0, 50.0]
    parts = join_systems([(0.2, small(factor)) for factor in factors])
    assert [len(nodes) for _, nodes in parts] == [5, 2, 5]
    # the mean of 0.002 · factor + 0.003
    assert computed(parts, 0.063) == pytest.approx(0.063, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    heats=st.lists(
        st.tuples(st.sampled_from([10.0, 20.0]), st.sampled_from([0.0, 0.25]), st.sampled_from([0.003, 0.005]), st.integers(1, 9)),
        min_size=2, max_size=8,
    )
)  # fmt: skip
def test_the_whole_is_the_sum_of_the_parts(heats: list[tuple[float, float, float, int]]) -> None:
    """Exactly: a heat is (0.002 · factor + gas) / (1 - loop); the joint one has as many products as there are different heats."""
    total = sum(weight for *_, weight in heats)
    systems, expected = [], Fraction(0)
    for number, (factor, loop, gas, weight) in enumerate(heats):
        system = named(small(factor, loop), f"H{number}")
        system.nodes[0].links[2].amount = gas
        systems.append((weight / total, system))
        value = (Fraction(2, 1000) * int(factor) + Fraction(round(gas * 1000), 1000)) / (1 - Fraction(loop))
        expected += Fraction(weight, total) * value
    ((_, nodes),) = join_systems(systems)
    kinds, powers = {heat[:3] for heat in heats}, {heat[0] for heat in heats}
    assert len(nodes) == 1 + len(kinds) + len(powers)
    found = check_seal(make_seal([(1.0, nodes)], {}, float(expected), SALT)[0])
    assert found.reference == pytest.approx(float(expected), rel=1e-12)
