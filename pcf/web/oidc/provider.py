"""A provider: what it says of itself, and which of its tokens are believed.

References
----------
OpenID Connect Core 1.0, 3.1 (code flow, checks of the ID token); Discovery 1.0; RFC 7636 (PKCE); RFC 9207 (issuer in the answer).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from pcf.errors import CheckFailed, EnvironmentProblem
from pcf.web.oidc.settings import LOOPBACK, OidcSettings

SECONDS, MOST_BYTES = 10, 1_000_000
KEPT = 3_600.0
"""How long what the provider says of itself is taken as it is [s]."""

AGAIN = 10.0
"""How soon its keys are asked for again where a token names one that is not known [s]."""

LEEWAY = 60
"""How far its clock may differ [s]."""


class Provider:
    """Speaks to one provider; every call may take seconds and belongs into a thread."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where somebody who wants to sign in is sent to.

        Raises
        ------
        EnvironmentProblem
            When the provider cannot be reached, or says of itself what cannot be.
        """
        with self._session() as session:
            found, _ = session.create_authorization_url(
                self._described("authorization_endpoint"), state=state, nonce=nonce, code_verifier=verifier
            )
        return str(found)

    def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Who has signed in, for the code that the provider sent along.

        Raises
        ------
        CheckFailed
            Where the provider refuses the code, or its token is not to be believed.
        EnvironmentProblem
            See `address`.
        """
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self._described("token_endpoint"), code=code, code_verifier=verifier, timeout=SECONDS, grant_type="authorization_code"
                )  # fmt: skip
        except RequestException as problem:
            raise EnvironmentProblem(f"{self.settings.issuer}: {type(problem).__name__}") from None
        except (AuthlibBaseError, ValueError) as problem:
            raise CheckFailed(f"the provider refuses the code: {str(problem)[:200]}") from None
        name = token.get("id_token") if isinstance(token, dict) else None
        if not isinstance(name, str):
            raise CheckFailed("the provider's answer has no ID token")
        return self.check(name, nonce, token.get("access_token"))

    def check(self, token: str, nonce: str, access_token: str | None = None) -> Mapping[str, Any]:
        """Claims of an ID token.

        Raises
        ------
        CheckFailed
            For one of another key, algorithm, issuer, audience or request, and for one that is not valid now.
        EnvironmentProblem
            See `address`.
        """
        own = self.settings
        options = {
            "iss": {"essential": True, "value": own.issuer}, "aud": {"essential": True, "value": own.client_id},
            "sub": {"essential": True}, "exp": {"essential": True}, "iat": {"essential": True}, "nonce": {"essential": True, "value": nonce},
        }  # fmt: skip
        params = {"nonce": nonce, "client_id": own.client_id, "access_token": access_token}
        try:
            decoded = self._decoded(token)
            found = CodeIDToken(decoded.claims, decoded.header, options, params)
            found.validate(leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, RecursionError) as problem:
            raise CheckFailed(f"the ID token is not to be believed: {type(problem).__name__}: {str(problem)[:200]}") from None
        if not isinstance(found["sub"], str) or not 0 < len(found["sub"]) <= 255:
            raise CheckFailed("the ID token is not to be believed: sub")
        return dict(found)

    def _decoded(self, token: str) -> Any:
        if len(token) > 50_000:
            raise ValueError("too long")
        try:
            return jwt.decode(token, self._keys(KEPT), list(self.settings.algorithms))
        except (JoseError, ValueError):
            # The provider may have taken a new key into use.
            return jwt.decode(token, self._keys(AGAIN), list(self.settings.algorithms))

    def _keys(self, age: float) -> KeySet:
        found = self._fetched(self._described("jwks_uri"), age)
        return KeySet.import_key_set({"keys": found["keys"]})

    def _described(self, name: str) -> str:
        """An address of the provider, from its own description."""
        found = self._fetched(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration", KEPT)
        if found.get("issuer") != self.settings.issuer:
            raise EnvironmentProblem(f"{self.settings.issuer}: calls itself {str(found.get('issuer'))[:100]!r}")
        address = found.get(name)
        parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise EnvironmentProblem(f"{self.settings.issuer}: its {name} is {str(address)[:100]!r}, no https address")
        return str(address)

    def _fetched(self, address: str, age: float) -> dict[str, Any]:
        """A JSON object, at most so old [s]."""
        with self._lock:
            kept = self._kept.get(address)
            if kept is not None and time.monotonic() - kept[0] < age:
                return dict(kept[1])
            try:
                with (
                    self._session() as session,
                    session.get(address, stream=True, withhold_token=True, timeout=SECONDS) as answer,
                ):
                    content = answer.raw.read(MOST_BYTES + 1, decode_content=True)
                found = json.loads(content) if answer.status_code == 200 and len(content) <= MOST_BYTES else None
            except (RequestException, OSError) as problem:
                raise EnvironmentProblem(f"{address}: {type(problem).__name__}") from None
            except (ValueError, RecursionError):
                found = None
            if not isinstance(found, dict):
                raise EnvironmentProblem(f"{address}: no JSON object came back")
            self._kept[address] = (time.monotonic(), found)
            return found

    def _session(self) -> Any:
        session = OAuth2Session(
            self.settings.client_id, self.settings.client_secret, scope=self.settings.scopes, redirect_uri=self.settings.callback,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic",
        )  # fmt: skip
        session.max_redirects = 0  # what it says, it says at the address that is written down
        return session
