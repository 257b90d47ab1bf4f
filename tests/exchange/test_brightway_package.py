"""The BW2Package is imported and computed by Brightway alone, in a process and a folder of its own, without pcf."""

from __future__ import annotations

import bz2
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

READER = """
import contextlib, io, json, sys, warnings
warnings.simplefilter("ignore")
assert not any(name.partition(".")[0] == "pcf" for name in sys.modules)
with contextlib.redirect_stdout(io.StringIO()):
    import bw2calc, bw2data
    from bw2io import BW2Package
    bw2data.projects.set_current("reader")
    emissions, database, method = BW2Package.import_file(sys.argv[1])
    start = next(item for item in database if item["code"] == sys.argv[2])
    lca = bw2calc.LCA({start: 1}, method.name)
    lca.lci()
    lca.lcia()
    found = {
        "score": float(lca.score), "database": database.name, "method": list(method.name), "size": len(database),
        "comments": {item["code"]: item["comment"] for item in database}, "unit": bw2data.methods[method.name]["unit"],
        "description": bw2data.databases[database.name]["description"], "emissions": sorted(item["name"] for item in emissions),
    }
print(json.dumps(found))
"""


def compute(path: Path, start: str, folder: Path) -> dict[str, Any]:
    """Import a package with nothing but Brightway and solve it for one unit of an activity."""
    folder.mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PCF_", "PYTHONPATH", "BRIGHTWAY"))}
    run = subprocess.run(
        [sys.executable, "-c", READER, str(path), start], env={**environment, "BRIGHTWAY2_DIR": str(folder)}, cwd=folder,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize(
    ("product", "start", "options"),
    [
        ("a356.2", "alloy-casting@product:a356.2", ()),
        ("primary-captive-coal", "ingot-casting@product:primary-captive-coal", ("--gwp", "AR5", "--low-voltage-pfc", "included")),
    ],
)
def test_brightway_alone_arrives_at_the_footprint(
    pcf: Callable[..., Any], tmp_path: Path, product: str, start: str, options: tuple[str, ...]
) -> None:
    path = tmp_path / "study.bw2package"
    run = pcf("export", "brightway-package", product, *options, "--out", str(path), "--json")
    assert run.code == 0, run.err
    said = json.loads(run.out)
    total = 1000 * json.loads(pcf("footprint", product, *options, "--json").out)["total"]["value"]
    found = compute(path, start, tmp_path / "brightway")
    assert found["score"] == pytest.approx(total, rel=1e-6)
    assert said["value"] == pytest.approx(total, rel=1e-12)
    assert (found["database"], found["size"], found["unit"]) == (said["databases"][0], said["processes"], "kg CO2e")
    assert f"{said['value']!r} kg CO2e per t" in found["description"]
    assert "GHG, unspecified" in found["emissions"]
    # datasets/factors/electricity.csv, 2024: 0.924 and 0.5777
    rows = {"primary-captive-coal": "steel-strapping = 2.3 kgCO2e/kg", "a356.2": "electricity-cn-national = 0.5777 kgCO2e/kWh"}
    key = rows[product].partition(" ")[0]
    comment = found["comments"][f"factor:{key}"]
    assert rows[product] in comment and "factor row" in comment and "secondary" in comment


def test_two_studies_of_a_product_live_beside_each_other_and_bytes_stay_the_same(pcf: Callable[..., Any], tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.bw2package", "b.bw2package", "c.bw2package")]
    databases = []
    for path, more in zip(paths, ((), (), ("--set", "dc_electricity=12600kWh/t")), strict=True):
        run = pcf("export", "brightway-package", "hqalight", *more, "--out", str(path), "--json")
        assert run.code == 0, run.err
        databases.append(json.loads(run.out)["databases"][0])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert databases[0] == databases[1] != databases[2]
    scores = [
        compute(path, "ingot-casting@product:hqalight", tmp_path / "brightway")["score"]
        for path in (paths[0], paths[2], paths[0])
    ]
    assert scores[0] == scores[2] > scores[1]


def test_the_package_is_plain_json_and_names_public_classes_alone(pcf: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "study.bw2package"
    run = pcf("export", "brightway-package", "anode", "--out", str(path))
    assert run.code == 0 and "BW2Package" in run.out and "pcf anode AR6" in run.out
    objects = json.loads(bz2.decompress(path.read_bytes()))
    classes = [dict(zip(item["keys"], item["values"], strict=True))["class"]["values"] for item in objects]
    assert classes == [["bw2data", "Database"], ["bw2data", "Database"], ["bw2data", "Method"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a356.2", "--out", "{folder}/study.zip"), ".bw2package"),
        (("a356.2", "--out", "{folder}/none/study.bw2package"), "folder that does not exist"),
        (("a356.2", "--out", "{folder}/there.bw2package"), "--force"),
        (("no-such-product", "--out", "{folder}/study.bw2package"), "no-such-product"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    pcf: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "there.bw2package").write_bytes(b"mine")
    before = sorted(tmp_path.iterdir())
    run = pcf("export", "brightway-package", *(item.format(folder=tmp_path) for item in arguments))
    assert run.code == 2 and said in run.err and run.out == "" and run.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before and (tmp_path / "there.bw2package").read_bytes() == b"mine"
