"""Footprints for the tests and the benchmark of the PACT service: invented, by the rules, quick to make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pcf.exchange.pact import content_id
from pcf.exchange.sharing import Client, publish
from pcf.exchange.sharing.clients import new_secret, put_client
from pcf.exchange.sharing.register import footprint_row, publication_rows
from pcf.store import Database
from pcf.store.pact_schema import FOOTPRINT, PUBLICATION

COMPANY = "urn:pact:example.com:company-id:demo"


def footprint(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A footprint of 1 kg of metal; members of `pcf` are changed by `pcf={…}`, a None takes a member out."""
    made: dict[str, Any] = {
        "specVersion": "3.0.0",
        "created": "2026-03-01T08:30:00Z",
        "status": "Active",
        "companyName": "Demo Aluminium Ltd",
        "companyIds": [COMPANY],
        "productDescription": "Primary aluminium ingot, invented. " + "Made for tests of the service alone. " * 20,
        "productIds": [f"urn:pact:example.com:product-id:ingot-{number}"],
        "productClassifications": ["urn:pact:productclassification:cn:7601"],
        "productNameCompany": f"Ingot {number}",
    }
    pcf: dict[str, Any] = {
        "declaredUnitOfMeasurement": "kilogram", "declaredUnitAmount": "1", "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": "2025-01-01T00:00:00Z", "referencePeriodEnd": "2026-01-01T00:00:00Z", "geographyCountry": "CN",
        "pcfExcludingBiogenicUptake": "7.5", "pcfIncludingBiogenicUptake": "7.5", "fossilGhgEmissions": "7.5",
        "fossilCarbonContent": "0", "packagingEmissionsIncluded": False, "ccsTechnologicalCO2CaptureIncluded": False,
        "ipccCharacterizationFactors": ["AR6"], "crossSectoralStandards": ["ISO14067"], "exemptedEmissionsPercent": "1.5",
        "primaryDataShare": "40", "boundaryProcessesDescription": "Electrolysis, casting. " * 100,
    }  # fmt: skip
    made["pcf"] = _changed(pcf, changes.pop("pcf", {}))
    made = _changed(made, changes)
    return {"id": content_id(made), **made}


def _changed(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**content, **changes}.items() if value is not None}


def register(database: Database, name: str, **fields: Any) -> str:
    """A new client; its secret."""
    with database.write("me") as tx:
        put_client(tx, Client(name, f"Customer {name}", **fields))
        return new_secret(tx, name, 0)


def publish_all(database: Database, footprints: Iterable[Mapping[str, Any]], clients: Sequence[str]) -> list[str]:
    """Publish footprints one by one; their ids."""
    names = []
    for item in footprints:
        with database.write("me") as tx:
            publish(tx, item, clients)
        names.append(str(item["id"]))
    return names


def publish_many(database: Database, footprints: Iterable[Mapping[str, Any]], client: str) -> None:
    """Publish footprints that are not there yet, as `publish` does, in one writing: for many of them."""
    with database.write("me") as tx:
        for number, item in enumerate(footprints):
            name = item["id"]
            tx.add(FOOTPRINT, f"{FOOTPRINT}:{name}:0", "r", {"pact_footprint": [footprint_row(item, None)]})
            tx.add(PUBLICATION, f"{PUBLICATION}:{client}:{name}:0", "r", publication_rows(tx, client, item))
            if number % 2_000 == 1_999:
                tx.flush()
