"""A signed certificate with everything a reader looks at, made anew for the tests that change it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf

from pcf.certificate.agreement import claims
from pcf.certificate.credential import credential, log_evidence, seal_evidence, sign_credential
from pcf.certificate.draft import draft
from pcf.certificate.pdf_signature import sign_pdf
from pcf.certificate.render import Attachment, render
from pcf.certificate.status_list import Reason, StatusList, list_credential, status_entry
from pcf.certificate.trust import IssuerKeys, Trust, create_issuer
from pcf.store.canonical import canonical
from pcf.store.checkpoint import Checkpoint, Verifier, sign
from pcf.store.keys import Signer, create_key
from pcf.store.merkle import inclusion_proof, leaf_hash, reader, root
from tests.certificate.certificates import ID, footprint, particulars

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "https://issuer.example/status/1"
IDENTITY = f"urn:pcf:certificate:{ID}"
DAY = timedelta(days=1)
PACT = b'{"pcf":"4.625"}'


@lru_cache
def _drafted() -> bytes:
    day = (NOW + DAY).date().isoformat()
    return canonical(draft(footprint(), None, particulars(issued="2026-02-28", valid_until=day)))


def certificate(**changed: Any) -> dict[str, Any]:
    """The certificate of 4.625 tCO2e/t, which is printed 4.63, with some of it changed."""
    found: dict[str, Any] = json.loads(_drafted())
    return {**found, **changed}


def evidence(known: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence of the seal of a certificate."""
    made = known["footprint"]
    return seal_evidence(known["seal"]["sha256"], float(made["value"]), made["unit"], made["printed"])


def files_of(known: Mapping[str, Any]) -> dict[str, bytes]:
    """What is attached to a certificate beside its credential."""
    sealed = {name: value for name, value in evidence(known).items() if name != "type"}
    return {"certificate.json": canonical(known), "pact.json": PACT, "seal.json": canonical(sealed)}


@dataclass(frozen=True)
class Made:
    """An issuer and what it needs to issue."""

    keys: IssuerKeys
    log: Signer
    status: bytes
    trust: Trust
    known: dict[str, Any] = field(default_factory=certificate)

    @property
    def attachments(self) -> dict[str, bytes]:
        """All files but the credential."""
        return files_of(self.known)


def issuer(folder: Path, name: str = "issuer", did: str = "did:web:issuer.example") -> Made:
    keys = create_issuer(folder, name, "演示铝业有限公司", NOW - DAY, None, did)
    log = create_key(folder / "keys", f"{name}-log")
    public = replace(keys.public, logs=(Verifier(log.name, log.public_key),))
    keys = replace(keys, public=public)
    status = list_of(keys, StatusList.empty())
    return Made(keys, log, status, Trust((replace(public, lists=(status,)),)))


def list_of(keys: IssuerKeys, bits: StatusList, **changed: Any) -> bytes:
    arguments: dict[str, Any] = {"issuer": keys.public.did, "address": ADDRESS, "valid_from": NOW - DAY, "valid_until": NOW + DAY}
    return sign_credential(list_credential(bits, **{**arguments, **changed}), keys.credential, keys.method, NOW - DAY)


def revoked(index: int = 7) -> StatusList:
    return StatusList.empty().with_bit(index, reason=Reason(index, "wrong mass", "2026-02-28", "urn:uuid:2"))


def event(known: Mapping[str, Any], **changed: Any) -> str:
    """The event that a certificate was issued with: its row, and what it has drawn."""
    row = {
        "id": IDENTITY, "number": known["number"], "mass_kg": known["mass_kg"], "product": "p", "site": "s", "year": 2025,
        "details": json.dumps({"document": known}),
    }  # fmt: skip
    drawn = [{"unit": known["unit"]["id"], "kg": str(known["mass_kg"])}] if known["unit"] else []
    rows = {"footprint_certificate": [{**row, **changed}], "certificate_draw": drawn}
    return json.dumps({"kind": "footprint-certificate", "rows": rows})


def in_log(made: Made, payload: str) -> dict[str, Any]:
    leaves = [leaf_hash(item.encode()) for item in ("first", payload, "last")]
    read = reader(leaves)
    head = sign(Checkpoint("test log", 3, root(3, read)), made.log)
    return log_evidence(payload, 1, 3, inclusion_proof(1, 3, read), head)


def signed_credential(made: Made, seal: dict[str, Any] | None = None, **changed: Any) -> bytes:
    keys = made.keys
    arguments: dict[str, Any] = {
        "subject": claims(made.known),
        "issuer": {"id": keys.public.did, "name": keys.public.name},
        "identifier": IDENTITY,
        "valid_from": NOW - DAY,
        "valid_until": NOW + DAY,
        "status": [status_entry(ADDRESS, 7)],
        "attachments": made.attachments,
        "evidence": [
            seal or evidence(made.known),
            in_log(made, event(made.known)),
        ],
    }
    return sign_credential(credential(**{**arguments, **changed}), keys.credential, keys.method, NOW - DAY)


def pdf(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        for name, content in files.items():
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        document.save(out, static_id=True)
    return out.getvalue()


def unsigned(files: Mapping[str, bytes], language: str = "both") -> bytes:
    """The pages of the certificate that is attached."""
    attached = [Attachment(name, content) for name, content in files.items()]
    return render(json.loads(files["certificate.json"]), language, attached)


def signed_pdf(
    made: Made,
    content: bytes | None = None,
    files: Mapping[str, bytes] | None = None,
    keys: IssuerKeys | None = None,
    language: str = "both",
) -> bytes:
    """A certificate: its pages are those of the attached document."""
    held = made.attachments if files is None else files
    whole = {"credential.json": signed_credential(made) if content is None else content, **held}
    return signed(keys or made.keys, unsigned(whole, language))


def signed(keys: IssuerKeys, plain: bytes) -> bytes:
    """A file with the signature of an issuer."""
    return sign_pdf(plain, keys.pdf, keys.certificate, NOW, reason="certificate")


def on_an_empty_page(made: Made, **more: bytes) -> bytes:
    """A signed file with the attachments of a certificate and others, under any name, without its pages."""
    return signed(made.keys, pdf({"credential.json": signed_credential(made), **made.attachments, **more}))
