"""Samples by mass: every kilogram has the same chance, the seed makes the draw again, and each draw is a record.

The draw is held against another one that walks through the kilograms one by one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.audit import sampling
from pcf.custody.audit.samples import draw_again, draw_sample, find_sample, read_samples
from pcf.custody.audit.sampling import Item, draw, population_sha256
from pcf.errors import DataError, InputError
from pcf.store.log import verify
from tests.custody import audits
from tests.custody.audits import SCOPE, add


def items(*masses: int, stratum: str = "s") -> list[Item]:
    return [Item(f"I{number}", stratum, "2025-01-01", mass, f"I{number}") for number, mass in enumerate(masses)]


def by_hand(found: list[Item], size: int, seed: int) -> list[str]:
    """The rule of the module's notes, kilogram by kilogram."""
    row = sorted(found, key=lambda item: (item.stratum, item.date, item.id))
    listed = json.dumps([[item.id, item.stratum, item.date, item.mass_kg] for item in row], separators=(",", ":"))
    digest = hashlib.sha256(listed.encode()).hexdigest()
    number = int(hashlib.sha256(f"mass-systematic/1\n{seed}\n{digest}".encode()).hexdigest(), 16)
    taken: list[str] = []
    while True:
        kilograms = [item.id for item in row for _ in range(item.mass_kg)]
        heavy = [item for item in row if item.mass_kg * (size - len(taken)) >= len(kilograms)]
        if not heavy or len(taken) == size:
            break
        taken += [item.id for item in heavy]
        row = [item for item in row if item.id not in taken]
    left = size - len(taken)
    return sorted(taken + [kilograms[(number + step * len(kilograms) // left) % len(kilograms)] for step in range(left) if row])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from("abc")), min_size=1, max_size=12), st.integers(1, 14),
    st.integers(0, 2**53 - 1), st.randoms(),
)  # fmt: skip
def test_the_draw_is_that_of_the_rule(masses: list[tuple[int, str]], size: int, seed: int, order: object) -> None:
    found = [Item(f"I{number}", stratum, "2025-01-01", mass, "") for number, (mass, stratum) in enumerate(masses)]
    mixed = list(found)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    drawn = draw(mixed, size, seed)
    names = [item.id for item in drawn]
    assert sorted(names) == by_hand(found, size, seed)
    assert len(set(names)) == len(names) == min(size, len(found)), "each once, and as many as were asked for"


def test_every_kilogram_has_the_same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 + 20 + 30 + 25 + 15 = 100 kg, a sample of 3: of the 100 first kilograms 3 × mass lead to an item."""
    found = items(10, 20, 30, 25, 15)
    hits: Counter[str] = Counter()
    for first in range(100):
        monkeypatch.setattr(sampling, "start", lambda *_, first=first: first)
        hits.update(item.id for item in draw(found, 3, 0))
    assert hits == {"I0": 30, "I1": 60, "I2": 90, "I3": 75, "I4": 45}


def test_what_is_as_heavy_as_the_interval_is_drawn_for_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """700 + 10 × 30 = 1,000 kg, a sample of 4: 700 ≥ 250; of the other three each kilogram has 3 chances in 300."""
    hits: Counter[str] = Counter()
    for first in range(300):
        monkeypatch.setattr(sampling, "start", lambda *_, first=first: first)
        drawn = draw(items(700, *[30] * 10), 4, 0)
        assert [item.id for item in drawn if item.certain] == ["I0"]
        hits.update(item.id for item in drawn)
    assert hits.pop("I0") == 300
    assert set(hits.values()) == {90}


def test_each_stratum_has_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 kg of a, 300 of b, 100 of c in pieces of 10: of ten six, three and one, wherever it begins."""
    found = [
        Item(f"{stratum}{n}", stratum, "2025-01-01", 10, "")
        for stratum, count in (("a", 60), ("b", 30), ("c", 10))
        for n in range(count)
    ]
    for first in range(0, 1000, 7):
        monkeypatch.setattr(sampling, "start", lambda *_, first=first: first)
        assert Counter(item.stratum for item in draw(found, 10, 0)) == {"a": 6, "b": 3, "c": 1}


def test_another_population_is_another_draw() -> None:
    assert population_sha256(items(1, 2)) == population_sha256(reversed(items(1, 2)))
    assert population_sha256(items(1, 2)) != population_sha256(items(1, 3))


# Records


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    path = tmp_path_factory.mktemp("stories") / "open.db"
    book = audits.open_book(path, catalogue)
    audits.tell(book)
    book.database.close()
    return path


@pytest.fixture
def book(stories: Path, tmp_path: Path, catalogue: Catalogue) -> Iterator[Book]:
    found = audits.open_book(Path(shutil.copy(stories, tmp_path / "pcf.db")), catalogue)
    yield found
    found.database.close()


POPULATIONS: dict[str, tuple[int, int]] = {
    # 12,000 + 8,000 + 6,000 + 4,000 + 5,000 + 9,000 + 700 t of tickets; one heat of 34,000 t; 20,000 and 13,200 t that left, with
    # documents on 12,000 and 6,000 t.
    "tickets": (7, 44_700_000), "heats": (1, 34_000_000), "shipments": (2, 33_200_000), "documents": (2, 18_000_000),
}  # fmt: skip


@pytest.mark.parametrize("kind", POPULATIONS)
def test_a_sample_is_a_record_with_all_that_makes_it_again(book: Book, kind: str) -> None:
    made = draw_sample(book, SCOPE, "2025", kind, 3, 42, "stage 2 audit")
    assert (made.items, made.mass_kg) == POPULATIONS[kind]
    assert (made.id, made.actor, made.seed, made.size, made.purpose) == ("AS-0001", "tester", 42, 3, "stage 2 audit")
    assert len(made.drawn) == min(3, made.items)
    with book.read() as connection:
        assert find_sample(connection, "AS-0001") == made
        assert draw_again(connection, "AS-0001").agrees
        assert list(verify(connection)) == []


def test_later_records_and_voids_do_not_change_what_was_drawn(book: Book) -> None:
    before = draw_sample(book, SCOPE, "2025", "tickets", 4, 7)
    audits.lot(book, "LATE", 90_000, "primary", date="2025-06-01")
    add(book, "void", kind="document", target="out/ASI-1/" + _reference(book), date="2025-06-02", reason="wrong")
    after = draw_sample(book, SCOPE, "2025", "tickets", 4, 7)
    documents = draw_sample(book, SCOPE, "2025", "documents", 4, 7)
    assert (before.items, after.items, documents.items) == (7, 8, 1)
    assert "LATE" in [item.id for item in after.drawn if item.certain]
    assert (after.id, documents.id) == ("AS-0002", "AS-0003")
    with book.read() as connection:
        assert [item.id for item in read_samples(connection)] == ["AS-0003", "AS-0002", "AS-0001"]
        again = draw_again(connection, before.id)
    assert again.agrees and [item.id for item in again.drawn] == [item.id for item in before.drawn]


def _reference(book: Book) -> str:
    from sqlalchemy import select

    from pcf.custody.tables import document

    with book.read() as connection:
        return str(connection.execute(select(document.c.reference).where(document.c.unit == "SH2")).scalar_one())


def test_a_sample_that_somebody_has_changed_does_not_come_out_again(book: Book) -> None:
    draw_sample(book, SCOPE, "2025", "tickets", 2, 7)
    audits.spoil(book, "UPDATE audit_sample SET seed = 8")
    with book.read() as connection:
        changed = draw_again(connection, "AS-0001")
        assert [item.kind for item in verify(connection)] == ["changed"]
    assert not changed.agrees or [item.id for item in changed.drawn] == [item.id for item in changed.sample.drawn]
    audits.spoil(book, "UPDATE audit_sample SET seed = 7", "UPDATE unit SET mass_kg = mass_kg + 1 WHERE id = 'MG'")
    with book.read() as connection:
        assert not draw_again(connection, "AS-0001").agrees


REFUSED: dict[str, tuple[Callable[[Book], object], str]] = {
    "scope": (lambda book: draw_sample(book, "T", "2025", "tickets", 3, 1), "--scope"),
    "period": (lambda book: draw_sample(book, SCOPE, "1999", "tickets", 3, 1), "--period"),
    "kind": (lambda book: draw_sample(book, SCOPE, "2025", "people", 3, 1), "--of"),
    "size": (lambda book: draw_sample(book, SCOPE, "2025", "tickets", 0, 1), "--size"),
    "seed": (lambda book: draw_sample(book, SCOPE, "2025", "tickets", 3, -1), "--seed"),
    "large seed": (lambda book: draw_sample(book, SCOPE, "2025", "tickets", 3, 2**60), "--seed"),
    "purpose": (lambda book: draw_sample(book, SCOPE, "2025", "tickets", 3, 1, "x" * 10_000), "--purpose"),
    "two lines": (lambda book: draw_sample(book, SCOPE, "2025", "tickets", 3, 1, "a\nb"), "--purpose"),
    "nothing there": (lambda book: draw_sample(book, SCOPE, "2026", "tickets", 3, 1), "--of"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused_and_nothing_written(book: Book, case: str) -> None:
    act, place = REFUSED[case]
    before = audits.count(book, "event")
    with pytest.raises((InputError, DataError)) as problem:
        act(book)
    assert str(problem.value).startswith(place)
    assert audits.count(book, "event") == before
