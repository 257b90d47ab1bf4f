"""What an audit finds: nothing in a clean period, and each finding where its cause is; the figures are those of F1–F7."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import select

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.audit import audit, make_parts, read_parts, read_view
from pcf.custody.audit.figures import long_per_cent
from pcf.custody.audit.findings import Audit
from pcf.custody.audit.raw import calc_bookings, sum_bookings
from pcf.custody.audit.table import Table
from pcf.custody.audit.traces import draw
from pcf.errors import InputError
from pcf.store.schema import event
from pcf.text import texts
from tests.custody import audits
from tests.custody.audits import DIGEST, SCOPE, add, lot, received, spoil

Spoil = Callable[[Book], None]

LAST = "(SELECT max(seq) FROM event)"


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[str, Path]:
    return audits.make(tmp_path_factory.mktemp("stories"), catalogue)


@pytest.fixture
def book(stories: dict[str, Path], tmp_path: Path, catalogue: Catalogue) -> Iterator[Callable[[str], Book]]:
    """A copy of a story's database."""
    opened: list[Book] = []

    def copy(name: str) -> Book:
        found = audits.open_book(Path(shutil.copy(stories[name], tmp_path / f"{name}.db")), catalogue)
        opened.append(found)
        return found

    yield copy
    for item in opened:
        item.database.close()


def look(book: Book, period: str = "2025", sample: int = 5, seed: int = 1) -> Audit:
    with book.read() as connection:
        return audit(read_view(connection, SCOPE, period), sample, seed, catalogue=book.catalogue)


def sql(*statements: str) -> Spoil:
    return lambda book: spoil(book, *statements)


def entry(kind: str, /, **values: object) -> Spoil:
    return lambda book: add(book, kind, **values)


def posting(kind: str, amount: int, account: str = "asi-aluminium", period: str = "2025") -> Spoil:
    """A line that nobody should have been able to write; its running sum goes on from the last one."""
    return sql(
        "INSERT INTO posting (event_seq, line, scope, account, period, kind, month, amount, running, ref) "
        f"SELECT {LAST}, 90, 'S', '{account}', '{period}', '{kind}', '{period}-12', {amount}, {amount} + coalesce("
        f"(SELECT sum(amount) FROM posting WHERE account='{account}' AND period='{period}' AND kind='{kind}'), 0), 'X'"
    )


def both(*steps: Spoil) -> Spoil:
    def run(book: Book) -> None:
        for step in steps:
            step(book)

    return run


OUT1 = "direction='out' AND unit='SH1'"
IN_COLD = "direction='in' AND reference='COLD-1'"
NO_PAPER = "UPDATE lot SET document_issuer=NULL, document_reference=NULL WHERE unit="

