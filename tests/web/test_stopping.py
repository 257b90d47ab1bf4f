"""SIGTERM while a certificate is issued: it is there whole and told, or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.custody.tables import footprint_certificate
from pcf.store import open_database
from pcf.store.log import verify
from tests.certificate import offices

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stopping") / "pcf.db"
    offices.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def begin(filled: Path, tmp_path: Path) -> Iterator[Callable[[float], Any]]:
    """Start a server, with the time that a request may still take."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: float) -> tuple[subprocess.Popen[str], str, Path]:
        (tmp_path / "pcf.db").write_bytes(filled.read_bytes())
        command = [sys.executable, "-m", "tests.web.stopping", str(tmp_path), str(seconds)]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        return process, f"http://127.0.0.1:{process.stdout.readline().strip()}", tmp_path / "pcf.db"

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(address: str, answers: list[Any]) -> threading.Thread:
    def work() -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=60).close()
                break
            except OSError:
                time.sleep(0.1)
        try:
            with urllib.request.urlopen(f"{address}/issue", timeout=60) as answer:
                answers.append(json.loads(answer.read()))
        except OSError as problem:
            answers.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def issued(database: Path) -> int:
    with closing(open_database(f"sqlite:///{database}")) as found, found.read() as connection:
        assert list(verify(connection)) == []
        return int(connection.execute(select(func.count()).select_from(footprint_certificate)).scalar_one())


def test_a_certificate_that_is_being_issued_is_finished_and_told(begin: Callable[[float], Any]) -> None:
    process, address, database = begin(20)
    answers: list[Any] = []
    asking = ask(address, answers)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGTERM)
    asking.join()
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert answers == ["PCF-2026-000001"] and issued(database) == 1


@pytest.mark.parametrize("wait", [0.0, 0.3, 1.0])
def test_one_that_has_no_time_left_is_there_whole_or_not(begin: Callable[[float], Any], wait: float) -> None:
    process, address, database = begin(0.01)
    answers: list[Any] = []
    asking = ask(address, answers)
    assert process.stdout.readline() == "begun\n"
    time.sleep(wait)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    asking.join()
    assert process.returncode in (0, 1)
    count = issued(database)
    assert count in (0, 1) and (count == 1 or answers != ["PCF-2026-000001"])


def test_one_that_is_killed_leaves_nothing_half(begin: Callable[[float], Any]) -> None:
    process, address, database = begin(20)
    asking = ask(address, [])
    assert process.stdout.readline() == "begun\n"
    process.kill()
    asking.join()
    assert issued(database) in (0, 1)
