"""Verification: a good certificate passes every step, and each way of forging one fails at its own."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.certificate.credential import log_evidence, seal_evidence
from pcf.certificate.draft import draft, printed
from pcf.certificate.seal import make_seal
from pcf.certificate.status_list import StatusList
from pcf.certificate.trust import Issuer, Trust
from pcf.certificate.verify import STEPS, Step, holds, verify
from tests.certificate.certificates import batch, footprint, particulars
from tests.certificate.issuing import (
    DAY,
    NOW,
    Made,
    certificate,
    event,
    evidence,
    in_log,
    issuer,
    list_of,
    on_an_empty_page,
    pdf,
    revoked,
    signed,
    signed_credential,
    signed_pdf,
)  # fmt: skip
from tests.certificate.test_seal import BY_HAND, SALT, small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return issuer(tmp_path_factory.mktemp("other"), did="did:web:other.example")


@pytest.fixture(scope="module")
def good(made: Made) -> bytes:
    return signed_pdf(made)


def failed(steps: list[Step]) -> tuple[str, str]:
    """The one step that says no, and why."""
    assert [step.key for step in steps] == list(STEPS)
    assert not holds(steps)
    (step,) = [step for step in steps if step.good is False]
    return step.key, step.values["why"]


def check(made: Made, content: bytes, **options: Any) -> list[Step]:
    return verify(content, options.pop("trust", made.trust), at=options.pop("at", NOW), **options)


def test_a_good_certificate_passes_every_step(made: Made, good: bytes, tmp_path: Path) -> None:
    steps = check(made, good)
    assert holds(steps)
    assert {step.key for step in steps if step.good is None} == {"seal", "recomputed"}
    path = tmp_path / "certificate.pdf"
    path.write_bytes(good)
    assert verify(path, made.trust, at=NOW) == steps


def test_a_credential_alone_is_verified_too(made: Made) -> None:
    steps = check(made, signed_credential(made))
    assert holds(steps)
    assert {step.key for step in steps if step.good} == {
        "file",
        "credential",
        "proof",
        "content",
        "status",
        "period",
        "log",
        "coverage",
        "printed",
    }


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_flipped_bit_goes_unseen(made: Made, good: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    damaged = bytearray(good)
    damaged[place] ^= 1 << bit
    assert failed(check(made, bytes(damaged)))


@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.7\n", b"{", b'{"proof":']))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_no_exception_comes_out(made: Made, content: bytes, head: bytes) -> None:
    failed(check(made, head + content))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_cut_file_is_no_certificate(made: Made, good: bytes, end: int) -> None:
    failed(check(made, good[: min(end, len(good) - 1)]))


def test_a_file_that_is_not_there_is_a_step(made: Made, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.pdf", tmp_path):
        assert failed(verify(path, made.trust, at=NOW))[0] == "file"


def test_an_unknown_issuer_is_said(made: Made, other: Made, good: bytes) -> None:
    for trust in (Trust(), other.trust):
        key, why = failed(check(made, good, trust=trust))
        assert key == "issuer" and "unknown" in why and "演示铝业有限公司" in why
        key, why = failed(check(made, signed_credential(made), trust=trust))
        assert key == "proof" and "unknown" in why


def test_a_swapped_attachment_is_detected(made: Made, good: bytes) -> None:
    with pikepdf.open(io.BytesIO(good)) as document:
        document.attachments["pact.json"] = pikepdf.AttachedFileSpec(document, b'{"pcf":"0.01"}', filename="pact.json")
        out = io.BytesIO()
        document.save(out)
    assert failed(check(made, out.getvalue()))[0] == "signature"
    # The issuer himself has signed a file with another attachment, one too many, one too few.
    fewer = {name: content for name, content in made.attachments.items() if name != "pact.json"}
    for files, why in (
        ({**made.attachments, "pact.json": b'{"pcf":"0.01"}'}, "was changed"),
        ({**made.attachments, "more.json": b"{}"}, "is not in the credential"),
        (fewer, "is missing"),
    ):
        found = failed(check(made, signed_pdf(made, files=files)))
        assert found[0] == "digests" and why in found[1]


@pytest.mark.parametrize("name", ["../evil.json", "a/b.json", "C:evil", ".hidden"])
def test_names_of_attachments_that_lead_elsewhere_are_refused(made: Made, name: str) -> None:
    key, why = failed(check(made, on_an_empty_page(made, **{name: b"x"})))
    assert key == "attachments" and "plain file name" in why


def test_an_attachment_that_unpacks_without_end_is_refused(made: Made) -> None:
    key, why = failed(check(made, on_an_empty_page(made, **{"bomb.json": bytes(30_000_000)})))
    assert key == "attachments" and "more than" in why


def test_a_file_signed_anew_by_another_trusted_issuer_is_detected(made: Made, other: Made) -> None:
    both = Trust((*made.trust.issuers, *other.trust.issuers))
    forged = signed_pdf(made, keys=other.keys)
    key, why = failed(check(made, forged, trust=both))
    assert key == "same-issuer" and "did:web:other.example" in why
    assert failed(check(made, forged))[0] == "issuer"


def test_an_unsigned_file_is_no_certificate(made: Made, good: bytes) -> None:
    files = {"credential.json": signed_credential(made), **made.attachments}
    assert failed(check(made, pdf(files)))[0] == "signature"
    assert failed(check(made, good + b"\n"))[0] == "signature"


def test_a_file_without_a_credential_is_no_certificate(made: Made) -> None:
    for files in ({}, {"credential.json": signed_credential(made)}, made.attachments):
        assert failed(check(made, signed(made.keys, pdf(files))))[0] == "attachments"


def test_a_changed_credential_in_a_signed_file_is_detected(made: Made) -> None:
    changed = signed_credential(made).replace(b'"printed":"4.63"', b'"printed":"1.63"')
    assert failed(check(made, signed_pdf(made, content=changed)))[0] == "proof"
    assert failed(check(made, signed_pdf(made, content=changed + b"\n")))[0] == "credential"


def test_a_revoked_certificate_says_why_and_what_came_instead(made: Made, good: bytes) -> None:
    key, why = failed(check(made, good, lists=[list_of(made.keys, revoked(), valid_from=NOW - DAY / 2)]))
    assert key == "status"
    assert "wrong mass (2026-02-28); superseded by urn:uuid:2" in why


def without_lists(made: Made) -> Trust:
    return Trust(tuple(replace(item, lists=()) for item in made.trust.issuers))


def test_a_status_that_nobody_can_look_up_is_no_pass(made: Made, other: Made, good: bytes) -> None:
    assert failed(check(made, good, trust=without_lists(made)))[0] == "status"
    steps = check(made, good, trust=without_lists(made), offline=True)
    assert holds(steps)
    assert next(step for step in steps if step.key == "status").good is None  # open, not passed
    wrong = [list_of(other.keys, StatusList.empty())]
    assert failed(check(made, good, trust=without_lists(made), lists=wrong, offline=True))[0] == "status"
    assert failed(check(made, signed_pdf(made, signed_credential(made, status=[]))))[0] == "status"


def test_a_certificate_has_its_period(made: Made, good: bytes) -> None:
    late = list_of(made.keys, StatusList.empty(), valid_until=NOW + 100 * DAY)
    key, why = failed(check(made, good, at=NOW + 2 * DAY, lists=[late]))
    assert key == "period" and "expired" in why
    future = signed_credential(made, valid_from=NOW + DAY / 2)
    assert failed(check(made, signed_pdf(made, future)))[0] == "period"
    assert failed(check(made, of_something(made, valid_until=None)))[0] == "period"


def with_log(made: Made, place: dict[str, Any]) -> bytes:
    return signed_credential(made, evidence=[evidence(made.known), place])


def test_the_place_in_the_log_is_checked(made: Made, other: Made) -> None:
    proof = in_log(made, event(made.known))
    assert holds(check(made, with_log(made, proof)))
    for change in (
        {"payload": '{"id":"urn:uuid:2"}'}, {"index": 0}, {"size": 4}, {"path": proof["path"][:1]}, {"path": ["00"]}, {"path": ["x"]},
        {"head": "no head"}, {"head": in_log(other, proof["payload"])["head"]}, {"payload": 5}, {"index": True},
    ):  # fmt: skip
        assert failed(check(made, with_log(made, {**proof, **change})))[0] == "log", change
    key, why = failed(check(made, with_log(made, in_log(made, '{"id":"urn:uuid:2"}'))))
    assert key == "log" and "another one's" in why
    assert failed(check(made, with_log(made, log_evidence("[" * 5000, 0, 1, [], "x"))))[0] == "log"
    steps = check(made, signed_credential(made, evidence=[evidence(made.known)]))
    assert holds(steps) and next(step for step in steps if step.key == "log").good is None


def sealed(made: Made, value: float = BY_HAND, printed: str = "0.023", bundle_value: float = BY_HAND) -> tuple[bytes, bytes]:
    bundle, digest = make_seal([(1.0, small())], {}, bundle_value, SALT)
    known = certificate(seal={"sha256": digest})
    known["footprint"] = {**known["footprint"], "value": repr(value), "printed": printed}
    return signed_pdf(replace(made, known=known)), bundle


def test_a_sealed_calculation_is_computed_again(made: Made, tmp_path: Path) -> None:
    content, bundle = sealed(made)
    steps = check(made, content, bundle=bundle)
    assert holds(steps)
    assert all(step.good for step in steps)
    path = tmp_path / "seal.json"
    path.write_bytes(bundle)
    assert holds(check(made, content, bundle=path))


@pytest.mark.parametrize("changed", [{"mass_kg": 1}, {"number": "PCF-1"}, {"details": '{"document": {}}'}])
def test_a_log_that_has_drawn_something_else_is_seen(made: Made, changed: dict[str, Any]) -> None:
    content = with_log(made, in_log(made, event(made.known, **changed)))
    assert failed(check(made, content))[0] == "coverage"


@pytest.fixture(scope="module")
def remaining() -> dict[str, Any]:
    """A certificate of what remains of two heats, of 200,000 kg: 150,000 and 50,000 kg of them."""
    day = (NOW + DAY).date().isoformat()
    return draft(footprint(), batch("remaining"), particulars(issued="2026-02-28", valid_until=day))


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        ({"H-1": "150000", "H-2": "50000"}, ""),
        ({}, "the log has drawn on 0 heats, the certificate is the average of the remaining metal of 2"),
        ({"H-1": "200000"}, "the log has drawn on 1 heats, the certificate is the average of the remaining metal of 2"),
        ({"H-1": "150000", "OTHER": "50000"}, "the log has drawn on 2 heats"),
        ({"H-1": "150000", "H-2": "50000", "H-3": "1"}, "the log has drawn on 3 heats"),
        ({"H-1": "150000", "H-2": "49999"}, "the log has drawn 199,999.000 kg, the certificate is of 200000 kg"),
        ({"H-1": "50000", "H-2": "150000"}, "the log has drawn 50,000.000 kg of H-1, the certificate names a share of 0.75"),
        ({"H-1": "-150000", "H-2": "350000"}, "the log has drawn -150,000.000 kg of H-1"),
        ({"H-1": "1/0", "H-2": "50000"}, "ZeroDivisionError"),
    ],
    ids=str,
)  # fmt: skip
def test_draws_on_other_heats_or_in_other_shares_are_seen(
    made: Made, remaining: dict[str, Any], drawn: dict[str, str], says: str
) -> None:
    """Of an issuer who has signed a log in which something else was drawn than his certificate says."""
    of = replace(made, known=remaining)
    payload = json.loads(event(remaining))
    payload["rows"]["certificate_draw"] = [{"unit": name, "kg": kg} for name, kg in drawn.items()]
    content = signed_credential(of, evidence=[evidence(remaining), in_log(made, json.dumps(payload))])
    steps = check(made, content)
    if says:
        key, why = failed(steps)
        assert key == "coverage"
        assert why.startswith(says)
    else:
        assert holds(steps)


def test_an_average_of_the_period_draws_on_no_heat(made: Made) -> None:
    payload = json.loads(event(made.known))
    payload["rows"]["certificate_draw"] = [{"unit": "H-1", "kg": "200000"}]
    key, why = failed(check(made, with_log(made, in_log(made, json.dumps(payload)))))
    assert (key, why) == ("coverage", "the log has drawn on 1 heats, the certificate is the average of the period metal of 0")


def test_another_bundle_or_number_is_detected(made: Made) -> None:
    content, bundle = sealed(made)
    flip = bytearray(bundle)
    flip[50] ^= 1
    assert failed(check(made, content, bundle=bytes(flip)))[0] == "seal"
    assert failed(check(made, content, bundle=Path("nowhere")))[0] == "seal"
    content, bundle = sealed(made, bundle_value=BY_HAND * 1.01)
    assert failed(check(made, content, bundle=bundle))[0] == "recomputed"
    content, bundle = sealed(made, value=0.02, printed="0.020", bundle_value=0.02)
    key, why = failed(check(made, content, bundle=bundle))
    assert key == "recomputed" and "Brightway" in why
    content, bundle = sealed(made, printed="0.022")
    assert failed(check(made, content))[0] == "printed"
    for shown in ("NaN", "about 1", 0.023, None):
        seal = seal_evidence("0" * 64, BY_HAND, "tCO2e/t", shown)  # type: ignore[arg-type]
        assert failed(check(made, of_something(made, evidence=[seal])))[0] == "printed"


def of_something(made: Made, **changed: Any) -> bytes:
    """A credential of no certificate."""
    return signed_credential(made, subject={"product": "a356.2"}, **changed)


def test_a_credential_of_something_else_is_not_asked_about_a_certificate(made: Made) -> None:
    steps = check(made, of_something(made))
    assert holds(steps) and next(step for step in steps if step.key == "content").values["reason"] == "no-certificate"


@pytest.mark.parametrize(
    ("value", "shown", "other"),
    # Halves that a double holds exactly; to the even neighbour they would go down.
    [
        (4.625, "4.63", "4.62"),
        (0.0625, "0.063", "0.062"),
        (2.125, "2.13", "2.12"),
        (10.25, "10.3", "10.2"),
        (1000.5, "1001", "1000"),
    ],
)
def test_a_tie_is_rounded_half_up_as_the_pages_do(made: Made, value: float, shown: str, other: str) -> None:
    assert printed(value) == shown
    for text, good in ((shown, True), (other, False)):
        content = of_something(made, evidence=[seal_evidence("0" * 64, value, "tCO2e/t", text)])
        steps = check(made, content)
        assert holds(steps) == good
        if not good:
            assert failed(steps)[0] == "printed"


def test_a_bundle_for_a_certificate_without_a_seal_is_no_pass(made: Made) -> None:
    assert failed(check(made, of_something(made, evidence=[]), bundle=sealed(made)[1]))[0] == "seal"


def test_a_key_that_is_not_the_issuers_any_more_is_not_trusted(made: Made, other: Made, good: bytes) -> None:
    (known,) = made.trust.issuers
    changed: Issuer = replace(known, keys=dict.fromkeys(known.keys, other.keys.credential.public_key))
    assert failed(check(made, good, trust=Trust((changed,))))[0] == "proof"
