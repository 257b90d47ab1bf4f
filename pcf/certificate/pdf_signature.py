"""PAdES signatures of level B-B: bytes in, bytes out, without network and without a time-stamp authority.

A signature covers the whole file but itself. What it does not cover has one spelling only: the object in `/Contents` is exactly
what this module makes of certificate, digest and signature, in capital letters, filled up with zeros. So there is no bit of a
signed file that can change unseen.

References
----------
ETSI EN 319 142-1 (PAdES), ETSI EN 319 122-1 (CAdES), RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ISO 32000-2, 12.8.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pcf.certificate.x509 import company_name, fingerprint, period, public_key
from pcf.errors import CheckFailed, InputError
from pcf.store.keys import Signer

MOST_BYTES = 50_000_000
"""Largest file that is signed or read."""

FIELD = "Issuer"

_RESERVED = 8192
"""Hexadecimal digits kept free for the signature."""

_RANGE = re.compile(rb"/ByteRange *\[ *0 +(\d{1,10}) +(\d{1,10}) +(\d{1,10}) *\]")


@dataclass(frozen=True)
class Signed:
    """The one signature of a file that covers it whole: what it covers [digest], and the object that it is."""

    digest: bytes
    content: bytes
    certificate: bytes
    signature: bytes


def sign_pdf(pdf: bytes, signer: Signer, certificate: bytes, at: datetime, reason: str = "", location: str = "") -> bytes:
    """Sign a PDF file; the same file, certificate, time, reason and location give the same bytes but for the signature itself.

    Parameters
    ----------
    pdf : bytes
    signer : Signer
        P-256 key of the certificate.
    certificate : bytes
        X.509 in DER.
    at : datetime
        When it is signed, as the signer says; whole seconds of it count.
    reason, location : str
        Shown by viewers.

    Raises
    ------
    InputError
        For what is no PDF file that can be signed, and a certificate of another key.
    """
    check_pair(signer, certificate)
    return _write(
        pdf, certificate, at, reason, location,
        lambda digest: make_cms(certificate, digest, signer.sign(_signed_attributes(certificate, digest))),
    )  # fmt: skip


def _write(pdf: bytes, certificate: bytes, at: datetime, reason: str, location: str, make: Callable[[bytes], bytes]) -> bytes:
    """A file with what a signature needs behind it; `make` gives its object from the digest of the file."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    if at.tzinfo is None:
        raise InputError("time", at.isoformat(), "a time with its zone")
    if len(pdf) > MOST_BYTES:
        raise InputError("PDF file", f"{len(pdf):,} bytes", f"at most {MOST_BYTES:,}")
    if _candidates(pdf):
        raise InputError("PDF file", "a signature", "a file that is not signed yet")
    at = at.astimezone(UTC).replace(microsecond=0)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        seed = hashlib.sha256(pdf + certificate + at.isoformat().encode()).digest()
        _make_repeatable(writer, seed, generic)
        steps = PdfCMSEmbedder().write_cms(FIELD, writer)
        next(steps)
        reserved = SignatureObject(
            timestamp=at,
            subfilter=SigSeedSubFilter.PADES,
            reason=reason or None,
            location=location or None,
            bytes_reserved=_RESERVED,
        )
        steps.send(SigObjSetup(reserved))
        prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
        steps.send(make(prepared.document_digest))
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 - a damaged or hostile file makes the reader raise many kinds
        raise InputError("PDF file", f"{type(problem).__name__}: {str(problem)[:80]}", "a PDF file") from None
    found: bytes = output.getvalue()
    return found


