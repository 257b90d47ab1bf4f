"""What is printed is what is attached: the pages are set again, and nothing else may be in the file but the signature.

A certificate is made in two steps, `render` and `sign_pdf`. The first gives the same bytes for the same certificate, the second
writes behind them what a signature needs. So the reader of a file can do the first step again from the attached certificate and
compare every byte; of the rest he looks at each object.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.certificate.pdf_signature import FIELD
from pcf.certificate.render import PRINTS, Attachment, maker, render
from pcf.errors import CheckFailed

_FIELD = {"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"}
_SIGNATURE = {"/Contents", "/ByteRange", "/Type", "/Filter", "/SubFilter", "/M", "/Location", "/Reason"}


class OtherMaker(Exception):
    """The pages were set by other versions than those at hand, so that nobody can say what their bytes should be."""


def check_print(pdf: bytes, certificate: Mapping[str, Any], attachments: Sequence[Attachment]) -> str:
    """Set the pages again and compare; gives their language. The file's signature has to be known to be right.

    Parameters
    ----------
    pdf : bytes
        A signed file.
    certificate : mapping
        The `pcf/certificate/1` that is attached.
    attachments : sequence of Attachment
        All of them, in the file's order.

    Raises
    ------
    CheckFailed
        When the pages are others, or something was written behind them that is no signature.
    EnvironmentProblem
        Where typst or segno are not installed.
    OtherMaker
        When other versions made the file; the message names them.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    signed = PdfFileReader(io.BytesIO(pdf))
    said = str(signed.trailer["/Info"]["/Keywords"]) if "/Keywords" in signed.trailer["/Info"] else ""
    if said != maker():
        raise OtherMaker(said)
    for language in PRINTS:
        made = render(certificate, language, attachments)
        if pdf.startswith(made):
            if not _only_signed(signed, PdfFileReader(io.BytesIO(made))):
                raise CheckFailed("something was written behind the pages that is no signature")
            return language
    raise CheckFailed("the pages are not those of the attached certificate")


def _only_signed(signed: Any, plain: Any) -> bool:
    """Whether a file is another one with a signature that is not seen, and nothing else."""
    last = signed.xrefs.total_revisions - 1
    field = signed.root["/AcroForm"]["/Fields"].raw_get(0)
    about = signed.get_object(field.reference)
    page, signature, form = about.raw_get("/P"), about.raw_get("/V"), signed.root.raw_get("/AcroForm")
    changed = {item.idnum for item in signed.xrefs.explicit_refs_in_revision(last)}
    return bool(
        last == plain.xrefs.total_revisions
        and changed == {plain.root_ref.idnum, page.idnum, form.idnum, field.idnum, signature.idnum}
        and all(_text(signed.trailer.raw_get(name)) == _text(plain.trailer.raw_get(name)) for name in ("/Root", "/Info"))
        and "/Encrypt" not in signed.trailer
        and _added(signed.root, plain.root) == {"/AcroForm"}
        and _added(signed.get_object(page.reference), plain.get_object(_in(plain, page))) == {"/Annots"}
        and _text(signed.get_object(page.reference)["/Annots"]) == _text(signed.root["/AcroForm"]["/Fields"]) == _list(field)
        and set(signed.root["/AcroForm"]) == {"/Fields", "/SigFlags"}
        and set(about) == _FIELD
        and (about["/T"], about["/FT"], about["/Subtype"]) == (FIELD, "/Sig", "/Widget")
        and all(side == 0 for side in about["/Rect"])
        and _SIGNATURE.issuperset(signed.get_object(signature.reference))
    )


def _added(whole: Any, part: Any) -> set[str] | None:
    """Members that a dictionary has more than another; None where they differ in anything else."""
    if any(name not in whole or _text(whole.raw_get(name)) != _text(part.raw_get(name)) for name in part):
        return None
    return set(whole) - set(part)


def _in(reader: Any, reference: Any) -> Any:
    from pyhanko.pdf_utils.generic import Reference

    return Reference(reference.idnum, reference.generation, pdf=reader)


def _list(reference: Any) -> bytes:
    from pyhanko.pdf_utils.generic import ArrayObject

    return _text(ArrayObject([reference]))


def _text(item: Any) -> bytes:
    """How a file spells an object, references as their numbers."""
    out = io.BytesIO()
    item.write_to_stream(out, None)
    return out.getvalue()
