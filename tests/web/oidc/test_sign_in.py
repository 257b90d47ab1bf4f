"""Sign-in by OpenID Connect against a provider on real sockets: what is believed, and everything that is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select
from starlette.testclient import TestClient

from pcf.errors import InputError
from pcf.store.people_schema import secret
from pcf.store.schema import event
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.oidc.settings import OidcSettings, read_settings
from tests.web.oidc.provider import CLIENT, SECRET, Provider, key
from tests.web.pact.test_way import running
from tests.web.signing_in import join, sign_in

BASE = "http://127.0.0.1:1"
ROLES = {"sales": ("sales-team",), "admin": ("bosses",), "auditor": ("auditors",)}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made: list[Provider] = []

    def make(port: int) -> Any:
        made.append(Provider(port))
        return made[0].app

    with running(make):
        yield made[0]


@pytest.fixture
def visitor(provider: Provider, desk: Desk) -> Iterator[Callable[[], TestClient]]:
    """A new browser before the workbench."""
    settings = OidcSettings(provider.issuer, CLIENT, BASE, ROLES, SECRET, label="Example")
    app = create_app(desk, pages=(), oidc=settings)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(TestClient(app, base_url=BASE, follow_redirects=False))


def go(client: TestClient, target: str = "/app/explore?product=a356.2") -> str:
    """To the provider and back: the address that the provider sends the browser to."""
    begun = client.get("/oidc/start", params={"next": target})
    assert begun.status_code == 303, begun.text
    return httpx.get(begun.headers["location"]).headers["location"]


def come_in(client: TestClient) -> Any:
    return client.get(go(client).removeprefix(BASE))


def is_in(client: TestClient) -> bool:
    return bool(client.get("/session").json()["signed_in"])


def test_a_person_of_the_provider_signs_in(visitor: Callable[[], TestClient], desk: Desk, provider: Provider) -> None:
    client = visitor()
    assert "Sign in with Example" in client.get("/login").text
    begun = client.get("/oidc/start")
    bound = begun.headers["set-cookie"]
    assert "HttpOnly" in bound and "samesite=lax" in bound.lower()
    answer = come_in(client)
    assert answer.status_code == 200 and answer.headers["refresh"] == "0; url=/app/explore?product=a356.2"
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("pcf_session="))
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert is_in(client)
    (account,) = desk.people.accounts()
    assert (account.name, account.display, account.role) == ("lin.hai", "Lin 海", "sales")
    with desk.database.read() as connection:
        assert [tuple(row) for row in connection.execute(select(event.c.kind, event.c.actor))] == [("account", "oidc")]


def test_the_next_time_it_is_the_same_account_with_the_role_of_now(
    visitor: Callable[[], TestClient], desk: Desk, provider: Provider
) -> None:
    join(desk, "root", "admin")
    first = visitor()
    come_in(first)
    provider.person = {**provider.person, "preferred_username": "renamed", "groups": ["auditors", "unknown"]}
    second = visitor()
    come_in(second)
    assert [(item.name, item.role, item.number) for item in desk.people.accounts()] == [
        ("lin.hai", "auditor", 2),
        ("root", "admin", 1),
    ]
    assert is_in(second) and not is_in(first), "what was open with the old role is over"
    provider.person = {**provider.person, "groups": ["auditors", "bosses"]}
    come_in(visitor())
    assert desk.people.find("lin.hai").role == "admin"  # type: ignore[union-attr]
    desk.people.change("root", "lin.hai", active=False)
    third = visitor()
    assert come_in(third).status_code == 403 and not is_in(third)


def test_local_accounts_stay_and_nobody_gets_one_by_being_called_alike(
    visitor: Callable[[], TestClient], desk: Desk, provider: Provider
) -> None:
    join(desk, "lin.hai", "admin")
    client = visitor()
    answer = come_in(client)
    assert answer.status_code == 403 and "already another account" in answer.text and not is_in(client)
    assert desk.people.find("lin.hai").role == "admin"  # type: ignore[union-attr]
    assert sign_in(client, "lin.hai").status_code == 303 and is_in(client)


def test_without_a_password_there_is_no_sign_in_with_one(
    visitor: Callable[[], TestClient], desk: Desk, provider: Provider
) -> None:
    come_in(visitor())
    with desk.database.read() as connection:
        kept = connection.execute(select(secret.c.hash)).scalar_one()
    for password in ("", "x", kept):
        client = visitor()
        assert sign_in(client, "lin.hai", password).status_code == 401 and not is_in(client)


FORGED = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})


def now() -> int:
    """This second: a whole suite may have run since the module was read."""
    return int(time.time())


WRONG: dict[str, Callable[[Provider], None]] = {
    "another key under the same name": lambda p: setattr(p, "sign_with", FORGED),
    "expired": lambda p: p.twist.update(exp=now() - 120, iat=now() - 600),
    "not yet": lambda p: p.twist.update(nbf=now() + 600),
    "from the future": lambda p: p.twist.update(iat=now() + 600),
    "no end": lambda p: p.twist.update(exp=None),
    "another issuer": lambda p: p.twist.update(iss="https://evil.example"),
    "an issuer with a slash": lambda p: p.twist.update(iss=p.issuer + "/"),
    "no issuer": lambda p: p.twist.update(iss=None),
    "another audience": lambda p: p.twist.update(aud="other"),
    "several audiences, not for us": lambda p: p.twist.update(aud=[CLIENT, "other"]),
    "given to another party": lambda p: p.twist.update(azp="other"),
    "no audience": lambda p: p.twist.update(aud=None),
    "another request": lambda p: p.twist.update(nonce="n" * 43),
    "no nonce": lambda p: p.twist.update(nonce=None),
    "nobody": lambda p: p.twist.update(sub=None),
    "a number": lambda p: p.twist.update(sub=7),
    "another access token": lambda p: p.twist.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no group of ours": lambda p: p.person.update(groups=["others"]),
    "no groups": lambda p: p.person.update(groups={"sales-team": 1}),
    "a part of a group": lambda p: p.person.update(groups="sales-team-2"),
    "a name that none is": lambda p: p.person.update(preferred_username="../<script>"),
    "not signed": lambda p: setattr(p, "token", partial(unsigned, p)),
    "signed with the secret of the client": lambda p: setattr(p, "token", partial(symmetric, p)),
    "signed with the public key as a secret": lambda p: setattr(p, "token", partial(confused, p)),
    "no token": lambda p: setattr(p, "token", lambda _: "a.b.c"),
    "much": lambda p: setattr(p, "token", lambda _: "a" * 60_000),
}  # fmt: skip


def _claims(provider: Provider, nonce: str) -> dict[str, Any]:
    return {"iss": provider.issuer, "aud": CLIENT, "iat": now(), "exp": now() + 300, "nonce": nonce, **provider.person}


def unsigned(provider: Provider, nonce: str) -> str:
    parts = [{"alg": "none"}, _claims(provider, nonce)]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def symmetric(provider: Provider, nonce: str) -> str:
    return jwt.encode({"alg": "HS256"}, _claims(provider, nonce), OctKey.import_key(SECRET + "-" * 40), ["HS256"])


def confused(provider: Provider, nonce: str) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": "k1"}, _claims(provider, nonce))
    )
    mac = hmac.new(provider.keys[0].as_pem(private=False), head + b"." + body, hashlib.sha256).digest()
    return (head + b"." + body + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_to_be_believed_lets_nobody_in(
    visitor: Callable[[], TestClient], desk: Desk, provider: Provider, what: str
) -> None:
    WRONG[what](provider)
    client = visitor()
    answer = come_in(client)
    assert answer.status_code == 403 and not is_in(client)
    assert desk.people.accounts() == [] and "<script>" not in answer.text.replace('<script src="', "")


def test_a_key_that_the_provider_has_just_taken_into_use_is_known(
    visitor: Callable[[], TestClient], provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(visitor())
    monkeypatch.setattr("pcf.web.oidc.provider.AGAIN", 0.0)
    provider.keys.append(key("k2"))
    client = visitor()
    assert come_in(client).status_code == 200 and is_in(client)
    assert provider.asked.count("description") == 1


def test_an_answer_is_for_the_browser_that_asked_and_once(
    visitor: Callable[[], TestClient], desk: Desk, provider: Provider
) -> None:
    mine, other = visitor(), visitor()
    address = go(mine).removeprefix(BASE)
    assert other.get(address).status_code == 403, "whoever is led to it is not signed in as another"
    assert mine.get(address).status_code == 403, "an answer that was tried elsewhere is used up"
    address = go(mine).removeprefix(BASE)
    assert mine.get(address).status_code == 200
    assert mine.get(address).status_code == 403
    again = urlsplit(go(mine).removeprefix(BASE))
    query = {name: values[0] for name, values in parse_qs(again.query).items()}
    for change in ({"state": "x"}, {"iss": "https://evil.example"}, {"code": "guessed"}, {"code": ""}):
        client = visitor()
        found = {name: values[0] for name, values in parse_qs(urlsplit(go(client)).query).items()}
        assert client.get("/oidc/callback", params={**found, **change}).status_code == 403, change
        assert not is_in(client)
    assert query["iss"] == provider.issuer


def test_a_sign_in_that_takes_too_long_begins_again(
    visitor: Callable[[], TestClient], provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitor()
    address = go(client).removeprefix(BASE)
    now = time.monotonic()
    monkeypatch.setattr("pcf.web.oidc.routes.time.monotonic", lambda: now + 601)
    assert "too old" in client.get(address).text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil", "/a\r\nset-cookie: x=y"]
)
def test_nobody_is_led_away(visitor: Callable[[], TestClient], provider: Provider, target: str) -> None:
    client = visitor()
    answer = client.get(go(client, target).removeprefix(BASE))
    assert answer.headers["refresh"] == "0; url=/app/" and "x" not in answer.cookies


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.example"}, {"authorization_endpoint": "http://evil.example/"}, {"authorization_endpoint": 7}],
)
def test_a_provider_that_calls_itself_another_is_not_asked(
    visitor: Callable[[], TestClient], provider: Provider, described: dict[str, Any]
) -> None:
    provider.described = described
    answer = visitor().get("/oidc/start")
    assert answer.status_code == 503 and "sign in with a password" in answer.text


def test_a_provider_that_is_away_is_said_and_passwords_work(desk: Desk) -> None:
    settings = OidcSettings("http://127.0.0.1:9", CLIENT, BASE, ROLES, SECRET)
    join(desk)
    with TestClient(create_app(desk, pages=(), oidc=settings), base_url=BASE, follow_redirects=False) as client:
        assert client.get("/oidc/start").status_code == 503
        assert sign_in(client).status_code == 303


GOOD = 'issuer = "https://login.example.com"\nclient_id = "pcf"\nbase = "https://pcf.example.com/"\n'


def test_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(GOOD + 'client_secret_file = "secret"\n[roles]\nadmin = ["bosses"]\n', encoding="utf-8")
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    found = read_settings(path)
    assert (found.client_secret, found.callback, found.label) == (
        "s3cret",
        "https://pcf.example.com/oidc/callback",
        "login.example.com",
    )
    assert "s3cret" not in repr(found)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        read_settings(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD, "table roles"),
        (GOOD + '[roles]\nroot = ["x"]', "table roles"),
        (GOOD + "[roles]\nadmin = []", "table roles"),
        (GOOD.replace("https://login", "http://login") + '[roles]\nadmin = ["x"]', "key issuer"),
        (GOOD.replace("example.com/", "example.com/app") + '[roles]\nadmin = ["x"]', "key base"),
        (GOOD + 'algorithms = ["HS256"]\n[roles]\nadmin = ["x"]', "key algorithms"),
        (GOOD + 'algorithms = ["none"]\n[roles]\nadmin = ["x"]', "key algorithms"),
        (GOOD + 'scopes = "profile"\n[roles]\nadmin = ["x"]', "openid among them"),
        (GOOD + 'typo = 1\n[roles]\nadmin = ["x"]', "an unknown setting"),
        (GOOD + '[roles]\nadmin = ["x"]', "no secret of the client"),
        ("issuer = 7", "key issuer"),
        ("issuer", "TOML in UTF-8"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, said: str, pcf: Callable[..., Any], pcf_home: Path) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(text, encoding="utf-8")
    found = pcf("serve", "--oidc", str(path))
    assert found.code == 2 and said in found.err and found.err.count("\n") == 1, found.err