def is_signed_form(signed: bytes, pdf: bytes) -> bool:
    """Whether a signed file is another one after `sign_pdf`, byte by byte, and nothing else. Its signature has to be right.

    Parameters
    ----------
    signed : bytes
        A file of one signature, which was checked.
    pdf : bytes
        The file before it was signed.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    about = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    reason, location = (str(about.sig_object[name]) if name in about.sig_object else "" for name in ("/Reason", "/Location"))
    at = about.self_reported_timestamp
    if at is None or not signed.startswith(pdf):
        return False
    again = _write(pdf, find_signature(signed).certificate, at, reason, location, lambda _: b"")
    start, stop = _candidates(signed)[0]
    return len(again) == len(signed) and (again[:start], again[stop:]) == (signed[:start], signed[stop:])


def check_pdf(pdf: bytes, trusted: Sequence[bytes], at: datetime) -> bytes:
    """Check the signature of a file; gives the certificate that made it. Nothing in the file is interpreted before it holds.

    Parameters
    ----------
    pdf : bytes
    trusted : sequence of bytes
        Certificates whose signatures count, in DER.
    at : datetime
        When the certificate has to hold.

    Raises
    ------
    CheckFailed
        When there is no signature, or none that covers the file whole, is in its one spelling, right, and by one of the
        certificates.
    """
    found = find_signature(pdf)
    check_intact(found)
    check_trusted(found, trusted, at)
    check_again(pdf, found, trusted, at)
    return found.certificate


def find_signature(pdf: bytes) -> Signed:
    """The signature of a file that covers all of it, in its one spelling; whether it is right is not said.

    Raises
    ------
    CheckFailed
        When there is none, or several, or bytes stand behind it or around it that it does not cover.
    """
    if len(pdf) > MOST_BYTES:
        raise CheckFailed(f"PDF file: found {len(pdf):,} bytes; expected at most {MOST_BYTES:,}")
    places = _candidates(pdf)
    if not places:
        raise CheckFailed("PDF file: it is not signed, or something was added after the signature")
    if len(places) > 1:
        raise CheckFailed("PDF file: several signatures cover it")
    start, stop = places[0]
    digits = pdf[start + 1 : stop - 1]
    if len(digits) != _RESERVED or pdf[start : start + 1] != b"<" or pdf[stop - 1 : stop] != b">":
        raise CheckFailed("PDF file: the signature does not cover all but itself")
    try:
        content, certificate, digest, signature = _read_cms(bytes.fromhex(digits.decode("ascii")))
        again = make_cms(certificate, digest, signature)
    except Exception as problem:  # noqa: BLE001 - damage shows in many ways
        raise CheckFailed(f"PDF file: the signature cannot be read: {type(problem).__name__}") from None
    if content != again or digits != content.hex().upper().encode().ljust(_RESERVED, b"0"):
        raise CheckFailed("PDF file: the signature or what fills it up was changed")
    covered = hashlib.sha256(pdf[:start])
    covered.update(pdf[stop:])
    if covered.digest() != digest:
        raise CheckFailed("PDF file: it was changed after it was signed")
    return Signed(digest, content, certificate, signature)


def check_intact(found: Signed) -> None:
    """Check that the key of the certificate has made the signature.

    Raises
    ------
    CheckFailed
        When it has not.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = public_key(found.certificate)
        key.verify(found.signature, _signed_attributes(found.certificate, found.digest), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise CheckFailed("PDF file: the signature is wrong") from None


def check_trusted(found: Signed, trusted: Sequence[bytes], at: datetime) -> None:
    """Check that one of some certificates made the signature, and that it holds.

    Raises
    ------
    CheckFailed
        When not.
    """
    if found.certificate not in trusted:
        raise CheckFailed(
            f"PDF file: the issuer is unknown: the signature calls itself {company_name(found.certificate)[:80]!r}, certificate "
            f"{fingerprint(found.certificate)[:16]}…, which no trusted issuer has"
        )
    start, stop = period(found.certificate)
    if not start <= at <= stop:
        raise CheckFailed(f"PDF file: the issuer's certificate holds from {start:%Y-%m-%d} to {stop:%Y-%m-%d}")


def check_again(pdf: bytes, found: Signed, trusted: Sequence[bytes], at: datetime) -> None:
    """Let pyHanko judge the same file: one signature, in one field, the last thing in the file.

    Raises
    ------
    CheckFailed
        When it says no.
    """
    try:
        verdict, count = _judge(pdf, found, trusted, at)
    except Exception as problem:  # noqa: BLE001 - as above
        raise CheckFailed(f"PDF file: a second reader cannot read it: {type(problem).__name__}: {str(problem)[:100]}") from None
    if count != 1 or not verdict:
        raise CheckFailed(f"PDF file: a second reader does not accept it ({count} signatures)")


def _judge(pdf: bytes, found: Signed, trusted: Sequence[bytes], at: datetime) -> tuple[bool, int]:
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(signatures) != 1:
        return False, len(signatures)
    roots = [x509.Certificate.load(item) for item in trusted if item == found.certificate]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at, revocation_mode="soft-fail")
    status = validate_pdf_signature(signatures[0], context)
    # `valid` speaks of the signature's own arithmetic and stays true when the file was changed; `bottom_line` is the answer.
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return bool(
        status.bottom_line and status.intact and status.trusted and whole and signatures[0].pkcs7_content == _padded(found)
    ), 1


