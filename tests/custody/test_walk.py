"""The auditor's walk: both ways, each stop as the log has it, and whatever was changed is seen at its stop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.audit.find import find_starts
from pcf.custody.audit.walk import read_walk, walk_document
from pcf.errors import InputError
from pcf.store.merkle import verify_inclusion
from tests.custody import audits
from tests.custody.audits import spoil


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    path = tmp_path_factory.mktemp("stories") / "open.db"
    book = audits.open_book(path, catalogue)
    audits.tell(book)
    book.database.close()
    return path


@pytest.fixture
def book(story: Path, tmp_path: Path, catalogue: Catalogue) -> Iterator[Book]:
    found = audits.open_book(Path(shutil.copy(story, tmp_path / "pcf.db")), catalogue)
    yield found
    found.database.close()


def test_a_shipment_leads_back_to_every_ticket(book: Book) -> None:
    with book.read() as connection:
        found = read_walk(connection, "SH1")
    assert found.good
    assert [(stop.node.id, stop.side) for stop in found.stops] == [
        ("COLD", "up"), ("INTERNAL", "up"), ("INGOT", "up"), ("UBC", "up"), ("OLD-TRIM", "up"), ("TRIM", "up"), ("MG", "up"), ("H1", "up"),
        ("B1", "up"), ("SH1", "root"),
    ]  # fmt: skip
    stops = {stop.node.id: stop for stop in found.stops}
    assert stops["COLD"].share == pytest.approx(12 / 44.7)
    assert stops["COLD"].fields["ticket"] == "T-COLD"
    assert [(paper.kind, paper.name) for paper in stops["COLD"].papers] == [("document-in", "in/ASI-2/COLD-1")]
    assert [(paper.kind, paper.what) for paper in stops["UBC"].papers] == [("due-diligence", "passed")]
    assert [paper.kind for paper in stops["SH1"].papers] == ["document-out", "statement"]
    assert stops["SH1"].fields["customer"] == "canco"
    # 6,000 t of post-consumer and 4,000 + 5,000 t of pre-consumer scrap went into it.
    post, pre = stops["H1"].content or (0, 0)
    assert 0 < post < 6 / 34 and post < pre < 9 / 34


def test_a_ticket_leads_on_to_every_shipment_and_document(book: Book) -> None:
    with book.read() as connection:
        found = read_walk(connection, "UBC")
    assert found.good
    assert [(stop.node.id, stop.side) for stop in found.stops if stop.node.kind != "return"] == [
        ("UBC", "root"), ("H1", "down"), ("B1", "down"), ("SH1", "down"), ("SH2", "down"),
    ]  # fmt: skip
    papers = [paper.name for stop in found.stops for paper in stop.papers if paper.kind == "document-out"]
    assert len(papers) == 2


def test_the_proofs_hold_for_whoever_computes_them(book: Book) -> None:
    with book.read() as connection:
        made = walk_document(read_walk(connection, "SH1"))
    root = bytes.fromhex(made["log"]["root"])
    for stop in made["stops"]:
        for proof in (stop["proof"], *(paper["proof"] for paper in stop["papers"])):
            path = [bytes.fromhex(item) for item in proof["path"]]
            assert verify_inclusion(bytes.fromhex(proof["leaf"]), proof["event"], made["log"]["size"], path, root)
            assert proof["intact"] and proof["included"]


@pytest.mark.parametrize(
    ("statement", "unit"),
    [
        ("UPDATE unit SET mass_kg = mass_kg + 1 WHERE id = 'UBC'", "UBC"),
        ("UPDATE lot SET content_class = 'post-consumer' WHERE unit = 'INGOT'", "INGOT"),
        ("UPDATE heat SET furnace = 'F9' WHERE unit = 'H1'", "H1"),
        ("UPDATE shipment SET note = 'N9' WHERE unit = 'SH1'", "SH1"),
        ("UPDATE event SET payload = replace(payload, 'T-UBC', 'T-ABC') WHERE key = 'lot:UBC'", "UBC"),
    ],
)
def test_what_was_changed_is_seen_at_its_stop(book: Book, statement: str, unit: str) -> None:
    spoil(book, statement)
    with book.read() as connection:
        found = read_walk(connection, "SH1")
    assert not found.good
    assert [stop.node.id for stop in found.stops if not stop.proof.good] == [unit]


def test_a_document_that_was_changed_is_seen(book: Book) -> None:
    spoil(book, "UPDATE document SET coc_kg = coc_kg - 1 WHERE reference = 'COLD-1'")
    with book.read() as connection:
        found = read_walk(connection, "SH1")
    assert [name for (name, _), proof in found.paper_proofs.items() if not proof.good] == ["in/ASI-2/COLD-1"]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("SH1", ("shipment", "SH1")), ("t-ubc", ("ticket", "UBC")), ("COLD-1", ("document-in", "COLD")), ("制罐厂", ("document-out", "SH2")),
        ("N2", ("shipment", "SH2")), ("B1", ("bundle", "B1")), ("Scrap Co", ("ticket", "OLD-TRIM")),
    ],
)  # fmt: skip
def test_a_trail_begins_where_any_name_leads(book: Book, words: str, first: tuple[str, str]) -> None:
    with book.read() as connection:
        found = find_starts(connection, words)
    assert (found[0].kind, found[0].unit) == first


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1 --", "<script>", "x" * 10_000, "\x00"])
def test_signs_are_words_and_nothing_else(book: Book, words: str) -> None:
    with book.read() as connection:
        assert find_starts(connection, words) == []


def test_without_words_the_newest_are_offered(book: Book) -> None:
    with book.read() as connection:
        assert {hit.kind for hit in find_starts(connection)} == {"document-out", "document-in", "shipment", "ticket", "heat"}


def test_an_unknown_unit_is_refused(book: Book) -> None:
    with book.read() as connection, pytest.raises(InputError, match="unit: found 'NONE'"):
        read_walk(connection, "NONE")
