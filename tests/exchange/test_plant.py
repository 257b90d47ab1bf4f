"""A plant's workbook: round trip, every kind of bad cell, balances, closure, and all or nothing."""

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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pcf.catalogue import Catalogue, check_paths
from pcf.exchange import SAMPLE_SITE, SAMPLE_YEAR, check_closure, import_plant, read_plant, write_sample, write_template
from pcf.exchange.plant_import import CLOSURE_TOLERANCE
from pcf.exchange.plant_layout import SHEETS
from pcf.exchange.plant_template import write_filled
from pcf.exchange.sample import sample_values
from pcf.resources import datasets_path

ELECTROLYSIS, ELECTRICITY, PLANT = (SHEETS[key][0] for key in ("electrolysis", "electricity", "plant"))


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
    for sheet in load_workbook(sample):
        assert "DEMONSTRATION" in str(sheet["A1"].value)


def test_an_imported_plant_serves_the_products(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 0, run.err
    item = json.loads(pcf("footprint", "hqalight", "--site", SAMPLE_SITE, "--json").out)
    assert item["standing"] == "demonstration"
    assert item["evidence"]["data_class"]["primary"] > 0.1
    assert item["parameters"]["alumina_input"]["value"] == pytest.approx(1917, rel=1e-4)
    assert item["parameters"]["alumina_input"]["source"] == f"plant-{SAMPLE_SITE}-{SAMPLE_YEAR}"
    explained = pcf("explain", "hqalight", "--site", SAMPLE_SITE).out
    assert f"plant-{SAMPLE_SITE}-{SAMPLE_YEAR}" in explained


def test_the_same_import_twice_changes_nothing(sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "data"
    assert import_plant(sample, SAMPLE_YEAR, folder).changed
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not import_plant(sample, SAMPLE_YEAR, folder).changed
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_other_content_for_the_same_site_needs_replace(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    assert pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR)).code == 0
    change(sample, ELECTROLYSIS, "D5", 0.988)
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 0 or "--replace" in run.err
    change(sample, PLANT, "D5", "Another name")
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert "--replace" in run.err
    assert pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR), "--replace").code == 0


BAD_CELLS = [
    (ELECTROLYSIS, "D4", "=1+1", "formula"),
    (ELECTROLYSIS, "D4", "38000 t", "plain number"),
    (ELECTROLYSIS, "D4", "３８０００", "plain number"),
    (ELECTROLYSIS, "D4", -5, "number from"),
    (ELECTROLYSIS, "D4", None, "calendar year"),
    (ELECTROLYSIS, "D4", True, "number"),
    (ELECTROLYSIS, "D5", 98.9, "0.95"),
    (ELECTROLYSIS, "D12", "guess", "measured | slope | default"),
    (PLANT, "D4", "No Spaces!", "a-z"),
    (PLANT, "D4", "yunnan", "shipped data"),
    (PLANT, "D8", 2019, "2025"),
    (PLANT, "D9", "maybe", "DEMONSTRATION"),
    (PLANT, "A4", "Something else", "rows of the template"),
]


@pytest.mark.parametrize(("sheet", "cell", "value", "says"), BAD_CELLS)
def test_a_bad_cell_is_named_and_nothing_is_kept(
    pcf: Callable[..., Any], sample: Path, pcf_home: Path, sheet: str, cell: str, value: Any, says: str
) -> None:
    change(sample, sheet, cell, value)
    run = pcf("data", "import", str(sample), "--year", str(SAMPLE_YEAR))
    assert run.code == 2
    assert says.lower() in run.err.lower()
    assert "Traceback" not in run.err
    assert not (pcf_home / "data").exists()
    assert not list(pcf_home.glob(".pcf-import-*"))


def test_merged_cells_are_refused(pcf: Callable[..., Any], sample: Path, pcf_home: Path) -> None:
    book = load_workbook(sample)
    book[ELECTROLYSIS].merge_cells("D4:E4")
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
        values |= {"pfc_method": "measured", "c2f6": [0.0] * 12}
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


