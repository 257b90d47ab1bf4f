"""Checks on a result, data quality, the cut-off test and the document that other programs read."""

from pcf.methods.basis import describe_marks, describe_parameter, describe_shares, parameters, references
from pcf.methods.changes import find_changes
from pcf.methods.checks import Check, Range, assess
from pcf.methods.cutoff import CutOff, assess_cut_off
from pcf.methods.document import NOT_SEPARABLE, SCHEMA, document
from pcf.methods.quality import INDICATORS, Rating, rate_quality
from pcf.methods.standing import rests_on_plant, standing, weakest_standing
from pcf.methods.years import calc_factor_years, find_other_years

__all__ = [
    "INDICATORS",
    "NOT_SEPARABLE",
    "SCHEMA",
    "Check",
    "CutOff",
    "Range",
    "Rating",
    "assess",
    "assess_cut_off",
    "calc_factor_years",
    "describe_marks",
    "describe_parameter",
    "describe_shares",
    "document",
    "find_changes",
    "find_other_years",
    "parameters",
    "rate_quality",
    "references",
    "rests_on_plant",
    "standing",
    "weakest_standing",
]
