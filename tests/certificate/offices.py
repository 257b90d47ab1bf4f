"""An issuer with the books of the demonstration: the smelter's and the mill's, whose plant counts as a demonstration of 2025 too."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pcf.catalogue import Catalogue, check_paths
from pcf.catalogue.files import read_yaml
from pcf.certificate.desk import open_office
from pcf.certificate.gather import Request
from pcf.certificate.issue import Office, Order, make_status_lists
from pcf.certificate.profile import Profile
from pcf.certificate.trust import Trust, create_issuer
from pcf.certificate.verify import Step, verify
from pcf.custody import KINDS, Book, import_rows
from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
from pcf.exchange.custody_sample import SAMPLE, mill_records
from pcf.resources import certificates_path, datasets_path
from pcf.store import open_database
from pcf.store.keys import ensure_key
from tests.custody import books

TODAY = date(2026, 3, 2)
CUSTOMER = {"name": "Räderwerk GmbH", "address": "Hafenstraße 1, 20457 Hamburg", "country": "DE"}
SITES = ("demo-smelter", "demo-mill")
INGOT, COILS, HEAT, OTHER_HEAT = "SH-L-01", "SH-C-01", "L-0203-1", "L-0203-2"
"""Units of the sample: 200 t of ingot from the first heat of 250 t, 300 t of coil, both heats of HQALight."""


@cache
def sample_catalogue() -> Catalogue:
    """The shipped data with the sample plant, and the mill's model plant as if its data of 2025 had been brought in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder / "plant.xlsx")
        import_plant(folder / "plant.xlsx", SAMPLE_YEAR, folder / "data")
        found, problems = check_paths([datasets_path(), folder / "data"], None, "0" * 64)
    assert problems == []
    covers = tuple(found.processes)
    made = found.sites["demo-smelter-2025"].outputs["ingot-casting"]
    mill = dataclasses.replace(
        found.sites["hongfa"],
        id="hongfa-2025",
        year=2025,
        standing="demonstration",
        covers=covers,
        outputs={"slab-casting": made, "recycled-casting": made},
    )
    return dataclasses.replace(found, sites={**found.sites, mill.id: mill})


def prepare(url: str) -> None:
    """Fill the books of the sample into the database of a URL."""
    with closing(open_database(url)) as database:
        book = Book(database, sample_catalogue(), "demo")
        fill(book, SAMPLE)
        books.enter(book, "document", books.document(INGOT, 200_000, date="2025-02-10", reference="DEMO-COC-1-2025-00001"))
        fill(book, mill_records("DEMO-COC-1", "DEMO-COC-1-2025-00001", {}))
        fill(
            book, {"meter": [meter(site, "own_pv", 200) for site in SITES], "power": [sun(f"PV-{site}", site) for site in SITES]}
        )


def meter(site: str, leg: str, mwh: int) -> dict[str, Any]:
    return {"site": site, "time": "2025-02", "leg": leg, "mwh": mwh}


def sun(name: str, site: str, **more: Any) -> dict[str, Any]:
    """Own photovoltaics whose attributes were kept."""
    own = {"kind": "own", "leg": "own_pv", "time": "2025-02", "mwh": 200, "technology": "pv"}
    return {"id": name, "site": site, **own, **more}


def fill(book: Book, records: Any) -> None:
    import_rows(book, (
        (kind, ((f"{kind} {number}", row) for number, row in enumerate(records[kind], 1))) for kind in KINDS if kind in records
    ))  # fmt: skip


def make_profile(**changes: Any) -> Profile:
    """The example of an issuer's file with other values."""
    content = read_yaml(certificates_path() / "issuer.yaml", "issuer.yaml")
    content["products"]["can-stock-3104"] = {
        "standard": "GB/T 3190-2020, 3104", "description": "Can-body stock", "ids": ["urn:pact:demo.example:product-id:3104"],
    }  # fmt: skip
    return Profile.model_validate({**content, **changes})


def open_desk(home: Path, url: str, **changes: Any) -> Office:
    """An office whose keys lie in a folder; they are made where there are none."""
    if not (home / "keys").is_dir():
        create_issuer(
            home,
            "issuer",
            "Demo Aluminium Co., Ltd (invented)",
            datetime(2026, 1, 1, tzinfo=UTC),
            None,
            "did:web:verify.demo.example",
        )
    book = Book(open_database(url), sample_catalogue(), "office")
    return open_office(book, home, "issuer", make_profile(**changes), ensure_key(home / "keys", "log"), None)


def order(kind: str = "shipment", name: str = INGOT, mass_kg: int | None = None, **more: Any) -> Order:
    """An order; `site`, `year` and `method` are those of its request."""
    request = {key: more.pop(key) for key in ("site", "year", "method") if key in more}
    return Order(Request(kind, name, mass_kg=mass_kg, **request), more.pop("customer", CUSTOMER), **more)


def judge(office: Office, pdf: bytes, bundle: bytes | None = None) -> list[Step]:
    """All steps of a verification by somebody who trusts the office, with its status lists of now."""
    now = datetime.now(UTC)
    lists = list(make_status_lists(office, now).values())
    return verify(pdf, Trust((office.keys.public,)), bundle, lists=lists, at=datetime.now(UTC))


def failures(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        if step.good is False:
            yield f"{step.key}: {step.values['why']}"
