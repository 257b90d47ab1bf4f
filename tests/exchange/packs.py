"""Evidence packs for tests."""

from __future__ import annotations

import csv
from pathlib import Path

from pcf.custody import Book
from pcf.custody.audit import audit, read_view
from pcf.custody.audit.recompute import Line
from pcf.exchange.audit_account import FIRST, TERMS
from pcf.exchange.audit_pack import Pack, write_pack
from pcf.store.keys import Signer
from pcf.store.log import sign_head
from tests.custody.audits import SCOPE


def export(book: Book, target: Path, signer: Signer, period: str = "2025", *, lang: str = "en", force: bool = False) -> Path:
    head = sign_head(book.database, signer)
    with book.read() as connection:
        view = read_view(connection, SCOPE, period)
        write_pack(target, Pack(view, audit(view), head, signer, lang), force=force)
    return target


def wrong(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not line.good]


def term(name: str, column: str = "D") -> str:
    return f"{column}{FIRST + TERMS.index(name)}"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
