"""EPCIS 2.0 events: what happened to which material, when, where and why, refused where the standard would refuse them.

Vocabularies and patterns are those of `datasets/schema/epcis.schema.json`.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pcf.catalogue.schemas import load_schema
from pcf.errors import InputError
from pcf.exchange.epcis_hash import event_hash

PREFIX = "pcf"
"""Prefix of our own members in a document; its namespace lies beneath the issuer's base."""

Detail = str | int
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True)
class Quantity:
    """A mass of a unit: its URI and whole kilograms, unless `uom` names another unit of UN/ECE Recommendation 20."""

    epc_class: str
    quantity: int
    uom: str = "KGM"

    def __post_init__(self) -> None:
        _check_uris("epcClass", self.epc_class)
        if type(self.quantity) is not int or self.quantity < 1:
            raise InputError(f"EPCIS quantity of {self.epc_class}", repr(self.quantity), "a whole number above 0")
        _check_text(f"quantity of {self.epc_class}", "uom", self.uom)

    def as_member(self) -> dict[str, Any]:
        """A quantity element."""
        return {"epcClass": self.epc_class, "quantity": self.quantity, "uom": self.uom}


@dataclass(frozen=True)
class BizTransaction:
    """A document of the business: kind (`desadv`, `recadv`, `cert`, `prodorder`, `testres`, …) and URI."""

    kind: str
    uri: str

    def __post_init__(self) -> None:
        _check_word("bizTransactionType", self.kind)
        _check_uris("bizTransaction", self.uri)


@dataclass(frozen=True)
class PartyRole:
    """Who or where a transfer begins or ends: `owning_party`, `possessing_party` or `location`, and URI."""

    kind: str
    uri: str

    def __post_init__(self) -> None:
        _check_word("partyType", self.kind)
        _check_uris("party", self.uri)


@dataclass(frozen=True)
class ErrorDeclaration:
    """That an event is wrong: when it was declared, why (`did_not_occur`, `incorrect_data`), ids of the events that stand instead."""

    declaration_time: datetime
    reason: str
    corrective_event_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        as_utc("declarationTime", self.declaration_time)
        _check_word("errorReason", self.reason)
        for found in self.corrective_event_ids:
            _check_text("correctiveEventIDs", "eventID", found)

    def as_member(self) -> dict[str, Any]:
        """The declaration as a document holds it."""
        times = {"declarationTime": as_utc("declarationTime", self.declaration_time), "reason": self.reason}
        return _filled(times | {"correctiveEventIDs": list(self.corrective_event_ids)})