# Finding → severity, rule, story, period, how the situation comes about. What the program itself refuses is done in SQL, the
# database's triggers dropped.
SITUATIONS: dict[str, tuple[str, str, str, str, Spoil]] = {
    "class-impossible": ("major", "R25", "open", "2025", sql("UPDATE lot SET content_class='primary' WHERE unit='UBC'")),
    "class-doubtful": ("observation", "R25", "open", "2025", sql("UPDATE lot SET content_class='pre-consumer' WHERE unit='UBC'")),
    "duplicate-document": ("major", "R01", "open", "2025", lambda book: received(book, "cold 1", 1, "asi-aluminium", "smelter")),
    "duplicate-ticket": ("minor", "R01", "open", "2025", lambda book: lot(book, "AGAIN", 1, "primary", ticket="t.ingot")),
    "certificate-in": ("major", "R02", "open", "2025", sql("UPDATE certificate SET valid_until='2025-01-31' WHERE number='ASI-2'")),
    "certificate-unchecked": ("minor", "R02", "open", "2025", sql("UPDATE certificate SET details='{}' WHERE number='ASI-2'")),
    "certificate-checked-late": (
        "observation", "R02", "open", "2025", sql("""UPDATE certificate SET details='{"checked_on":"2025-03-01"}' WHERE number='ASI-2'""")
    ),
    "certificate-out": ("major", "R02", "open", "2025", sql("UPDATE certificate SET valid_until='2025-03-01' WHERE number='ASI-1'")),
    "certificate-foreign": ("major", "R02", "open", "2025", sql("UPDATE scope SET certificate='ASI-2'")),
    "scope-uncertified": ("minor", "R02", "open", "2025", sql("UPDATE scope SET certificate=NULL")),
    "scope-certificate": ("observation", "R02", "open", "2025", sql("UPDATE certificate SET valid_until='2025-11-30' WHERE number='ASI-1'")),
    "document-fields": ("minor", "R03", "open", "2025", sql(f"UPDATE document SET details='{{}}' WHERE {OUT1}")),
    "content-without-method": (
        "minor", "R18", "open", "2025", sql(f"""UPDATE document SET details='{{"recycled_content":"30 %"}}' WHERE {IN_COLD}""")
    ),
    "footprint-alone": ("minor", "R19", "open", "2025", sql(f"""UPDATE document SET details='{{"footprint":"4.0"}}' WHERE {OUT1}""")),
    "numbering-gap": (
        "minor", "R03", "open", "2025",
        entry("document", shipment="SH2", date="2025-06-01", coc_kg=1000, responsible="Wang", reference="ASI-1-2025-00009"),
    ),
    "document-material": ("major", "R06", "open", "2025", sql(f"UPDATE document SET account='asi-alumina' WHERE {IN_COLD}")),
    "document-unknown": ("major", "R06", "open", "2025", sql("UPDATE lot SET document_reference='nowhere' WHERE unit='COLD'")),
    "pre-without-document": ("major", "R06", "open", "2025", sql(f"{NO_PAPER}'TRIM'")),
    "coc-without-document": ("major", "R06", "open", "2025", sql(f"{NO_PAPER}'COLD'")),
    "without-diligence": ("major", "R07", "open", "2025", sql("UPDATE due_diligence SET result='failed'")),
    "document-overspent": ("major", "R04", "open", "2025", sql(f"UPDATE document SET coc_kg=11999999 WHERE {IN_COLD}")),
    "yield-high": ("major", "R22", "open", "2025", sql("UPDATE heat SET charge_kg=39000000")),
    "yield-low": ("minor", "R22", "open", "2025", sql("UPDATE heat SET charge_kg=60000000")),
    "no-analysis": ("observation", "", "open", "2025", sql("UPDATE heat SET details='{}'")),
    "overused": ("major", "R22", "open", "2025", sql("UPDATE consumption SET mass_kg=12000001 WHERE parent='COLD'")),
    "charge-list": ("major", "R15", "open", "2025", sql("UPDATE consumption SET mass_kg=11999999 WHERE parent='COLD'")),
    "shipment-items": ("major", "R15", "open", "2025", sql("UPDATE consumption SET mass_kg=13199999 WHERE child='SH2'")),
    "stock-gap": ("major", "R22", "open", "2025", sql("INSERT INTO consumption VALUES (0, 'INGOT', 9, 'UBC', 5, 'charge')")),
    "document-without-shipment": ("major", "R04", "open", "2025", sql(f"UPDATE document SET unit=NULL WHERE {OUT1}")),
    "document-on-void": ("major", "R04", "open", "2025", sql("INSERT INTO void VALUES (0, 'shipment', 'SH1', 0, '2025-06-01', 'lost', '{}')")),
    "document-total": ("major", "R04", "open", "2025", sql(f"UPDATE document SET total_kg=20000001 WHERE {OUT1}")),
    "documents-over-shipment": (
        "major", "R04", "open", "2025", sql(f"UPDATE document SET coc_kg=20000001, total_kg=20000001 WHERE {OUT1}")
    ),
    "contractor-over": (
        "major", "R17", "open", "2025", entry("contractor", id="K1", party="canco", direction="returned", date="2025-03-01", mass_kg=7)
    ),
    "contractor-open": (
        "minor", "R17", "open", "2025", entry("contractor", id="K1", party="canco", direction="sent", date="2025-03-01", mass_kg=7)
    ),
    "power-over-meter": ("major", "R22", "open", "2025", sql("UPDATE meter SET wh=399999999")),
    "power-over-evidence": ("major", "R22", "open", "2025", sql("UPDATE power_evidence SET wh=399999999")),
    "power-time": ("major", "R22", "open", "2025", sql("UPDATE power_match SET time='2025-04'")),
    "power-ledger": ("major", "R22", "open", "2025", sql("UPDATE power_match SET wh=399999999")),
    "raw-ledger": ("major", "R10", "open", "2025", sql("UPDATE lot SET coc_kg=11999999 WHERE unit='COLD'")),
    "running": ("major", "R26", "open", "2025", sql("UPDATE posting SET amount=amount+1 WHERE kind='coc-in' AND ref='COLD'")),
    "internal-input": ("major", "R05", "open", "2025", sql("UPDATE lot SET content_class='internal' WHERE unit='INGOT'")),
    "period-open": ("observation", "R08", "open", "2025", lambda book: None),
    "posted-after-close": (
        "major", "R26", "closed", "2025", both(entry("party", id="late", name="Late"), posting("out", 5))
    ),
    "recorded-after-close": (
        "major", "R26", "closed", "2025",
        both(
            entry("party", id="late", name="Late"),
            sql(f"INSERT INTO unit VALUES ({LAST}, 'LATE', 'lot', 'hongfa', '2025-12-30', 5, 'hqalight')"),
        ),
    ),
    "received-after-close": ("minor", "R26", "closed", "2025", lambda book: received(book, "LATE", 1, "asi-aluminium", "smelter")),
    "filed-after-close": (
        "observation", "R26", "closed", "2025",
        entry("filing", id="LATE", scope=SCOPE, period="2025", part=15, date="2026-02-01", title="Audit report", sha256=DIGEST),
    ),
    "negative-days": ("minor", "R10", "open", "2025", sql("UPDATE unit SET date='2025-11-30' WHERE id IN ('COLD', 'UBC', 'TRIM')")),
    "overdraft-unpaid": ("major", "R12", "open", "2025", posting("overdraft-in", 20_868_572)),
    "claims-over": ("major", "R22", "open", "2025", posting("issued", 30_000_000, "post-consumer")),
    "overdraft-without-file": ("major", "R11", "open", "2025", posting("issued", 2_868_572)),
    "overdraft-over-limit": (
        "major", "R11", "open", "2025",
        both(
            entry("force-majeure", id="F", scope=SCOPE, period="2025", account="asi-aluminium", date="2025-06-01", event="flood", evidence="report"),
            posting("issued", 2_868_571 + 4_400_001),
        ),
    ),
    "overdraft": (
        "observation", "R11", "open", "2025",
        both(
            entry("force-majeure", id="F", scope=SCOPE, period="2025", account="asi-aluminium", date="2025-06-01", event="flood", evidence="report"),
            entry("document", shipment="SH2", date="2025-06-02", coc_kg=3_500_000, responsible="Wang", force_majeure="F"),
        ),
    ),
    "nearly-spent": ("observation", "R10", "open", "2025", entry("document", shipment="SH2", date="2025-06-02", coc_kg=2_000_000, responsible="W")),
    "not-expired": ("major", "R13", "closed", "2025", posting("expired", 5)),
    "carried-wrong": ("major", "R13", "closed", "2025", sql("UPDATE posting SET amount=amount+1 WHERE kind='carried-in' AND account='asi-aluminium'")),
    "period-long": ("major", "R08", "open", "2025", sql("UPDATE period SET start='2024-12-30' WHERE id='2025'")),
    "period-gap": ("major", "R08", "open", "2025", sql("UPDATE period SET start='2026-01-02' WHERE id='2026'")),
    "log-gap": ("major", "R26", "open", "2025", sql("UPDATE event SET seq=999 WHERE seq=1")),
    "log-unreadable": ("major", "R26", "open", "2025", sql("UPDATE event SET payload='no' WHERE seq=1")),
    "log-rewritten": ("major", "R26", "open", "2025", sql("UPDATE event SET actor='somebody' WHERE seq=1")),
    "log-backwards": ("major", "R26", "open", "2025", sql("UPDATE event SET time=1 WHERE seq=5")),
    "log-missing": ("major", "R26", "open", "2025", sql("DELETE FROM filing WHERE id='P-2'")),
    "log-changed": ("major", "R26", "open", "2025", sql("UPDATE party SET name='Another' WHERE id='canco'")),
    "log-unlogged": ("major", "R26", "open", "2025", sql("INSERT INTO party VALUES (0, 'ghost', 'Ghost', '{}')")),
    "log-truncated": ("major", "R26", "open", "2025", sql("INSERT INTO log_head VALUES (999, x'00', 'note')")),
    "log-forked": ("major", "R26", "open", "2025", sql("INSERT INTO log_head VALUES (3, x'00', 'note')")),
    "log-head": ("major", "R26", "open", "2025", sql("INSERT INTO log_head VALUES (3, x'00', 'note')")),
    **{
        f"filing-{part}": ("minor", "R16" if part == 13 else "", "open", "2025", sql(f"DELETE FROM filing WHERE part={part}"))
        for part in (2, 10, 12, 13, 15)
    },
    "paper-without-digest": ("observation", "R16", "open", "2025", lambda book: received(book, "BARE", 1, "asi-aluminium", "smelter", file_sha256="")),
    "filing-without-digest": (
        "observation", "R16", "open", "2025", entry("filing", id="BARE", scope=SCOPE, period="2025", part=1, date="2025-06-30", title="Paper")
    ),
    "no-representative": ("minor", "", "open", "2025", sql("UPDATE scope SET details='{}'")),
    "trace-backward": ("major", "R15", "open", "2025", sql("DELETE FROM consumption WHERE child='SH1'")),
    "trace-forward": ("major", "R15", "open", "2025", sql("DELETE FROM document WHERE reference='TRIM-1'")),
}  # fmt: skip


