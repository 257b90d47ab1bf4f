"""Who may do what."""

from __future__ import annotations

from collections.abc import Mapping

ROLES = ("sales", "engineer", "auditor", "admin")

RIGHTS: Mapping[str, frozenset[str]] = {
    "sales": frozenset({"see", "vary", "certify"}),
    "engineer": frozenset({"see", "vary", "record", "data", "audit"}),
    "auditor": frozenset({"see", "audit"}),
    "admin": frozenset({"see", "vary", "certify", "record", "data", "audit", "people"}),
}
"""Role → rights: `see` every page that reads, `vary` (save variants), `certify` (issue, revoke), `record` (custody), `data`
(bring in a plant's workbook), `audit` (audit files, the log), `people` (accounts)."""


def may(role: str, right: str) -> bool:
    """Whether a role has a right; every role that is none has nothing."""
    return right in RIGHTS.get(role, frozenset())
