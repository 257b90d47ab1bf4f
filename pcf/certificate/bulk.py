"""Many orders at once: computed and printed by worker processes, recorded by one, in memory that does not grow.

A repeat finds the certificates that are there by the keys of their orders, and makes only the files that are missing.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pcf.certificate.gather import Case, Gatherer
from pcf.certificate.issue import Office, Order, issue, key_of, make_files
from pcf.certificate.register import Entry, find_known
from pcf.errors import CheckFailed, InputError

CHUNK = 50
"""Orders that are computed, recorded and printed together."""

Named = tuple[str, Order]


@dataclass(frozen=True)
class Outcome:
    """What became of an order: its certificate, or why there is none."""

    order: str
    number: str = ""
    file: str = ""
    footprint: str = ""
    refused: str = ""


def issue_all(
    office: Office, orders: Sequence[Named], out: Path, today: date, workers: int = 1, reopen: Callable[[], Office] | None = None,
    write: Callable[[Path, bytes], object] = Path.write_bytes, advance: Callable[[int], None] = lambda _: None,
) -> Iterator[list[Outcome]]:  # fmt: skip
    """Issue orders; gives the outcomes of each chunk. Those that are refused are told, and do not stop the others.

    Parameters
    ----------
    orders : sequence of (str, Order)
        By the names of their rows.
    out : Path
        Folder that receives `NUMBER.pdf`.
    workers, reopen : int, callable
        Processes that compute and print, and what opens the office in each of them: something that can be pickled.
    write : callable
        Writes a file, whole or not at all.
    advance : callable
        Told how many more steps are done, two an order.
    """
    with _workers(office, workers, reopen) as each:
        for start in range(0, len(orders), CHUNK):
            yield _issue_chunk(office, orders[start : start + CHUNK], out, today, each, write, advance)


Each = Callable[[Callable[..., Any], Sequence[Any], date], list[Any]]
"""Applies a function to a list, in parts."""


def _issue_chunk(
    office: Office, orders: Sequence[Named], out: Path, today: date, each: Each, write: Callable[[Path, bytes], object],
    advance: Callable[[int], None],
) -> list[Outcome]:  # fmt: skip
    entries: dict[str, Entry] = {}
    refused: dict[str, str] = {}
    with office.book.read() as connection:
        for name, order in orders:
            try:
                if known := find_known(connection, key_of(order), order.digest()):
                    entries[name] = known
            except InputError as problem:
                refused[name] = str(problem)
    fresh = [(name, order) for name, order in orders if name not in entries and name not in refused]
    advance(len(orders) - len(fresh))
    for (name, order), case in zip(fresh, each(_compute, [order for _, order in fresh], today), strict=True):
        try:
            if isinstance(case, str):
                refused[name] = case
            else:
                entries[name] = issue(office, order, today, case)
        except (CheckFailed, InputError) as problem:
            refused[name] = str(problem)
        advance(1)
    missing = [entry for entry in entries.values() if not _is_there(out / f"{entry.number}.pdf")]
    for entry, content in zip(missing, each(_print, missing, today), strict=True):
        write(out / f"{entry.number}.pdf", content)
        advance(1)
    advance(len(orders) - len(missing))
    return [_outcome(name, entries.get(name), refused.get(name, "")) for name, _ in orders]


def _is_there(path: Path) -> bool:
    """Whether a file was made before; an empty or foreign one was not."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(b"%PDF-")) == b"%PDF-"
    except OSError:
        return False


def _outcome(name: str, entry: Entry | None, refused: str) -> Outcome:
    if entry is None:
        return Outcome(name, refused=refused)
    return Outcome(name, entry.number, f"{entry.number}.pdf", entry.document["footprint"]["printed"])


def _compute(office: Office, orders: Sequence[Order], today: date) -> list[Case | str]:
    """Cases of orders, or why there is none."""
    found: list[Case | str] = []
    with office.book.read() as connection:
        gatherer = Gatherer(connection, office.book.catalogue, office.profile, today)
        for order in orders:
            try:
                found.append(gatherer.gather(order.request))
            except (CheckFailed, InputError) as problem:
                found.append(str(problem))
    return found


def _print(office: Office, entries: Sequence[Entry], _: date) -> list[bytes]:
    return make_files(office, list(entries)) if entries else []


@contextmanager
def _workers(office: Office, workers: int, reopen: Callable[[], Office] | None) -> Iterator[Each]:
    """What applies a function to a list in so many processes, each with its own part, or right here."""
    if workers == 1 or reopen is None:
        yield lambda function, items, today: list(function(office, items, today))
        return
    # Started anew, not forked: typesetter and database have threads and connections that a fork would tear.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (reopen,)) as pool:

        def each(function: Callable[..., Any], items: Sequence[Any], today: date) -> list[Any]:
            size = -(-len(items) // workers) or 1
            parts = [items[start : start + size] for start in range(0, len(items), size)]
            with _one_thread_each():  # a process starts when it is first needed
                tasks = [pool.submit(_work, function, part, today) for part in parts]
            return [one for task in tasks for one in task.result()]

        yield each


THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS")
"""What linear algebra and the typesetter ask how many threads they may start."""


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Lets processes that start meanwhile keep to one thread, unless the user says otherwise: there is a process for each processor."""
    own = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(own, "1"))
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


_office: Office | None = None
"""What a worker issues with."""


def _begin(reopen: Callable[[], Office]) -> None:
    global _office
    _office = reopen()


def _work(function: Callable[..., Any], items: Sequence[Any], today: date) -> Any:
    assert _office is not None
    return function(_office, items, today)
