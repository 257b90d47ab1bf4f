"""Certificates of the sample: issued once for each tonne, numbered without a gap, signed, sealed, ended, issued anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.attachments import read_attachments
from pcf.certificate.gather import Gatherer
from pcf.certificate.issue import Office, issue, make_file, make_status_lists, prepare
from pcf.certificate.register import Entry, list_entries, make_lists, read_bundle, read_ends, read_entry, revoke
from pcf.certificate.seal import check_seal
from pcf.certificate.trust import load_issuer, rotate_issuer
from pcf.certificate.verify import holds
from pcf.custody.draws import left_to_certify, read_certified
from pcf.errors import DataError, EnvironmentProblem, InputError
from pcf.store.log import verify as verify_log
from tests.certificate.certificates import texts
from tests.certificate.offices import COILS, CUSTOMER, HEAT, INGOT, OTHER_HEAT, TODAY, failures, judge, order
from tests.custody import books

AVERAGE = {"kind": "product", "name": "hqalight", "site": "demo-smelter"}


def bundle(office: Office, entry: Entry) -> bytes:
    with office.book.read() as connection:
        return read_bundle(connection, entry)


def entries(office: Office) -> list[dict[str, Any]]:
    with office.book.read() as connection:
        return list_entries(connection, "", 100)


def drawn(office: Office, *names: str) -> dict[str, float]:
    with office.book.read() as connection:
        return {name: float(kg) for name, kg in read_certified(connection, names).items()}


def left(office: Office, name: str) -> int:
    with office.book.read() as connection:
        return left_to_certify(connection, name)


def log_is_sound(office: Office) -> bool:
    with office.book.read() as connection:
        return list(verify_log(connection)) == []


# What is issued ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "kg", "drawn_kg"),
    [
        ({"name": INGOT}, 200_000, {INGOT: 200_000, HEAT: 200_000}),
        ({"kind": "batch", "name": OTHER_HEAT}, 250_000, {OTHER_HEAT: 250_000}),
        ({"kind": "batch", "name": OTHER_HEAT, "mass_kg": 1_000}, 1_000, {OTHER_HEAT: 1_000}),
        ({**AVERAGE, "mass_kg": 500_000}, 500_000, {}),
    ],
    ids=["shipment", "batch", "part", "product"],
)
def test_what_is_issued_verifies_and_computes_again(
    office: Office, wanted: dict[str, Any], kg: int, drawn_kg: dict[str, int]
) -> None:
    entry = issue(office, order(**wanted), TODAY)
    assert (entry.number, entry.document["mass_kg"], entry.document["version"]) == ("PCF-2026-000001", kg, 1)
    assert entry.document["demonstration"] is True
    assert (entry.document["issued"], entry.document["valid_until"]) == ("2026-03-02", "2027-03-02")
    assert drawn(office, INGOT, HEAT, OTHER_HEAT) == drawn_kg
    sealed = bundle(office, entry)
    steps = judge(office, make_file(office, entry.number), sealed)
    assert list(failures(steps)) == []
    assert holds(steps)
    assert {step.key for step in steps if step.good is None} == set()
    assert check_seal(sealed).sealed == float(entry.document["footprint"]["value"])
    assert log_is_sound(office)


def test_a_coil_seals_its_heats_its_trim_and_the_steps_after_the_cast(office: Office) -> None:
    """SH-C-01: 190 of 190 t and 110 of 189 t of coil, from 220 t of slab each: 220 + 110/189 × 220 t of heat H12345."""
    entry = issue(office, order(name=COILS), TODAY)
    assert entry.document["footprint"]["gate"] == "product"
    sealed = bundle(office, entry)
    assert len(json.loads(sealed)["parts"]) == 2  # one heat behind both coils, and the later steps
    assert holds(judge(office, make_file(office, entry.number), sealed))
    masses = drawn(office, COILS, "COIL-0001", "COIL-0002", "H12345")
    assert masses["H12345"] == pytest.approx(220_000 + 110_000 / 189_000 * 220_000, abs=1e-6)
    assert masses["COIL-0002"] == 110_000


def test_the_file_carries_what_is_recorded_and_nothing_confidential(office: Office) -> None:
    entry = issue(office, order(), TODAY)
    files = {one.name: one.content for one in read_attachments(make_file(office, entry.number))}
    assert set(files) == {"certificate.json", "credential.json", "pact.json", "seal.json"}
    certificate = json.loads(files["certificate.json"])
    place = certificate.pop("log")
    assert certificate == {key: value for key, value in entry.document.items() if key != "log"}
    assert place["index"] == entry.seq
    assert json.loads(files["seal.json"])["sha256"] == entry.seal
    assert b'"links"' not in b"".join(files.values())


def test_what_is_recorded_bears_no_claim_on_recycled_content_unless_it_was_claimed(office: Office) -> None:
    without = issue(office, order(name=COILS, mass_kg=1_000, lang="en"), TODAY)
    assert without.document["recycled_content"] is None
    assert "Noneisclaimedwiththiscertificate" in "".join(texts(make_file(office, without.number)))
    # 300 t of coil; 100 t of post-consumer metal is claimed of them, a third.
    claim = {"attribute": "post-consumer", "basis": "credit", "mass_kg": 100_000}
    books.enter(office.book, "statement", books.statement("ST-1", COILS, date="2025-03-12", **claim))
    entry = issue(office, order(name=COILS, mass_kg=1_000, lang="en"), TODAY)
    content = entry.document["recycled_content"]
    assert content["post_consumer"] == pytest.approx(1 / 3)
    assert (content["pre_consumer"], content["basis"], content["claims"]) == (0.0, "credit", ["ST-1"])
    shown = "".join(texts(make_file(office, entry.number)))
    assert "33.3%" in shown
    assert "ST-1" in shown
    (problem,) = books.refused(office.book, "void", books.void("statement", "ST-1"))
    assert f"'ST-1', which certificate {entry.number} states" in problem
    revoke(office.book, entry.number, TODAY, "claim was wrong")
    books.enter(office.book, "void", books.void("statement", "ST-1"))


def test_a_match_that_a_certificate_stands_on_is_not_taken_back(office: Office) -> None:
    entry = issue(office, order(), TODAY)
    (problem,) = books.refused(office.book, "void", books.void("match", "M-2025-02"))
    assert f"'M-2025-02', on which certificate {entry.number} stands" in problem
    revoke(office.book, entry.number, TODAY, "power was wrong")
    books.enter(office.book, "void", books.void("match", "M-2025-02"))


def test_a_preview_records_nothing(office: Office) -> None:
    before = books.size(office.book)
    case, document = prepare(office, order(), TODAY)
    assert document["number"] == "PREVIEW"
    assert case.mass_kg == 200_000
    assert books.size(office.book) == before
    assert entries(office) == []


def test_what_was_prepared_is_issued_without_computing_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case, _ = prepare(office, order(), TODAY)
    monkeypatch.setattr(Gatherer, "gather", None)
    assert issue(office, order(), TODAY, case).seal == case.seal_sha256


# Numbers and keys --------------------------------------------------------------------------------------------------------


def test_numbers_have_no_gap_whatever_failed_between(office: Office) -> None:
    numbers = [issue(office, order("batch", OTHER_HEAT, 1_000), TODAY).number]
    for wanted in (order("batch", OTHER_HEAT, 250_000), order("batch", OTHER_HEAT, 1_000, valid_until=date(2040, 1, 1))):
        with pytest.raises((DataError, InputError)):
            issue(office, wanted, TODAY)
    numbers.append(issue(office, order("batch", OTHER_HEAT, 1_000), TODAY).number)
    numbers.append(issue(office, order("batch", OTHER_HEAT, 1_000), date(2027, 1, 4)).number)
    numbers.append(issue(office, order("batch", OTHER_HEAT, 1_000), date(2027, 1, 4)).number)
    assert numbers == ["PCF-2026-000001", "PCF-2026-000002", "PCF-2027-000001", "PCF-2027-000002"]
    shown = entries(office)
    assert [row["number"] for row in shown] == numbers[::-1]
    assert len({row["id"] for row in shown}) == 4
    assert all(len(row["id"]) == 32 for row in shown)


def test_a_repeat_under_the_same_key_is_the_same_certificate(office: Office) -> None:
    """All of the shipment: a second computation would find nothing left of it."""
    first = issue(office, order(key="K-1"), TODAY)
    size = books.size(office.book)
    assert issue(office, order(key="K-1"), TODAY + timedelta(days=3)) == first
    assert books.size(office.book) == size
    with pytest.raises(InputError, match=f"shipment {INGOT}: found nothing left to certify"):
        issue(office, order(key="K-2"), TODAY)


@pytest.mark.parametrize(
    "other",
    [
        {"name": OTHER_HEAT}, {"mass_kg": 2_000}, {"lang": "zh"}, {"customer": {**CUSTOMER, "name": "Somebody else"}},
        {"valid_until": date(2026, 12, 31)}, {"year": 2025},
    ],
    ids=str,
)  # fmt: skip
def test_a_key_is_for_one_request(office: Office, other: dict[str, Any]) -> None:
    wanted: dict[str, Any] = {"kind": "batch", "name": HEAT, "mass_kg": 1_000, "key": "K-1"}
    issue(office, order(**wanted), TODAY)
    with pytest.raises(InputError, match="--key: found 'K-1', under which PCF-2026-000001 was issued; expected the same request"):
        issue(office, order(**{**wanted, **other}), TODAY)
    assert len(entries(office)) == 1


@pytest.mark.parametrize("key", ["x" * 201, "a\nb"])
def test_a_key_is_a_short_text(office: Office, key: str) -> None:
    with pytest.raises(InputError, match="--key"):
        issue(office, order(key=key), TODAY)


def test_two_orders_without_a_key_are_two(office: Office) -> None:
    wanted = order("batch", OTHER_HEAT, 1_000)
    assert issue(office, wanted, TODAY).number != issue(office, wanted, TODAY).number


# Ends --------------------------------------------------------------------------------------------------------------------


def test_a_newer_certificate_takes_the_metal_of_the_one_that_it_replaces(office: Office) -> None:
    first = issue(office, order(), TODAY)
    assert left(office, INGOT) == 0
    second = issue(office, order(replaces=first.number, reason="wrong address", customer={**CUSTOMER, "address": "B 2"}), TODAY)
    assert (second.document["version"], second.document["replaces"]) == (2, first.id)
    assert drawn(office, INGOT) == {INGOT: 200_000}
    with office.book.read() as connection:
        (ended,) = read_ends(connection).values()
        (lists,) = make_lists(connection)
    assert (ended.number, ended.status, ended.replaced_by) == (first.number, "superseded", second.number)
    assert (lists.is_set(0), lists.is_set(1)) == (True, False)
    assert list(failures(judge(office, make_file(office, first.number)))) == [
        f"status: the certificate no longer holds, revocation: superseded: wrong address (2026-03-02); superseded by {second.identity}"
    ]
    assert holds(judge(office, make_file(office, second.number)))
    with pytest.raises(InputError, match=f"certificate {first.number}: found superseded on 2026-03-02: wrong address"):
        issue(office, order(mass_kg=5, replaces=first.number, reason="again"), TODAY)


def test_what_cannot_be_replaced(office: Office) -> None:
    coil = issue(office, order(name=COILS), TODAY)
    first = issue(office, order(mass_kg=1_000), TODAY)
    size = books.size(office.book)
    for wanted, says in (
        (order(mass_kg=1_000, replaces=coil.number, reason="r"), f"--replaces: found {coil.number}, of {COILS}; expected a certificate of {INGOT}"),
        (order(mass_kg=1_000, replaces="PCF-2026-000009", reason="r"), "certificate: found 'PCF-2026-000009'"),
        (order(mass_kg=1_000, replaces=first.number), "--reason: found ''; expected why"),
        (order(mass_kg=200_001, replaces=first.number, reason="r"), "mass_kg: found 200,001"),
    ):  # fmt: skip
        with pytest.raises(InputError) as problem:
            issue(office, wanted, TODAY)
        assert str(problem.value).startswith(says)
    assert books.size(office.book) == size
    assert entries(office)[0]["status"] == "active"


def test_matched_power_is_for_the_newer_certificate_too(office: Office) -> None:
    """MWh are matched to 500 t, which 500 t on certificates use up; the one that is replaced does not count beside its successor."""
    first = issue(office, order("batch", HEAT), TODAY)
    issue(office, order("batch", OTHER_HEAT), TODAY)
    assert issue(office, order("batch", HEAT, replaces=first.number, reason="r"), TODAY).document["mass_kg"] == 250_000


def test_a_certificate_is_revoked_once_and_its_metal_is_free(office: Office) -> None:
    first = issue(office, order(), TODAY)
    ended = revoke(office.book, first.number, TODAY, "wrong mass")
    size = books.size(office.book)
    assert revoke(office.book, first.id, TODAY + timedelta(days=9), "wrong mass") == ended  # a repeat, by its public id
    with pytest.raises(InputError, match=f"certificate {first.number}: found revoked on 2026-03-02: wrong mass"):
        revoke(office.book, first.number, TODAY, "another reason")
    assert books.size(office.book) == size
    second = issue(office, order(), TODAY)
    assert (second.number, second.document["version"]) == ("PCF-2026-000002", 1)
    assert [row["status"] for row in entries(office)] == ["active", "revoked"]
    assert not holds(judge(office, make_file(office, first.number)))
    assert holds(judge(office, make_file(office, second.number)))


@pytest.mark.parametrize(
    ("number", "day", "reason", "says"),
    [
        ("PCF-2026-000009", TODAY, "r", "certificate: found 'PCF-2026-000009'; expected the number or id of an issued certificate"),
        ("PCF-2026-000001", TODAY, " ", "--reason"), ("PCF-2026-000001", TODAY, "x" * 301, "--reason"),
        ("PCF-2026-000001", TODAY, "a\nb", "--reason"),
        ("PCF-2026-000001", TODAY - timedelta(days=1), "r", "--date: found 2026-03-01; expected the day of issue, 2026-03-02, or later"),
    ],
)  # fmt: skip
def test_what_is_no_revocation(office: Office, number: str, day: date, reason: str, says: str) -> None:
    issue(office, order(mass_kg=1_000), TODAY)
    with pytest.raises(InputError) as problem:
        revoke(office.book, number, day, reason)
    assert str(problem.value).startswith(says)
    assert entries(office)[0]["status"] == "active"


# What was recorded meanwhile ---------------------------------------------------------------------------------------------


def test_what_is_recorded_while_a_case_is_computed_leads_to_a_new_computation(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lot alone changes no footprint of this batch, but nobody can know before it is computed again."""
    computed, real = [], Gatherer.gather

    def gather(*arguments: Any) -> Any:
        case = real(*arguments)
        if not computed:
            books.enter(office.book, "lot", meanwhile("L-1"))
        computed.append(case.seal_sha256)
        return case

    monkeypatch.setattr(Gatherer, "gather", gather)
    entry = issue(office, order(), TODAY)
    assert len(computed) == 2
    assert entry.seal == computed[1]


