"""The audit room: what an auditor asks for as tables, what an auditor would find, and the same figures told from raw records."""

from pcf.custody.audit.findings import Audit, audit
from pcf.custody.audit.parts import Part, make_parts, read_parts
from pcf.custody.audit.table import Table
from pcf.custody.audit.view import View, read_view

__all__ = ["Audit", "Part", "Table", "View", "audit", "make_parts", "read_parts", "read_view"]
