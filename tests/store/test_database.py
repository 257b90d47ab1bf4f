"""The database: append-only in itself, with the tables of its migrations, and one clear line for whatever goes wrong."""

from __future__ import annotations

import multiprocessing
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, func, insert, inspect, select, text
from sqlalchemy.engine import make_url

from pcf.custody.tables import party
from pcf.errors import EnvironmentProblem, InputError, PcfError
from pcf.store import Database, clock, open_database
from pcf.store.database import SCHEMA, VARIABLE
from pcf.store.migration import FOLDER
from pcf.store.pact_schema import MUTABLE as PACT_MUTABLE
from pcf.store.people_schema import MUTABLE as PEOPLE_MUTABLE
from pcf.store.schema import event, metadata

TABLES = sorted(metadata.tables)
MUTABLE = PACT_MUTABLE | PEOPLE_MUTABLE
KEPT = [name for name in TABLES if name not in MUTABLE]
ONE_OF_EACH = {
    "event": "0, 0, 'k', 'key', 'me', 'r', '{}', :bytes", "log_tile": "0, 0, :bytes", "log_head": "1, :bytes, 'note'",
    "party": "0, 'p', 'P', '{}'", "certificate": "0, 'n', '2025-01-01', '2025-12-31', 'p', 'asi-coc', '{}'",
    "due_diligence": "0, 'd', 'p', '2025-01-01', '2025-12-31', 'passed', '{}'", "site": "0, 's', 'S', 'UTC', 'p', '{}'",
    "scope": "0, 'S', 'S', NULL, '{}'", "scope_site": "0, 'S', 's'", "period": "0, 'S', '2025', '2025-01-01', '2025-12-31', '{}'",
    "unit": "0, 'u', 'lot', 's', '2025-01-01', 5, 'm'", "unit again": "0, 'v', 'heat', 's', '2025-01-01', 5, 'm'",
    "consumption": "0, 'v', 0, 'u', 5, 'charge'",
    "document": "0, 'in', 'n', 'r', 'N/R', 'p', '2025-01-01', 'asi-aluminium', 5, 5, NULL, '{}'",
    "lot": "0, 'u', 'p', 't', 'T', 'primary', 'external', 'non-coc', 0, 's', NULL, NULL, '{}'",
    "heat": "0, 'v', 'f', 'p', '', 5, 0, 0, '{}'", "processing": "0, 'v', 'rolling', 5, 0, '{}'",
    "shipment": "0, 'v', 'p', 'n', 'N', 'ingot', 'asi-aluminium', '{}'", "statement": "0, 's', 'v', 'post-consumer', 'batch', '2025-01-01', 5, '{}'",
    "void": "0, 'lot', 'u', 0, '2025-01-01', 'r', '{}'",
    "amendment": "0, 'party', 'p', '2025-01-01', 'r', '{}'",
    "posting": "0, 0, 'S', 'asi-aluminium', '2025', 'coc-in', '2025-01', 5, 5, 'u'",
    "force_majeure": "0, 'f', 'S', '2025', 'asi-aluminium', '2025-01-01', '{}'", "meter": "0, 's', '2025-01', 'grid', 5, '{}'",
    "power_evidence": "0, 'e', 's', 'own', 'own_pv', '2025-01', 5, '{}'", "power_certificate": "0, 'GEC', '1', 'e', '', 1, 1",
    "power_match": "0, 'm', 'e', 'p', '2025-01', 5, 5, '{}'", "contractor": "0, 'c', 'p', 'sent', '2025-01-01', NULL, 'S', 5, '{}'",
    "filing": "0, 'f', 'S', '2025', 1, '2025-01-01', 't', '', '{}'", "period_close": "0, 'S', '2025', '{}'",
    "certificate_choice": "0, 'p', 's', 2025, 'batch'",
    "footprint_certificate": "0, 'PCF-1', 'urn:x', 'batch', 'u', 'p', 's', 2025, 5, '2026-01-01', '2027-01-01', 'd', 0, '{}'",
    "certificate_draw": "0, 'PCF-1', 'u', '5'", "certificate_end": "0, 'PCF-1', 'revoked', '2026-02-01', 'r', NULL",
    "certificate_draft": "0, 'd', 1, 'drafted', '{}', NULL, NULL", "certificate_listing": "0, 'PCF-1', 'c', '1', 'b', 'g', 'AR6', 'w'",
    "calculation_seal": "'d', :bytes", "account": "0, 'n', 1, 'N', 'sales', 1", "saved_variant": "0, 'i', 1, 'n', 'a356.2', 1",
    "secret": "'n', 'h', 1", "web_session": "'t', 'n', 1, 1, 'c'", "login_attempt": "'n', 1",
    "api_client": "0, 'c', 'C', NULL, 1, '', NULL", "api_secret": "'c', 'd', 0, NULL, NULL",
    "pact_footprint": "0, 'f', '{}', 'Active', 0, 1, NULL", "pact_publication": "0, 'c', 'f', 'published', 0, 1",
    "pact_term": "0, 'c', 'product', 'v', 0", "pact_inbox": "'c', 's', 'i', 't', 'd', 0, '{}'",
    "pact_outbox": "'o', 'c', 'u', '{}', NULL, 0, 0, 0, 'waiting', NULL",
    "audit_sample": "0, 'AS-1', 'S', '2025', 'tickets', 1, 1, 'mass-systematic/1', 1, 1, 5, 'd', '', '[]'",
}  # fmt: skip
"""A row of each table, in an order in which they may stand on each other."""

