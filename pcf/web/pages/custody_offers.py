"""What the fields of a form offer to choose from: what the book and the catalogue have."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, select

from pcf.custody.masters import read_changes
from pcf.custody.meters import METERED
from pcf.custody.parties import ASI_COC, plant_names
from pcf.custody.power import TECHNOLOGIES
from pcf.custody.standing import stands
from pcf.custody.tables import certificate, party, period, scope, site
from pcf.custody.voids import today
from pcf.text import texts
from pcf.web.pages.custody_parts import read
from pcf.web.shell import View

AMENDMENTS: Mapping[str, str] = {"party-amendment": "party", "site-amendment": "site", "scope-amendment": "scope"}
"""Kind of an amendment → kind of record that it amends."""

PARTIES = ("supplier", "customer", "party", "holder", "tolled_for")
PART = "audit-part."
"""How the names of the parts of the evidence pack begin."""

MOST_OFFERED = 2_000

Offers = dict[str, dict[str, str]]
"""Field → what may be chosen for it, id → words."""


async def offers_of(view: View, kind: str) -> tuple[Offers, str]:
    """What there is to choose from for a kind of record, and today where the first plant is."""
    offers, zone = await read(view, _of_book)
    offers |= _of_catalogue(view, kind)
    if kind in AMENDMENTS:
        offers["id"] = offers[AMENDMENTS[kind]]
    return {name: found for name, found in offers.items() if found}, today(zone)


def _of_book(connection: Connection) -> tuple[Offers, str]:
    """Parties, plants, scopes, periods and certificates under their present names, and the time zone of the first plant."""
    parties, sites, scopes = (_named(connection, table) for table in (party, site, scope))
    numbers = select(certificate.c.number).where(certificate.c.standard == ASI_COC, stands(certificate, "certificate"))
    certificates = connection.execute(numbers.distinct().order_by(certificate.c.number).limit(MOST_OFFERED)).scalars()
    periods = connection.execute(select(period.c.id).distinct().order_by(period.c.id.desc()).limit(MOST_OFFERED)).scalars()
    offers = dict.fromkeys(PARTIES, parties) | {
        "site": sites, "scope": scopes, "period": {name: name for name in periods}, "certificate": {name: name for name in certificates},
    }  # fmt: skip
    return offers, connection.execute(select(site.c.timezone).order_by(site.c.event_seq).limit(1)).scalar() or ""


def _named(connection: Connection, table: Table) -> dict[str, str]:
    """Ids of parties, plants or scopes with their present names, by name."""
    rows = connection.execute(select(table.c.id, table.c.name).limit(MOST_OFFERED)).all()
    changes = read_changes(connection, table.name)
    found = {row.id: str(changes.get(row.id, {}).get("name", row.name)) for row in rows}
    return {name: f"{words} ({name})" for name, words in sorted(found.items(), key=lambda item: (item[1], item[0]))}


def _of_catalogue(view: View, kind: str) -> Offers:
    """What the catalogue has to choose from, and words of a list."""
    catalogue = view.desk.catalogue
    products = {item.id: f"{view.name(item.name)} ({item.id})" for item in catalogue.products.values()}
    metals = {item.id: f"{view.name(item.name)} ({item.id})" for item in catalogue.processes.values() if item.metal is not None}
    legs = {name: view.word("leg", name) for name in METERED}
    technologies = {name: view.word("web.custody-technology", name) for name in TECHNOLOGIES}
    plants = {name: name for name in plant_names(catalogue)}
    named = {key.removeprefix(PART): words for key, words in texts(view.lang).items() if key.startswith(PART)}
    parts = {number: f"{number} · {words}" for number, words in named.items()}
    more: dict[str, Offers] = {
        "lot": {"material": metals | products}, "meter": {"leg": legs}, "power": {"leg": legs, "technology": technologies},
        "site": {"plant": plants}, "site-amendment": {"plant": plants}, "filing": {"part": parts},
    }  # fmt: skip
    return {"product": products, **more.get(kind, {})}
