"""Forged, withdrawn and exchanged certificates: each is a clear no, with exit code 1 and without a traceback."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from pcf.certificate import pdf_signature
from pcf.certificate import render as press
from pcf.certificate.agreement import claims
from pcf.certificate.status_list import Reason, StatusList, status_entry
from pcf.store.canonical import canonical
from tests.certificate.attacking import Desk, resigned
from tests.certificate.certificates import ID
from tests.certificate.issuing import (
    ADDRESS,
    DAY,
    IDENTITY,
    NOW,
    Made,
    certificate,
    evidence,
    files_of,
    list_of,
    revoked,
    signed,
    signed_credential,
    signed_pdf,
    unsigned,
)


def saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def updated(content: bytes, change: Callable[[Any], None]) -> bytes:
    """A file with something written behind it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def other_number(writer: Any) -> None:
    """Another stream in place of the first page's."""
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def note(writer: Any) -> None:
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()


def test_the_genuine_one_is_accepted(desk: Desk, paper: bytes) -> None:
    code, found, run = desk.verify(paper)
    assert (code, found["outcome"], run.err) == (0, "current", "")


# Without the issuer's keys


@pytest.mark.parametrize("name", ["certificate.json", "credential.json", "pact.json", "seal.json"])
def test_an_exchanged_attachment_is_refused(desk: Desk, paper: bytes, name: str) -> None:
    with pikepdf.open(io.BytesIO(paper)) as document:
        content = document.attachments[name].get_file().read_bytes().replace(b"4.625", b"1.625")
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        assert desk.refused(saved(document))[0] == "signature"


@pytest.mark.parametrize("change", [note, other_number])
def test_what_is_written_behind_the_signature_is_refused(desk: Desk, paper: bytes, change: Callable[[Any], None]) -> None:
    assert desk.refused(updated(paper, change))[0] == "signature"
    assert desk.refused(paper + b"\n%%EOF\n")[0] == "signature"


def test_a_second_signature_over_a_changed_file_is_refused(
    desk: Desk, genuine: Made, thief: Made, paper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = updated(paper, other_number)
    monkeypatch.setattr(pdf_signature, "FIELD", "Second")
    key, why = desk.refused(signed(thief.keys, hidden))
    assert key == "issuer" and "unknown" in why
    assert desk.refused(signed(genuine.keys, hidden))[0] == "reader"  # the issuer himself does not sign twice either


def test_a_file_of_another_key_is_refused_whatever_it_calls_itself(desk: Desk, genuine: Made, thief: Made) -> None:
    assert thief.keys.public.name == genuine.keys.public.name and thief.keys.public.did == genuine.keys.public.did
    for content in (signed_pdf(thief), signed_pdf(genuine, keys=thief.keys)):  # all of it his own; around the genuine credential
        key, why = desk.refused(content)
        assert key == "issuer" and "unknown" in why and "calls itself '演示铝业有限公司'" in why
    key, why = desk.refused(signed_credential(thief))
    assert key == "proof" and "was changed" in why
    (desk.folder / "nobody").mkdir()
    assert desk.refused(signed_pdf(genuine), "--trust", str(desk.folder / "nobody"))[0] == "issuer"


def test_an_unsigned_file_is_refused(desk: Desk, genuine: Made) -> None:
    files = {"credential.json": signed_credential(genuine), **genuine.attachments}
    assert desk.refused(unsigned(files))[0] == "signature"


# Withdrawn, out of its time


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason(7, "wrong mass", "2026-02-28"), "revocation: wrong mass (2026-02-28)"),
        (Reason(7, "superseded", "2026-02-28", "urn:pcf:certificate:next"), "superseded by urn:pcf:certificate:next"),
        (None, "no longer holds, revocation"),
    ],
)
def test_a_withdrawn_certificate_is_refused(desk: Desk, genuine: Made, paper: bytes, reason: Reason | None, said: str) -> None:
    now = list_of(genuine.keys, StatusList.empty().with_bit(7, reason=reason), valid_from=NOW - DAY / 2)
    desk.trusted(genuine, genuine.status, now)
    key, why = desk.refused(paper)
    assert key == "status" and said in why
    assert desk.refused(paper, "--offline")[0] == "status"


def test_an_older_list_does_not_bring_a_withdrawn_certificate_back(desk: Desk, genuine: Made, paper: bytes) -> None:
    now = list_of(genuine.keys, revoked(), valid_from=NOW - DAY / 2)
    old = desk.file("old.json", genuine.status)
    desk.trusted(genuine, now)
    assert desk.refused(paper, "--list", str(old))[0] == "status"
    # Of the same second: the one that says no counts, in whatever order they come.
    desk.trusted(genuine, list_of(genuine.keys, revoked()))
    assert desk.refused(paper, "--list", str(old))[0] == "status"
    desk.trusted(genuine, genuine.status)
    assert desk.refused(paper, "--list", str(desk.file("new.json", now)))[0] == "status"


