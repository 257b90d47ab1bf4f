"""Results in a notebook: pandas frames with units, and tables that a notebook shows by itself.

pandas is imported when a frame is asked for; the command line never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.catalogue import Catalogue, open_catalogue
from pcf.engine.axes import read_axis, read_variant
from pcf.engine.footprint import Footprint, calculate
from pcf.engine.montecarlo import Uncertainty, Variant, run_uncertainty
from pcf.engine.paired import Comparison, compare
from pcf.engine.sensitivity import calc_tornado
from pcf.engine.sweep import Sweep, run_sweep
from pcf.engine.table import at
from pcf.model import Method

if TYPE_CHECKING:
    import pandas as pd

UNIT = "tCO2e/t"


class Model:
    """The data set opened for a notebook.

    Parameters
    ----------
    data : Path, optional
        Another data folder.
    **choices : str
        Choices of the method, such as `scrap="co-product"`.

    Raises
    ------
    InputError
        For a choice that does not exist.
    """

    def __init__(self, data: Path | None = None, **choices: str) -> None:
        self.catalogue: Catalogue = open_catalogue(data)
        self.method = Method.from_mapping(choices)

    def variant(self, text: str) -> Variant:
        """A variant from a text such as `a356.2:recycled_content=0.9`."""
        return read_variant(self.catalogue, text, Variant("", self.method))

    def footprint(self, text: str) -> Result:
        """The footprint of a variant."""
        variant = self.variant(text)
        return Result(calculate(self.catalogue, variant.product, variant.method, variant.settings))

    def sweep(self, text: str, *axes: str) -> pd.DataFrame:
        """Totals over axes, one row a point [tCO2e/t]; NaN where the charge is infeasible."""
        variant = self.variant(text)
        found = run_sweep(self.catalogue, variant, [read_axis(self.catalogue, variant, axis) for axis in axes])
        return sweep_frame(found)

    def uncertainty(self, text: str, size: int = 100_000, seed: int = 0) -> pd.DataFrame:
        """Mean, deviation and quantiles of the total and of each stage [tCO2e/t]."""
        return uncertainty_frame(run_uncertainty(self.catalogue, self.variant(text), size, seed))

    def compare(self, *texts: str, size: int = 100_000, seed: int = 0) -> pd.DataFrame:
        """Each pair of variants: difference, its interval, probability of being lower [tCO2e/t, 1]."""
        return comparison_frame(compare(self.catalogue, [self.variant(text) for text in texts], size, seed), texts)

    def drivers(self, text: str) -> pd.DataFrame:
        """Uncertain inputs by the swing that each causes alone [tCO2e/t]."""
        import pandas as pd

        from pcf.engine.montecarlo import Sampled

        rows = [
            {
                "input": item.item.key, "low": item.low, "high": item.high, "swing": item.swing, "elasticity": item.elasticity,
            }
            for item in calc_tornado(Sampled(self.catalogue, self.variant(text), 0))
        ]  # fmt: skip
        return _with_unit(pd.DataFrame(rows).set_index("input"))


class Result:
    """One footprint that shows itself as a table."""

    def __init__(self, footprint: Footprint) -> None:
        self.footprint = footprint

    @property
    def total(self) -> float:
        """Total [tCO2e/t]."""
        return at(self.footprint.total, 0)

    @property
    def frame(self) -> pd.DataFrame:
        """Stages × sources [tCO2e/t]; the unit stands in `attrs["unit"]`, boundary and method beside it."""
        import pandas as pd

        cells: dict[str, dict[str, float]] = {}
        for (stage, source), value in self.footprint.table.items():
            cells.setdefault(stage, {})[source] = at(value, 0)
        found = pd.DataFrame.from_dict(cells, orient="index").fillna(0.0)
        method = self.footprint.system.method
        found.attrs |= {"unit": UNIT, "boundary": method.boundary, "method": method.as_document()}
        return found

    def quantity(self) -> Any:
        """The total with its unit, as a `pint` quantity."""
        from pcf.units import quantity

        return quantity(self.total, UNIT)

    def _repr_html_(self) -> str:
        system = self.footprint.system
        method = system.method
        head = f"{system.product.name['en']}: {self.total:.3f} {UNIT} · {method.boundary} · GWP100 {method.gwp}"
        return f"<p><b>{escape(head)}</b></p>{self.frame.to_html(float_format='%.3f', border=0)}"


def _with_unit(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs["unit"] = UNIT
    return frame


def sweep_frame(found: Sweep) -> pd.DataFrame:
    """A sweep as rows: a column an axis, `total`, `feasible`, and a column a stage [tCO2e/t]."""
    import numpy as np
    import pandas as pd

    grid = np.unravel_index(np.arange(found.total.size), found.total.shape)
    columns: dict[str, Any] = {
        axis.name: np.array(axis.labels, dtype=object)[place] for axis, place in zip(found.axes, grid, strict=True)
    }
    columns |= {"total": found.shown.ravel(), "feasible": found.feasible.ravel()}
    columns |= {name: np.where(found.feasible, values, np.nan).ravel() for name, values in found.stages.items()}
    return _with_unit(pd.DataFrame(columns).infer_objects())


def uncertainty_frame(found: Uncertainty) -> pd.DataFrame:
    """Rows total and stages; columns mean, deviation, standard error and quantiles [tCO2e/t]."""
    import pandas as pd

    from pcf.engine.summary import QUANTILES

    rows: Mapping[str, Any] = {"total": found.total, **found.stages}
    frame = pd.DataFrame(
        {
            name: [item.mean, item.deviation, item.standard_error, *item.quantiles()]
            for name, item in rows.items()
        },
        index=["mean", "deviation", "standard_error", *(f"q{100 * item:g}" for item in QUANTILES)],
    ).T  # fmt: skip
    return _with_unit(frame)


def comparison_frame(found: Comparison, labels: Sequence[str]) -> pd.DataFrame:
    """A row a pair of variants."""
    import pandas as pd

    rows = []
    for item in found.differences:
        low, high = item.summary.quantiles((0.025, 0.975))
        rows.append(
            {
                "first": labels[item.first], "second": labels[item.second], "difference": item.base, "q2.5": low, "q97.5": high,
                "probability_lower": item.probability_lower, "claimable": item.claimable,
                "holds_under_every_method": item.holds_everywhere,
            }
        )  # fmt: skip
    return _with_unit(pd.DataFrame(rows))