@pytest.mark.parametrize("key", SITUATIONS)
def test_each_finding_is_found(book: Callable[[str], Book], key: str) -> None:
    severity, rule, story, period, situation = SITUATIONS[key]
    spoiled = book(story)
    before = {item.key for item in look(spoiled, period).findings}
    assert key == "period-open" or key not in before
    situation(spoiled)
    found = [item for item in look(spoiled, period, sample=20).findings if item.key == key]
    assert found, f"{key} is not found"
    assert {(item.severity, item.rule) for item in found} == {(severity, rule)}
    for language in ("en", "zh"):
        assert found[0].record in found[0].sentence(language) or key == "period-open"


def test_every_sentence_has_its_situation() -> None:
    sentences = {key.removeprefix("audit-finding.") for key in texts("en") if key.startswith("audit-finding.")}
    assert sentences == set(SITUATIONS)


def test_a_clean_period_has_no_findings(book: Callable[[str], Book]) -> None:
    found = look(book("closed"), sample=20)
    assert found.findings == ()
    assert found.passed
    # 2 documents back, 7 lots on.
    assert [item.direction for item in found.traces] == ["backward"] * 2 + ["forward"] * 7
    assert all(item.good for item in found.traces)


def test_findings_come_from_the_gravest(book: Callable[[str], Book]) -> None:
    spoiled = book("open")
    spoil(spoiled, "UPDATE heat SET details='{}'", "DELETE FROM filing", "UPDATE due_diligence SET result='failed'")
    order = [item.severity for item in look(spoiled).findings]
    assert order == sorted(order, key=["major", "minor", "observation"].index)
    assert set(order) == {"major", "minor", "observation"}


