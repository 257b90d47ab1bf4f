"""A plant's workbook: round trip, every kind of bad cell, balances, and all or nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pcf.catalogue import Catalogue, check_paths
from pcf.exchange import SAMPLE_SITE, SAMPLE_YEAR, import_plant, write_sample, write_template
from pcf.exchange.plant_sheets import FIRST_ROW, PLACES
from pcf.exchange.plant_template import write_filled
from pcf.exchange.sample import sample_values
from pcf.resources import datasets_path

SITE_ID = f"{SAMPLE_SITE}-{SAMPLE_YEAR}"


def cell(key: str, column: str = "D") -> tuple[str, str]:
    """Worksheet and coordinate of a field's first value, or of another column of its row."""
    sheet, row, _ = PLACES[key]
    return sheet.title, f"{column}{row}"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.xlsx"
    write_sample(path)
    return path


def change(path: Path, sheet: str, cell: str, value: Any) -> None:
    book = load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


def test_the_sample_is_marked_on_every_sheet(sample: Path) -> None:
    for sheet in load_workbook(sample).worksheets[1:]:  # the first one is the guide
        assert any("DEMONSTRATION" in str(item.value) for row in sheet.iter_rows(max_row=3) for item in row), sheet.title


def test_an_imported_plant_serves_the_products(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 0, run.err
    item = json.loads(pcf("footprint", "hqalight", "--site", SAMPLE_SITE, "--json").out)
    assert item["standing"] == "demonstration"
    assert item["evidence"]["data_class"]["primary"] > 0.1
    assert item["parameters"]["alumina_input"]["value"] == pytest.approx(1917, rel=1e-4)
    assert item["parameters"]["alumina_input"]["source"] == f"plant-{SITE_ID}"
    explained = pcf("explain", "hqalight", "--site", SAMPLE_SITE).out
    assert f"plant-{SITE_ID}" in explained


def test_the_same_import_twice_changes_nothing(sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "data"
    assert import_plant(sample, SAMPLE_YEAR, folder).changed
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not import_plant(sample, SAMPLE_YEAR, folder).changed
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_other_content_for_the_same_site_needs_replace(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    assert pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR)).code == 0
    change(sample, *cell("name_en"), "Another name")
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert "--replace" in run.err
    assert pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR), "--replace").code == 0


BAD_CELLS = [
    (*cell("alumina"), "=1+1", "formula"),
    (*cell("alumina"), "38000 t", "plain number"),
    (*cell("alumina"), "３８０００", "plain number"),
    (*cell("alumina"), -5, "number from"),
    (*cell("alumina"), None, "calendar year"),
    (*cell("alumina"), True, "number"),
    (*cell("alumina", "F"), "x", cell("alumina", "F")[1]),
    (*cell("alumina_purity"), 98.9, "0.95"),
    (*cell("pfc_method"), "guess", "measured | slope | default"),
    (*cell("site_id"), "No Spaces!", "a-z"),
    (*cell("year"), 2019, "2025"),
    (*cell("kind"), "maybe", "DEMONSTRATION"),
    (*cell("site_id", "A"), "Something else", "template"),
    (*cell("alumina", "C"), "kt", "template"),
    (cell("alumina")[0], f"Z{FIRST_ROW + 60}", 5, "template"),
]


@pytest.mark.parametrize(("sheet", "place", "value", "says"), BAD_CELLS)
def test_a_bad_cell_is_named_and_nothing_is_kept(
    pcf: Callable[..., Any], sample: Path, pcf_home: Path, sheet: str, place: str, value: Any, says: str
) -> None:
    change(sample, sheet, place, value)
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert says.lower() in run.err.lower()
    assert "Traceback" not in run.err
    assert not (pcf_home / "data").exists()
    assert not list(pcf_home.glob(".pcf-import-*"))


def test_merged_cells_are_refused(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    book = load_workbook(sample)
    sheet, first = cell("alumina")
    book[sheet].merge_cells(f"{first}:{cell('alumina', 'E')[1]}")
    book.save(sample)
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert "merged" in run.err


def test_files_that_are_no_workbook_are_refused(pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path) -> None:
    text = tmp_path / "text.xlsx"
    text.write_text("not a workbook", encoding="utf-8")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 70_000_000)
    for path in (text, bomb, tmp_path / "absent.xlsx", tmp_path):
        run = pcf("data", "import", str(path), "--year", "2025")
        assert run.code == 2, path
        assert len(run.err.strip().splitlines()) == 1


BAD_BALANCES = [
    ({"alumina": 1.7}, "Alumina per t"),
    ({"anode_gross": 0.2}, "Net anode"),
    ({"use_rectifier": 9.0, "use_direct_current": 8.8}, "Alternating current"),
    ({"cf4": 3.0}, "CF4"),
    ({"certificates_contract_hydro": 0.1}, "certificates"),
    ({"leg_grid": 20.0}, "Supply against use"),
    ({"liquid_tapped": 1.1}, "Metal used"),
]


