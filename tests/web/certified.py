"""A state folder in which certificates can be issued: the sample plant, its book, keys, the issuer's file."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pcf.catalogue import open_catalogue
from pcf.certificate.desk import find_profile, open_office
from pcf.certificate.gather import Request
from pcf.certificate.issue import Order, issue
from pcf.certificate.trust import create_issuer
from pcf.custody import Book
from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
from pcf.exchange.custody_sample import SAMPLE
from pcf.resources import certificates_path
from pcf.store import open_database
from pcf.store.keys import ensure_key
from pcf.views.issuing import this_day
from tests.certificate.offices import fill

HEAT, OTHER_HEAT, INGOT = "L-0203-1", "L-0203-2", "SH-L-01"
CUSTOMER = {"name": "Räderwerk GmbH", "address": "Hafenstraße 1, 20457 Hamburg", "country": "DE"}


def fill_home(home: Path, database_url: str = "") -> None:
    """Everything that an issue needs; the book is in the home, or where a URL says."""
    home.mkdir(parents=True, exist_ok=True)
    write_sample(home / "plant.xlsx")
    import_plant(home / "plant.xlsx", SAMPLE_YEAR, home / "data")
    with closing(open_database(database_url or url_of(home))) as database:
        fill(Book(database, open_catalogue(None, overlays=[home / "data"]), "demo"), SAMPLE)
    create_issuer(
        home,
        "issuer",
        "Demo Aluminium Co., Ltd (invented)",
        datetime(2026, 1, 1, tzinfo=UTC),
        None,
        "did:web:verify.demo.example",
    )
    ensure_key(home / "keys", "log")
    shutil.copyfile(certificates_path() / "issuer.yaml", home / "issuer.yaml")


def issue_first(home: Path, database_url: str = "", heat: str = HEAT, mass_kg: int = 1_000) -> None:
    """A certificate to look at."""
    with closing(open_database(database_url or url_of(home))) as database:
        book = Book(database, open_catalogue(None, overlays=[home / "data"]), "demo")
        office = open_office(book, home, "issuer", find_profile(home, None), ensure_key(home / "keys", "log"), None)
        issue(office, Order(Request("batch", heat, mass_kg=mass_kg), CUSTOMER), this_day())


def url_of(home: Path) -> str:
    """Of the database of a home."""
    return f"sqlite:///{home / 'pcf.db'}"


def ask_for_four_eyes(home: Path, *, wanted: bool) -> None:
    """Change the issuer's file."""
    path = home / "issuer.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"four_eyes: {str(not wanted).lower()}", f"four_eyes: {str(wanted).lower()}"), encoding="utf-8")
