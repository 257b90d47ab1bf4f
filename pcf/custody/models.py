"""Chain-of-custody models of ISO 22095, from the most to the least traceable, and the two methods of mass balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Literal

from pcf.catalogue import nearest
from pcf.custody.equations import calc_credits
from pcf.errors import InputError

Mixing = Literal["none", "same-characteristic", "under-criteria", "not-applicable"]
Granularity = Literal["unit", "lot", "blend", "period", "credit"]
Method = Literal["rolling-average", "credit"]


@dataclass(frozen=True)
class CustodyModel:
    """A model and the claim that it allows.

    Attributes
    ----------
    id : str
        `identity-preserved` … `book-and-claim`.
    clause : str
        Clause of the definition in ISO 22095:2020.
    mixing : str
        What the material may be mixed with: nothing, only what has the same characteristic, or others under criteria.
    granularity : str
        What a claim is about: the unit or lot itself, the known proportion in a blend, the average of a period, or a credit.
    physical : bool
        Whether the claim holds for the matter of that very output, not only on average or by record.
    """

    id: str
    clause: str
    mixing: Mixing
    granularity: Granularity
    physical: bool


_ORDERED = (
    CustodyModel("identity-preserved", "3.3.1", "none", "unit", physical=True),
    CustodyModel("segregated", "3.3.2", "same-characteristic", "lot", physical=True),
    CustodyModel("controlled-blending", "3.3.3", "under-criteria", "blend", physical=True),
    CustodyModel("mass-balance", "3.3.4", "under-criteria", "period", physical=False),
    CustodyModel("book-and-claim", "3.3.5", "not-applicable", "credit", physical=False),
)

MODELS: Mapping[str, CustodyModel] = MappingProxyType({model.id: model for model in _ORDERED})
"""The models by id, the most traceable first."""


def find_model(name: str) -> CustodyModel:
    """The model of an id.

    Raises
    ------
    InputError
        For another name.
    """
    if name not in MODELS:
        raise InputError("chain-of-custody model", repr(name), " | ".join(MODELS), nearest(name, MODELS))
    return MODELS[name]


def weakest(names: Iterable[str]) -> CustodyModel:
    """The least traceable of a chain's models: it names the claim (R23).

    Raises
    ------
    InputError
        For an unknown model, or a chain without any.
    """
    found = [find_model(name) for name in names]
    if not found:
        raise InputError("chain-of-custody models", "none", "the model of every step of the chain")
    return max(found, key=_ORDERED.index)


@dataclass(frozen=True)
class Claims:
    """What the output of a period may claim of an attribute.

    Attributes
    ----------
    method : str
        `rolling-average` or `credit`.
    claiming_kg : int
        Output that may bear a claim [kg].
    share : Fraction
        Share of the attribute that each kilogram of it claims [1].
    without_kg : int
        Output that claims nothing [kg].
    attribute_kg : int
        Attribute claimed altogether [kg], floored.
    """

    method: Method
    claiming_kg: int
    share: Fraction
    without_kg: int
    attribute_kg: int


def calc_claims(method: Method, attribute_in_kg: int, input_kg: int, output_kg: int, efficiency: Fraction) -> Claims:
    """Claims of a period by one of the two methods of mass balance; together they claim the same matter twice.

    Parameters
    ----------
    method : {"rolling-average", "credit"}
        Every kilogram claims the share of the input, or as many kilograms as there are credits (F11) claim the whole.
    attribute_in_kg, input_kg, output_kg : int
        Input with the attribute, all input, all output [kg].
    efficiency : Fraction
        Output per input [1].

    Raises
    ------
    InputError
        For another method, more input with the attribute than input, a negative mass, or an efficiency outside 0 to 1.

    Notes
    -----
    Neither method claims more than ``efficiency × attribute_in`` (R22), also when more left than the period's input yielded.
    """
    if not 0 <= attribute_in_kg <= input_kg or output_kg < 0:
        found = f"{attribute_in_kg:,} kg of {input_kg:,} kg in, {output_kg:,} kg out"
        raise InputError("masses of a mass balance", found, "0 kg or more, and no larger part than the whole")
    if not 0 <= efficiency <= 1:
        raise InputError("efficiency", str(efficiency), "a share from 0 to 1")
    if method == "credit":
        claiming = min(calc_credits(attribute_in_kg, Fraction(1), efficiency), output_kg)
        return Claims("credit", claiming, Fraction(1 if claiming else 0), output_kg - claiming, claiming)
    if method != "rolling-average":
        raise InputError("method of mass balance", repr(method), "rolling-average | credit")
    share = Fraction(attribute_in_kg, input_kg) if input_kg else Fraction(0)
    if output_kg:
        share = min(share, efficiency * attribute_in_kg / output_kg)
    return Claims("rolling-average", output_kg, share, 0, floor(share * output_kg))
