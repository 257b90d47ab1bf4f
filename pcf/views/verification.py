"""What a verification has found: the verdict, its limits, and `pcf/verification/1`; by the command and the public page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.refusals import refusal
from pcf.settings import LANGUAGES
from pcf.text import text

if TYPE_CHECKING:
    from pcf.certificate.verify import Step

SCHEMA = "pcf/verification/1"
RESULTS = {True: "pass", False: "fail", None: "not-asked"}
_SHOWN = {"content": ("number", "footprint", "unit"), "proof": ("method",), "status": ("as_of",)}
"""Which of a step's values tables have; of the others all."""

CAUSES = ("unreadable", "unknown-issuer", "altered", "revoked", "superseded", "expired", "bundle", "unsettled")
"""Why a file is no good certificate, the graver ones first: of several the first is said."""

_OF_STEP = {
    "file": "unreadable", "issuer": "unsettled", "status": "unsettled", "period": "unsettled", "seal": "bundle", "recomputed": "bundle",
}  # fmt: skip
"""What a no without a name means; that of any other step means that something was changed, or never was signed."""


@dataclass(frozen=True)
class Verification:
    """The steps of a verification, when and with whom as trusted they were asked.

    Parameters
    ----------
    folder : str
        Of the trusted issuers.
    issuers : int
        How many there are.
    holds : bool
        See `pcf.certificate.verify.holds`.
    """

    steps: Sequence[Step]
    at: datetime
    offline: bool
    folder: str
    issuers: int
    holds: bool

    @cached_property
    def by_key(self) -> dict[str, Step]:
        """The steps by their keys."""
        return {step.key: step for step in self.steps}

    @property
    def alone(self) -> bool:
        """Whether it is of a credential without a PDF file."""
        return self.by_key["signature"].values.get("reason") == "no-pdf"

    @property
    def outcome(self) -> str:
        """`current`, `status-open` or `no`."""
        if not self.holds:
            return "no"
        return "current" if self.by_key["status"].good else "status-open"

    @property
    def cause(self) -> str:
        """Why not, one of `CAUSES`; empty where it holds."""
        if self.holds:
            return ""
        found = {step.cause or _OF_STEP.get(step.key, "altered") for step in self.steps if step.good is False}
        return next((cause for cause in CAUSES if cause in found), "unsettled")

    def verdict(self, lang: str) -> str:
        """The verdict in one sentence; the first step that says no is why."""
        wrong = next((step for step in self.steps if step.good is False), None)
        if not self.holds:
            wrong = wrong or next(step for step in self.steps if step.good is None)
            return text("verify-verdict.no", lang, step=text(f"verify.{wrong.key}", lang), why=why(wrong, lang))
        return text(f"verify-verdict.{self.outcome}", lang)

    def limits(self, lang: str) -> list[str]:
        """What is plainly not there."""
        reprint, log = self.by_key["print"], self.by_key["log"]
        return [
            *([text("verify-verdict.demonstration", lang)] if self._content("demonstration") == "true" else []),
            *(
                [text("verify-verdict.not-reprinted", lang, why=why(reprint, lang))]
                if reprint.good is None and not self.alone
                else []
            ),
            *([text("verify-verdict.no-log", lang)] if log.values.get("reason") == "no-evidence" else []),
            text(f"verify-verdict.{'limits-alone' if self.alone else 'limits'}", lang),
        ]

    def _content(self, name: str) -> str | None:
        step = self.by_key["content"]
        return step.values[name] if step.good else None

    def heading(self, lang: str) -> str:
        """Which certificate it is of and who issued it; empty where that is not known."""
        content, signer = self.by_key["content"], self.by_key["issuer"]
        if not content.good:
            return ""
        issuer = (signer if signer.good else self.by_key["proof"]).values["name"]
        return text("verify-found.certificate", lang, **content.values, issuer=issuer)

    def document(self, path: Path) -> dict[str, Any]:
        """The verification as `pcf/verification/1`."""
        content = self.by_key["content"]
        return {
            "schema": SCHEMA,
            "file": {"name": str(path), "sha256": self.by_key["file"].values.get("sha256")},
            "at": self.at.isoformat(),
            "offline": self.offline,
            "trust": {"folder": self.folder, "issuers": self.issuers},
            "holds": self.holds,
            "outcome": self.outcome,
            "verdict": {lang: self.verdict(lang) for lang in LANGUAGES},
            "certificate": {**content.values, "demonstration": content.values["demonstration"] == "true"} if content.good else None,
            "issuer": dict(self.by_key["issuer"].values) if self.by_key["issuer"].good else None,
            "steps": [
                {
                    "step": step.key, "result": RESULTS[step.good],
                    "question": {lang: text(f"verify.{step.key}", lang) for lang in LANGUAGES},
                    "found": dict(step.values) if step.good else {},
                    "why": None if step.good else {lang: why(step, lang) for lang in LANGUAGES},
                }
                for step in self.steps
            ],
            "limits": {lang: self.limits(lang) for lang in LANGUAGES},
        }  # fmt: skip


def shown(step: Step, lang: str) -> str:
    """What a step has found, or why it has not."""
    if not step.good:
        return why(step, lang)
    return " · ".join(step.values[name] for name in _SHOWN.get(step.key, tuple(step.values)))


def why(step: Step, lang: str) -> str:
    """Why a step says no, as the program's errors say it, or why it was not asked, in the reader's language."""
    fields = dict(step.values)
    key = fields.pop("reason", "")
    if not key:
        return refusal(fields["why"], lang)
    if key == "rests":
        fields["step"] = text(f"verify.{fields['step']}", lang)
    return text(f"verify-why.{key}", lang, **fields)
