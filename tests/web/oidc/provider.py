"""A provider of the tests: discovery, code flow with PKCE, tokens, on real sockets; what it does wrong, a test says."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "pcf-client", "a secret of the client"


@cache
def key(name: str) -> RSAKey:
    """A key of the provider; made once, since that takes long."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


class Provider:
    """Everybody who comes is signed in as `person`; `twist` changes claims, header or key of the next tokens."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.issuer = f"http://{host}:{port}/realm"
        self.keys = [key("k1")]
        self.person: dict[str, Any] = {
            "sub": "s-1",
            "preferred_username": "Lin.Hai@example.com",
            "name": "Lin 海",
            "groups": ["sales-team"],
        }
        self.twist: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.described: dict[str, Any] = {}
        self.sign_with: RSAKey | None = None
        self.token: Callable[[str], str] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.app = self._app()

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person, **self.twist}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.keys[-1].kid, **self.header}
        return jwt.encode(header, claims, self.sign_with or self.keys[-1], ["RS256"])

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/realm/.well-known/openid-configuration")
        def describe() -> dict[str, Any]:
            self.asked.append("description")
            return {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", **self.described,
            }  # fmt: skip

        @app.get("/realm/keys")
        def keys() -> dict[str, Any]:
            self.asked.append("keys")
            return dict(KeySet(self.keys).as_dict(private=False))

        @app.get("/realm/auth")
        def authorize(request: Request) -> Response:
            query = dict(request.query_params)
            assert query["response_type"] == "code" and query["client_id"] == CLIENT and "openid" in query["scope"].split()
            assert query["code_challenge_method"] == "S256" and len(query["state"]) >= 32 and len(query["nonce"]) >= 32
            code = secrets.token_urlsafe(16)
            self.codes[code] = query
            return RedirectResponse(
                f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}", 303
            )

        @app.post("/realm/token")
        async def token(request: Request) -> Response:
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            query = self.codes.pop(form.get("code", ""), None)
            if pair != f"{CLIENT}:{SECRET}" or query is None or form["redirect_uri"] != query["redirect_uri"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if challenge != query["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            made = (self.token or self.id_token)(query["nonce"])
            return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": made})

        return app
