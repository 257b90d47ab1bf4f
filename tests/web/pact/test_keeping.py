"""Clients are kept by command and page alike, and the log says who did what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pcf.errors import InputError
from pcf.exchange.sharing.clients import Client, find_known, holds_secret, read_client
from pcf.exchange.sharing.keeping import change_client, let_in, renew_secret, shut_out
from pcf.store import Database, open_database
from pcf.store.reader import Reader
from pcf.store.search import Wanted, find_events


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'pcf.db'}")
    yield made
    made.close()


def test_each_change_is_an_event_of_who_made_it(database: Database) -> None:
    with database.write("lin") as tx:
        first = let_in(tx, Client("acme", "Acme", hosts=("a.example",)))
    with database.write("wei") as tx:
        second = renew_secret(tx, "acme")
    with database.write("wei") as tx:
        shut_out(tx, "acme")
    reader = Reader(database)
    assert holds_secret(reader, "acme", second) is None and find_known(reader, "acme") is None
    with database.write("lin") as tx:
        change_client(tx, "acme", hosts=())
    assert holds_secret(reader, "acme", first) is None and holds_secret(reader, "acme", second) is not None
    reader.close()
    with database.read() as connection:
        assert [(line.kind, line.actor) for line in find_events(connection, Wanted()).lines] == [
            ("api-client", "lin"), ("api-client", "wei"), ("api-secret", "wei"), ("api-client", "lin"),
        ]  # fmt: skip
        found = read_client(connection, "acme")
        assert found is not None and (found.active, found.hosts) == (True, ())


def test_what_cannot_be_is_refused_and_nothing_is_written(database: Database) -> None:
    with database.write("lin") as tx:
        let_in(tx, Client("acme", "Acme", address="https://acme.example/pact"))
    for wrong in (Client("acme", "Acme", address="https://acme.example/pact"), Client("x" * 41, "A"), Client("b-2", ""),
                  Client("b-2", "B", party="nobody"), Client("b-2", "B", hosts=("<script>",))):  # fmt: skip
        with pytest.raises(InputError), database.write("lin") as tx:
            let_in(tx, wrong)
    for name in ("nobody", "' OR 1=1 --"):
        with pytest.raises(InputError), database.write("lin") as tx:
            renew_secret(tx, name)
    with database.write("lin") as tx:
        change_client(tx, "acme", address="", active=False)
    with database.read() as connection:
        found = read_client(connection, "acme")
        assert found is not None and (found.address, found.active, found.name) == (None, False, "Acme")
        assert len(find_events(connection, Wanted()).lines) == 2
