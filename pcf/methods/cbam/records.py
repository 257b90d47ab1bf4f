"""An installation's year as the calculation takes it; every amount in the unit that the field names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stream:
    """Carbon that enters or leaves in electrodes: `tonnes` [t], `carbon_content` [tC/t]."""

    name: str
    direction: str
    tonnes: float
    carbon_content: float
    source: str


@dataclass(frozen=True)
class Fuel:
    """A fuel: `amount` [unit], `ncv` [GJ/unit], `ef` [tCO2/TJ], `oxidation` and `zero_rated_share` [1]."""

    name: str
    amount: float
    unit: str
    ncv: float
    ef: float
    oxidation: float
    zero_rated_share: float
    zero_rated_evidence: str
    source: str


@dataclass(frozen=True)
class Reagent:
    """A reagent of flue gas treatment: `tonnes` [t], `ef` [tCO2/t], `conversion` [1]."""

    name: str
    tonnes: float
    ef: float
    conversion: float
    source: str


@dataclass(frozen=True)
class Potline:
    """A potline and its anode effects.

    Attributes
    ----------
    aluminium_t : float
        Primary aluminium of the year [t].
    collection_efficiency : float
        What the duct collects, where factors were measured there; else 1 [1].
    method : str
        `slope` or `overvoltage`: the one that the result rests on.
    ae_minutes : float or None
        Anode effect minutes per cell and day [min].
    overvoltage_mv : float or None
        Anode effect overvoltage per cell [mV].
    current_efficiency : float or None
        As the record has it, in `current_efficiency_unit` (`percent` or `fraction`).
    own_factors : tuple of (cf4_factor, c2f6_per_cf4, source), or None
        Of an own measurement, for the method that counts.
    """

    name: str
    technology: str
    aluminium_t: float
    collection_efficiency: float
    method: str
    ae_minutes: float | None
    overvoltage_mv: float | None
    current_efficiency: float | None
    current_efficiency_unit: str
    own_factors: tuple[float, float, str] | None
    source: str


@dataclass(frozen=True)
class Transfer:
    """Heat, waste gas [TJ], electricity [MWh] or CO2 [t] over the boundary; `ef` [tCO2/TJ, tCO2/MWh, 1]."""

    kind: str
    name: str
    amount: float
    ef: float
    source: str


@dataclass(frozen=True)
class Precursor:
    """A precursor: `tonnes` consumed with losses [t], `see` [tCO2e/t] before mark-up where it is a default value.

    `basis` is `internal` (of the process `origin_process`), `actual`, `default` or `zero-origin`; `facts` holds what the
    summary names of it: operator, installation, registry id, period.
    """

    name: str
    cn: str
    tonnes: float
    basis: str
    origin_process: str
    origin: str
    see: float
    default_share: float
    facts: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Good:
    """A good: full CN code, `tonnes` that count as activity level [t], `other_elements` [1]."""

    cn: str
    name: Mapping[str, str]
    tonnes: float
    other_elements: float
    free_allocation: Mapping[str, Any] | None


@dataclass(frozen=True)
class Process:
    """A production process and its year; `outside` [t] and `scrap_t` [t] do not count in the activity level."""

    id: str
    name: Mapping[str, str]
    route: str
    goods: tuple[Good, ...]
    outside: Mapping[str, float]
    scrap_t: float
    pre_consumer_share: float
    electrodes: tuple[Stream, ...]
    fuels: tuple[Fuel, ...]
    reagents: tuple[Reagent, ...]
    potlines: tuple[Potline, ...]
    transfers: tuple[Transfer, ...]
    precursors: tuple[Precursor, ...]

    @property
    def activity_level(self) -> float:
        """Tonnes of goods [t]; off-spec goods, by-products and scrap are not among them."""
        return sum(good.tonnes for good in self.goods)


@dataclass(frozen=True)
class Installation:
    """An installation's year: who, where, what; `standing` is `operator-data` or `demonstration`."""

    standing: str
    year: int
    operator: Mapping[str, Any]
    place: Mapping[str, Any]
    verifier: Mapping[str, Any] | None
    carbon_price: tuple[Mapping[str, Any], ...] | None
    processes: tuple[Process, ...]
    file: str
    sha256: str
