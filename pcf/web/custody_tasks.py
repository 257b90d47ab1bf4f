"""What the pages of the custody book have computed in worker processes, on the database of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection

from pcf.errors import InputError
from pcf.store import open_database
from pcf.web.work import catalogue


@contextmanager
def _read() -> Iterator[Connection]:
    with closing(open_database(create=False)) as database, database.read() as connection:
        yield connection


def batch(unit: str, lang: str) -> dict[str, Any]:
    """The document `pcf/batch/1` of a unit, as `pcf batch footprint` has it."""
    from pcf.custody.batch_document import batch_document
    from pcf.custody.heats import Heats

    with _read() as connection:
        return batch_document(Heats(connection, catalogue()), unit, lang)


def content(unit: str) -> dict[str, Any]:
    """Recycled content of a unit's physical mix, as `pcf batch content` has it."""
    from pcf.custody.physical import unit_content

    with _read() as connection:
        found = unit_content(connection, catalogue(), unit, "company", "batch", include_tolled=False)
    return {"post": found.post, "pre": found.pre, "attributed": dict(found.attributed), "period": found.period}


def flows(unit: str, lang: str, dark: bool) -> dict[str, Any] | None:
    """The whole genealogy of a unit as flows of mass, as `pcf trace --chart` draws it; None where there is nothing to draw."""
    from pcf.custody.trace import trace
    from pcf.store.log import log_size
    from pcf.views.trace_figure import draw
    from pcf.web.figures import figure

    with _read() as connection:
        found, size = trace(connection, unit, voided=True), log_size(connection)
    try:
        return figure(draw(found, catalogue(), size, lang), dark=dark)
    except InputError:
        return None


def close_findings(scope: str, period: str) -> dict[str, int] | None:
    """What an audit finds in an open period, by severity, as `pcf period close` counts it."""
    from pcf.views.period_close import count_findings

    with _read() as connection:
        return count_findings(connection, scope, period)


def stated(shipment: str, verifier: str) -> dict[str, str]:
    """The footprint of a shipment as its document states it."""
    from pcf.custody.stated import stated_footprint

    with _read() as connection:
        return stated_footprint(connection, catalogue(), shipment, verifier)


def green(heat: str, lang: str, grades: bytes | None) -> dict[str, Any]:
    """Green low-carbon aluminium of a heat, as `pcf statement green` says it; `grades` is a table of grades as CSV."""
    from pcf.custody.grades import read_grades
    from pcf.custody.green import green_blend, word_blend

    table = None
    if grades is not None:
        with TemporaryDirectory(prefix="pcf-grades-") as folder:
            path = Path(folder) / "grades.csv"
            path.write_bytes(grades)
            table = read_grades(path)
    with _read() as connection:
        found = green_blend(connection, catalogue(), heat, table)
    return {"document": found.as_document(), "lines": word_blend(found, lang)}


def book_template(sample: str) -> bytes:
    """The workbook of all kinds of records, empty or with the invented ones of the demonstration."""
    from pcf.exchange.custody_book import write_book
    from pcf.web.tasks import file_content

    return file_content("custody.xlsx", lambda path: write_book(path, sample))
