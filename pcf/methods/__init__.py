"""Checks on a result, data quality, the cut-off test and the document that other programs read."""

from pcf.methods.checks import Check, assess
from pcf.methods.cutoff import CutOff, assess_cut_off
from pcf.methods.document import SCHEMA, document, parameters, standing
from pcf.methods.quality import INDICATORS, Rating, rate_quality

__all__ = [
    "INDICATORS",
    "SCHEMA",
    "Check",
    "CutOff",
    "Rating",
    "assess",
    "assess_cut_off",
    "document",
    "parameters",
    "rate_quality",
    "standing",
]
