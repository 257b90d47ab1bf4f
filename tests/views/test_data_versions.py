"""Versions of the data: what a name, a folder and a ZIP file stand for, what each import keeps, and archives that mean no good."""

from __future__ import annotations

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue.earlier import earlier_folder, keep_earlier
from pcf.errors import InputError
from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
from pcf.resources import datasets_path
from pcf.views import data_versions
from pcf.views.data_diff import difference_document
from pcf.views.data_versions import list_versions, open_version


def changed_data(folder: Path) -> Path:
    """The shipped data with the electrolysis' auxiliary electricity at 450 kWh/t."""
    target = folder / "changed"
    shutil.copytree(datasets_path(), target)
    path = target / "processes" / "electrolysis.yaml"
    text, count = re.subn(r"(\n  auxiliary_electricity:\n    value: )[\d.]+", r"\g<1>450", path.read_text(encoding="utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
    return target


def zipped(folder: Path, target: Path, within: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{within}{path.relative_to(folder)}")
    return target


@pytest.mark.parametrize("within", ["", "data-2026/"])
def test_a_zip_file_is_the_folder_that_is_in_it(tmp_path: Path, within: str) -> None:
    folder = changed_data(tmp_path)
    path = zipped(folder, tmp_path / "other.zip", within)
    own = tmp_path / "own"
    first, second = open_version("shipped", None, own), open_version(str(path), None, own)
    assert difference_document(open_version(str(folder), None, own), second)["changes"] == []
    (change,) = difference_document(first, second)["changes"]
    assert (change["change"], change["kind"], change["id"]) == ("changed", "parameters", "auxiliary_electricity")
    assert (change["new_value"], change["unit"]) == (450, "kWh/t") or change["new_value"] == pytest.approx(450)
    assert change["source"] in first.sources
    moved = {row["product"]: row["difference"] for row in difference_document(first, second)["products"]}
    assert moved["primary-captive-coal"] > moved["hqalight"] > 0


def test_each_import_keeps_what_was_before(tmp_path: Path) -> None:
    own = tmp_path / "home" / "data"
    write_sample(tmp_path / "plant.xlsx")
    import_plant(tmp_path / "plant.xlsx", SAMPLE_YEAR, own)
    assert list_versions(own) == ["shipped", "current"], "before the first import there was nothing"
    keep_earlier(own)
    keep_earlier(own)
    (name,) = list_versions(own)[2:]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{12}", name)
    site = next((own / "sites").iterdir())
    content = json.loads(site.read_text(encoding="utf-8"))
    content["name"] = {"en": "Another name", "zh": "另一个名称"}
    site.write_text(json.dumps(content), encoding="utf-8")
    before, now = open_version(name, None, own), open_version("current", None, own)
    changes = difference_document(before, now)["changes"]
    assert {(item["kind"], item["change"]) for item in changes} == {("sites", "changed")}
    assert "Another name" in {item["new"] for item in changes}
    added = difference_document(open_version("shipped", None, own), before)["changes"]
    assert {item["change"] for item in added} == {"added"}
    assert [entry.name for entry in earlier_folder(own).iterdir()] == [name]


def test_documents_without_a_version_lie_on_top_of_the_shipped_data(tmp_path: Path) -> None:
    own = tmp_path / "home" / "data"
    write_sample(tmp_path / "plant.xlsx")
    import_plant(tmp_path / "plant.xlsx", SAMPLE_YEAR, own)
    path = zipped(own, tmp_path / "own.zip")
    assert (
        difference_document(open_version("current", None, own), open_version(str(path), None, tmp_path / "none"))["changes"] == []
    )


def _zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def _link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("sites/x.yaml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "outside": lambda path: _zip(path, ("../../x.yaml", b"a: 1")),
    "absolute": lambda path: _zip(path, ("/sites/x.yaml", b"a: 1")),
    "link": lambda path: _zip(path, (_link(), b"/etc/passwd")),
    "no data": lambda path: _zip(path, ("readme.txt", b"x")),
    "empty": lambda path: _zip(path),
    "many": lambda path: _zip(path, *((f"sites/{number}.yaml", b"") for number in range(2_001))),
    "bomb": lambda path: _zip(path, ("sources.csv", bytes(60_000_000))),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_an_archive_that_means_no_good_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    path = HOSTILE[case](tmp_path / "x.zip")
    before = sorted(entry.name for entry in tmp_path.parent.iterdir())
    with pytest.raises(InputError) as problem:
        open_version(str(path), None, tmp_path / "own")
    assert str(problem.value).startswith("x.zip") and len(str(problem.value).splitlines()) == 1
    assert sorted(entry.name for entry in tmp_path.parent.iterdir()) == before


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 this is none")
    for name in (str(tmp_path / "x.zip"), str(tmp_path / "nothing"), "nonsense", "../data-earlier", "x" * 10_000):
        with pytest.raises(InputError):
            open_version(name, None, tmp_path / "own")


def test_the_command_knows_the_versions_by_name(pcf: Any, pcf_home: Path, tmp_path: Path) -> None:
    assert pcf("data", "versions").out.split() == ["shipped", "current"]
    path = zipped(changed_data(tmp_path), tmp_path / "other.zip")
    found = json.loads(pcf("data", "diff", "shipped", str(path), "--json").out)
    assert [(item["kind"], item["id"], item["change"]) for item in found["changes"]] == [
        ("parameters", "auxiliary_electricity", "changed")
    ]
    assert json.loads(pcf("data", "diff", "shipped", "current", "--json").out)["changes"] == []
    assert data_versions.CURRENT == "current"
