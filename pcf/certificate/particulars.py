"""What a certificate has beside its figures: who issues it to whom, about what, until when; every field is checked by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pcf.certificate.texts import LANGUAGES, check_pair, check_text, say_both
from pcf.errors import InputError

KINDS = ("product", "batch", "shipment")
STATUSES = ("active", "superseded", "revoked")
COC_MODELS = ("identity-preserved", "segregated", "controlled-blending", "mass-balance", "book-and-claim")
LEVELS = ("none", "limited", "reasonable")
CONTENT_BASES = ("batch", "site-average", "credit", "several")

CUSTOMER = ("name", "address", "country", "part_number", "order")
"""Fields of a customer; the last two are optional."""

LONGEST_VALIDITY = 3
"""Years after the data period: the longest validity of a footprint in PACT 3."""

_REQUIRED = frozenset({
    "number", "version", "id", "kind", "issued", "valid_until", "issuer", "customer", "product_standard", "mass_kg", "coc_model",
    "electricity_evidence", "seal_sha256", "verify_url",
})  # fmt: skip
_OPTIONAL = frozenset({
    "status", "commodity_code", "standards", "recycled_content", "uncertainty", "assurance", "limitations", "log", "replaces",
})  # fmt: skip

_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./-]{1,39}")
_ID = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/%?=&-]*)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def need(values: Mapping[str, Any], key: str, place: str) -> Any:
    """A value that has to be there.

    Raises
    ------
    InputError
        Naming the field that is missing.
    """
    if values.get(key) is None:
        raise InputError(f"{place}.{key}" if place else key, "nothing", "a value", "a certificate leaves nothing out")
    return values[key]


def a_number(value: Any, place: str, least: float = -math.inf) -> float:
    """A finite number.

    Raises
    ------
    InputError
        For anything else, and for one below the least.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(place, repr(value) if isinstance(value, float | bool) else f"a {type(value).__name__}", "a number")
    if value < least:
        raise InputError(place, f"{value:g}", f"at least {least:g}")
    return value


