"""CBAM specific embedded emissions: a calculation of its own, which neither takes a footprint nor gives one."""

from pcf.methods.cbam.document import SCHEMA, compare_defaults, document
from pcf.methods.cbam.embedded import Notice, Result, Term, calc_installation
from pcf.methods.cbam.emissions import (
    calc_carbon_balance,
    calc_cf4_overvoltage,
    calc_cf4_slope,
    calc_fuel,
    calc_pfc_co2e,
    calc_reagent,
    calc_specific,
)
from pcf.methods.cbam.reading import read_installation
from pcf.methods.cbam.records import Installation, Process

__all__ = [
    "SCHEMA",
    "Installation",
    "Notice",
    "Process",
    "Result",
    "Term",
    "calc_carbon_balance",
    "calc_cf4_overvoltage",
    "calc_cf4_slope",
    "calc_fuel",
    "calc_installation",
    "calc_pfc_co2e",
    "calc_reagent",
    "calc_specific",
    "compare_defaults",
    "document",
    "read_installation",
]
