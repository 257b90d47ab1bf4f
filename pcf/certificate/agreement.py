"""The places of a certificate that have to say the same: the signed claims, the attached document, the seal and the period."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from fractions import Fraction
from typing import Any

from pcf.certificate.draft import REMAINING, SCHEMA, check_certificate, printed
from pcf.certificate.strict_json import write_canonical
from pcf.certificate.vcdm import read_time
from pcf.errors import CheckFailed

WHOLE = "certificate"
"""Member of the claims that is the certificate, where they are not the certificate itself."""

_WORD = re.compile(r"[A-Za-z0-9_-]+")


def claims(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate as the subject of a credential.

    The subject's own `id` would have to be a URL; the certificate's is none, so that it lies one level deeper.
    """
    return {WHOLE: dict(certificate)}


def certificate_of(subject: Any) -> Mapping[str, Any] | None:
    """The certificate in the subject of a credential, or None where there is none.

    It lies under `certificate`, perhaps beside an `id`; or it is the subject itself, its `id` written as a URL that ends with it.
    """
    if not isinstance(subject, Mapping):
        return None
    inner = subject.get(WHOLE)
    if isinstance(inner, Mapping) and set(subject) <= {"id", WHOLE}:
        return inner
    if subject.get("schema") != SCHEMA:
        return None
    verify = subject.get("verify")
    known = verify.get("id") if isinstance(verify, Mapping) else None
    return (
        {**subject, "id": known} if isinstance(known, str) and _WORD.findall(str(subject.get("id")))[-1:] == [known] else subject
    )


def check_agreement(document: Mapping[str, Any], certificate: Mapping[str, Any], seal: Mapping[str, Any]) -> None:
    """Check that a credential, the certificate and the evidence of the seal say the same.

    Parameters
    ----------
    document : mapping
        The credential.
    certificate : mapping
        `pcf/certificate/1`, as it is attached, or as the claims have it.
    seal : mapping
        Evidence of the seal in the credential.

    Raises
    ------
    CheckFailed
        Naming the first that differs, with both sides.
    InputError
        When the certificate is none.
    """
    check_certificate(certificate)
    claimed = certificate_of(document["credentialSubject"])
    if claimed is None or write_canonical(claimed, "claims") != write_canonical(certificate, "certificate"):
        raise CheckFailed("the claims of the credential are not the attached certificate")
    footprint = certificate["footprint"]
    pairs = (
        ("digest of the seal", seal.get("sha256"), certificate["seal"]["sha256"]),
        ("sealed value", repr(_number(seal.get("value"))), footprint["value"]),
        ("printed value", seal.get("printed"), footprint["printed"]),
        ("unit", seal.get("unit"), footprint["unit"]),
        ("id for its verification", certificate["verify"]["id"], certificate["id"]),
    )
    for name, one, other in pairs:
        if one != other:
            raise CheckFailed(f"{name}: found {str(one)[:80]!r} and {str(other)[:80]!r}")
    for place, text in (("address", certificate["verify"]["url"]), ("id of the credential", document.get("id"))):
        if certificate["id"] not in _WORD.findall(str(text)):
            raise CheckFailed(f"{place}: found {str(text)[:200]!r}; expected the certificate's id in it, {certificate['id']!r}")
    _check_end(document, certificate["valid_until"])


def check_rounding(value: Any, shown: Any) -> None:
    """Check that a printed number is a sealed one, rounded by the rule of `pcf.certificate.draft.printed`.

    Raises
    ------
    CheckFailed
        When it is not.
    """
    expected = printed(_number(value))
    if shown != expected:
        raise CheckFailed(f"the print says {str(shown)[:80]}, the seal {value!r}, which is printed {expected}")


def check_sealed(attached: Any, seal: Mapping[str, Any]) -> None:
    """Check the attached particulars of the seal against the evidence in the credential.

    Raises
    ------
    CheckFailed
        When they differ.
    """
    if not isinstance(attached, Mapping):
        raise CheckFailed("the attached seal is no object")
    digest = attached.get("sha256", attached.get("digest"))
    for name, one in (("sha256", digest), *((name, attached.get(name)) for name in ("value", "unit", "printed"))):
        same = _number(one) == _number(seal.get(name)) if name == "value" else one == seal.get(name)
        if not same:
            raise CheckFailed(f"attached seal, {name}: found {str(one)[:80]!r}; expected {str(seal.get(name))[:80]!r}")


def check_remaining(certificate: Mapping[str, Any], drawn: Mapping[str, Fraction]) -> None:
    """A product certificate has drawn on the heats that it names, of each its share; at the average of the period it names none.

    Parameters
    ----------
    drawn : mapping
        What the event of the log has drawn of each unit [kg].

    Raises
    ------
    CheckFailed
        Where it has drawn on other heats, another mass, or another share.
    """
    mass, heats = certificate["mass_kg"], {item["id"]: item["share"] for item in certificate["batches"]}
    average, count = certificate["average_of"], len(certificate["batches"])
    if (average == REMAINING) != bool(heats) or set(drawn) != set(heats) or len(heats) != count:
        raise CheckFailed(
            f"the log has drawn on {len(drawn)} heats, the certificate is the average of the {average} metal of {count}"
        )
    if heats and sum(drawn.values()) != mass:
        raise CheckFailed(f"the log has drawn {float(sum(drawn.values())):,.3f} kg, the certificate is of {mass} kg")
    for name, share in heats.items():
        if float(drawn[name] / mass) != share:
            raise CheckFailed(
                f"the log has drawn {float(drawn[name]):,.3f} kg of {name}, the certificate names a share of {share}"
            )


def _number(value: Any) -> float:
    """A number; one that is written as a text counts too, since canonical JSON and the certificate write it in different ways."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise CheckFailed(f"sealed value: found {str(value)[:80]!r}; expected a number")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise CheckFailed(f"sealed value: found {str(value)[:80]!r}; expected a number") from None


def _check_end(document: Mapping[str, Any], day: str) -> None:
    """The credential ends on the day that the certificate names (UTC), at the latest with its last moment."""
    end = read_time(document.get("validUntil"), "validUntil").astimezone(UTC)
    last = date.fromisoformat(day)
    moment = end - timedelta(seconds=1)
    if last not in (end.date(), moment.date()):
        raise CheckFailed(f"validUntil: found {document.get('validUntil')}; expected the certificate's last day, {day}")