def test_backward_trace_reaches_documents_and_tickets(book: Callable[[str], Book]) -> None:
    traces = look(book("closed"), sample=20).traces
    back = next(item for item in traces if item.start == "out/ASI-1/ASI-1-2025-00001")
    found = {step.what: step.found for step in back.steps}
    assert found["ledger"] == "12,000,000 kg"
    assert found["shipment"] == "SH1 20,000,000 kg"
    assert found["heats"] == "H1"
    assert found["lots"] == "COLD, INGOT, INTERNAL, MG, OLD-TRIM, TRIM, UBC"
    assert found["inbound-documents"] == "in/ASI-2/COLD-1, in/ASI-3/TRIM-1"
    onward = next(item for item in traces if item.start == "TRIM")
    found = {step.what: step.found for step in onward.steps}
    assert found["shipments"] == "SH1, SH2"
    assert found["documents"] == "out/ASI-1/ASI-1-2025-00001, out/ASI-1/ASI-1-2025-00002"


def test_a_sample_is_drawn_again_by_its_seed() -> None:
    ids = [f"LOT-{number}" for number in range(100)]
    assert draw(ids, 5, 7) == draw(reversed(ids), 5, 7)
    assert draw(ids, 5, 7) != draw(ids, 5, 8)
    assert draw(ids[:3], 5, 7) == sorted(ids[:3])
    assert draw(ids, 0, 7) == []