# Each example is a whole import; shrinking one would take minutes and say no more than its numbers.
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),
)
@given(
    attributed=st.tuples(st.floats(0, 1), st.floats(0, 1)), coal=st.floats(0, 0.4), sold=st.floats(0, 1),
    dispatched=st.floats(0, 0.6), slope=st.booleans(),
)  # fmt: skip
def test_any_plant_closes_on_every_basis(
    tmp_path: Path, attributed: tuple[float, float], coal: float, sold: float, dispatched: float, slope: bool
) -> None:
    path = tmp_path / "plant.xlsx"
    write_filled(path, _random_plant(attributed, coal, sold, dispatched, slope=slope))
    plant = read_plant(path, SAMPLE_YEAR)
    folder = tmp_path / f"data{time.monotonic_ns()}"
    import_plant(path, SAMPLE_YEAR, folder)
    catalogue, problems = check_paths([datasets_path(), folder], None, "0" * 64)
    assert problems == []
    for item in check_closure(plant, catalogue):
        assert item.difference <= CLOSURE_TOLERANCE


def _random_plant(attributed: tuple[float, float], coal: float, sold: float, dispatched: float, *, slope: bool) -> dict[str, Any]:
    values = sample_values()
    tapped = values["liquid_tapped"]
    values["liquid_dispatched"] = [round(value * dispatched, 1) for value in tapped]
    values["liquid_to_casting"] = [round(a - b, 1) for a, b in zip(tapped, values["liquid_dispatched"], strict=True)]
    values["ingot_cast"] = [round(value / 1.004, 1) for value in values["liquid_to_casting"]]
    values["liquid_delivered"] = [round(value / 1.002, 1) for value in values["liquid_dispatched"]]
    values["use_casting"] = [round(value * 0.06, 1) for value in values["ingot_cast"]]
    values["use_delivery"] = [round(value * 0.007, 1) for value in values["liquid_delivered"]]
    values["ladle_gas"] = [round(value * 5.0) for value in values["liquid_delivered"]]
    keys = ("use_rectifier", "use_auxiliary", "use_casting", "use_delivery")
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
            values.pop(key)
    # A quarter of the hydropower at most is retired for products, so that the MWh cover the tonnes.
    retired = 0.25
    values["attributed_contract_hydro"] = [round(value * retired, 1) for value in values["leg_contract_hydro"]]
    room = retired * 0.5 * 0.97
    values["ingot_attributed"] = [round(value * attributed[0] * room, 1) for value in values["ingot_cast"]]
    values["liquid_attributed"] = [round(value * attributed[1] * room, 1) for value in values["liquid_delivered"]]
    if not slope:
        values |= {"pfc_method": "measured", "cf4": [round(value * 0.02, 2) for value in tapped], "c2f6": [1.0] * 12}
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
    if (folder / "sites" / f"{SAMPLE_SITE}.yaml").exists():
        catalogue, problems = check_paths([datasets_path(), folder], None, "0" * 64)
        assert problems == []
        assert SAMPLE_SITE in catalogue.sites
    assert import_plant(sample, SAMPLE_YEAR, folder).site == SAMPLE_SITE


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


def test_two_imports_at_once_leave_a_sound_folder(sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "data"
    program = f"from pathlib import Path; from pcf.exchange import import_plant; import_plant(Path({str(sample)!r}), {SAMPLE_YEAR}, Path({str(folder)!r}))"
    children = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) for _ in range(2)]
    assert 0 in {child.wait() for child in children}
    _, problems = check_paths([datasets_path(), folder], None, "0" * 64)
    assert problems == []


def test_the_shipped_catalogue_is_untouched(catalogue: Catalogue) -> None:
    assert SAMPLE_SITE not in catalogue.sites
