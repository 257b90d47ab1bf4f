"""Verify a certificate: every question a step, every failure a step, never an exception.

Nothing of a PDF file is interpreted before its signature is known to be right and by somebody who is trusted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from pcf.certificate import pdf_signature
from pcf.certificate.attachments import MOST_ATTACHED, read_attachments
from pcf.certificate.credential import LOG, SEAL, digest_sri, issuer_id, resource_id
from pcf.certificate.proof import check_proof
from pcf.certificate.status_list import find_list
from pcf.certificate.strict_json import read_canonical
from pcf.certificate.trust import Issuer, Trust
from pcf.certificate.vcdm import check_credential, read_time
from pcf.errors import CheckFailed, InputError, PcfError

CREDENTIAL = "credential.json"
"""Name of the attachment that is the signed credential."""

STEPS = (
    "file", "signature", "intact", "issuer", "reader", "attachments", "credential", "proof", "same-issuer", "digests", "status", "period",
    "log", "printed", "seal", "recomputed",
)  # fmt: skip
"""Keys of all steps, in their order; `verify.<key>` words them."""


@dataclass(frozen=True)
class Step:
    """One question: `good` is None where it was not asked; `values` go into its wording."""

    key: str
    good: bool | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _State:
    """What earlier steps have found."""

    content: bytes
    trust: Trust
    bundle: Path | bytes | None
    lists: tuple[bytes, ...]
    at: datetime
    offline: bool
    signed: Any = None
    issuer: Issuer | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    seal: Mapping[str, Any] | None = None

    @property
    def is_pdf(self) -> bool:
        return self.content.startswith(b"%PDF-")

    def known(self) -> Issuer:
        if self.issuer is None:
            raise CheckFailed("the issuer is unknown: no trusted issuer has signed it")
        return self.issuer


class _NotAsked(Exception):
    """A step has no question here."""


def verify(
    source: Path | bytes,
    trust: Trust,
    bundle: Path | bytes | None = None,
    *,
    lists: Sequence[bytes] = (),
    at: datetime | None = None,
    offline: bool = False,
) -> list[Step]:
    """Verify a PDF certificate, or a credential alone.

    Parameters
    ----------
    source : Path or bytes
    trust : Trust
        Whose signatures count.
    bundle : Path or bytes, optional
        The sealed calculation, to compute it again.
    lists : sequence of bytes
        Status lists that the caller has fetched; those of the trust folder are looked into too. Nothing is fetched here.
    at : datetime, optional
        For when; now.
    offline : bool
        Whether a status that nobody can look up is left open instead of a failure.

    Returns
    -------
    list of Step
        In the order of `STEPS`; after a failure, what rests on it was not asked.
    """
    state = _State(b"", trust, bundle, tuple(lists), at or datetime.now(UTC), offline)
    found: list[Step] = []
    broken = ""
    for key in STEPS:
        if broken:
            found.append(Step(key, None, {"why": f"rests on {broken}"}))
            continue
        step = _ask(key, state, source)
        found.append(step)
        if step.good is False and key in _NEEDED:
            broken = key
    return found


def holds(steps: Sequence[Step]) -> bool:
    """Whether a certificate is good: no step says no, and the credential and its proof were asked about."""
    asked = {step.key for step in steps if step.good}
    return all(step.good is not False for step in steps) and {"credential", "proof", "period"} <= asked


_NEEDED = ("file", "signature", "intact", "issuer", "reader", "attachments", "credential", "proof", "same-issuer", "seal")
"""Steps without which the next ones make no sense."""


def _ask(key: str, state: _State, source: Path | bytes) -> Step:
    try:
        if key == "file":
            state.content = _read(source, pdf_signature.MOST_BYTES)
            return Step(key, good=True, values={"sha256": hashlib.sha256(state.content).hexdigest()})
        return Step(key, good=True, values=_QUESTIONS[key](state))
    except _NotAsked as why:
        return Step(key, None, {"why": str(why)})
    except PcfError as problem:
        return Step(key, good=False, values={"why": str(problem)})
    except Exception as problem:  # noqa: BLE001 - whatever hostile content brings up is a no, never a traceback
        return Step(key, good=False, values={"why": f"{type(problem).__name__}: {str(problem)[:200]}"})


def _read(source: Path | bytes, most: int) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        try:
            if not source.is_file():
                raise CheckFailed(f"{source}: no such file")
            with source.open("rb") as stream:
                content = stream.read(most + 1)
        except OSError as problem:
            raise CheckFailed(f"{source}: {problem.strerror}") from None
    if len(content) > most:
        raise CheckFailed(f"found {len(content):,} bytes or more; expected at most {most:,}")
    return content


def _pdf_only(state: _State) -> None:
    if not state.is_pdf:
        if state.content.lstrip()[:1] != b"{":
            raise CheckFailed("found neither a PDF file nor a credential in JSON")
        raise _NotAsked("a credential without a PDF file")


def _signature(state: _State) -> dict[str, str]:
    _pdf_only(state)
    state.signed = pdf_signature.find_signature(state.content)
    return {}


def _intact(state: _State) -> dict[str, str]:
    _pdf_only(state)
    pdf_signature.check_intact(state.signed)
    return {}


def _issuer(state: _State) -> dict[str, str]:
    _pdf_only(state)
    pdf_signature.check_trusted(state.signed, state.trust.certificates, state.at)
    state.issuer = state.trust.of_certificate(state.signed.certificate)
    return {"name": state.known().name, "did": state.known().did}


def _reader(state: _State) -> dict[str, str]:
    _pdf_only(state)
    pdf_signature.check_again(state.content, state.signed, state.trust.certificates, state.at)
    return {}


def _attachments(state: _State) -> dict[str, str]:
    _pdf_only(state)
    state.files = read_attachments(state.content)
    if CREDENTIAL not in state.files:
        raise CheckFailed(f"found no attachment {CREDENTIAL}")
    return {"names": ", ".join(sorted(state.files))}


def _credential(state: _State) -> dict[str, str]:
    state.document = read_canonical(state.files[CREDENTIAL] if state.is_pdf else state.content, "credential")
    check_credential(state.document)
    return {"id": str(state.document.get("id", ""))}


def _proof(state: _State) -> dict[str, str]:
    did = issuer_id(state.document)
    found = state.trust.of_did(did)
    if found is None:
        raise CheckFailed(f"the issuer is unknown: {did[:200]} is no trusted issuer")
    method = check_proof(state.document, found.keys)
    if state.issuer is None:
        state.issuer = found
    return {"method": method, "name": found.name}


def _same_issuer(state: _State) -> dict[str, str]:
    _pdf_only(state)
    if state.known().did != issuer_id(state.document):
        raise CheckFailed(f"the PDF file is signed by {state.known().did}, the credential by {issuer_id(state.document)}")
    return {"did": state.known().did}


def _digests(state: _State) -> dict[str, str]:
    listed = state.document.get("relatedResource", [])
    expected = {item["id"]: item.get("digestSRI") for item in (listed if isinstance(listed, list) else [listed])}
    if not state.is_pdf:
        raise _NotAsked("a credential without its files")
    identity = str(state.document.get("id", ""))
    found = {resource_id(identity, name): digest_sri(content) for name, content in state.files.items() if name != CREDENTIAL}
    for address in sorted({*expected, *found}):
        if expected.get(address) != found.get(address):
            why = (
                "is missing" if address not in found else "is not in the credential" if address not in expected else "was changed"
            )
            raise CheckFailed(f"the attachment {address.rpartition('#')[2][:100]} {why}")
    return {"count": str(len(found))}


def _status(state: _State) -> dict[str, str]:
    entries = state.document.get("credentialStatus", [])
    entries = entries if isinstance(entries, list) else [entries]
    if not entries:
        raise CheckFailed("the certificate does not say where its status is published")
    issuer = state.known()
    lists = (*state.lists, *issuer.lists)
    if not lists and state.offline:
        raise _NotAsked("no status list at hand")
    as_of = ""
    for entry in entries:
        found = find_list(entry, issuer_id(state.document), lists, issuer.keys, state.at)
        as_of = found.valid_from.isoformat()
        if found.is_set:
            said = found.reason
            why = f": {said.reason} ({said.day})" if said else ""
            instead = f"; superseded by {said.superseded_by}" if said and said.superseded_by else ""
            raise CheckFailed(f"the certificate no longer holds, {found.purpose}{why}{instead}")
    return {"as_of": as_of}


def _period(state: _State) -> dict[str, str]:
    start, stop = (state.document.get(name) for name in ("validFrom", "validUntil"))
    if start is None or stop is None:
        raise CheckFailed("the certificate does not say from when until when it holds")
    if state.at < read_time(start, "validFrom"):
        raise CheckFailed(f"the certificate holds from {start} only")
    if state.at > read_time(stop, "validUntil"):
        raise CheckFailed(f"the certificate has expired on {stop}")
    return {"from": str(start), "until": str(stop)}


def _evidence(state: _State, kind: str) -> Mapping[str, Any]:
    listed = state.document.get("evidence", [])
    found = [item for item in (listed if isinstance(listed, list) else [listed]) if item.get("type") in (kind, [kind])]
    if not found:
        raise _NotAsked(f"the certificate has no {kind}")
    if len(found) > 1:
        raise CheckFailed(f"found several {kind}")
    first: Mapping[str, Any] = found[0]
    return first


def _log(state: _State) -> dict[str, str]:
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
    return {"index": str(index), "size": str(head.size), "origin": head.origin}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _seal(state: _State) -> dict[str, str]:
    if state.bundle is None:
        raise _NotAsked("no bundle was given")
    try:
        state.seal = _evidence(state, SEAL)
    except _NotAsked:
        raise CheckFailed("the certificate has no seal, so that the bundle is not its own") from None
    state.bundle = _read(state.bundle, MOST_ATTACHED)
    if hashlib.sha256(state.bundle).hexdigest() != state.seal.get("sha256"):
        raise CheckFailed("the bundle is not the one that was sealed")
    return {"sha256": str(state.seal["sha256"])}


def _recomputed(state: _State) -> dict[str, str]:
    from pcf.certificate.seal import check_seal

    if not isinstance(state.bundle, bytes) or state.seal is None:
        raise _NotAsked("no bundle was given")
    found = check_seal(state.bundle)
    values = {"sealed": repr(found.sealed), "brightway": repr(found.brightway), "reference": repr(found.reference)}
    if state.seal.get("value") != found.sealed:
        raise CheckFailed(f"the seal is of {found.sealed!r}, the certificate of {state.seal.get('value')!r}")
    if not found.agrees:
        raise CheckFailed(f"computed again: {found.brightway!r} (Brightway), {found.reference!r}; sealed: {found.sealed!r}")
    return values


def _printed(state: _State) -> dict[str, str]:
    found = _evidence(state, SEAL)
    printed = Decimal(str(found["printed"]))
    if not printed.is_finite() or Decimal(repr(float(found["value"]))).quantize(printed, ROUND_HALF_EVEN) != printed:
        raise CheckFailed(f"the print says {found['printed']!s}, the seal {found['value']!r}")
    return {"printed": str(found["printed"]), "sealed": repr(found["value"])}


_QUESTIONS: Mapping[str, Callable[[_State], dict[str, str]]] = {
    "signature": _signature, "intact": _intact, "issuer": _issuer, "reader": _reader, "attachments": _attachments,
    "credential": _credential, "proof": _proof, "same-issuer": _same_issuer, "digests": _digests, "status": _status,
    "period": _period, "log": _log, "seal": _seal, "recomputed": _recomputed, "printed": _printed,
}  # fmt: skip
