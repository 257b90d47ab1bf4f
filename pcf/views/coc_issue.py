"""Issuing a CoC document, and taking one back: what the command and the page do, each with a signed head of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcf.custody import Book, Placed
from pcf.custody.coc_document import read_document
from pcf.custody.cover import read_cover
from pcf.custody.documents import Issued, issue_document
from pcf.custody.reading import read_record
from pcf.custody.records import CocDocument
from pcf.custody.voids import today
from pcf.views.signing import sign_head


@dataclass(frozen=True)
class IssuedDocument:
    """A document that was issued just now, with all its fields and the head of the log that was signed for it."""

    issued: Issued
    document: Mapping[str, Any]
    head: str


def document_defaults(book: Book, shipment: str, day: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Day and mass where they are not given: today at the site, and all of the shipment.

    Raises
    ------
    InputError
        For what is no recorded shipment.
    """
    with book.read() as connection:
        found = read_cover(connection, shipment)
    return {"date": day or today(found.zone), "coc_kg": given.get("coc_kg", found.mass_kg)}


def issue(book: Book, values: Mapping[str, Any], place: str, key: str = "") -> IssuedDocument | None:
    """Issue a document; None where the same one is recorded already.

    Raises
    ------
    DataError
        With everything that speaks against it.
    """
    wanted = read_record(CocDocument, values, place)
    with book.write() as work:
        issued = issue_document(work, Placed(wanted, place, key))
    if issued is None:
        return None
    head = sign_head(book.database)
    with book.read() as connection:
        return IssuedDocument(issued, read_document(connection, "out", issued.issuer, issued.reference), head)
