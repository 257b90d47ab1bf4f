"""The own rules find what the official schemas let through, and never stumble over what they are given."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.exchange.pact import product_footprint
from pcf.exchange.pact_rules import find_problems
from tests.exchange.pacts import CREATED, company, made, pact_validator

WRONG: dict[str, tuple[str, Any]] = {
    "text for a decimal": ("pcf.fossilGhgEmissions", "abc"),
    "rest behind a decimal": ("pcf.fossilGhgEmissions", "5abc"),
    "exponent": ("pcf.primaryDataShare", "1e1"),
    "number for a text": ("pcf.primaryDataShare", 10),
    "positive removals": ("pcf.landManagementBiogenicCO2Removals", "1"),
    "sum without biogenic uptake": ("pcf.pcfExcludingBiogenicUptake", "3.0"),
    "sum with it": ("pcf.biogenicCO2Uptake", "-0.000001"),
    "second geography": ("pcf.geographyCountry", "CN"),
    "packaging value without packaging": ("pcf.packagingEmissionsIncluded", False),
    "captured but none included": ("pcf.technologicalCO2CaptureOrigin", "a well"),
    "mass of a kilogram": ("pcf.productMassPerDeclaredUnit", "2"),
    "aircraft beyond fossil": ("pcf.aircraftGhgEmissions", "99"),
    "share beyond 100": ("pcf.primaryDataShare", "100.1"),
    "rating beyond 5": ("pcf.dqi", {"technologicalDQR": "5.1", "geographicalDQR": "1", "temporalDQR": "1"}),
    "rating missing": ("pcf.dqi", {"technologicalDQR": "5"}),
    "operator without name": ("pcf.productOrSectorSpecificRules", [{"operator": "Other", "ruleNames": ["X"]}]),
    "too early": ("validityPeriodStart", "2024-12-31T23:59:59Z"),
    "too long": ("validityPeriodEnd", "2028-01-02T00:00:00Z"),
    "no day": ("created", "2026-02-30T00:00:00Z"),
    "offset": ("created", "2026-02-03T00:00:00+08:00"),
    "urn": ("productIds", ["urn:x"]),
    "hash in a urn": ("productIds", ["urn:pact:example.org:product-id:a#b"]),
    "own id before itself": ("precedingPfIds", None),
    "null": ("comment", None),
    "unknown member": ("pfId", "x"),
    "version": ("specVersion", "2.3.0"),
    "extension": (
        "extensions",
        [{"specVersion": "2.0.0", "dataSchema": "https://e.org", "data": {"schema": "pcf/pact-aluminium/1"}}],
    ),
}
SCHEMA_FINDS = {
    "second geography", "null", "urn", "rating missing", "number for a text", "own id before itself", "no day",
}  # fmt: skip


@pytest.fixture(scope="module")
def right(catalogue: Catalogue) -> dict[str, Any]:
    found = product_footprint(made(catalogue), company(packaging={"included": True, "kgCO2e_per_t": 8}), CREATED)
    assert find_problems(found) == []
    return found


def changed(right: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(right)
    *parts, last = path.split(".")
    target = found
    for part in parts:
        target = target[part]
    target[last] = [found["id"]] if path == "precedingPfIds" and value is None else value
    return found


@pytest.mark.parametrize("case", WRONG)
def test_each_rule_finds_its_case(right: dict[str, Any], case: str) -> None:
    path, value = WRONG[case]
    problems = find_problems(changed(right, path, value))
    assert problems, case
    assert any(path.split(".")[-1][:8].lower() in str(problem).lower() or "geography" in str(problem) for problem in problems)


@pytest.mark.shared
def test_the_official_schema_lets_most_of_them_through(right: dict[str, Any], shared_data: Path) -> None:
    validator = pact_validator(shared_data)
    passed = {case for case, (path, value) in WRONG.items() if validator.is_valid(changed(right, path, value))}
    assert len(passed) > len(WRONG) / 2 and "text for a decimal" in passed and "sum with it" in passed


@pytest.mark.parametrize("path", ["id", "companyName", "pcf", "pcf.packagingEmissionsIncluded", "pcf.fossilCarbonContent"])
def test_a_missing_member_is_found(right: dict[str, Any], path: str) -> None:
    found = copy.deepcopy(right)
    *parts, last = path.split(".")
    del (found[parts[0]] if parts else found)[last]
    assert any(path.split(".")[-1] in str(problem) for problem in find_problems(found))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_member_is_a_problem_and_no_crash(right: dict[str, Any], data: st.DataObject) -> None:
    paths = [*right, *(f"pcf.{name}" for name in right["pcf"])]
    path, value = data.draw(st.sampled_from(paths)), data.draw(JSON)
    find_problems(changed(right, path, value))
