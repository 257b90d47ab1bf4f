"""The factor tables: form, arithmetic that the notes claim, and agreement with the tables they were taken from."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

DATASETS = Path(__file__).parents[2] / "datasets"
CHECKS = {"source-read", "transcribed", "derived", "assumed"}
DISTRIBUTIONS = {"lognormal", "normal", "triangular", "uniform", "beta"}
THIRD_PARTY_MARKS = {
    "verified": "source-read",
    "secondary": "transcribed",
    "derived": "derived",
    "unverified": "assumed",
}

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROWS = [{**row, "file": path.name} for path in sorted((DATASETS / "factors").glob("*.csv")) for row in read(path)]
SOURCES = {row["id"]: row for row in read(DATASETS / "sources.csv")}
TABLE = {(row["id"], row["year"]): row for row in ROWS}


def value(identifier: str, year: str = "") -> Decimal:
    """The value of an id and year, or of the only or newest row of the id."""
    years = {key[1]: row for key, row in TABLE.items() if key[0] == identifier}
    return Decimal(years[year or max(years)]["value"])


def label(row: Row) -> str:
    return f"{row['file']} {row['id']} {row['year']}"


def test_an_id_and_a_year_occur_once() -> None:
    assert len(TABLE) == len(ROWS)


def test_ids_are_lower_case() -> None:
    assert not [label(row) for row in ROWS if not re.fullmatch(r"[a-z0-9.+-]+", row["id"])]


def test_every_number_parses_and_every_range_holds_its_value() -> None:
    for row in ROWS:
        number = Decimal(row["value"])
        assert number.is_finite(), label(row)
        assert number >= 0, label(row)
        assert bool(row["low"]) == bool(row["high"]), label(row)
        if row["low"]:
            assert Decimal(row["low"]) <= number <= Decimal(row["high"]), label(row)
            assert Decimal(row["low"]) < Decimal(row["high"]), label(row)
            assert row["sets"] == "" or int(row["sets"]) >= 2, label(row)  # one set is no range


def test_every_row_states_its_uncertainty_in_one_way() -> None:
    for row in ROWS:
        if row["distribution"] == "none published":
            assert not row["low"] and not row["pedigree"], label(row)
            continue
        assert row["distribution"] in DISTRIBUTIONS, label(row)
        assert bool(row["low"]) != bool(row["pedigree"]), label(row)
        if row["pedigree"]:
            assert re.fullmatch(r"[1-5](;[1-5]){4}", row["pedigree"]), label(row)


def test_every_row_has_its_marks() -> None:
    for row in ROWS:
        assert row["source"] in SOURCES, label(row)
        assert row["source_check"] in CHECKS, label(row)
        # A constant of nature is nobody's measurement: it must not make a plant's own data secondary.
        constant = row["id"].startswith("molar-mass-") or row["id"] == "carbon-to-co2"
        assert (row["data_class"], row["assurance"]) == ("primary" if constant else "secondary", "none"), label(row)
        assert re.fullmatch(r"(19|20)\d\d", row["year"]), label(row)
        for column in ("name_en", "name_zh", "geography", "locator", "unit"):
            assert row[column].strip(), f"{label(row)} {column}"


def test_an_assumed_value_says_why_in_its_note() -> None:
    assert not [label(row) for row in ROWS if row["source_check"] == "assumed" and not row["note"]]


def test_an_emission_names_a_gas_with_a_gwp_in_every_edition() -> None:
    editions = {"AR4", "AR5", "AR6"}
    known: dict[str, set[str]] = {}
    for row in ROWS:
        if row["file"] == "gwp.csv":
            known.setdefault(row["gas"], set()).add(row["gwp_edition"])
    # Sulfuryl fluoride entered the tables with AR5.
    assert all(found == editions for gas, found in known.items() if gas != "sulfuryl fluoride")
    assert known["sulfuryl fluoride"] == {"AR5", "AR6"}
    for row in ROWS:
        if row["kind"] == "emission" and row["gas"] == "GHG, unspecified":
            assert row["gwp_edition"] in editions | {"not stated"}, label(row)
            assert "CO2e" in row["unit"], label(row)
        elif row["kind"] == "emission":
            assert row["gas"] in known, label(row)
            assert "CO2e" not in row["unit"], label(row)


def test_every_unit_parses() -> None:
    units = pytest.importorskip("pcf.units")
    for unit in sorted({row["unit"] for row in ROWS}):
        assert units.unit_scale(unit) > 0, unit


def test_a_source_says_on_which_terms_it_may_be_passed_on() -> None:
    for row in SOURCES.values():
        assert row["title"] and row["publisher"] and row["redistribution"], row["id"]
        assert row["url"] == "" or row["url"].startswith(("http://", "https://")), row["id"]
    assert "CPCD terms to be checked before redistribution" in SOURCES["cpcd-core"]["redistribution"]


# --- arithmetic that names and notes claim


@pytest.mark.parametrize(
    ("fuel", "published"),
    # CO2 per Nm3 or t as printed beside the guideline defaults: kg/Nm3 for gases, t/t for the others
    [
        ("natural-gas", "2.162"),
        ("coke-oven-gas", "0.858"),
        ("anthracite", "2.323"),
        ("diesel", "3.145"),
        ("lng", "2.325"),
    ],
)
def test_guideline_properties_give_the_published_emission_factor(fuel: str, published: str) -> None:
    product = value(f"fuel-cn-{fuel}-ncv") * value(f"fuel-cn-{fuel}-cc") * value(f"fuel-cn-{fuel}-of") * 44 / 12
    assert round(product, 3) == Decimal(published)


@pytest.mark.parametrize(("fuel", "published"), [("natural-gas", "56.1"), ("petroleum-coke", "97.5"), ("lignite", "101.2")])
def test_ipcc_carbon_contents_give_the_published_emission_factor(fuel: str, published: str) -> None:
    kilograms_per_gigajoule = value(f"fuel-ipcc-{fuel}-cc") * 1000 * 44 / 12
    assert round(kilograms_per_gigajoule, 1) == Decimal(published)


def test_implied_line_losses_follow_from_the_official_factors() -> None:
    losses = value("electricity-td-cn", "2024") - value("electricity-td-excl-losses-cn", "2024")
    assert round(losses / value("electricity-cn-national", "2024"), 6) == value("grid-loss-rate-cn")


def test_bridge_pairs_factors_of_one_year() -> None:
    quotient = value("electricity-cn-national", "2023") / value("grid-co2-cn-national", "2023")
    assert round(quotient, 6) == value("grid-lca-bridge-cn")


def test_well_to_wake_is_the_sum_of_its_parts() -> None:
    sums = [key[0] for key in TABLE if key[0].endswith("-wtw")]
    assert len(sums) == 9
    for identifier in sums:
        base = identifier.removesuffix("-wtw")
        assert value(identifier) == value(base + "-ttw") + value(base + "-wtt")


def test_delivery_of_2023_follows_from_the_loss_rate_of_2024() -> None:
    by_hand = value("electricity-td-excl-losses-cn", "2023") + value("grid-loss-rate-cn") * value(
        "electricity-cn-national", "2023"
    )
    assert round(by_hand, 4) == value("electricity-td-cn", "2023")
    assert TABLE["electricity-td-cn", "2023"]["source_check"] == "derived"


def test_a_residual_mix_exists_only_as_assumed() -> None:
    ratio = value("grid-co2-cn-national-excl-traded-nonfossil", "2023") / value("grid-co2-cn-national", "2023")
    assert round(value("electricity-cn-national", "2023") * ratio, 3) == value("electricity-cn-residual")
    assert TABLE["electricity-cn-residual", "2023"]["source_check"] == "assumed"


def test_anode_co2_follows_from_the_guideline_defaults() -> None:
    carbon = value("anode-net-cn-guideline") * (1 - value("anode-sulphur-cn") - value("anode-ash-cn"))
    assert abs(carbon * 44 / 12 - value("anode-co2-cn-guideline")) < Decimal("1e-6")


@pytest.mark.parametrize(
    ("case", "tonnes"),
    [
        ("world-2015", "15.2"),
        ("cn-captive-coal", "17.7"),
        ("cn-national", "13.1"),
        ("hydro-contract", "5.8"),
        ("yunnan-location", "7.0"),
    ],
)
def test_build_up_cases_sum_to_their_printed_totals(case: str, tonnes: str) -> None:
    prefix = f"benchmark-buildup-{case}-"
    stages = {key[0].removeprefix(prefix): Decimal(row["value"]) for key, row in TABLE.items() if key[0].startswith(prefix)}
    total = stages.pop("total")
    assert len(stages) == 9
    assert sum(stages.values()) == total
    assert round(total / 1000, 1) == Decimal(tonnes)


@pytest.mark.parametrize("year", ["2020", "2021", "2022", "2023", "2024"])
def test_company_totals_and_avoided_emissions_reproduce(year: str) -> None:
    total = value("company-scope-1", year) + value("company-scope-2", year)
    # each addend is printed to 0.01 of 10^4 t, so the sum may miss by one such step
    assert abs(total - value("company-scope-1-2", year)) <= 100
    factor_year = "2021" if year in {"2020", "2021"} else "2022"
    avoided = value("company-green-electricity", year) * value("grid-co2-cn-national-fossil", factor_year)
    assert abs(avoided - value("company-avoided-emissions", year)) <= 500


def test_company_statements_are_properties_and_say_what_they_are() -> None:
    for row in ROWS:
        if row["file"] == "company.csv":
            assert row["kind"] == "property"
            assert row["note"].startswith("Company statement"), label(row)


def test_benchmarks_carry_their_boundary() -> None:
    assert not [label(row) for row in ROWS if row["file"] == "benchmarks.csv" and "Boundary: " not in row["note"]]


# --- agreement with the third-party tables


def _agree(row: Row, third: Row) -> None:
    assert Decimal(row["value"]) == Decimal(third["value"]), label(row)
    assert row["source_check"] == THIRD_PARTY_MARKS[third["confidence"]], label(row)


def test_life_cycle_electricity_agrees_with_its_table(shared_data: Path) -> None:
    rows = read(shared_data / "lci" / "cn_electricity_footprint_factors.csv")
    special = {
        "national_average": "electricity-cn-national",
        "transmission_distribution_excl_losses": "electricity-td-excl-losses-cn",
        "transmission_distribution_incl_losses": "electricity-td-cn",
    }
    for third in rows:
        name = third["key"].removeprefix(f"el_cf_cn_{third['year']}_")
        identifier = special.get(name, "electricity-cn-" + name.replace("_", "-"))
        _agree(TABLE[identifier, third["year"]], third)
    ember = read(shared_data / "lci" / "country_grid_intensity_ember.csv")
    for third in ember:
        _agree(TABLE["electricity-" + third["key"].split("_")[2].lower(), third["year"]], third)
    assert (len(rows), len(ember)) == (21, 29)


def test_grid_co2_agrees_with_its_table(shared_data: Path) -> None:
    rows = read(shared_data / "lci" / "cn_grid_co2_factors_2021_2023.csv")
    special = {
        "national_average": "national",
        "national_excl_market_traded_nonfossil": "national-excl-traded-nonfossil",
        "national_fossil_only": "national-fossil",
        "prov_InnerMongolia": "inner-mongolia",
    }
    for third in rows:
        name = third["key"].removeprefix(f"el_co2_cn_{third['year']}_")
        area = special.get(name) or name.split("_")[1].lower()
        _agree(TABLE[f"grid-co2-cn-{area}", third["year"]], third)
    assert len(rows) == 120 == len([row for row in ROWS if row["id"].startswith("grid-co2-cn-")])


GASES = {
    "CO2": "carbon dioxide, fossil",
    "CH4": "methane",
    "CH4_fossil": "methane, fossil",
    "CH4_nonfossil": "methane, biogenic",
    "N2O": "dinitrogen monoxide",
    "CF4": "tetrafluoromethane",
    "C2F6": "hexafluoroethane",
    "C3F8": "octafluoropropane",
    "cC4F8": "octafluorocyclobutane",
    "C4F10": "decafluorobutane",
    "C6F14": "tetradecafluorohexane",
    "SF6": "sulfur hexafluoride",
    "NF3": "nitrogen trifluoride",
    "HFC4310mee": "hfc-43-10mee",
    "SO2F2": "sulfuryl fluoride",
}


def test_gwps_agree_with_their_table(shared_data: Path) -> None:
    ours = {(row["gwp_edition"], row["gas"]): row for row in ROWS if row["file"] == "gwp.csv"}
    compared = 0
    for third in read(shared_data / "lci" / "gwp100.csv"):
        _, edition, gas = third["key"].split("_", 2)
        name = GASES.get(gas) or gas.lower().replace("hfc", "hfc-")
        row = ours["AR5" if edition == "CBAM" else edition, name]
        assert Decimal(row["value"]) == Decimal(third["value"]), label(row)
        compared += 1
    assert compared == 74


def test_pfc_coefficients_agree_with_their_tables(shared_data: Path) -> None:
    compared = 0
    for third in read(shared_data / "lci" / "pfc_coefficients.csv"):
        key = third["key"].removeprefix("pfc_")
        technology = "(PFPB_L|PFPB_M|PFPB_MW|CWPB|SWPB|VSS|HSS)"
        patterns = {
            rf"slope_cf4_{technology}_(cbam|ipcc2006)": "pfc-slope-{0}-{1}",
            rf"c2f6_frac_{technology}_(cbam|ipcc2006)": "pfc-ratio-{0}-{1}",
            rf"overvoltage_cf4_{technology}": "pfc-overvoltage-{0}",
            rf"overvoltage_c2f6_frac_{technology}": "pfc-overvoltage-ratio-{0}",
            rf"tier1_(cf4|c2f6)_{technology}_(ipcc2006|ipcc2019)": "pfc-tier1-{0}-{1}-{2}",
            r"default_(cf4|c2f6)_CN_2013guideline": "pfc-default-{0}-cn",
            r"default_CO2e_CN_ETS2024draft": "pfc-default-co2e-cets-draft",
        }
        found = [(form, match) for pattern, form in patterns.items() if (match := re.fullmatch(pattern, key))]
        assert len(found) == 1, key
        form, match = found[0]
        identifier = form.format(*(part.lower().replace("_", "-") for part in match.groups()))
        _agree(TABLE[identifier, third["year"]], third)
        compared += 1
    assert compared == 41
    for third in read(shared_data / "cbam" / "pfc_factors_IR_2025-2547_AnnexII_B7.csv"):
        if third["technology"] == "PFPB_MW":  # the regulation prints words: own measurement, else CWPB
            continue
        name = third["technology"].lower().replace("_", "-")
        slope = third["method"] == "slope"
        ours = (f"pfc-slope-{name}-cbam", f"pfc-ratio-{name}-cbam")
        if not slope:
            ours = (f"pfc-overvoltage-{name}", f"pfc-overvoltage-ratio-{name}")
        assert value(ours[0]) == Decimal(third["cf4_factor"])
        assert value(ours[1]) == Decimal(third["c2f6_weight_fraction"])
