"""Event hash id of the Core Business Vocabulary (CBV) 2.0: the same event has the same id, whoever computes it.

The id is a fingerprint and no signature: who changes an event can compute the id again.

Notes
-----
GS1 CBV 2.0, "EPCIS event hash ID": the members of an event, in a canonical order and without separators, hashed with SHA-256
and written as a `ni` URI of RFC 6920. Where texts about it and its published test vectors disagree, the vectors are followed:

- `type=` stands before the business transaction, source or destination that it belongs to;
- sources stand before destinations and both before `ilmd`, `epcList` before `parentID`. Release 1.9.3 of the package
  `epcis-event-hash-generator` orders these otherwise, so it gives shipments and receipts other ids;
- numbers in text, too, lose zeros that carry no value, so `012` and `12` are one value, as in XML, which knows no types;
- `certificationInfo` has no place in the order and no part in the hash. A certificate that has to be bound to an event
  belongs among its business transactions, too;
- nor has `errorDeclaration`, because an event that is declared wrong keeps its id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pcf.errors import InputError

IGNORED = frozenset({"@context", "type", "eventID", "recordTime", "errorDeclaration", "certificationInfo"})
"""Members that do not count: the first two are written otherwise, the others may change without changing what happened."""

_STANDARD = {
    "gs1": "https://gs1.org/voc/",
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
}
_URNS = {
    "urn:epcglobal:cbv:bizstep:": "BizStep-",
    "urn:epcglobal:cbv:disp:": "Disp-",
    "urn:epcglobal:cbv:btt:": "BTT-",
    "urn:epcglobal:cbv:sdt:": "SDT-",
    "urn:epcglobal:cbv:er:": "ER-",
}
# Exponents end at three digits: nobody's heat number may be written out as a million zeros.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_GS1_KEY = re.compile(
    r"urn:epc:(id|class|idpat):.*|https?://[^?#]*/("
    r"(00|sscc)/[0-9]{18}|(01|gtin)/([0-9]{8}|[0-9]{12,14})|(8006|itip)/[0-9]{18}|(8003|grai)/[0-9]{14}"
    r"|(253|gdti|255|gcn|414|gln|417|party)/[0-9]{13}|(402|gsin)/[0-9]{17}|(8017|gsrnp|8018|gsrn)/[0-9]{18}"
    r"|(401|ginc|8004|giai|8010|cpid)/[0-9]{4}).*",
    re.DOTALL,
)
_CANONICAL_KEY = re.compile(r"https://id\.gs1\.org/[0-9]{2,4}/[^/?#]+(/(21|10|235|254|8011)/[^/?#]+)?")


def event_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The event hash id of an event.

    Parameters
    ----------
    event : Mapping
        A member of the event list of a JSON-LD document.
    namespaces : Mapping
        Prefix → namespace, as the document's context declares them.

    Returns
    -------
    str
        Such as `ni:///sha-256;…?ver=CBV2.0`.

    Raises
    ------
    InputError
        For a member outside the fields that are issued here, and for identifiers of GS1, whose canonical form is not built here.
    """
    digest = hashlib.sha256(canonical_string(event, namespaces).encode("utf-8")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def canonical_string(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """What is hashed: type, members in the canonical order, then members in other namespaces; parameters as `event_hash`."""
    known = _STANDARD | dict(namespaces)
    parts = ["eventType=" + str(event.get("type", ""))]
    parts += [write(name, event[name], known) for name, write in _ORDER if event.get(name) not in (None, [], {}, ())]
    names = {name for name, _ in _ORDER} | IGNORED
    parts += _details({name: value for name, value in event.items() if name not in names}, known)
    return "".join(parts)


def _value(value: Any, known: Mapping[str, str]) -> str:
    """A value in its canonical form."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InputError("EPCIS event", repr(value), "a text or a number")
    text = str(value).strip()
    prefix, colon, local = text.partition(":")
    if colon and prefix in known:
        text = known[prefix] + local
    for urn, term in _URNS.items():
        if text.startswith(urn):
            text = _STANDARD["cbv"] + term + text[len(urn) :]
    if _NUMBER.fullmatch(text):
        return _number(text)
    if _GS1_KEY.fullmatch(text) and not _CANONICAL_KEY.fullmatch(text):
        advice = "identify things by URIs of your own, or by canonical GS1 Digital Links at https://id.gs1.org/"
        raise InputError("EPCIS event", text, "no identifier of GS1 in a form that the event hash has to convert", advice)
    return text


def _number(text: str) -> str:
    plain = format(Decimal(text), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("", "-", "-0") else plain


def _time(name: str, value: Any, _known: Mapping[str, str]) -> str:
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
        moment += timedelta(microseconds=(moment.microsecond + 500) // 1000 * 1000 - moment.microsecond)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"EPCIS event, {name}", repr(value), "an ISO 8601 time with its offset from UTC") from None
    return f"{name}={moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _text(name: str, value: Any, known: Mapping[str, str]) -> str:
    return f"{name}={_value(value, known)}"


def _term(term: str) -> Callable[[str, Any, Mapping[str, str]], str]:
    """A field of a standard vocabulary, whose bare words stand for terms of CBV."""

    def write(name: str, value: Any, known: Mapping[str, str]) -> str:
        bare = isinstance(value, str) and ":" not in value
        return f"{name}={_STANDARD['cbv']}{term}{value.strip()}" if bare else _text(name, value, known)

    return write


def _uris(name: str, value: Sequence[str], known: Mapping[str, str]) -> str:
    return name + "".join(sorted(_text("epc", uri, known) for uri in value))


def _quantities(name: str, value: Sequence[Mapping[str, Any]], known: Mapping[str, str]) -> str:
    members = ("epcClass", "quantity", "uom")
    return name + "".join(
        sorted("quantityElement" + "".join(_text(key, item[key], known) for key in members if key in item) for item in value)
    )


def _place(name: str, value: Mapping[str, Any], known: Mapping[str, str]) -> str:
    return name + _text("id", value["id"], known)


def _typed(member: str, term: str) -> Callable[[str, Any, Mapping[str, str]], str]:
    """A list of business transactions, sources or destinations, each with its type."""
    typed = _term(term)

    def write(name: str, value: Sequence[Mapping[str, Any]], known: Mapping[str, str]) -> str:
        pairs = [(typed("type", item["type"], known) if "type" in item else "", item[member]) for item in value]
        return name + "".join(sorted(kind + _text(member, uri, known) for kind, uri in pairs))

    return write


def _details(value: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    """Members in other namespaces, each with the namespace of its name."""
    found = []
    for name, item in value.items():
        prefix, colon, local = name.partition(":")
        if not colon or prefix not in known:
            expected = "a field of the events that are issued here, or a name with a prefix of the context"
            raise InputError("EPCIS event", repr(name), expected)
        found.append(_text(f"{{{known[prefix]}}}{local}", item, known))
    return sorted(found)


def _ilmd(name: str, value: Mapping[str, Any], known: Mapping[str, str]) -> str:
    return name + "".join(_details(value, known))


_ORDER: tuple[tuple[str, Callable[[str, Any, Mapping[str, str]], str]], ...] = (
    ("eventTime", _time),
    ("eventTimeZoneOffset", _text),
    ("epcList", _uris),
    ("parentID", _text),
    ("inputEPCList", _uris),
    ("childEPCs", _uris),
    ("quantityList", _quantities),
    ("childQuantityList", _quantities),
    ("inputQuantityList", _quantities),
    ("outputEPCList", _uris),
    ("outputQuantityList", _quantities),
    ("action", _text),
    ("transformationID", _text),
    ("bizStep", _term("BizStep-")),
    ("disposition", _term("Disp-")),
    ("readPoint", _place),
    ("bizLocation", _place),
    ("bizTransactionList", _typed("bizTransaction", "BTT-")),
    ("sourceList", _typed("source", "SDT-")),
    ("destinationList", _typed("destination", "SDT-")),
    ("ilmd", _ilmd),
)
"""Canonical property order of CBV 2.0, of the fields that are issued here."""
