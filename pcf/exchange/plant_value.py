"""A value that follows from fields of the workbook, and the workbook's units in the coherent base."""

from __future__ import annotations

MWH, GJ, TONNE = 3.6e9, 1e9, 1e3
"""Units of the workbook in J and kg."""


class Value:
    """A value [base units] and the fields that it follows from.

    Parameters
    ----------
    value : float
    *keys : str
        Fields, in the order in which a person would look them up.
    """

    __slots__ = ("keys", "value")

    def __init__(self, value: float, *keys: str) -> None:
        self.value, self.keys = value, keys
