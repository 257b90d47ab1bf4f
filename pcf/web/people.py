"""Accounts of the workbench: who there is, their passwords, and which sign-ins are refused for a while."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from pcf.errors import InputError
from pcf.store import Database, Transaction, clock, digest
from pcf.store.people_schema import account, login_attempt, secret, web_session
from pcf.text import visible
from pcf.web.rights import ROLES

MINUTE = 60_000_000
"""Microseconds of a minute."""

MOST_FAILURES = {"name": 5, "address": 20}
"""Sign-ins that may fail within `WINDOW` before a name or an address has to wait."""

WINDOW = 15 * MINUTE
SHORTEST, LONGEST = 10, 200
"""Characters of a password."""

ELSEWHERE = "oidc:"
"""Begins what stands in place of a hash for people without a password here: no password has such a hash."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_HASHING = threading.BoundedSemaphore(2)
"""A hash takes 64 MiB: two at a time, however many knock."""


@dataclass(frozen=True)
class Account:
    """A person as the newest record has it."""

    name: str
    display: str
    role: str
    active: bool
    number: int = 1


class Refused(Exception):
    """A sign-in that is refused; `minutes` is how long to wait, 0 where waiting is not the matter."""

    def __init__(self, minutes: int = 0) -> None:
        self.minutes = minutes
        super().__init__("refused")


