"""The folders without code are found in a checkout and in an installed wheel, and nothing foreign is taken for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcf import resources
from pcf.errors import EnvironmentProblem

CHECKOUT = Path(__file__).parents[1]
OURS = '[project]\nname = "pcf-aluminium"\n'


def make_tree(folder: Path, project: str | None) -> Path:
    (folder / "datasets").mkdir()
    if project is not None:
        (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    return folder


def test_a_checkout_uses_its_own_folders() -> None:
    assert resources.datasets_path() == CHECKOUT / "datasets"
    assert resources.certificates_path() == CHECKOUT / "certificates"


def test_the_folder_beside_our_project_file_is_found(tmp_path: Path) -> None:
    assert resources.find_in_checkout("datasets", make_tree(tmp_path, OURS)) == tmp_path / "datasets"


@pytest.mark.parametrize("project", [None, '[project]\nname = "datasets"\n'], ids=["no project file", "another's"])
def test_a_foreign_folder_of_the_same_name_is_not_taken(tmp_path: Path, project: str | None) -> None:
    assert resources.find_in_checkout("datasets", make_tree(tmp_path, project)) is None


def test_a_checkout_without_the_folder_has_none(tmp_path: Path) -> None:
    assert resources.find_in_checkout("certificates", make_tree(tmp_path, OURS)) is None


def test_an_installed_package_uses_its_share_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share = tmp_path / "pcf" / "_share" / "datasets"
    share.mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "pcf" / "resources.py"))
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path / package)
    assert resources.datasets_path() == share


def test_a_broken_installation_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "pcf" / "resources.py"))
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path / package)
    with pytest.raises(EnvironmentProblem, match="datasets: the folder is neither in a checkout nor"):
        resources.datasets_path()