def table(book: Book, period: str, name: str) -> Table:
    with book.read() as connection:
        return next(item for part in read_parts(connection, SCOPE, period) for item in part.tables if item.name == name)


def terms(book: Book, period: str) -> dict[str, object]:
    rows = table(book, period, "05-accounts").rows
    return {str(term): value for account, _, term, value, _ in rows if account == "asi-aluminium"}


def test_accounts_are_those_of_the_first_example(book: Callable[[str], Book]) -> None:
    found = terms(book("closed"), "2025")
    # F1: 22,000 / 35,000; F1 with 700 t of alloying elements: 22,000 / 35,700; F2: 33,200 × 22 / 35 = 20,868.571 t; F4.
    assert found["input_percentage"] == "62.857142"
    assert found["input_percentage_with_alloying_elements"] == "61.624649"
    assert found["cap"] == 20_868_571
    assert found["issued"] == 18_000_000
    assert found["positive_balance"] == 2_868_571
    assert found["overdraft_limit"] == 4_400_000


def test_the_balance_is_drawn_first_in_the_next_period(book: Callable[[str], Book]) -> None:
    found = terms(book("next"), "2026")
    # F5: 20,000 / 36,000 × 34,000 = 18,888.888 t; 2,868.571 t are drawn first, so 18,888,888 − 16,131,429 stay.
    assert found["cap"] == 18_888_888
    assert found["carried-in"] == 2_868_571
    assert found["drawn_from_balance_carried_in"] == 2_868_571
    assert found["drawn_from_cap"] == 16_131_429
    assert found["positive_balance"] == 2_757_459
    assert found["expires"] == 0


def test_the_stock_closes(book: Callable[[str], Book]) -> None:
    found = table(book("closed"), "2025", "06-stock")
    rows = {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}
    # Lots 44,700 t came and all were charged; 34,000 t were cast, 33,200 t bundled and shipped; 6,000 t of returns stay.
    assert rows["lot"]["in_kg"] == rows["lot"]["to_heats_kg"] == 44_700_000
    assert rows["heat"]["closing_kg"] == 800_000
    assert rows["bundle"]["shipped_kg"] == 33_200_000
    assert rows["return"]["closing_kg"] == 6_000_000
    # 44,700 t received − 33,200 t shipped − (44,700 − 34,000 − 6,000) t lost = 6,800 t.
    found = table(book("closed"), "2025", "06-balance")
    assert dict(zip(found.columns, found.rows[0], strict=True)) == {
        "opening_kg": 0, "received_kg": 44_700_000, "shipped_kg": 33_200_000, "loss_kg": 4_700_000, "closing_kg": 6_800_000,
        "difference_kg": 0, "loss_percent": "10.514541",
    }  # fmt: skip
    loss = table(book("next"), "2025", "06-losses")
    assert loss.column("loss_kg") == [4_700_000]
    assert loss.column("loss_percent") == [long_per_cent(Fraction(47, 447))] == ["10.514541"]


