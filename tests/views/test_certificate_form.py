"""A form of a certificate: every field that is wrong is named at once; what is good becomes the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pcf.errors import DataError, InputError
from pcf.views.certificate_form import Form
from pcf.views.issuing import this_day

YEAR = this_day().year - 1
GOOD = Form(
    kind="batch", name="H-1", left_kg=50_000, data_year=YEAR, mass=" 9,000 ",
    customer={"name": " Räder   werk ", "address": "Hafenstraße 1", "country": "de", "order": ""},
)  # fmt: skip


def places(form: Form) -> list[str]:
    with pytest.raises(DataError) as refused:
        form.order("k")
    return [item.place for item in refused.value.problems]


def test_a_good_form_is_an_order() -> None:
    order = GOOD.order("k")
    assert (order.request.kind, order.request.name, order.request.mass_kg, order.key) == ("batch", "H-1", 9_000, "k")
    assert order.customer == {
        "name": "Räder werk",
        "address": "Hafenstraße 1",
        "country": "DE",
        "part_number": None,
        "order": None,
    }
    assert (order.request.method.low_voltage_pfc, order.valid_until, order.lang) == ("included", None, "both")


def test_every_wrong_field_is_named() -> None:
    wrong = Form(mass="x", left_kg=5, data_year=YEAR, valid_until="2026-1-1", replaces="PCF-1", customer={"country": "Germany"})
    assert places(wrong) == ["customer.name", "customer.address", "customer.country", "mass", "valid_until", "reason", "what"]


@pytest.mark.parametrize("mass", ["", "0", "-1", "1.5", "1e3", "50001", "9" * 40, "<b>", "１２", "'; --"])
def test_a_mass_is_a_whole_number_of_what_is_left(mass: str) -> None:
    assert places(replace(GOOD, mass=mass)) == ["mass"]


@pytest.mark.parametrize(("changed", "place"), [
    ({"valid_until": this_day().isoformat()}, "valid_until"), ({"valid_until": f"{YEAR + 4}-01-01"}, "valid_until"),
    ({"valid_until": "tomorrow"}, "valid_until"), ({"replaces": "PCF-1", "reason": "x" * 301}, "reason"),
    ({"replaces": "PCF-1", "reason": "a\u202eb"}, "reason"), ({"customer": {**GOOD.customer, "name": "a\u202eb"}}, "customer.name"),
    ({"customer": {**GOOD.customer, "address": "x" * 201}}, "customer.address"),
])  # fmt: skip
def test_a_field_that_is_wrong_is_the_only_one_that_is_named(changed: dict[str, Any], place: str) -> None:
    assert places(replace(GOOD, **changed)) == [place]


def test_the_last_day_may_be_the_end_of_the_third_year() -> None:
    assert replace(GOOD, valid_until=f"{YEAR + 3}-12-31").order("k").valid_until is not None
    assert replace(GOOD, valid_until=(this_day() + timedelta(days=1)).isoformat()).order("k").valid_until is not None


@pytest.mark.parametrize("changed", [{"lang": "fr"}, {"method": {"gwp": "AR7"}}, {"method": {"boundary": "moon"}}])
def test_what_no_form_offers_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        replace(GOOD, **changed).order("k")
