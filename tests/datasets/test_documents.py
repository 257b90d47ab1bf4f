"""The YAML documents: every process has its flow list, every range says what it rests on, and the prose counts them right."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue, read_runs
from pcf.catalogue.files import read_yaml_with_lines
from pcf.errors import InputError

ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "datasets"
STUDY = DATASETS / "studies" / "a356.2-disclosed.yaml"


def ranges(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, dict):
        spread = item.get("uncertainty")
        if isinstance(spread, dict) and "low" in spread:
            yield spread
        for value in item.values():
            yield from ranges(value)
    elif isinstance(item, list):
        for value in item:
            yield from ranges(value)


def documents() -> list[tuple[str, Any]]:
    folders = ("processes", "sites", "products", "alloys")
    paths = [path for folder in folders for path in sorted((DATASETS / folder).glob("*.yaml"))]
    return [(path.name, read_yaml_with_lines(path, path.name)[0]) for path in paths]


def test_every_process_has_a_flow_checklist(catalogue: Catalogue) -> None:
    assert [process.id for process in catalogue.processes.values() if not process.checklist] == []


def test_every_range_says_what_it_rests_on() -> None:
    for name, document in documents():
        for spread in ranges(document):
            assert spread.get("basis") in {"sets", "published", "registered", "judgement"}, name
            # A range over data sets spans at least two; a judged one claims none.
            assert (spread["basis"] == "sets") == (spread.get("sets", 0) >= 2), f"{name} {spread}"


def test_the_prose_counts_the_ranges() -> None:
    documented = Counter(spread["basis"] for _, document in documents() for spread in ranges(document))
    tabled: Counter[str] = Counter()
    for path in (DATASETS / "factors").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                judged = row["source_check"] in {"assumed", "derived"}
                if row["low"]:
                    tabled["sets" if row["sets"] else "judgement" if judged else "published"] += 1
    text = (ROOT / "docs" / "provenance.md").read_text(encoding="utf-8")
    block = text.partition("<!-- ranges -->")[2].partition("<!-- end of ranges -->")[0]
    numbers = [int(number) for number in re.findall(r"\d+", block)]
    assert numbers == [
        documented.total(), documented["sets"], documented["judgement"],
        tabled.total(), tabled["sets"], tabled["published"], tabled["judgement"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("process", "flow", "names"),
    # ranges over the Chinese data sets: unit process and flow there, parameter names here (kg, MJ, kWh, Nm3 as there)
    [
        ("aluminium electrolysis, prebake", "alumina", "alumina_input"),
        ("aluminium electrolysis, prebake", "anode, gross", "anode_gross"),
        ("ingot casting", "dross, output", "ingot_dross"),
        ("carbon anode", "packing coke", "packing_coke_input"),
        ("carbon anode", "natural gas, baking", "baking_gas"),
        ("recycled ingot, old scrap", "electricity", "whole_plant_electricity"),
        ("recycled ingot, old scrap", "natural gas", "whole_plant_gas"),
    ],
)
def test_ranges_over_sets_are_those_of_the_sets(
    shared_data: Path, catalogue: Catalogue, process: str, flow: str, names: str
) -> None:
    with (shared_data / "tiangong" / "recommended.csv").open(encoding="utf-8", newline="") as stream:
        row = next(row for row in csv.DictReader(stream) if (row["unit_process"], row["flow"]) == (process, flow))
    quantity = catalogue.parameters[names]
    spread = quantity.uncertainty
    assert spread is not None
    assert spread["low"] / quantity.scale == pytest.approx(float(row["low"]), rel=0.01)
    assert spread["high"] / quantity.scale == pytest.approx(float(row["high"]), rel=0.01)
    assert spread["sets"] == int(row["n_datasets"])


def test_the_study_crosses_what_is_not_published() -> None:
    runs = read_runs(STUDY).runs
    # 4 kinds of power × 3 of silicon × 2 of scrap silicon × 7 of pre-consumer share and burden
    assert len(runs) == 4 * 3 * 2 * 7
    assert len({run["label"] for run in runs}) == len(runs)
    burdens = {run["set"]["wheel_chips_burden"] for run in runs if "wheel_chips_burden" in run["set"]}
    assert burdens == {6.8, 15.947}  # Europe 2015; China 2020: published figures


def test_two_levels_that_set_the_same_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "schema: pcf/study/1\nruns:\n  - product: hqalight\n    vary:\n"
        "      one: [{label: a, set: {alf3_input: 18}}]\n      two: [{label: b, set: {alf3_input: 19}}]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="alf3_input"):
        read_runs(path)


def test_a_crossing_has_a_limit(tmp_path: Path) -> None:
    levels = "[" + ", ".join("{label: x}" for _ in range(11)) + "]"
    path = tmp_path / "study.yaml"
    factors = "".join(f"      f{number}: {levels}\n" for number in range(4))  # 11^4 = 14,641
    path.write_text(f"schema: pcf/study/1\nruns:\n  - product: hqalight\n    vary:\n{factors}", encoding="utf-8")
    with pytest.raises(InputError, match="14641"):
        read_runs(path)