@dataclass(frozen=True, kw_only=True)
class Event(ABC):
    """What all kinds of events share; `event_id` is the event hash id, which an error declaration leaves as it is.

    Parameters
    ----------
    event_time : datetime
        When it happened; aware of its zone, kept to the millisecond.
    offset : str
        Offset from UTC that was in force at the place, such as +08:00.
    namespace : str
        Namespace of `extensions` and `ilmd`, of `make_namespace`.
    biz_step, disposition : str, optional
        Words of CBV: the step, and the state of the things after it.
    read_point, biz_location : str, optional
        URIs of where it happened and of where the things are afterwards.
    biz_transactions, sources, destinations, certification_info
        Documents, givers, takers, and URLs of certificates. The last have no part in the event's id.
    extensions : Mapping
        Our own members: name → text or whole number.
    error : ErrorDeclaration, optional
        That this event, already issued, is wrong.

    Raises
    ------
    InputError
        Wherever the standard or the schema would refuse the event.
    """

    kind: ClassVar[str]

    event_time: datetime
    offset: str
    namespace: str
    biz_step: str | None = None
    disposition: str | None = None
    read_point: str | None = None
    biz_location: str | None = None
    biz_transactions: tuple[BizTransaction, ...] = ()
    sources: tuple[PartyRole, ...] = ()
    destinations: tuple[PartyRole, ...] = ()
    certification_info: tuple[str, ...] = ()
    extensions: Mapping[str, Detail] = field(default_factory=dict)
    error: ErrorDeclaration | None = None
    event_id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        as_utc("eventTime", self.event_time)
        _check_text("eventTimeZoneOffset", "offset", self.offset)
        _check_uris("namespace", self.namespace)
        for group, word in (("bizStep", self.biz_step), ("disposition", self.disposition)):
            if word is not None:
                _check_word(group, word)
        _check_uris("readPoint", self.read_point)
        _check_uris("bizLocation", self.biz_location)
        _check_uris("certificationInfo", *self.certification_info)
        self._freeze("extensions")
        self._check()
        members = self._members()
        for name, value in members.items():
            if isinstance(value, list):
                self._need(all(value.count(item) == 1 for item in value), f"an entry of {name} twice", "every entry once")
        object.__setattr__(self, "event_id", event_hash(members, {PREFIX: self.namespace}))

    def as_member(self) -> dict[str, Any]:
        """The event as a document holds it."""
        members = self._members()
        head = {"type": members.pop("type"), "eventID": self.event_id}
        return head | _filled({"errorDeclaration": self.error.as_member() if self.error else None}) | members

    def declared_wrong(self, error: ErrorDeclaration) -> Self:
        """This event once more, with the declaration that it is wrong: an issued event is never deleted."""
        return replace(self, error=error)

    def _members(self) -> dict[str, Any]:
        return _filled(
            {
                "type": self.kind,
                "eventTime": as_utc("eventTime", self.event_time),
                "eventTimeZoneOffset": self.offset,
                "certificationInfo": list(self.certification_info),
                **self._what(),
                "bizStep": self.biz_step,
                "disposition": self.disposition,
                "readPoint": {"id": self.read_point} if self.read_point else None,
                "bizLocation": {"id": self.biz_location} if self.biz_location else None,
                "bizTransactionList": [{"type": item.kind, "bizTransaction": item.uri} for item in self.biz_transactions],
                "sourceList": [{"type": item.kind, "source": item.uri} for item in self.sources],
                "destinationList": [{"type": item.kind, "destination": item.uri} for item in self.destinations],
                **_prefixed(self.extensions),
            }
        )

    @abstractmethod
    def _what(self) -> dict[str, Any]:
        """The members that only this kind has."""

    @abstractmethod
    def _check(self) -> None:
        """The rules that only this kind has."""

    def _freeze(self, name: str) -> None:
        details = dict(getattr(self, name))
        for key, value in details.items():
            _check_detail(key, value)
        object.__setattr__(self, name, MappingProxyType(details))

    def _need(self, allowed: object, found: str, expected: str) -> None:
        if not allowed:
            raise InputError(f"EPCIS {self.kind}", found, expected)


@dataclass(frozen=True, kw_only=True)
class ObjectEvent(Event):
    """Something happened to things: they came in (ADD), were seen or left (OBSERVE), ended (DELETE)."""

    kind: ClassVar[str] = "ObjectEvent"

    action: str
    epc_list: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    ilmd: Mapping[str, Detail] = field(default_factory=dict)

    def _what(self) -> dict[str, Any]:
        quantities = [item.as_member() for item in self.quantities]
        return {
            "action": self.action,
            "epcList": list(self.epc_list),
            "quantityList": quantities,
            "ilmd": _prefixed(self.ilmd),
        }

    def _check(self) -> None:
        _check_word("action", self.action)
        _check_uris("epcList", *self.epc_list)
        self._freeze("ilmd")
        self._need(self.epc_list or self.quantities, "no things", "a list of things or of quantities")
        self._need(not self.ilmd or self.action == "ADD", f"ilmd with action {self.action}", "master data only with action ADD")


@dataclass(frozen=True, kw_only=True)
class AggregationEvent(Event):
    """Things were put together physically, as in a bundle (ADD), seen so (OBSERVE) or taken apart (DELETE)."""

    kind: ClassVar[str] = "AggregationEvent"

    action: str
    parent_id: str | None = None
    child_epcs: tuple[str, ...] = ()
    child_quantities: tuple[Quantity, ...] = ()

    def _what(self) -> dict[str, Any]:
        quantities = [item.as_member() for item in self.child_quantities]
        return {
            "action": self.action,
            "parentID": self.parent_id,
            "childEPCs": list(self.child_epcs),
            "childQuantityList": quantities,
        }

    def _check(self) -> None:
        _check_word("action", self.action)
        _check_uris("parentID", self.parent_id)
        _check_uris("childEPCs", *self.child_epcs)
        children = self.child_epcs or self.child_quantities
        self._need(self.parent_id or self.action == "OBSERVE", "no parent", "the parent of what is put together or taken apart")
        self._need(
            children or self.action == "DELETE" or (self.action == "OBSERVE" and self.parent_id), "no children", "children"
        )