@pytest.mark.parametrize(("per_tonne", "says"), BAD_BALANCES)
def test_a_balance_that_does_not_close_is_refused(
    pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path, per_tonne: dict[str, float], says: str
) -> None:
    values = sample_values()
    tapped = values["liquid_tapped"]
    for key, factor in per_tonne.items():
        values[key] = [round(value * factor, 2) for value in tapped]
    if "cf4" in per_tonne:
        values |= {"pfc_method": "measured", "c2f6": [0.1] * 12}
    path = tmp_path / "plant.xlsx"
    write_filled(path, values)
    run = pcf("data", "import", str(path), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert says.lower() in run.err.lower()
    assert not (pcf_home / "data").exists()


def test_an_empty_template_says_what_is_missing(pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_template(path)
    run = pcf("data", "import", str(path), "--year", "2025")
    assert run.code == 2
    assert len(run.err.splitlines()) > 10


def _random_plant(attributed: tuple[float, float], coal: float, sold: float, dispatched: float, *, slope: bool) -> dict[str, Any]:
    values = sample_values()
    tapped = values["liquid_tapped"]
    values["liquid_dispatched"] = [round(value * dispatched, 1) for value in tapped]
    metal = zip(tapped, values["liquid_dispatched"], values["foundry_primary"], strict=True)
    values["liquid_to_casting"] = [round(a - b - c, 1) for a, b, c in metal]
    values["ingot_cast"] = [round(value / 1.004, 1) for value in values["liquid_to_casting"]]
    values["liquid_delivered"] = [round(value / 1.002, 1) for value in values["liquid_dispatched"]]
    values["use_casting"] = [round(value * 0.06, 1) for value in values["ingot_cast"]]
    values["use_delivery"] = [round(value * 0.007, 1) for value in values["liquid_delivered"]]
    values["ladle_gas"] = [round(value * 5.0) for value in values["liquid_delivered"]]
    keys = ("use_rectifier", "use_auxiliary", "use_casting", "use_delivery", "use_recycled", "use_foundry")
    use = [sum(parts) for parts in zip(*(values[key] for key in keys), strict=True)]
    values["leg_own_coal"] = [round(value * coal, 1) for value in use]
    values["leg_own_pv"] = [round(value * 0.02, 1) for value in use]
    values["leg_contract_hydro"] = [round(value * 0.5, 1) for value in use]
    values["certificates_contract_hydro"] = values["leg_contract_hydro"]
    spent = zip(use, values["leg_own_coal"], values["leg_own_pv"], values["leg_contract_hydro"], strict=True)
    values["leg_grid"] = [round(a - b - c - d, 1) for a, b, c, d in spent]
    values["own_attributes_sold"] = [round(value * sold, 1) for value in values["leg_own_pv"]]
    values["generated"] = [round(value / 0.94, 1) for value in values["leg_own_coal"]]
    values["own_use"] = [round(a - b, 1) for a, b in zip(values["generated"], values["leg_own_coal"], strict=True)]
    values["coal_burned"] = [round(value * 0.43, 1) for value in values["generated"]]
    if sum(values["coal_burned"]) == 0:
        for key in ("coal_burned", "coal_ncv", "coal_cc", "coal_oxidation", "generated", "own_use"):
            values.pop(key, None)
        values["own_power_plant"] = "no"
    # A quarter of the hydropower at most is retired for products, so that the MWh cover the tonnes.
    retired = 0.25
    values["attributed_contract_hydro"] = [round(value * retired, 1) for value in values["leg_contract_hydro"]]
    room = retired * 0.5 * 0.97
    values["ingot_attributed"] = [round(value * attributed[0] * room, 1) for value in values["ingot_cast"]]
    values["liquid_attributed"] = [round(value * attributed[1] * room, 1) for value in values["liquid_delivered"]]
    if not slope:
        values |= {
            "pfc_method": "measured",
            "cf4": [round(value * 0.02, 2) for value in tapped],
            "c2f6": [round(value * 0.002, 2) for value in tapped],
        }
    return values


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.2, 0.6, 1.2, 2.0, 2.6])
def test_a_kill_at_any_moment_leaves_all_or_nothing(sample: Path, tmp_path: Path, delay: float) -> None:
    home = tmp_path / "home"
    program = f"from pcf.commands import main; main(['--home', {str(home)!r}, 'data', 'import', {str(sample)!r}, '--year', '{SAMPLE_YEAR}'])"
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    folder = home / "data"
    if (folder / "sites" / f"{SITE_ID}.yaml").exists():
        catalogue, problems = check_paths([datasets_path(), folder], None, "0" * 64)
        assert problems == []
        assert SITE_ID in catalogue.sites
    assert import_plant(sample, SAMPLE_YEAR, folder).site == SITE_ID


