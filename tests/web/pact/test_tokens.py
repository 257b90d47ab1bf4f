"""Tokens: who gets one, and which are taken; wrong, expired, forged, of another issuer, of a client that was shut out."""

from __future__ import annotations

import base64
import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from pcf.exchange.sharing.clients import find_known, new_secret, put_client, read_client
from pcf.web.pact.auth import ALGORITHM, Tokens
from tests.web.pact.apis import BASE, Api, refusal
from tests.web.pact.footprints import register

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(api: Api, pair: str | None, body: str = "grant_type=client_credentials", **headers: str) -> Any:
    basic = {} if pair is None else {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return api.http.post("/auth/token", content=body, headers={**FORM, **basic, **headers})


def bearing(api: Api, token: str) -> Any:
    return api.http.get("/3/footprints", headers={"Authorization": f"Bearer {token}"})


def test_a_client_gets_a_token_that_opens_the_list(api: Api) -> None:
    answer = ask(api, f"alpha:{api.secrets['alpha']}")
    content = answer.json()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert (content["token_type"], content["expires_in"]) == ("Bearer", 3600)
    assert bearing(api, content["access_token"]).json() == {"data": []}


@pytest.mark.parametrize(
    ("pair", "body", "headers", "status", "error"),
    [
        ("alpha:wrong", "grant_type=client_credentials", {}, 401, "invalid_client"),
        ("nobody:wrong", "grant_type=client_credentials", {}, 401, "invalid_client"),
        ("alpha", "grant_type=client_credentials", {}, 401, "invalid_client"),
        (":", "grant_type=client_credentials", {}, 401, "invalid_client"),
        (None, "grant_type=client_credentials", {}, 401, "invalid_client"),
        (None, "grant_type=client_credentials", {"Authorization": "Basic ???"}, 401, "invalid_client"),
        ("alpha:{secret}", "grant_type=password", {}, 400, "unsupported_grant_type"),
        ("alpha:{secret}", "", {}, 400, "invalid_request"),
        ("alpha:{secret}", "grant_type=client_credentials&grant_type=password", {}, 400, "invalid_request"),
        ("alpha:{secret}", "grant_type=client_credentials&scope=everything", {}, 400, "invalid_scope"),
        ("alpha:{secret}", '{"grant_type":"client_credentials"}', {"Content-Type": "application/json"}, 400, "invalid_request"),
        ("beta:{secret}", "grant_type=client_credentials", {}, 401, "invalid_client"),
    ],
)  # fmt: skip
def test_whoever_is_not_known_gets_none(
    one: Api, pair: str | None, body: str, headers: dict[str, str], status: int, error: str
) -> None:
    answer = ask(one, None if pair is None else pair.replace("{secret}", one.secrets["alpha"]), body, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "access_token" not in answer.text
    assert status != 401 or answer.headers["www-authenticate"].startswith("Basic")


def test_discovery_tells_where_tokens_are_given(one: Api) -> None:
    found = one.http.get("/.well-known/openid-configuration").json()
    assert (found["issuer"], found["token_endpoint"]) == (BASE, f"{BASE}/auth/token")
    keys = one.http.get(found["jwks_uri"]).json()["keys"]
    assert jwt.decode(one.token(), OKPKey.import_key(keys[0]), [ALGORITHM]).claims["sub"] == "alpha"
    assert "d" not in keys[0], "the private half stays at home"


def test_the_key_is_for_its_owner_only(one: Api, pcf_home: Path) -> None:
    assert stat.S_IMODE((pcf_home / "keys" / "pact.pem").stat().st_mode) == 0o600


def test_processes_of_one_home_take_each_others_tokens(one: Api, pcf_home: Path) -> None:
    other = Tokens(BASE, pcf_home / "keys", 60)
    known = find_known(one.service.desk.reader, "alpha")
    assert known is not None
    assert bearing(one, other.issue(known)).status_code == 200


def claims(api: Api, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    known = find_known(api.service.desk.reader, "alpha")
    assert known is not None
    return {"iss": BASE, "aud": BASE, "sub": "alpha", "mark": known.mark, "iat": now, "exp": now + 60, **changes}


def signed(api: Api, header: dict[str, Any] | None = None, **changes: Any) -> str:
    key = api.service.desk.tokens._key
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", **(header or {})}, claims(api, **changes), key, [ALGORITHM])


def test_a_token_made_for_the_test_as_the_service_makes_it_is_taken(one: Api) -> None:
    """Else the refusals below would prove nothing."""
    assert bearing(one, signed(one)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"}, {"aud": "https://other.example"}, {"aud": None}, {"sub": "nobody"}, {"sub": None},
        {"mark": "0" * 16}, {"exp": None}, {"exp": "later"}, {"exp": True},
    ],
)  # fmt: skip
def test_a_token_of_the_own_key_with_other_claims_is_refused(one: Api, changes: dict[str, Any]) -> None:
    answer = bearing(one, signed(one, **changes))
    refusal(answer, 401, "AccessDenied")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_kind_is_refused(one: Api) -> None:
    refusal(bearing(one, signed(one, {"typ": "JWT"})), 401, "AccessDenied")


def _part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_forged_token_is_refused(one: Api) -> None:
    good = one.token()
    head, body, signature = good.split(".")
    other = OKPKey.generate_key("Ed25519")
    public = json.dumps(one.service.desk.tokens.public_keys()["keys"][0]).encode()
    forged = [
        jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims(one), other, [ALGORITHM]),
        f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.", f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.{signature}",
        # The public key as a shared secret: a reader that lets the token name the algorithm takes it.
        jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims(one), OctKey.import_key(public), ["HS256"]),
        f"{head}.{_part(claims(one, sub='beta'))}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}.", f"{head}.{body}",
        "a.b.c", "…", "x" * 5_000, "null",
    ]  # fmt: skip
    for token in forged:
        answer = one.http.get("/3/footprints", headers={b"Authorization": f"Bearer {token}".encode()})  # type: ignore[dict-item]
        refusal(answer, 401, "AccessDenied")
    assert bearing(one, good).status_code == 200


