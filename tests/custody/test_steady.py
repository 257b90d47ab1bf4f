"""What heats of a plant's year have in common is kept: every number is that of the whole system, whatever was solved before."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from pcf.catalogue import Catalogue
from pcf.certificate.interval import Part, find_interval
from pcf.custody import steady as room
from pcf.custody.batch import BatchCharge, Prepared, prepare
from pcf.custody.footprint import calc_batch
from pcf.custody.metals import ChargeItem
from pcf.custody.steady import Steady
from pcf.engine.montecarlo import Variant
from pcf.engine.solve import solve_scenarios
from pcf.model import Method, Settings, compose
from tests.custody.batches import PARK
from tests.custody.test_chain import CHARGES, CLASSES, METHODS


def charges(seed: int, count: int = 6) -> list[BatchCharge]:
    """Heats of several products and plants, some with returns of their own and some without a material of the others."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        product, plant, materials, rate = chance.choice(CHARGES)
        used = materials if chance.random() < 0.7 else materials[:-1]
        items = tuple(
            ChargeItem(f"{name}-{number}", name, chance.randint(1, 9_000), CLASSES.get(name, "post-consumer")) for name in used
        )
        charged = sum(item.mass_kg for item in items)
        back = chance.choice([None, charged * rate // 1000])
        made.append(BatchCharge(f"H-{number}", product, plant, 2024, max(charged * 9 // 10, 1), items, back))
    return made


@pytest.mark.parametrize("method", METHODS, ids=lambda method: "-".join((method.scrap, method.gwp, method.boundary)))
@pytest.mark.parametrize("gate", ["cast", "product"])
def test_alternatives_are_those_of_the_whole_system(catalogue: Catalogue, method: Method, gate: str) -> None:
    kept = Steady(catalogue)
    for batch in charges(7):
        found, alone = (calc_batch(catalogue, batch, method, gate=gate, steady=one) for one in (kept, Steady(catalogue)))
        assert found.footprint.alternatives == alone.footprint.alternatives
        assert found.total == alone.total


def part(catalogue: Catalogue, batch: BatchCharge, method: Method, *, heat: bool) -> Part:
    found = prepare(catalogue, batch, method, replaces=False, gate="cast")
    system = compose(found.catalogue, found.product, method, found.settings)
    return Part(1.0, found.catalogue, Variant(found.product, method, found.settings), system, "", found if heat else None)


@pytest.mark.parametrize("method", METHODS[:4], ids=lambda method: "-".join((method.scrap, method.gwp)))
def test_an_interval_is_that_of_the_whole_system(catalogue: Catalogue, method: Method) -> None:
    """Among heats of other products, other materials, and other methods than the one before."""
    kept = Steady(catalogue)
    lows = set()
    for batch in charges(11):
        for wanted in (method, Method(gwp="AR5")):
            found = find_interval([part(catalogue, batch, wanted, heat=True)], kept)
            assert found == find_interval([part(catalogue, batch, wanted, heat=False)], kept)
            assert found is not None
            lows.add(found["low"])
    assert len(lows) > 1


HEATS = [
    BatchCharge(
        f"H-{number}", "hqaloop", PARK, 2024, 900,
        (ChargeItem("U", "scrap-ubc", 600 + number, "post-consumer"), ChargeItem("P", "primary-delivery", 400, "primary")),
    )
    for number in range(3)
]  # fmt: skip


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many nodes of each system were composed with links of their own."""
    sizes: list[int] = []

    def solve(*asked: Any, **more: Any) -> Any:
        solved = solve_scenarios(*asked, **more)
        sizes.append(len(solved.system.nodes) - len(more["known"] or ()))
        return solved

    monkeypatch.setattr(room, "solve_scenarios", solve)
    return sizes


def solve_all(kept: Steady, found: Prepared, method: Method, scenarios: str, **values: Any) -> Any:
    return kept.solving(found, scenarios)(found.catalogue, found.product, method, found.settings, values or None, 1).intensity[0]


def test_the_first_heat_alone_is_composed_as_a_whole(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = counted(monkeypatch)
    kept = Steady(catalogue)
    for batch in HEATS:
        calc_batch(catalogue, batch, steady=kept)
    assert sizes[0] > 2 * max(sizes[1:])


def test_methods_are_kept_apart(catalogue: Catalogue) -> None:
    """A heat under one price of scrap never gets the numbers of another one."""
    kept = Steady(catalogue)
    methods = (Method(), Method(low_voltage_pfc="included"), Method(gwp="AR5"))
    found = [prepare(catalogue, batch, Method(), replaces=False, gate="cast") for batch in HEATS]
    totals = {method: [solve_all(kept, one, method, "as it is") for one in found] for method in methods}
    for method in methods:
        for one, total in zip(found, totals[method], strict=True):
            alone = solve_scenarios(one.catalogue, one.product, method, Settings(sites=one.settings.sites))
            assert total == pytest.approx(np.asarray(alone.intensity[0]), rel=1e-12)
    assert len({totals[method][0] for method in methods}) == len(methods)


def test_what_was_not_asked_for_lately_is_dropped(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = counted(monkeypatch)
    kept = Steady(catalogue)
    (first, *_) = found = [prepare(catalogue, batch, Method(), replaces=False, gate="cast") for batch in HEATS]
    for number in range(room.MOST_KEPT + 1):
        solve_all(kept, first, Method(), f"number {number}")
    whole = sizes[0]
    solve_all(kept, found[1], Method(), f"number {room.MOST_KEPT}")
    assert sizes[-1] < whole / 2
    solve_all(kept, found[1], Method(), "number 0")
    assert sizes[-1] == whole
