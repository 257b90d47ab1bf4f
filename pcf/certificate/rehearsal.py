"""A certificate as it would be: everything is checked that an issue checks, and nothing stays."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from pcf.certificate.cover import Stale
from pcf.certificate.gather import Case
from pcf.certificate.issue import TRIES, Office, Order, make_document, prepare
from pcf.certificate.pages import PREVIEW
from pcf.certificate.register import Entry, Made, record_certificate
from pcf.errors import EnvironmentProblem

_NOBODY = "0" * 32
"""Public id of what is no certificate."""


class _Rehearsed(Exception):
    """Every check is passed: the writing is given up."""

    def __init__(self, before: Entry | None) -> None:
        self.before = before


def rehearse(office: Office, order: Order, today: date) -> tuple[Case, dict[str, Any]]:
    """Compute an order and its certificate, hold it against the register as an issue would, and record nothing.

    Returns
    -------
    (Case, dict)
        The case, and its document under a number that is none.

    Raises
    ------
    CheckFailed, InputError, DataError
        As `pcf.certificate.issue.issue`.
    """
    for _ in range(TRIES):
        case, document = prepare(office, order, today)
        try:
            before = _checked(office, order, case, today)
        except Stale:
            continue
        if before is None:
            return case, document
        version = int(before.document["version"]) + 1
        return case, make_document(office, order, case, today, PREVIEW, _NOBODY, version, before.id)
    raise EnvironmentProblem(f"the book was written to {TRIES} times while the footprint was computed; repeat when it is quieter")


def _checked(office: Office, order: Order, case: Case, today: date) -> Entry | None:
    """Pass the checks of a recording; gives the certificate that would be replaced."""

    def give_up(_: str, __: str, before: Entry | None) -> Made:
        raise _Rehearsed(before)

    try:
        record_certificate(office.book, case, give_up, today, secrets.token_hex(16), order.digest(), order.replaces, order.reason)
    except _Rehearsed as rehearsed:
        return rehearsed.before
    raise AssertionError("a rehearsal was recorded")
