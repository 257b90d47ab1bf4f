"""Server processes with something added for a test: the real application on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pcf.web import running

ROOT = Path(__file__).parents[2]


def serve(app: Any) -> None:
    """Serve on a free port, which is printed."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        running.run(app, listener, None, None)


@contextmanager
def serving(module: str, home: Path, url: str) -> Iterator[tuple[str, Path]]:
    """Address and journal of a process that runs a module with a state folder and a database's URL."""
    journal = home.parent / f"journal-{len(list(home.parent.glob('journal-*')))}"
    command = [sys.executable, "-m", module, str(home), url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with journal.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=lines, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        for _ in range(200):  # it is said before anybody listens
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", journal
    finally:
        process.terminate()
        process.communicate(timeout=120)
    assert process.returncode == 0
