"""`pcf log`: times as people read them, heads that only their keys vouch for, and no traceback for a place that is none."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.commands.mills import Call, done, loaded


@pytest.fixture
def party(pcf: Call, pcf_home: Path) -> None:
    """A log of one event."""
    done(pcf("party", "add", "--id", "hq", "--name", "Own company"))


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine eight hours before UTC."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_list_shows_local_time_with_its_zone(pcf: Call, party: None, shanghai: None) -> None:
    (event,) = loaded(pcf("log", "list", "--json"))
    (shown,) = [word for word in done(pcf("log", "list")).out.split() if word.endswith("+08:00")]
    # The JSON keeps the microseconds that the leaf was made of.
    assert datetime.fromisoformat(shown).timestamp() == event["time"] // 1_000_000


def test_a_head_is_checked_with_the_key_that_is_there(pcf: Call, party: None, pcf_home: Path, tmp_path: Path) -> None:
    done(pcf("log", "verify"))
    assert not (pcf_home / "keys").exists()  # a check makes no key
    head = done(pcf("log", "head")).out
    public = done(pcf("log", "head", "--public-key")).out.strip()
    (tmp_path / "head").write_text(head, encoding="utf-8")
    done(pcf("log", "verify", "--against", str(tmp_path / "head")))

    shutil.rmtree(pcf_home / "keys")
    unknown = pcf("log", "verify")
    assert unknown.code == 1
    assert (
        "a stored head of the log is not as it was signed: stored head of 1 events: checkpoint: no signature of a trusted key"
        in unknown.out
    )
    done(pcf("log", "verify", "--public-key", public, "--against", str(tmp_path / "head")))

    done(pcf("log", "head"))  # of another key now, which the stored head does not bear
    assert pcf("log", "verify").code == 1
    done(pcf("log", "verify", "--public-key", public))


def test_a_changed_head_is_found_and_not_printed(pcf: Call, party: None, pcf_home: Path) -> None:
    head = done(pcf("log", "head")).out
    with sqlite3.connect(pcf_home / "pcf.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE log_head SET note = ?", (head.replace("\n1\n", "\n2\n"),))
    database.close()
    for command in ("verify", "head"):
        found = pcf("log", command)
        assert found.code == 1
        assert "is wrong" in found.out + found.err
        assert "— log " not in found.out


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/deeper"])
@pytest.mark.parametrize("command", [("log", "list"), ("log", "head"), ("party", "add", "--id", "a", "--name", "b")])
def test_a_home_that_is_no_folder_is_a_wrong_input(
    pcf: Call, monkeypatch: pytest.MonkeyPatch, place: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PCF_HOME", place)
    refused = pcf(*command)
    assert (refused.code, refused.out) == (2, "")
    assert len(refused.err.splitlines()) == 1 and place in refused.err
