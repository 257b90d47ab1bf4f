"""Measures certificates: signed, with attachments and chart, of distinct batches, beside the same pages by WeasyPrint and pyHanko.

Both sides sign with the same key. `--small` takes a tenth of the certificates. Nothing here is a test: a time depends on the machine,
a ratio hardly. The peer is installed on demand: pip install weasyprint.
"""

from __future__ import annotations

import base64
import html
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

SMALL = "--small" in sys.argv
COUNT = 100 if SMALL else 1000
WORKERS = 2
PEER_ROUNDS, BARE_ROUNDS = 3, 20
SITE, HEAT_KG = "demo-smelter", 8_500


def make_world(home: Path) -> Any:
    """The demonstration's plant with heats of A356.2 that differ in their charges; gives the issuer's office."""
    os.environ["PCF_HOME"] = str(home)
    from pcf.commands import main
    from pcf.commands.demo_certificate import open_demo
    from pcf.commands.options import load
    from pcf.custody import Book, import_rows
    from pcf.store import open_database

    try:
        sys.argv[1:] = []
        main(["demo", "--home", str(home)])
    except SystemExit as left:
        if left.code:
            raise
    book = Book(open_database(f"sqlite:///{home / 'pcf.db'}"), load(None), "benchmark")
    mass = COUNT * 10_000
    lots = (
        ("WH", "scrap-wheels-a356", "post-consumer"), ("PR", "primary-delivery", "primary"), ("SI", "silicon-metal", "alloying"),
        ("MG", "magnesium-metal", "alloying"),
    )  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "lot": [
            {"id": name, "site": SITE, "date": "2025-03-01", "material": material, "mass_kg": mass, "supplier": "alloys", "ticket": name,
             "content_class": content}
            for name, material, content in lots
        ],
        "cast": [
            {"heat": f"A{number}", "site": SITE, "date": "2025-03-02", "furnace": "F1", "product": "a356.2", "product_kg": HEAT_KG,
             "charge": f"WH={5000 - number % 500},PR={3500 + number % 500},SI={285 + number % 11},MG=15"}
            for number in range(COUNT)
        ],
        "meter": [{"site": SITE, "time": "2025-03", "leg": leg, "mwh": 200_000} for leg in ("own_pv", "grid")],
        "power": [
            {"id": "PV", "site": SITE, "kind": "own", "leg": "own_pv", "time": "2025-03", "mwh": 200_000, "technology": "pv"},
            {"id": "HY", "site": SITE, "kind": "certificate", "leg": "grid", "time": "2025-03", "mwh": 200_000, "technology": "hydro",
             "registry": "GEC-DEMO", "serials": "H250300001-H250500000", "cancelled_on": "2025-04-10", "cancelled_for": "2025-03"},
        ],
    }  # fmt: skip
    import_rows(book, ((kind, ((f"{kind} {place}", row) for place, row in enumerate(rows))) for kind, rows in tables.items()))
    return open_demo(book)


def reopening(office: Any) -> Any:
    """What opens the office in a worker process."""
    from pcf.certificate.desk import Reopening
    from pcf.commands.options import user_data
    from pcf.settings import home
    from pcf.views.issuing import ISSUER as NAME

    url = office.book.database.engine.url.render_as_string(hide_password=False)
    return Reopening(url, None, user_data(), "benchmark", home(), NAME, office.profile)


