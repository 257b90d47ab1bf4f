"""The log against the tables: whoever changes anything by the back door is found, with the event that shows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from sqlalchemy import Connection, bindparam, delete, insert, select, text, update
from sqlalchemy.event import listen, remove

from pcf.custody.tables import certificate, party
from pcf.errors import CheckFailed, InputError
from pcf.store import Database, compact, digest
from pcf.store.checkpoint import Checkpoint, Verifier, open_note, sign
from pcf.store.keys import create_key
from pcf.store.log import ORIGIN, Finding, log_root, log_size, prove_consistency, prove_inclusion, sign_head, verify
from pcf.store.schema import event, log_head, log_tile

SIZE = 600
"""Two whole tiles of 256 leaves, and some more."""


def record(database: Database, size: int, name: str = "P", first: int = 0) -> None:
    """One event for each company; every tenth has a certificate too."""
    with database.write("me") as tx:
        for number in range(first, first + size):
            one = f"{name}{number}"
            rows: dict[str, list[dict[str, str | int | None]]] = {"party": [{"id": one, "name": "Company", "details": "{}"}]}
            if number % 10 == 0:
                rows["certificate"] = [{
                    "number": one, "valid_from": "2025-01-01", "valid_until": "2025-12-31", "holder": one, "standard": "asi-coc",
                    "details": "{}",
                }]  # fmt: skip
            tx.add("party", f"party:{one}", digest(one), rows)


def findings(database: Database, *heads: Checkpoint, trusted: Sequence[Verifier] | None = None) -> list[Finding]:
    with database.read() as connection:
        return list(verify(connection, heads, trusted=trusted))


def head(database: Database) -> Checkpoint:
    """What somebody else keeps of the log as it is now."""
    with database.read() as connection:
        size = log_size(connection)
        return Checkpoint("log", size, log_root(connection, size))


def tamper(database: Database, work: Callable[[Connection], object]) -> None:
    """What the owner of the database can do: take the triggers away first."""
    with database.write("me") as tx:
        if database.is_sqlite:
            tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            for name in tx.connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
                tx.connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            tx.connection.execute(text("DROP FUNCTION IF EXISTS pcf_append_only CASCADE"))
        work(tx.connection)


def leaf(payload: str) -> bytes:
    return hashlib.sha256(b"\0" + payload.encode()).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


@pytest.fixture
def log(database: Database) -> Database:
    record(database, SIZE)
    return database


# What an event is


def test_an_event_holds_exactly_the_rows_that_it_wrote(database: Database) -> None:
    record(database, 1)
    with database.read() as connection:
        row = connection.execute(select(event)).one()
        company = dict(connection.execute(select(party)).one()._mapping)
    content = json.loads(row.payload)
    assert row.payload == rfc8785.dumps(content).decode()
    assert row.leaf == leaf(row.payload)
    assert {name: content[name] for name in ("seq", "time", "kind", "key", "actor", "request")} == {
        "seq": 0, "time": row.time, "kind": "party", "key": "party:P0", "actor": "me", "request": digest("P0"),
    }  # fmt: skip
    assert company == {**content["rows"]["party"][0], "event_seq": 0}


def test_a_digest_does_not_depend_on_the_order_of_fields() -> None:
    assert (
        digest({"a": 1, "b": [2, None]})
        == digest({"b": [2, None], "a": 1})
        == hashlib.sha256(b'{"a":1,"b":[2,null]}').hexdigest()
    )
    assert compact({"b": 1, "a": "Ω"}) == '{"a":"Ω","b":1}'


# The tree


@pytest.mark.parametrize("sizes", [(1,), (255, 1), (256,), (257,), (600,), (1, 511, 1)], ids=str)
def test_the_root_is_that_of_the_rfc(database: Database, sizes: tuple[int, ...]) -> None:
    first = 0
    for size in sizes:
        record(database, size, first=first)
        first += size
    with database.read() as connection:
        leaves = list(connection.execute(select(event.c.leaf).order_by(event.c.seq)).scalars())
        for size in {0, 1, first // 2, first - 1, first}:
            assert log_root(connection, size) == root(leaves[:size])
        assert len(connection.execute(select(log_tile)).all()) == first // 256


def test_an_empty_log_has_the_empty_root(database: Database) -> None:
    with database.read() as connection:
        assert log_size(connection) == 0
        assert log_root(connection, 0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert findings(database) == []


def test_every_event_has_its_proof(log: Database) -> None:
    with log.read() as connection:
        for seq in (0, 1, 254, 255, 256, 511, 512, SIZE - 1):
            found = prove_inclusion(connection, seq)
            assert found.holds and found.root == log_root(connection, SIZE)
            assert found.leaf == connection.execute(select(event.c.leaf).where(event.c.seq == seq)).scalar()
        earlier = prove_inclusion(connection, 3, 300)
        assert earlier.holds and earlier.root == log_root(connection, 300)


def test_what_is_not_in_the_log_has_no_proof(log: Database) -> None:
    with log.read() as connection:
        for seq, size in ((SIZE, None), (-1, None), (300, 300), (0, 0)):
            with pytest.raises(InputError):
                prove_inclusion(connection, seq, size)


def test_an_earlier_log_is_the_beginning_of_a_later_one(log: Database) -> None:
    with log.read() as connection:
        for first, second in ((1, SIZE), (255, 257), (256, 512), (300, SIZE), (SIZE, SIZE)):
            assert prove_consistency(connection, first, second)[1]


def test_the_same_log_has_one_head(log: Database, tmp_path: Path) -> None:
    key = create_key(tmp_path, "log")
    first, second = sign_head(log, key), sign_head(log, key)
    assert first == second
    assert open_note(first, [_verifier(key)]).size == SIZE
    record(log, 1, "Q")
    later = open_note(sign_head(log, key), [_verifier(key)])
    assert (later.size, later.root) == (SIZE + 1, head(log).root)
    assert findings(log) == []


def _verifier(key: Any) -> Any:
    return Verifier(key.name, key.public_key)


# What verification finds


def test_a_log_as_it_was_written_is_in_order(log: Database) -> None:
    told: list[int] = []
    with log.read() as connection:
        assert list(verify(connection, [head(log)], told.append)) == []
    assert sum(told) == SIZE


def payload_of(connection: Connection, seq: int) -> str:
    return str(connection.execute(select(event.c.payload).where(event.c.seq == seq)).scalar_one())


def rewrite(connection: Connection, seq: int, payload: str, **more: Any) -> None:
    connection.execute(update(event).where(event.c.seq == seq).values(payload=payload, **more))


def test_a_rewritten_payload_is_found(log: Database) -> None:
    tamper(log, lambda c: rewrite(c, 7, payload_of(c, 7).replace("Company", "Cimpany")))
    assert findings(log) == [
        Finding("rewritten", 7, "payload"), Finding("changed", 7, "party P7"), Finding("rewritten", 0, "tile 0/0")
    ]  # fmt: skip


def test_a_payload_rewritten_with_its_row_is_found(log: Database) -> None:
    def work(c: Connection) -> None:
        rewrite(c, 7, payload_of(c, 7).replace("Company", "Cimpany"))
        c.execute(update(party).where(party.c.id == "P7").values(name="Cimpany"))

    tamper(log, work)
    assert findings(log)[0] == Finding("rewritten", 7, "payload")


def test_a_changed_column_of_an_event_is_found(database: Database) -> None:
    record(database, 10)
    changes: dict[str, Any] = {"time": 5, "kind": "void", "key": "party:other", "actor": "somebody", "request": "0"}

    def work(c: Connection) -> None:
        for seq, (column, value) in enumerate(changes.items(), 3):
            c.execute(update(event).where(event.c.seq == seq).values({column: value}))

    tamper(database, work)
    assert {Finding("rewritten", seq, column) for seq, column in enumerate(changes, 3)} <= set(findings(database))


def test_a_time_before_that_of_the_last_event_is_found(database: Database) -> None:
    record(database, 10)

    def work(c: Connection) -> None:
        content = {**json.loads(payload_of(c, 7)), "time": 5}
        rewrite(c, 7, compact(content), leaf=leaf(compact(content)), time=5)

    tamper(database, work)
    assert findings(database) == [Finding("backwards", 7, "time")]


def test_a_changed_row_is_found_with_its_event(log: Database) -> None:
    tamper(log, lambda c: c.execute(update(certificate).where(certificate.c.number == "P20").values(valid_until="2030-12-31")))
    assert findings(log) == [Finding("changed", 20, "certificate P20/2025-01-01/20")]


def test_a_row_moved_to_another_event_is_found(log: Database) -> None:
    tamper(log, lambda c: c.execute(update(party).where(party.c.id == "P7").values(event_seq=8)))
    assert findings(log) == [Finding("changed", 7, "party P7")]


def test_a_missing_row_is_found(log: Database) -> None:
    tamper(log, lambda c: c.execute(delete(party).where(party.c.id == "P7")))
    assert findings(log) == [Finding("missing", 7, "party P7")]


def test_a_row_that_no_event_wrote_is_found(log: Database) -> None:
    tamper(log, lambda c: c.execute(insert(party), {"event_seq": 7, "id": "Z", "name": "Z", "details": "{}"}))
    assert findings(log) == [Finding("unlogged", -1, "party: 1")]


def test_a_row_in_the_place_of_another_is_found(log: Database) -> None:
    tamper(log, lambda c: c.execute(update(party).where(party.c.id == "P7").values(id="Z")))
    assert Finding("missing", 7, "party P7") in findings(log)


def test_a_missing_event_is_found(log: Database) -> None:
    def work(c: Connection) -> None:
        c.execute(delete(party).where(party.c.event_seq == 301))
        c.execute(delete(event).where(event.c.seq == 301))

    tamper(log, work)
    assert Finding("gap", 301, "event 302") in findings(log)
    assert sum(item.kind == "gap" for item in findings(log)) == 1  # not one for each event after it


@pytest.mark.parametrize("keep", [0, 255, 511, SIZE - 1])
def test_a_truncated_log_is_found_by_whoever_holds_a_head(log: Database, keep: int) -> None:
    held = head(log)

    def work(c: Connection) -> None:
        for table in (certificate, party):
            c.execute(delete(table).where(table.c.event_seq >= keep))
        c.execute(delete(event).where(event.c.seq >= keep))

    tamper(log, work)
    assert Finding("truncated", keep, f"given head of {SIZE} events") in findings(log, held)
    # Tiles show it too, as long as whoever did it forgot them; the last events leave no trace in them.
    assert any(finding.kind == "truncated" for finding in findings(log)) == (keep < 512)


def test_events_in_another_order_are_found(log: Database) -> None:
    def work(c: Connection) -> None:
        columns = ("time", "kind", "key", "actor", "request", "payload", "leaf")
        one, other = (dict(c.execute(select(event).where(event.c.seq == seq)).one()._mapping) for seq in (40, 41))
        rewrite(c, 40, "{}", key="aside")
        for seq, values in ((41, one), (40, other)):
            c.execute(update(event).where(event.c.seq == seq).values({name: values[name] for name in columns}))

    held = head(log)
    tamper(log, work)
    found = findings(log, held)
    assert {Finding("rewritten", 40, "seq"), Finding("rewritten", 41, "seq")} <= set(found)
    assert Finding("forked", SIZE - 1, f"given head of {SIZE} events") in found


def forge(connection: Connection) -> None:
    """Change event 7 and everything in the database that depends on it."""
    payload = payload_of(connection, 7).replace("Company", "Cimpany")
    rewrite(connection, 7, payload, leaf=leaf(payload))
    connection.execute(update(party).where(party.c.id == "P7").values(name="Cimpany"))
    leaves = connection.execute(select(event.c.leaf).where(event.c.seq < 256).order_by(event.c.seq)).scalars()
    connection.execute(update(log_tile).where(log_tile.c.level == 0, log_tile.c.number == 0).values(hashes=b"".join(leaves)))


def test_a_perfect_forgery_is_found_by_whoever_holds_a_head_and_by_nobody_else(log: Database) -> None:
    held = head(log)
    tamper(log, forge)
    assert findings(log) == []
    assert findings(log, held) == [Finding("forked", SIZE - 1, f"given head of {SIZE} events")]


def test_a_forgery_is_found_by_a_head_that_was_signed_before(log: Database, tmp_path: Path) -> None:
    sign_head(log, create_key(tmp_path, "log"))
    record(log, 1, "Q")
    tamper(log, forge)
    assert findings(log) == [Finding("forked", SIZE - 1, f"stored head of {SIZE} events")]


def test_another_history_of_the_same_length_is_found(log: Database, tmp_path: Path) -> None:
    from pcf.store import open_database

    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    record(other, SIZE, "Q")
    held = head(other)
    other.close()
    assert findings(log, held) == [Finding("forked", SIZE - 1, f"given head of {SIZE} events")]


def test_a_changed_head_is_found(log: Database, tmp_path: Path) -> None:
    sign_head(log, create_key(tmp_path, "log"))
    whole = head(log)
    tamper(log, lambda c: c.execute(update(log_head).values(root=bytes(32))))
    place = f"stored head of {SIZE} events"
    assert findings(log) == [
        Finding("head", -1, f"{place}: its note is of {SIZE} events of pcf-aluminium custody log with root {whole.root.hex()}"),
        Finding("forked", SIZE - 1, place),
    ]


def test_a_forgery_with_the_root_of_its_head_is_found_by_the_note(log: Database, tmp_path: Path) -> None:
    sign_head(log, create_key(tmp_path, "log"))

    def work(c: Connection) -> None:
        forge(c)
        c.execute(update(log_head).values(root=log_root(c, SIZE)))

    tamper(log, work)
    (found,) = findings(log)
    assert (found.kind, found.seq) == ("head", -1)


def test_a_stored_head_of_another_key_is_found_by_its_signature(log: Database, tmp_path: Path) -> None:
    own, other = create_key(tmp_path, "log"), create_key(tmp_path / "other", "log")
    sign_head(log, own)

    def work(c: Connection) -> None:
        forge(c)
        forged = Checkpoint(ORIGIN, SIZE, log_root(c, SIZE))
        c.execute(update(log_head).values(root=forged.root, note=sign(forged, other)))

    tamper(log, work)
    assert findings(log) == []  # without a key nothing tells the two apart
    (found,) = findings(log, trusted=[_verifier(own)])
    assert found.kind == "head" and "no signature of a trusted key" in found.where
    assert findings(log, trusted=[_verifier(own), _verifier(other)]) == []


NOTES = {
    "nothing": "the note is none", "no note": "the note is none", "another size": "is wrong", "another signature": "is wrong",
    "another origin": "no signature of a trusted key",
}  # fmt: skip


@pytest.mark.parametrize("change", NOTES)
def test_a_changed_note_is_found_and_never_handed_out(log: Database, tmp_path: Path, change: str) -> None:
    key = create_key(tmp_path, "log")
    note = sign_head(log, key)
    body = note.partition("\n\n")[0]
    changed = {
        "nothing": "", "no note": "note", "another size": note.replace(f"\n{SIZE}\n", f"\n{SIZE - 1}\n"),
        "another signature": f"{body}\n\n{sign(Checkpoint(ORIGIN, 1, bytes(32)), key).partition(chr(10) * 2)[2]}",
        "another origin": sign(Checkpoint("another log", SIZE, head(log).root), create_key(tmp_path / "other", "log")),
    }  # fmt: skip
    tamper(log, lambda c: c.execute(update(log_head).values(note=changed[change])))
    (found,) = findings(log, trusted=[_verifier(key)])
    assert found.kind == "head" and NOTES[change] in found.where
    with pytest.raises(CheckFailed, match="the stored head of 600 events does not fit the log, or its signature is wrong"):
        sign_head(log, key)


def test_a_log_that_was_changed_after_its_head_is_not_signed_again(log: Database, tmp_path: Path) -> None:
    key = create_key(tmp_path, "log")
    sign_head(log, key)
    tamper(log, forge)
    with pytest.raises(CheckFailed, match="nothing was signed"):
        sign_head(log, key)


def test_another_key_signs_the_same_log_beside_the_stored_head(log: Database, tmp_path: Path) -> None:
    keys = [create_key(tmp_path / name, "log") for name in ("one", "other")]
    first, second = (sign_head(log, key) for key in keys)
    assert open_note(first, [_verifier(keys[0])]) == open_note(second, [_verifier(keys[1])])
    assert sign_head(log, keys[0]) == first
    assert findings(log, trusted=[_verifier(keys[0])]) == []


def test_a_changed_tile_is_found(log: Database) -> None:
    tamper(log, lambda c: c.execute(update(log_tile).where(log_tile.c.number == 1).values(hashes=bytes(32 * 256))))
    assert findings(log) == [Finding("rewritten", 256, "tile 0/1")]


def test_no_row_is_looked_for_in_a_whole_table(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("the plan of SQLite, which does not depend on how many rows there are")
    record(database, 30)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if " IN (" in statement:
            asked.append((statement, values))

    listen(database.engine, "before_cursor_execute", note)
    assert findings(database) == []
    remove(database.engine, "before_cursor_execute", note)
    assert len(asked) == 2  # companies by one column, certificates by two
    with database.read() as connection:
        for statement, values in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert plan[0].startswith("SEARCH "), plan


# Nonsense that somebody wrote into the file


def a_row(row: dict[str, Any]) -> str:
    return json.dumps({"rows": {"party": [row]}})


NONSENSE = {
    "nothing": "", "no JSON": "{", "no object": "[]", "no rows": "{}", "a tower": "[" * 100_000, "rows of no table": '{"rows": {"elsewhere": [{}]}}',
    "rows in no list": '{"rows": {"party": 5}}', "no row": '{"rows": {"party": [5]}}', "a row without its key": a_row({"name": "x"}),
    "a number for a text": a_row({"id": 5}), "a list for a text": a_row({"id": ["P7"]}), "half a character": a_row({"id": "\ud800"}),
    "an end of text": a_row({"id": "a\x00b"}), "a number of 5,000 digits": '{"rows": {"party": [{"id": ' + "9" * 5_000 + "}]}}",
    "a number of 65 bits": '{"rows": {"posting": [{"line": 36893488147419103232}]}}',
}  # fmt: skip


def test_nonsense_in_a_payload_is_a_finding_and_no_crash(database: Database) -> None:
    record(database, len(NONSENSE) + 2)

    def work(c: Connection) -> None:
        for seq, payload in enumerate(NONSENSE.values(), 1):
            rewrite(c, seq, payload, leaf=leaf(payload))

    tamper(database, work)
    found = {finding.seq for finding in findings(database)}
    assert {name for seq, name in enumerate(NONSENSE, 1) if seq not in found} == set()
    assert not {0, len(NONSENSE) + 1} & found


@pytest.mark.parametrize(
    ("column", "value"), [("payload", b"{}"), ("leaf", "text"), ("time", "noon"), ("actor", b"\xff"), ("leaf", 5)]
)
def test_a_value_of_another_type_is_a_finding_and_no_crash(tmp_path: Path, column: str, value: Any) -> None:
    """SQLite lets any value into any column."""
    from pcf.store import open_database

    database = open_database(f"sqlite:///{tmp_path / 'pcf.db'}")
    record(database, 10)
    statement = text(f"UPDATE event SET {column} = :value WHERE seq = 7").bindparams(bindparam("value", value))
    tamper(database, lambda c: c.execute(statement))
    assert any(finding.seq == 7 for finding in findings(database))
    database.close()
