"""`pcf portfolio`: a file of products with their settings, row by row, resumable."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from pcf.catalogue import STAGES, Catalogue
from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load
from pcf.commands.progress import progress
from pcf.engine.portfolio import Line, Row, compute_on_worker, compute_part, data_identity, hash_part, split_parts
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.text import text
from pcf.views.files import write_all, write_text

FORMS = (".csv", ".parquet")
LONGEST_CELL, MOST_COLUMNS = 300, 100
CONNECT_SECONDS = 20
AHEAD = 2
"""Parts that a worker of a cluster has waiting."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Result: .csv or .parquet.")
@click.option("--scheduler", default="", metavar="tcp://HOST:PORT", help="Compute on a Dask cluster.")
@click.option("--force", is_flag=True, help="Replace a result that is there already.")
@catalogue_option
@click.pass_context
def portfolio(ctx: click.Context, path: Path, out: Path, scheduler: str, force: bool, data_path: Path | None) -> None:
    """Compute every row of FILE (.csv or .parquet): columns product, id, site, grid_mix, choices of the method, parameters.

    A run that was stopped goes on where it was: call it again. Rows that cannot be computed say why in the result.
    """
    lang = language(ctx)
    for option, name in (("FILE", path), ("--out", out)):
        if name.suffix.lower() not in FORMS:
            raise InputError(f"{option} {name.name}", name.suffix or "no ending", " or ".join(FORMS))
    if out.exists() and not force:
        raise InputError(f"--out {out.name}", "a file that is there already", "a new file", "--force replaces it")
    if not out.absolute().parent.is_dir():
        raise InputError(f"--out {out}", "a folder that does not exist", "an existing folder")
    if scheduler and data_path is not None:
        raise InputError("--data", "a data folder with a scheduler", "the workers' own data set")
    count = sum(1 for _ in read_rows(path))
    if not count:
        raise InputError(path.name, "no rows", "a heading and at least one row")
    catalogue = load(data_path)
    folder = out.with_name(f"{out.name}.parts")
    folder.mkdir(exist_ok=True)
    names: list[Path] = []
    with progress(count, lang) as advance:
        missing = _pending(path, catalogue, folder, names, advance)
        if scheduler:
            _remote(missing, scheduler, catalogue, advance)
        else:
            for rows, place in missing:
                _keep(place, compute_part(catalogue, rows))
                advance(len(rows))
    bad = _assemble(names, out)
    shutil.rmtree(folder, ignore_errors=True)
    click.echo(text("portfolio.done", lang, count=f"{count:,}", out=out))
    if bad:
        raise CheckFailed(f"{bad} of {count} rows have no result; see the column `problem` of {out.name}")


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a portfolio file, one at a time.

    Raises
    ------
    InputError
        For a file that is no table, an unnamed or repeated column, or a cell too long.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file", "a .csv or .parquet file")
    source = _csv_rows(path) if path.suffix.lower() == ".csv" else _parquet_rows(path)
    number = 0
    for number, cells in enumerate(source, start=1):
        for name, cell in cells.items():
            if len(cell) > LONGEST_CELL or not cell.isprintable():
                raise InputError(
                    f"{path.name} row {number} {name}", repr(cell[:40]), f"a short text of at most {LONGEST_CELL} characters"
                )
        yield Row(number, {name: cell.strip() for name, cell in cells.items() if cell.strip()})


def _csv_rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_columns(path, list(reader.fieldnames or []))
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(
                        f"{path.name} line {reader.line_num}", "another number of cells than the heading", "one cell a column"
                    )
                yield row
    except (UnicodeDecodeError, csv.Error) as problem:
        raise InputError(path.name, str(problem)[:80], "a CSV file in UTF-8 with commas") from None


def _parquet_rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise EnvironmentProblem("Parquet files need pyarrow; install pcf-aluminium[tables]") from None
    try:
        file = parquet.ParquetFile(path)
        _check_columns(path, list(file.schema_arrow.names))
        for batch in file.iter_batches(batch_size=2000):
            for row in batch.to_pylist():
                yield {name: "" if value is None else str(value) for name, value in row.items()}
    except (OSError, ValueError) as problem:
        raise InputError(path.name, str(problem).splitlines()[0][:80], "a Parquet file") from None


