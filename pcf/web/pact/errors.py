"""Refusals in the words of PACT: a status, a code of the specification, and a sentence.

Version 3 calls `NotFound` what version 2 called `NoSuchFootprint`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from fastapi import Response

BAD_REQUEST, ACCESS_DENIED, TOKEN_EXPIRED, NOT_FOUND, INTERNAL_ERROR, NOT_IMPLEMENTED = (
    "BadRequest", "AccessDenied", "TokenExpired", "NotFound", "InternalError", "NotImplemented",
)  # fmt: skip
_LONGEST = 500


class Refused(Exception):
    """A request that is not done.

    Parameters
    ----------
    status : int
    code : str
        One of the codes above.
    message : str
        What is wrong; says nothing of what the client may not see.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})
        super().__init__(message)

    def response(self) -> Response:
        """The answer."""
        return json_response({"code": self.code, "message": self.message[:_LONGEST]}, self.status, self.headers)


def json_response(content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; ASCII alone, so that nothing in it depends on a reader's encoding."""
    return Response(json.dumps(content), status, dict(headers or {}), "application/json")


def bad_request(message: str) -> Refused:
    """The request is wrong."""
    return Refused(400, BAD_REQUEST, message)


def unauthorised(message: str = "The request bears no valid access token.") -> Refused:
    """Nobody knows who asks."""
    return Refused(401, ACCESS_DENIED, message, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def token_expired() -> Refused:
    """The token was good once."""
    challenge = 'Bearer error="invalid_token", error_description="expired"'
    return Refused(401, TOKEN_EXPIRED, "The access token has expired.", {"WWW-Authenticate": challenge})


def not_found() -> Refused:
    """There is no such footprint, or it is another client's: the answer is the same."""
    return Refused(404, NOT_FOUND, "NoSuchFootprint: the requested footprint could not be found.")


def not_implemented(message: str) -> Refused:
    """The specification allows it, and this service does not have it."""
    return Refused(501, NOT_IMPLEMENTED, message)
