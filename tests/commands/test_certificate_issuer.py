"""The issuer's file wrong in every field, and keys that are not there or not to be used."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pcf.catalogue.files import read_yaml
from pcf.resources import certificates_path
from tests.commands.mills import Call, done
from tests.commands.test_certificate import ISSUE, desk, refused, sample_database

__all__ = ["desk", "sample_database"]

WORDS = (
    "name.en", "name.zh", "address.en", "address.zh", "identifier", "contact", "products.hqalight.standard", "products.hqalight.description",
)  # fmt: skip
NEEDED = ("schema", "name", "address", "identifier", "company_ids", "verify", "publish", "packaging", "products")


def written(home: Path, path: str, value: Any, *, without: bool = False) -> None:
    """The example of the issuer's file with another value at a path such as `products.hqalight.ids`."""
    content = copy.deepcopy(read_yaml(certificates_path() / "issuer.yaml", "issuer.yaml"))
    *steps, last = path.split("/" if "/" in path else ".")
    place = content
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if without:
        del place[last]
    else:
        place[last] = value
    with (home / "issuer.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(content, stream)


@pytest.mark.parametrize("name", NEEDED)
def test_fields_that_are_needed(pcf: Call, desk: Path, pcf_home: Path, name: str) -> None:
    written(pcf_home, name, None, without=True)
    assert f"issuer.yaml, {name}: found nothing; expected a value" in refused(pcf, 2, *ISSUE)


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("value", ["", "x" * 201, "a\U0001f697", "שלום", ["a"], 7], ids=repr)
def test_texts_that_cannot_be_printed(pcf: Call, desk: Path, pcf_home: Path, name: str, value: Any) -> None:
    written(pcf_home, name, value)
    assert f"issuer.yaml, {name}: found" in refused(pcf, 2, *ISSUE)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("schema", "pcf/issuer-profile/2", "issuer.yaml, schema: found"),
        ("colour", "blue", "issuer.yaml, colour: found 'blue'; expected no such field"),
        ("name.fr", "x", "issuer.yaml, name.fr: found 'x'; expected no such field"),
        *(
            (name, value, f"issuer.yaml, {name}: found '{value}'; expected an address https://…/")
            for name in ("verify", "publish")
            for value in ("http://a.example/", "https://a.example", "https://ä.example/", "https://a b.example/", "javascript:alert(1)/")
        ),
        ("verify", "https://a.example/<x>/", "verify"),
        ("company_ids", [], "company"), ("company_ids", "urn:x", "issuer.yaml, company_ids: found"), ("company_ids", ["no urn"], "no urn"),
        ("packaging.included", "perhaps", "issuer.yaml, packaging.included: found 'perhaps'"),
        ("packaging.kgCO2e_per_t", -1, "issuer.yaml, packaging.kgCO2e_per_t: found -1"),
        ("products.hqalight.ids", "urn:x", "issuer.yaml, products.hqalight.ids: found"),
        ("products.hqalight.ids", ["x"], "ids"),
        ("products.hqalight.commodity_code", 7601, "issuer.yaml, products.hqalight.commodity_code: found 7601"),
        ("products.hqalight.commodity_code", "7" * 21, "issuer.yaml, products.hqalight.commodity_code: found"),
        ("products.hqalight.commodity_code", "76\U0001f697", "commodity_code"),
        ("products", {}, "issuer.yaml, products: found no hqalight"), ("products", [], "issuer.yaml, products: found []"),
        ("standards", ["x"] * 6, "issuer.yaml, standards: found"), ("standards", ["x" * 61], "standards"),
        ("flows", "none", "issuer.yaml, flows: found 'none'"),
        ("flows", [{"process": "bauxite-mining"}], "issuer.yaml, flows.0.flow: found nothing"),
        ("flows/0/kgCO2e_per_t", -1, "issuer.yaml, flows.0.kgCO2e_per_t: found -1"),
        ("flows/0/year", 1789, "issuer.yaml, flows.0.year: found 1789"), ("flows/0/source", "", "issuer.yaml, flows.0.source: found ''"),
        ("flows/0/process", "gold", "issuer.yaml, flows line 1: found gold"),
        ("assurance", {"level": "none", "verifier": "x", "report": "y"}, "issuer.yaml, assurance.level: found 'none'"),
        ("assurance", {"level": "limited"}, "issuer.yaml, assurance.verifier: found nothing"),
    ],
)  # fmt: skip
def test_wrong_values(pcf: Call, desk: Path, pcf_home: Path, name: str, value: Any, says: str) -> None:
    written(pcf_home, name, value)
    assert says in refused(pcf, 2, *ISSUE)


@pytest.mark.parametrize("content", ["", "[]", "text", "a: &x 1\nb: *x", "schema: [", "\x00"])
def test_what_is_no_issuers_file(pcf: Call, desk: Path, pcf_home: Path, content: str) -> None:
    (pcf_home / "issuer.yaml").write_text(content, encoding="utf-8")
    assert "issuer.yaml" in refused(pcf, 2, *ISSUE)


def test_no_issuers_file(pcf: Call, desk: Path, pcf_home: Path) -> None:
    (pcf_home / "issuer.yaml").unlink()
    assert "issuer.yaml: there is no issuer's file; `pcf certificate profile --out" in refused(pcf, 3, *ISSUE)


# Keys ------------------------------------------------------------------------------------------------------------------


def test_no_key(pcf: Call, desk: Path, pcf_home: Path) -> None:
    assert "issuer other: there is no such issuer; `pcf key create --company" in refused(pcf, 3, *ISSUE, "--issuer", "other")
    assert "--name: found 'No such'" in refused(pcf, 2, *ISSUE, "--issuer", "No such")
    for path in (pcf_home / "keys").iterdir():
        path.unlink()
    assert "there is no such issuer" in refused(pcf, 3, *ISSUE)


def test_a_key_that_others_can_read(pcf: Call, desk: Path, pcf_home: Path) -> None:
    (pcf_home / "keys" / "issuer-1-pdf.pem").chmod(0o644)
    assert "issuer-1-pdf.pem: found mode 0644; expected mode 0600: readable by its owner only" in refused(pcf, 2, *ISSUE)


def test_a_wrong_passphrase(pcf: Call, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "right horse battery")
    done(pcf("key", "create", "--name", "locked", "--company", "Demo", "--did", "did:web:a.example"))
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "wrong horse battery")
    run = refused(pcf, 2, *ISSUE, "--issuer", "locked")
    assert "locked-1-pdf.pem: found a wrong passphrase or a damaged file" in run
    assert "horse" not in run
