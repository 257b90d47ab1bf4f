"""Tokens: given for a client's id and secret, signed with the service's own key, good for an hour.

References
----------
RFC 6749, section 4.4 (client credentials) and 5.2 (errors); RFC 7519 (JWT); RFC 9864 (Ed25519); OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote

from fastapi import Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from pcf.exchange.sharing.clients import Known
from pcf.exchange.sharing.vault import KEY, passphrase, service_key
from pcf.store.keys import read_private
from pcf.web.pact.errors import json_response, token_expired, unauthorised

ALGORITHM = "Ed25519"
SCOPE = "footprint:list footprint:read"
LONGEST = 4_000
"""Characters of a token that is looked at."""

_KEPT = 4_096


@dataclass(frozen=True)
class Bearer:
    """Who a token was given to: client, mark of the secret, end [s since 1970]."""

    client: str
    mark: str
    until: int


class Tokens:
    """Gives tokens and knows its own.

    Parameters
    ----------
    issuer : str
        Base of the service; also whom a token is for.
    folder : Path
        Folder of the keys; the service's one is made there.
    seconds : int
        How long a token is good [s].
    """

    def __init__(self, issuer: str, folder: Path, seconds: int, now: Callable[[], float] = time.time) -> None:
        self.issuer, self.seconds, self._now = issuer, seconds, now
        self.signer = service_key(folder)
        self._key = OKPKey.import_key(read_private(folder / f"{KEY}.pem"), password=passphrase(folder))
        self._known: OrderedDict[str, Bearer] = OrderedDict()
        self._lock = Lock()

    def issue(self, known: Known) -> str:
        """A token for a client."""
        now = int(self._now())
        claims = {
            "iss": self.issuer, "aud": self.issuer, "sub": known.client.id, "mark": known.mark, "iat": now, "exp": now + self.seconds,
            "jti": secrets.token_urlsafe(12),
        }  # fmt: skip
        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, self._key, [ALGORITHM])

    def check(self, token: str) -> Bearer:
        """Who a token was given to.

        Raises
        ------
        Refused
            For a token of another key, issuer, audience or kind, and for one that has ended.
        """
        found = self._known.get(token)
        if found is None:
            found = self._read(token)
            with self._lock:
                self._known[token] = found
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        if found.until <= self._now():
            raise token_expired()
        return found

    def _read(self, token: str) -> Bearer:
        if len(token) > LONGEST:
            raise unauthorised()
        try:
            decoded = jwt.decode(token, self._key, [ALGORITHM])
            header, claims = decoded.header, decoded.claims
            right = (header.get("typ"), claims.get("iss"), claims.get("aud")) == ("at+jwt", self.issuer, self.issuer)
            client, mark, until = claims["sub"], claims["mark"], claims["exp"]
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise unauthorised() from None
        if not right or not isinstance(client, str) or not isinstance(mark, str) or type(until) is not int:
            raise unauthorised()
        return Bearer(client, mark, until)

    def public_keys(self) -> dict[str, Any]:
        """The public half, as a set of JSON Web Keys."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}


def bearer_token(header: str | None) -> str:
    """The token of an `Authorization` header.

    Raises
    ------
    Refused
        Where there is none.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.casefold() != "bearer" or not token.strip():
        raise unauthorised()
    return token.strip()


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Id and secret of an `Authorization` header, or None; form-decoded, as RFC 6749 wants them encoded."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.casefold() != "basic" or len(encoded) > LONGEST:
        return None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    return (unquote(name), unquote(secret)) if colon else None


def grant_problem(content_type: str, body: bytes) -> Response | None:
    """What is wrong with the form of a token request, or None."""
    if content_type.partition(";")[0].strip().casefold() != "application/x-www-form-urlencoded":
        return oauth_error("invalid_request", "The body is no form.")
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=20, strict_parsing=bool(body))
    except ValueError:
        return oauth_error("invalid_request", "The body is no form.")
    grants = form.get("grant_type", [])
    if len(grants) != 1:
        return oauth_error("invalid_request", "grant_type is needed once.")
    if grants[0] != "client_credentials":
        return oauth_error("unsupported_grant_type", "grant_type has to be client_credentials.")
    asked = set(" ".join(form.get("scope", [])).split())
    if not asked <= set(SCOPE.split()):
        return oauth_error("invalid_scope", f"The scopes are: {SCOPE}.")
    return None


def oauth_error(code: str, message: str, status: int = 400) -> Response:
    """An error in the words of OAuth 2."""
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="pact", charset="UTF-8"'
    return json_response({"error": code, "error_description": message}, status, headers)


def discovery(base: str) -> dict[str, Any]:
    """What OpenID discovery tells: where tokens are given."""
    return {
        "issuer": base, "token_endpoint": f"{base}/auth/token", "jwks_uri": f"{base}/auth/keys",
        "grant_types_supported": ["client_credentials"], "response_types_supported": ["token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"], "scopes_supported": SCOPE.split(),
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": [ALGORITHM],
    }  # fmt: skip
