"""What a client reads: lists of what was published to it, and single footprints; texts as they are stored, never parsed."""

from __future__ import annotations

import re

from anyio import to_thread
from fastapi import Request, Response

from pcf.exchange.sharing.clients import Known, find_known
from pcf.exchange.sharing.criteria import Page, find_page
from pcf.exchange.sharing.register import find
from pcf.web.pact.auth import bearer_token
from pcf.web.pact.desk import Desk
from pcf.web.pact.errors import bad_request, not_found, unauthorised
from pcf.web.pact.filters import Query, read_query

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def known_client(desk: Desk, token: str) -> Known:
    """The client that bears a token.

    Raises
    ------
    Refused
        For a wrong or expired token, a client that was disabled, and a secret that was replaced.
    """
    bearer = desk.tokens.check(token)
    known = find_known(desk.reader, bearer.client)
    if known is None or known.mark != bearer.mark:
        raise unauthorised("The client is disabled, or its secret was replaced.")
    return known


async def list_footprints(desk: Desk, request: Request) -> Response:
    """`GET /3/footprints`."""
    token = bearer_token(request.headers.get("authorization"))
    pairs = list(request.query_params.multi_items())

    def answer() -> tuple[Query, Page]:
        client = known_client(desk, token).client.id
        query = read_query(pairs)
        with desk.database.read() as connection:
            return query, find_page(connection, client, query.criteria, query.after, query.limit)

    query, page = await to_thread.run_sync(answer)
    headers = {}
    if page.following is not None:
        headers["Link"] = f'<{query.following(desk.base_as_asked(request), page.following)}>; rel="next"'
    return Response(f'{{"data":[{",".join(page.documents)}]}}', 200, headers, "application/json")


async def get_footprint(desk: Desk, request: Request) -> Response:
    """`GET /3/footprints/{id}`."""
    token = bearer_token(request.headers.get("authorization"))
    name = str(request.path_params["id"]).lower()

    def answer() -> str:
        client = known_client(desk, token).client.id
        if not _UUID.fullmatch(name):
            raise bad_request("The id of a footprint is a UUID.")
        found = find(desk.reader, client, name)
        if found is None:
            raise not_found()
        return found

    # A look-up in a file takes less time than to hand it to another thread; a server is far, and would hold up everybody.
    found = answer() if desk.database.is_sqlite else await to_thread.run_sync(answer)
    return Response(f'{{"data":{found}}}', 200, None, "application/json")
