"""Worker processes: limited in number, in time, and able to lose one."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pcf.errors import DataError, EnvironmentProblem, InputError
from pcf.web.work import Work


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work(None, processes=1)
    yield made
    made.close()


def run(call: Coroutine[Any, Any, Any]) -> Any:
    """What a call gives, on a loop of its own: that of the browser's driver may be at work in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, call).result()


def wrong(kind: str) -> None:
    """Fails as it is told."""
    if kind == "data":
        raise DataError([InputError("a", "b", "c", "d"), InputError("e", "f", "g")])
    if kind == "input":
        raise InputError("a", "b", "c", "d")
    raise ZeroDivisionError(kind)


def test_a_call_is_answered_and_its_errors_come_as_they_were(work: Work) -> None:
    assert run(work.run(len, "abc")) == 3
    with pytest.raises(DataError) as problem:
        run(work.run(wrong, "data"))
    assert [item.place for item in problem.value.problems] == ["a", "e"]
    with pytest.raises(InputError, match="a: found b; expected c; d"):
        run(work.run(wrong, "input"))
    with pytest.raises(EnvironmentProblem, match="ZeroDivisionError"):
        run(work.run(wrong, "other"))


def test_what_takes_too_long_or_dies_is_stopped_and_the_next_call_works(work: Work) -> None:
    with pytest.raises(EnvironmentProblem, match="too long"):
        run(work.run(time.sleep, 30, seconds=0.2))
    with pytest.raises(EnvironmentProblem, match="needed too much"):
        run(work.run(os._exit, 1))
    with pytest.raises(EnvironmentProblem, match="needed too much"):
        run(work.run(signal.raise_signal, signal.SIGKILL))
    assert run(work.run(len, "ab")) == 2


def test_too_many_calls_are_refused(work: Work) -> None:
    work.most_waiting = 2

    async def many() -> list[object]:
        return await asyncio.gather(*(work.run(time.sleep, 0.1) for _ in range(4)), return_exceptions=True)

    found = run(many())
    assert [type(item).__name__ for item in found] == ["NoneType", "NoneType", "Busy", "Busy"]


def test_new_data_are_seen_by_a_new_process(work: Work) -> None:
    first = run(work.run(os.getpid))
    assert run(work.run(os.getpid)) == first
    work.renew()
    assert run(work.run(os.getpid)) != first
