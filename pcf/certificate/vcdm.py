"""What a Verifiable Credential 2.0 has to look like; checked without a JSON-LD processor.

A context that is named by its address is taken to define what it may define; the base context and contexts written out in the
document are looked into.

References
----------
W3C Verifiable Credentials Data Model 2.0, sections 4 and 5; XML Schema 1.1, `dateTimeStamp`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pcf.errors import InputError

CONTEXT = "https://www.w3.org/ns/credentials/v2"

_BASE_TYPES = frozenset((
    "VerifiableCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation",
    "BitstringStatusList", "BitstringStatusListCredential", "BitstringStatusListEntry", "DataIntegrityProof", "JsonSchema",
    "JsonSchemaCredential",
))  # fmt: skip
_BASE_TERMS = _BASE_TYPES | {
    "id", "type", "description", "digestMultibase", "digestSRI", "mediaType", "name", "credentialSchema", "credentialStatus",
    "credentialSubject", "confidenceMethod", "evidence", "issuer", "proof", "refreshService", "relatedResource", "renderMethod",
    "termsOfUse", "validFrom", "validUntil", "holder", "verifiableCredential",
}  # fmt: skip
_TYPED = {
    "credentialStatus": (),
    "credentialSchema": ("id",),
    "refreshService": (),
    "termsOfUse": (),
    "evidence": (),
    "proof": (),
}
"""Members whose objects have a type, and what else they must have."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def as_time(time: datetime) -> str:
    """A moment as a credential writes it: UTC, whole seconds.

    Raises
    ------
    InputError
        For one without a zone.
    """
    if time.tzinfo is None:
        raise InputError("time", time.isoformat(), "a time with its zone")
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def read_time(value: Any, place: str) -> datetime:
    """A moment from an XML Schema `dateTimeStamp`.

    Raises
    ------
    InputError
        When it is none.
    """
    found = _TIME.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if found:
        zone = "+00:00" if found[8] == "Z" else found[8]
        try:
            moment = datetime.fromisoformat(f"{value[:19]}{zone}")
            return moment + timedelta(seconds=float(found[7] or 0))
        except (ValueError, OverflowError):
            pass
    raise InputError(place, repr(value)[:80], "date and time with zone, such as 2026-01-31T12:00:00Z")


def check_credential(document: Any) -> None:
    """Check the form of a credential; of its proof only that it has a type.

    Raises
    ------
    InputError
        For the first thing that is not as the standard has it.
    """
    if not isinstance(document, Mapping):
        raise _wrong("credential", document, "an object")
    _check_head(document, "VerifiableCredential")
    for place, subject in _objects(document, "credentialSubject", required=True):
        if not subject:
            raise _wrong(place, subject, "claims")
        _check_id(subject, place)
    _check_party(document, "issuer", required=True)
    issuer = document["issuer"]
    for owner, place in ((document, "credential"), (issuer, "issuer")):
        if isinstance(owner, Mapping):
            for name in ("name", "description"):
                _check_words(owner, name, place)
    times = {name: read_time(document[name], name) for name in ("validFrom", "validUntil") if name in document}
    if len(times) == 2 and times["validFrom"] > times["validUntil"]:
        raise _wrong("validUntil", document["validUntil"], "no time before validFrom")
    for name, needed in _TYPED.items():
        for place, item in _objects(document, name):
            _types(item, place)
            _check_id(item, place, required="id" in needed)
    for place, item in _objects(document, "relatedResource"):
        _check_id(item, place, required=True)
        if not any(isinstance(item.get(digest), str) for digest in ("digestSRI", "digestMultibase")):
            raise _wrong(place, None, "digestSRI or digestMultibase")


