"""The small solver that checks a study before it leaves."""

from __future__ import annotations

import pytest

from pcf.engine.study import Activity, Line, Study, own_use, solve_study
from pcf.errors import InputError


def study(own: float = 0.0, back: float = 0.0) -> Study:
    """A product takes 2 kWh and emits 3 kg of methane of 28; power takes `own` of itself, `back` of the product, and a row of 0.5."""
    product = Activity("product", "", "", "t", "CN", "", "", (Line(1, 2.0), Line("methane", 3.0)))
    power = Activity("power", "", "", "kWh", "CN", "", "", (Line(1, own), Line(0, back), Line(2, 1.0)))
    row = Activity("row", "", "", "kWh", "CN", "", "", (Line("GHG, unspecified", 0.5),), is_row=True)
    return Study("s", "s", "AR5", (product, power, row), {"methane": 28.0, "GHG, unspecified": 1.0})


def test_a_study_comes_out_as_by_hand() -> None:
    assert solve_study(study()) == pytest.approx(2 * 0.5 + 3 * 28, rel=1e-12)
    # 1 kWh net of a tenth of own use costs 0.5 / 0.9
    assert solve_study(study(own=0.1)) == pytest.approx(2 * 0.5 / 0.9 + 84, rel=1e-12)
    # x = 84 + 2 y, y = 0.5 + 0.25 x: x = 85 / 0.5
    assert solve_study(study(back=0.25)) == pytest.approx(170, rel=1e-12)


def test_what_cannot_be_solved_is_refused() -> None:
    with pytest.raises(InputError, match="without a solution"):
        solve_study(study(back=0.5))
    with pytest.raises(InputError, match="less than it makes"):
        own_use(study(own=1.0), 1)
    assert own_use(study(own=0.1), 1) == pytest.approx(0.1)


def test_only_a_row_of_co2e_stands_for_a_whole_supply() -> None:
    product, power, row = study().activities
    assert [item.is_aggregate for item in (product, power, row)] == [False, False, True]
