"""Processes for what takes long: few of them, each call with a time after which it is stopped, so that no page ever waits for another."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pcf.catalogue import Catalogue, open_catalogue
from pcf.errors import CheckFailed, DataError, EnvironmentProblem, InputError, PcfError
from pcf.settings import home

Result = TypeVar("Result")

PROCESSES = 2
MOST_WAITING = 32
"""Calls that wait; one more is refused, lest a busy server become a dead one."""

SECONDS = 60.0
MOST_MEMORY = 6 << 30
"""Address space of a process [bytes]: more than any honest file needs."""


class Busy(EnvironmentProblem):
    """Too many calls wait already."""


class Stopped(EnvironmentProblem):
    """A call took too long, or more memory than it may have."""


_data_path: Path | None = None
_catalogue: Catalogue | None = None


def catalogue() -> Catalogue:
    """The data, in a worker process."""
    global _catalogue
    if _catalogue is None:
        _catalogue = open_catalogue(_data_path, overlays=[home() / "data"])
    return _catalogue


def data_path() -> Path | None:
    """Another data folder than the shipped one, in a worker process."""
    return _data_path


class Work:
    """The worker processes of a server; they start with the first call.

    Parameters
    ----------
    most_waiting : int
        Calls that wait or run.
    memory : int
        Address space of a process [bytes].
    """

    def __init__(
        self, data_path: Path | None, processes: int = PROCESSES, *, most_waiting: int = MOST_WAITING, memory: int = MOST_MEMORY
    ) -> None:  # fmt: skip
        self._data_path, self._memory, self.most_waiting = data_path, memory, most_waiting
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="pcf-work")
        self._free: list[_Worker] = []
        self._lock = threading.Lock()
        self._generation = 0
        self.waiting = 0

    async def run(self, function: Callable[..., Result], *arguments: Any, seconds: float = SECONDS) -> Result:
        """What a function of a module gives, computed in a worker process; it finds the data with `catalogue()`.

        Raises
        ------
        PcfError
            As the function; `EnvironmentProblem` where it took too long or too many wait.
        """
        if self.waiting >= self.most_waiting:
            raise Busy("the server is busy; try again in a moment")
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            found: Result = await loop.run_in_executor(self._threads, self._call, function, arguments, seconds)
            return found
        finally:
            self.waiting -= 1

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Any:
        with self._lock:
            worker = self._free.pop() if self._free else None
        if worker is None or worker.generation != self._generation:
            if worker is not None:
                worker.stop()
            worker = _Worker(self._data_path, self._generation, self._memory)
        try:
            good, found = worker.ask(function, arguments, seconds)
        except (EOFError, OSError, TimeoutError) as problem:
            worker.stop()
            said = "took too long and was stopped" if isinstance(problem, TimeoutError) else "needed too much and was stopped"
            raise Stopped(f"the calculation {said}") from None
        with self._lock:
            self._free.append(worker)
        if not good:
            raise _unpacked(found)
        return found

    def renew(self) -> None:
        """Let the next calls see new data."""
        self._generation += 1

    def close(self) -> None:
        """Stop the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for worker in self._free:
                worker.stop()
            self._free.clear()


class _Worker:
    """One process; it answers one call at a time."""

    def __init__(self, data_path: Path | None, generation: int, memory: int) -> None:
        self.generation = generation
        context = multiprocessing.get_context("spawn")  # a fork of a server with threads may stand still for ever
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, data_path, memory), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> tuple[bool, Any]:
        self._pipe.send((function, arguments))
        if not self._pipe.poll(seconds):
            raise TimeoutError
        answer: tuple[bool, Any] = self._pipe.recv()
        return answer

    def stop(self) -> None:
        self._process.kill()
        self._process.join(5)
        self._pipe.close()


def _serve(pipe: Any, data_path: Path | None, memory: int) -> None:
    """The life of a process: take a call, answer it, until nobody asks any more."""
    import signal

    global _data_path
    _data_path = data_path
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its processes itself
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with suppress(AttributeError, OSError):
        os.nice(10)  # whoever moves a lever comes first
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            function, arguments = pipe.recv()
            try:
                answer = (True, function(*arguments))
            except PcfError as problem:
                answer = (False, _packed(problem))
            except MemoryError:
                answer = (False, ("stopped", "the calculation needed too much memory and was stopped"))
            except Exception as problem:  # noqa: BLE001 - whatever it is, the process lives on and the page says so
                answer = (False, ("environment", f"the calculation failed: {type(problem).__name__}: {str(problem)[:200]}"))
            pipe.send(answer)


def _packed(problem: PcfError) -> tuple[str, Any]:
    """An error in plain values: an exception with arguments of its own does not survive a pipe."""
    if isinstance(problem, DataError):
        return "data", [(item.place, item.found, item.expected, item.advice) for item in problem.problems]
    if isinstance(problem, InputError):
        return "input", (problem.place, problem.found, problem.expected, problem.advice)
    return ("check" if isinstance(problem, CheckFailed) else "environment"), str(problem)


def _unpacked(packed: tuple[str, Any]) -> PcfError:
    kind, content = packed
    if kind == "data":
        return DataError([InputError(*item) for item in content])
    if kind == "input":
        return InputError(*content)
    kinds = {"check": CheckFailed, "stopped": Stopped}
    return kinds.get(kind, EnvironmentProblem)(content)
