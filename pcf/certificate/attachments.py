"""The files inside a PDF file, read with bounds."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

from pcf.certificate.credential import is_safe_name
from pcf.certificate.render import Attachment
from pcf.errors import InputError

MOST_ATTACHMENTS = 50
MOST_ATTACHED = 20_000_000
"""Most files, and most bytes of them together."""


def read_attachments(pdf: bytes) -> list[Attachment]:
    """Attachments of a file, in the order in which they were put there.

    Raises
    ------
    InputError
        For names that lead elsewhere or come twice, and content that is packed in an unknown way or too large.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    root = PdfFileReader(io.BytesIO(pdf)).root
    names = _at(root, "/Names")
    tree = _at(names, "/EmbeddedFiles")
    found: dict[str, tuple[int, Attachment]] = {}
    rest = MOST_ATTACHED
    for number, entry in _leaves(tree, 0) if tree is not None else ():
        name = str(_at(entry, "/UF") or _at(entry, "/F"))
        if not is_safe_name(name):
            raise InputError("attachment", repr(name), "a plain file name")
        if name in found or len(found) >= MOST_ATTACHMENTS:
            raise InputError("attachment", f"{name} twice, or too many", f"at most {MOST_ATTACHMENTS}, each once")
        files = entry["/EF"]
        stream = _at(files, "/F") or files["/UF"]
        content = _unpack(stream, rest)
        rest -= len(content)
        about = (str(_at(entry, "/AFRelationship") or "")[1:].lower(), str(_at(stream, "/Subtype") or "")[1:])
        found[name] = number, Attachment(name, content, *about, str(_at(entry, "/Desc") or ""))
    # The tree of names is sorted by name; the numbers of the objects say what came first.
    return [item for _, item in sorted(found.values(), key=lambda pair: pair[0])]


def _at(container: Any, key: str) -> Any:
    """A member of a dictionary, never a reference to it (which `get` gives), or None."""
    return container[key] if container is not None and key in container else None


def _leaves(tree: Any, depth: int) -> Iterator[tuple[int, Any]]:
    if depth > 8:
        raise InputError("attachments", "a tree that is too deep", "a list")
    values = _at(tree, "/Names")
    for place in range(1, len(values) if values is not None else 0, 2):
        yield getattr(values.raw_get(place), "idnum", 0), values[place]
    kids = _at(tree, "/Kids")
    for place in range(len(kids) if kids is not None else 0):
        yield from _leaves(kids[place], depth + 1)


def _unpack(stream: Any, most: int) -> bytes:
    """Content of a stream; never more of it than it may have."""
    packing = _at(stream, "/Filter")
    names = [] if packing is None else [str(packing)] if not isinstance(packing, list) else [str(item) for item in packing]
    content: bytes = stream.encoded_data
    if names == ["/FlateDecode"] and _at(stream, "/DecodeParms") is None:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(content, most + 1)
    elif names:
        raise InputError("attachment", " ".join(names), "FlateDecode, or nothing")
    if len(content) > most:
        raise InputError("attachment", f"more than {most:,} bytes", "a smaller one")
    return content
