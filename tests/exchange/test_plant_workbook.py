"""The workbook as a plant engineer meets it: locked frame, explained codes, whole years, and what is refused or warned about."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pcf.catalogue import Catalogue, check_paths
from pcf.errors import DataError, InputError
from pcf.exchange import SAMPLE_SITE, SAMPLE_YEAR, import_plant, read_plant, write_sample, write_template
from pcf.exchange.plant_balances import Balance, check_balances
from pcf.exchange.plant_guide import GUIDE
from pcf.exchange.plant_layout import PROVINCES
from pcf.exchange.plant_presence import check_presence
from pcf.exchange.plant_sheets import PLACES, SHEETS, cells_of, locate
from pcf.exchange.plant_template import write_filled
from pcf.model import find_site
from pcf.resources import datasets_path
from tests.exchange import plants

PLANT, PRODUCTION = SHEETS["plant"].title, SHEETS["production"].title


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    write_sample(path)
    return path


def cell(key: str, column: str = "D") -> tuple[str, str]:
    sheet, row, _ = PLACES[key]
    return sheet.title, f"{column}{row}"


def changed(sample: Path, tmp_path: Path, sheet: str, place: str, value: Any) -> Path:
    book = load_workbook(sample)
    book[sheet][place] = value
    path = tmp_path / "changed.xlsx"
    book.save(path)
    return path


def written(tmp_path: Path, **changes: Any) -> Path:
    """A workbook of the sample with other values; None leaves a row empty."""
    path = tmp_path / "plant.xlsx"
    write_filled(path, {key: value for key, value in plants.plant(**changes).items() if value is not None})
    return path


def judged(path: Path, catalogue: Catalogue) -> list[Balance]:
    """Read a workbook and check it as an import does, up to the site."""
    plant = read_plant(path, SAMPLE_YEAR)
    check_presence(plant)
    return check_balances(plant, catalogue)


def problems_of(error: pytest.ExceptionInfo[InputError]) -> str:
    return "\n".join(map(str, error.value.problems)) if isinstance(error.value, DataError) else str(error.value)


def test_the_sample_is_complete(sample: Path) -> None:
    found = read_plant(sample, SAMPLE_YEAR)
    assert found["recycled_output"] == pytest.approx(12_000, abs=1)
    assert found["foundry_output"] == pytest.approx(18_000, abs=1)
    assert {"foundry_furnace", "silicon_origin", "coal_ncv", "hot_metal_km"} <= found.given


def test_every_sheet_is_locked_but_for_its_input(sample: Path) -> None:
    book = load_workbook(sample)
    assert all(sheet.protection.sheet for sheet in book)
    sheet, place = cell("alumina")
    assert not book[sheet][place].protection.locked
    assert not book[sheet][cell("alumina", "Q")[1]].protection.locked
    assert book[sheet]["A4"].protection.locked


def test_codes_are_explained_and_lists_hold_them(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path)
    book = load_workbook(path)
    words = {str(row[0].value): str(row[1].value) for row in book[GUIDE].iter_rows(max_col=2)}
    assert "legacy" in words["pfpb_l"]
    assert "传统" in words["pfpb_l"]
    for key, (layout, row, item) in PLACES.items():
        if not item.choices:
            continue
        rule = next(rule for rule in book[layout.title].data_validations.dataValidation if str(rule.sqref) == f"D{row}")
        span = rule.formula1.rpartition("!")[2].replace("$", "")
        listed = book[GUIDE][span]
        codes = [listed.value] if not isinstance(listed, tuple) else [line[0].value for line in listed]
        assert codes == list(item.choices), key


def test_every_province_has_a_grid_factor(catalogue: Catalogue) -> None:
    for name in PROVINCES:
        assert f"grid-co2-cn-{name.removeprefix('CN-').lower().replace(' ', '-')}" in catalogue.factors


def test_a_locator_names_the_cells() -> None:
    assert locate(("alumina", "liquid_to_casting")) == "Electrolysis!D4:O4 / Production!D5:O5"
    assert cells_of("site_id") == "Plant 工厂!D4"


def test_a_plant_keeps_every_year_and_its_name_means_the_newest(tmp_path: Path) -> None:
    for year in (2024, 2025):
        import_plant(written(tmp_path, year=year), year, tmp_path / "data")
    found, problems = check_paths([datasets_path(), tmp_path / "data"], None, "0" * 64)
    assert problems == []
    assert {f"{SAMPLE_SITE}-2024", f"{SAMPLE_SITE}-2025"} <= set(found.sites)
    assert find_site(found, SAMPLE_SITE) == f"{SAMPLE_SITE}-2025"
    assert found.sites[f"{SAMPLE_SITE}-2024"].parameters["alumina_input"].marks.locator.startswith("Electrolysis!D4:O4 / ")
    assert found.sites[f"{SAMPLE_SITE}-2025"].covers == (
        "electrolysis", "electricity", "ingot-casting", "hot-metal-delivery", "power-own-coal", "recycled-casting", "alloy-casting",
    )  # fmt: skip
    assert "GEC-0001" in found.sources[f"plant-{SAMPLE_SITE}-2025"]["note"]


def test_a_year_that_is_not_over_is_refused(sample: Path) -> None:
    read_plant(sample, SAMPLE_YEAR, date(SAMPLE_YEAR + 1, 1, 1))
    with pytest.raises(DataError, match="over"):
        read_plant(sample, SAMPLE_YEAR, date(SAMPLE_YEAR, 12, 31))


def test_a_month_without_production_has_to_be_named(tmp_path: Path) -> None:
    values = {key: [*row[:5], 0.0, *row[6:]] if isinstance(row, list) else row for key, row in plants.plant().items()}
    with pytest.raises(DataError, match=f"{PRODUCTION}!I4"):
        read_plant(written(tmp_path, **values), SAMPLE_YEAR)
    assert read_plant(written(tmp_path, **values, shutdown_months="6"), SAMPLE_YEAR).shutdown == {6}
    with pytest.raises(DataError, match="named as without production"):
        read_plant(written(tmp_path, shutdown_months="6"), SAMPLE_YEAR)


def test_the_marker_says_whether_it_is_the_template(sample: Path, tmp_path: Path) -> None:
    """Not the document's title, which other programs drop."""
    book = load_workbook(sample)
    book.properties.title = None
    book.save(tmp_path / "untitled.xlsx")
    read_plant(tmp_path / "untitled.xlsx", SAMPLE_YEAR)
    with pytest.raises(InputError, match="pcf/plant/2"):
        read_plant(changed(sample, tmp_path, GUIDE, "A2", "pcf/plant/1"), SAMPLE_YEAR)


