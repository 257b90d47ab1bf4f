"""The end of the demonstration's story: a signed certificate for the ingot, verified and computed again by somebody else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pcf.errors import EnvironmentProblem
from pcf.refusals import refusal
from pcf.text import text

SHIPMENT, CUSTOMER = "SH-L-01", {
    "name": "Demo Rolling Company (invented)", "address": "2 Demo Road, Zouping", "country": "CN", "part_number": "INGOT-997",
    "order": "PO-4711",
}  # fmt: skip
COMPANY = "Demo Aluminium Co., Ltd (invented)"
KEY = f"demo/{SHIPMENT}"
"""A repeat of the demonstration finds its certificate again."""


def tell_certificate(outputs: Path, book: Any, lang: str, say: Callable[[str], None]) -> None:
    """Issue, publish, verify; the files go into `outputs`/certificate, what a customer trusts into `outputs`/trust."""
    from pcf.certificate.gather import Request
    from pcf.certificate.issue import Order, issue, make_file
    from pcf.certificate.register import read_bundle
    from pcf.certificate.render import pictures
    from pcf.certificate.trust import read_trust
    from pcf.certificate.verify import holds, verify
    from pcf.commands.issuing import publish_files
    from pcf.views.files import make_folder, write_bytes

    say(text("story.certificate", lang))
    folder, trusted = outputs / "certificate", outputs / "trust"
    try:
        office = open_demo(book)
        entry = issue(office, Order(Request("shipment", SHIPMENT), CUSTOMER, key=KEY), date.today())  # noqa: DTZ011
        content = make_file(office, entry.number)
    except EnvironmentProblem as missing:  # the packages that set and sign are an extra
        say(text("story.no-certificate", lang, reason=refusal(missing, lang)))
        return
    make_folder(folder)
    write_bytes(folder / "certificate.pdf", content)
    with book.read() as connection:
        bundle = read_bundle(connection, entry)
    write_bytes(folder / "bundle.json", bundle)
    for number, page in enumerate(pictures({**entry.document}, "both"), start=1):
        write_bytes(folder / f"page-{number}.png", page)
    publish_files(office, trusted / "demo", 30)
    made = entry.document["footprint"]
    say(text(
        "story.issued", lang, number=entry.number, value=made["printed"], mass=f"{entry.document['mass_kg']:,}", unit=SHIPMENT,
        path=f"{folder.name}/certificate.pdf",
    ))  # fmt: skip
    steps = verify(content, read_trust(trusted), bundle, at=datetime.now(UTC))
    found = {step.key: step for step in steps}
    if not holds(steps) or not found["recomputed"].good:
        raise AssertionError([step for step in steps if step.good is False])
    computed = found["recomputed"].values
    say(text(
        "story.verified", lang, steps=sum(1 for step in steps if step.good), sealed=made["value"], brightway=computed["brightway"]
    ))  # fmt: skip
    say(text("story.twice", lang, reason=refusal(_again(office), lang)))


def open_demo(book: Any) -> Any:
    """The invented issuer; his keys and file are made where they are not there yet."""
    from pcf.certificate.desk import open_office
    from pcf.certificate.profile import NAME, read_profile
    from pcf.certificate.trust import create_issuer, generations
    from pcf.resources import certificates_path
    from pcf.settings import home
    from pcf.views.issuing import ISSUER
    from pcf.views.signing import log_key

    if not generations(home(), ISSUER):
        create_issuer(home(), ISSUER, COMPANY, datetime.now(UTC), None)
    profile = home() / NAME
    if not profile.exists():
        shutil.copyfile(certificates_path() / NAME, profile)
    return open_office(book, home(), ISSUER, read_profile(profile), log_key(), None)


def _again(office: Any) -> str:
    """What the program says to a second certificate on the same tonnes."""
    from pcf.certificate.gather import Request
    from pcf.certificate.issue import Order, issue
    from pcf.errors import InputError

    order = Order(Request("batch", "L-0203-1", mass_kg=100_000), CUSTOMER, key=f"{KEY}/again")
    try:
        issue(office, order, date.today())  # noqa: DTZ011
    except InputError as refused:
        return str(refused)
    raise AssertionError("the same tonnes were certified twice")
