"""The casthouse of the reference examples (F1–F7) as records, and ways to spoil a copy of its database.

MAP 2025 [t]: ASI cold metal 12,000; other ingot 8,000; post-consumer eligible 6,000; pre-consumer with CoC documents 4,000;
not eligible 5,000; internal 9,000; alloying elements 700; output 33,200; documents 18,000. MAP 2026: CoC 20,000 of 36,000 in,
output 34,000, documents 19,000.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pcf.catalogue import Catalogue
from pcf.custody import Book, record
from pcf.custody.closing import close_period
from pcf.store import open_database

SCOPE, SITE, OWN = "S", "hongfa", "ASI-1"
DIGEST = "a" * 64


def open_book(path: Path, catalogue: Catalogue) -> Book:
    return Book(open_database(f"sqlite:///{path}"), catalogue, "tester")


def add(book: Book, kind: str, /, **values: Any) -> None:
    record(book, kind, values, kind)


def lot(book: Book, name: str, tonnes: int, content: str, asi: str = "non-coc", **more: Any) -> None:
    values: dict[str, Any] = {
        "site": SITE, "date": "2025-02-03", "material": "hqalight", "mass_kg": tonnes * 1000, "ticket": f"T-{name}",
        "supplier": "smelter", "content_class": content, "asi_class": asi,
    }  # fmt: skip
    add(book, "lot", id=name, **(values | more))


def received(book: Book, reference: str, tonnes: int, material: str, party: str, **more: Any) -> None:
    values: dict[str, Any] = {
        "issuer": "ASI-2" if party == "smelter" else "ASI-3", "party": party, "date": "2025-02-02", "customer": "China Hongqiao",
        "responsible": "Li", "conformance": "ASI CoC", "file_sha256": DIGEST,
    }  # fmt: skip
    kg = tonnes * 1000
    add(book, "received", reference=reference, coc_kg=kg, total_kg=kg, material=material, **(values | more))


def tell(book: Book) -> None:
    """Everything of MAP 2025 but its close."""
    for name, title in (("hq", "China Hongqiao"), ("smelter", "Smelter"), ("scrapco", "Scrap Co"), ("canco", "制罐厂 Can Co")):
        add(book, "party", id=name, name=title, address="1 Road", own="yes" if name == "hq" else "no")
    for number, holder in ((OWN, "hq"), ("ASI-2", "smelter"), ("ASI-3", "canco")):
        add(
            book, "certificate", number=number, holder=holder, standard="asi-coc", valid_from="2024-01-01", valid_until="2027-12-31",
            checked_on="2025-01-15",
        )  # fmt: skip
    add(book, "due-diligence", id="DD-1", party="scrapco", date="2025-01-10", valid_until="2026-12-31", result="passed")
    add(book, "site", id=SITE, name="Hongfa", timezone="Asia/Shanghai", party="hq", plant="hongfa")
    add(book, "scope", id=SCOPE, name="Casthouse", sites=SITE, certificate=OWN, representative="Wang")
    for year in ("2025", "2026"):
        add(book, "period", scope=SCOPE, id=year, start=f"{year}-01-01", end=f"{year}-12-31")
    received(book, "COLD-1", 12_000, "asi-aluminium", "smelter")
    received(book, "TRIM-1", 4_000, "eligible-scrap", "canco")
    lot(book, "COLD", 12_000, "primary", "coc", document_issuer="ASI-2", document_reference="COLD-1")
    lot(book, "INGOT", 8_000, "primary")
    lot(book, "UBC", 6_000, "post-consumer", "eligible-scrap", material="scrap-ubc", supplier="scrapco", due_diligence="DD-1")
    lot(
        book, "TRIM", 4_000, "pre-consumer", "eligible-scrap", material="scrap-can-trim", supplier="canco",
        document_issuer="ASI-3", document_reference="TRIM-1",
    )  # fmt: skip
    lot(book, "OLD-TRIM", 5_000, "pre-consumer", material="scrap-can-trim", supplier="scrapco")
    lot(book, "INTERNAL", 9_000, "internal", "outside", supplier="hq")
    lot(book, "MG", 700, "alloying", material="magnesium-metal")
    charge = "COLD=12000000,INGOT=8000000,UBC=6000000,TRIM=4000000,OLD-TRIM=5000000,INTERNAL=9000000,MG=700000"
    add(
        book, "cast", heat="H1", site=SITE, date="2025-03-01", furnace="F1", product="hqalight", charge=charge, product_kg=34_000_000,
        returns_kg=6_000_000, chemistry="Mg=0.01", bundles="B1=33200000",
    )  # fmt: skip
    add(
        book,
        "shipment",
        id="SH1",
        site=SITE,
        date="2025-04-10",
        customer="canco",
        delivery_note="N1",
        form="ingot",
        items="B1=20000000",
    )
    add(
        book,
        "shipment",
        id="SH2",
        site=SITE,
        date="2025-05-10",
        customer="canco",
        delivery_note="N2",
        form="ingot",
        items="B1=13200000",
    )
    add(book, "document", shipment="SH1", date="2025-04-11", coc_kg=12_000_000, responsible="Wang")
    add(book, "document", shipment="SH2", date="2025-05-11", coc_kg=6_000_000, responsible="Wang")
    add(book, "statement", id="ST1", shipment="SH1", date="2025-04-11", attribute="post-consumer", basis="batch")
    add(book, "meter", site=SITE, time="2025-03", leg="grid", mwh="1000")
    add(
        book, "power", id="P1", site=SITE, kind="certificate", leg="grid", time="2025-03", mwh="500", technology="wind",
        registry="GEC", serials="A-001-A-500", cancelled_on="2025-04-01",
    )  # fmt: skip
    add(book, "match", id="M1", evidence="P1", product="hqalight", time="2025-03", mwh="400", mass_kg=100_000)
    for part in (2, 10, 12, 13, 15):
        add(
            book, "filing", id=f"P-{part}", scope=SCOPE, period="2025", part=part, date="2025-06-30", title="Paper", sha256=DIGEST
        )


def tell_next(book: Book) -> None:
    """MAP 2026 (F5)."""
    received(book, "COLD-2", 20_000, "asi-aluminium", "smelter", date="2026-02-02")
    lot(book, "COLD-26", 20_000, "primary", "coc", date="2026-02-03", document_issuer="ASI-2", document_reference="COLD-2")
    lot(book, "INGOT-26", 16_000, "primary", date="2026-02-03")
    add(
        book, "cast", heat="H2", site=SITE, date="2026-03-01", furnace="F1", product="hqalight", charge="COLD-26=20000000,INGOT-26=16000000",
        product_kg=34_000_000, chemistry="Mg=0.01",
    )  # fmt: skip
    add(
        book,
        "shipment",
        id="SH3",
        site=SITE,
        date="2026-04-10",
        customer="canco",
        delivery_note="N3",
        form="ingot",
        items="H2=34000000",
    )
    add(book, "document", shipment="SH3", date="2026-04-11", coc_kg=19_000_000, responsible="Wang")


def close(book: Book, period: str) -> None:
    with book.write() as work:
        close_period(work, "test", SCOPE, period)


def make(folder: Path, catalogue: Catalogue) -> dict[str, Path]:
    """Databases by how far the story has gone: `open`, `closed`, `next`."""
    found: dict[str, Path] = {}
    path = folder / "open.db"
    steps: list[tuple[str, Callable[[Book], None]]] = [
        ("open", tell), ("closed", lambda book: close(book, "2025")), ("next", tell_next)
    ]  # fmt: skip
    for name, step in steps:
        book = open_book(path, catalogue)
        step(book)
        book.database.close()
        found[name] = path
        path = Path(shutil.copy(path, folder / f"{name}-on.db"))
    return found


def spoil(book: Book, *statements: str) -> None:
    """Do what the database refuses: drop what guards it, then run SQL."""
    with book.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    raw = book.database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            cursor.execute(statement)
        raw.commit()
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        raw.close()


def count(book: Book, table: str) -> int:
    with book.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
