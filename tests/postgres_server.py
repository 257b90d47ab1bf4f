"""A PostgreSQL server of the tests' own, and the keeper that ends it when nobody needs it any more.

Run as a program this module is the keeper. It makes and starts a server in a folder, then waits for the exclusive lock of
the folder's lease. Every process that uses the server holds a shared lock there, and the system takes that back however the
process ends. So a test run that is killed leaves neither a server nor a folder behind.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

HOST = "127.0.0.1"
SUPERUSER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")

SETTINGS = """
listen_addresses = '{host}'
unix_socket_directories = '{folder}'
max_connections = 300               # 32 processes race for one account, and several test workers may do so at once
shared_buffers = 16MB
min_wal_size = 32MB
max_wal_size = 256MB
fsync = on                          # what survives a crash is part of what the tests show
synchronous_commit = on
full_page_writes = on
jit = off
"""


def find_binaries() -> Path | None:
    """Folder of the newest server's programs: Debian's place first, then the search path."""

    def version(place: Path) -> int:
        return int(re.sub(r"\D.*", "", place.parent.name) or 0)

    places = sorted(DEBIAN.glob("*/bin"), key=version, reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    # Debian's package of the client alone makes the same folder, without these two.
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


@dataclass(frozen=True)
class Server:
    """A server whose data, socket, password and log lie in one folder.

    Attributes
    ----------
    binaries : Path
        Folder of PostgreSQL's programs.
    folder : Path
        Folder of this server.
    """

    binaries: Path
    folder: Path

    @property
    def lease(self) -> Path:
        """File that every user of the server holds locked."""
        return self.folder / "lease"

    @property
    def password(self) -> Path:
        """File with the password of every role that may log in."""
        return self.folder / "password"

    @property
    def port(self) -> int:
        """Port on the loopback interface.

        Raises
        ------
        FileNotFoundError
            When the server has never been ready.
        """
        return int((self.folder / "port").read_text(encoding="ascii"))

    def initialise(self) -> None:
        """Make the data folder."""
        release = self._run("postgres", "--version")
        # Sorting as people do, as most servers in use: code that counts on the order of bytes fails here.
        major = int(re.findall(r"\d+", release)[0])
        sorting = ["--locale-provider=icu", "--icu-locale=en-US"] if major >= 15 else []
        self._run(
            "initdb",
            f"--pgdata={self.folder / 'data'}",
            f"--username={SUPERUSER}",
            "--auth=scram-sha-256",
            f"--pwfile={self.password}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *sorting,
            "--no-sync",
        )
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(host=HOST, folder=self.folder))

    def start_somewhere(self) -> None:
        """Start on a free port and write it down.

        Raises
        ------
        RuntimeError
            With the end of the server's log.
        """
        for last in (False, False, False, False, True):
            port = free_port()
            try:
                self._start(port)
            except RuntimeError as error:
                if last or "could not bind" not in str(error):
                    raise
                continue
            ready = self.folder / "port.new"
            ready.write_text(str(port), encoding="ascii")
            ready.rename(self.folder / "port")
            return

    def start(self) -> None:
        """Start again, on the same port."""
        self._start(self.port)

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop in order (`fast`), or as a crash does (`immediate`: no checkpoint, the next start recovers from the log)."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", f"--pgdata={self.folder / 'data'}", f"--mode={mode}", "--wait")

    def _start(self, port: int) -> None:
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        try:
            self._run("pg_ctl", "start", f"--pgdata={self.folder / 'data'}", f"--log={log}", f"--options=-p {port}", "--wait")
        except RuntimeError as error:
            tail = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{error}\n{tail}") from error

    def _run(self, program: str, *arguments: str) -> str:
        # The person's own PGPORT, PGDATA and the like are meant for another server.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        run: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd=self.folder,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **_identity(),
        )
        if run.returncode != 0:
            raise RuntimeError(f"{program} failed with {run.returncode}: {run.stdout}{run.stderr}")
        return run.stdout


def owner() -> pwd.struct_passwd:
    """User that the server runs as: PostgreSQL refuses root."""
    return pwd.getpwnam(SUPERUSER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = owner()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port() -> int:
    """A free port below those that outgoing connections get: one of these could take it while the server is down."""
    # Not the common generator: tests seed that alike in every worker.
    ports = random.SystemRandom().sample(range(15_000, 32_000), 100)
    for port in ports:
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("found no free port on the loopback interface")


def keep(server: Server) -> None:
    """Start the server, say so by closing the output, and end it when the last lease is given back."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with server.lease.open("r+b") as lease:
        try:
            server.initialise()
            server.start_somewhere()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            fcntl.lockf(lease, fcntl.LOCK_EX)
        finally:
            # A test may have killed the server itself.
            with suppress(RuntimeError):
                server.stop("immediate")
            shutil.rmtree(server.folder)


if __name__ == "__main__":
    # Nobody's child: it needs no parent that waits for it, and a parent that is interrupted while it starts cannot kill it.
    if os.fork() == 0:
        keep(Server(Path(sys.argv[1]), Path(sys.argv[2])))
