"""Signatures of PDF files: the whole file, in one spelling, by who is trusted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from asn1crypto import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from pcf.certificate import pdf_signature
from pcf.certificate.pdf_signature import check_intact, check_pdf, check_trusted, find_signature, sign_pdf
from pcf.certificate.x509 import company_name, make_certificate, read_pem, write_pem
from pcf.errors import CheckFailed, InputError
from pcf.store.keys import P256, create_key
from tests.certificate.issuing import DAY, NOW, Made, issuer, pdf


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def plain() -> bytes:
    return pdf({"a.txt": b"x"})  # made once: the attachment bears the second in which it was made


@pytest.fixture(scope="module")
def signed(made: Made, plain: bytes) -> bytes:
    return sign_pdf(plain, made.keys.pdf, made.keys.certificate, NOW, "reason", "Zouping")


def accepts(content: bytes, made: Made) -> bool:
    """Whether the reader's own checks hold; pyHanko is asked after them only."""
    try:
        found = find_signature(content)
        check_intact(found)
        check_trusted(found, [made.keys.certificate], NOW)
    except CheckFailed:
        return False
    return True


def flipped(content: bytes, place: int, bit: int) -> bytes:
    damaged = bytearray(content)
    damaged[place] ^= 1 << bit
    return bytes(damaged)


def gap(content: bytes) -> tuple[int, int]:
    return pdf_signature._candidates(content)[0]


def test_a_signed_file_is_accepted(made: Made, signed: bytes) -> None:
    assert check_pdf(signed, [made.keys.certificate], NOW) == made.keys.certificate
    assert company_name(made.keys.certificate) == "演示铝业有限公司"


def test_all_but_the_signature_is_the_same_again(made: Made, signed: bytes, plain: bytes) -> None:
    again = sign_pdf(plain, made.keys.pdf, made.keys.certificate, NOW, "reason", "Zouping")
    start, stop = gap(signed)
    assert (signed[:start], signed[stop:]) == (again[:start], again[stop:])
    assert signed != again  # ECDSA


def test_the_time_of_the_clock_is_nowhere(made: Made, plain: bytes) -> None:
    signed = sign_pdf(plain, made.keys.pdf, made.keys.certificate, NOW)
    start, stop = gap(signed)
    added = signed[len(plain) : start] + signed[stop:]
    assert b"20260301120000Z" in added  # when it was signed, as the signer says
    assert b"/ModDate" not in added and b"pyHanko" not in added


@pytest.mark.slow
def test_every_byte_of_a_file_is_covered(made: Made, signed: bytes) -> None:
    for place in range(len(signed)):
        assert not accepts(flipped(signed, place, place % 8), made), place


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_flipped_bit_goes_unseen(made: Made, signed: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(signed) - 1)), data.draw(st.integers(0, 7))
    assert not accepts(flipped(signed, place, bit), made)


def test_the_filling_of_the_signature_has_one_spelling(made: Made, signed: bytes) -> None:
    start, stop = gap(signed)
    digits = signed[start + 1 : stop - 1]
    filled = len(digits) - len(digits.rstrip(b"0"))
    assert filled > 1000
    for place in (stop - 2, stop - 3, stop - filled // 2):
        assert not accepts(signed[:place] + b"1" + signed[place + 1 :], made)
    letter = next(place for place in range(start + 1, stop) if signed[place : place + 1] in b"ABCDEF")
    lower = signed[:letter] + signed[letter : letter + 1].lower() + signed[letter + 1 :]
    # pyHanko reads the same object from it: to it the file is as good as before.
    assert PdfFileReader(io.BytesIO(lower)).embedded_signatures[0].pkcs7_content == bytes.fromhex(digits.decode())
    assert not accepts(lower, made)


def test_valid_alone_says_nothing_about_the_file(made: Made, signed: bytes) -> None:
    """The trap: arithmetic that holds under a file that was changed."""
    place = signed.index(b"/MediaBox")
    changed = flipped(signed, signed.index(b"2", place), 0)
    roots = [x509.Certificate.load(made.keys.certificate)]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=NOW)
    status = validate_pdf_signature(PdfFileReader(io.BytesIO(changed)).embedded_signatures[0], context)
    assert status.valid and not status.intact and not status.bottom_line
    with pytest.raises(CheckFailed, match="changed after it was signed"):
        check_pdf(changed, [made.keys.certificate], NOW)


def test_nothing_may_be_added_after_the_signature(made: Made, signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = pdf_string("zh")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    for content in (out.getvalue(), signed + b"\n", signed + b"%%EOF"):
        with pytest.raises(CheckFailed, match="added after"):
            check_pdf(content, [made.keys.certificate], NOW)


def test_a_file_signed_anew_by_somebody_else_is_not_trusted(made: Made, signed: bytes, tmp_path: Path) -> None:
    other = issuer(tmp_path).keys  # of the same name
    forged = sign_pdf(pdf({"a.txt": b"x"}), other.pdf, other.certificate, NOW)
    with pytest.raises(CheckFailed, match="issuer is unknown: the signature calls itself '演示铝业有限公司'"):
        check_pdf(forged, [made.keys.certificate], NOW)
    with pytest.raises(CheckFailed, match="issuer is unknown"):
        check_pdf(signed, [], NOW)


def test_a_certificate_holds_for_a_time(made: Made, signed: bytes) -> None:
    for moment in (NOW - 2 * DAY, NOW + 6 * 365 * DAY):
        with pytest.raises(CheckFailed, match="certificate holds from"):
            check_pdf(signed, [made.keys.certificate], moment)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"no PDF", b"%PDF-1.7\n/ByteRange [0 1 2 99]"])
def test_what_is_no_signed_file_is_said(made: Made, content: bytes) -> None:
    with pytest.raises(CheckFailed):
        check_pdf(content, [made.keys.certificate], NOW)
    with pytest.raises(InputError):
        sign_pdf(content, made.keys.pdf, made.keys.certificate, NOW)


def test_an_unsigned_file_is_said(made: Made) -> None:
    with pytest.raises(CheckFailed, match="not signed"):
        check_pdf(pdf({}), [made.keys.certificate], NOW)


def test_only_the_key_of_the_certificate_signs(made: Made, signed: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of another certificate"):
        sign_pdf(pdf({}), create_key(tmp_path, "other", kind=P256), made.keys.certificate, NOW)
    with pytest.raises(InputError, match="not signed yet"):
        sign_pdf(signed, made.keys.pdf, made.keys.certificate, NOW)
    with pytest.raises(InputError, match="kind Ed25519"):
        make_certificate(made.keys.credential, "Demo", NOW)


@pytest.mark.parametrize("company", ["", " x", "a\nb", "x" * 65, "\u202eevil"])
def test_a_name_that_cannot_stand_in_a_certificate_is_refused(made: Made, company: str) -> None:
    with pytest.raises(InputError, match="--company"):
        make_certificate(made.keys.pdf, company, NOW)


def test_certificates_come_back_from_pem(made: Made) -> None:
    assert read_pem(write_pem([made.keys.certificate] * 2), "") == [made.keys.certificate] * 2
    for wrong in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(InputError):
            read_pem(wrong, "certificates.pem")