PACT = [name for name in TABLES if name.startswith(("api_", "pact_"))]


def fill(database: Database) -> None:
    with database.write("me") as tx:
        for name, values in ONE_OF_EACH.items():
            table = name.partition(" ")[0]
            columns = ", ".join(f'"{item["name"]}"' for item in inspect(tx.connection).get_columns(table))
            tx.connection.execute(
                text(f'INSERT INTO "{table}" ({columns}) VALUES ({values})'), {"bytes": bytes(32)} if ":bytes" in values else {}
            )


def rows(connection: Connection) -> dict[str, int]:
    return {
        name: int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()) for name in TABLES
    }


def run(database: Database, statement: str) -> None:
    with database.write("me") as tx:
        tx.connection.execute(text(statement))


# What is recorded stays


def test_no_row_of_any_table_is_changed_or_deleted(database: Database) -> None:
    fill(database)
    with database.read() as connection:
        before = rows(connection)
    assert all(before.values()), "a table without a row proves nothing"
    for name in KEPT:
        column = next(iter(metadata.tables[name].c)).name
        statements = [f'UPDATE "{name}" SET "{column}" = "{column}"', f'DELETE FROM "{name}"']
        if not database.is_sqlite:
            statements.append(f'TRUNCATE "{name}" CASCADE')
        for statement in statements:
            with pytest.raises(EnvironmentProblem, match="refuses to change what is recorded; nothing was written"):
                run(database, statement)
    with database.read() as connection:
        assert rows(connection) == before


def test_what_is_no_record_may_be_changed_and_deleted(database: Database) -> None:
    fill(database)
    for name in (table.name for table in reversed(metadata.sorted_tables) if table.name in MUTABLE):
        column = list(metadata.tables[name].c)[-1].name
        run(database, f'UPDATE "{name}" SET "{column}" = "{column}"')
        run(database, f'DELETE FROM "{name}"')
    with database.read() as connection:
        assert {name for name, count in rows(connection).items() if not count} == MUTABLE


def test_no_row_is_replaced_by_another(database: Database) -> None:
    """`INSERT OR REPLACE` and `ON CONFLICT DO UPDATE` are ways around a trigger that only looks at UPDATE."""
    fill(database)
    statements = ["INSERT INTO party VALUES (0, 'p', 'Other', '{}') ON CONFLICT (id) DO UPDATE SET name = 'Other'"]
    if database.is_sqlite:
        statements.append("INSERT OR REPLACE INTO party VALUES (0, 'p', 'Other', '{}')")
        statements.append("REPLACE INTO party VALUES (0, 'p', 'Other', '{}')")
    for statement in statements:
        with pytest.raises(EnvironmentProblem, match="refuses to change what is recorded"):
            run(database, statement)
    with database.read() as connection:
        assert connection.execute(select(party.c.name)).scalars().all() == ["P"]


@pytest.mark.parametrize("period", ["2025", "2026"])
def test_a_closed_period_takes_no_posting(database: Database, period: str) -> None:
    fill(database)  # closes 2025
    statement = f"INSERT INTO posting VALUES (0, 1, 'S', 'asi-aluminium', '{period}', 'coc-in', '2025-01', 5, 10, 'u')"
    if period == "2026":
        run(database, statement)
        return
    with pytest.raises(EnvironmentProblem, match="the period has been closed meanwhile; nothing was written"):
        run(database, statement)


def test_nothing_is_written_through_a_reading_view(database: Database) -> None:
    with pytest.raises(EnvironmentProblem), database.read() as connection:
        connection.execute(insert(event), {**dict.fromkeys(event.c.keys(), "x"), "seq": 0, "time": 0, "leaf": b""})
    with database.read() as connection:
        assert rows(connection)["event"] == 0


