"""What is printed is what is attached: the pages are set again, and nothing else may be in the file but the signature.

A certificate is made in two steps, `render` and `sign_pdf`, which give the same bytes for the same certificate, but for the
signature itself. So the reader of a file can do both again from the attached certificate and compare every byte.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.certificate.pdf_signature import is_signed_form
from pcf.certificate.render import PRINTS, Attachment, maker, render
from pcf.errors import CheckFailed


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

    about = PdfFileReader(io.BytesIO(pdf)).trailer["/Info"]
    said = str(about["/Keywords"]) if "/Keywords" in about else ""
    if said != maker():
        raise OtherMaker(said)
    for language in PRINTS:
        made = render(certificate, language, attachments)
        if pdf.startswith(made):
            if not is_signed_form(pdf, made):
                raise CheckFailed("something was written behind the pages that is no signature")
            return language
    raise CheckFailed("the pages are not those of the attached certificate")
