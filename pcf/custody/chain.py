"""Heats that a later heat has charged: what they bring into it and nothing else, each after the one before.

A footprint with tables, evidence and alternatives is for the heat that is asked for. Of a heat below it only the totals under both
treatments of scrap and the contents count, in one pass of two scenarios; and what the heats of one plant have in common is computed
for the first of them (`steady`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue, ensure_finite
from pcf.custody.batch import BatchCharge, check_own_metal, prepare
from pcf.custody.plant_years import choose_site
from pcf.custody.steady import Steady
from pcf.custody.supplier import SWITCHES, OwnHeat
from pcf.engine import at, calc_totals
from pcf.model import Method, read_request


@dataclass
class Chain:
    """What own heats bring into a charge, under one method; `replace` as for `calc_batch`, `steady` of the same catalogue."""

    catalogue: Catalogue
    method: Method
    steady: Steady
    replace: bool = False
    _plain: dict[tuple[str, str], OwnHeat] = field(default_factory=dict)

    def own_heat(self, batch: BatchCharge) -> OwnHeat:
        """A batch as it is charged into a later one of the same company: the values of `calc_batch`, in a part of its time.

        Raises
        ------
        InputError
            As `calc_batch`.
        """
        product = self.catalogue.products.get(batch.product)
        if product is not None and product.charge is None:
            return self._without_charge(batch)
        found = prepare(self.catalogue, batch, self.method, replaces=self.replace, gate="cast")
        solve = self.steady.solving(found, "treatments of scrap")
        solved = solve(found.catalogue, found.product, self.method, found.settings, self._switches, len(SWITCHES))
        system, total = solved.system, solved.intensity[0]
        ensure_finite(total, f"{batch.id} total")
        charge = next(item for index, item in system.charges.items() if system.nodes[index].scope is system.own)
        post = at(charge.post_consumer_content, 0)
        return OwnHeat(_by_option(total), post, at(charge.recycled_content, 0) - post)

    def _without_charge(self, batch: BatchCharge) -> OwnHeat:
        """A product that is cast from the plant's own liquid metal: the same for every batch of a year."""
        check_own_metal(batch)
        site, _ = choose_site(self.catalogue, batch.site, batch.year)
        if (batch.product, site) not in self._plain:
            _, settings = read_request(self.catalogue, batch.product, self.method, site=site)
            totals = calc_totals(self.catalogue, batch.product, self.method, settings, len(SWITCHES), self._switches)
            self._plain[(batch.product, site)] = OwnHeat(_by_option(totals))
        return self._plain[(batch.product, site)]

    @property
    def _switches(self) -> Mapping[str, Any]:
        """The switches that the treatment of scrap changes, over its options."""
        first, *rest = (self.method.with_choice("scrap", option).switches() for option in SWITCHES)
        return {
            name: np.array([value, *(other[name] for other in rest)])
            for name, value in first.items()
            if any(other[name] != value for other in rest)
        }  # fmt: skip


def _by_option(totals: Any) -> dict[str, float]:
    return {option: at(totals, place) for place, option in enumerate(SWITCHES)}
