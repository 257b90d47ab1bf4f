"""The chain-of-custody story of the demonstration: from used cans and HQALight to can stock with a document, and a second claim refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.catalogue import Catalogue
from pcf.commands.demo_certificate import tell_certificate
from pcf.errors import DataError, EnvironmentProblem
from pcf.refusals import refusal
from pcf.text import json_text, text
from pcf.views.files import write_all, write_text

if TYPE_CHECKING:
    from pcf.store import Database

INGOT, COIL = "SH-L-01", "SH-C-01"
DOCUMENT = "DEMO-COC-2-2025-00001"
COIL_KG = 240_000


def tell_story(
    outputs: Path, catalogue: Catalogue, lang: str, say: Callable[[str], None], database: Database | None = None
) -> None:
    """Tell the story on a database of its own, by default in the state folder; what it makes goes into `outputs`/custody."""
    from pcf.custody import Book, import_rows
    from pcf.exchange.custody_sample import SAMPLE, mill_records
    from pcf.settings import home
    from pcf.store import open_database

    folder = outputs / "custody"
    folder.mkdir(exist_ok=True)
    # By name: the demonstration never writes into a database that the user has chosen for his own records.
    book = Book(database or open_database(f"sqlite:///{home() / 'pcf.db'}"), catalogue, "demo")
    say(text("story.title", lang))
    for sample in ("smelter", "mill"):
        write_all(folder / f"book-{sample}.xlsx", partial(_write_book, sample=sample))
    count = import_rows(book, _rows(SAMPLE))
    say(text("story.received", lang, count=count.written + count.known))

    ingot = _issue(book, folder, INGOT, "DEMO-COC-1-2025-00001", 200_000, "2025-02-10")
    say(text("story.ingot", lang, reference=ingot["reference"], mass=f"{ingot['coc_kg']:,}", footprint=ingot["footprint"]))
    stated = _stated(book, INGOT)
    count = import_rows(book, _rows(mill_records(ingot["issuer"], ingot["reference"], stated)))
    say(text("story.mill", lang, count=count.written + count.known))
    _batches(book, folder, lang, say)
    coil = _issue(book, folder, COIL, DOCUMENT, COIL_KG, "2025-03-12")
    say(text("story.coil", lang, reference=coil["reference"], mass=f"{coil['coc_kg']:,}", footprint=coil["footprint"]))
    for attribute in ("post-consumer", "pre-consumer"):
        _claim(book, attribute)
    say(text("story.refused", lang, reason=refusal(_second_claim(book), lang)))
    _finish(book, folder, lang, say)
    say("")
    tell_certificate(outputs, book, lang, say)
    book.database.close()


def _write_book(target: Path, sample: str) -> None:
    from pcf.exchange.custody_book import write_book

    write_book(target, sample)


def _rows(records: Any) -> Iterator[tuple[str, Iterator[tuple[str, Any]]]]:
    from pcf.custody import KINDS

    for kind in KINDS:
        if kind in records:
            yield kind, ((f"{kind} {number}", row) for number, row in enumerate(records[kind], start=1))


def _stated(book: Any, shipment: str) -> dict[str, str]:
    from pcf.custody.stated import stated_footprint

    with book.read() as connection:
        return stated_footprint(connection, book.catalogue, shipment, "")


def _issue(book: Any, folder: Path, shipment: str, reference: str, mass: int, day: str) -> dict[str, Any]:
    """Issue a document, write it as pages and as JSON, and read it back."""
    from pcf.custody import Placed
    from pcf.custody.coc_document import find_documents, read_document
    from pcf.custody.documents import issue_document
    from pcf.custody.reading import read_record
    from pcf.custody.records import CocDocument
    from pcf.views.coc_page import render_document
    from pcf.views.signing import sign_head

    values = {
        "shipment": shipment, "date": day, "coc_kg": mass, "responsible": "Demo, quality office", "reference": reference,
        **_stated(book, shipment),
    }  # fmt: skip
    with book.write() as work:
        issue_document(work, Placed(read_record(CocDocument, values, f"shipment {shipment}"), f"shipment {shipment}"))
    head = sign_head(book.database)
    with book.read() as connection:
        names = [name for name in find_documents(connection, reference) if name[0] == "out"]
        found = read_document(connection, *names[0])
    for language in ("en", "zh"):
        write_text(folder / f"{reference}.{language}.html", render_document(found, head, language))
    write_text(folder / f"{reference}.json", json_text({**found, "head": head}) + "\n")
    return found


def _batches(book: Any, folder: Path, lang: str, say: Callable[[str], None]) -> None:
    from pcf.custody.batch_document import batch_document
    from pcf.custody.heats import Heats
    from pcf.custody.physical import unit_content
    from pcf.custody.wording import cut_percent

    with book.read() as connection:
        heats = Heats(connection, book.catalogue)
        for name in ("H12345", "H12346", COIL):
            found = batch_document(heats, name, lang)
            write_text(folder / f"footprint-{name}.json", json_text(found) + "\n")
            content = unit_content(connection, book.catalogue, name, "company", "batch", include_tolled=False)
            say(text(
                "story.batch", lang, unit=name, total=f"{found['total']['value']:.3f}", gate=text(f"gate.{found['gate']}", lang),
                post=cut_percent(content.post, 1), pre=cut_percent(content.pre, 1),
            ))  # fmt: skip


def _claim(book: Any, attribute: str) -> None:
    from pcf.custody import record

    values = {
        "id": f"RC-{COIL}-{attribute}", "shipment": COIL, "date": "2025-03-12", "attribute": attribute, "basis": "batch"
    }  # fmt: skip
    record(book, "statement", values, f"statement {attribute}")


def _second_claim(book: Any) -> str:
    """What the program says to a second document on the same tonnes."""
    from pcf.custody import record

    values = {"shipment": COIL, "date": "2025-03-13", "coc_kg": 100_000, "responsible": "Demo, sales"}
    try:
        record(book, "document", values, f"shipment {COIL}")
    except DataError as refused:
        return str(refused)
    raise AssertionError("the same tonnes were claimed twice")


def _finish(book: Any, folder: Path, lang: str, say: Callable[[str], None]) -> None:
    from pcf.custody.audit.recompute import recompute
    from pcf.store.log import log_size, verify
    from pcf.views.audit import export_pack
    from pcf.views.signing import sign_head

    _pictures(book, folder)
    pack = folder / "audit-2025"
    names, _, _ = export_pack(book, "mill-scope", "2025", pack, lang, force=True)
    agrees = all(line.good for line in recompute(pack))
    verdict = text("story.agrees" if agrees else "story.differs", lang)
    say(text("story.audit", lang, folder=f"{folder.name}/{pack.name}", files=len(names), verdict=verdict))
    head = sign_head(book.database)
    write_text(folder / "log-head.txt", head)
    with book.read() as connection:
        findings = list(verify(connection))
        say(text("story.log", lang, size=log_size(connection), findings=len(findings)))


def _pictures(book: Any, folder: Path) -> None:
    """The genealogy of the shipment in both languages."""
    from pcf.custody.trace import trace
    from pcf.store.log import log_size
    from pcf.views.trace_figure import draw

    with book.read() as connection:
        found, size = trace(connection, COIL), log_size(connection)
    with suppress(EnvironmentProblem):  # the packages that draw are an extra; the story needs no picture
        for language in ("en", "zh"):
            draw(found, book.catalogue, size, language).save(folder / f"trace-{COIL}.{language}.svg", force=True)