@pytest.mark.parametrize("key", ["ladle_gas", "use_delivery"])
def test_energy_of_an_output_that_was_not_made_is_refused(
    pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path, key: str
) -> None:
    values = _random_plant((0, 0), 0.1, 0, 0.0, slope=True)
    values[key] = [1.0] * 12
    path = tmp_path / "plant.xlsx"
    write_filled(path, values)
    run = pcf("data", "import", str(path), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert "deliveries" in run.err


def test_two_imports_at_once_keep_both_sites(sample: Path, tmp_path: Path) -> None:
    folder, other = tmp_path / "home" / "data", tmp_path / "other.xlsx"
    write_filled(other, {**sample_values(), "site_id": "other-smelter"})
    children = []
    for path in (sample, other):
        program = f"from pathlib import Path; from pcf.exchange import import_plant; import_plant(Path({str(path)!r}), {SAMPLE_YEAR}, Path({str(folder)!r}))"
        children.append(subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL))
    assert [child.wait() for child in children] == [0, 0]
    found, problems = check_paths([datasets_path(), folder], None, "0" * 64)
    assert problems == []
    assert {SITE_ID, f"other-smelter-{SAMPLE_YEAR}"} <= set(found.sites)


def test_what_the_commands_print_adds_up_to_the_inventory(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    report = json.loads(pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR), "--json").out)
    values = sample_values()
    sums = {key: sum(values[key]) for key in ("ingot_cast", "ingot_attributed", "liquid_delivered", "liquid_attributed")}
    for attribution in ("attributed", "site-average"):

        def total(product: str) -> float:
            arguments = ("footprint", product, "--site", SAMPLE_SITE, "--attribution", attribution, "--json")  # noqa: B023
            return float(json.loads(pcf(*arguments).out)["total"]["value"])

        plain, liquid = total("primary-yunnan"), None
        closure = next(
            item for item in report["closure"]
            if item["attribution"] == attribution and item["electricity"] == "contract"
            and item.get("co_products", "none") == "none" and item.get("heat", "energy") == "energy"
        )  # fmt: skip
        intensities = closure["intensities_tCO2e_per_t"]
        assert intensities["ingot, attributed"] == pytest.approx(total("hqalight"), rel=1e-9)
        assert intensities["ingot"] == pytest.approx(plain, rel=1e-9)
        assert liquid is None
        assert intensities["liquid, attributed"] == pytest.approx(total("hqalight-liquid"), rel=1e-9)
        assert intensities["recycled"] == pytest.approx(total("hqaloop"), rel=1e-9)
        assert intensities["foundry"] == pytest.approx(total("a356.2"), rel=1e-9)
    assert sums["ingot_attributed"] < sums["ingot_cast"]


def test_a_coal_plant_without_retired_power_has_no_green_ingot(pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path) -> None:
    values = _random_plant((0, 0), 0.4, 0, 0.2, slope=True)
    values |= {"attributed_contract_hydro": [0.0] * 12, "kind": "plant"}
    path = tmp_path / "plant.xlsx"
    write_filled(path, values)
    run = pcf("data", "import", str(path), "--year", str(SAMPLE_YEAR))
    assert run.code == 0, run.err
    light, plain = (
        json.loads(pcf("footprint", product, "--site", SAMPLE_SITE, "--json").out) for product in ("hqalight", "primary-yunnan")
    )
    assert light["total"]["value"] == pytest.approx(plain["total"]["value"], rel=1e-12)
    assert plain["standing"] == "site-result"
    assert {check["id"]: check["status"] for check in plain["checks"]}["A-15"] == "pass"


def test_own_power_and_anode_effects_are_those_of_the_cells(sample: Path, tmp_path: Path) -> None:
    # By hand from the workbook: coal per kWh generated in coal equivalent, CF4 by the slope of the cell class.
    folder = tmp_path / "data"
    import_plant(sample, SAMPLE_YEAR, folder)
    found, _ = check_paths([datasets_path(), folder], None, "0" * 64)
    parameters, values = found.sites[SITE_ID].parameters, sample_values()
    coal, made = sum(values["coal_burned"]), sum(values["generated"])
    # 29.3076 MJ of heat are 1 kg of coal equivalent
    assert parameters["coal_generation_rate"].shown == pytest.approx(coal * values["coal_ncv"] / 29.3076 / made, rel=1e-6)
    assert parameters["own_use_rate"].shown == pytest.approx(sum(values["own_use"]) / made, rel=1e-9)
    assert parameters["ae_frequency"].shown * parameters["ae_duration"].shown == pytest.approx(
        values["ae_frequency"] * values["ae_duration"], rel=1e-9
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"alumina": [0.0] * 12}, ""), ({"liquid_tapped": [1.0] + [0.0] * 11}, ""), ({"year": 2099}, ""),
        ({"pfc_method": "measured"}, "measured"),
    ],
)  # fmt: skip
def test_a_year_that_is_not_whole_is_refused(
    pcf: Callable[..., Any], tmp_path: Path, pcf_home: Path, changes: dict[str, Any], says: str
) -> None:
    path = tmp_path / "plant.xlsx"
    write_filled(path, sample_values() | changes)
    run = pcf("data", "import", str(path), "--year", str(changes.get("year", SAMPLE_YEAR)))
    assert run.code == 2
    assert says in run.err
    assert not (pcf_home / "data").exists()


def test_the_shipped_catalogue_is_untouched(catalogue: Catalogue) -> None:
    assert SAMPLE_SITE not in catalogue.sites
