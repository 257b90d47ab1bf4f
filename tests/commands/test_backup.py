"""`pcf backup` and `pcf restore`: the same records come back on either database, and nothing else, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import secrets
import shutil
import signal
import sqlite3
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.errors import EnvironmentProblem
from pcf.store import open_database
from pcf.store.canonical import canonical
from pcf.store.checkpoint import Checkpoint, sign
from pcf.store.database import RESTORING
from pcf.store.keys import create_key, load_key
from pcf.store.schema import metadata
from pcf.web.people import People
from pcf.web.sessions import Sessions
from tests.custody import books
from tests.databases import postgres
from tests.web.pact.footprints import footprint, publish_all, register

__all__ = ["postgres"]

Call = Callable[..., Any]
Change = Callable[[dict[str, bytes], dict[str, Any]], None]
FORK = multiprocessing.get_context("fork")
PASSING = {"web_session", "login_attempt"}


def fill(url: str, catalogue: Catalogue) -> None:
    """Custody records with a closed period, an account with a session, a customer with a footprint."""
    books.prepare(url)
    with closing(open_database(url)) as database:
        book = Book(database, catalogue, "tester")
        books.enter_all(book, [("lot", books.lot("L-1", 50_000)), ("lot", books.ubc("U-1", 60_000))])
        books.enter(book, "cast", books.cast("H-1", {"L-1": 50_000, "U-1": 50_000}, 95_000))
        books.close(book, "2025")
        books.enter(book, "lot", books.lot("名-2", 1_000, date="2026-03-01"))
        People(database).add("test", "lin", "admin")
        Sessions(database, People(database)).begin("lin")
        register(database, "alpha", hosts=("a.example",))
        publish_all(database, [footprint(1)], ["alpha"])


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with closing(open_database(url)) as database, database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def files(home: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(home)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in home.rglob("*")
        if path.is_file() and "cache" not in path.parts and not path.name.startswith("pcf.db")
    }


@pytest.fixture
def filled(pcf: Call, pcf_home: Path, database_url: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a database with records; the state folder has keys, a profile and data."""
    monkeypatch.setenv("PCF_DATABASE_URL", database_url)
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "four words or more")
    fill(database_url, catalogue)
    (pcf_home / "issuer.yaml").write_text("name: 名\n", encoding="utf-8")
    (pcf_home / "data" / "sites").mkdir(parents=True)
    (pcf_home / "data" / "sites" / "own.txt").write_text("x: 1\n", encoding="utf-8")
    (pcf_home / "cache").mkdir()
    (pcf_home / "cache" / "large").write_bytes(bytes(1000))
    (pcf_home / "link").symlink_to("/etc/passwd")
    return database_url


@pytest.fixture
def saved(pcf: Call, filled: str, tmp_path: Path) -> Path:
    """A backup of it."""
    made = pcf("backup", str(tmp_path / "backup.pcf"))
    assert made.code == 0, made.err
    return tmp_path / "backup.pcf"


def free(database_url: str, request: pytest.FixtureRequest) -> None:
    """End the connections that earlier calls in this process have kept: a command in a process of its own keeps none."""
    if not database_url.startswith("sqlite"):
        request.getfixturevalue("postgres").terminate(database_url)


def empty(database_url: str, home: Path, request: pytest.FixtureRequest) -> None:
    """Lose everything: folder and database."""
    shutil.rmtree(home)
    if database_url.startswith("sqlite"):
        for path in Path(database_url.removeprefix("sqlite:///")).parent.glob("pcf.db*"):
            path.unlink()
    else:
        cluster = request.getfixturevalue("postgres")
        with cluster.administration() as connection:
            name = database_url.rpartition("/")[2]
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" OWNER pcf')


