"""What a client asks for, from the query of an address or from the data of an event; the two mean the same.

Names of parameters are compared whatever their case. An unknown one is refused: a filter that is left aside shows too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pcf.exchange.sharing.criteria import Criteria
from pcf.exchange.sharing.terms import CLASSIFICATION, COMPANY, GEOGRAPHY, PRODUCT, microseconds, moment
from pcf.web.pact.errors import bad_request, not_implemented

DEFAULT, MOST = 100, 1_000
"""Footprints of a page where nobody says how many, and at most."""

MOST_VALUES, LONGEST = 100, 500
AFTER = "x-pcf-after"
"""Parameter of a pagination link: the place behind which the page begins."""

TERMS = {"productid": PRODUCT, "companyid": COMPANY, "geography": GEOGRAPHY, "classification": CLASSIFICATION}
MOMENTS = {"validon": "valid_on", "validafter": "valid_after", "validbefore": "valid_before"}
URNS = ("productid", "companyid", "classification")
NAMES = {
    name.casefold(): name
    for name in ("limit", "productId", "companyId", "geography", "classification", "validOn", "validAfter", "validBefore", "status")
}  # fmt: skip
_LARGEST = 2**63 - 1
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+\- ]\d{2}:\d{2})?)?", re.ASCII)


@dataclass(frozen=True)
class Query:
    """A list as it is asked for."""

    criteria: Criteria
    limit: int
    after: int
    given: tuple[tuple[str, str], ...]

    def following(self, base: str, place: int) -> str:
        """Address of the page that begins behind a place."""
        pairs = [*self.given, *([(AFTER, str(place))] if place >= 0 else [])]
        return f"{base}/3/footprints?{urlencode(pairs, quote_via=quote, safe=':')}"


def read_query(pairs: Iterable[tuple[str, str]]) -> Query:
    """Read the parameters of a list.

    Raises
    ------
    Refused
        For an unknown one, and for values that are none.
    """
    values: dict[str, list[str]] = {}
    given: list[tuple[str, str]] = []
    for name, value in pairs:
        key = name.casefold()
        if key == "$filter":
            raise not_implemented("$filter is of version 2; version 3 has productId, companyId, geography and others.")
        if key != AFTER and key not in NAMES:
            if key.startswith("x-"):
                raise not_implemented(f"There is no filter {_shown(name)} here.")
            raise bad_request(f"{_shown(name)} is no parameter; there are {', '.join(NAMES.values())}.")
        values.setdefault(key, []).append(value)
        if key != AFTER:
            given.append((NAMES[key], value))
    limit = min(_number("limit", values.pop("limit", [str(DEFAULT)])), MOST)
    after = _number(AFTER, values.pop(AFTER, ["0"])) if AFTER in values else -1
    return Query(read_criteria(values), limit, after, tuple(given))


def read_data(data: Mapping[str, Any]) -> Criteria:
    """Read the data of a RequestCreated event.

    Raises
    ------
    Refused
        For what is no such data.
    """
    values: dict[str, list[str]] = {}
    for name, value in data.items():
        key = name.casefold()
        if key == "comment" and isinstance(value, str):
            continue
        if key not in NAMES or key == "limit":
            raise bad_request(f"data: {_shown(name)} is no criterion; there are {', '.join(list(NAMES.values())[1:])}.")
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise bad_request(f"data: {NAMES[key]} has to be a list of texts, or a moment.")
        values.setdefault(key, []).extend(found)
    return read_criteria(values)


def read_criteria(values: Mapping[str, list[str]]) -> Criteria:
    """Criteria of values by the folded names of parameters; see `read_query`."""
    for name, found in values.items():
        if len(found) > MOST_VALUES or any(len(value) > LONGEST for value in found):
            raise bad_request(f"{NAMES[name]}: at most {MOST_VALUES} values of {LONGEST} characters.")
        if any("\0" in value or value != value.encode(errors="replace").decode() for value in found):
            raise bad_request(f"{NAMES[name]}: a character that no value has.")
        if name in URNS and (wrong := next((value for value in found if value[:4].casefold() != "urn:"), None)) is not None:
            raise bad_request(f"{NAMES[name]}: {_shown(wrong)} is no URN.")
    status = tuple(value.casefold() for value in values.get("status", []))
    if not set(status) <= {"active", "deprecated"}:
        raise bad_request("status has to be Active or Deprecated.")
    return Criteria(
        terms={kind: tuple(values[name]) for name, kind in TERMS.items() if values.get(name)},
        status=tuple(dict.fromkeys(status)),
        **{field: _moment(NAMES[name], values[name]) for name, field in MOMENTS.items() if name in values},
    )


def _moment(name: str, values: list[str]) -> int:
    if len(values) != 1:
        raise bad_request(f"{name} is needed once.")
    value = values[0]
    wrong = bad_request(f"{name}: {_shown(value)} is no moment such as 2026-01-01T00:00:00Z.")
    if not _MOMENT.fullmatch(value):
        raise wrong
    if len(value) > 10 and value[-6] == " ":
        value = f"{value[:-6]}+{value[-5:]}"  # a + that was not encoded arrives as a space
    try:
        return microseconds(moment(value.upper()))
    except (ValueError, OverflowError):
        raise wrong from None


def _number(name: str, values: list[str]) -> int:
    if len(values) != 1 or not re.fullmatch("[0-9]{1,19}", values[0]) or int(values[0]) > _LARGEST:
        raise bad_request(f"{name} has to be one whole number from 0.")
    return int(values[0])


def _shown(value: str) -> str:
    return repr(value[:60])