def timed(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    call()
    return clock() - start


def spent() -> float:
    """Processor time of this process and of those that it has waited for [s]: other work on the machine hardly changes it."""
    return sum(
        used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def ours(office: Any, folder: Path) -> tuple[float, float, int]:
    """Certificates computed, checked by three solvers, recorded, printed and signed.

    Rate [1/s], processor time of one [s], the start of the processes included, and growth of the recording process [MiB].
    """
    from pcf.certificate.bulk import issue_all
    from pcf.certificate.gather import Request
    from pcf.certificate.issue import Order
    from pcf.commands.demo_certificate import CUSTOMER

    orders = [(f"A{number}", Order(Request("batch", f"A{number}"), CUSTOMER, key=f"b{number}")) for number in range(COUNT)]
    memory = []

    def run() -> None:
        for some in issue_all(office, orders, folder, date.today(), WORKERS, reopening(office)):  # noqa: DTZ011
            refused = [item.refused for item in some if item.refused]
            if refused:
                raise SystemExit(refused[0])
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

    before = spent()
    duration = timed(run)
    return COUNT / duration, (spent() - before) / COUNT, memory[-1] - memory[0]


def bare(office: Any) -> tuple[float, dict[str, Any], bytes]:
    """Processor time of setting and signing one certificate alone [s], its document, and its attachments as one."""
    from pcf.certificate.pdf_signature import sign_pdf
    from pcf.certificate.register import read_entry
    from pcf.certificate.render import Attachment, render
    from pcf.certificate.strict_json import write_canonical

    with office.book.read() as connection:
        entry = read_entry(connection, f"PCF-{date.today().year}-000002")  # noqa: DTZ011
    document = dict(entry.document)
    content = write_canonical(document, "certificate")
    attached = [Attachment("certificate.json", content), Attachment("credential.json", content * 3)]
    at = datetime.now(UTC)

    def run() -> None:
        sign_pdf(render(document, "both", attached), office.keys.pdf, office.keys.certificate, at)

    run()
    return statistics.median(timed(run, time.process_time) for _ in range(BARE_ROUNDS)), document, content


def peer(office: Any, document: dict[str, Any], content: bytes) -> float:
    """Time of the same pages by WeasyPrint, with the same font, chart and attachment, signed by pyHanko [s]."""
    from weasyprint import HTML, Attachment

    from pcf.certificate.pages import pages
    from pcf.certificate.pdf_signature import sign_pdf
    from pcf.certificate.render import _code
    from pcf.resources import certificates_path

    page = _page(pages(document, ("zh", "en")), _code(document["verify"]["url"]), certificates_path() / "fonts")
    at = datetime.now(UTC)

    def run() -> None:
        made = HTML(string=page).write_pdf(
            pdf_variant="pdf/a-3b", attachments=[Attachment(string=content.decode(), name="certificate.json")]
        )
        sign_pdf(made, office.keys.pdf, office.keys.certificate, at)

    run()
    return statistics.median(timed(run) for _ in range(PEER_ROUNDS))


def _page(content: dict[str, Any], code: str, fonts: Path) -> str:
    """The texts of the pages as HTML, in their order, with the chart as SVG."""
    faces = "".join(
        f"@font-face{{font-family:N;font-weight:{weight};src:url(data:font/otf;base64,{base64.b64encode(path.read_bytes()).decode()})}}"
        for weight, path in zip((700, 400), sorted(fonts.glob("*.[ot]tf")), strict=False)
    )
    rows = content["chart"]["rows"]
    bars = "".join(
        f'<rect x="0" y="{14 * place}" width="{300 * row["width"]:.1f}" height="11" fill="{row["color"]}"/>'
        for place, row in enumerate(rows)
    )
    chart = f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="{14 * len(rows)}">{bars}</svg>'
    style = f"<style>{faces}@page{{size:A4;margin:14mm}}body{{font:8pt N}}table{{width:100%}}td{{vertical-align:top}}</style>"
    return f"<!doctype html><meta charset=utf-8>{style}{code}{chart}{_block(content)}"


def _block(value: Any) -> str:
    if isinstance(value, dict):
        if set(value) == {"lang", "text"}:
            return f"<span>{html.escape(value['text'])}</span> "
        return "".join(f"<div>{_block(item)}</div>" for item in value.values())
    if isinstance(value, list):
        if value and all(isinstance(item, list) for item in value):
            return (
                "<table>"
                + "".join("<tr>" + "".join(f"<td>{_block(cell)}</td>" for cell in row) + "</tr>" for row in value)
                + "</table>"
            )
        return "".join(_block(item) for item in value)
    return html.escape(str(value)) if isinstance(value, str) else ""


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "out").mkdir()
        office = make_world(folder / "home")
        rate, each, grown = ours(office, folder / "out")
        alone, document, content = bare(office)
        other = peer(office, document, content) if find_spec("weasyprint") else None
        print(f"{COUNT:,} certificates of distinct batches, {WORKERS} processes: {rate:.1f} /s; memory grew by {grown} MiB")
        print(
            f"processor time: {each * 1000:.0f} ms each; setting and signing alone {alone * 1000:.0f} ms, so {each / alone:.2f} x as much"
        )
        if other is None:
            print("WeasyPrint is not installed: pip install weasyprint")
            return
        print(
            f"WeasyPrint and pyHanko, one process: {other:.2f} s; {rate * other:.0f} x its rate, "
            f"{rate * other / WORKERS:.0f} x process by process"
        )


if __name__ == "__main__":
    main()