BAD_CELLS = [
    (*cell("alumina"), None, "months without a value: D4"),
    (*cell("alumina"), 0, "since metal was tapped in month 1"),
    (*cell("leg_own_hydro", "G"), 7.0, "Electricity 电力!D6:O6: found months without a value: D6, E6, F6, H6"),
    (*cell("site_id"), "No Spaces!", "Plant 工厂!D4"),
    (*cell("year"), 2019, "Plant 工厂!D8"),
    (*cell("shutdown_months"), "June", "numbers of months"),
    (PRODUCTION, "A4", "Something else", "rows, units and headings"),
    (PRODUCTION, "C4", "kt", "found 'kt'; expected t"),
    (PRODUCTION, "D3", "2 月 / 02", "1 月 / 01"),
    (PRODUCTION, "P4", 1.0, "=SUM(D4:O4)"),
    (PRODUCTION, "R4", 5.0, "outside the template"),
    (PRODUCTION, "A40", "Scrap", "outside the template"),
    (PRODUCTION, "Q4", "=D4", "a comment in words"),
    (GUIDE, "C30", 1.0, "outside the template"),
]


@pytest.mark.parametrize(("sheet", "place", "value", "says"), BAD_CELLS)
def test_a_cell_that_is_not_the_templates_or_no_value_is_named(
    sample: Path, tmp_path: Path, sheet: str, place: str, value: Any, says: str
) -> None:
    with pytest.raises(InputError) as error:
        read_plant(changed(sample, tmp_path, sheet, place, value), SAMPLE_YEAR)
    assert says in problems_of(error)


def test_a_comment_is_not_read(sample: Path, tmp_path: Path) -> None:
    read_plant(changed(sample, tmp_path, PRODUCTION, "Q4", "weighed at the new scale since May"), SAMPLE_YEAR)