def check_presentation(document: Any) -> None:
    """Check the form of a presentation and of the credentials in it.

    Raises
    ------
    InputError
        See `check_credential`.
    """
    if not isinstance(document, Mapping):
        raise _wrong("presentation", document, "an object")
    _check_head(document, "VerifiablePresentation")
    _check_party(document, "holder", required=False)
    for place, item in _objects(document, "verifiableCredential"):
        if "EnvelopedVerifiableCredential" in _types(item, place):
            if not str(item.get("id", "")).startswith("data:"):
                raise _wrong(f"{place} id", item.get("id"), "a data: URL")
        else:
            check_credential(item)
    for place, item in _objects(document, "proof"):
        _types(item, place)


def _check_head(document: Mapping[str, Any], kind: str) -> None:
    """Context, type and id."""
    defined, vocabulary = _check_context(document.get("@context"))
    types = _types(document, "document")
    if kind not in types:
        raise _wrong("type", types, kind)
    for name in types:
        mapped = name in _BASE_TYPES or _is_url(name) or _is_url(defined.get(name)) or (vocabulary and name not in defined)
        if not mapped:
            raise _wrong("type", name, "a type that a context maps to a URL")
    _check_id(document, "document")


def _check_context(contexts: Any) -> tuple[dict[str, Any], bool]:
    """Terms of the contexts that are written out, and whether further ones may be defined elsewhere."""
    if not isinstance(contexts, list) or not contexts or contexts[0] != CONTEXT:
        raise _wrong("@context", contexts, f"a list that begins with {CONTEXT}")
    defined: dict[str, Any] = {}
    protected: dict[str, Any] = dict.fromkeys(_BASE_TERMS)
    vocabulary = False
    for context in contexts[1:]:
        if isinstance(context, str):
            if not _is_url(context):
                raise _wrong("@context", context, "a URL")
            vocabulary = True
        elif isinstance(context, Mapping):
            terms = {name: value for name, value in context.items() if not name.startswith("@")}
            for name, value in terms.items():
                if name in protected and protected[name] != value:
                    raise _wrong("@context", name, "no second definition of a protected term")
                url = value.get("@id") if isinstance(value, Mapping) else value
                defined[name] = url
            if context.get("@protected") is True:
                protected.update(terms)
            if "@vocab" in context:
                vocabulary = _is_url(context["@vocab"])
        else:
            raise _wrong("@context", context, "a URL or an object")
    return defined, vocabulary


def _check_party(document: Mapping[str, Any], name: str, *, required: bool) -> None:
    if name not in document and not required:
        return
    party = document.get(name)
    identity = party.get("id") if isinstance(party, Mapping) else party
    if not _is_url(identity):
        raise _wrong(name, party, "a URL, or an object whose id is one")


def _check_words(owner: Mapping[str, Any], name: str, place: str) -> None:
    if name not in owner:
        return
    value = owner[name]
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            continue
        known = {"@value", "@language", "@direction"}
        fits = isinstance(item, Mapping) and set(item) <= known and all(isinstance(part, str) for part in item.values())
        if not fits or "@value" not in item:
            raise _wrong(f"{place} {name}", item, "a text, or @value with @language and @direction")


def _objects(document: Mapping[str, Any], name: str, *, required: bool = False) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The one object or the objects of a member."""
    if name not in document and not required:
        return
    value = document.get(name)
    items = value if isinstance(value, list) else [value]
    if not items:
        raise _wrong(name, value, "an object or several")
    for item in items:
        if not isinstance(item, Mapping):
            raise _wrong(name, item, "an object")
        yield name, item


def _types(item: Mapping[str, Any], place: str) -> list[str]:
    value = item.get("type")
    types: list[Any] = value if isinstance(value, list) else [value]
    if not types or not all(isinstance(name, str) and name for name in types):
        raise _wrong(f"{place} type", value, "a type or several")
    return types


def _check_id(item: Mapping[str, Any], place: str, *, required: bool = False) -> None:
    if ("id" in item or required) and not _is_url(item.get("id")):
        raise _wrong(f"{place} id", item.get("id"), "a URL")


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def _wrong(place: str, found: Any, expected: str) -> InputError:
    return InputError(f"credential, {place}", repr(found)[:200], expected)
