"""Options of commands that run many scenarios, and the files that they leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from pcf.errors import InputError

Function = TypeVar("Function", bound=Callable[..., Any])

TABLES = (".csv", ".parquet", ".json", ".xlsx")
PICTURES = (".svg", ".png", ".pdf", ".html")


def draw_options(size: int) -> Callable[[Function], Function]:
    """Add the options of random draws."""

    def decorate(function: Function) -> Function:
        function = click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")(
            function
        )
        seed = "The same seed gives the same figures, on any number of workers."
        function = click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help=seed)(function)
        return click.option("-n", "size", type=int, default=size, show_default=True, help="Scenarios drawn.")(function)

    return decorate


def result_options(function: Function) -> Function:
    """Add the options of results: JSON, files, pictures."""
    function = click.option("--force", is_flag=True, help="Write over files that exist.")(function)
    chart = "Draw a picture into a .svg, .png, .pdf or .html file; may be repeated."
    function = click.option("--chart", "charts", multiple=True, type=click.Path(path_type=Path), help=chart)(function)
    out = "Write the result to a .csv, .parquet, .json or .xlsx file."
    function = click.option("--out", type=click.Path(path_type=Path), help=out)(function)
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(function)


def check_file(option: str, path: Path | None, endings: Sequence[str], *, force: bool) -> None:
    """Refuse a file before anything is computed for it.

    Raises
    ------
    InputError
        For another ending, a folder that is not there, or a file that exists without `--force`.
    """
    if path is None:
        return
    place = f"{option} {path}"
    if path.suffix.lower() not in endings:
        raise InputError(place, path.suffix or "no ending", " or ".join(endings))
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(place, "a folder, or a file in a folder that does not exist", "a file name in an existing folder")
    if path.exists() and not force:
        raise InputError(place, "a file that exists", "the name of a new file", "name another one, or add --force")


def check_files(out: Path | None, charts: Sequence[Path], *, force: bool) -> None:
    """Refuse result files and pictures before anything is computed for them; see `check_file`."""
    check_file("--out", out, TABLES, force=force)
    for chart in charts:
        check_file("--chart", chart, PICTURES, force=force)
    if out is not None and out.suffix.lower() == ".parquet":
        from pcf.views.table_files import parquet

        parquet()