def test_everything_comes_back(
    pcf: Call, filled: str, saved: Path, pcf_home: Path, request: pytest.FixtureRequest
) -> None:  # fmt: skip
    before, kept = rows(filled), files(pcf_home)
    assert before["web_session"] and before["period_close"] and before["api_secret"] and before["account"]
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    empty(filled, pcf_home, request)
    done = pcf("restore", str(saved))
    assert done.code == 0, done.err
    after = rows(filled)
    assert {name: found for name, found in after.items() if name not in PASSING} == {
        name: found for name, found in before.items() if name not in PASSING
    }
    assert not after["web_session"], "who was signed in then is not signed in now"
    assert set(kept) - {"link"} == set(files(pcf_home)) and "keys/log.pem" in kept
    assert all(files(pcf_home)[name] == kept[name] for name in files(pcf_home))
    assert b"ENCRYPTED" in kept["keys/log.pem"][0] and kept["keys/log.pem"][1] == 0o600
    assert "cache" not in "".join(zipfile.ZipFile(saved).namelist())
    assert pcf("log", "verify").code == 0
    database = open_database(filled)
    with pytest.raises(EnvironmentProblem, match="refuses to change what is recorded"), database.write("me") as tx:
        tx.connection.exec_driver_sql("DELETE FROM lot")
    with pytest.raises(EnvironmentProblem, match="period has been closed"), database.write("me") as tx:
        tx.connection.exec_driver_sql("INSERT INTO posting SELECT * FROM posting WHERE period = '2025'")
    database.close()


