"""Catena-X aspects of a certificate: what the certificate says, under the id that its footprint has in PACT."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.history import read_standing
from pcf.certificate.issue import Office, issue
from pcf.certificate.register import Entry, revoke
from pcf.errors import InputError
from pcf.exchange.catenax import catenax_of
from pcf.exchange.catenax_material import secondary_material_of
from pcf.resources import datasets_path
from tests.certificate.offices import COILS, HEAT, TODAY, order
from tests.conftest import Run
from tests.custody import books
from tests.exchange.pacts import catenax_validator, company


def claimed(office: Office) -> Entry:
    """A certificate of 300 t of coil, a third of it claimed as post-consumer metal."""
    claim = {"attribute": "post-consumer", "basis": "credit", "mass_kg": 100_000}
    books.enter(office.book, "statement", books.statement("ST-1", COILS, date="2025-03-12", **claim))
    return issue(office, order("shipment", COILS), TODAY)


@pytest.fixture
def heat(office: Office) -> Entry:
    """A certificate of a heat, of which no recycled content was claimed."""
    return issue(office, order("batch", HEAT, 1000), TODAY)


def twin_of(office: Office, entry: Entry) -> dict[str, Any]:
    with office.book.read() as connection:
        return read_standing(connection, entry.number)


def written(twin: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Production and assessment of the aspect of a footprint."""
    made = catenax_of(twin, company())
    assessed = made["pcfAssessmentAndMethodology"][0]["pcfAssessmentInformation"][0]
    return made["productLifeCycleStagesAndEmissions"][0]["productionStage"][0], assessed


@pytest.mark.shared
def test_the_aspects_of_a_certificate_fulfil_their_schemas(office: Office, heat: Entry, shared_data: Path) -> None:
    coils = twin_of(office, claimed(office))
    found = [("pcf-9.0.0-Pcf-schema.json", catenax_of(twin, company())) for twin in (coils, twin_of(office, heat))]
    found.append(("secondary-material-content-calculated-1.0.0-schema.json", secondary_material_of(coils, company())))
    for schema, made in found:
        assert [error.message for error in catenax_validator(shared_data, schema).iter_errors(json.loads(json.dumps(made)))] == []


def test_the_aspect_has_the_certificates_figure_id_and_validity(office: Office, heat: Entry) -> None:
    twin = twin_of(office, heat)
    production, assessed = written(twin)
    assert production["pcfExcludingBiogenicUptake"] == pytest.approx(float(heat.document["footprint"]["value"]), abs=1e-6)
    assert assessed["idAndVersion"][0]["id"] == twin["id"] == dict(heat.exchange or {})["id"]
    span = assessed["time"][0]
    assert (span["validityPeriodStart"], span["created"]) == (f"{heat.document['issued']}T00:00:00Z",) * 2


def test_claimed_content_bears_its_chain_of_custody(office: Office) -> None:
    twin = twin_of(office, claimed(office))
    told = twin["extensions"][0]["data"]
    made = secondary_material_of(twin, company())["secondaryMaterialContent"][0]
    post = made["inorganic"]["secondaryInorganic"]["postConsumer"]["mechanicalRecycling"]
    vehicles = made["inorganic"]["secondaryInorganic"]["postConsumerAutomotive"]["mechanicalRecycling"]
    assert (
        post["percentageOfMaterialWeight"] + vehicles["percentageOfMaterialWeight"] == 33.33
    )  # 100 t of 300 t, in hundredths of a per cent
    assert told["chainOfCustodyModel"] == "mass-balance"
    assert post["isMassBalanced"] is True
    assert "mass-balance" in made["additionalInformation"]


def test_what_was_not_claimed_is_no_content_of_zero(office: Office, heat: Entry) -> None:
    with pytest.raises(InputError, match="recycled content: found none that was claimed"):
        secondary_material_of(twin_of(office, heat), company())


def test_a_certificate_that_has_ended_is_not_handed_on(office: Office, heat: Entry) -> None:
    revoke(office.book, heat.number, TODAY, "wrong mass")
    with pytest.raises(InputError, match=f"certificate {heat.number}: found revoked on"):
        twin_of(office, heat)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "PRODUCT, --certificate: found neither"),
        (("a356.2", "--certificate", "PCF-2026-000001"), "PRODUCT, --certificate: found both"),
        (("--certificate", "PCF-2026-000001", "--gwp", "AR5"), "found with --gwp; expected no option of a product"),
        (
            ("--certificate", "PCF-2026-000001"),
            "company.yaml, company.ids: found urn:bpn:BPNL00000000OTHR; expected the issuer of PCF-2026-000001",
        ),
        (("--certificate", "'; DROP TABLE event; --"), "DROP TABLE"),
    ],
)
def test_the_command_writes_a_certificate_of_the_same_issuer(
    office: Office, heat: Entry, database_url: str, pcf: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    assert heat.number == "PCF-2026-000001"
    monkeypatch.setenv("PCF_DATABASE_URL", database_url)
    example = (datasets_path() / "exchange" / "company.yaml").read_text(encoding="utf-8")
    other = example.replace("- urn:pact:example.org:company-id:demo\n", "").replace("BPNL000000000DEM", "BPNL00000000OTHR")
    (tmp_path / "company.yaml").write_text(other, encoding="utf-8")
    out = tmp_path / "out.json"
    refused = pcf("export", "catenax", *arguments, "--company", str(tmp_path / "company.yaml"), "--out", str(out))
    assert (refused.code, out.exists()) == (2, False)
    assert said in refused.err