def _whole(value: Any, place: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(place, repr(value)[:40], f"a whole number of at least {least}")
    return value


def _fits(pattern: re.Pattern[str], value: Any, place: str, expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InputError(place, repr(value)[:80] if isinstance(value, str) else f"a {type(value).__name__}", expected)
    return value


def _one_of(value: Any, place: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InputError(place, repr(value)[:40], f"one of: {', '.join(known)}")
    return str(value)


def _day(value: Any, place: str) -> date:
    shown = _fits(_DAY, value, place, "a day such as 2026-03-31")
    try:
        return date.fromisoformat(shown)
    except ValueError:
        raise InputError(place, repr(shown), "a day of the calendar") from None


def _mapping(value: Any, place: str, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(place, "nothing" if value is None else f"a {type(value).__name__}", "fields with values")
    for key in value:
        if key not in required | optional:
            raise InputError(
                f"{place}.{str(key)[:40]}", "a field that is not known", f"of: {', '.join(sorted(required | optional))}"
            )
    for key in sorted(required):
        need(value, key, place)
    return value


def check_customer(values: Any, place: str = "customer") -> dict[str, str | None]:
    """The customer of a certificate: name, address and country, and optionally a part number and an order.

    Parameters
    ----------
    values : mapping
        Fields as the customer's file has them; `country` is a code of ISO 3166-1, such as DE.
    place : str
        Name of the file.

    Raises
    ------
    InputError
        For a field that is missing, not known, longer than 200 characters, or with a character that cannot be printed.
    """
    found = _mapping(values, place, frozenset(CUSTOMER[:3]), frozenset(CUSTOMER[3:]))
    made = {key: None if found.get(key) is None else check_text(found[key], f"{place}.{key}") for key in CUSTOMER}
    _fits(_COUNTRY, made["country"], f"{place}.country", "a country by its two letters, such as DE or CN (ISO 3166-1)")
    return made


def check_particulars(given: Any, demonstration: bool, year: int) -> dict[str, Any]:
    """The particulars of a certificate, each checked; its figures are `pcf.certificate.draft`'s.

    Raises
    ------
    InputError
        Naming the first field that is missing or wrong.
    """
    found = _mapping(given, "particulars", _REQUIRED, _OPTIONAL)
    issued, until = _day(found["issued"], "issued"), _day(found["valid_until"], "valid_until")
    latest = date(year + LONGEST_VALIDITY, 12, 31)
    if issued <= date(year, 12, 31):
        raise InputError("issued", issued.isoformat(), f"a day after the data period, which ends with {year}")
    if not issued < until <= latest:
        raise InputError("valid_until", until.isoformat(), f"a day after {issued}, at the latest {latest}")
    issuer = _mapping(found["issuer"], "issuer", frozenset({"name", "address", "identifier"}), frozenset({"contact"}))
    number, public = _fits(_NUMBER, found["number"], "number", "capitals, digits and . / -, at most 40"), found["id"]
    _fits(_ID, public, "id", "22 to 64 random characters of base64url, not to be guessed")
    url = _fits(_URL, found["verify_url"], "verify_url", "an address that begins with https://")
    if len(url) > 200 or public not in url:
        raise InputError("verify_url", url, "at most 200 characters, the certificate's id among them")
    return {
        "number": number,
        "version": _whole(found["version"], "version", 1),
        "id": public,
        "replaces": None
        if found.get("replaces") is None
        else _fits(_ID, found["replaces"], "replaces", "the id of a certificate"),
        "status": _one_of(found.get("status", "active"), "status", STATUSES),
        "kind": _one_of(found["kind"], "kind", KINDS),
        "demonstration": demonstration,
        "notice": say_both("notice.demonstration") if demonstration else None,
        "issued": issued.isoformat(),
        "valid_until": until.isoformat(),
        "issuer": {
            "name": check_pair(issuer["name"], "issuer.name"),
            "address": check_pair(issuer["address"], "issuer.address"),
            "identifier": check_text(issuer["identifier"], "issuer.identifier"),
            "contact": None if issuer.get("contact") is None else check_text(issuer["contact"], "issuer.contact"),
        },
        "customer": check_customer(found["customer"]),
        "product_standard": check_text(found["product_standard"], "product_standard"),
        "commodity_code": None
        if found.get("commodity_code") is None
        else check_text(found["commodity_code"], "commodity_code", 20),
        "mass_kg": _whole(found["mass_kg"], "mass_kg", 1),
        "coc_model": _one_of(found["coc_model"], "coc_model", COC_MODELS),
        "standards": _standards(found.get("standards", [])),
        "recycled_content": None if found.get("recycled_content") is None else _content(found["recycled_content"]),
        "uncertainty": None if found.get("uncertainty") is None else _uncertainty(found["uncertainty"]),
        "assurance": _assurance(found.get("assurance", {"level": "none"})),
        "limitations": _limitations(found.get("limitations", [])),
        "verify": {"url": url, "id": public},
        "seal": {"sha256": _fits(_DIGEST, found["seal_sha256"], "seal_sha256", "a SHA-256 as 64 hexadecimal digits")},
        "log": None if found.get("log") is None else _log(found["log"]),
    }


def check_evidence(given: Any, legs: Mapping[str, float]) -> list[dict[str, Any]]:
    """Electricity by leg with what proves each; the plain grid needs nothing.

    Raises
    ------
    InputError
        Where a leg has no evidence, or evidence belongs to no leg.
    """
    if not isinstance(given, Mapping):
        raise InputError("electricity_evidence", f"a {type(given).__name__}", "evidence by leg")
    for name in given:
        if name not in legs:
            raise InputError(f"electricity_evidence.{str(name)[:40]}", "evidence without a leg", f"of: {', '.join(legs)}")
    made = []
    for name, share in sorted(legs.items(), key=lambda item: (-item[1], item[0])):
        if name == "grid" and name not in given:
            evidence = say_both("evidence.grid")
        else:
            said, place = need(given, name, "electricity_evidence"), f"electricity_evidence.{name}"
            evidence = check_pair(said, place) if isinstance(said, Mapping) else dict.fromkeys(LANGUAGES, check_text(said, place))
        made.append({"leg": name, "share": share, "evidence": evidence})
    return made


def _standards(given: Any) -> list[str]:
    if not isinstance(given, list) or len(given) > 6:
        raise InputError("standards", f"a {type(given).__name__}", "a list of at most six names of standards")
    return [check_text(name, f"standards[{number}]", 60) for number, name in enumerate(given, start=1)]


def _limitations(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or len(given) > 5:
        raise InputError("limitations", f"a {type(given).__name__}", "a list of at most five texts in both languages")
    return [check_pair(one, f"limitations[{number}]", 300) for number, one in enumerate(given, start=1)]


def _content(given: Any) -> dict[str, Any]:
    """Recycled content as it was claimed: a share of an attribute that nobody has claimed is none."""
    place = "recycled_content"
    found = _mapping(given, place, frozenset({"post_consumer", "pre_consumer", "basis", "claims"}))
    post, pre = (a_number(found[name], f"{place}.{name}", 0.0) for name in ("post_consumer", "pre_consumer"))
    if post + pre > 1:
        raise InputError(place, f"{post + pre:g}", "both together at most 1")
    if not isinstance(found["claims"], list) or not found["claims"]:
        raise InputError(f"{place}.claims", "nothing", "the ids of the recorded claims")
    return {
        "post_consumer": post, "pre_consumer": pre, "method": "mass claimed / mass of the shipment",
        "basis": _one_of(found["basis"], f"{place}.basis", CONTENT_BASES),
        "claims": [check_text(name, f"{place}.claims", 80) for name in found["claims"]],
    }  # fmt: skip


def _assurance(given: Any) -> dict[str, Any]:
    found = _mapping(given, "assurance", frozenset({"level"}), frozenset({"verifier", "report"}))
    level = _one_of(found["level"], "assurance.level", LEVELS)
    if level == "none":
        for key in ("verifier", "report"):
            if found.get(key) is not None:
                raise InputError(
                    f"assurance.{key}", "a value", "none: nobody has verified the result", "name the level of assurance"
                )
        return {"level": level, "verifier": None, "report": None, "statement": say_both("assurance.none")}
    parts = {key: check_text(need(found, key, "assurance"), f"assurance.{key}") for key in ("verifier", "report")}
    return {"level": level, **parts, "statement": say_both(f"assurance.{level}", **parts)}


def _uncertainty(given: Any) -> dict[str, Any]:
    required = frozenset({"low", "high", "level", "draws", "seed", "sampler"})
    found = _mapping(given, "uncertainty", required)
    low = a_number(found["low"], "uncertainty.low")
    high, level = a_number(found["high"], "uncertainty.high", low), a_number(found["level"], "uncertainty.level", 0.5)
    if level >= 1:
        raise InputError("uncertainty.level", f"{level:g}", "a share of the draws below 1")
    return {
        "low": low,
        "high": high,
        "level": level,
        "draws": _whole(found["draws"], "uncertainty.draws", 100),
        "seed": _whole(found["seed"], "uncertainty.seed", 0),
        "sampler": check_text(found["sampler"], "uncertainty.sampler", 20),
    }


def _log(given: Any) -> dict[str, Any]:
    found = _mapping(given, "log", frozenset({"index", "size", "root"}), frozenset({"path"}))
    index, size = _whole(found["index"], "log.index", 0), _whole(found["size"], "log.size", 1)
    if index >= size:
        raise InputError("log.index", str(index), f"a place in a log of {size}")
    path = found.get("path", [])
    if not isinstance(path, list) or len(path) > 64:
        raise InputError("log.path", f"a {type(path).__name__}", "a list of at most 64 digests")
    digest = "a SHA-256 as 64 hexadecimal digits"
    return {
        "index": index, "size": size, "root": _fits(_DIGEST, found["root"], "log.root", digest),
        "path": [_fits(_DIGEST, one, f"log.path[{number}]", digest) for number, one in enumerate(path, start=1)],
    }  # fmt: skip
