"""Bad input gives one clear line and exit code 2, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