def test_an_expired_token_is_told_so_also_when_it_was_known(one: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    token = one.token()
    assert bearing(one, token).status_code == 200
    monkeypatch.setattr(one.service.desk.tokens, "_now", lambda: time.time() + 3_601)
    refusal(bearing(one, token), 401, "TokenExpired")
    one.service.desk.tokens._known.clear()
    refusal(bearing(one, token), 401, "TokenExpired")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "bearer"])
def test_without_a_token_nothing_is_shown(one: Api, header: str | None) -> None:
    for path in ("/3/footprints", "/3/footprints/00000000-0000-0000-0000-000000000000"):
        refusal(one.http.get(path, headers={} if header is None else {"Authorization": header}), 401, "AccessDenied")
    refusal(one.http.post("/3/events", headers={} if header is None else {"Authorization": header}), 401, "AccessDenied")


def test_a_client_that_is_disabled_is_out_at_once(api: Api) -> None:
    token = api.token()
    assert bearing(api, token).status_code == 200
    with api.database.write("me") as tx:
        before = read_client(tx.connection, "alpha")
        assert before is not None
        put_client(tx, type(before)(**{**before.__dict__, "active": False}), change=True)
    refusal(bearing(api, token), 401, "AccessDenied")
    assert ask(api, f"alpha:{api.secrets['alpha']}").status_code == 401


def test_a_new_secret_ends_the_old_one_and_its_tokens(api: Api) -> None:
    token = api.token()
    with api.database.write("me") as tx:
        secret = new_secret(tx, "alpha", 0)
    assert ask(api, f"alpha:{api.secrets['alpha']}").status_code == 401
    refusal(bearing(api, token), 401, "AccessDenied")
    assert bearing(api, ask(api, f"alpha:{secret}").json()["access_token"]).status_code == 200


def test_no_secret_is_in_the_log_or_the_database(api: Api) -> None:
    secret = register(api.database, "gamma")
    with api.database.read() as connection:
        dump = "".join(
            str(tuple(row))
            for table in ("event", "api_client", "api_secret")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        )
    assert "gamma" in dump and secret not in dump
    assert find_known(api.service.desk.reader, "gamma") is not None
