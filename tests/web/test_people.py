"""Accounts: what may be, what is logged, and who has to wait."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pcf.errors import InputError
from pcf.store import clock
from pcf.store.log import verify
from pcf.store.people_schema import secret, web_session
from pcf.store.schema import event
from pcf.web.desk import Desk
from pcf.web.people import MINUTE, MOST_FAILURES, WINDOW, Account, Refused
from pcf.web.rights import RIGHTS, ROLES, may
from pcf.web.sessions import FRESH, IDLE, WHOLE, Sessions
from tests.web.signing_in import PASSWORD, join


def test_every_change_of_an_account_is_in_the_log_with_who_made_it(desk: Desk) -> None:
    desk.people.add("boss", "lin", "sales", "Lin Hai")
    desk.people.change("boss", "lin", role="engineer")
    desk.people.reset("boss", "lin")
    with desk.database.read() as connection:
        rows = connection.execute(select(event.c.kind, event.c.actor).order_by(event.c.seq)).all()
        assert [tuple(row) for row in rows] == [("account", "boss"), ("account", "boss"), ("password", "boss")]
        assert list(verify(connection, [])) == []
        payloads = "".join(connection.execute(select(event.c.payload)).scalars())
        assert connection.execute(select(secret.c.hash)).scalar_one() not in payloads
    assert desk.people.find("lin") == Account("lin", "Lin Hai", "engineer", active=True, number=2)


@pytest.mark.parametrize("name", ["", " ", "-a", "A b", "x" * 41, "a;drop table account", "<b>", "名字", "../x", "a\n"])
def test_a_name_that_cannot_be_is_refused(desk: Desk, name: str) -> None:
    if name == "a\n":  # what surrounds a name is no part of it
        desk.people.add("boss", name, "sales")
        assert desk.people.find("a") is not None
        return
    with pytest.raises(InputError):
        desk.people.add("boss", name, "sales")
    assert desk.people.accounts() == []


def test_a_role_that_is_none_and_a_name_that_is_taken_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="role"):
        desk.people.add("boss", "lin", "root")
    desk.people.add("boss", "lin", "sales")
    with pytest.raises(InputError, match="a new name"):
        desk.people.add("boss", "LIN", "admin")


def test_the_last_admin_stays(desk: Desk) -> None:
    desk.people.add("boss", "a", "admin")
    for change in ({"role": "sales"}, {"active": False}):
        with pytest.raises(InputError, match="last admin"):
            desk.people.change("a", "a", **change)  # type: ignore[arg-type]
    desk.people.add("boss", "b", "admin")
    desk.people.change("b", "a", active=False)
    with pytest.raises(InputError, match="last admin"):
        desk.people.change("b", "b", active=False)


def test_a_password_is_kept_as_an_argon2_hash(desk: Desk) -> None:
    join(desk)
    with desk.database.read() as connection:
        kept = connection.execute(select(secret)).one()
    assert kept.hash.startswith("$argon2id$") and PASSWORD not in kept.hash and kept.must_change == 0
    assert desk.people.check("Lin ", PASSWORD, "1.1.1.1")[0].name == "lin"


def test_a_one_time_password_has_to_be_changed(desk: Desk) -> None:
    once = desk.people.add("boss", "lin", "sales")
    assert desk.people.check("lin", once, "1.1.1.1")[1] is True
    for new in ("short", once, "x" * 201):
        with pytest.raises(InputError):
            desk.people.set_password("lin", once, new)
    with pytest.raises(Refused):
        desk.people.set_password("lin", "wrong", PASSWORD)


def test_a_name_waits_after_some_failures_even_with_the_right_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    join(desk)
    for _ in range(MOST_FAILURES["name"]):
        with pytest.raises(Refused) as refused:
            desk.people.check("lin", "wrong", "1.1.1.1")
        assert refused.value.minutes == 0
    with pytest.raises(Refused) as refused:
        desk.people.check("lin", PASSWORD, "2.2.2.2")
    assert 0 < refused.value.minutes <= 15
    later = clock.now() + WINDOW + 1
    monkeypatch.setattr(clock, "now", lambda: later)
    assert desk.people.check("lin", PASSWORD, "2.2.2.2")[0].name == "lin"


def test_an_address_waits_whatever_names_it_tries(desk: Desk) -> None:
    join(desk)
    for number in range(MOST_FAILURES["address"]):
        with pytest.raises(Refused):
            desk.people.check(f"nobody{number}", "x", "1.1.1.1")
    with pytest.raises(Refused) as refused:
        desk.people.check("lin", PASSWORD, "1.1.1.1")
    assert refused.value.minutes
    assert desk.people.check("lin", PASSWORD, "2.2.2.2")


def test_a_new_password_ends_the_waiting(desk: Desk) -> None:
    join(desk)
    for _ in range(MOST_FAILURES["name"]):
        with pytest.raises(Refused):
            desk.people.check("lin", "wrong", "1.1.1.1")
    once = desk.people.reset("boss", "lin")
    assert desk.people.check("lin", once, "1.1.1.1")[1] is True


# Sessions


def test_a_session_ends_by_time_by_hand_and_with_its_account(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    join(desk)
    join(desk, "root", "admin")
    token = desk.sessions.begin("lin")
    found = desk.sessions.find(token)
    assert found is not None and found.account.name == "lin" and token not in found.key
    assert desk.sessions.find("") is desk.sessions.find("x" * 300) is desk.sessions.find("other") is None
    desk.sessions.end("lin", key=found.key)
    assert desk.sessions.find(token) is None
    token = desk.sessions.begin("lin")
    desk.people.change("root", "lin", active=False)
    desk.sessions.forget()
    assert desk.sessions.find(token) is None
    now = clock.now()
    for later in (IDLE + 1, WHOLE + 1):
        desk.people.change("root", "lin", active=True)
        token = desk.sessions.begin("lin")
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda later=later: now + later + 60_000_000)
            desk.sessions.forget()
            assert desk.sessions.find(token) is None


def test_a_session_that_another_process_ends_is_over_after_a_moment(desk: Desk) -> None:
    moment = [0.0]
    mine = Sessions(desk.database, desk.people, lambda: moment[0])
    join(desk)
    token = mine.begin("lin")
    assert mine.find(token) is not None
    desk.people.reset("boss", "lin")
    assert mine.find(token) is not None
    moment[0] += FRESH
    assert mine.find(token) is None


def test_a_session_is_known_while_something_long_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    join(desk)
    token, now = desk.sessions.begin("lin"), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 5 * MINUTE)
    seen = select(web_session.c.seen)
    with desk.database.write("importer") as tx:
        desk.sessions.forget()
        assert desk.sessions.find(token) is not None, "nobody waits for whoever writes"
        assert tx.connection.execute(seen).scalar_one() < now + MINUTE
    desk.sessions._beside.submit(int).result()
    with desk.database.read() as connection:
        assert connection.execute(seen).scalar_one() == now + 5 * MINUTE


# Rights


def test_an_auditor_changes_nothing_and_a_stranger_sees_nothing() -> None:
    assert set(RIGHTS) == set(ROLES)
    assert not any(may("auditor", right) for right in ("vary", "certify", "record", "data", "people"))
    assert not any(may("stranger", right) for rights in RIGHTS.values() for right in rights)
    assert all(may("admin", right) for rights in RIGHTS.values() for right in rights)