def test_every_part_has_a_table_and_plain_values(book: Callable[[str], Book]) -> None:
    with book("next").read() as connection:
        parts = make_parts(read_view(connection, SCOPE, "2025"))
    assert [part.number for part in parts] == list(range(1, 16))
    names = [item.name for part in parts for item in part.tables]
    assert len(names) == len(set(names))
    for part in parts:
        assert part.tables
        for item in part.tables:
            assert item.name.startswith(f"{part.number:02d}-")
            assert all(len(row) == len(item.columns) for row in item.rows)
            assert all(isinstance(cell, str | int | None) for row in item.rows for cell in row)


def test_a_scope_or_period_that_is_not_there_is_refused(book: Callable[[str], Book]) -> None:
    found = book("open")
    with found.read() as connection:
        with pytest.raises(InputError, match="--scope"):
            read_view(connection, "T", "2025")
        with pytest.raises(InputError, match="--period"):
            read_view(connection, SCOPE, "2031")


def test_a_void_after_the_close_leaves_every_period_as_it_was_told(book: Callable[[str], Book]) -> None:
    found = book("next")
    add(found, "void", kind="document", target="out/ASI-1/ASI-1-2025-00002", date="2026-05-01", reason="wrong customer")
    with found.read() as connection:
        for period, issued in (("2025", 18_000_000), ("2026", 19_000_000)):
            view = read_view(connection, SCOPE, period)
            assert sum_bookings(calc_bookings(view.rows, SCOPE, period))["asi-aluminium"]["issued"] == issued
            assert not [item for item in audit(view).findings if item.key == "raw-ledger"]


def test_a_void_before_the_close_counts_in_its_own_period(book: Callable[[str], Book]) -> None:
    found = book("open")
    add(found, "void", kind="document", target="out/ASI-1/ASI-1-2025-00002", date="2025-06-01", reason="wrong customer")
    with found.read() as connection:
        view = read_view(connection, SCOPE, "2025")
        assert sum_bookings(calc_bookings(view.rows, SCOPE, "2025"))["asi-aluminium"]["issued"] == 12_000_000
    assert [item.key for item in look(found).findings] == ["period-open"]


def test_the_view_names_only_events_of_the_scope(book: Callable[[str], Book]) -> None:
    found = book("open")
    add(found, "party", id="stranger", name="Stranger")
    with found.read() as connection:
        view = read_view(connection, SCOPE, "2025")
        kinds = {row.seq: row.key for row in connection.execute(select(event.c.seq, event.c.key))}
    assert "party:stranger" not in {kinds[seq] for seq in view.events}
    assert "lot:COLD" in {kinds[seq] for seq in view.events}


def test_own_hot_metal_needs_no_document_and_free_words_are_none(book: Callable[[str], Book]) -> None:
    found = book("open")
    lot(found, "LIQ", 5, "primary", "coc", material="electrolysis", supplier="hq")
    assert "coc-without-document" not in {item.key for item in look(found).findings}
    spoil(
        found,
        """UPDATE lot SET document_issuer=NULL, document_reference=NULL, details='{"source_type":"own"}' WHERE unit='COLD'""",
    )
    assert "COLD" in {item.record for item in look(found).findings if item.key == "coc-without-document"}


def test_a_received_document_that_no_lot_uses_is_in_the_packs_of_its_recipient(book: Callable[[str], Book]) -> None:
    found = book("open")
    add(found, "party", id="abroad", name="Works Abroad Ltd")
    add(found, "site", id="far", name="Far works", timezone="Europe/Berlin", party="abroad")
    add(found, "scope", id="FAR", name="Far scope", sites="far")
    add(found, "period", scope="FAR", id="2025", start="2025-01-01", end="2025-12-31")
    for reference, customer in (("MINE", "CHINA  Hongqiao Group"), ("THEIRS", "works abroad ltd"), ("NOBODY", "Somebody else")):
        received(found, reference, 1, "asi-aluminium", "smelter", customer=customer)
    with found.read() as connection:
        mine = {row["reference"] for row in read_view(connection, SCOPE, "2025").documents("in")}
        theirs = {row["reference"] for row in read_view(connection, "FAR", "2025").documents("in")}
    assert mine == {"COLD-1", "TRIM-1", "MINE", "NOBODY"}  # what lots use, and what no other scope is the recipient of
    assert theirs == {"THEIRS", "NOBODY"}
