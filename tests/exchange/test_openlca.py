"""The openLCA package is read by its files alone: solved anew, every reference followed, every object through the library's classes."""

from __future__ import annotations

import builtins
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import olca_schema
import pytest
from olca_schema import zipio

from pcf.catalogue import Catalogue
from pcf.exchange.studies import study_of
from pcf.exchange.study_words import basis_lines
from pcf.model import Method, Settings, compose

PLANT = ("--site", "demo-smelter", "--low-voltage-pfc", "included")
HOSTILE = '<script>alert(1)</script> "&{x} 厂 %s \\'
SINGLE = {
    "Actor", "Flow", "FlowProperty", "ImpactCategory", "ImpactMethod", "Location", "Process", "ProductSystem", "Source", "Unit",
    "UnitGroup",
}  # fmt: skip


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Folder → id → object."""
    found: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if "/" in name:
                folder, _, file = name.partition("/")
                found.setdefault(folder, {})[file.removesuffix(".json")] = json.loads(package.read(name))
    return found


def unit_sizes(package: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {unit["@id"]: unit["conversionFactor"] for group in package["unit_groups"].values() for unit in group["units"]}


def solve(package: dict[str, dict[str, Any]], system: dict[str, Any], *, by_provider: bool = False) -> float:
    """Result of a product system [reference unit of the category]: A and B from the files, in the reference units of the groups.

    Links come from the product system, or from the default providers of the processes, as openLCA would link them itself.
    """
    size = unit_sizes(package)
    ids = [item["@id"] for item in system["processes"]]
    place = {key: index for index, key in enumerate(ids)}
    links = {(link["process"]["@id"], link["exchange"]["internalId"]): link["provider"]["@id"] for link in system["processLinks"]}
    methods = list(package["lcia_methods"].values())
    category = package["lcia_categories"][methods[0]["impactCategories"][0]["@id"]]
    factors = {item["flow"]["@id"]: item["value"] / size[item["unit"]["@id"]] for item in category["impactFactors"]}
    technosphere, burden = np.zeros((len(ids), len(ids))), np.zeros(len(ids))
    for key in ids:
        for exchange in package["processes"][key]["exchanges"]:
            amount = exchange["amount"] * size[exchange["unit"]["@id"]]
            if package["flows"][exchange["flow"]["@id"]]["flowType"] == "ELEMENTARY_FLOW":
                assert not exchange["isInput"]
                burden[place[key]] += amount * factors[exchange["flow"]["@id"]]
            elif exchange.get("isQuantitativeReference"):
                technosphere[place[key], place[key]] += amount
            else:
                provider = exchange["defaultProvider"]["@id"] if by_provider else links[key, exchange["internalId"]]
                technosphere[place[provider], place[key]] -= amount
    demand = np.zeros(len(ids))
    demand[place[system["refProcess"]["@id"]]] = system["targetAmount"] * size[system["targetUnit"]["@id"]]
    return float(burden @ np.linalg.solve(technosphere, demand))


def references(item: Any) -> Iterator[dict[str, Any]]:
    """Every reference inside an object."""
    for value in item.values() if isinstance(item, dict) else item if isinstance(item, list) else ():
        if isinstance(value, dict) and "@id" in value and "conversionFactor" not in value:
            yield value
        yield from references(value)


@pytest.fixture
def written(pcf: Callable[..., Any], tmp_path: Path) -> Callable[..., tuple[dict[str, Any], dict[str, Any], float]]:
    """Export a product: its package, its product system, its footprint by `pcf footprint` [kgCO2e/t]."""

    def export(product: str, *options: str) -> tuple[dict[str, Any], dict[str, Any], float]:
        path = tmp_path / "study.zip"
        run = pcf("export", "openlca", product, *options, "--out", str(path), "--force")
        assert run.code == 0, run.err
        total = json.loads(pcf("footprint", product, *options, "--json").out)["total"]["value"]
        package = read(path)
        (system,) = package["product_systems"].values()
        return package, system, 1000 * total

    return export


@pytest.mark.parametrize(
    ("product", "options"),
    [
        ("a356.2", ()),
        ("can-stock-3104", ("--scrap", "co-product")),
        ("primary-group", ("--low-voltage-pfc", "included")),
        ("hqalight", ("--gwp", "AR4")),
        ("primary-shandong", ("--boundary", "scope-1-2", "--step", "electrolysis")),
        ("a356.2", ("--site", "hongfa", "--set", "recycled_content=0.5")),
    ],
)
def test_a_solver_of_its_own_arrives_at_the_footprint(written: Any, product: str, options: tuple[str, ...]) -> None:
    package, system, total = written(product, *options)
    assert solve(package, system) == pytest.approx(total, rel=1e-9)
    assert solve(package, system, by_provider=True) == pytest.approx(total, rel=1e-9)
    told = re.search(r"Result of the study: (\S+) kg CO2e per t of", system["description"])
    assert told is not None and float(told[1]) == pytest.approx(total, rel=1e-12)


def test_every_object_passes_the_library_and_no_reference_dangles(written: Any, tmp_path: Path) -> None:
    package, system, _ = written("can-stock-3104")
    units = unit_sizes(package)
    known = {key for items in package.values() for key in items} | set(units)
    with zipio.ZipReader(tmp_path / "study.zip") as reader:
        for kind in (
            olca_schema.Flow, olca_schema.FlowProperty, olca_schema.ImpactCategory, olca_schema.ImpactMethod, olca_schema.Location,
            olca_schema.Process, olca_schema.ProductSystem, olca_schema.Source, olca_schema.UnitGroup,
        ):  # fmt: skip
            for item in reader.read_each(kind):
                stored = package[_folder(item.to_dict()["@type"])].pop(item.id)
                assert item.to_dict() == stored
                assert stored["@id"] == item.id
                for reference in references(stored):
                    assert reference["@id"] in known, reference
                    assert reference.get("@type") in {None, *SINGLE}
    assert not any(package.values()), "every file is of a class that the library reads"
    # A link names an exchange that is there, whose flow is the reference flow of its provider.
    package = read(tmp_path / "study.zip")
    exchanges = {
        (key, item["internalId"]): item for key, process in package["processes"].items() for item in process["exchanges"]
    }
    assert len(exchanges) == sum(len(process["exchanges"]) for process in package["processes"].values())
    for link in system["processLinks"]:
        exchange = exchanges[link["process"]["@id"], link["exchange"]["internalId"]]
        output = exchanges[link["provider"]["@id"], 1]
        assert exchange["isInput"] and exchange["flow"]["@id"] == link["flow"]["@id"] == output["flow"]["@id"]
        assert exchange["defaultProvider"]["@id"] == link["provider"]["@id"] != link["process"]["@id"]
        assert output["isQuantitativeReference"] and not output["isInput"]
    linked = {(link["process"]["@id"], link["exchange"]["internalId"]) for link in system["processLinks"]}
    assert linked == {key for key, item in exchanges.items() if item["isInput"]}


def test_nothing_is_there_that_the_product_does_not_need(written: Any) -> None:
    package, system, _ = written("hqaloop")  # its chain names metal suppliers of which it charges nothing
    needed = {link["provider"]["@id"] for link in system["processLinks"]} | {system["refProcess"]["@id"]}
    assert needed == set(package["processes"]) == {item["@id"] for item in system["processes"]}


def _folder(kind: str) -> str:
    return {
        "Flow": "flows", "FlowProperty": "flow_properties", "ImpactCategory": "lcia_categories", "ImpactMethod": "lcia_methods",
        "Location": "locations", "Process": "processes", "ProductSystem": "product_systems", "Source": "sources",
        "UnitGroup": "unit_groups",
    }[kind]  # fmt: skip


def test_units_have_the_ids_and_sizes_of_openlca_and_never_replace_its_own(written: Any) -> None:
    package, _, _ = written("hqalight")
    # openLCA's reference data: 1 t = 1000 kg, 1 kWh = 3.6 MJ, 1 Nm3 stands with m3, t*km is the reference of its group.
    assert {unit["name"]: (unit["@id"], unit["conversionFactor"]) for group in package["unit_groups"].values() for unit in group["units"]} == {
        "kg": ("20aadc24-a391-41cf-b340-3e4529f44bde", 1.0),
        "t": ("83192ffa-5990-490b-a23a-b45ca072db6f", 1000.0),
        "MJ": ("52765a6c-3896-43c2-b2f4-c679acf13efe", 1.0),
        "kWh": ("86ad2244-1f0e-4912-af53-7865283103e4", 3.6),
        "m3": ("1c3a9695-398d-4b1f-b07e-a8715b610f70", 1.0),
        "Nm3": ("4669b8ce-894d-405a-95d1-3211accaa739", 1.0),
        "t*km": ("0dea4ed8-bb6b-4049-b2b4-b2c413ef2180", 1.0),
    }  # fmt: skip
    for folder in ("unit_groups", "flow_properties"):
        assert {item["version"] for item in package[folder].values()} == {"00.00.000"}
    for group in package["unit_groups"].values():
        assert [unit["isRefUnit"] for unit in group["units"]].count(True) == 1


def test_the_method_holds_the_edition_and_co2e_is_a_flow_of_its_own(written: Any) -> None:
    package, _, _ = written("hqalight", "--gwp", "AR5")
    (method,) = package["lcia_methods"].values()
    (category,) = package["lcia_categories"].values()
    assert "AR5" in method["name"] and category["name"] == "GWP100" and category["refUnit"] == "kg CO2e"
    values = {package["flows"][item["flow"]["@id"]]["name"]: item["value"] for item in category["impactFactors"]}
    # IPCC AR5, table 8.A.1: CF4 6630, C2F6 11100, fossil methane 30.
    assert (values["tetrafluoromethane"], values["hexafluoroethane"], values["methane, fossil"]) == (6630.0, 11100.0, 30.0)
    assert values["GHG, unspecified"] == 1.0
    said = {flow["name"]: flow.get("description") for flow in package["flows"].values() if flow["flowType"] == "ELEMENTARY_FLOW"}
    assert [name for name, words in said.items() if words] == ["GHG, unspecified"]
    assert "ipcc-ar5" in category["description"]


def test_a_factor_row_brings_its_source_year_geography_and_marks(written: Any) -> None:
    package, _, _ = written("primary-shandong")
    (row,) = [item for item in package["processes"].values() if "electricity-cn-national" in json.dumps(item["exchanges"])]
    # datasets/factors/electricity.csv, 2024: 0.5777 kgCO2e/kWh, attachment of the notice.
    emission = next(item for item in row["exchanges"] if not item.get("isQuantitativeReference"))
    assert emission["amount"] == pytest.approx(0.5777, rel=1e-12)
    assert package["flows"][emission["flow"]["@id"]]["name"] == "GHG, unspecified"
    said = row["processDocumentation"]
    for word in ("0.5777 kgCO2e/kWh", "mee-cf24", "2024", "source-read", "secondary"):
        assert word in said["dataTreatmentDescription"]
    assert said["timeDescription"] == "2024" and row["location"]["name"] == "CN" and row["processType"] == "LCI_RESULT"
    source = package["sources"][said["sources"][0]["@id"]]
    assert (
        source["url"].startswith("https://www.mee.gov.cn/")
        and source["year"] == 2025
        and "acknowledgement" in source["description"]
    )


def test_a_factor_row_set_by_hand_says_so(catalogue: Catalogue) -> None:
    settings = Settings(factors={"electricity-cn-national": 0.5 / 3.6e6})  # [kgCO2e/J]
    study = study_of(compose(catalogue, "primary-shandong", Method(), settings))
    (row,) = [item for item in study.activities if item.key == "factor:electricity-cn-national"]
    assert row.lines[0].amount == pytest.approx(0.5, rel=1e-12)
    assert basis_lines(row) == "electricity-cn-national = 0.5 kgCO2e/kWh · user · GWP100: not stated"


def test_own_use_is_taken_off_the_output(written: Any) -> None:
    package, _, _ = written("primary-captive-coal")
    (busbar,) = [item for item in package["processes"].values() if item["name"].startswith("Own coal power")]
    output = next(item for item in busbar["exchanges"] if item.get("isQuantitativeReference"))
    assert output["amount"] == pytest.approx(1 - 0.055, rel=1e-12)  # own use of 5.5 %, parameter own_use_rate
    assert "0.055" in output["description"]


def test_the_same_study_is_the_same_file_and_another_one_replaces_no_process_of_it(
    pcf: Callable[..., Any], tmp_path: Path
) -> None:
    names = ("a.zip", "b.zip", "c.zip")
    for name, more in zip(names, ((), (), ("--set", "recycled_content=0.6")), strict=True):
        assert pcf("export", "openlca", "a356.2", *more, "--out", str(tmp_path / name)).code == 0
    first, second, other = (tmp_path / name for name in names)
    assert first.read_bytes() == second.read_bytes()
    one, two = read(first), read(other)
    for folder in one:
        for key in one[folder].keys() & two[folder].keys():
            assert one[folder][key] == two[folder][key], "one id, one content"
    chain = [key for key, item in one["processes"].items() if item["category"] != "pcf/factor rows"]
    assert chain and not two["processes"].keys() & set(chain)
    assert two["processes"].keys() & one["processes"].keys(), "factor rows are shared"
    assert not one["product_systems"].keys() & two["product_systems"].keys()


def test_a_value_set_by_hand_says_so_and_brings_no_source(written: Any) -> None:
    package, _, _ = written("hqalight", "--set", "dc_electricity=12600kWh/t")
    (cells,) = [item for item in package["processes"].values() if item["name"].startswith("Electrolysis")]
    line = next(
        row for row in cells["processDocumentation"]["dataTreatmentDescription"].split("\n") if row.startswith("dc_electricity")
    )
    assert line == "dc_electricity = 12600 kWh/t · user"


def test_a_plants_name_with_markup_stays_text(pcf: Callable[..., Any], pcf_home: Path, tmp_path: Path) -> None:
    assert pcf("data", "template", str(tmp_path / "plant.xlsx"), "--sample").code == 0
    assert pcf("data", "import", str(tmp_path / "plant.xlsx"), "--year", "2025").code == 0
    # Hidden characters do not get this far: the catalogue refuses them.
    (page,) = (pcf_home / "data" / "sites").iterdir()
    site = json.loads(page.read_text(encoding="utf-8"))
    site["name"] = {"en": HOSTILE, "zh": "厂"}
    page.write_text(json.dumps(site), encoding="utf-8")
    run = pcf("export", "openlca", "a356.2", *PLANT, "--out", str(tmp_path / "study.zip"))
    assert run.code == 0, run.err
    package = read(tmp_path / "study.zip")
    (system,) = package["product_systems"].values()
    assert f"{HOSTILE} (demo-smelter-2025)" in system["description"]
    assert "DEMONSTRATION" in system["description"]
    assert solve(package, system) > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a356.2", "--out", "{folder}/study.json"), ".zip"),
        (("a356.2", "--out", "{folder}/none/study.zip"), "folder that does not exist"),
        (("a356.2", "--out", "{folder}"), ".zip"),
        (("a356.2", "--out", "{folder}/there.zip"), "--force"),
        (("a356.2", "--out", "{folder}/link.zip", "--force"), "symbolic link"),
        (("no-such-product", "--out", "{folder}/study.zip"), "no-such-product"),
        (("a356.2", "--site", "<b>nowhere</b>\u202e", "--out", "{folder}/study.zip"), "--site"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    pcf: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    (tmp_path / "link.zip").symlink_to(tmp_path / "there.zip")
    before = sorted(tmp_path.iterdir())
    run = pcf("export", "openlca", *(item.format(folder=tmp_path) for item in arguments))
    assert run.code == 2 and said in run.err and run.out == "" and run.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before and (tmp_path / "there.zip").read_bytes() == b"mine"


def test_without_the_library_the_extra_is_named(pcf: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "olca_schema":
            raise ImportError(name)
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    run = pcf("export", "openlca", "a356.2", "--out", str(tmp_path / "study.zip"))
    assert run.code == 3 and "pcf-aluminium[certificates]" in run.err and not (tmp_path / "study.zip").exists()