def _check_columns(path: Path, names: Sequence[str]) -> None:
    if "product" not in names or len(names) > MOST_COLUMNS or len(set(names)) < len(names) or not all(names):
        shown = ", ".join(map(str, names[:8])) or "nothing"
        raise InputError(
            f"{path.name} heading", shown[:120], f"up to {MOST_COLUMNS} named columns, `product` among them, each once"
        )


def _pending(
    path: Path, catalogue: Catalogue, folder: Path, names: list[Path], advance: Callable[[int], None]
) -> Iterator[tuple[list[Row], Path]]:
    """Parts that are not there yet; `names` collects the place of every part in order."""
    for index, rows in enumerate(split_parts(read_rows(path))):
        place = folder / f"{index:06d}-{hash_part(rows, data_identity(catalogue))[:24]}.json"
        names.append(place)
        if place.is_file():
            advance(len(rows))
        else:
            yield rows, place


def _keep(place: Path, lines: Sequence[Line]) -> None:
    write_text(place, json.dumps([dataclasses.asdict(line) for line in lines], ensure_ascii=False))


def _remote(
    missing: Iterator[tuple[list[Row], Path]], address: str, catalogue: Catalogue, advance: Callable[[int], None]
) -> None:
    """Parts on the workers of a cluster, a few ahead of each; what is done stays when the scheduler is lost."""
    try:
        from distributed import Client
    except ImportError:
        raise EnvironmentProblem("a Dask cluster needs `distributed`; install pcf-aluminium[grid]") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as problem:
        raise EnvironmentProblem(f"--scheduler {address}: {str(problem).splitlines()[0][:120]}") from None
    try:
        room = max(1, AHEAD * len(client.nthreads()))
        waiting: deque[tuple[Any, list[Row], Path]] = deque()
        for rows, place in missing:
            waiting.append((client.submit(compute_on_worker, rows, data_identity(catalogue), pure=False, retries=2), rows, place))
            if len(waiting) >= room:
                _collect(waiting.popleft(), advance)
        while waiting:
            _collect(waiting.popleft(), advance)
    except (InputError, KeyboardInterrupt):
        raise
    except Exception as problem:  # noqa: BLE001 - a lost scheduler or worker shows in many ways
        what = f"{type(problem).__name__} {problem}".splitlines()[0][:120]
        raise EnvironmentProblem(f"--scheduler {address}: {what}; what is done is kept: call again to go on") from None
    finally:
        client.close(timeout=2)


def _collect(job: tuple[Any, list[Row], Path], advance: Callable[[int], None]) -> None:
    future, rows, place = job
    _keep(place, future.result(timeout=600))
    advance(len(rows))


def _lines(names: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for name in names:
        for line in json.loads(name.read_text(encoding="utf-8")):
            stages = line.pop("stages")
            yield {**line, **{f"stage_{stage}": stages.get(stage) if stages else None for stage in STAGES}}


COLUMNS = ("number", "id", "product", "total", "feasible", "boundary", "problem", *(f"stage_{stage}" for stage in STAGES))


def _assemble(names: Sequence[Path], out: Path) -> int:
    """Write the result from its parts; the number of rows without one."""
    bad = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal bad
        bad = 0
        for line in _lines(names):
            bad += line["total"] is None
            yield line

    def write(target: Path) -> None:
        if out.suffix.lower() == ".csv":
            with target.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
                writer.writeheader()
                for line in counted():
                    writer.writerow({name: "" if line[name] is None else line[name] for name in COLUMNS})
        else:
            _parquet(target, counted())

    write_all(out, write)
    return bad


def _parquet(target: Path, lines: Iterator[dict[str, Any]]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise EnvironmentProblem("Parquet files need pyarrow; install pcf-aluminium[tables]") from None
    kinds = {"number": pa.int64(), "feasible": pa.bool_(), "total": pa.float64()}
    schema = pa.schema([
        (name, kinds.get(name, pa.float64() if name.startswith("stage_") else pa.string())) for name in COLUMNS
    ])  # fmt: skip
    with parquet.ParquetWriter(target, schema) as writer:
        batch: list[dict[str, Any]] = []
        for line in lines:
            batch.append(line)
            if len(batch) == 10_000:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, schema))
