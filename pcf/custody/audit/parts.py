"""The fifteen parts of the evidence pack as plain tables of rows, each a function of the same view of the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from pcf.catalogue import Catalogue
from pcf.custody.audit import parts_ledger as ledger
from pcf.custody.audit import parts_metal as metal
from pcf.custody.audit import parts_papers as papers
from pcf.custody.audit.contents import charge_table
from pcf.custody.audit.footprints import footprint_table
from pcf.custody.audit.table import Table
from pcf.custody.audit.view import View, read_view

Make = Callable[[View], Table]

SUPPLEMENTARY = 11
"""Number of the part with footprints and recycled contents."""


@dataclass(frozen=True)
class Part:
    """A part of the evidence pack: its number and its tables."""

    number: int
    tables: tuple[Table, ...]


def _papers(number: int) -> Make:
    return lambda view: papers.filings(view, number)


MAKERS: Mapping[int, Sequence[Make]] = {
    1: (papers.scope_sites, papers.own_certificates, papers.contractors, papers.changes),
    2: (papers.representative, _papers(2)),
    3: (papers.suppliers, papers.supplier_certificates, papers.due_diligence),
    4: (metal.inbound_documents, metal.lots),
    5: (ledger.accounts, ledger.monthly, ledger.postings),
    6: (metal.balance, metal.stock, metal.losses),
    7: (metal.heats, charge_table, metal.bundles, metal.steps),
    8: (ledger.outbound_documents, ledger.shipments, metal.shipped, ledger.numbering, ledger.voids),
    9: (ledger.balances, papers.force_majeure),
    10: (ledger.annual_report, _papers(10)),
    11: (ledger.supplementary, ledger.power, _papers(11)),
    12: (ledger.claims, _papers(12)),
    13: (papers.retention, _papers(13)),
    14: (papers.contractor_movements, papers.contractor_balances, _papers(14)),
    15: (_papers(15),),
}
"""Number of a part → what makes its tables."""


def make_parts(view: View) -> list[Part]:
    """Every part of the pack, in order."""
    return [Part(number, tuple(_named(number, (make(view) for make in makers)))) for number, makers in MAKERS.items()]


def with_footprints(parts: Iterable[Part], view: View, catalogue: Catalogue, advance: Callable[[int], None]) -> list[Part]:
    """The parts with the footprint of every heat among the supplementary data (part 11)."""
    (table,) = _named(SUPPLEMENTARY, [footprint_table(view, catalogue, advance=advance)])
    return [replace(part, tables=(*part.tables, table)) if part.number == SUPPLEMENTARY else part for part in parts]


def read_parts(connection: Connection, scope: str, period: str) -> list[Part]:
    """Every part of the pack of a scope and period.

    Raises
    ------
    InputError
        For a scope or a period that is not recorded.
    """
    return make_parts(read_view(connection, scope, period))


def _named(number: int, tables: Iterable[Table]) -> Iterable[Table]:
    return (Table(f"{number:02d}-{table.name}", table.columns, table.rows) for table in tables)