def test_a_reading_view_is_one_moment(database: Database) -> None:
    with database.read() as connection:
        assert rows(connection)["event"] == 0
        fill(database)
        assert rows(connection)["event"] == 0
    with database.read() as connection:
        assert rows(connection)["event"] == 1


def test_a_writing_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write("me") as tx:
            tx.add("party", "party:p", "r", {"party": [{"id": "p", "name": "P", "details": "{}"}]})
            tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        assert not any(rows(connection).values())


def test_a_row_without_its_event_is_refused(database: Database) -> None:
    with pytest.raises(EnvironmentProblem):
        run(database, "INSERT INTO party VALUES (7, 'p', 'P', '{}')")


# Migrations


def test_the_program_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_the_migrated_tables_are_those_of_the_program(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        # Alembic compares no checks.
        found = {name: {item["name"] for item in inspect(connection).get_check_constraints(name)} for name in TABLES}
    assert found == {
        name: {item.name for item in metadata.tables[name].constraints if isinstance(item, CheckConstraint)} for name in TABLES
    }


def test_every_table_has_its_triggers(database: Database) -> None:
    if database.is_sqlite:
        query = "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' GROUP BY tbl_name"
        expected = {name: 3 if name == "posting" else 2 for name in KEPT}
    else:
        query = "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE NOT tgisinternal GROUP BY tgrelid"
        expected = {name: 2 if name == "posting" else 1 for name in KEPT}
    with database.read() as connection:
        assert {str(name).strip('"'): number for name, number in connection.execute(text(query))} == expected


def test_tables_of_a_newer_program_are_refused(database: Database, database_url: str) -> None:
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EnvironmentProblem, match=f"tables of version 9999, this program knows {SCHEMA}; use a newer program"):
        open_database(database_url)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM alembic_version", f"does not say of which version \\(expected {SCHEMA}\\); restore a backup"),
        ("UPDATE alembic_version SET version_num = ''", "tables of version '', this program knows"),
        ("UPDATE alembic_version SET version_num = 'a\nb'", r"tables of version 'a\\nb', this program knows"),
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "its tables do not fit the version that it names; .* restore a backup",
        ),
        (
            "INSERT INTO alembic_version VALUES ('0001')",
            f"tables of version (0001 and {SCHEMA}|{SCHEMA} and 0001), this program knows",
        ),
        ("ALTER TABLE alembic_version RENAME COLUMN version_num TO other", "database: "),
    ],
)
def test_a_changed_version_is_refused_in_one_line(database: Database, database_url: str, change: str, says: str) -> None:
    run(database, change)
    with pytest.raises(EnvironmentProblem, match=says) as problem:
        open_database(database_url)
    assert len(str(problem.value).splitlines()) == 1


def test_older_tables_are_renewed_with_what_is_in_them(database: Database, database_url: str) -> None:
    """From the tables of 0001, which have no triggers yet, and no certificates of footprints."""
    with database.write("me") as tx:
        connection = tx.connection
        for name in (
            *("web_session", "secret", "login_attempt", "account", "saved_variant"),
            *(
                "certificate_draft",
                "certificate_listing",
                "certificate_end",
                "certificate_draw",
                "footprint_certificate",
                "certificate_choice",
                "calculation_seal",
            ),
            *PACT,
            "audit_sample",
        ):
            connection.execute(text(f'DROP TABLE "{name}"'))
        if database.is_sqlite:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            connection.execute(text("DROP FUNCTION pcf_append_only CASCADE"))
            connection.execute(text("DROP FUNCTION pcf_closed CASCADE"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with database.write("me") as tx:
        tx.add("party", "party:p", "r", {"party": [{"id": "p", "name": "P", "details": "{}"}]})
    with closing(open_database(database_url)) as renewed:
        with renewed.read() as connection:
            assert connection.execute(select(party.c.name)).scalars().all() == ["P"]
        with pytest.raises(EnvironmentProblem, match="refuses to change"):
            run(renewed, "DELETE FROM party")


def _open(url: str, results: Any) -> None:
    try:
        with closing(open_database(url)) as database, database.read() as connection:
            results.put(len(rows(connection)))
    except PcfError as error:
        results.put(str(error))


def test_many_processes_may_make_the_tables_at_once(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=_open, args=(f"sqlite:///{tmp_path / 'new.db'}", results)) for _ in range(8)]
    for worker in workers:
        worker.start()
    assert [results.get(timeout=60) for _ in workers] == [len(TABLES)] * 8
    for worker in workers:
        worker.join()


# What cannot be opened


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("mysql://user:secret@host/db", "mysql"), ("oracle+cx://x", "oracle+cx"), ("nonsense", "no URL"), ("folder/pcf.db", "no URL"),
        ("sqlite://", "a database in memory"), ("sqlite:///:memory:", "a database in memory"), ("http://secret@host", "http"),
    ],
)  # fmt: skip
def test_another_url_is_refused_without_being_repeated(url: str, found: str) -> None:
    with pytest.raises(InputError) as problem:
        open_database(url)
    assert (problem.value.place, problem.value.found) == (VARIABLE, found)
    assert "secret" not in str(problem.value)


