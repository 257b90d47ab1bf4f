"""The questions of a verification, one function each: values that go into its wording, or an error that says no.

Nothing of a PDF file is interpreted before its signature is known to be right and by somebody who is trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.certificate import pdf_signature
from pcf.certificate.agreement import certificate_of, check_agreement, check_remaining, check_rounding, check_sealed
from pcf.certificate.attachments import MOST_ATTACHED, read_attachments
from pcf.certificate.credential import LOG, SEAL, digest_sri, issuer_id, resource_id
from pcf.certificate.proof import check_proof
from pcf.certificate.status_list import find_list
from pcf.certificate.strict_json import read_canonical, read_json
from pcf.certificate.trust import Issuer, Trust, check_signer
from pcf.certificate.vcdm import check_credential, read_time
from pcf.certificate.x509 import company_name
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.text import text

if TYPE_CHECKING:
    from pcf.certificate.render import Attachment
    from pcf.certificate.standing import Standing

    Register = Callable[[str, str], Standing | None]
    """What an issuer's own register says of a certificate, by the issuer's DID and the credential's id; None for one that is not its."""

CREDENTIAL = "credential.json"
CERTIFICATE = "certificate.json"
SEALED = "seal.json"
"""Names of the attachments: the signed credential, the certificate as `pcf/certificate/1`, what is sealed."""

MOST_CREDENTIAL = 5_000_000
"""Bytes of a credential: it is read before it is known whose it is."""


@dataclass
class State:
    """What earlier steps have found."""

    content: bytes
    trust: Trust
    bundle: Path | bytes | None
    lists: tuple[bytes, ...]
    at: datetime
    offline: bool
    register: Register | None = None
    signed: Any = None
    issuer: Issuer | None = None
    attached: list[Attachment] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    seal: Mapping[str, Any] | None = None
    logged: bool = False

    @property
    def is_pdf(self) -> bool:
        """Whether it begins like a PDF file; if not, it may be a credential alone."""
        return self.content.startswith(b"%PDF-")

    @property
    def files(self) -> dict[str, bytes]:
        """Content of the attachments by name."""
        return {item.name: item.content for item in self.attached}

    def certificate(self) -> Any:
        """What is attached as the certificate."""
        return read_json(self.files[CERTIFICATE], CERTIFICATE)

    def known(self) -> Issuer:
        """Who has signed it."""
        if self.issuer is None:
            raise CheckFailed("the issuer is unknown: no trusted issuer has signed it")
        return self.issuer


class NotAsked(Exception):
    """A step has no question here; `verify-why.<key>` says why."""

    def __init__(self, key: str, **fields: str) -> None:
        self.key, self.fields = key, fields
        super().__init__(text(f"verify-why.{key}", "en", **fields))


class Unfit(CheckFailed):
    """A no that has a name: `unreadable`, `unknown-issuer`, `revoked`, `superseded`, `expired`."""

    def __init__(self, cause: str, message: str) -> None:
        self.cause = cause
        super().__init__(message)


def read(source: Path | bytes, most: int) -> bytes:
    """All bytes of an ordinary file, or those that are given.

    Raises
    ------
    CheckFailed
        For a folder, a pipe, a device, what cannot be read, and what is larger than it may be.
    """
    if isinstance(source, bytes):
        content = source
    else:
        try:
            # Opened first and looked at then, so that nobody can exchange it between; a pipe must not keep anybody waiting.
            number = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(number, "rb") as stream:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise CheckFailed(f"{source}: no ordinary file")
                content = stream.read(most + 1)
        except OSError as problem:
            raise CheckFailed(f"{source}: {problem.strerror}") from None
        except ValueError:
            raise CheckFailed(f"{source}: no name of a file") from None
    if len(content) > most:
        raise CheckFailed(f"found {len(content):,} bytes or more; expected at most {most:,}")
    return content


def _pdf_only(state: State) -> None:
    if not state.is_pdf:
        if state.content.lstrip()[:1] != b"{":
            raise Unfit("unreadable", "found neither a PDF file nor a credential in JSON")
        raise NotAsked("no-pdf")


def _signature(state: State) -> dict[str, str]:
    _pdf_only(state)
    state.signed = pdf_signature.find_signature(state.content)
    return {}


def _intact(state: State) -> dict[str, str]:
    _pdf_only(state)
    pdf_signature.check_intact(state.signed)
    return {}


def _issuer(state: State) -> dict[str, str]:
    _pdf_only(state)
    state.issuer = state.trust.of_certificate(state.signed.certificate)
    try:
        pdf_signature.check_trusted(state.signed, state.trust.certificates, state.at)
    except CheckFailed as problem:
        raise (problem if state.issuer else Unfit("unknown-issuer", str(problem))) from None
    return {"name": state.known().name, "did": state.known().did}


def _reader(state: State) -> dict[str, str]:
    _pdf_only(state)
    pdf_signature.check_again(state.content, state.signed, state.trust.certificates, state.at)
    return {}


