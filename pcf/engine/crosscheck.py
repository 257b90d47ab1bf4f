"""Three solvers on one system: they check the algebra, not the model."""

from __future__ import annotations

from dataclasses import dataclass

from pcf.engine.reference import solve_reference
from pcf.engine.solve import Solution
from pcf.engine.table import at
from pcf.model import System

TOLERANCES = {"reference": 1e-10, "brightway": 1e-6}
"""Permitted relative difference; Brightway stores amounts as float32."""


@dataclass(frozen=True)
class CrossCheck:
    """Totals of the three solvers [kgCO2e per unit] and whether they agree."""

    vectorised: float
    reference: float
    brightway: float

    @property
    def differences(self) -> dict[str, float]:
        """Relative differences to the vectorised solver."""
        scale = max(abs(self.vectorised), 1e-300)
        return {
            "reference": abs(self.reference - self.vectorised) / scale,
            "brightway": abs(self.brightway - self.vectorised) / scale,
        }

    @property
    def agrees(self) -> bool:
        """Whether every difference is within its tolerance."""
        return all(value <= TOLERANCES[name] for name, value in self.differences.items())


def cross_check(system: System, solution: Solution, scenario: int = 0) -> CrossCheck:
    """Solve one scenario by all three solvers."""
    from pcf.engine.brightway import solve_brightway

    return CrossCheck(at(solution.intensity[0], scenario), solve_reference(system, scenario), solve_brightway(system, scenario))