def test_a_further_sheet_is_refused(sample: Path, tmp_path: Path) -> None:
    book = load_workbook(sample)
    book.create_sheet("Mine")
    book.save(tmp_path / "more.xlsx")
    with pytest.raises(DataError, match="'Mine'"):
        read_plant(tmp_path / "more.xlsx", SAMPLE_YEAR)


REFUSED = [
    # Values per t tapped, or None for an empty row.
    ({"alumina": 1.888}, "Electrolysis 电解!D4:O4"),
    ({"cf4": 0.02, "c2f6": 0.0}, "both gases"),
    ({"certificates_contract_hydro": None}, "found 0 MWh; expected at least"),
    ({"own_attributes_sold": 1.0}, "own renewable power"),
    ({"leg_own_gas": 0.5}, "own gas power"),
    ({"alumina_rail_km": None}, "Alumina by rail"),
    ({"dross": None}, "Dross"),
    ({"foundry_output": 0.0}, "line's output"),
    ({"foundry_furnace": None}, "furnace of the line"),
    ({"silicon_origin": None}, "addition is charged"),
    ({"hot_metal_km": None}, "since liquid metal was dispatched"),
    ({"coal_ncv": None}, "coal is burned"),
    ({"attributed_contract_hydro": None}, "no MWh were retired"),
    ({"use_foundry": None}, "line's electricity"),
]


@pytest.mark.parametrize(("per_tonne", "says"), REFUSED)
def test_what_contradicts_the_rest_is_refused(
    catalogue: Catalogue, tmp_path: Path, per_tonne: dict[str, float | None], says: str
) -> None:
    tapped = plants.plant()["liquid_tapped"]
    values: dict[str, Any] = {key: None if factor is None else plants.times(tapped, factor) for key, factor in per_tonne.items()}
    if "cf4" in values:
        values["pfc_method"] = "measured"
    with pytest.raises(InputError) as error:
        judged(written(tmp_path, **values), catalogue)
    assert says in problems_of(error)


def test_an_attribute_is_given_once(catalogue: Catalogue, tmp_path: Path) -> None:
    own = plants.plant()["leg_own_pv"]
    with pytest.raises(DataError, match="given once"):
        judged(written(tmp_path, own_attributes_sold=own, attributed_own_pv=plants.times(own, 0.1)), catalogue)


@pytest.mark.parametrize(("said", "coal", "says"), [("yes", 0.0, "empty power plant"), ("no", 0.2, "yes, since")])
def test_the_power_plant_is_what_the_plant_says(catalogue: Catalogue, tmp_path: Path, said: str, coal: float, says: str) -> None:
    values = plants.plant()
    plants.powered(values, coal, 0.0, 0.6)
    values["own_power_plant"] = said
    write_filled(tmp_path / "plant.xlsx", values)
    with pytest.raises(DataError, match=says):
        judged(tmp_path / "plant.xlsx", catalogue)


def test_what_is_unusual_is_warned_about(catalogue: Catalogue, tmp_path: Path) -> None:
    values = plants.plant()
    first, second, *rest = values["alumina"]
    path = written(
        tmp_path,
        alf3=[0.0] * 12,
        coal_cc=None,
        certificates_contract_hydro=plants.times(values["leg_contract_hydro"], 3.0),
        alumina=[round(first * 1.2, 1), round(second * 0.8, 1), *rest],
        leg_own_coal=plants.times(values["leg_own_coal"], 1.009),
    )
    found = {item.id: item for item in judged(path, catalogue) if not item.holds}
    assert set(found) == {
        "zero-flow",
        "default-taken",
        "certificates-unspent",
        "month-alumina",
        "power-plant-booked",
        "captive-on-grid",
    }
    # 0.9 % of the meter stands above what the power plant gave.
    assert found["power-plant-booked"].value == pytest.approx(0.009 * sum(values["leg_own_coal"]), rel=1e-3)


def test_grid_power_without_a_power_plant_is_no_warning(catalogue: Catalogue, tmp_path: Path) -> None:
    values = plants.plant()
    plants.powered(values, 0.0, 0.0, 0.6)
    write_filled(tmp_path / "plant.xlsx", values)
    assert "captive-on-grid" not in {item.id for item in judged(tmp_path / "plant.xlsx", catalogue)}
