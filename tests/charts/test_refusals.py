"""What is refused: file names, missing packages, data of which no figure can be drawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pcf import charts
from pcf.charts import Chart, Footer, Frame
from pcf.charts import files as files_module
from pcf.errors import EnvironmentProblem, InputError

Make = Callable[[str, str], Chart]


@pytest.mark.parametrize("name", ["chart", "chart.jpg", "chart.svg.txt"])
def test_an_unknown_ending_is_refused_with_the_list(chart: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.svg or \.png or \.pdf or \.html"):
        chart("lines", "en").save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_endings_count_in_any_letter_case(chart: Make, tmp_path: Path) -> None:
    assert chart("lines", "en").save(tmp_path / "A.SVG").read_bytes().startswith(b"<?xml")


def test_a_file_that_exists_is_overwritten_only_when_asked(chart: Make, tmp_path: Path) -> None:
    target = tmp_path / "chart.svg"
    target.write_text("mine")
    with pytest.raises(InputError, match="exists"):
        chart("lines", "en").save(target)
    assert target.read_text() == "mine"
    chart("lines", "en").save(target, force=True)
    assert target.read_text(encoding="utf-8").startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["chart.svg"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "chart.svg"

    def slow() -> bytes:
        target.write_text("theirs")
        return b"ours"

    with pytest.raises(InputError, match="exists"):
        files_module.write_new(target, slow, force=False)
    assert target.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["chart.svg"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        files_module.write_new(tmp_path / "a.svg", lambda: b"x", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_refused(chart: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="existing folder"):
        chart("lines", "en").save(tmp_path / "no" / "chart.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(InputError, match="a folder"):
        chart("lines", "en").save(tmp_path / "folder.svg", force=True)


def test_without_plotly_a_page_is_refused_and_pictures_are_not(
    chart: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    def absent(name: str) -> object:
        if name.startswith("plotly"):
            raise ImportError(name)
        return real(name)

    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(EnvironmentProblem, match="pip install plotly"):
        chart("lines", "en").save(tmp_path / "chart.html")
    chart("lines", "en").save(tmp_path / "chart.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["chart.pdf"]


def test_importing_the_room_draws_in_no_plotting_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys, pcf.charts; sys.exit(any(name.split('.')[0] in ('matplotlib', 'plotly', 'numpy') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pyplot_is_never_used(chart: Make) -> None:
    import sys

    chart("heat_map", "en").render("png")
    assert "matplotlib.pyplot" not in sys.modules


def bad(kind: str, frame: Frame) -> object:
    """Build a chart of bad data."""
    node = charts.Node
    axis = charts.Axis("x", "1", [0.0, 1.0])
    good = charts.Density("d", [0.0, 1.0], [1.0], 0.1, 0.9)
    return {
        "no variant": lambda: charts.stacked_bars([], frame),
        "not a number": lambda: charts.stacked_bars([charts.Variant("v", {"casting": float("nan")})], frame),
        "circle": lambda: charts.sankey(
            [node("a", "A"), node("b", "B")], [charts.Link("a", "b", 1), charts.Link("b", "a", 1)], frame
        ),
        "own circle": lambda: charts.sankey([node("a", "A")], [charts.Link("a", "a", 1)], frame),
        "unknown node": lambda: charts.sankey([node("a", "A")], [charts.Link("a", "b", 1)], frame),
        "no amount": lambda: charts.sankey([node("a", "A"), node("b", "B")], [charts.Link("a", "b", 0)], frame),
        "bins": lambda: charts.Density("d", [0.0, 1.0], [0.5, 0.5], 0, 1),
        "falling edges": lambda: charts.Density("d", [1.0, 0.0], [1.0], 0, 1),
        "probability": lambda: charts.difference(good, "A", "B", 1.2, frame),
        "nothing feasible": lambda: charts.lines(axis, [charts.Series("s", [None, None])], frame),
        "length": lambda: charts.lines(axis, [charts.Series("s", [1.0])], frame),
        "cells": lambda: charts.heat_map(axis, axis, [[1.0, 2.0]], frame),
        "shares": lambda: charts.ternary([charts.Mixture((0.5, 0.6, 0.1), 1.0)], ("a", "b", "c"), frame),
        "years": lambda: charts.trajectory(charts.Path([2030, 2025], [1, 1], [1, 1], [1, 1]), frame),
        "increase": lambda: charts.trajectory(
            charts.Path([1, 2], [1, 1], [1, 1], [1, 1]), frame, levers=[charts.Lever("l", [0, -1])]
        ),
        "language": lambda: replace(frame, lang="de"),
        "footer": lambda: replace(frame, footer=Footer("a", "b", "c", " ", "e")),
        "format": lambda: charts.tornado([charts.Swing("s", 1, 2, "a", "b")], 1.5, frame).render("gif"),
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    ["no variant", "not a number", "circle", "own circle", "unknown node", "no amount", "bins", "falling edges", "probability",
     "nothing feasible", "length", "cells", "shares", "years", "increase", "language", "footer", "format"],
)  # fmt: skip
def test_data_of_which_no_figure_can_be_drawn_are_refused(chart: Make, kind: str) -> None:
    with pytest.raises(InputError, match="expected"):
        bad(kind, chart("lines", "en").frame)