def meanwhile(name: str) -> dict[str, Any]:
    more = {"site": "demo-smelter", "date": "2025-02-03", "supplier": "demo-group"}
    return books.lot(name, 1_000, **more)


def test_who_is_always_overtaken_is_told_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real, turns = Gatherer.gather, iter(range(100))

    def gather(*arguments: Any) -> Any:
        case = real(*arguments)
        books.enter(office.book, "lot", meanwhile(f"L-{next(turns)}"))
        return case

    monkeypatch.setattr(Gatherer, "gather", gather)
    with pytest.raises(EnvironmentProblem, match="the book was written to 3 times"):
        issue(office, order(), TODAY)
    assert entries(office) == []


def test_a_certificate_in_between_does_not_let_metal_or_power_be_used_twice(office: Office) -> None:
    """Both were computed before the first was recorded: the second one is held against the book as it then is."""
    cases = [prepare(office, order("batch", OTHER_HEAT, 200_000), TODAY)[0] for _ in range(2)]
    issue(office, order("batch", OTHER_HEAT, 200_000), TODAY, cases[0])
    with pytest.raises(DataError, match=r"at most the 50,000\.000 kg of L-0203-2"):
        issue(office, order("batch", OTHER_HEAT, 200_000), TODAY, cases[1])


# Published ---------------------------------------------------------------------------------------------------------------


def test_the_status_list_is_there_before_the_first_certificate(office: Office) -> None:
    assert set(make_status_lists(office, datetime.now(UTC))) == {"1.json"}


def test_new_keys_write_the_file_of_an_older_certificate(office: Office, tmp_path: Path, keys_folder: Path) -> None:
    """An office that has changed its keys since, and keeps the old ones among those that are public."""
    home = shutil.copytree(keys_folder, tmp_path / "home")
    entry = issue(office, order(), TODAY)
    rotate_issuer(home, "issuer", datetime.now(UTC), None)
    keys = load_issuer(home, "issuer", None)
    rotated = replace(office, keys=replace(keys, public=replace(keys.public, logs=office.keys.public.logs)))
    steps = judge(rotated, make_file(rotated, entry.number))
    assert list(failures(steps)) == []


def test_an_entry_is_found_by_number_and_by_id(office: Office, open_office: Callable[..., Office]) -> None:
    entry = issue(office, order(), TODAY)
    with open_office().book.read() as connection:
        assert read_entry(connection, entry.number) == read_entry(connection, entry.id) == entry
