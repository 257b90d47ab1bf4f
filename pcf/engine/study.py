"""A linear system as other programs take it: activities in the units that people write, each factor row an activity of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pcf.catalogue import UNSPECIFIED
from pcf.errors import InputError


@dataclass(frozen=True)
class Line:
    """One input or emission of an activity, per unit of the activity.

    Parameters
    ----------
    target : int or str
        Index of the activity that supplies it, or a gas.
    amount : float
        In the supplier's unit; of a gas in kg, of `GHG, unspecified` in kgCO2e.
    text : str
        The formula behind the amount.
    category, source_check, data_class : str
        Where it is booked, and the weakest marks of what it rests on; empty where nothing is said.
    """

    target: int | str
    amount: float
    text: str = ""
    category: str = ""
    source_check: str = ""
    data_class: str = ""


@dataclass(frozen=True)
class Activity:
    """A process at a place, or a row of a factor table; it makes one `unit` of `product`.

    `basis` says by name what its amounts rest on, as the footprint's document describes a value: with unit, origin and source.
    """

    key: str
    name: str
    product: str
    unit: str
    geography: str
    place: str
    group: str
    lines: tuple[Line, ...]
    basis: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    note: str = ""
    is_row: bool = False

    @property
    def is_aggregate(self) -> bool:
        """Whether it stands for a supply chain whose gases cannot be told apart."""
        return self.is_row and all(line.target == UNSPECIFIED for line in self.lines)


@dataclass(frozen=True)
class Study:
    """A system with its characterisation factors; the product's own activity is the first.

    `gases` holds kgCO2e per kg of every gas of the `edition`, 1 for `GHG, unspecified`; `gas_basis` where each comes from, and
    `sources` the records that bases name.
    """

    id: str
    name: str
    edition: str
    activities: tuple[Activity, ...]
    gases: Mapping[str, float]
    gas_basis: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def own_use(study: Study, index: int) -> float:
    """What an activity takes of its own product, per unit.

    Raises
    ------
    InputError
        For one that takes all that it makes.
    """
    activity = study.activities[index]
    used = sum(line.amount for line in activity.lines if line.target == index)
    if used >= 1:
        raise InputError(activity.key, f"a process that uses {used:.4g} of each unit that it makes", "less than it makes")
    return used


def solve_study(study: Study) -> float:
    """Result of a study [kgCO2e per unit of its first activity].

    Raises
    ------
    InputError
        For a system without a solution.
    """
    # Rows have no inputs: what they emit is known at once, and the system stays as small as its chain.
    known = {
        index: sum(line.amount * study.gases[str(line.target)] for line in item.lines)
        for index, item in enumerate(study.activities)
        if item.is_row
    }
    chain = [index for index in range(len(study.activities)) if index not in known]
    place = {index: position for position, index in enumerate(chain)}
    count = len(chain)
    technosphere, burden = np.eye(count), np.zeros(count)
    for column, index in enumerate(chain):
        for line in study.activities[index].lines:
            if isinstance(line.target, str):
                burden[column] += line.amount * study.gases[line.target]
            elif line.target in known:
                burden[column] += line.amount * known[line.target]
            else:
                technosphere[place[line.target], column] -= line.amount
    demand = np.zeros(count)
    demand[0] = 1.0
    try:
        return float(burden @ np.linalg.solve(technosphere, demand))
    except np.linalg.LinAlgError:
        raise InputError(f"study {study.id}", "a system without a solution", "one that can be solved") from None