def _attachments(state: State) -> dict[str, str]:
    _pdf_only(state)
    state.attached = read_attachments(state.content)
    for name in (CREDENTIAL, CERTIFICATE):
        if name not in state.files:
            raise CheckFailed(f"found no attachment {name}")
    return {"names": ", ".join(sorted(state.files))}


def _credential(state: State) -> dict[str, str]:
    state.document = read_canonical(state.files[CREDENTIAL] if state.is_pdf else state.content, "credential", MOST_CREDENTIAL)
    check_credential(state.document)
    return {"id": str(state.document.get("id", ""))}


def _proof(state: State) -> dict[str, str]:
    did = issuer_id(state.document)
    found = state.trust.of_did(did)
    if found is None:
        raise Unfit("unknown-issuer", f"the issuer is unknown: {did[:200]} is no trusted issuer")
    method = check_proof(state.document, found.keys)
    if state.issuer is None:
        state.issuer = found
    return {"method": method, "name": found.name}


def _same_issuer(state: State) -> dict[str, str]:
    _pdf_only(state)
    if state.known().did != issuer_id(state.document):
        raise CheckFailed(f"the PDF file is signed by {state.known().did}, the credential by {issuer_id(state.document)}")
    return {"did": state.known().did}


def _digests(state: State) -> dict[str, str]:
    listed = state.document.get("relatedResource", [])
    expected = {item["id"]: item.get("digestSRI") for item in (listed if isinstance(listed, list) else [listed])}
    if not state.is_pdf:
        raise NotAsked("no-pdf")
    identity = str(state.document.get("id", ""))
    found = {resource_id(identity, name): digest_sri(content) for name, content in state.files.items() if name != CREDENTIAL}
    for address in sorted({*expected, *found}):
        if expected.get(address) != found.get(address):
            why = (
                "is missing" if address not in found else "is not in the credential" if address not in expected else "was changed"
            )
            raise CheckFailed(f"the attachment {address.rpartition('#')[2][:100]} {why}")
    return {"count": str(len(found))}


def _content(state: State) -> dict[str, str]:
    certificate = state.certificate() if state.is_pdf else certificate_of(state.document["credentialSubject"])
    if certificate is None:
        raise NotAsked("no-certificate")
    try:
        seal = _evidence(state, SEAL)
    except NotAsked:
        raise CheckFailed("the certificate has no seal") from None
    check_agreement(state.document, certificate, seal)
    if SEALED in state.files:
        check_sealed(read_json(state.files[SEALED], SEALED), seal)
    signer = [company_name(state.signed.certificate)] if state.is_pdf else []
    check_signer(certificate["issuer"]["name"], [state.known().name, *signer])
    footprint = certificate["footprint"]
    return {
        "number": str(certificate["number"]), "id": str(certificate["id"]), "footprint": str(footprint["printed"]),
        "unit": str(footprint["unit"]), "demonstration": str(bool(certificate["demonstration"])).lower(),
    }  # fmt: skip


def _print(state: State) -> dict[str, str]:
    from pcf.certificate.reprint import OtherMaker, check_print

    _pdf_only(state)
    try:
        from pcf.certificate.render import maker

        here = maker()
    except EnvironmentProblem as problem:
        raise NotAsked("no-typst", problem=str(problem)) from None
    try:
        return {"language": check_print(state.content, state.certificate(), state.attached), "maker": here}
    except OtherMaker as other:
        raise NotAsked("other-maker", made=str(other)[:200] or "–", here=here) from None


def _status(state: State) -> dict[str, str]:
    entries = state.document.get("credentialStatus", [])
    entries = entries if isinstance(entries, list) else [entries]
    if not entries:
        raise CheckFailed("the certificate does not say where its status is published")
    issuer = state.known()
    if state.register and (own := state.register(issuer_id(state.document), str(state.document.get("id", "")))):
        if own.end:
            instead = f"; superseded by {own.instead}" if own.instead else ""
            raise Unfit(
                own.end.status, f"the certificate no longer holds, {own.end.status}: {own.end.reason} ({own.end.date}){instead}"
            )
        return {"as_of": state.at.isoformat(timespec="seconds")}
    lists = (*state.lists, *issuer.lists)
    if not lists and state.offline:
        raise NotAsked("no-list")
    as_of = ""
    for entry in entries:
        found = find_list(entry, issuer_id(state.document), lists, issuer.keys, state.at)
        as_of = found.valid_from.isoformat()
        if found.is_set:
            said = found.reason
            why = f": {said.reason} ({said.day})" if said else ""
            instead = f"; superseded by {said.superseded_by}" if said and said.superseded_by else ""
            cause = "superseded" if instead or why.startswith(": superseded") else "revoked"
            raise Unfit(cause, f"the certificate no longer holds, {found.purpose}{why}{instead}")
    return {"as_of": as_of}


def _period(state: State) -> dict[str, str]:
    start, stop = (state.document.get(name) for name in ("validFrom", "validUntil"))
    if start is None or stop is None:
        raise CheckFailed("the certificate does not say from when until when it holds")
    if state.at < read_time(start, "validFrom"):
        raise CheckFailed(f"the certificate holds from {start} only")
    if state.at > read_time(stop, "validUntil"):
        raise Unfit("expired", f"the certificate has expired on {stop}")
    return {"from": str(start), "until": str(stop)}


