"""`pcf portfolio`: rows in, rows out; stopped runs go on; a cluster gives the same bits."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pcf.engine import portfolio as engine

Call = Callable[..., Any]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "product", "recycled_content", "grid_mix", "gwp"])
        for number in range(25):
            writer.writerow(
                [f"B{number}", "a356.2", f"{0.2 + 0.02 * number:.2f}", "coal" if number % 2 else "", "AR5" if number % 3 else ""]
            )
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PART", 4)


def test_every_row_has_a_result(pcf: Call, rows: Path, tmp_path: Path, small_parts: None) -> None:
    out = tmp_path / "out.csv"
    assert pcf("portfolio", str(rows), "--out", str(out)).code == 0
    found = read(out)
    assert [row["id"] for row in found] == [f"B{number}" for number in range(25)]
    assert all(float(row["total"]) > 0 and row["boundary"] == "cradle-to-gate" for row in found)
    assert not list(tmp_path.glob("*.parts"))


def test_a_row_that_cannot_be_computed_says_why_and_leaves_the_others(pcf: Call, tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text("product,recycled_content\na356.2,0.5\nnope,0.5\na356.2,7\n", encoding="utf-8")
    run = pcf("portfolio", str(path), "--out", str(out))
    assert run.code == 1
    assert "2 of 3 rows" in run.err
    found = read(out)
    assert [bool(row["total"]) for row in found] == [True, False, False]
    assert "row 3" in found[2]["problem"]


def test_a_stopped_run_goes_on_without_counting_twice(
    pcf: Call, rows: Path, tmp_path: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    assert pcf("portfolio", str(rows), "--out", str(whole)).code == 0
    done: list[int] = []

    def stops(catalogue: Any, part: Any) -> Any:
        done.append(len(part))
        if len(done) == 4:
            raise KeyboardInterrupt
        return engine.compute_part(catalogue, part)

    monkeypatch.setattr("pcf.commands.portfolio.compute_part", stops)
    assert pcf("portfolio", str(rows), "--out", str(out)).code == 130
    assert not out.exists()
    assert len(list((tmp_path / "out.csv.parts").iterdir())) == 3
    monkeypatch.setattr(
        "pcf.commands.portfolio.compute_part", lambda catalogue, part: done.append(-1) or engine.compute_part(catalogue, part)
    )
    assert pcf("portfolio", str(rows), "--out", str(out)).code == 0
    assert done.count(-1) == 4, "three of seven parts were there"
    assert out.read_bytes() == whole.read_bytes()


def test_parquet_goes_in_and_out(pcf: Call, rows: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    read_csv = pytest.importorskip("pyarrow.csv").read_csv
    given, out, plain = tmp_path / "in.parquet", tmp_path / "out.parquet", tmp_path / "plain.csv"
    parquet.write_table(read_csv(rows), given)
    assert pcf("portfolio", str(given), "--out", str(out)).code == 0
    assert pcf("portfolio", str(rows), "--out", str(plain)).code == 0
    totals = [float(row["total"]) for row in read(plain)]
    assert parquet.read_table(out).column("total").to_pylist() == totals


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    ) as found:
        yield found


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_bits(pcf: Call, rows: Path, tmp_path: Path, small_parts: None, cluster: Any) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    assert pcf("portfolio", str(rows), "--out", str(here)).code == 0
    run = pcf("portfolio", str(rows), "--out", str(there), "--scheduler", cluster.scheduler_address)
    assert run.code == 0, run.err
    assert there.read_bytes() == here.read_bytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_dies_half_way_loses_nothing(
    pcf: Call, rows: Path, tmp_path: Path, small_parts: None, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pcf.commands import portfolio

    collect, done = portfolio._collect, []

    def dies(job: Any, advance: Any) -> None:
        collect(job, advance)
        done.append(job)
        if len(done) == 2:
            cluster.close()

    out, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    monkeypatch.setattr(portfolio, "_collect", dies)
    run = pcf("portfolio", str(rows), "--out", str(out), "--scheduler", cluster.scheduler_address)
    assert run.code == 3
    assert "call again to go on" in run.err
    assert not out.exists()
    kept = len(list((tmp_path / "out.csv.parts").iterdir()))
    assert 2 <= kept < 7
    assert pcf("portfolio", str(rows), "--out", str(out)).code == 0
    assert pcf("portfolio", str(rows), "--out", str(whole)).code == 0
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_the_environments(
    pcf: Call, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("pcf.commands.portfolio.CONNECT_SECONDS", 1)
    run = pcf("portfolio", str(rows), "--out", str(tmp_path / "out.csv"), "--scheduler", "tcp://127.0.0.1:9")
    assert run.code == 3
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "heading"), ("a,b\n1,2\n", "product"), ("product,product\na,b\n", "each once"), ("product\n", "no rows"),
        ("product,x\na356.2\n", "another number of cells"), ("product\n" + "a" * 400 + "\n", "short text"),
        ("product\n\x1b[31m\n", "short text"),
    ],
)  # fmt: skip
def test_a_table_that_makes_no_sense_is_refused(pcf: Call, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(content, encoding="utf-8")
    run = pcf("portfolio", str(path), "--out", str(tmp_path / "out.csv"))
    assert run.code == 2
    assert message in run.err
    assert not (tmp_path / "out.csv").exists()


def test_a_result_that_exists_is_not_written_over(pcf: Call, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine", encoding="utf-8")
    run = pcf("portfolio", str(rows), "--out", str(out))
    assert run.code == 2
    assert out.read_text(encoding="utf-8") == "mine"
    assert pcf("portfolio", str(rows), "--out", str(out), "--force").code == 0
