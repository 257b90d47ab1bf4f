"""Solves the linear system: intensities, contributions, alternatives; three solvers that must agree."""

from pcf.engine.crosscheck import TOLERANCES, CrossCheck, cross_check
from pcf.engine.footprint import Footprint, calc_alternatives, calc_totals, calculate
from pcf.engine.reference import Matrices, matrices, solve_reference
from pcf.engine.solve import Solution, calc_intensities, solve, supplier_order
from pcf.engine.table import Branch, Leaf, at, calc_displaced, calc_tree, find_bookings, leaves

__all__ = [
    "TOLERANCES",
    "Branch",
    "CrossCheck",
    "Footprint",
    "Leaf",
    "Matrices",
    "Solution",
    "at",
    "calc_alternatives",
    "calc_displaced",
    "calc_intensities",
    "calc_totals",
    "calc_tree",
    "calculate",
    "cross_check",
    "find_bookings",
    "leaves",
    "matrices",
    "solve",
    "solve_reference",
    "supplier_order",
]
