"""The documents: generated parts are what the program says today, every command in an example runs, every link leads somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import open_catalogue

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")])
EXAMPLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)")


def test_generated_pages_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_pages", ROOT / "docs" / "make_pages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path, content in module.pages(open_catalogue()).items():
        assert path.read_text(encoding="utf-8").splitlines() == content.splitlines(), f"{path.name}: run docs/make_pages.py"


def commands(path: Path) -> list[str]:
    blocks = EXAMPLE.findall(path.read_text(encoding="utf-8"))
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ pcf")]


@pytest.mark.parametrize("path", [item for item in DOCUMENTS if commands(item)], ids=lambda item: item.name)
def test_every_command_of_an_example_runs(
    pcf: Callable[..., Any], path: Path, tmp_path: Path, pcf_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "docs" / "studies", tmp_path / "docs" / "studies")
    monkeypatch.chdir(tmp_path)
    for line in commands(path):
        run = pcf(*shlex.split(line)[1:])
        assert run.code == 0, (line, run.err)
        assert run.out, line


@pytest.mark.parametrize(
    "path", [item for item in DOCUMENTS if PYTHON.search(item.read_text(encoding="utf-8"))], ids=lambda item: item.name
)
def test_every_python_example_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    for block in PYTHON.findall(path.read_text(encoding="utf-8")):
        exec(compile(block, path.name, "exec"), space)  # noqa: S102 - the project's own page


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda item: item.name)
def test_links_inside_the_project_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target
