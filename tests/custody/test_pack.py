"""The evidence pack is the same on either database: whole, and computed again without a difference."""

from __future__ import annotations

from pathlib import Path

from pcf.custody import Book
from pcf.custody.audit import audit, read_view
from pcf.custody.audit.recompute import recompute
from pcf.exchange.audit_pack import Pack, write_pack
from pcf.store.keys import ensure_key
from pcf.store.log import sign_head
from tests.custody.books import (
    cast,
    close,
    coc_metal,
    document,
    enter,
    enter_all,
    received,
    shipment,
    shipped_catalogue,
    statement,
    trim,
    ubc,
    void,
)

ALUMINIUM = "asi-aluminium"


def tell(book: Book) -> None:
    enter_all(book, [
        ("site-amendment", {"id": "works", "date": "2025-01-02", "reason": "plant", "plant": "hongfa"}),
        ("received", received("D1", 300)), ("received", received("D2", 500, material=ALUMINIUM)),
        ("lot", ubc("U", 1_000)), ("lot", trim("T", 300, "D1")), ("lot", coc_metal("C", 500, "D2")),
        ("lot", ubc("TOLLED", 100, tolled_for="buyer")),
        ("cast", cast("H", {"U": 900, "T": 300, "C": 500, "TOLLED": 100}, 1_600, returns_kg=50)),
        ("cast", cast("H2", {"H-R": 50, "U": 100}, 130)),
        ("shipment", shipment("A", {"H": 900})), ("shipment", shipment("B", {"H2": 100}, form="scrap")),
        ("document", document("A", 400)), ("statement", statement("ST", "A")),
    ])  # fmt: skip
    close(book, "2025")
    enter(book, "void", void("document", "out/ASI-OWN/ASI-OWN-2025-00001", date="2026-02-01"))


def test_a_pack_computes_again_on_either_database(book: Book, tmp_path: Path) -> None:
    tell(book)
    signer = ensure_key(tmp_path / "keys", "log")
    head = sign_head(book.database, signer)
    for period in ("2025", "2026"):
        with book.read() as connection:
            view = read_view(connection, "S", period)
            write_pack(tmp_path / f"{period}.zip", Pack(view, audit(view), head, signer, "zh", shipped_catalogue()))
        lines = recompute(tmp_path / f"{period}.zip")
        assert [line for line in lines if not line.good] == []
        assert {"contents", "footprints", "proofs"} <= {line.key for line in lines}