def test_a_suspended_certificate_is_refused(desk: Desk, genuine: Made) -> None:
    both = [status_entry(ADDRESS, 7), status_entry(f"{ADDRESS}s", 9, "suspension")]
    content = signed_pdf(genuine, signed_credential(genuine, status=both))
    assert desk.refused(content)[0] == "status"  # nobody knows
    arguments = {"address": f"{ADDRESS}s", "purpose": "suspension"}
    bits = StatusList.empty()
    desk.trusted(genuine, genuine.status, list_of(genuine.keys, bits.with_bit(9), **arguments))
    assert desk.refused(content)[0] == "status"
    desk.trusted(genuine, genuine.status, list_of(genuine.keys, bits, **arguments))
    assert desk.verify(content)[0] == 0


@pytest.mark.parametrize("case", ["thief", "expired", "future", "elsewhere", "purpose", "did", "short", "unsigned", "empty"])
def test_a_list_that_is_none_of_the_issuers_is_no_pass(desk: Desk, genuine: Made, thief: Made, paper: bytes, case: str) -> None:
    bits = StatusList.empty()
    content = {
        "thief": lambda: thief.status,
        "expired": lambda: list_of(genuine.keys, bits, valid_until=NOW - DAY / 2),
        "future": lambda: list_of(genuine.keys, bits, valid_from=NOW + DAY / 2),
        "elsewhere": lambda: list_of(genuine.keys, bits, address=f"{ADDRESS}0"),
        "purpose": lambda: list_of(genuine.keys, bits, purpose="suspension"),
        "did": lambda: list_of(genuine.keys, bits, issuer="did:web:other.example"),
        "short": lambda: genuine.status[:-100],
        "unsigned": lambda: canonical({k: v for k, v in json.loads(genuine.status).items() if k != "proof"}),
        "empty": lambda: b"",
    }[case]()
    desk.trusted(genuine)
    for options in ((), ("--offline",)):
        assert desk.refused(paper, "--list", str(desk.file("list.json", content)), *options)[0] == "status"
    desk.trusted(genuine, content)
    assert desk.refused(paper)[0] == "status"


def test_a_certificate_out_of_its_time_is_refused(desk: Desk, genuine: Made, paper: bytes) -> None:
    desk.trusted(genuine, list_of(genuine.keys, StatusList.empty(), valid_from=NOW - 3 * DAY, valid_until=NOW + 900 * DAY))
    for at, said in (("2026-03-02T12:00:01Z", "expired"), ("2026-02-28T11:59:59Z", "")):
        key, why = desk.refused(paper, at=at)
        assert key in ("period", "issuer") and said in why
    key, why = desk.refused(signed_pdf(genuine, signed_credential(genuine, valid_from=NOW + DAY / 2)))
    assert key == "period" and "holds from" in why
    assert desk.refused(paper, at="2036-01-01")[0] == "issuer"  # the issuer's own certificate is at its end


# With the issuer's key: what its owner, or who has stolen it, could pass off


def test_pages_of_another_certificate_are_refused(desk: Desk, genuine: Made) -> None:
    files = {"credential.json": signed_credential(genuine), **genuine.attachments}
    attached = [press.Attachment(name, content) for name, content in files.items()]
    other = certificate()
    other["footprint"] = {**other["footprint"], "value": "1.625", "printed": "1.63"}
    key, why = desk.refused(signed(genuine.keys, press.render(other, "both", attached)))
    assert key == "print" and "not those of the attached certificate" in why


@pytest.mark.parametrize("change", [note, other_number])
def test_pages_that_were_changed_before_they_were_signed_are_refused(
    desk: Desk, genuine: Made, change: Callable[[Any], None]
) -> None:
    plain = unsigned({"credential.json": signed_credential(genuine), **genuine.attachments})
    key, why = desk.refused(signed(genuine.keys, updated(plain, change)))
    assert key == "print" and "behind the pages" in why


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Rect [ 0 0 0 0 ]", b"/Rect [ 0 0 9 9 ]"),
        (b"/Subtype /Widget", b"/Subtype /Stamp "),
        (b"/T (Issuer)", b"/T (Issues)"),
        (b"/SigFlags 3", b"/SigFlagz 3"),
        (b"/Location", b"/AP 9 0 R"),
        (b"(zh\\055CN)", b"(fr\\055CN)"),
        (b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 9 595"),
    ],
)
def test_nothing_but_a_signature_that_is_not_seen_may_follow_the_pages(desk: Desk, genuine: Made, old: bytes, new: bytes) -> None:
    files = {"credential.json": signed_credential(genuine), **genuine.attachments}
    plain = unsigned(files)
    content = press_and_sign(genuine, plain)
    place = content.index(old, len(plain))
    assert desk.verify(content)[0] == 0
    forged = resigned(genuine.keys, content[:place] + new.ljust(len(old)) + content[place + len(old) :])
    assert desk.refused(forged)[0] in ("print", "reader")


def press_and_sign(made: Made, plain: bytes) -> bytes:
    from pcf.certificate.pdf_signature import sign_pdf

    return sign_pdf(plain, made.keys.pdf, made.keys.certificate, NOW, "certificate", "Zouping")


