"""Who is signed in: sessions that the server knows and can end at any time."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from pcf.errors import EnvironmentProblem
from pcf.store import Database, clock, digest
from pcf.store.people_schema import secret, web_session
from pcf.web.journal import note
from pcf.web.people import MINUTE, Account, People

IDLE, WHOLE = 120 * MINUTE, 720 * MINUTE
"""How long a session lasts without use, and in all [us]."""

FRESH = 2.0
"""How long what is known of a session is taken as it is [s]: after that a session that was ended elsewhere is over."""


ENDED = "sessions-ended"
"""Kind of the event when an admin ends somebody's sessions."""


@dataclass(frozen=True)
class Session:
    """A session: its key (the hash of the cookie's token), whose it is, and what forms must carry."""

    key: str
    account: Account
    csrf: str
    must_change: bool
    seen: int


@dataclass(frozen=True)
class Seen:
    """That somebody is signed in: since when, and when last seen [us]."""

    name: str
    created: int
    seen: int


class Sessions:
    """The sessions of a database."""

    def __init__(self, database: Database, people: People, tick: Callable[[], float] = time.monotonic) -> None:
        self._database, self._people, self._tick = database, people, tick
        self._known: dict[str, tuple[float, Session | None]] = {}
        self._seen: set[str] = set()
        self._beside = ThreadPoolExecutor(1, "sessions")

    def begin(self, name: str) -> str:
        """Begin a session and give its token, which is kept nowhere but in the cookie."""
        token, now = secrets.token_urlsafe(32), clock.now()
        row = {"token_sha256": key_of(token), "name": name, "created": now, "seen": now, "csrf": secrets.token_urlsafe(24)}
        with self._database.write(name) as tx:
            tx.connection.execute(
                delete(web_session).where((web_session.c.seen < now - IDLE) | (web_session.c.created < now - WHOLE))
            )
            tx.connection.execute(insert(web_session), row)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a cookie, unless it is over."""
        if not token or len(token) > 200:
            return None
        return self.of_key(key_of(token))

    def of_key(self, key: str) -> Session | None:
        """The session of a key, unless it is over; read again when what is known of it is no longer fresh."""
        moment = self._tick()
        known = self._known.get(key)
        if known is not None and moment - known[0] < FRESH:
            return known[1]
        found = self._read(key)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[key] = (moment, found)
        return found

    def _read(self, key: str) -> Session | None:
        now = clock.now()
        with self._database.read() as connection:
            query = (
                select(web_session, secret.c.must_change)
                .join(secret, secret.c.name == web_session.c.name)
                .where(web_session.c.token_sha256 == key)
            )
            row = connection.execute(query).first()
        if row is None or row.seen < now - IDLE or row.created < now - WHOLE:
            return None
        account = self._people.find(row.name)
        if account is None or not account.active:
            return None
        if row.seen < now - MINUTE:
            self._keep_seen(key, row.name)
        return Session(key, account, row.csrf, bool(row.must_change), row.seen)

    def _keep_seen(self, key: str, name: str) -> None:
        """Keep when a session was seen, beside: while a long import has the database, whoever reads must not wait for it."""
        if key in self._seen:
            return

        def keep() -> None:
            try:
                with self._database.write(name) as tx:
                    now = clock.now()
                    query = update(web_session).where(web_session.c.token_sha256 == key, web_session.c.seen < now)
                    tx.connection.execute(query, {"seen": now})
            except EnvironmentProblem as problem:
                note("session not kept", level="warning", name=name, why=str(problem))
            finally:
                self._seen.discard(key)

        self._seen.add(key)
        try:
            self._beside.submit(keep)
        except RuntimeError:  # the server is closing
            self._seen.discard(key)

    def close(self) -> None:
        """Keep nothing more."""
        self._beside.shutdown(cancel_futures=True)

    def of_name(self, name: str) -> list[Session]:
        """Sessions of a person."""
        with self._database.read() as connection:
            keys = connection.execute(select(web_session.c.token_sha256).where(web_session.c.name == name)).scalars().all()
        return [found for key in keys if (found := self._read(key))]

    def end(self, actor: str, *, key: str = "", name: str = "") -> None:
        """End one session, or all of a person."""
        self._known.clear()
        with self._database.write(actor) as tx:
            tx.connection.execute(
                delete(web_session).where(web_session.c.token_sha256 == key if key else web_session.c.name == name)
            )

    def end_all(self, actor: str, name: str) -> None:
        """End every session of a person, as an admin does: the log says who did."""
        self._known.clear()
        with self._database.write(actor) as tx:
            tx.add(ENDED, f"{ENDED}:{name}:{tx.tip[0]}", digest({"name": name}), {})
            tx.connection.execute(delete(web_session).where(web_session.c.name == name))

    def listed(self) -> list[Seen]:
        """Who is signed in, the one seen last first."""
        now, table = clock.now(), web_session.c
        query = select(table.name, table.created, table.seen).where(table.seen >= now - IDLE, table.created >= now - WHOLE)
        with self._database.read() as connection:
            return [Seen(*row) for row in connection.execute(query.order_by(table.seen.desc()))]

    def forget(self) -> None:
        """Ask the database again about every session: somebody's rights have changed."""
        self._known.clear()


def key_of(token: str) -> str:
    """Under what a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