def _padded(found: Signed) -> bytes:
    return found.content.ljust(_RESERVED // 2, b"\0")


def _candidates(pdf: bytes) -> list[tuple[int, int]]:
    """Start and end of what each `/ByteRange` leaves out that else reaches from the first byte to the last."""
    found = []
    for numbers in _RANGE.findall(pdf):
        start, stop, rest = map(int, numbers)
        if start < stop and stop + rest == len(pdf):
            found.append((start, stop))
    return found


def check_pair(signer: Signer, certificate: bytes) -> None:
    """Check that a key is the certificate's.

    Raises
    ------
    InputError
        When it is not.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        public = public_key(certificate).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except ValueError as problem:
        raise InputError("certificate", str(problem)[:80], "X.509 of a P-256 key") from None
    if public != signer.public_key:
        raise InputError(f"key {signer.name}", "the key of another certificate", "key and certificate of one pair")


def _make_repeatable(writer: Any, seed: bytes, generic: Any) -> None:
    """Let the file's id follow from its content instead of chance, and its metadata be what they were."""
    # The writer would put the time of the clock and its own name there, beside what the maker has declared (PDF/A).
    writer._update_meta = lambda: None
    first = writer._document_id[0] if "/ID" in writer.prev.trailer else generic.ByteStringObject(seed[16:])
    writer._document_id = generic.ArrayObject([first, generic.ByteStringObject(seed[:16])])


def _forms() -> tuple[Any, Any]:
    """Forms of CMS, complete: `tsp` adds attributes to those of `cms`, which has to happen before anything is read with them."""
    from asn1crypto import cms, tsp

    return cms, tsp


def _attributes(certificate: bytes, digest: bytes) -> Any:
    from asn1crypto import x509

    cms, tsp = _forms()
    known = x509.Certificate.load(certificate)
    identity = tsp.ESSCertIDv2({
        "hash_algorithm": {"algorithm": "sha256"},
        "cert_hash": hashlib.sha256(certificate).digest(),
        "issuer_serial": {
            "issuer": [x509.GeneralName(name="directory_name", value=known.issuer)], "serial_number": known.serial_number
        },
    })  # fmt: skip
    return cms.CMSAttributes([
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [identity]})]}),
    ])  # fmt: skip


def _signed_attributes(certificate: bytes, digest: bytes) -> bytes:
    """What the key signs."""
    return bytes(_attributes(certificate, digest).dump())


def make_cms(certificate: bytes, digest: bytes, signature: bytes) -> bytes:
    """The object of a signature; it follows from certificate, digest and signature alone."""
    from asn1crypto import x509

    cms, _ = _forms()
    known = x509.Certificate.load(certificate)
    algorithm = cms.DigestAlgorithm({"algorithm": "sha256"})
    signer = cms.SignerInfo({
        "version": "v1",
        "sid": cms.SignerIdentifier({
            "issuer_and_serial_number": cms.IssuerAndSerialNumber({"issuer": known.issuer, "serial_number": known.serial_number})
        }),
        "digest_algorithm": algorithm,
        "signed_attrs": _attributes(certificate, digest),
        "signature_algorithm": cms.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": signature,
    })  # fmt: skip
    content = cms.SignedData({
        "version": "v1",
        "digest_algorithms": cms.DigestAlgorithms((algorithm,)),
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices(name="certificate", value=known)],
        "signer_infos": [signer],
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": cms.ContentType("signed_data"), "content": content}).dump())


def _read_cms(padded: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Object, certificate, digest and signature."""
    from asn1crypto.parser import peek

    cms, _ = _forms()
    content = padded[: peek(padded)]
    data = cms.ContentInfo.load(content, strict=True)["content"]
    signer = data["signer_infos"][0]
    digests = [item["values"][0].native for item in signer["signed_attrs"] if item["type"].native == "message_digest"]
    return content, data["certificates"][0].chosen.dump(), digests[0], signer["signature"].native
