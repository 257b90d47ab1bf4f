"""Recycled content: post- and pre-consumer always apart, on the metal of a charge, without what never left the process (R21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Literal

from pcf.custody.rules import setting
from pcf.errors import InputError

POST, PRE = "post-consumer", "pre-consumer"
CLASSES = (POST, PRE, "primary", "alloying", "internal", "other")
"""Classes of a part; `other` stays in the total and counts as primary (R25)."""

SAME_PROCESS = ("plant", "company", "product_stream", "casthouse")
"""What may count as "the same process", whose own scrap is no recycled content; ISO 14021 leaves it open."""

DEFAULT_BOUNDARY = "company"

COUNTED_ORIGINS: Mapping[str, frozenset[str]] = MappingProxyType({
    "plant": frozenset({"external", "company"}),
    "company": frozenset({"external"}),
    "product_stream": frozenset({"external", "company", "plant"}),
    "casthouse": frozenset({"external", "company", "plant", "same-stream"}),
})  # fmt: skip
"""Boundary → origins of pre-consumer scrap that lie outside it; the others are internal."""

ORIGINS = ("external", "company", "plant", "same-stream")
"""Who generated pre-consumer scrap, from far to near: another company, another plant, another product stream, the same stream."""

Basis = Literal["metal", "charge"]


@dataclass(frozen=True)
class Part:
    """A part of a charge.

    Parameters
    ----------
    mass_kg : int
        As charged [kg].
    metal_yield : Fraction
        Metal in the product per mass charged [1].
    content_class : str
        One of `CLASSES`.
    origin : str
        One of `ORIGINS`; asked of pre-consumer scrap only.
    tolled : bool
        Whether it belongs to a customer and goes back to them.

    Raises
    ------
    InputError
        For a negative mass, a yield outside 0 to 1, an unknown class or origin.
    """

    mass_kg: int
    metal_yield: Fraction
    content_class: str
    origin: str = "external"
    tolled: bool = False

    def __post_init__(self) -> None:
        if self.mass_kg < 0:
            raise InputError("mass of a part", f"{self.mass_kg:,} kg", "0 kg or more")
        if not 0 <= self.metal_yield <= 1:
            raise InputError("metal yield of a part", str(self.metal_yield), "a share from 0 to 1")
        if self.content_class not in CLASSES:
            raise InputError("content class", repr(self.content_class), " | ".join(CLASSES))
        if self.origin not in ORIGINS:
            raise InputError("origin", repr(self.origin), " | ".join(ORIGINS))


@dataclass(frozen=True)
class Content:
    """Recycled content, with what it rests on.

    Attributes
    ----------
    post, pre : Fraction
        Post- and pre-consumer share [1].
    metal_kg : Fraction
        What the shares are of [kg]: metal, or the charge itself on that basis.
    basis : str
        `metal` or `charge`.
    boundary : str
        One of `SAME_PROCESS`.
    """

    post: Fraction
    pre: Fraction
    metal_kg: Fraction
    basis: Basis = "metal"
    boundary: str = DEFAULT_BOUNDARY

    @property
    def total(self) -> Fraction:
        """Both shares together [1]."""
        return self.post + self.pre


@dataclass(frozen=True)
class Split:
    """A product's mass by class [kg]; the recycled classes are floored, the rest takes what rounding leaves."""

    post_kg: int
    pre_kg: int
    rest_kg: int


@dataclass(frozen=True)
class Component:
    """A component of a product: its mass [kg] or weight [1], and its shares of post- and pre-consumer material [1]."""

    mass: Fraction | int
    post: Fraction
    pre: Fraction


def calc_recycled_share(recycled_kg: int, product_kg: int) -> Fraction:
    """Share of recycled material in a product (F10).

    Raises
    ------
    InputError
        Without a product, or for more recycled material than product.
    """
    if not 0 <= recycled_kg <= product_kg or not product_kg:
        raise InputError("recycled material", f"{recycled_kg:,} kg in {product_kg:,} kg", "a part of a product with mass")
    return Fraction(recycled_kg, product_kg)


def calc_content(
    parts: Iterable[Part], boundary: str = DEFAULT_BOUNDARY, *, basis: Basis = "metal", include_tolled: bool = False
) -> Content:
    """Recycled content of what was charged (F13).

    Parameters
    ----------
    parts : iterable of Part
        Internal scrap leaves both the numerator and the denominator, and so does pre-consumer scrap from inside the boundary.
    boundary : str
        One of `SAME_PROCESS`.
    basis : {"metal", "charge"}
        Metal after yields, which is what claims are made on, or the mass as charged, for information.
    include_tolled : bool
        Whether metal that belongs to customers counts.

    Returns
    -------
    Content
        Shares of 0 where no external metal was charged.

    Raises
    ------
    InputError
        For an unknown boundary or basis.

    Notes
    -----
    ``RC_k = Σ m_i y_i [class k] / Σ m_i y_i``, the sums over external parts; primary, alloying and other are in the second.
    """
    counted = _external(parts, boundary, include_tolled=include_tolled)
    sums = {name: sum((_mass(part, basis) for part in counted if part.content_class == name), Fraction(0)) for name in CLASSES}
    total = sum(sums.values())
    if not total:
        return Content(Fraction(0), Fraction(0), Fraction(0), basis, boundary)
    return Content(sums[POST] / total, sums[PRE] / total, total, basis, boundary)


