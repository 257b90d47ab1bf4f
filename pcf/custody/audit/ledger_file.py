"""The accounts of a period as one document: what the pack says, so that a re-computation has something to be held against."""

from __future__ import annotations

from typing import Any

from pcf.custody.accounts import MASSES, monthly
from pcf.custody.audit.figures import as_document
from pcf.custody.audit.parts_ledger import figures_of
from pcf.custody.audit.view import View
from pcf.custody.ledger import KINDS
from pcf.custody.rules import setting

SCHEMA = "pcf/audit-ledger/1"


def ledger_document(view: View) -> dict[str, Any]:
    """Accounts with sums, percentages, caps, balances and months; masses in kg."""
    found = figures_of(view)
    by_month = monthly(view.connection, view.scope, view.span.id)
    return {
        "schema": SCHEMA,
        "scope": view.scope,
        "period": view.span.id,
        "start": view.span.start,
        "end": view.span.end,
        "closed": view.span.closed,
        "overdraft_share": str(setting("overdraft-share")),
        "accounts": {name: as_document(found[name]) for name in MASSES if found[name].is_used},
        "monthly_kg": {
            account: {
                month: {kind: kinds[kind] for kind in KINDS if kinds.get(kind)}
                for month, kinds in sorted(by_month[account].items())
            }
            for account in MASSES
            if account in by_month
        },
    }