def second(**more: Any) -> dict[str, Any]:
    """Another genuine certificate: 1.625 tCO2e/t for somebody else."""
    found = certificate(number="PCF-2026-000124", **more)
    found["footprint"] = {**found["footprint"], "value": "1.625", "printed": "1.63"}
    return found


def test_the_credential_of_another_genuine_certificate_is_refused(desk: Desk, genuine: Made, paper: bytes) -> None:
    other = replace(genuine, known=second())
    assert desk.verify(signed_pdf(other))[0] == 0
    assert desk.refused(signed_pdf(genuine, signed_credential(other)))[0] == "digests"
    # Also where its digests are those of the file.
    mixed = signed_credential(other, attachments=genuine.attachments)
    key, why = desk.refused(signed_pdf(genuine, mixed))
    assert key == "content" and "are not the attached certificate" in why


def with_footprint(**changed: Any) -> dict[str, Any]:
    found = certificate()
    return {**found, "footprint": {**found["footprint"], **changed}}


@pytest.mark.parametrize(
    ("known", "arguments", "said"),
    [
        (with_footprint(value="4.626"), {}, "sealed value"),
        (with_footprint(printed="4.62"), {}, "printed value"),
        (certificate(seal={"sha256": "d" * 64}), {}, "digest of the seal"),
        (certificate(valid_until="2026-03-03"), {}, "validUntil"),
        (certificate(valid_until="2026-03-01"), {}, "validUntil"),
        (certificate(), {"identifier": "urn:pcf:certificate:another"}, "id of the credential"),
        (certificate(), {"identifier": f"{IDENTITY}x"}, "id of the credential"),
        (certificate(id="A" * 22), {}, "id for its verification"),
        (certificate(verify={**certificate()["verify"], "url": "https://evil.example/c/1"}), {}, "address"),
        (certificate(), {"evidence": []}, "no seal"),
        (certificate(), {"evidence": [evidence(certificate())] * 2}, "several"),
        (certificate(surprise=1), {}, "surprise"),
        (certificate(demonstration=1), {}, "demonstration"),
    ],
)  # fmt: skip
def test_places_that_do_not_say_the_same_are_refused(
    desk: Desk, genuine: Made, known: dict[str, Any], arguments: dict[str, Any], said: str
) -> None:
    files = {**files_of(certificate()), "certificate.json": canonical(known)}
    kept = genuine.keys  # the seal is the one of the certificate as it should be
    document = signed_credential(genuine, subject=claims(known), **{"attachments": files, **arguments})
    attached = [press.Attachment(name, content) for name, content in {"credential.json": document, **files}.items()]
    key, why = desk.refused(signed(kept, press.render(certificate(), "both", attached)))
    assert key == "content" and said in why


@pytest.mark.parametrize(
    "seal", [b"[]", b"{", b"1", *(canonical({**json.loads(files_of(certificate())["seal.json"]), **change}) for change in (
        {"sha256": "d" * 64}, {"value": 4.626}, {"value": True}, {"value": "x"}, {"value": 10**15}, {"unit": "kg"}, {"printed": "4.62"}, {"printed": None},
    ))],
)  # fmt: skip
def test_particulars_of_another_seal_are_refused(desk: Desk, genuine: Made, seal: bytes) -> None:
    files = {**files_of(certificate()), "seal.json": seal}
    assert desk.refused(signed_pdf(genuine, signed_credential(genuine, attachments=files), files))[0] == "content"


def test_a_tie_that_is_rounded_to_the_even_neighbour_is_refused(desk: Desk, genuine: Made) -> None:
    known = with_footprint(printed="4.62")  # sealed: 4.625
    assert desk.refused(signed_pdf(replace(genuine, known=known)))[0] == "printed"
    assert json.loads(files_of(certificate())["seal.json"])["printed"] == "4.63"


def test_claims_may_be_the_certificate_itself_under_a_url(desk: Desk, genuine: Made) -> None:
    for subject, good in (
        ({**certificate(), "id": f"urn:pcf:{ID}"}, True), ({**certificate(), "id": "urn:pcf:other"}, False),
        ({"certificate": certificate(), "id": IDENTITY}, True), ({"certificate": certificate(), "more": 1}, False),
        ({"product": "a356.2"}, False),
    ):  # fmt: skip
        content = signed_pdf(genuine, signed_credential(genuine, subject=subject))
        if good:
            assert desk.verify(content)[0] == 0
        else:
            assert desk.refused(content)[0] == "content"


def test_pages_of_other_versions_are_not_asked_about_but_all_else_is(
    desk: Desk, genuine: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "maker", lambda: "pcf 0.0.9, typst 0.14.0, pages 0123456789abcdef")
    old, forged = signed_pdf(genuine), signed_pdf(genuine, signed_credential(genuine, subject=claims(second())))
    monkeypatch.undo()
    code, found, _ = desk.verify(old)
    assert (code, found["outcome"]) == (0, "current")
    (step,) = [step for step in found["steps"] if step["step"] == "print"]
    assert step["result"] == "not-asked" and "pcf 0.0.9, typst 0.14.0" in step["why"]["en"]
    assert any("not set again" in line for line in found["limits"]["en"])
    assert desk.refused(forged)[0] == "content"
