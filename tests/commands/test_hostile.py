"""Bad input gives one clear line and exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcf.resources import datasets_path

BAD = [
    (["footprint", "hqaligth"], "did you mean 'hqalight'"),
    (["footprint", ""], "product"),
    (["footprint", "../../etc/passwd"], "product"),
    (["footprint", "hqalight", "--set", "dc_electricity"], "NAME=VALUE"),
    (["footprint", "hqalight", "--set", "dc_electricty=13000"], "did you mean 'dc_electricity'"),
    (["footprint", "hqalight", "--set", "dc_electricity=nan"], "dc_electricity"),
    (["footprint", "hqalight", "--set", "dc_electricity=inf"], "dc_electricity"),
    (["footprint", "hqalight", "--set", "dc_electricity=1e999"], "finite"),
    (["footprint", "hqalight", "--set", "dc_electricity=-13000"], "kWh/t"),
    (["footprint", "hqalight", "--set", "dc_electricity=13"], "kWh/t"),
    (["footprint", "hqalight", "--set", "dc_electricity=13MWh/t", "--set", "dc_electricity=14MWh/t"], "twice"),
    (["footprint", "hqalight", "--set", "dc_electricity=13000kg"], "unit"),
    (["footprint", "hqalight", "--set", "dc_electricity=13000kWh/zebra"], "unit"),
    (["footprint", "hqalight", "--set", "dc_electricity=１３０００"], "decimal"),
    (["footprint", "hqalight", "--set", "dc_electricity=1_3000"], "dc_electricity"),
    (["footprint", "hqalight", "--set", "mars.dc_electricity=13000"], "scope"),
    (["footprint", "hqalight", "--set", "cell_technology=cwpb:0.5,hss:0.4"], "sum"),
    (["footprint", "hqalight", "--set", "cell_technology=cwpb:1.5,hss:-0.5"], "0 to 1"),
    (["footprint", "hqalight", "--set", "cell_technology=steam"], "cwpb"),
    (["footprint", "hqalight", "--grid-mix", "coal=0.2,hydro=0.7"], "sum"),
    (["footprint", "hqalight", "--grid-mix", "coal=0.2,coal=0.8"], "twice"),
    (["footprint", "hqalight", "--grid-mix", "moon=1"], "coal"),
    (["footprint", "primary-group", "--grid-mix", "hydro"], "no site"),
    (["footprint", "hqalight", "--site", "atlantis"], "yunnan"),
    (["footprint", "hqalight", "--gwp", "AR9"], "AR6"),
    (["footprint", "hqalight", "--year", "20x4"], "year"),
    (["footprint", "hqalight", "--boundary", "scope-1-2", "--step", "rolling-stones"], "electrolysis"),
    (["footprint", "hqalight", "--boundary", "scope-1-2", "--grid-mix", "hydro"], "life-cycle"),
    (["footprint", "hqalight", "--out", "result.pdf"], ".json"),
    (["footprint", "hqalight", "--out", "no/such/folder/result.json"], "folder"),
    (["footprint", "hqalight", "--recycled-content", "0.5"], "--recycled-content: found hqalight, which has no scrap"),
    (["footprint", "a356.2", "--recycled-content", "60"], "0.6, or 60%"),
    (["footprint", "a356.2", "--recycled-content", "zebra"], "--recycled-content"),
    (["footprint", "hqalight", "--set", "dc_electricity=12,600kWh/t"], "'12600kWh/t'"),
    (["footprint", "hqalight", "--step", "electrolysis"], "--boundary gate-to-gate"),
    (["footprint", "hqalight", "--boundary", "gate-to-gate", "--step", "rolling"], "a step of the chain"),
    (["footprint", "hqalight", "--site", "山"], "which 4 sites bear"),
    (["footprint", "hqalight", "--cut-off", "3%"], "2 % together"),
    (["explain", "hqalight", "electrolyis"], "did you mean 'electrolysis'"),
    (["source", "mee-cf42"], "did you mean 'mee-cf24'"),
    (["show", "hqalight", "--site", "atlantis"], "yunnan"),
    (["footprint", "hqalight", "--data", "no-such-folder"], "no such"),
    (["data", "check", "no-such-folder"], "no such"),
    (["run", "no-such-study.yaml"], "no"),
    (["footprint", "hqalight", "--set", "grid_mix=hydro", "--grid-mix", "coal"], "one of the two"),
    (["footprint", "hqalight", "--set", "hqalight.grid_mix=hydro", "--grid-mix", "coal"], "one of the two"),
    (["footprint", "a356.2", "--recycled-content", "0.4", "--set", "recycled_content=0.5"], "twice"),
    (["footprint", "hqalight", "--grid-mix", ""], "--grid-mix: found nothing"),
    (["footprint", "hqalight", "--site", " "], "--site: found nothing"),
    (["footprint", "hqalight", "--year", ""], "--year: found nothing"),
    (["footprint", "hqalight", "--step", ""], "--step: found nothing"),
    (["footprint", "hqalight", "--step", "bananas"], "--boundary gate-to-gate"),
    (["explain", "hqalight", "--at-least", "nan"], "--at-least"),
    (["bogus"], "expected one of"),
    (["footprint", "hqalight", "--bogus"], "bogus"),
]


@pytest.mark.parametrize(("arguments", "says"), BAD, ids=[" ".join(item[0])[:60] for item in BAD])
def test_bad_input_is_one_line_and_exit_code_two(
    pcf: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    run = pcf(*arguments)
    assert run.code == 2, run.err
    assert run.out == ""
    assert len(run.err.strip().splitlines()) == 1
    assert says.lower() in run.err.lower()
    assert "Traceback" not in run.err
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_no_setting_whatever_breaks_through(pcf: Callable[..., Any], text: str) -> None:
    run = pcf("footprint", "anode", "--json", "--set", text)
    assert run.code in (0, 2)
    assert "Traceback" not in run.err
    assert len(run.err.strip().splitlines()) <= 1


def test_a_full_disk_leaves_no_file(pcf: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = pcf("footprint", "anode", "--out", "/dev/full/result.json")
    assert run.code in (2, 3)
    assert "Traceback" not in run.err


@pytest.mark.parametrize("command", [("footprint", "anode"), ("run", "study.yaml")])
def test_a_result_never_replaces_what_it_was_not_told_to(
    pcf: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text("schema: pcf/study/1\nruns: [{product: anode}]\n", encoding="utf-8")
    Path("file.json").write_text("mine", encoding="utf-8")
    Path("target.txt").write_text("mine", encoding="utf-8")
    Path("link.json").symlink_to("target.txt")
    Path("dangling.json").symlink_to("nothing.json")
    os.mkfifo("pipe.json")
    for name in ("file.json", "link.json", "dangling.json", "pipe.json"):
        run = pcf(*command, "--out", name)
        assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)
    for name in ("link.json", "dangling.json", "pipe.json"):
        assert pcf(*command, "--out", name, "--force").code == 2
    assert Path("file.json").read_text(encoding="utf-8") == Path("target.txt").read_text(encoding="utf-8") == "mine"
    assert not Path("nothing.json").exists()
    assert pcf(*command, "--out", "file.json", "--force").code == 0
    assert json.loads(Path("file.json").read_text(encoding="utf-8"))["product"]["id"] == "anode"


@pytest.mark.parametrize(
    "command",
    [("products",), ("--lang", "en", "products"), ("footprint", "anode"), ("footprint", "anode", "--lang", "zh"), ("data", "check"),
     ("export", "brightway", "anode", "--project", "x"), ("data", "template", "x.xlsx"), ("source",), ("explain", "anode"), ("demo",)],
)  # fmt: skip
def test_every_command_reports_damaged_settings(
    pcf: Callable[..., Any], pcf_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (pcf_home / "settings.toml").write_text("language =", encoding="utf-8")
    run = pcf(*command)
    assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)
    assert "settings.toml" in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert pcf(*command, "--help").code == 0


def test_a_comparison_names_the_folder_of_each_problem(pcf: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("old", "new"):
        shutil.copytree(datasets_path(), tmp_path / name)
        (tmp_path / name / "products" / f"{name}-one.yaml").write_text("a: [", encoding="utf-8")
    run = pcf("data", "diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert (run.code, run.out) == (2, "")
    for name in ("old", "new"):
        assert f"{tmp_path / name}: products/{name}-one.yaml" in run.err
    run = pcf("data", "diff", str(tmp_path / "none"), str(tmp_path / "new"))
    assert run.code == 2
    assert str(tmp_path / "none") in run.err.splitlines()[0]
    assert "new-one.yaml" in run.err


@pytest.mark.parametrize("content", [None, "a: [", "", "\x00", "schema: pcf/study/1\nruns: []\n", "just a text"])
def test_a_check_as_json_is_always_one_document(pcf: Callable[..., Any], tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "study.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    run = pcf("data", "check", str(path), "--json")
    assert (run.code, run.err) == (2, "")
    found = json.loads(run.out)
    assert set(found) == {"version", "sha256", "problems"}
    assert found["problems"]
