"""The server under the tests: on loopback only, with a fresh database for each test; it can be stopped and lose connections."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.databases import database_url, postgres, postgres_url, private_postgres
from tests.postgres import Cluster, PrivateCluster
from tests.postgres_server import HOST, find_binaries

__all__ = ["database_url", "postgres", "postgres_url", "private_postgres"]

needs_server = pytest.mark.postgresql


def execute(url: str, *statements: str) -> list[object]:
    """Run statements in one transaction; the first column of what the last one returns."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []
    finally:
        engine.dispose()


# What the server is


@needs_server
def test_only_loopback_reaches_it(postgres: Cluster) -> None:
    port = postgres.server.port
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    # On Linux all of 127.0.0.0/8 is this machine: a server on every interface would answer here.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)
    table = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {row[1] for row in table if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    assert listening == {f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}:{port:04X}"}


@needs_server
def test_it_asks_for_the_password(postgres: Cluster) -> None:
    for place in (HOST, str(postgres.server.folder)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=place, port=postgres.server.port, user="pcf", password="another", dbname="postgres")
    assert postgres.server.folder.stat().st_mode & 0o077 == 0


@needs_server
def test_it_is_durable_and_takes_many_connections(postgres: Cluster) -> None:
    with postgres.administration() as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit", "max_connections")
        }
    assert shown["fsync"] == shown["synchronous_commit"] == ("on",)
    assert int(str((shown["max_connections"] or ("0",))[0])) >= 100


@needs_server
def test_the_programs_role_is_an_ordinary_one(postgres_url: str) -> None:
    statement = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user"
    assert execute(postgres_url, statement) == [False]


# Databases


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_a_fresh_database(database_url: str, turn: int) -> None:
    execute(database_url, "CREATE TABLE lot (id TEXT)", f"INSERT INTO lot VALUES ('L{turn}')")
    assert execute(database_url, "SELECT id FROM lot") == [f"L{turn}"]


@needs_server
def test_a_dropped_database_is_gone_even_with_a_connection_open(postgres: Cluster) -> None:
    url = postgres.create_database()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgres.drop_database(url)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    with pytest.raises(OperationalError, match="does not exist"):
        execute(url, "SELECT 1")


calls: list[str] = []


def prepare(url: str) -> None:
    """Make one table; the first time, fail after that."""
    calls.append(url)
    execute(url, "CREATE TABLE lot (id TEXT)")
    if len(calls) == 1:
        raise InterruptedError


@needs_server
def test_a_template_is_prepared_once_and_copied(private_postgres: PrivateCluster) -> None:
    calls.clear()
    with pytest.raises(InterruptedError):
        private_postgres.create_database(prepare)
    first, second = private_postgres.create_database(prepare), private_postgres.create_database(prepare)
    assert len(calls) == 2
    execute(first, "INSERT INTO lot VALUES ('L1')")
    assert execute(first, "SELECT id FROM lot") == ["L1"]
    assert execute(second, "SELECT id FROM lot") == []
    # The role of the URL owns the copy, and may alter it.
    execute(second, "DROP TABLE lot")


@needs_server
def test_a_function_without_a_name_of_its_own_is_no_template(postgres: Cluster) -> None:
    with pytest.raises(ValueError, match="name a function of a module"):
        postgres.create_database(lambda url: None)


# Lost connections


@needs_server
def test_ended_connections_are_counted_and_lost(postgres: Cluster, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection, engine.connect() as other:
        for each in (connection, other):
            each.execute(text("SELECT 1"))
        assert postgres.terminate(postgres_url) == 2
        for each in (connection, other):
            with pytest.raises(OperationalError):
                each.execute(text("SELECT 1"))
    engine.dispose()
    assert postgres.terminate(postgres_url) == 0
    assert execute(postgres_url, "SELECT 1") == [1]


@needs_server
def test_what_was_committed_survives_a_stop_and_a_crash(private_postgres: PrivateCluster) -> None:
    url, port = private_postgres.create_database(), private_postgres.server.port
    execute(url, "CREATE TABLE lot (id TEXT)", "INSERT INTO lot VALUES ('L1')")
    private_postgres.stop()
    with pytest.raises(OperationalError):
        execute(url, "SELECT 1")
    private_postgres.start()
    execute(url, "INSERT INTO lot VALUES ('L2')")
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO lot VALUES ('never committed')"))
        private_postgres.restart("immediate")
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    assert "database system was not properly shut down" in (private_postgres.server.folder / "log").read_text()
    assert private_postgres.server.port == port
    assert execute(url, "SELECT id FROM lot ORDER BY id") == ["L1", "L2"]


# Programs


@needs_server
def test_the_newest_programs_are_found() -> None:
    binaries = find_binaries()
    assert binaries is not None
    releases = {int(place.parent.name) for place in Path("/usr/lib/postgresql").glob("*/bin") if (place / "initdb").exists()}
    assert not releases or binaries.parent.name == str(max(releases))
