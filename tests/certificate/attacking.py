"""What the tests of attacks share: a folder of trusted issuers, a call that has to say no, and the issuer's key in wrong hands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcf.certificate import pdf_signature
from pcf.certificate.trust import IssuerKeys, write_issuer
from tests.certificate.issuing import Made
from tests.conftest import Run

MOMENT = "2026-03-01T12:00:00Z"
"""`issuing.NOW`, as the command takes it."""


@dataclass(frozen=True)
class Desk:
    """Where somebody verifies: a trust folder with its status lists, and the command."""

    folder: Path
    call: Callable[..., Run]

    def trusted(self, made: Made, *lists: bytes) -> None:
        """Trust an issuer, with these status lists of its own."""
        place = self.folder / "trust" / made.keys.public.did.replace(":", "-")
        write_issuer(place, made.keys.public)
        (place / "status").mkdir(exist_ok=True)
        for old in (place / "status").iterdir():
            old.unlink()
        for number, content in enumerate(lists):
            (place / "status" / f"{number}.json").write_bytes(content)

    def verify(self, content: bytes | Path, *options: str, at: str = MOMENT) -> tuple[int, dict[str, Any], Run]:
        """Verify a file; gives the exit code, the document and what was printed."""
        path = content if isinstance(content, Path) else self.folder / "asked.pdf"
        if isinstance(content, bytes):
            path.write_bytes(content)
        run = self.call("certificate", "verify", str(path), "--trust", str(self.folder / "trust"), "--at", at, "--json", *options)
        assert "Traceback" not in run.err and "a defect of the program" not in run.err
        return run.code, json.loads(run.out) if run.out else {}, run

    def refused(self, content: bytes | Path, *options: str, at: str = MOMENT) -> tuple[str, str]:
        """Verify a file that is none of the issuer's; gives the first step that says no, and why."""
        code, found, run = self.verify(content, *options, at=at)
        assert (code, found["holds"], found["outcome"]) == (1, False, "no")
        step = next(step for step in found["steps"] if step["result"] == "fail")
        assert len(run.err.splitlines()) == 1 and run.err.startswith("pcf: NOT valid, because: ")
        return step["step"], step["why"]["en"]

    def file(self, name: str, content: bytes) -> Path:
        """A file of the desk."""
        path = self.folder / name
        path.write_bytes(content)
        return path


def changed(content: bytes, place: int, mask: int = 1) -> bytes:
    """A file with bits of one byte turned."""
    found = bytearray(content)
    found[place] ^= mask
    return bytes(found)


def gap(content: bytes) -> tuple[int, int]:
    """Start and end of the signature of a file."""
    return pdf_signature._candidates(content)[0]


def resigned(keys: IssuerKeys, content: bytes) -> bytes:
    """A changed file of the same length, with a signature that is right: what a thief of the key could make."""
    start, stop = gap(content)
    digest = hashlib.sha256(content[:start] + content[stop:]).digest()
    signature = keys.pdf.sign(pdf_signature._signed_attributes(keys.certificate, digest))
    made = pdf_signature.make_cms(keys.certificate, digest, signature).hex().upper().encode()
    return content[: start + 1] + made.ljust(stop - start - 2, b"0") + content[stop - 1 :]