class People:
    """The accounts of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._hasher: Any = None
        self._nobody = ""

    # Accounts --------------------------------------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Everybody, by name."""
        with self.database.read() as connection:
            return list(_accounts(connection).values())

    def find(self, name: str) -> Account | None:
        """The account of a name."""
        with self.database.read() as connection:
            return _accounts(connection, name).get(name)

    def add(self, actor: str, name: str, role: str, display: str = "") -> str:
        """Make an account and give its one-time password.

        Raises
        ------
        InputError
            For a name or role that cannot be, or a name that is taken.
        """
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise InputError("name", repr(name[:60]), "up to 40 of a-z, 0-9, dot, dash and underscore, a letter or digit first")
        _check(role, display)
        password = secrets.token_urlsafe(12)
        hashed = self._hash(password)
        with self.database.write(actor) as tx:
            if _accounts(tx.connection, name):
                raise InputError("name", repr(name), "a new name", "pcf user list shows those that are there")
            _record(tx, Account(name, display.strip() or name, role, active=True))
            tx.connection.execute(insert(secret), {"name": name, "hash": hashed, "must_change": 1})
        return password

    def change(
        self, actor: str, name: str, *, role: str | None = None, display: str | None = None, active: bool | None = None
    ) -> Account:
        """Change an account; whoever is signed in under it has to sign in again.

        Raises
        ------
        InputError
            For an unknown name, a role that cannot be, or the last admin.
        """
        with self.database.write(actor) as tx:
            return _changed(tx, name, role, display, active)

    def enter(self, identity: str, name: str, role: str, display: str) -> Account:
        """The account of somebody whom a provider knows: made at the first time, changed where role or name have changed.

        Parameters
        ----------
        identity : str
            What stays the same of a person, whatever they are called.

        Raises
        ------
        InputError
            For a name that cannot be, or is another account's: nobody gets that by being called alike.
        Refused
            For an account that was disabled.
        """
        mark = ELSEWHERE + identity
        with self.database.write("oidc") as tx:
            known = tx.connection.execute(select(secret.c.name).where(secret.c.hash == mark)).scalar()
            if known is not None:
                before = _known(tx.connection, known)
                if not before.active:
                    raise Refused
                return _changed(tx, known, role, display or None, None)
            if not _NAME.fullmatch(name):
                raise InputError("name", repr(name[:60]), "up to 40 of a-z, 0-9, dot, dash and underscore")
            if _accounts(tx.connection, name):
                raise InputError("name", repr(name), "a name that no account has", "an admin gives the account another name")
            found = Account(name, display or name, role, active=True)
            _check(role, found.display)
            _record(tx, found)
            tx.connection.execute(insert(secret), {"name": name, "hash": mark, "must_change": 0})
        return found

    # Passwords -------------------------------------------------------------------------------------------------------

    def reset(self, actor: str, name: str) -> str:
        """A new one-time password; it ends every session, and the waiting after failed sign-ins."""
        password = secrets.token_urlsafe(12)
        hashed = self._hash(password)
        with self.database.write(actor) as tx:
            _known(tx.connection, name)
            _replace(tx, name, hashed, must_change=True)
            tx.connection.execute(delete(login_attempt).where(login_attempt.c.key == f"name {name}"))
        return password

    def set_password(self, name: str, old: str, new: str) -> None:
        """Replace a password by one of the person's own choice; it ends every session.

        Raises
        ------
        Refused
            For a wrong old password.
        InputError
            For a new one that is too short or too long, or the same.
        """
        if not SHORTEST <= len(new) <= LONGEST:
            raise InputError("password", f"{len(new)} characters", f"{SHORTEST} to {LONGEST}")
        if new == old or new.lower() == name:
            raise InputError("password", "the old password or the name", "a new one")
        with self.database.read() as connection:
            row = connection.execute(select(secret.c.hash).where(secret.c.name == name)).scalar()
        if not self._matches(row, old):
            raise Refused
        hashed = self._hash(new)
        with self.database.write(name) as tx:
            _replace(tx, name, hashed, must_change=False)

    def check(self, name: str, password: str, address: str) -> tuple[Account, bool]:
        """The account that signs in, and whether its password has to be changed first.

        Raises
        ------
        Refused
            For a wrong name or password, an account that is closed, or too many attempts: the same, whatever it is.
        """
        name = name.strip().lower()
        keys = {"name": f"name {name[:60]}", "address": f"address {address}"}
        now = clock.now()
        with self.database.read() as connection:
            wait = max(_waiting(connection, key, MOST_FAILURES[kind], now) for kind, key in keys.items())
            found = _accounts(connection, name).get(name) if _NAME.fullmatch(name) else None
            row = connection.execute(select(secret).where(secret.c.name == name)).first() if found else None
        if wait:
            raise Refused(wait)
        good = self._matches(row.hash if row else None, password[: LONGEST + 1])
        with self.database.write("sign-in") as tx:
            tx.connection.execute(delete(login_attempt).where(login_attempt.c.time < now - WINDOW))
            if found is None or row is None or not good or not found.active:
                _note_attempt(tx.connection, keys.values())
            else:
                tx.connection.execute(delete(login_attempt).where(login_attempt.c.key == keys["name"]))
        if found is None or row is None or not good or not found.active:
            raise Refused
        return found, bool(row.must_change)

    # Hashes ----------------------------------------------------------------------------------------------------------

    def _argon2(self) -> Any:
        if self._hasher is None:
            from argon2 import PasswordHasher

            self._hasher = PasswordHasher()
        return self._hasher

    def _hash(self, password: str) -> str:
        with _HASHING:
            return str(self._argon2().hash(password))

    def _matches(self, hashed: str | None, password: str) -> bool:
        """Whether a password fits; as slow for a name that nobody has, so that time tells nothing."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if hashed is not None and hashed.startswith(ELSEWHERE):
            hashed = None
        if hashed is None:
            self._nobody = self._nobody or self._hash(secrets.token_urlsafe(12))
        try:
            with _HASHING:
                return bool(self._argon2().verify(hashed or self._nobody, password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


def _reigns(found: Account) -> bool:
    return found.role == "admin" and found.active


def _check(role: str, display: str) -> None:
    if role not in ROLES:
        raise InputError("role", repr(role[:40]), ", ".join(ROLES))
    if len(display) > 80 or display != visible(display, keep=""):
        raise InputError("display", repr(display[:40]), "a name of at most 80 printable characters")


def _accounts(connection: Connection, name: str | None = None) -> dict[str, Account]:
    """Newest row of each name, or of one."""
    newest = select(account.c.name, func.max(account.c.number).label("number")).group_by(account.c.name)
    if name is not None:
        newest = newest.where(account.c.name == name)
    last = newest.subquery()
    query = select(account).join(last, (account.c.name == last.c.name) & (account.c.number == last.c.number))
    return {
        row.name: Account(row.name, row.display, row.role, bool(row.active), row.number)
        for row in connection.execute(query.order_by(account.c.name))
    }


def _known(connection: Connection, name: str) -> Account:
    found = _accounts(connection, name)
    if name not in found:
        raise InputError("name", repr(name[:60]), "the name of an account", "pcf user list shows them")
    return found[name]


def _changed(tx: Transaction, name: str, role: str | None, display: str | None, active: bool | None) -> Account:
    before = _known(tx.connection, name)
    found = Account(
        name, before.display if display is None else display.strip() or name, before.role if role is None else role,
        before.active if active is None else active, before.number + 1,
    )  # fmt: skip
    _check(found.role, found.display)
    others = [item for item in _accounts(tx.connection).values() if item.name != name]
    if _reigns(before) and not any(map(_reigns, (*others, found))):
        raise InputError("account", f"{name}, the last admin", "an admin who remains", "make another admin first")
    if (found.display, found.role, found.active) == (before.display, before.role, before.active):
        return found
    _record(tx, found)
    tx.connection.execute(delete(web_session).where(web_session.c.name == name))
    return found


def _record(tx: Transaction, found: Account) -> None:
    row: dict[str, str | int | None] = {
        "name": found.name, "number": found.number, "display": found.display, "role": found.role, "active": int(found.active),
    }  # fmt: skip
    tx.add("account", f"account:{found.name}:{found.number}", digest(row), {"account": [row]})


def _replace(tx: Transaction, name: str, hashed: str, *, must_change: bool) -> None:
    """Another password; the log says when and by whom, never what."""
    tx.add("password", f"password:{name}:{tx.tip[0]}", digest({"name": name, "one_time": must_change}), {})
    values = {"hash": hashed, "must_change": int(must_change)}
    if not tx.connection.execute(update(secret).where(secret.c.name == name), values).rowcount:
        tx.connection.execute(insert(secret), {"name": name, **values})
    tx.connection.execute(delete(web_session).where(web_session.c.name == name))


def _waiting(connection: Connection, key: str, most: int, now: int) -> int:
    """Minutes that a key still has to wait, 0 for none."""
    query = select(login_attempt.c.time).where(login_attempt.c.key == key, login_attempt.c.time > now - WINDOW)
    times = sorted(connection.execute(query).scalars(), reverse=True)
    return -(-(times[most - 1] + WINDOW - now) // MINUTE) if len(times) >= most else 0


def _note_attempt(connection: Connection, keys: Any) -> None:
    now = clock.now()
    for key in keys:
        last = connection.execute(select(func.max(login_attempt.c.time)).where(login_attempt.c.key == key)).scalar() or 0
        connection.execute(insert(login_attempt), {"key": key, "time": max(now, last + 1)})
