"""Heats of A356.2 with charges of their own at the sample's smelter, for certificates by batch and of what remains."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pcf.certificate.issue import Office
from pcf.certificate.register import Entry
from pcf.custody.draws import Pool, read_certified
from pcf.custody.heats import Heats
from pcf.model import Method
from tests.certificate import offices
from tests.certificate.offices import order

SITE, PRODUCT, HEAT_KG = "demo-smelter", "a356.2", 8_500
POOL = Pool(PRODUCT, SITE, 2025)
WHEELS = ("A1", "A2", "A3")
INVENTORY = HEAT_KG * len(WHEELS)

_LOTS = (
    ("WH", "scrap-wheels-a356", "post-consumer"), ("PR", "primary-delivery", "primary"), ("SI", "silicon-metal", "alloying"),
    ("MG", "magnesium-metal", "alloying"),
)  # fmt: skip


def cast_wheels(office: Office) -> None:
    """Three heats of 8,500 kg, with more and more primary metal in them."""
    offices.fill(office.book, {
        "lot": [
            {"id": name, "site": SITE, "date": "2025-03-01", "material": material, "mass_kg": 100_000, "supplier": "alloys",
             "ticket": name, "content_class": content}
            for name, material, content in _LOTS
        ],
        "cast": [
            {"heat": name, "site": SITE, "date": "2025-03-02", "furnace": "F1", "product": PRODUCT, "product_kg": HEAT_KG,
             "charge": f"WH={5000 - 500 * number},PR={3500 + 500 * number},SI={285 + 50 * number},MG=15"}
            for number, name in enumerate(WHEELS)
        ],
    })  # fmt: skip


def product(mass_kg: int | None = None, **more: Any) -> Any:
    """An order of the product's certificate."""
    return order("product", PRODUCT, mass_kg, site=SITE, **more)


def heat_values(office: Office) -> dict[str, float]:
    """Footprint of each heat [tCO2e/t], as `pcf batch footprint` tells it."""
    with office.book.read() as connection:
        heats = Heats(connection, office.book.catalogue, Method(low_voltage_pfc="included"))
        return {name: heats.footprint(name).total for name in WHEELS}


def drawn(office: Office) -> dict[str, Fraction]:
    with office.book.read() as connection:
        return read_certified(connection, WHEELS)


def value(entry: Entry) -> float:
    """The sealed footprint [tCO2e/t]."""
    return float(entry.document["footprint"]["value"])
