"""CoC documents as pages of their own: to print, and to save."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from pcf.custody.coc_document import covering_head, find_document, read_document
from pcf.errors import InputError
from pcf.text import json_text
from pcf.views.coc_page import render_document
from pcf.views.signing import sign_head
from pcf.web.desk import Desk
from pcf.web.guard import language
from pcf.web.rights import may

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The page brings its own style along, and nothing else."""


def routes(desk: Desk) -> APIRouter:
    """The routes of the documents."""
    router = APIRouter(include_in_schema=False)

    @router.get("/custody/document")
    def document(request: Request, name: str = "", form: str = "") -> Response:
        """A document as a page, or as a file in one of its forms."""
        session = request.scope["pcf_session"]
        if session is None or session.must_change:
            return RedirectResponse("/login", 303)
        if not may(session.account.role, "see"):
            raise HTTPException(403)
        try:
            found, head = _read(desk, name[:300])
        except InputError:
            raise HTTPException(404) from None
        if form == "json":
            return _file(json_text({**found, "head": head}) + "\n", "application/json", f"{found['reference']}.json")
        page = render_document(found, head, language.get())
        if form == "html":
            return _file(page, "text/html; charset=utf-8", f"{found['reference']}.html")
        return Response(page, media_type="text/html; charset=utf-8", headers={"content-security-policy": POLICY})

    return router


def _read(desk: Desk, name: str) -> tuple[dict[str, Any], str]:
    """A document and the first signed head that it is in, as `pcf coc show` has them."""
    with desk.database.read() as connection:
        found = read_document(connection, *find_document(connection, name))
        head = covering_head(connection, found["event_seq"])
    return found, head or sign_head(desk.database)


def _file(content: str, kind: str, name: str) -> Response:
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name)
    headers = {"content-disposition": f'attachment; filename="{safe}"', "content-security-policy": POLICY}
    return Response(content, media_type=kind, headers=headers)
