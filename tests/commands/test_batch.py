"""What `pcf batch` shows: the answer first, per tonne of what, and the parts of a supplier's figure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.commands.mills import Call, done, loaded


def shown(pcf: Call, *args: str, lang: str = "en") -> list[str]:
    return [line for line in done(pcf("--lang", lang, "batch", "footprint", *args)).out.splitlines() if line.strip()]


@pytest.mark.parametrize(("lang", "gate", "standing"), [("en", "finished product", "model estimate"), ("zh", "成品", "模型估算")])
def test_the_answer_of_a_shipment_comes_first(pcf: Call, mill: None, lang: str, gate: str, standing: str) -> None:
    """Unit and mass, the figure by its gate, both halves of it, then boundary, potentials, standing, plant and year."""
    lines = shown(pcf, "SH-C-01", lang=lang)
    found = loaded(pcf("batch", "footprint", "SH-C-01", "--json"))
    total = found["total"]["value"]
    assert "SH-C-01" in lines[0]
    assert "300,000 kg" in lines[0]
    assert f"{total:.3f} tCO2e/t" in lines[1]
    assert gate in lines[1]
    assert f"{found['cast_metal']['value']:.3f}" in lines[2]
    assert f"{found['further_steps']['value']:.3f}" in lines[2]
    assert all(word in lines[3] for word in ("GWP100 AR6", standing, f"{total * 300:,.1f} tCO2e"))
    assert "hongfa" in lines[4]
    assert "2024" in lines[4]
    assert "H12345" in "".join(lines[5:9])


def test_nothing_of_the_users_is_said_to_be_changed(pcf: Call, mill: None) -> None:
    """Metal of the plant's own is computed at the heat's site: nobody has changed a site by hand."""
    lines = shown(pcf, "L-0203-1")
    assert lines[0].startswith("L-0203-1  heat · HQALight")
    assert not any("Changed by the user" in line for line in lines)
    checks = next(number for number, line in enumerate(lines) if line.startswith("Checks"))
    assert lines.index(next(line for line in lines if "LIQ-2025-02" in line)) < checks


def test_both_headline_values_of_a_coil_carry_its_yield(pcf: Call, mill: None) -> None:
    """Low-voltage PFC is in the cast metal alone, so it grows with the recorded yield as that does."""
    coil = loaded(pcf("batch", "footprint", "SH-C-01", "--json"))
    heat = loaded(pcf("batch", "footprint", "H12345", "--json"))
    without, with_low = (coil["headline"][f"{name}_low_voltage_pfc"] for name in ("without", "with"))
    pair = heat["headline"]
    scale = coil["cast_metal"]["value"] / heat["total"]["value"]
    assert without == pytest.approx(coil["total"]["value"], rel=1e-12)
    low = pair["with_low_voltage_pfc"] - pair["without_low_voltage_pfc"]
    assert with_low - without == pytest.approx(scale * low, rel=1e-9)


@pytest.mark.parametrize(("lang", "words"), [("en", "t/t cast"), ("zh", "t/t 铸造金属")])
def test_a_charge_is_per_tonne_of_cast_metal(pcf: Call, mill: None, lang: str, words: str) -> None:
    """250 t of 440 t cast: 0.568 t/t, whatever the coil then weighs."""
    lines = shown(pcf, "SH-C-01", lang=lang)
    assert any(words in line for line in lines)
    assert "0.568" in next(line for line in lines if "UBC-0001" in line)


@pytest.mark.parametrize(("product", "words"), [("can-stock-3104", "Casting of rolling slab"), ("a356.2", "Casting of")])
def test_a_products_charge_says_per_tonne_of_what(pcf: Call, product: str, words: str) -> None:
    line = next(line for line in done(pcf("footprint", product)).out.splitlines() if line.startswith("Charge"))
    assert line.startswith("Charge per t of what leaves")
    assert words in line


@pytest.fixture
def bought(pcf: Call, mill: None) -> dict[str, Any]:
    """A heat of metal whose supplier states 4.1 tCO2e/t."""
    done(pcf(
        "lot", "add", "--id", "BUY-1", "--site", "demo-mill", "--date", "2025-03-01", "--material", "primary-delivery", "--mass-kg",
        "100000", "--supplier", "demo-group", "--ticket", "W-9", "--content-class", "primary", "--footprint", "4.1",
        "--footprint-boundary", "cradle-to-gate", "--footprint-gwp", "AR6", "--footprint-period", "2025",
        "--footprint-verifier", "TÜV",
    ))  # fmt: skip
    done(pcf(
        "cast", "add", "--heat", "H-BUY", "--site", "demo-mill", "--date", "2025-03-05", "--furnace", "F3", "--product",
        "can-stock-3104", "--charge", "BUY-1=90000", "--product-kg", "88000",
    ))  # fmt: skip
    found: dict[str, Any] = loaded(pcf("batch", "footprint", "H-BUY", "--json"))
    return found


def test_a_suppliers_figure_stands_beside_what_was_added(pcf: Call, bought: dict[str, Any]) -> None:
    line = next(item for item in bought["heats"][0]["batch"]["charge"] if item["lot"] == "BUY-1")
    assert line["supplier_kgCO2e_per_kg"] == 4.1
    assert line["added_kgCO2e_per_kg"] > 0
    assert line["kgCO2e_per_kg"] == pytest.approx(4.1 + line["added_kgCO2e_per_kg"], rel=1e-12)
    out = done(pcf("batch", "footprint", "H-BUY")).out
    assert "4.100" in out
    assert f"{line['added_kgCO2e_per_kg']:.3f}" in out


def test_the_document_names_what_it_is_of(pcf: Call, mill: None) -> None:
    found = json.loads(done(pcf("batch", "footprint", "SH-C-01", "--json")).out)
    assert {name: found[name] for name in ("kind", "product", "mass_kg", "date", "site", "gwp")} == {
        "kind": "shipment", "product": "can-stock-3104", "mass_kg": 300_000, "date": "2025-03-12", "site": "demo-mill", "gwp": "AR6",
    }  # fmt: skip
    assert found["names"]["can-stock-3104"]["en"] == "Can-body stock 3104"


def test_a_customers_metal_is_in_no_content(pcf: Call, mill: None) -> None:
    """The content of `batch footprint` is that of `batch content`, whatever was melted for somebody else beside it."""
    bought = ("lot", "add", "--site", "demo-mill", "--date", "2025-03-20", "--mass-kg", "20000")
    for name, more in (
        ("TOLL", ("scrap-ubc", "--content-class", "post-consumer", "--supplier", "city-collect", "--tolled-for", "beverage")),
        ("OWN", ("scrap-ubc", "--content-class", "post-consumer", "--supplier", "city-collect")),
        ("PRIME", ("primary-delivery", "--content-class", "primary", "--supplier", "alloys")),
    ):
        done(pcf(*bought, "--id", name, "--ticket", f"W-{name}", "--material", *more))
    done(pcf(
        "cast", "add", "--heat", "H-T", "--site", "demo-mill", "--date", "2025-03-21", "--furnace", "F1", "--product", "can-stock-3104",
        "--charge", "TOLL=20000,OWN=20000,PRIME=20000", "--product-kg", "54000",
    ))  # fmt: skip
    heat = loaded(pcf("batch", "footprint", "H-T", "--json"))["heats"][0]["batch"]
    content = loaded(pcf("batch", "content", "H-T", "--json"))
    # 0.88 of the cans and 0.995 of the ingot are metal: 17.6 of 37.5 t, not 35.2 of 55.1 t.
    assert heat["post_consumer_content"] == content["post_consumer"] == pytest.approx(17.6 / 37.5, rel=1e-12)
    assert heat["pre_consumer_content"] == content["pre_consumer"] == 0
