"""What each act of the business is as an EPCIS 2.0 event: one function an act, with ids as people use them and whole kilograms.

Every unit with a mass is named by one kind of URI, whatever kind it is of, so that the events of different acts meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pcf.errors import InputError
from pcf.exchange.epcis import make_namespace, make_uri
from pcf.exchange.epcis_events import (
    AggregationEvent,
    BizTransaction,
    Detail,
    ErrorDeclaration,
    ObjectEvent,
    PartyRole,
    Quantity,
    TransactionEvent,
    TransformationEvent,
)


def receipt(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    unit: str,
    mass_kg: int,
    supplier: str,
    receiver: str,
    owner: str | None = None,
    delivery: str | None = None,
    coc_document: str | None = None,
    certificates: Sequence[str] = (),
    extensions: Mapping[str, Detail] | None = None,
) -> ObjectEvent:
    """A lot came in: ObjectEvent ADD, receiving.

    Parameters
    ----------
    base, moment, offset, site
        Beginning of the URIs, time, offset from UTC there (such as +08:00) and id of the site; the same for every act.
    unit, mass_kg
        Id of the lot and its mass [kg].
    supplier, receiver, owner
        Ids of parties; `owner` where neither owns the material, before and after, as in tolling.
    delivery, coc_document
        Ids of the weighbridge ticket or delivery note, and of the CoC document that came along.
    certificates
        URLs of certificates, such as the supplier's at ASI.
    extensions
        Our own members: name → text or whole number.

    Raises
    ------
    InputError
        For anything that the standard or the schema would refuse; so does every act.
    """
    return ObjectEvent(
        **_common(base, moment, offset, site, extensions),
        action="ADD",
        biz_step="receiving",
        disposition="in_progress",
        biz_location=make_uri(base, "site", site),
        quantities=_quantities(base, {unit: mass_kg}),
        biz_transactions=_documents(base, recadv=delivery, cert=coc_document),
        sources=_roles(base, supplier, owner),
        destinations=_roles(base, receiver, owner),
        certification_info=tuple(certificates),
    )


def inspection(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    unit: str,
    mass_kg: int,
    report: str,
    conforms: bool | None = None,
    extensions: Mapping[str, Detail] | None = None,
) -> ObjectEvent:
    """A unit was inspected or assayed: ObjectEvent OBSERVE, inspecting; `report` is the id of the result, `conforms` its outcome."""
    outcome = {None: "in_progress", True: "conformant", False: "non_conformant"}[conforms]
    return ObjectEvent(
        **_common(base, moment, offset, site, extensions),
        action="OBSERVE",
        biz_step="inspecting",
        disposition=outcome,
        biz_location=make_uri(base, "site", site),
        quantities=_quantities(base, {unit: mass_kg}),
        biz_transactions=_documents(base, testres=report),
    )


def cast(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    heat: str,
    charge: Mapping[str, int],
    products: Mapping[str, int],
    alloy: str = "",
    furnace: str | None = None,
    order: str | None = None,
    extensions: Mapping[str, Detail] | None = None,
) -> TransformationEvent:
    """A furnace was charged and cast: TransformationEvent, commissioning; `charge` and `products` are unit → mass [kg]."""
    event = _common(base, moment, offset, site, extensions)
    if furnace is not None:
        event["read_point"] = make_uri(base, "furnace", furnace)
    return TransformationEvent(
        **event,
        biz_step="commissioning",
        disposition="active",
        biz_location=make_uri(base, "site", site),
        inputs=_quantities(base, charge),
        outputs=_quantities(base, products),
        transformation_id=make_uri(base, "cast", heat),
        biz_transactions=_documents(base, prodorder=order),
        ilmd=({"alloy": alloy} if alloy else {}) | {"heatNumber": heat},
    )


def processing(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    process: str,
    inputs: Mapping[str, int],
    outputs: Mapping[str, int],
    order: str | None = None,
    extensions: Mapping[str, Detail] | None = None,
) -> TransformationEvent:
    """Units were rolled, slit or otherwise changed for good: TransformationEvent; inputs and outputs are unit → mass [kg]."""
    return TransformationEvent(
        **_common(base, moment, offset, site, extensions),
        biz_step="commissioning",
        disposition="active",
        biz_location=make_uri(base, "site", site),
        inputs=_quantities(base, inputs),
        outputs=_quantities(base, outputs),
        transformation_id=make_uri(base, "process", process),
        biz_transactions=_documents(base, prodorder=order),
    )


def bundling(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    bundle: str,
    members: Mapping[str, int],
    extensions: Mapping[str, Detail] | None = None,
) -> AggregationEvent:
    """Units were put together as a bundle: AggregationEvent ADD, packing; `members` is unit → mass [kg]."""
    return AggregationEvent(
        **_common(base, moment, offset, site, extensions),
        action="ADD",
        biz_step="packing",
        disposition="in_progress",
        biz_location=make_uri(base, "site", site),
        parent_id=make_uri(base, "unit", bundle),
        child_quantities=_quantities(base, members),
    )


def shipment(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    delivery: str,
    units: Mapping[str, int],
    sender: str,
    recipient: str,
    owner: str | None = None,
    coc_document: str | None = None,
    certificates: Sequence[str] = (),
    extensions: Mapping[str, Detail] | None = None,
) -> ObjectEvent:
    """Units left: ObjectEvent OBSERVE, shipping; `owner` where neither party owns them, before and after, as in tolling."""
    return ObjectEvent(
        **_common(base, moment, offset, site, extensions),
        action="OBSERVE",
        biz_step="shipping",
        disposition="in_transit",
        quantities=_quantities(base, units),
        biz_transactions=_documents(base, desadv=delivery, cert=coc_document),
        sources=_roles(base, sender, owner),
        destinations=_roles(base, recipient, owner),
        certification_info=tuple(certificates),
    )


def link(
    *,
    base: str,
    moment: datetime,
    offset: str,
    site: str,
    document: str,
    units: Mapping[str, int],
    kind: str = "cert",
    action: str = "ADD",
    certificates: Sequence[str] = (),
    extensions: Mapping[str, Detail] | None = None,
) -> TransactionEvent:
    """A document speaks for units: TransactionEvent; `action` DELETE ends that, `kind` is a business transaction type of CBV."""
    return TransactionEvent(
        **_common(base, moment, offset, site, extensions),
        action=action,
        biz_location=make_uri(base, "site", site),
        quantities=_quantities(base, units),
        biz_transactions=(BizTransaction(kind, make_uri(base, "document", document)),),
        certification_info=tuple(certificates),
    )


def void(
    shipped: ObjectEvent, *, moment: datetime, reason: str, corrected_by: Sequence[str] = ()
) -> tuple[ObjectEvent, ObjectEvent]:
    """A shipment is void: its event declared wrong, and an ObjectEvent OBSERVE, void_shipping that says what did not leave.

    Other events are voided by `Event.declared_wrong` alone.

    Parameters
    ----------
    shipped : ObjectEvent
        The event of the shipment, as it was issued.
    moment : datetime
        When it was declared void.
    reason : str
        `did_not_occur` or `incorrect_data`.
    corrected_by : Sequence of str
        Ids of further events that stand instead.

    Returns
    -------
    tuple of ObjectEvent
        The shipment's event with its declaration, under its old id, and the event of the voiding, which the declaration names.

    Notes
    -----
    The standard takes an `errorDeclaration` as said of the event that it stands in. On the event of the voiding it would say that
    the voiding is wrong, so the two stand apart.
    """
    if shipped.biz_step != "shipping":
        raise InputError("EPCIS void_shipping", repr(shipped.biz_step), "an event of the step shipping")
    voided = ObjectEvent(
        event_time=moment,
        offset=shipped.offset,
        namespace=shipped.namespace,
        action="OBSERVE",
        biz_step="void_shipping",
        disposition="in_progress",
        read_point=shipped.read_point,
        biz_location=shipped.read_point,
        epc_list=shipped.epc_list,
        quantities=shipped.quantities,
        biz_transactions=shipped.biz_transactions,
        sources=shipped.sources,
        destinations=shipped.destinations,
        certification_info=shipped.certification_info,
    )
    declaration = ErrorDeclaration(moment, reason, (voided.event_id, *corrected_by))
    return shipped.declared_wrong(declaration), voided


def _common(base: str, moment: datetime, offset: str, site: str, extensions: Mapping[str, Detail] | None) -> dict[str, Any]:
    return {
        "event_time": moment,
        "offset": offset,
        "namespace": make_namespace(base),
        "read_point": make_uri(base, "site", site),
        "extensions": extensions or {},
    }


def _quantities(base: str, masses: Mapping[str, int]) -> tuple[Quantity, ...]:
    return tuple(Quantity(make_uri(base, "unit", unit), mass) for unit, mass in masses.items())


def _documents(base: str, **documents: str | None) -> tuple[BizTransaction, ...]:
    return tuple(BizTransaction(kind, make_uri(base, "document", name)) for kind, name in documents.items() if name is not None)


def _roles(base: str, holder: str, owner: str | None) -> tuple[PartyRole, ...]:
    owning = make_uri(base, "party", holder if owner is None else owner)
    return PartyRole("owning_party", owning), PartyRole("possessing_party", make_uri(base, "party", holder))