def test_what_is_there_is_not_replaced_unless_that_is_said(
    pcf: Call, filled: str, saved: Path, pcf_home: Path, catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    with closing(open_database(filled)) as database:
        books.enter(Book(database, catalogue, "later"), "lot", books.lot("L-9", 7, date="2026-04-01"))
    later = rows(filled)
    free(filled, request)
    refused = pcf("restore", str(saved))
    assert refused.code == 2 and "--replace" in refused.err and rows(filled) == later
    done = pcf("restore", str(saved), "--replace")
    assert done.code == 0, done.err
    assert len(rows(filled)["lot"]) == len(later["lot"]) - 1
    (aside,) = pcf_home.glob(".replaced-*")
    assert (aside / "issuer.yaml").read_text(encoding="utf-8") == "name: 名\n"
    assert pcf("restore", str(saved), "--check").code == 0 and pcf("log", "verify").code == 0
    assert pcf("backup", str(saved)).code == 2, "a backup replaces no file"


@pytest.mark.slow
def test_writers_that_run_meanwhile_are_in_it_whole_or_not(
    pcf: Call, filled: str, pcf_home: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    def write(name: str) -> None:
        with closing(open_database(filled)) as database:
            book = Book(database, catalogue, name)
            for number in range(100_000):
                books.enter(book, "lot", books.lot(f"{name}-{number}", 10, date="2026-02-01"))

    writers = [FORK.Process(target=write, args=(name,)) for name in ("a", "b")]
    for item in writers:
        item.start()
    try:
        sizes = []
        for number in range(3):
            path = tmp_path / f"{number}.pcf"
            made = pcf("backup", str(path))
            assert made.code == 0, made.err
            checked = pcf("restore", str(path), "--check")
            assert checked.code == 0, checked.err
            sizes.append(json.loads(zipfile.ZipFile(path).read("manifest.json"))["log"]["size"])
    finally:
        for item in writers:
            item.kill()
            item.join()
    assert sizes[0] < sizes[1] < sizes[2], "they have written meanwhile"


STEPS = ("_write_marker", "_move_aside", "_sync", "_unpack", "_database", "_check_space")


def restore_killed(saved: Path, url: str, step: int, *, replace: bool) -> bool:
    """Restore in a child that is killed before one of its steps; whether it was."""
    from pcf.commands import main
    from pcf.store import restore

    def work() -> None:
        left = step

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                nonlocal left
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
                return real(*arguments, **options)

            return call

        for name in STEPS:
            setattr(restore, name, counted(getattr(restore, name)))
        Path.replace = counted(Path.replace)  # type: ignore[method-assign]
        main(["restore", str(saved), *(["--replace"] if replace else [])])

    child = FORK.Process(target=work)
    child.start()
    child.join()
    return child.exitcode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("replace", [False, True])
def test_a_restore_that_is_killed_leaves_nothing_or_is_repeated(
    pcf: Call, filled: str, saved: Path, pcf_home: Path, request: pytest.FixtureRequest, replace: bool
) -> None:
    before, kept, killed, blocked = rows(filled), files(pcf_home), 0, 0
    mark = {name: found for name, found in before.items() if name not in PASSING}
    stride = 1 if filled.startswith("sqlite") else 3  # a database of a server is slow to make anew
    for step in range(0, 200, stride):
        if replace:
            (pcf_home / "issuer.yaml").write_text("name: other\n", encoding="utf-8")
        else:
            empty(filled, pcf_home, request)
        free(filled, request)
        was = restore_killed(saved, filled, step, replace=replace)
        killed += was
        if (pcf_home / RESTORING).exists():
            blocked += 1
            assert "repeat it: pcf restore" in pcf("user", "list").err
            again = pcf("restore", str(saved))
        elif was:
            if replace:  # as it was
                assert (pcf_home / "issuer.yaml").read_text(encoding="utf-8") in ("name: other\n", "name: 名\n")
                assert pcf("log", "verify").code == 0
                free(filled, request)
            again = pcf("restore", str(saved), *(["--replace"] if replace else []))
            if again.code == 2 and not replace:  # killed after the end
                assert "an empty state folder" in again.err
                again = pcf("log", "verify")
        else:
            break
        assert again.code == 0, (step, again.err)
        assert {name: found for name, found in rows(filled).items() if name not in PASSING} == mark
        found = {name: item for name, item in files(pcf_home).items() if not name.startswith(".")}
        assert found == {name: item for name, item in kept.items() if name != "link"}, step
        if replace and step:
            first = sorted(pcf_home.glob(".replaced-*"))
            assert all((item / "issuer.yaml").exists() for item in first)
            for item in first:
                shutil.rmtree(item)
    assert killed > 8 // stride and blocked >= (4 if stride == 1 else 1), (killed, blocked)


def rewritten(saved: Path, change: Change, signer: Any, *, renew: bool = True) -> Path:
    """The backup with something changed, signed anew."""
    with zipfile.ZipFile(saved) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(entries.pop("manifest.json"))
    entries.pop("manifest.note")
    change(entries, manifest)
    if renew:
        manifest["entries"] = {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in entries.items()
        }
    text = canonical(manifest)
    note = sign(Checkpoint("pcf-aluminium backup", manifest["log"]["size"], hashlib.sha256(text).digest()), signer)
    path = saved.with_name(f"changed-{secrets.token_hex(4)}.pcf")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**entries, "manifest.json": text, "manifest.note": note.encode()}.items():
            archive.writestr(name, content)
    return path


def table_changed(name: str, old: bytes, new: bytes) -> Change:
    def change(entries: dict[str, bytes], manifest: dict[str, Any]) -> None:
        assert old in entries[f"tables/{name}.jsonl"]
        entries[f"tables/{name}.jsonl"] = entries[f"tables/{name}.jsonl"].replace(old, new, 1)

    return change


def row_gone(entries: dict[str, bytes], manifest: dict[str, Any]) -> None:
    lines = entries["tables/event.jsonl"].splitlines(keepends=True)
    entries["tables/event.jsonl"] = b"".join(lines[:-1])
    manifest["tables"]["event"]["rows"] -= 1


def added(name: str, content: bytes = b"x", mode: int = 0o600) -> Change:
    def change(entries: dict[str, bytes], manifest: dict[str, Any]) -> None:
        entries[f"files/{name}"] = content
        manifest["modes"][name] = mode

    return change


def said(**changes: Any) -> Change:
    return lambda _, manifest: manifest.update(changes)


SIGNED: Mapping[str, tuple[Change, int, str]] = {
    "a row": (table_changed("unit", b"50000", b"50001"), 1, "the log does not verify: 1 findings; first: changed"),
    "an event": (table_changed("event", b"tester", b"nobody"), 1, "the log does not verify|its log is not that"),
    "an event gone": (row_gone, 1, "FOREIGN KEY|its log is not that|does not verify|foreign key"),
    "a number of rows": (lambda _, m: m["tables"]["lot"].update(rows=1), 1, "its manifest says 1"),
    "a float": (table_changed("unit", b"50000", b"5e4"), 2, "texts, integers or nulls"),
    "no json": (table_changed("lot", b"[", b"("), 2, "one JSON list a line"),
    "another table": (lambda e, m: (e.update({"tables/x.jsonl": b""}), m["tables"].update(x={"columns": [], "rows": 0})), 2, "a table 'x'"),  # type: ignore[func-returns-value]
    "a column": (lambda _, m: m["tables"]["lot"].update(columns=["a"]), 2, "columns a"),
    "a newer table version": (said(tables_version="0999"), 2, "tables of version '0999'; expected at most .*use a newer program"),
    "a newer format": (said(schema="pcf/backup/2"), 2, "format pcf/backup/2"),
    "out of the folder": (added("../../evil"), 2, "an entry 'files/../../evil'"),
    "absolute": (added("/etc/evil"), 2, "an entry"),
    "backslash": (added("..\\evil"), 2, "an entry"),
    "a dot": (added("./evil"), 2, "an entry"),
    "set-user-id": (added("evil", mode=0o4755), 2, "a mode"),
    "bomb": (added("zeros", bytes(150_000_000)), 2, "bytes in a file of"),
}  # fmt: skip


@pytest.fixture
def on_sqlite(request: pytest.FixtureRequest) -> None:
    if "postgresql" in request.node.name:
        pytest.skip("the file is the same")


@pytest.mark.parametrize("name", SIGNED)
def test_even_a_signed_backup_is_not_believed(
    pcf: Call, filled: str, on_sqlite: None, saved: Path, pcf_home: Path, request: pytest.FixtureRequest, name: str
) -> None:
    change, code, message = SIGNED[name]
    path = rewritten(saved, change, load_key(pcf_home / "keys", "log", "four words or more"))
    empty(filled, pcf_home, request)
    around = sorted(item.name for item in pcf_home.parent.iterdir())
    refused = pcf("restore", str(path))
    assert (refused.code, refused.err.count("\n")) in ((code, 1), (3, 1)), refused.err
    assert re.search(message, refused.err), refused.err
    assert sorted(item.name for item in pcf_home.parent.iterdir()) == around, "nothing was written"
    assert not Path("/etc/evil").exists()


def test_a_copy_that_was_damaged_or_changed_is_refused(
    pcf: Call, filled: str, on_sqlite: None, saved: Path, pcf_home: Path, request: pytest.FixtureRequest
) -> None:
    signer = load_key(pcf_home / "keys", "log", "four words or more")
    own = (pcf_home / "keys" / "log.pub").read_text(encoding="utf-8").strip()
    stranger = create_key(pcf_home / "other", "log")
    key = (pcf_home / "other" / "log.pub").read_bytes()

    def foreign(entries: dict[str, bytes], manifest: dict[str, Any]) -> None:
        entries["files/keys/log.pub"] = key

    content = saved.read_bytes()
    cases: list[tuple[str, bytes, str]] = [
        (f"cut at {place}", content[:place], "") for place in (0, 10, len(content) // 2, len(content) - 30)
    ]
    cases += [("other", b"PK" + bytes(5000), ""), ("a database", bytes(100), "")]
    cases += [
        ("wrong key", rewritten(saved, said(made="2000-01-01T00:00:00Z"), stranger).read_bytes(), "no signature of a trusted key"),
        ("entry", rewritten(saved, table_changed("unit", b"50000", b"50001"), signer, renew=False).read_bytes(), "not what the manifest|its entries"),
        ("unsigned", rewritten(saved, added("more"), signer, renew=False).read_bytes(), "its entries are not those"),
    ]  # fmt: skip
    for place in range(500, len(content) - 500, max(1, len(content) // 25)):
        cases.append((f"a bit at {place}", content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :], ""))
    made_elsewhere = rewritten(saved, foreign, stranger)
    empty(filled, pcf_home, request)
    broken = saved.with_name("broken.pcf")
    for name, changed, message in cases:
        broken.write_bytes(changed)
        refused = pcf("restore", str(broken), "--check")
        if name.startswith("a bit") and refused.code == 0:
            continue  # in a field of the zip that says nothing, such as a time
        assert refused.code in (1, 2) and refused.err.count("\n") == 1, (name, refused)
        assert any(part in refused.err for part in message.split("|")), (name, refused.err)
    assert not pcf_home.exists()
    assert "a backup of another log" in pcf("restore", str(made_elsewhere), "--public-key", own).err
    assert not pcf_home.exists()
    assert pcf("restore", str(saved), "--public-key", own).code == 0
    assert "a backup of another log" in pcf("restore", str(made_elsewhere), "--replace").err, "the folder has a log's key"
    assert pcf("log", "verify").code == 0


def test_a_head_that_somebody_holds_is_held_against_it(
    pcf: Call, filled: str, on_sqlite: None, saved: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "old.txt").write_text(pcf("log", "head").out, encoding="utf-8")
    with closing(open_database(filled)) as database:
        books.enter(Book(database, catalogue, "later"), "lot", books.lot("L-9", 7, date="2026-04-01"))
    (tmp_path / "new.txt").write_text(pcf("log", "head").out, encoding="utf-8")
    assert pcf("restore", str(saved), "--check", "--against", str(tmp_path / "old.txt")).code == 0
    newer = pcf("restore", str(saved), "--check", "--against", str(tmp_path / "new.txt"))
    assert newer.code == 1 and "truncated" in newer.err


def test_records_that_were_changed_by_the_back_door_are_not_backed_up(
    pcf: Call, filled: str, on_sqlite: None, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(filled.removeprefix("sqlite:///"))) as connection:
        connection.executescript("DROP TRIGGER unit_no_update; UPDATE unit SET mass_kg = 1 WHERE id = 'L-1';")
        connection.commit()
    refused = pcf("backup", str(tmp_path / "b.pcf"))
    assert refused.code == 1 and "the log does not verify" in refused.err
    assert not list(tmp_path.glob("*b.pcf*"))


def test_a_database_in_use_is_not_taken_away(pcf: Call, filled: str, saved: Path, pcf_home: Path) -> None:
    database = open_database(filled)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM lot").scalar()
        before = files(pcf_home)
        refused = pcf("restore", str(saved), "--replace")
    assert refused.code == 3 and "stop pcf serve" in refused.err
    assert files(pcf_home) == before
    database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk (tmpfs)")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_line_and_changes_nothing(
    pcf: Call, filled: str, on_sqlite: None, saved: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_disk / "other").write_bytes(bytes(1_040_000))
    refused = pcf("backup", str(small_disk / "b.pcf"))
    assert refused.code == 3 and "No space left" in refused.err and refused.err.count("\n") == 1
    assert [path.name for path in small_disk.iterdir()] == ["other"]
    (small_disk / "other").write_bytes(bytes(700_000))
    monkeypatch.setenv("PCF_HOME", str(small_disk / "home"))
    monkeypatch.delenv("PCF_DATABASE_URL")
    refused = pcf("restore", str(saved))
    assert refused.code == 3 and ("disk is full" in refused.err or "bytes are free" in refused.err), refused.err
    assert [path.name for path in small_disk.iterdir()] == ["other"]


@pytest.mark.postgresql
def test_from_sqlite_to_postgresql(
    pcf: Call, filled: str, saved: Path, pcf_home: Path, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not filled.startswith("sqlite"):
        pytest.skip("the other way round is the same")
    before = rows(filled)
    url = postgres.create_database()
    monkeypatch.setenv("PCF_DATABASE_URL", url)
    monkeypatch.setenv("PCF_HOME", str(pcf_home.parent / "new"))
    try:
        assert pcf("restore", str(saved)).code == 0
        after = rows(url)
        assert {n: f for n, f in after.items() if n not in PASSING} == {n: f for n, f in before.items() if n not in PASSING}
        assert pcf("log", "verify").code == 0
    finally:
        postgres.drop_database(url)


def test_no_word_of_a_passphrase_and_no_key_in_the_clear(saved: Path, on_sqlite: None) -> None:
    with zipfile.ZipFile(saved) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"four words" not in content and b"BEGIN PRIVATE KEY" not in content and b"BEGIN ENCRYPTED PRIVATE KEY" in content
