"""PostgreSQL for tests: a server shared by a whole run or private to one test, its databases and its connections."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self

import psycopg
from psycopg import sql

from tests import postgres_server
from tests.postgres_server import HOST, SUPERUSER, Server, owner

ROLE = "pcf"
"""Role of the URLs: an ordinary one, so that nothing is tested with a superuser's rights."""

PATIENCE = 120.0
"""Longest wait for the server to end a connection or itself [s]."""

Prepare = Callable[[str], None]


class Cluster:
    """A running server, held by a lease until `release`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        # A lock of the process, which a forked child does not inherit: a child that hangs keeps no server alive.
        self._lease = server.lease.open("r+b")
        try:
            fcntl.lockf(self._lease, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if not server.lease.exists():
                raise FileNotFoundError(server.lease)
        except OSError:
            self._lease.close()
            raise

    @classmethod
    def launch(cls, binaries: Path) -> Self:
        """Make and start a server.

        Raises
        ------
        RuntimeError
            When it does not start, with what it said.
        """
        # Not pytest's folder: the user of the server may not enter that, and a socket's path has to be short.
        server = Server(binaries, Path(tempfile.mkdtemp(prefix="pcf-postgres-")))
        server.lease.touch()
        server.password.touch(0o600)
        server.password.write_text(secrets.token_hex(16), encoding="ascii")
        for path in (server.password, server.folder):
            os.chown(path, owner().pw_uid, owner().pw_gid)
        cluster = cls(server)
        command = [sys.executable, "-I", postgres_server.__file__, str(binaries), str(server.folder)]
        # A session of its own: an interrupt at the terminal ends the tests first.
        keeper = subprocess.run(command, start_new_session=True, capture_output=True, text=True, check=False)
        if not server.folder.exists():
            cluster._lease.close()
            raise RuntimeError(f"PostgreSQL did not start\n{keeper.stdout}{keeper.stderr}")
        with cluster.administration() as connection:
            password = sql.Literal(cluster.password)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(ROLE), password))
        return cluster

    def release(self) -> None:
        """Give back the lease; the last one waits until the server is gone."""
        if self._lease.closed:
            return
        try:
            fcntl.lockf(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            last = True
        except OSError:
            last = False
        self._lease.close()
        if last:
            _await(lambda: not self.server.folder.exists(), "the server to end")

    @property
    def password(self) -> str:
        """Password of every role that may log in."""
        return self.server.password.read_text(encoding="ascii")

    def url(self, database: str, role: str = ROLE) -> str:
        """URL of a database, for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://{role}:{self.password}@{HOST}:{self.server.port}/{database}"

    @contextmanager
    def administration(self) -> Iterator[psycopg.Connection]:
        """A superuser's connection in which every statement is a transaction of its own."""
        with psycopg.connect(
            host=HOST, port=self.server.port, user=SUPERUSER, password=self.password, dbname="postgres", autocommit=True
        ) as connection:
            yield connection

    def create_database(self, prepare: Prepare | None = None) -> str:
        """Make a fresh database and return its URL.

        Parameters
        ----------
        prepare : Callable[[str], None], optional
            What makes the tables behind a URL; done once for the cluster and copied from then on.
        """
        name, source = f"test_{secrets.token_hex(6)}", "template1" if prepare is None else self._template(prepare)
        self._create(name, source)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._drop(_name(url))

    def terminate(self, url: str) -> int:
        """End every connection to a database; returns how many there were, when they are gone."""
        with self.administration() as connection:
            statement = "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            rows = connection.execute(statement, (_name(url),)).fetchall()
            ended = [pid for pid, _ in rows]
            count = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)"
            _await(lambda: connection.execute(count, (ended,)).fetchone() == (0,), "the connections to end")
        return len(ended)

    def _template(self, prepare: Prepare) -> str:
        origin = f"{prepare.__module__}.{prepare.__qualname__}"
        if "<" in origin:
            raise ValueError(f"{origin} may stand for several functions: name a function of a module")
        name = f"template_{hashlib.sha256(origin.encode()).hexdigest()[:12]}"
        making = f"{name}_making"
        with locked(self.server.folder / "templates"):
            with self.administration() as connection:
                if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                    return name
            # Under its final name only when it is complete: whoever prepares it may be killed.
            self._drop(making)
            self._create(making, "template1")
            try:
                prepare(self.url(making))
                self.terminate(self.url(making))
                with self.administration() as connection:
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
                    connection.execute(rename)
                    # A copy needs a source without connections.
                    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
            except BaseException:
                self._drop(making)
                raise
        return name

    def _create(self, name: str, source: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        with self.administration() as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(ROLE), sql.Identifier(source)))

    def _drop(self, name: str) -> None:
        with self.administration() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class PrivateCluster(Cluster):
    """A cluster of one test, which may stop it."""

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop in order, or as a crash does (`immediate`)."""
        self.server.stop(mode)

    def start(self) -> None:
        """Start again, on the same port."""
        self.server.start()

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop and start."""
        self.stop(mode)
        self.start()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file locked against every other process."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _await(reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
        time.sleep(0.01)
