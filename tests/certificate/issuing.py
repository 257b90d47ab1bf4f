"""A small signed certificate with everything a reader looks at, made anew for the tests that change it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf

from pcf.certificate.credential import credential, log_evidence, seal_evidence, sign_credential
from pcf.certificate.pdf_signature import sign_pdf
from pcf.certificate.status_list import Reason, StatusList, list_credential, status_entry
from pcf.certificate.trust import IssuerKeys, Trust, create_issuer
from pcf.store.checkpoint import Checkpoint, Verifier, sign
from pcf.store.keys import Signer, create_key
from pcf.store.merkle import inclusion_proof, leaf_hash, reader, root

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "https://issuer.example/status/1"
IDENTITY = "urn:uuid:6f1c0c62-0000-4000-8000-000000000001"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """An issuer and what it needs to issue."""

    keys: IssuerKeys
    log: Signer
    status: bytes
    trust: Trust
    attachments: dict[str, bytes] = field(default_factory=lambda: {"pact.json": b'{"pcf":"1.23"}'})


def issuer(folder: Path, name: str = "issuer", did: str = "did:web:issuer.example") -> Made:
    keys = create_issuer(folder, name, "Demo 铝业 Ltd", NOW - DAY, None, did)
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


def in_log(made: Made, payload: str) -> dict[str, Any]:
    leaves = [leaf_hash(item.encode()) for item in ("first", payload, "last")]
    read = reader(leaves)
    head = sign(Checkpoint("test log", 3, root(3, read)), made.log)
    return log_evidence(payload, 1, 3, inclusion_proof(1, 3, read), head)


def signed_credential(made: Made, seal: dict[str, Any] | None = None, **changed: Any) -> bytes:
    keys = made.keys
    arguments: dict[str, Any] = {
        "subject": {"product": "a356.2", "footprint": "1.23"},
        "issuer": {"id": keys.public.did, "name": keys.public.name},
        "identifier": IDENTITY,
        "valid_from": NOW - DAY,
        "valid_until": NOW + DAY,
        "status": [status_entry(ADDRESS, 7)],
        "attachments": made.attachments,
        "evidence": [
            seal or seal_evidence("0" * 64, 1.2345, "tCO2e/t", "1.23"),
            in_log(made, json.dumps({"kind": "certificate", "id": IDENTITY})),
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


def signed_pdf(
    made: Made, content: bytes | None = None, files: dict[str, bytes] | None = None, keys: IssuerKeys | None = None
) -> bytes:
    held = made.attachments if files is None else files
    whole = {"credential.json": signed_credential(made) if content is None else content, **held}
    signer = keys or made.keys
    return sign_pdf(pdf(whole), signer.pdf, signer.certificate, NOW, reason="certificate")
