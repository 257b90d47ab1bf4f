"""The inclusion proof of an event of the log, for commands and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcf.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection


def proof_document(connection: Connection, seq: int, size: int | None = None) -> dict[str, Any]:
    """Proof (RFC 6962) that an event is in the log of a size (default: of now).

    Raises
    ------
    InputError
        For an event or a size that the log does not have.
    """
    from pcf.store.log import log_size, prove_inclusion

    whole = log_size(connection)
    if seq >= (size or whole) or (size or whole) > whole:
        raise InputError("SEQ", str(seq), f"an event of the log, 0 to {whole - 1}, and a size up to {whole}")
    found = prove_inclusion(connection, seq, size)
    return {
        "event": found.seq, "size": found.size, "leaf": found.leaf.hex(), "path": [item.hex() for item in found.path],
        "root": found.root.hex(),
    }  # fmt: skip
