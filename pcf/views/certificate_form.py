"""An order from the fields of a form: each field that is wrong is named, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pcf.errors import DataError, InputError
from pcf.text import visible
from pcf.views.issuing import METHOD, read_day, this_day

if TYPE_CHECKING:
    from pcf.certificate.issue import Order

LONGEST_MASS = 12
LONGEST_REASON = 300


@dataclass
class Form:
    """What somebody has filled in, as texts.

    Parameters
    ----------
    left_kg, data_year : int
        The most that the mass may be, and the year of the data, which says until when a certificate may hold.
    customer : dict
        Fields of the customer.
    """

    kind: str = ""
    name: str = ""
    site: str = ""
    year: int | None = None
    left_kg: int = 0
    data_year: int = 0
    mass: str = ""
    customer: dict[str, str] = field(default_factory=dict)
    lang: str = "both"
    method: dict[str, str] = field(default_factory=lambda: {name: options[0] for name, options in METHOD.items()})
    valid_until: str = ""
    replaces: str = ""
    reason: str = ""

    def order(self, key: str) -> Order:
        """The order.

        Raises
        ------
        DataError
            With a problem for each field that is wrong, by the name of the field.
        """
        from pcf.certificate.gather import Request
        from pcf.certificate.issue import Order
        from pcf.model import Method

        problems: list[InputError] = []
        customer = self._customer(problems)
        mass = self._mass(problems)
        until = self._until(problems)
        if self.replaces and not _sound(self.reason, LONGEST_REASON):
            problems.append(InputError("reason", repr(self.reason[:40]), f"why, in at most {LONGEST_REASON} characters"))
        if not self.kind or not self.name:
            problems.append(InputError("what", "nothing", "a product, batch or shipment"))
        if problems:
            raise DataError(problems)
        request = Request(self.kind, self.name, self.site, self.year, mass, Method.from_mapping(self.method))
        return Order(request, customer, self.lang, key, until, self.replaces, self.reason.strip())

    @property
    def latest(self) -> date:
        """The last day until which a certificate may hold."""
        from pcf.certificate.particulars import LONGEST_VALIDITY

        return date(self.data_year + LONGEST_VALIDITY, 12, 31)

    def _until(self, problems: list[InputError]) -> date | None:
        try:
            until = read_day(self.valid_until or None, "valid_until")
        except InputError as problem:
            problems.append(problem)
            return None
        if until is not None and not this_day() < until <= self.latest:
            problems.append(
                InputError("valid_until", until.isoformat(), f"a day after {this_day()}, at the latest {self.latest}")
            )
        return until

    def customer_problems(self) -> list[InputError]:
        """What is wrong with the fields of the customer."""
        problems: list[InputError] = []
        self._customer(problems)
        return problems

    def _customer(self, problems: list[InputError]) -> Mapping[str, str | None]:
        """The customer; every field is looked at, and not only up to the first that is wrong."""
        from pcf.certificate.particulars import CUSTOMER, check_customer

        given = {name: " ".join(self.customer.get(name, "").split()) for name in CUSTOMER}
        given["country"] = given["country"].upper()
        good = {"name": "x", "address": "x", "country": "DE"}
        for name, value in given.items():
            try:
                check_customer(
                    {**good, **({name: value} if value else dict.fromkeys([name] if name in good else []))}, "customer"
                )
            except InputError as problem:
                problems.append(problem)
        if problems:
            return {}
        return check_customer({name: value for name, value in given.items() if value}, "customer")

    def _mass(self, problems: list[InputError]) -> int | None:
        text = self.mass.strip().replace(",", "").replace(" ", "").replace("\u202f", "")
        if text.isascii() and text.isdigit() and len(text) <= LONGEST_MASS and 0 < int(text) <= self.left_kg:
            return int(text)
        problems.append(
            InputError("mass", repr(self.mass[:40]), f"a whole number of kg, at most the {self.left_kg:,} that are left")
        )
        return None


def _sound(words: str, longest: int) -> bool:
    return bool(words.strip()) and len(words) <= longest and words == visible(words, keep="")
