"""Suppliers' footprints, version 3 and 2: per kg whatever the declared unit, doubts told with their amounts, nonsense refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.custody.supplier import NOT_STATED
from pcf.errors import DataError, InputError
from pcf.exchange.pact import product_footprint
from pcf.exchange.pact_import import FIELDS, Supplied, read_footprint, read_footprints
from pcf.exchange.pact_json import read_file, read_text
from tests.exchange.pacts import CREATED, company, made

TODAY = date(2026, 6, 1)
V3: dict[str, Any] = {
    "id": "f4b1225a-bd44-4c8e-861d-079e4e1dfd69", "specVersion": "3.0.2", "created": "2026-02-01T00:00:00Z", "status": "Active",
    "companyName": "Supplier", "companyIds": ["urn:company:example:a"], "productDescription": "Billet",
    "productIds": ["urn:gtin:4712345060507"], "productNameCompany": "Billet 6060",
}  # fmt: skip
PCF3: dict[str, Any] = {
    "declaredUnitOfMeasurement": "piece", "declaredUnitAmount": "4", "productMassPerDeclaredUnit": "10",
    "referencePeriodStart": "2025-01-01T00:00:00Z", "referencePeriodEnd": "2026-01-01T00:00:00Z",
    "pcfExcludingBiogenicUptake": "42.5", "pcfIncludingBiogenicUptake": "42.5", "fossilGhgEmissions": "42.5",
    "fossilCarbonContent": "0", "ipccCharacterizationFactors": ["AR6"], "crossSectoralStandards": ["ISO14067"],
    "exemptedEmissionsPercent": "0", "verification": {"providerName": "Auditor"},
}  # fmt: skip
PCF2: dict[str, Any] = {
    "declaredUnit": "kilogram", "unitaryProductAmount": "1", "pCfExcludingBiogenic": "4.25", "fossilGhgEmissions": "4.25",
    "fossilCarbonContent": "0", "biogenicCarbonContent": "0", "characterizationFactors": "AR5",
    "crossSectoralStandardsUsed": ["ISO Standard 14067"], "referencePeriodStart": "2025-01-01T00:00:00Z",
    "referencePeriodEnd": "2026-01-01T00:00:00Z", "exemptedEmissionsPercent": 0, "packagingEmissionsIncluded": True,
    "assurance": {"providerName": "Auditor"},
}  # fmt: skip


def v3(**changes: Any) -> Supplied:
    pcf = {name: value for name, value in {**PCF3, **changes}.items() if value is not None}
    return read_footprint({**V3, "pcf": pcf}, "a.json", TODAY)


def v2(**changes: Any) -> Supplied:
    pcf = {name: value for name, value in {**PCF2, **changes}.items() if value is not None}
    return read_footprint({**V3, "specVersion": "2.2.0", "pcf": pcf}, "a.json", TODAY)


def kinds(found: Supplied) -> set[str]:
    return {one.kind for one in found.warnings}


def values(found: Supplied, kind: str) -> dict[str, str]:
    return dict(next(one for one in found.warnings if one.kind == kind).values)


def test_version_3_states_the_whole_declared_unit() -> None:
    found = v3()
    assert found.value == Decimal("4.25")  # 42.5 kgCO2e for 4 pieces of together 10 kg
    assert (found.gwp, found.period, found.verifier, found.standard) == ("AR6", "2025-01-01/2025-12-31", "Auditor", "ISO14067")
    assert kinds(found) == {"scrap"}
    tonne = v3(declaredUnitOfMeasurement="kilogram", declaredUnitAmount="1000", productMassPerDeclaredUnit="1000")
    assert tonne.value == Decimal("0.0425")


def test_version_2_states_one_declared_unit_whatever_the_amount_is() -> None:
    assert v2().value == Decimal("4.25") and "total-entered" not in kinds(v2())
    found = v2(unitaryProductAmount="1000")
    assert found.value == Decimal("4.25")
    assert values(found, "total-entered") == {"amount": "1000", "other": "0.00425"}
    piece = v2(declaredUnit="piece", productMassPerDeclaredUnit="2.5", unitaryProductAmount="1")
    assert piece.value == Decimal("1.7")
    assert (v2().gwp, v2().standard, v2().verifier) == ("AR5", "ISO14067", "Auditor")
    assert "dqr" in kinds(v2(dqi={"technologicalDQR": 2.0}))
    assert values(v2(dLucGhgEmissions="0.1", otherBiogenicGhgEmissions="0.2"), "biogenic-excluded") == {"amount": "0.3"}


def test_gaps_of_the_sums_are_told_with_their_amount() -> None:
    assert values(v3(fossilGhgEmissions="40"), "gap") == {
        "field": "pcfExcludingBiogenicUptake", "gap": "2.5", "sum": "40", "unit": "kgCO2e",
    }  # fmt: skip
    assert values(v3(biogenicCO2Uptake="-1"), "gap")["field"] == "pcfIncludingBiogenicUptake"
    assert "gap" not in kinds(v3(biogenicCO2Uptake="-1", pcfIncludingBiogenicUptake="41.5"))
    assert values(v2(pCfIncludingBiogenic="4.5"), "gap")["gap"] == "0.25"


def test_editions_are_named_only_where_there_is_one() -> None:
    for told, kind in ((["AR5", "AR6"], "edition-several"), (["AR9"], "edition-unknown"), ([], "edition-none")):
        found = v3(ipccCharacterizationFactors=told)
        assert found.gwp == NOT_STATED and kind in kinds(found)


def test_the_odd_is_told() -> None:
    assert "exponent" in kinds(v3(pcfExcludingBiogenicUptake="4.25e1"))
    assert v3(pcfExcludingBiogenicUptake="4.25e1").value == Decimal("4.25")
    assert "number" in kinds(v3(declaredUnitAmount=Decimal(4)))
    assert "unverified" in kinds(v3(verification=None))
    assert "range" in kinds(v3(productMassPerDeclaredUnit="0.1"))
    kilogram = v3(declaredUnitOfMeasurement="kilogram", declaredUnitAmount="10", productMassPerDeclaredUnit="9")
    assert kilogram.value == Decimal("4.25") and "inconsistent-mass" in kinds(kilogram)
    base = {**V3, "pcf": PCF3}
    assert "deprecated" in kinds(read_footprint({**base, "status": "Deprecated"}, "a", TODAY))
    assert "expired" not in kinds(read_footprint(base, "a", date(2028, 12, 31)))
    assert "expired" in kinds(read_footprint(base, "a", date(2029, 1, 1)))  # three years after its period
    assert "not-yet" in kinds(read_footprint({**base, "validityPeriodStart": "2026-07-01T00:00:00Z"}, "a", TODAY))
    assert "validity" in kinds(read_footprint({**base, "validityPeriodEnd": "2035-07-01T00:00:00Z"}, "a", TODAY))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"productMassPerDeclaredUnit": None}, "the mass in kg"),
        ({"productMassPerDeclaredUnit": "0"}, "the mass in kg"),
        ({"declaredUnitAmount": "0"}, "more than zero"),
        ({"pcfExcludingBiogenicUptake": "NaN"}, "plain digits"),
        ({"pcfExcludingBiogenicUptake": "Infinity"}, "plain digits"),
        ({"pcfExcludingBiogenicUptake": "４２"}, "plain digits"),
        ({"pcfExcludingBiogenicUptake": "1e99"}, "digits before"),
        ({"pcfExcludingBiogenicUptake": ["1"]}, "a list"),
        ({"pcfExcludingBiogenicUptake": None}, "nothing"),
        ({"referencePeriodEnd": "2024-01-01T00:00:00Z"}, "a day after the start"),
        ({"referencePeriodEnd": "2025-13-01T00:00:00Z"}, "a moment"),
        ({"ipccCharacterizationFactors": {"a": 1}}, "a list of texts"),
        ({"verification": "Auditor"}, "an object"),
    ],
)
def test_what_cannot_be_stated_per_kg_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        v3(**changes)


def test_other_versions_and_shapes_are_refused() -> None:
    for content in (
        5,
        "x",
        {},
        {**V3, "specVersion": "1.0.0", "pcf": PCF3},
        {**V3, "pcf": []},
        {**V3, "status": "Draft", "pcf": PCF3},
    ):
        with pytest.raises(InputError):
            read_footprint(content, "a.json", TODAY)
    with pytest.raises(DataError, match="footprint 2"):
        read_footprints([{**V3, "pcf": PCF3}, 7], "a.json", TODAY)


def test_an_own_export_comes_back_with_its_treatment_of_scrap(catalogue: Catalogue) -> None:
    document = made(catalogue, standing="demonstration")
    sent = product_footprint(document, company(), CREATED)
    found = read_footprints({"data": json.loads(json.dumps(sent))}, "a.json", TODAY)[0]
    assert found.value == pytest.approx(Decimal(document["total"]["value"]), abs=Decimal("1e-6"))
    assert (found.scrap, found.gwp, found.boundary) == ("cut-off", "AR6", "cradle-to-gate")
    assert kinds(found) == {"notice", "unverified"}


@pytest.mark.shared
def test_all_published_samples_are_read(shared_data: Path) -> None:
    count = 0
    for path in sorted((shared_data / "pact" / "directory-samples").glob("*.json")):
        for item in read_footprints(read_file(path), path.name, TODAY):
            count += 1
            assert "gap" in kinds(item)  # none of them fulfils the sum that the specification states
    assert count == 180


def written(folder: Path, content: object) -> str:
    path = folder / "supplier.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_the_command_shows_a_footprint_and_writes_the_columns_of_a_lot(pcf: Callable[..., Any], tmp_path: Path) -> None:
    from pcf.custody.intake import KINDS

    file, table = written(tmp_path, {**V3, "pcf": PCF3}), tmp_path / "lots.csv"
    run = pcf("pact", "import", file)
    assert run.code == 0 and "4.25 kgCO2e/kg" in run.out and "treatment of scrap is not stated" in run.out
    run = pcf("pact", "import", file, "--json", "--lot-csv", str(table))
    item = json.loads(run.out)["footprints"][0]
    assert item["lot"]["footprint"] == "4.25" and item["warnings"][0]["kind"] == "scrap"
    row = next(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert {name: row[name] for name in FIELDS} == item["lot"]
    assert set(row) <= set(KINDS["lot"].model.model_fields)
    delivery = {
        "id": "L1", "site": "works", "date": "2026-03-01", "material": "primary-delivery", "mass_kg": "1000", "supplier": "s",
        "ticket": "t", "content_class": "primary",
    }  # fmt: skip
    assert KINDS["lot"].model.model_validate({**{k: v for k, v in row.items() if v}, **delivery}).footprint == "4.25"
    assert pcf("pact", "import", file, "--lot-csv", str(table)).code == 2  # a file that exists
    far = written(tmp_path, {**V3, "pcf": {**PCF3, "productMassPerDeclaredUnit": "0.1"}})
    assert pcf("pact", "import", far, "--lot-csv", str(tmp_path / "far.csv")).code == 2


def hostile(folder: Path, name: str) -> Path:
    path = folder / f"{name}.json"
    good = json.dumps({**V3, "pcf": PCF3})
    if name == "huge":
        with path.open("wb") as file:
            file.truncate(100_000_000)
        return path
    contents = {
        "deep": "[" * 10_000 + "]" * 10_000,
        "deep objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
        "open": "[" * 50,
        "nan": good.replace('"42.5"', "NaN"),
        "infinity": good.replace('"42.5"', "-Infinity"),
        "many digits": good.replace('"42.5"', "1" * 100_000),
        "giant exponent": good.replace('"42.5"', "1e999999999999999999999"),
        "large exponent": good.replace('"42.5"', "1e999999"),
        "twice": good.replace('"status"', '"companyName": "B", "status"'),
        "direction": good.replace("Billet 6060", "Billet \u202e0606"),
        "direction, escaped": good.replace("Billet 6060", "Billet \\u202e0606"),
        "direction, in a list": good.replace("urn:gtin:", "urn:\\u2066gtin:"),
        "half a character": good.replace("Billet 6060", "\\ud800"),
        "null byte": good.replace("Billet 6060", "\\u0000"),
        "text": '"footprint"', "number": "5", "null": "null", "nothing": "", "empty list": "[]", "broken": good[:-3],
        "long name": good.replace("Supplier", "S" * 5000),
        "wrong": good.replace('"42.5"', '{"a": [1]}'),
        "list for a text": good.replace('"Supplier"', "[]"),
    }  # fmt: skip
    if name == "encoding":
        path.write_bytes(good.replace("Supplier", "供应").encode("gb18030") + b"\xff")
    elif name == "folder":
        path.mkdir()
    elif name != "missing":
        path.write_text(contents[name], encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "huge", "deep", "deep objects", "open", "nan", "infinity", "many digits", "giant exponent", "large exponent", "twice",
        "direction", "direction, escaped", "direction, in a list", "half a character", "null byte", "text", "number", "null",
        "nothing", "empty list", "broken", "long name", "wrong", "list for a text", "encoding", "folder", "missing",
    ],
)  # fmt: skip
def test_bad_files_give_one_clear_line(pcf: Callable[..., Any], tmp_path: Path, name: str) -> None:
    run = pcf("pact", "import", str(hostile(tmp_path, name)))
    assert run.code == 2, run.err
    assert run.out == ""
    assert run.err.count("\n") == 1 and run.err.startswith("pcf: ") and "expected" in run.err
    assert len(run.err) < 700 and "defect" not in run.err


def test_numbers_of_a_file_lose_nothing() -> None:
    assert read_text(b'{"a": 0.1000000000000000055511151231257827}', "x")["a"] == Decimal("0.1000000000000000055511151231257827")
    assert read_text(b'\xef\xbb\xbf{"a": [1, 2]}', "x") == {"a": [1, 2]}


def test_depth_has_a_limit_of_its_own() -> None:
    assert read_text(b"[" * 60 + b"]" * 60, "x")
    assert read_text(b'{"a": "' + b"[" * 500 + b'"}', "x")["a"] == "[" * 500
    with pytest.raises(InputError, match="more than 60"):
        read_text(b"[" * 61 + b"]" * 61, "x")
