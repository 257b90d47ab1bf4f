"""Four eyes: who drafts does not release; a release computes anew and is recorded with its certificate, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pcf.certificate.drafting import draft_of, list_drafts, read_draft, reject, release, save_draft
from pcf.certificate.history import read_record
from pcf.certificate.issue import Office, issue
from pcf.certificate.rehearsal import rehearse
from pcf.custody import Book
from pcf.custody.draws import left_to_certify
from pcf.errors import CheckFailed, DataError, InputError
from pcf.store.log import log_size, verify
from tests.certificate.offices import INGOT, OTHER_HEAT, TODAY, order

ORDER = order("batch", OTHER_HEAT, 200_000, key="k", valid_until=date(2027, 1, 31))


@pytest.fixture
def strict(open_office: Callable[..., Office]) -> Office:
    """An issuer whose certificates need a second person."""
    return open_office(four_eyes=True)


def of(office: Office, actor: str) -> Office:
    """The same office in the hands of somebody."""
    return replace(office, book=Book(office.book.database, office.book.catalogue, actor))


def size(office: Office) -> int:
    with office.book.read() as connection:
        assert list(verify(connection)) == []
        return log_size(connection)


def left(office: Office) -> int:
    with office.book.read() as connection:
        return left_to_certify(connection, OTHER_HEAT)


def test_one_drafts_and_another_releases(strict: Office) -> None:
    identity = save_draft(of(strict, "lin").book, ORDER)
    assert left(strict) == 250_000, "a draft draws nothing"
    entry = release(of(strict, "zhao"), identity, TODAY)
    assert entry.document["mass_kg"] == 200_000
    assert entry.document["valid_until"] == "2027-01-31"
    assert left(strict) == 50_000
    with strict.book.read() as connection:
        draft = read_draft(connection, identity)
        assert draft_of(connection, entry.number) == draft
        assert [(item.what, item.actor) for item in read_record(connection, entry.number).history] == [
            ("drafted", "lin"), ("issued", "zhao"),
        ]  # fmt: skip
        assert [list_drafts(connection, waiting=waiting)[0] for waiting in (True, False)] == [0, 1]
    assert (draft.state, draft.drafter, draft.decider, draft.certificate) == ("released", "lin", "zhao", entry.number)
    assert replace(draft.order, customer=dict(ORDER.customer)) == replace(ORDER, customer=dict(ORDER.customer))
    size(strict)


def test_who_has_drafted_cannot_release(strict: Office) -> None:
    identity = save_draft(of(strict, "lin").book, ORDER)
    before = size(strict)
    with pytest.raises(CheckFailed, match="found a release by lin, who has drafted it; expected one by somebody else"):
        release(of(strict, "lin"), identity, TODAY)
    assert size(strict) == before


def test_nothing_is_issued_without_a_draft(strict: Office) -> None:
    before = size(strict)
    with pytest.raises(CheckFailed, match="four_eyes: found an issue by one person"):
        issue(strict, ORDER, TODAY)
    assert size(strict) == before


def test_a_draft_is_known_by_its_key(strict: Office) -> None:
    lin = of(strict, "lin").book
    identity = save_draft(lin, ORDER)
    before = size(strict)
    assert save_draft(lin, ORDER) == identity
    assert size(strict) == before
    with pytest.raises(InputError, match="under which something else was drafted"):
        save_draft(lin, replace(ORDER, lang="en"))
    assert save_draft(lin, replace(ORDER, key="")) != save_draft(lin, replace(ORDER, key=""))


def test_a_second_release_gives_the_same_certificate(strict: Office) -> None:
    identity = save_draft(of(strict, "lin").book, ORDER)
    entry = release(of(strict, "zhao"), identity, TODAY)
    before = size(strict)
    assert release(of(strict, "wang"), identity, TODAY).number == entry.number
    assert size(strict) == before


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "a\u202eb", "a\nb"])
def test_a_rejection_says_why(strict: Office, reason: str) -> None:
    identity = save_draft(of(strict, "lin").book, ORDER)
    before = size(strict)
    with pytest.raises(InputError, match="why, in at most 300 characters"):
        reject(strict.book, identity, reason)
    assert size(strict) == before


def test_what_was_rejected_is_never_released(strict: Office) -> None:
    identity = save_draft(of(strict, "lin").book, ORDER)
    reject(of(strict, "zhao").book, identity, "wrong customer")
    before = size(strict)
    with pytest.raises(InputError, match="rejected by zhao; expected a draft that waits"):
        release(of(strict, "wang"), identity, TODAY)
    with pytest.raises(InputError, match="a draft that waits"):
        reject(of(strict, "wang").book, identity, "again")
    assert size(strict) == before
    assert left(strict) == 250_000


def test_a_release_that_is_refused_leaves_the_draft_waiting(strict: Office) -> None:
    """Two drafts of 200 t on a heat of 250 t: the second one has no metal any more."""
    lin = of(strict, "lin").book
    first, second = (save_draft(lin, replace(ORDER, key=key)) for key in ("a", "b"))
    release(of(strict, "zhao"), first, TODAY)
    before = size(strict)
    with pytest.raises(DataError, match="50,000"):
        release(of(strict, "zhao"), second, TODAY)
    assert size(strict) == before
    with strict.book.read() as connection:
        assert read_draft(connection, second).state == "drafted"


# What is rehearsed ---------------------------------------------------------------------------------------------------------


def test_a_rehearsal_passes_what_an_issue_passes_and_records_nothing(office: Office) -> None:
    before = size(office)
    _, document = rehearse(office, order(), TODAY)
    assert size(office) == before
    issued = issue(office, order(), TODAY).document
    own = ("number", "id", "verify", "seal")  # a seal has a salt of its own
    assert {name: document[name] for name in document if name not in own} == {
        name: issued[name] for name in issued if name not in own
    }
    assert document["number"] == "PREVIEW"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"kind": "batch", "name": OTHER_HEAT, "mass_kg": 250_001}, "at most the mass of L-0203-2: 250,000"),
        ({"name": INGOT, "replaces": "PCF-2026-000009", "reason": "x"}, "PCF-2026-000009"),
        ({"name": INGOT, "replaces": "PCF-2026-000001", "reason": ""}, "--reason"),
        ({"kind": "product", "name": "hqalight", "site": "demo-smelter", "mass_kg": 499_001}, "at most the 499,000.000 kg of 2 heats"),
    ],
)  # fmt: skip
def test_a_rehearsal_refuses_what_an_issue_refuses(office: Office, wanted: dict[str, Any], says: str) -> None:
    issue(office, order(mass_kg=1_000), TODAY)
    before = size(office)
    asked = order(**wanted)
    for do in (rehearse, issue):
        with pytest.raises((InputError, CheckFailed), match=says):
            do(office, asked, TODAY)
    assert size(office) == before


def test_a_rehearsed_replacement_has_the_metal_of_what_it_replaces(office: Office) -> None:
    first = issue(office, order(), TODAY)
    before = size(office)
    _, document = rehearse(office, order(replaces=first.number, reason="new address"), TODAY)
    assert (document["version"], document["replaces"], document["mass_kg"]) == (2, first.id, 200_000)
    assert size(office) == before