def _evidence(state: State, kind: str) -> Mapping[str, Any]:
    listed = state.document.get("evidence", [])
    found = [item for item in (listed if isinstance(listed, list) else [listed]) if item.get("type") in (kind, [kind])]
    if not found:
        raise NotAsked("no-evidence", kind=kind)
    if len(found) > 1:
        raise CheckFailed(f"found several {kind}")
    first: Mapping[str, Any] = found[0]
    return first


def _log(state: State) -> dict[str, str]:
    from pcf.store.checkpoint import open_note
    from pcf.store.merkle import leaf_hash, verify_inclusion

    found = _evidence(state, LOG)
    payload, path, index, size = found["payload"], found["path"], found["index"], found["size"]
    if not isinstance(payload, str) or not isinstance(path, list) or len(path) > 64 or type(index) is not int:
        raise InputError("log", "something else", "payload, index, size, path and head")
    head = open_note(str(found["head"]), state.known().logs)
    hashes = [bytes.fromhex(item) for item in path]
    if size != head.size or not verify_inclusion(leaf_hash(payload.encode()), index, head.size, hashes, head.root):
        raise CheckFailed("the certificate's event is not in the log that was signed")
    if state.document.get("id") not in set(_texts(json.loads(payload))):
        raise CheckFailed("the event in the log is another one's")
    state.logged = True
    return {"index": str(index), "size": str(head.size), "origin": head.origin}


def _coverage(state: State) -> dict[str, str]:
    """Whether the event has drawn the certified mass of the certified unit, of the heats that remained, or of the product's year."""
    if not state.logged:
        raise NotAsked("no-coverage")
    certificate = state.certificate() if state.is_pdf else certificate_of(state.document["credentialSubject"])
    rows = json.loads(_evidence(state, LOG)["payload"]).get("rows")
    if certificate is None or not isinstance(rows, dict):
        raise NotAsked("no-coverage")
    (recorded,) = rows["footprint_certificate"]
    mass = certificate["mass_kg"]
    logged = json.loads(recorded["details"])["document"]
    if {**logged, "log": None} != {**certificate, "log": None}:
        raise CheckFailed("the log has another certificate under that number")
    if (recorded["number"], recorded["mass_kg"]) != (certificate["number"], mass):
        raise CheckFailed(f"the log has {recorded['number']} with {recorded['mass_kg']} kg, the certificate says {mass} kg")
    drawn = {row["unit"]: Fraction(row["kg"]) for row in rows.get("certificate_draw", [])}
    unit = certificate["unit"]
    if unit is not None and drawn.get(unit["id"]) != mass:
        raise CheckFailed(f"the log has drawn {drawn.get(unit['id'], 0)} kg of {unit['id']}, the certificate is of {mass} kg")
    if unit is None:
        check_remaining(certificate, drawn)
    what = f"{recorded['product']} {recorded['site']} {recorded['year']}" if unit is None else unit["id"]
    return {"mass": f"{mass:,} kg", "what": what, "units": str(len(drawn))}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _seal(state: State) -> dict[str, str]:
    if state.bundle is None:
        raise NotAsked("no-bundle")
    try:
        state.seal = _evidence(state, SEAL)
    except NotAsked:
        raise CheckFailed("the certificate has no seal, so that the bundle is not its own") from None
    state.bundle = read(state.bundle, MOST_ATTACHED)
    if hashlib.sha256(state.bundle).hexdigest() != state.seal.get("sha256"):
        raise CheckFailed("the bundle is not the one that was sealed")
    return {"sha256": str(state.seal["sha256"])}


def _recomputed(state: State) -> dict[str, str]:
    from pcf.certificate.seal import check_seal

    if not isinstance(state.bundle, bytes) or state.seal is None:
        raise NotAsked("no-bundle")
    found = check_seal(state.bundle)
    values = {"sealed": repr(found.sealed), "brightway": repr(found.brightway), "reference": repr(found.reference)}
    if state.seal.get("value") != found.sealed:
        raise CheckFailed(f"the seal is of {found.sealed!r}, the certificate of {state.seal.get('value')!r}")
    if not found.agrees:
        raise CheckFailed(f"computed again: {found.brightway!r} (Brightway), {found.reference!r}; sealed: {found.sealed!r}")
    return values


def _printed(state: State) -> dict[str, str]:
    found = _evidence(state, SEAL)
    check_rounding(found["value"], found["printed"])
    return {"printed": str(found["printed"]), "sealed": repr(found["value"])}


QUESTIONS: Mapping[str, Callable[[State], dict[str, str]]] = {
    "signature": _signature, "intact": _intact, "issuer": _issuer, "reader": _reader, "attachments": _attachments,
    "credential": _credential, "proof": _proof, "same-issuer": _same_issuer, "digests": _digests, "content": _content, "print": _print, "status": _status,
    "period": _period, "log": _log, "coverage": _coverage, "seal": _seal, "recomputed": _recomputed, "printed": _printed,
}  # fmt: skip
