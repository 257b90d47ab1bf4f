"""Where the shipped folders without code are: data sets and certificate material."""

from __future__ import annotations

from pathlib import Path

from pcf.errors import EnvironmentProblem


def datasets_path() -> Path:
    """Folder of the shipped data sets."""
    return _shipped("datasets")


def certificates_path() -> Path:
    """Folder of certificate templates, texts and schemas."""
    return _shipped("certificates")


def find_in_checkout(name: str, folder: Path) -> Path | None:
    """Find `name` in `folder`, provided that `folder` is a checkout of this project.

    A `pyproject.toml` alone proves nothing: some distributions drop theirs into site-packages, where a foreign
    top-level `datasets` may lie beside it.
    """
    try:
        ours = 'name = "pcf-aluminium"' in (folder / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return None
    found = folder / name
    return found if ours and found.is_dir() else None


def _shipped(name: str) -> Path:
    # The checkout comes first: an editable install leaves a copy of the folder in site-packages that grows stale.
    if (folder := find_in_checkout(name, Path(__file__).parents[1])) is not None:
        return folder
    from importlib.resources import files

    resource = files("pcf") / "_share" / name
    if isinstance(resource, Path) and resource.is_dir():
        return resource
    raise EnvironmentProblem(
        f"{name}: the folder is neither in a checkout nor in the installed package ({resource}); "
        "install pcf-aluminium again (`make install` in a checkout)"
    )
