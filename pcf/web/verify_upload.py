"""Files that somebody brings to be verified: into memory and nowhere else, so many bytes in so many seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from pcf.certificate.draft import SCHEMA
from pcf.text import visible
from pcf.web.verify_pages import MOST_FILE, Taken

if TYPE_CHECKING:
    from fastapi import Request

MOST_TAKEN = 2 * MOST_FILE + 20_000
"""Bytes of both files with what a form has around them."""

MOST_DRAINED = 64_000_000
"""Bytes that are read and forgotten, so that a browser has sent its file and can read the answer."""

LONGEST = 20
"""How long the files may come in [s]."""

_LONGEST_DRAIN = 8.0


_SCHEMA = f'"{SCHEMA}"'.encode()


class Large(Exception):
    """Too many bytes."""


class Late(Exception):
    """Too slow."""


class Wrong(Exception):
    """No form with a file; `key` says why."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class _InMemory(MultiPartParser):
    """Nothing is written to a disk, however large the files are."""

    spool_max_size = MOST_TAKEN


async def take(request: Request) -> Taken:
    """The files of a form.

    Raises
    ------
    Large, Late, Wrong
        See there.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Wrong("verify-no-file")
    named = request.headers.get("content-length", "0")
    if named.isdigit() and int(named) > MOST_TAKEN:
        raise Large
    try:
        async with asyncio.timeout(LONGEST):
            form = await _InMemory(request.headers, _counted(request), max_files=2, max_fields=2, max_part_size=1_000).parse()
    except TimeoutError:
        raise Late from None
    except MultiPartException:
        raise Wrong("verify-no-form") from None
    file, bundle = form.get("file"), form.get("bundle")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Wrong("verify-no-file")
        content = await file.read()
        more = await bundle.read() if isinstance(bundle, UploadFile) and bundle.filename else None
    finally:
        await form.close()
    if not content:
        raise Wrong("verify-empty")
    if len(content) > MOST_FILE or len(more or b"") > MOST_FILE:
        raise Large
    if content.lstrip()[:1] == b"{" and _SCHEMA in content and b'"proof"' not in content:
        raise Wrong("verify-data")  # genuine or not, nobody can tell, and that is not "not genuine"
    return Taken(visible(file.filename, keep="")[-120:], content, more)


async def drain(request: Request) -> None:
    """Read what is left of a body and forget it, within bounds."""
    count, whole = 0, getattr(request.state, "whole", False)
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_LONGEST_DRAIN):
            while not whole and count < MOST_DRAINED - MOST_TAKEN:
                message = await request.receive()
                count += len(message.get("body", b""))
                whole = message["type"] == "http.disconnect" or not message.get("more_body", False)


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    count = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        request.state.whole = not message.get("more_body", False)
        content: bytes = message.get("body", b"")
        count += len(content)
        if count > MOST_TAKEN:
            raise Large
        if content:
            yield content
        if request.state.whole:
            yield b""  # as Starlette ends a body
            return
