"""Many orders at once, in processes of their own: what each gets is what it gets alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.bulk import THREADS, _workers, issue_all
from pcf.certificate.issue import Office, prepare
from pcf.certificate.register import read_bundle, read_entry
from pcf.certificate.verify import holds
from tests.certificate.offices import COILS, HEAT, OTHER_HEAT, TODAY, judge, open_desk, order

ORDERS = [
    ("ingot", order(mass_kg=100_000, key="ingot")),
    ("heat", order("batch", OTHER_HEAT, key="heat")),
    ("nothing", order("batch", "no-such-heat", key="nothing")),
    ("rest", order("batch", HEAT, mass_kg=20_000, key="rest")),
    ("coils", order(name=COILS, key="coils")),
]


def numbers(document: Any) -> Any:
    return {name: document[name] for name in ("footprint", "uncertainty", "alternatives", "stages") if name in document}


@pytest.fixture
def reopen(keys_folder: Path, database_url: str) -> Callable[[], Office]:
    return partial(open_desk, keys_folder, database_url)


def test_orders_in_two_processes_get_what_each_gets_alone(office: Office, reopen: Callable[[], Office], tmp_path: Path) -> None:
    alone = {name: numbers(prepare(office, one, TODAY)[1]) for name, one in ORDERS if name != "nothing"}
    (found,) = issue_all(office, ORDERS, tmp_path, TODAY, 2, reopen)
    assert [item.order for item in found if item.refused] == ["nothing"]
    for item in found:
        if item.refused:
            continue
        with office.book.read() as connection:
            entry = read_entry(connection, item.number)
            bundle = read_bundle(connection, entry)
        assert numbers(entry.document) == alone[item.order]
        assert holds(judge(office, (tmp_path / item.file).read_bytes(), bundle))
    assert alone["ingot"]["uncertainty"] is not None
    (again,) = issue_all(office, ORDERS, tmp_path, TODAY)
    assert [item.number for item in again] == [item.number for item in found]


def threads(_: Office, items: list[Any], __: date) -> list[str | None]:
    return [os.environ.get(items[0])] * len(items)


def test_a_process_of_several_keeps_to_one_thread_unless_told_otherwise(
    office: Office, reopen: Callable[[], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = THREADS[:2]
    monkeypatch.setenv(own, "3")
    monkeypatch.delenv(other, raising=False)
    with _workers(office, 2, reopen) as each:
        assert each(threads, [own] * 2, TODAY) == ["3", "3"]
        assert each(threads, [other] * 2, TODAY) == ["1", "1"]
    assert other not in os.environ
