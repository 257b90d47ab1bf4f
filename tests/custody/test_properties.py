"""Properties of the book: conservation, order, run-around scrap, other input, voids; each example in a scope of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from math import floor
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pcf.custody import Book, import_rows
from pcf.custody.ledger import ACCOUNTS, read_sums
from pcf.custody.tables import document, unit
from pcf.errors import DataError
from pcf.store.log import verify
from pcf.store.people_schema import MUTABLE
from pcf.store.schema import event, metadata
from tests.custody import books
from tests.custody.books import ALUMINIUM, OWN, POST, PRE, SCRAP, Entry, Values, account, sums
from tests.custody.certified import certify, end

_examples = count()
on_both = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

YIELDS = {"scrap-ubc": "0.88", "scrap-can-trim": "0.97", "primary-delivery": "0.995"}


@dataclass(frozen=True)
class Plant:
    """A site in a scope of its own, with what hypothesis made for it."""

    lots: tuple[tuple[str, int], ...]
    heats: tuple[tuple[int, ...], ...]
    """Per cent of each lot in each heat."""
    product: tuple[int, ...]
    """Per cent of the charge that becomes product."""
    shipped: tuple[int, ...]
    """Per cent of each heat that is shipped."""
    scrap: bool
    order: tuple[int, ...] = ()

    def world(self, name: str) -> list[Entry]:
        site = {"id": name, "name": name, "timezone": "Asia/Shanghai", "party": "hq"}
        spans = [
            {"scope": name, "id": year, "start": f"{year}-01-01", "end": f"{year}-12-31"} for year in ("2025", "2026", "2027")
        ]
        return [
            ("site", site), ("scope", {"id": name, "name": name, "sites": name, "certificate": OWN}),
            *(("period", span) for span in spans),
            ("received", books.received(f"{name}-D", sum(mass for _, mass in self.lots) + 1)),
        ]  # fmt: skip

    def lot_entries(self, name: str) -> list[Entry]:
        makers = {"post": _post, "pre": _pre, "prime": books.lot, "internal": books.internal}
        return [
            ("lot", makers[kind](f"{name}-L{number}", mass, site=name, **({"document_reference": f"{name}-D"} if kind == "pre" else {})))
            for number, (kind, mass) in enumerate(self.lots)
        ]  # fmt: skip

    def heat_entries(self, name: str) -> list[Entry]:
        found: list[Entry] = []
        left = [mass for _, mass in self.lots]
        for number, shares in enumerate(self.heats):
            charge = {f"{name}-L{place}": left[place] * share // 100 for place, share in enumerate(shares)}
            charge = {one: mass for one, mass in charge.items() if mass}
            for place in range(len(left)):
                left[place] -= charge.get(f"{name}-L{place}", 0)
            total = sum(charge.values())
            product = -(-total * self.product[number] // 100)
            if not product:
                continue
            found.append(("cast", books.cast(f"{name}-H{number}", charge, product, site=name)))
            kg = product * self.shipped[number] // 100
            if kg:
                form = "scrap" if self.scrap and number == 0 else "ingot"
                found.append(("shipment", books.shipment(f"{name}-S{number}", {f"{name}-H{number}": kg}, site=name, form=form)))
        return found


def _post(name: str, mass: int, **more: Any) -> Values:
    return books.ubc(name, mass, **more)


def _pre(name: str, mass: int, document_reference: str, **more: Any) -> Values:
    return books.trim(name, mass, document_reference, **more)


masses = st.integers(1, 10**7)
lots = st.lists(st.tuples(st.sampled_from(["post", "pre", "prime", "internal"]), masses), min_size=1, max_size=6).map(tuple)


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    listed = draw(lots)
    heats = draw(st.integers(1, 3))
    share = st.integers(0, 100)
    return Plant(
        listed,
        tuple(draw(st.tuples(*(share for _ in listed))) for _ in range(heats)),
        draw(st.tuples(*(st.integers(85, 100) for _ in range(heats)))),
        draw(st.tuples(*(share for _ in range(heats)))),
        draw(st.booleans()),
    )


def build(book: Book, plant: Plant, *, order: list[int] | None = None) -> str:
    """Enter a plant and give the name of its scope."""
    name = f"X{next(_examples)}"
    books.enter_all(book, plant.world(name))
    entries = plant.lot_entries(name)
    entries = [entries[place] for place in order] if order else entries
    entries += plant.heat_entries(name)
    import_rows(book, [(kind, [(f"{kind} {number}", values)]) for number, (kind, values) in enumerate(entries)])
    return name


def balances(book: Book, scope: str, period: str = "2025") -> dict[str, dict[str, int]]:
    """Sums of every account by kind."""
    with book.read() as connection:
        return {name: dict(read_sums(connection, scope, name, period)) for name in ACCOUNTS}


def issue_share(book: Book, scope: str, plant: Plant, share: int) -> None:
    """Issue a share of what every shipment would bear, as far as the account lets it."""
    for number in range(len(plant.heats)):
        with book.read() as connection:
            found = connection.execute(select(unit.c.mass_kg).where(unit.c.id == f"{scope}-S{number}")).scalar()
        name = SCRAP if plant.scrap and number == 0 else ALUMINIUM
        kg = min(int(found or 0), max(account(book, name, scope=scope).available, 0)) * share // 100
        if kg:
            books.enter(book, "document", books.document(f"{scope}-S{number}", kg))


@on_both
@given(plant=plants(), share=st.integers(0, 100))
def test_what_was_issued_kept_and_lost_is_what_there_was(book: Book, plant: Plant, share: int) -> None:
    """Σ issued + positive balance + expired = Σ cap + balance brought along, over two periods (no overdraft)."""
    scope = build(book, plant)
    issue_share(book, scope, plant, share)
    caps = {name: account(book, name, scope=scope).cap for name in (ALUMINIUM, SCRAP, POST, PRE)}
    issued = {name: sums(book, name, scope=scope).get("issued", 0) for name in caps}
    first = books.close(book, "2025", scope)
    second = books.close(book, "2026", scope)
    for name, cap in caps.items():
        if name not in first:
            assert cap == issued[name] == 0
            continue
        kept = issued[name] + first[name].positive_balance + first[name].expired
        # Of a CoC input that both use, aluminium keeps first what is left (R22).
        assert kept <= cap if name == SCRAP else kept == cap
        carried = sums(book, name, "2026", scope).get("carried-in", 0)
        assert carried == first[name].positive_balance
        if carried:
            assert second[name].expired == carried
        assert sums(book, name, "2027", scope) == {}
    both = [name for name in (ALUMINIUM, SCRAP) if name in first]
    assert sum(issued[name] + first[name].positive_balance for name in both) <= sums(book, scope=scope).get("coc-in", 0)


@pytest.mark.usefixtures("in_2027")
@on_both
@given(plant=plants(), share=st.integers(1, 100), closes=st.integers(1, 2))
def test_what_is_taken_back_late_leaves_the_open_period_as_if_it_had_been_in_time(
    book: Book, plant: Plant, share: int, closes: int
) -> None:
    years = ["2025", "2026", "2027"]
    carried = []
    for late in (False, True):
        scope = build(book, plant)
        issue_share(book, scope, plant, share)
        with book.read() as connection:
            query = select(document.c.issuer, document.c.reference, document.c.unit).where(
                document.c.direction == "out", document.c.unit.startswith(f"{scope}-")
            )
            issued = connection.execute(query).all()
        if late:
            for year in years[:closes]:
                books.close(book, year, scope)
        day = f"{years[closes]}-02-01" if late else "2025-12-31"
        for row in issued:
            books.enter(book, "void", books.void("document", f"out/{row.issuer}/{row.reference}", date=day))
        for row in issued[:1]:
            books.enter(book, "void", books.void("shipment", row.unit, date=day))
        if not late:
            for year in years[:closes]:
                books.close(book, year, scope)
        carried.append({name: sums(book, name, years[closes], scope) for name in (ALUMINIUM, SCRAP, POST, PRE)})
    assert carried[0] == carried[1]


@on_both
@given(plant=plants())
def test_no_attribute_comes_out_of_a_furnace_that_did_not_go_in(book: Book, plant: Plant) -> None:
    """R22: credits ≤ Σ yield · mass of their class charged."""
    scope = build(book, plant)
    charged = {"post": 0.0, "pre": 0.0}
    for kind, values in plant.heat_entries(scope):
        if kind == "cast":
            for line in values["charge"].split(","):
                name, _, mass = line.partition("=")
                content = plant.lots[int(name.rpartition("-L")[2])][0]
                if content in charged:
                    charged[content] += int(mass) * float(YIELDS["scrap-ubc" if content == "post" else "scrap-can-trim"])
    assert sums(book, POST, scope=scope).get("credit", 0) <= charged["post"] + 1e-6
    assert sums(book, PRE, scope=scope).get("credit", 0) <= charged["pre"] + 1e-6


@on_both
@given(plant=plants(), random=st.randoms(use_true_random=False))
def test_the_order_of_bookings_inside_a_period_changes_no_balance(book: Book, plant: Plant, random: Any) -> None:
    order = list(range(len(plant.lots)))
    random.shuffle(order)
    assert balances(book, build(book, plant)) == balances(book, build(book, plant, order=order))


@on_both
@given(plant=plants(), mass=masses)
def test_run_around_scrap_changes_no_balance(book: Book, plant: Plant, mass: int) -> None:
    more = replace(plant, lots=(*plant.lots, ("internal", mass)), heats=tuple((*shares, 0) for shares in plant.heats))
    assert balances(book, build(book, plant)) == balances(book, build(book, more))


@on_both
@given(plant=plants(), mass=masses)
def test_other_input_lowers_the_percentage_and_never_raises_what_may_be_issued(book: Book, plant: Plant, mass: int) -> None:
    assume(any(kind in ("post", "pre") for kind, _ in plant.lots))
    more = replace(plant, lots=(*plant.lots, ("prime", mass)), heats=tuple((*shares, 0) for shares in plant.heats))
    before, after = (account(book, scope=build(book, item)) for item in (plant, more))
    assert before.percentage is not None and after.percentage is not None
    assert after.percentage < before.percentage
    assert after.available <= before.available
    total = before.sums["coc-in"] + before.sums["other-in"]
    shared = floor(before.percentage * total / (total + mass) * before.sums["out"])
    assert after.cap == min(shared, before.sums["coc-in"])  # and never more than came in (R22)


@on_both
@given(plant=plants(), mass=masses, kind=st.sampled_from(["post", "pre", "prime", "internal"]))
def test_a_void_leaves_every_balance_as_it_was(book: Book, plant: Plant, mass: int, kind: str) -> None:
    scope = build(book, plant)
    before = balances(book, scope)
    # The document of the world has one kilogram more than its lots.
    mass = 1 if kind == "pre" else mass
    maker = {"post": books.ubc, "prime": books.lot, "internal": books.internal}.get(kind)
    values = maker(f"{scope}-V", mass, site=scope) if maker else books.trim(f"{scope}-V", mass, f"{scope}-D", site=scope)
    books.enter(book, "lot", values)
    books.enter(book, "cast", books.cast(f"{scope}-HV", {f"{scope}-V": mass}, mass, site=scope))
    books.enter(book, "shipment", books.shipment(f"{scope}-SV", {f"{scope}-HV": mass}, site=scope))
    for void_kind, target in (("shipment", f"{scope}-SV"), ("cast", f"{scope}-HV"), ("lot", f"{scope}-V")):
        books.enter(book, "void", books.void(void_kind, target))
    assert balances(book, scope) == before


@on_both
@given(plant=plants(), kg=masses)
def test_an_issue_is_taken_exactly_when_shipment_and_account_cover_it(book: Book, plant: Plant, kg: int) -> None:
    scope = build(book, plant)
    for number in range(len(plant.heats)):
        entry = next(
            (item for kind, item in plant.heat_entries(scope) if kind == "shipment" and item["id"] == f"{scope}-S{number}"), None
        )
        if entry is None:
            continue
        name = SCRAP if entry["form"] == "scrap" else ALUMINIUM
        weight = int(entry["items"].rpartition("=")[2])
        allowed = kg <= min(account(book, name, scope=scope).available, weight)
        try:
            books.enter(book, "document", books.document(entry["id"], kg))
        except DataError:
            assert not allowed
        else:
            assert allowed
        assert account(book, name, scope=scope).available >= 0


def test_the_world_has_what_the_properties_stand_on(book: Book) -> None:
    name = build(book, Plant((("pre", 100), ("prime", 100)), ((100, 100),), (90,), (50,), scrap=False))
    assert sums(book, scope=name) == {"coc-in": 100, "other-in": 100, "out": 90}


def test_every_value_of_every_row_is_in_its_event(book: Book) -> None:
    """A column that no event names could be changed unseen."""
    scope = build(book, Plant((("post", 1_000), ("prime", 100)), ((100, 100),), (90,), (50,), scrap=False))
    month = {"site": scope, "time": "2025-02"}
    entries = [
        ("process", books.process("C", {f"{scope}-H0": 100}, 90, site=scope, returns_kg=5)),
        ("force-majeure", {"id": "FM", "scope": scope, "period": "2025", "account": ALUMINIUM, "date": "2025-01-01", "event": "e", "evidence": "e"}),
        ("document", books.document(f"{scope}-S0", 5)), ("statement", books.statement("ST", f"{scope}-S0")),
        ("meter", {**month, "leg": "grid", "mwh": 5}),
        ("power", {**month, "id": "E", "kind": "certificate", "leg": "grid", "mwh": 5, "technology": "wind", "registry": "GEC", "serials": "1-5", "cancelled_on": "2025-03-01"}),
        ("match", {"id": "M", "evidence": "E", "product": "hqaloop", "time": "2025-02", "mwh": 5, "mass_kg": 5}),
        ("contractor", {"id": "CO", "party": "buyer", "direction": "sent", "date": "2025-01-01", "mass_kg": 5, "scope": scope}),
        ("filing", {"id": "F", "scope": scope, "period": "2025", "part": 1, "date": "2025-01-01", "title": "t"}),
        ("void", books.void("match", "M")),
        ("party-amendment", {"id": "buyer", "name": "Buyer & Sons", "date": "2025-05-01", "reason": "a new name"}),
    ]  # fmt: skip
    for kind, values in entries:
        books.enter(book, kind, values)
    certificate = certify(book, f"{scope}-H0", 1)
    end(book, certificate)
    books.close(book, "2025", scope)
    seen = set()
    with book.read() as connection:
        for payload in connection.execute(select(event.c.payload)).scalars():
            for name, found in json.loads(payload)["rows"].items():
                seen.add(name)
                for row in found:
                    assert {*row, "event_seq"} == set(metadata.tables[name].c.keys())
        assert list(verify(connection)) == []
    # What no event holds: the log itself, and sealed calculations, of which a certificate has the digest. Those of people, the
    # PACT service, drafts, lists and samples have tests of their own.
    elsewhere = {name for name in metadata.tables if name.startswith(("api_", "pact_"))} | {"account", "saved_variant"} | MUTABLE
    elsewhere |= {"audit_sample", "certificate_draft", "certificate_listing"}
    assert seen == set(metadata.tables) - {"event", "log_tile", "log_head", "calculation_seal"} - elsewhere