def calc_effective_content(
    parts: Iterable[Part],
    boundary: str = DEFAULT_BOUNDARY,
    *,
    basis: Basis = "metal",
    include_tolled: bool = False,
    count_internal: bool = False,
) -> Fraction:
    """Share that is not prime metal, as one rolling company publishes it (F13), for information.

    It equals the total of `calc_content` as long as internal scrap is left out; `count_internal` shows what counting it,
    wrongly, would make of it.
    """
    listed = list(parts)
    prime = _external(listed, boundary, include_tolled=include_tolled)
    whole = [part for part in listed if include_tolled or not part.tolled] if count_internal else prime
    total = sum((_mass(part, basis) for part in whole), Fraction(0))
    not_recycled = sum((_mass(part, basis) for part in prime if part.content_class not in (POST, PRE)), Fraction(0))
    return 1 - not_recycled / total if total else Fraction(0)


def calc_product_content(components: Iterable[Component]) -> Content:
    """Recycled content of a product of several materials (F12); a part of unknown content is a component with shares of 0 (R25).

    Raises
    ------
    InputError
        As `calc_weighted_share`, and for shares that exceed 1 together.
    """
    found = list(components)
    for component in found:
        if component.post + component.pre > 1:
            raise InputError("shares of a component", f"{component.post} and {component.pre}", "1 at most together")
    post = calc_weighted_share((component.mass, component.post) for component in found)
    pre = calc_weighted_share((component.mass, component.pre) for component in found)
    return Content(post, pre, sum((Fraction(component.mass) for component in found), Fraction(0)))


def calc_weighted_share(parts: Iterable[tuple[Fraction | int, Fraction]]) -> Fraction:
    """Mean share by weight, as of body, end and tab in a can (F14).

    Raises
    ------
    InputError
        Without any weight, for a negative weight, or a share outside 0 to 1.
    """
    found = list(parts)
    for weight, share in found:
        if weight < 0 or not 0 <= share <= 1:
            raise InputError("part of a product", f"weight {weight}, share {share}", "a weight from 0, a share from 0 to 1")
    total = sum((Fraction(weight) for weight, _ in found), Fraction(0))
    if not total:
        raise InputError("parts of a product", "no mass", "at least one part with mass")
    return sum((weight * share for weight, share in found), Fraction(0)) / total


def split_mass(content: Content, product_kg: int) -> Split:
    """A product's mass by class [kg]; what a fraction of a kilogram is left over is never claimed (R27).

    Raises
    ------
    InputError
        For a negative mass.
    """
    if product_kg < 0:
        raise InputError("mass of the product", f"{product_kg:,} kg", "0 kg or more")
    post, pre = floor(content.post * product_kg), floor(content.pre * product_kg)
    return Split(post, pre, product_kg - post - pre)


def credit_cast(bought: Content, external_kg: Fraction, product_kg: int) -> dict[str, int]:
    """Recycled metal of the lots in a cast product by class [kg, floored].

    Parameters
    ----------
    bought : Content
        That of the lots alone: contents of own heats were credited at their cast.
    external_kg : Fraction
        External metal of the whole charge, own heats among it [kg] (`Content.metal_kg`).
    product_kg : int
        Cast product [kg].

    Notes
    -----
    A credit is never more than the metal of its class that was charged: the content (F13) leaves internal metal out of its
    denominator, the account must not (R22).
    """
    metals = {POST: bought.post * bought.metal_kg, PRE: bought.pre * bought.metal_kg}
    return {name: floor(min(metal * product_kg / external_kg, metal)) if external_kg else 0 for name, metal in metals.items()}


def allows_scs_claim(content: Content) -> bool:
    """Whether a content reaches the least that SCS-103 certifies (R24)."""
    return content.total >= setting("scs-floor")


def _external(parts: Iterable[Part], boundary: str, *, include_tolled: bool) -> list[Part]:
    if boundary not in COUNTED_ORIGINS:
        raise InputError("same-process boundary", repr(boundary), " | ".join(SAME_PROCESS))
    counted = COUNTED_ORIGINS[boundary]
    return [
        part
        for part in parts
        if part.content_class != "internal"
        and (part.content_class != PRE or part.origin in counted)
        and (include_tolled or not part.tolled)
    ]


def _mass(part: Part, basis: Basis) -> Fraction:
    if basis not in ("metal", "charge"):
        raise InputError("basis", repr(basis), "metal | charge")
    return part.mass_kg * part.metal_yield if basis == "metal" else Fraction(part.mass_kg)
