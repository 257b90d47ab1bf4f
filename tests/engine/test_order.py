"""Blocks against scipy's strongly connected components, and their order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from pcf.engine.order import blocks

GRAPHS = st.integers(1, 12).flatmap(
    lambda count: st.lists(st.lists(st.integers(0, count - 1), max_size=4), min_size=count, max_size=count)
)


@given(GRAPHS)
def test_blocks_are_the_strongly_connected_components(suppliers: list[list[int]]) -> None:
    count = len(suppliers)
    matrix = np.zeros((count, count))
    for node, targets in enumerate(suppliers):
        matrix[node, targets] = 1
    number, labels = connected_components(csr_matrix(matrix), directed=True, connection="strong")
    found = blocks(suppliers)
    assert len(found) == number
    assert {frozenset(block) for block in found} == {
        frozenset(np.flatnonzero(labels == label).tolist()) for label in range(number)
    }


@given(GRAPHS)
def test_every_supplier_stands_before_its_consumers(suppliers: list[list[int]]) -> None:
    place = {node: position for position, block in enumerate(blocks(suppliers)) for node in block}
    for node, targets in enumerate(suppliers):
        assert all(place[target] <= place[node] for target in targets)
