"""Recycled content against the worked examples of F10 to F14, and the boundaries of the same process."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.custody import records
from pcf.custody.content import (
    CLASSES,
    ORIGINS,
    SAME_PROCESS,
    Component,
    Content,
    Part,
    Split,
    allows_scs_claim,
    calc_content,
    calc_effective_content,
    calc_product_content,
    calc_recycled_share,
    calc_weighted_share,
    split_mass,
)
from pcf.errors import InputError

# A charge of can stock [t]: UBC 500 at a yield of 0.88, trim of another company 300 at 0.97, prime 200 at 0.995, internal 250.
UBC = Part(500_000, Fraction("0.88"), "post-consumer")
TRIM = Part(300_000, Fraction("0.97"), "pre-consumer")
PRIME = Part(200_000, Fraction("0.995"), "primary")
INTERNAL = Part(250_000, Fraction("0.97"), "internal")
CHARGE = [UBC, TRIM, PRIME, INTERNAL]

parts = st.builds(
    Part,
    st.integers(0, 10**6),
    st.fractions(0, 1, max_denominator=1000),
    st.sampled_from(CLASSES),
    st.sampled_from(ORIGINS),
    st.booleans(),
)


def percent(share: Fraction) -> str:
    return f"{100 * float(share):.2f}"


def test_recycled_share_of_a_product() -> None:
    assert calc_recycled_share(731_000, 930_000) == Fraction(731, 930)
    for recycled, product in ((2, 1), (-1, 1), (0, 0)):
        with pytest.raises(InputError, match="recycled material"):
            calc_recycled_share(recycled, product)


def test_content_on_metal_basis() -> None:
    content = calc_content(CHARGE)
    # metal: 440 + 291 + 199 = 930 t
    assert content == Content(Fraction(440, 930), Fraction(291, 930), Fraction(930_000), "metal", "company")
    assert (percent(content.post), percent(content.pre), percent(content.total)) == ("47.31", "31.29", "78.60")


def test_content_on_charge_basis_is_higher() -> None:
    content = calc_content(CHARGE, basis="charge")
    assert (content.post, content.pre, content.total) == (Fraction(1, 2), Fraction(3, 10), Fraction(4, 5))
    assert (content.metal_kg, content.basis) == (1_000_000, "charge")


def test_effective_content_equals_the_total_unless_internal_scrap_is_counted() -> None:
    assert calc_effective_content(CHARGE) == calc_content(CHARGE).total == 1 - Fraction(199, 930)
    assert calc_effective_content(CHARGE, basis="charge", count_internal=True) == Fraction(84, 100)  # 1,050 of 1,250 t
    assert calc_effective_content([INTERNAL]) == 0


def test_alloying_and_other_are_in_the_denominator_only() -> None:
    alloying, other = Part(20_000, Fraction(1), "alloying"), Part(50_000, Fraction(1), "other")
    content = calc_content([*CHARGE, alloying, other])
    assert (content.post, content.pre) == (Fraction(440, 1000), Fraction(291, 1000))
    assert calc_effective_content([*CHARGE, alloying, other]) == content.total


@pytest.mark.parametrize(
    ("boundary", "counted"),
    [
        ("company", ["external"]),
        ("plant", ["external", "company"]),
        ("product_stream", ["external", "company", "plant"]),
        ("casthouse", ["external", "company", "plant", "same-stream"]),
    ],
)
def test_scrap_counts_only_when_it_comes_from_outside_the_boundary(boundary: str, counted: list[str]) -> None:
    prime = Part(100, Fraction(1), "primary")
    found = [origin for origin in ORIGINS if calc_content([Part(100, Fraction(1), "pre-consumer", origin), prime], boundary).pre]
    assert found == counted


def test_scrap_from_inside_the_boundary_leaves_the_denominator_too() -> None:
    own = Part(70_000, Fraction("0.97"), "pre-consumer", "company")
    assert calc_content([*CHARGE, own]) == calc_content(CHARGE)
    assert calc_content([*CHARGE, own], "plant").pre > calc_content(CHARGE, "plant").pre


def test_company_is_the_boundary_when_none_is_given() -> None:
    own = Part(70_000, Fraction("0.97"), "pre-consumer", "company")
    assert calc_content([TRIM, own, PRIME]) == calc_content([TRIM, own, PRIME], "company")
    assert set(SAME_PROCESS) == {"plant", "company", "product_stream", "casthouse"}


def test_origin_of_post_consumer_scrap_does_not_matter() -> None:
    returned = Part(500_000, Fraction("0.88"), "post-consumer", "same-stream")
    assert calc_content([returned, TRIM, PRIME]) == calc_content([UBC, TRIM, PRIME])


def test_tolled_metal_counts_only_on_demand() -> None:
    tolled = Part(100_000, Fraction(1), "pre-consumer", tolled=True)
    assert calc_content([*CHARGE, tolled]) == calc_content(CHARGE)
    assert calc_content([*CHARGE, tolled], include_tolled=True).pre == Fraction(391, 1030)
    assert calc_effective_content([*CHARGE, tolled], include_tolled=True) == Fraction(831, 1030)


def test_charge_of_internal_scrap_alone_has_no_content() -> None:
    assert calc_content([INTERNAL]) == Content(Fraction(0), Fraction(0), Fraction(0))


@given(st.lists(parts, max_size=6), st.integers(0, 10**6), st.sampled_from(SAME_PROCESS))
def test_internal_scrap_changes_nothing(charge: list[Part], mass: int, boundary: str) -> None:
    more = [Part(mass, Fraction(1), "internal"), *charge]
    assert calc_content(more, boundary) == calc_content(charge, boundary)


@given(st.lists(parts, max_size=6), st.sampled_from(SAME_PROCESS), st.sampled_from(["metal", "charge"]))
def test_shares_are_shares_in_any_order(charge: list[Part], boundary: str, basis: str) -> None:
    content = calc_content(charge, boundary, basis=basis)  # type: ignore[arg-type]
    assert 0 <= content.post <= content.total <= 1
    assert calc_content(reversed(charge), boundary, basis=basis) == content  # type: ignore[arg-type]
    if content.metal_kg:
        assert calc_effective_content(charge, boundary, basis=basis) == content.total  # type: ignore[arg-type]


@given(st.lists(parts, max_size=6))
def test_a_wider_process_never_counts_more(charge: list[Part]) -> None:
    # In mass, not in share: what does not count leaves the denominator too.
    masses = {name: calc_content(charge, name).pre * calc_content(charge, name).metal_kg for name in SAME_PROCESS}
    assert masses["company"] <= masses["plant"] <= masses["product_stream"] <= masses["casthouse"]


# A product of 4.0 kg housing (47.31 % post, 31.29 % pre), 2.0 kg steel (25, 10) and 0.5 kg unknown


def test_product_of_several_materials() -> None:
    content = calc_product_content([
        Component(Fraction(4), Fraction("0.4731"), Fraction("0.3129")),
        Component(Fraction(2), Fraction("0.25"), Fraction("0.10")),
        Component(Fraction("0.5"), Fraction(0), Fraction(0)),
    ])  # fmt: skip
    # (1.8924 + 0.5) / 6.5 and (1.2516 + 0.2) / 6.5
    assert (content.post, content.pre) == (Fraction("2.3924") / Fraction("6.5"), Fraction("1.4516") / Fraction("6.5"))
    assert (percent(content.post), percent(content.pre)) == ("36.81", "22.33")
    assert content.metal_kg == Fraction("6.5")


def test_shares_of_a_component_exceed_nothing() -> None:
    with pytest.raises(InputError, match="together"):
        calc_product_content([Component(1, Fraction("0.6"), Fraction("0.5"))])


def test_can_of_body_end_and_tab() -> None:
    share = calc_weighted_share([
        (Fraction("0.75"), Fraction("0.786")), (Fraction("0.22"), Fraction("0.30")), (Fraction("0.03"), Fraction("0.30")),
    ])  # fmt: skip
    assert share == Fraction("0.6645")


@pytest.mark.parametrize("wrong", [[], [(0, Fraction(1))], [(-1, Fraction(1)), (3, Fraction(1))], [(1, Fraction(2))]])
def test_parts_that_cannot_be_weighed_are_refused(wrong: list[tuple[int, Fraction]]) -> None:
    with pytest.raises(InputError):
        calc_weighted_share(wrong)


def test_split_of_a_product_claims_whole_kilograms_only() -> None:
    # 1,000 × 440/930 = 473.1…, 1,000 × 291/930 = 312.9…
    assert split_mass(calc_content(CHARGE), 1_000) == Split(473, 312, 215)


@given(st.lists(parts, max_size=6), st.integers(0, 10**9))
def test_split_never_claims_more_than_its_share(charge: list[Part], product: int) -> None:
    content = calc_content(charge)
    split = split_mass(content, product)
    assert 0 <= content.post * product - split.post_kg < 1
    assert 0 <= content.pre * product - split.pre_kg < 1
    assert split.post_kg + split.pre_kg + split.rest_kg == product
    assert split.rest_kg >= 0


def test_certification_to_scs_begins_at_five_percent() -> None:
    assert allows_scs_claim(Content(Fraction("0.02"), Fraction("0.03"), Fraction(1)))
    assert not allows_scs_claim(Content(Fraction("0.02"), Fraction("0.0299"), Fraction(1)))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((-1, Fraction(1), "primary"), "-1 kg"),
        ((1, Fraction("1.01"), "primary"), "yield"),
        ((1, Fraction(1), "recycled"), "recycled"),
        ((1, Fraction(1), "pre-consumer", "abroad"), "abroad"),
    ],
)
def test_part_that_cannot_be_is_refused(values: tuple[object, ...], says: str) -> None:
    with pytest.raises(InputError) as caught:
        Part(*values)  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_unknown_boundary_basis_and_product_are_refused() -> None:
    with pytest.raises(InputError, match="same-process boundary"):
        calc_content(CHARGE, "country")
    with pytest.raises(InputError, match="basis"):
        calc_content(CHARGE, basis="gross")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="product"):
        split_mass(calc_content(CHARGE), -1)


def test_classes_and_origins_are_those_that_people_enter() -> None:
    assert set(CLASSES) == set(records.CONTENT_CLASSES)
    assert set(ORIGINS) == set(records.ORIGINS)
