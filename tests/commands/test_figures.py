"""Pictures of `pcf footprint`, and the flows behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.engine import calculate
from pcf.engine.flows import calc_flows

Call = Callable[..., Any]


@pytest.mark.parametrize("product", ["hqalight", "a356.2", "can-stock-3104", "primary-group"])
def test_what_enters_a_process_leaves_it(catalogue: Catalogue, product: str) -> None:
    found = calculate(catalogue, product)
    entered: dict[str, float] = {}
    left: dict[str, float] = {}
    for flow in calc_flows(found.system, found.solution):
        if flow.target is not None:
            entered[flow.target.key] = entered.get(flow.target.key, 0.0) + flow.value
        if not isinstance(flow.source, str):
            left[flow.source.key] = left.get(flow.source.key, 0.0) + flow.value
    assert left.keys() == entered.keys()
    assert all(left[key] == pytest.approx(entered[key], rel=1e-9) for key in left)
    assert left[found.system.nodes[0].key] == pytest.approx(found.total, rel=1e-12)


@pytest.mark.parametrize("picture", ["stages", "sources", "sankey"])
def test_a_picture_is_drawn_once(pcf: Call, tmp_path: Path, picture: str) -> None:
    path = tmp_path / "p.svg"
    arguments = ("footprint", "a356.2", "--picture", picture, "--chart", str(path))
    assert pcf(*arguments).code == 0
    assert "4.8" in path.read_text(encoding="utf-8")
    assert pcf(*arguments).code == 2
    assert pcf(*arguments, "--force").code == 0


def test_flows_of_two_products_are_refused(pcf: Call, tmp_path: Path) -> None:
    run = pcf("footprint", "anode", "alumina", "--picture", "sankey", "--chart", str(tmp_path / "p.svg"))
    assert run.code == 2
    assert "one product" in run.err