def test_the_environment_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f" sqlite:///{tmp_path / 'here.db'} ")
    open_database().close()
    assert (tmp_path / "here.db").exists()


def test_a_new_database_is_for_its_owner_only(pcf_home: Path) -> None:
    home = pcf_home / "deeper"
    open_database(f"sqlite:///{home / 'pcf.db'}").close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_reading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="there are no custody records yet"):
        open_database(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"this is no database of any kind", "the file is no database of this program"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "database: "),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "pcf.db"
    path.write_bytes(content)
    with pytest.raises(EnvironmentProblem, match=says) as problem:
        open_database(f"sqlite:///{path}")
    assert len(str(problem.value).splitlines()) == 1
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="the database cannot be opened"):
        open_database(f"sqlite:///{tmp_path}")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "pcf.db", tmp_path / "file" / "deeper" / "pcf.db", Path("/dev/null/pcf.db")):
        for create in (True, False):
            with pytest.raises(
                InputError, match=r"which is no folder; expected a file in a folder; give another folder with --home"
            ):
                open_database(f"sqlite:///{path}", create=create)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("password", "the server refuses the user or the password"),
        ("database", "does not exist"),
        ("port", "the connection is lost or was refused"),
    ],
)
def test_a_server_that_refuses_is_one_line_without_the_password(postgres_url: str, change: str, says: str) -> None:
    right = make_url(postgres_url)
    url = right.set(**{change: {"password": "secret", "database": "nowhere", "port": 1}[change]}).render_as_string(
        hide_password=False
    )
    with pytest.raises(EnvironmentProblem, match=says) as problem:
        open_database(url)
    assert len(str(problem.value).splitlines()) == 1
    assert str(right.password) not in str(problem.value) and "secret" not in str(problem.value)


@pytest.mark.postgresql
def test_a_plain_postgresql_url_takes_the_installed_driver(postgres_url: str) -> None:
    open_database(postgres_url.replace("postgresql+psycopg", "postgresql")).close()


# The clock


def test_the_time_of_events_never_runs_backwards(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_000_000_000, 999_000_000, 700_000_000, 1_000_000_001])
    monkeypatch.setattr(clock, "now", lambda: next(moments))
    for number in range(4):
        with database.write("me") as tx:
            tx.add("x", str(number), "r", {})
    with database.read() as connection:
        times = connection.execute(select(event.c.time).order_by(event.c.seq)).scalars().all()
    # 300 s behind are borne, and the time of the last event is kept.
    assert times == [1_000_000_000, 1_000_000_000, 1_000_000_000, 1_000_000_001]


def test_a_clock_far_behind_stops_the_writing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_000_000_000, 699_999_999])
    monkeypatch.setattr(clock, "now", lambda: next(moments))
    with database.write("me") as tx:
        tx.add("x", "0", "r", {})
    with (
        pytest.raises(
            EnvironmentProblem, match=r"1970-01-01T00:11:39Z, which is before the last recorded event of 1970-01-01T00:16:40Z"
        ),
        database.write("me") as tx,
    ):
        tx.add("x", "1", "r", {})
    with database.read() as connection:
        assert rows(connection)["event"] == 1


def test_microseconds_are_kept_exactly() -> None:
    assert clock.as_datetime(1_764_115_200_123_457).isoformat() == "2025-11-26T00:00:00.123457+00:00"


# Repeats


def test_a_value_that_has_to_be_unique_is_an_error_of_the_input(database: Database) -> None:
    fill(database)
    with pytest.raises(InputError, match="recorded already"), database.write("me") as tx:
        tx.connection.execute(insert(party), {"event_seq": 0, "id": "p", "name": "P", "details": "{}"})


def test_what_waits_is_known_before_it_is_written(database: Database) -> None:
    with database.write("me") as tx:
        tx.add("x", "a", "digest", {})
        assert tx.recorded(["a", "b"]) == {"a": "digest"}
        tx.flush()
        assert tx.recorded(["a", "b"]) == {"a": "digest"}