@dataclass(frozen=True, kw_only=True)
class TransactionEvent(Event):
    """Things are linked with documents of the business (ADD), confirmed to be (OBSERVE) or no longer (DELETE)."""

    kind: ClassVar[str] = "TransactionEvent"

    action: str
    parent_id: str | None = None
    epc_list: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    def _what(self) -> dict[str, Any]:
        quantities = [item.as_member() for item in self.quantities]
        return {
            "action": self.action,
            "parentID": self.parent_id,
            "epcList": list(self.epc_list),
            "quantityList": quantities,
        }

    def _check(self) -> None:
        _check_word("action", self.action)
        _check_uris("parentID", self.parent_id)
        _check_uris("epcList", *self.epc_list)
        self._need(self.biz_transactions, "no business transaction", "the document that the things are linked with")
        self._need(
            self.parent_id or self.epc_list or self.quantities, "no things", "a parent, or a list of things or of quantities"
        )


@dataclass(frozen=True, kw_only=True)
class TransformationEvent(Event):
    """Inputs became outputs for good: a cast, a rolling. It has no action; events of one `transformation_id` are its parts."""

    kind: ClassVar[str] = "TransformationEvent"

    input_epcs: tuple[str, ...] = ()
    inputs: tuple[Quantity, ...] = ()
    output_epcs: tuple[str, ...] = ()
    outputs: tuple[Quantity, ...] = ()
    transformation_id: str | None = None
    ilmd: Mapping[str, Detail] = field(default_factory=dict)

    def _what(self) -> dict[str, Any]:
        return {
            "inputEPCList": list(self.input_epcs),
            "inputQuantityList": [item.as_member() for item in self.inputs],
            "outputEPCList": list(self.output_epcs),
            "outputQuantityList": [item.as_member() for item in self.outputs],
            "transformationID": self.transformation_id,
            "ilmd": _prefixed(self.ilmd),
        }

    def _check(self) -> None:
        _check_uris("inputEPCList", *self.input_epcs)
        _check_uris("outputEPCList", *self.output_epcs)
        _check_uris("transformationID", self.transformation_id)
        self._freeze("ilmd")
        before, after = self.input_epcs or self.inputs, self.output_epcs or self.outputs
        self._need(
            (before or after) if self.transformation_id else (before and after), "a side without things", "inputs and outputs"
        )


def rule(group: str) -> dict[str, Any]:
    """A definition of the schema."""
    found: dict[str, Any] = load_schema("epcis")["$defs"][group]
    return found


def matches(group: str, text: object) -> bool:
    """Whether a text is as a definition of the schema wants it."""
    wanted = rule(group)
    return isinstance(text, str) and len(text) <= wanted.get("maxLength", len(text)) and bool(re.search(wanted["pattern"], text))


def as_utc(place: str, moment: datetime) -> str:
    """A time in UTC, cut to the millisecond: nothing is said to have happened later than it did."""
    try:
        if moment.utcoffset() is None:
            raise ValueError
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    except (AttributeError, ValueError, OverflowError):
        raise InputError(f"EPCIS {place}", repr(moment), "a time with its offset from UTC") from None


def _check_text(place: str, group: str, text: object) -> None:
    if not matches(group, text):
        raise InputError(f"EPCIS {place}", repr(text), rule(group)["description"])


def _check_word(group: str, word: str) -> None:
    allowed = rule(group)["enum"]
    if word not in allowed:
        raise InputError(f"EPCIS {group}", repr(word), " | ".join(allowed))


def _check_uris(place: str, *uris: str | None) -> None:
    for uri in uris:
        if uri is not None:
            _check_text(place, "uri", uri)


def _check_detail(name: str, value: object) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("EPCIS extension", repr(name), "a name of ASCII letters and digits that begins with a letter")
    if isinstance(value, int) and not isinstance(value, bool):
        return
    # Braces would let one text pass for two members: the hash joins members without separators.
    if not matches("detail", value) or any(unicodedata.category(char)[0] == "C" for char in str(value)):
        raise InputError(f"EPCIS extension {name}", repr(value), rule("detail")["description"])


def _prefixed(details: Mapping[str, Detail]) -> dict[str, Detail]:
    return {f"{PREFIX}:{name}": value for name, value in details.items()}


def _filled(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that hold something: the standard omits what is empty."""
    return {name: value for name, value in members.items() if value not in (None, [], {})}
