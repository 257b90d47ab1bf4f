"""Verify a certificate: every question a step, every failure a step, never an exception; `verify_steps` has the questions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pcf.certificate.pdf_signature import MOST_BYTES
from pcf.certificate.trust import Trust
from pcf.certificate.verify_steps import QUESTIONS, NotAsked, State, Unfit, read
from pcf.errors import PcfError, one_line
from pcf.text import text

if TYPE_CHECKING:
    from pcf.certificate.verify_steps import Register

STEPS = (
    "file", "signature", "intact", "issuer", "reader", "attachments", "credential", "proof", "same-issuer", "digests", "content", "print",
    "status", "period", "log", "coverage", "printed", "seal", "recomputed",
)  # fmt: skip
"""Keys of all steps, in their order; `verify.<key>` words them."""


@dataclass(frozen=True)
class Step:
    """One question: `good` is None where it was not asked; `values` say what was found, or `why` not, each in one line of visible text.

    `cause` is the name of a no that has one (`verify_steps.Unfit`).
    """

    key: str
    good: bool | None
    values: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""


def verify(
    source: Path | bytes,
    trust: Trust,
    bundle: Path | bytes | None = None,
    *,
    lists: Sequence[bytes] = (),
    at: datetime | None = None,
    offline: bool = False,
    register: Register | None = None,
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
    register : callable, optional
        An issuer's own register, which is newer than any list of it.

    Returns
    -------
    list of Step
        In the order of `STEPS`; after a failure, what rests on it was not asked.
    """
    state = State(b"", trust, bundle, tuple(lists), at or datetime.now(UTC), offline, register)
    found: list[Step] = []
    broken = ""
    for key in STEPS:
        if broken:
            found.append(_open(key, NotAsked("rests", step=broken)))
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


def _ask(key: str, state: State, source: Path | bytes) -> Step:
    try:
        if key == "file":
            state.content = read(source, MOST_BYTES)
            return Step(key, good=True, values={"sha256": hashlib.sha256(state.content).hexdigest()})
        found = QUESTIONS[key](state)
        return Step(key, good=True, values={name: one_line(value) for name, value in found.items()})
    except NotAsked as why:
        return _open(key, why)
    except PcfError as problem:
        cause = problem.cause if isinstance(problem, Unfit) else ""
        return Step(key, good=False, values={"why": one_line(str(problem))}, cause=cause)
    except Exception as problem:  # noqa: BLE001 - whatever hostile content brings up is a no, never a traceback
        return Step(key, good=False, values={"why": one_line(f"{type(problem).__name__}: {str(problem)[:200]}")})


def _open(key: str, why: NotAsked) -> Step:
    fields = {name: one_line(value) for name, value in why.fields.items()}
    return Step(key, None, {"why": text(f"verify-why.{why.key}", "en", **fields), "reason": why.key, **fields})
