"""Random genealogies: whatever is certified, revoked and remelted in whatever order, no kilogram is covered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pcf.custody import Book
from pcf.custody.draws import Pool, calc_pool, calc_remelted, left_to_certify, read_certified, read_pool
from pcf.custody.remaining import GRAIN, read_remaining
from pcf.custody.tables import certificate_draw
from pcf.errors import DataError
from tests.custody import books
from tests.custody.certified import certify, certify_average, certify_remaining, end

_examples = count()
on_both = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Parts = dict[str, Fraction]


@dataclass
class Metal:
    """What is in the book, by a reckoning of its own: each unit as mixture of heats, told forwards when it is made."""

    mass: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    kind: dict[str, str] = field(default_factory=dict)
    of: dict[str, list[tuple[str, Fraction]]] = field(default_factory=dict)
    """What a kilogram of a unit is of each unit that went straight into it [kg]."""
    remelted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What of a unit was charged, as itself [kg]."""
    certified: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    """Standing certificates: what each covers, by unit; one of the product by heat [kg]."""

    def make(self, name: str, kind: str, kg: int, parts: dict[str, int]) -> None:
        self.mass[name] = self.left[name] = kg
        self.kind[name] = kind
        self.of[name] = [] if kind == "heat" else [(one, Fraction(mass, kg)) for one, mass in parts.items()]
        for one, mass in parts.items():
            self.left[one] -= mass
            if kind == "heat":
                self.remelted[one] += mass

    def behind(self, name: str) -> Parts:
        """A kilogram of a unit as kilograms of everything behind it, itself included."""
        found: Parts = defaultdict(Fraction, {name: Fraction(1)})
        for one, share in self.of[name]:
            for other, part in self.behind(one).items():
                found[other] += share * part
        return found

    def footprint(self, name: str, heats: dict[str, int]) -> Fraction:
        """Footprint of a unit by the recursion of what it was made of; trim bears none."""
        if self.kind[name] == "heat":
            return Fraction(heats[name])
        return sum((share * self.footprint(one, heats) for one, share in self.of[name]), Fraction(0))

    def gone(self, name: str) -> tuple[Fraction, Fraction]:
        """What of a unit is certified and remelted, at the unit or at anything made of it [kg]."""
        covered = sum(
            (kg * self.behind(one).get(name, Fraction(0)) for parts in self.certified.values() for one, kg in parts.items()),
            Fraction(0),
        )
        melted = sum((kg * self.behind(one).get(name, Fraction(0)) for one, kg in self.remelted.items()), Fraction(0))
        return covered, melted

    def rest(self) -> dict[str, Fraction]:
        """What is left of each heat [kg]."""
        return {name: kg - sum(self.gone(name)) for name, kg in self.mass.items() if self.kind[name] == "heat"}

    def room(self, wanted: dict[str, int]) -> bool:
        """Whether masses of units are neither certified nor remelted, there and at everything behind them."""
        behind: Parts = defaultdict(Fraction)
        for name, kg in wanted.items():
            for one, part in self.behind(name).items():
                behind[one] += kg * part
        return all(sum(self.gone(one)) + mass <= self.mass[one] for one, mass in behind.items())


steps = st.lists(
    st.tuples(
        st.sampled_from(["bundle", "coil", "mix", "shipment", "melt", "certify", "certify", "product", "product", "revoke"]),
        st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100),
    ),
    min_size=4, max_size=22,
)  # fmt: skip


def works(name: str) -> list[books.Entry]:
    """A site of its own with its scope and year."""
    return [
        ("site", {"id": name, "name": name, "timezone": "Asia/Shanghai", "party": "hq"}),
        ("scope", {"id": name, "name": name, "sites": name, "certificate": books.OWN}),
        ("period", {"scope": name, "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}),
    ]


class Story:
    """Steps played into a book and into the reckoning."""

    def __init__(self, book: Book) -> None:
        self.book, self.metal = book, Metal()
        self.site = f"X{next(_examples)}"
        self.prefix, self.pool = f"{self.site}-", Pool("hqaloop", self.site, 2025)
        self._names = count()
        books.enter_all(book, [*works(self.site), ("lot", books.lot(self.name("L"), 10_000_000, site=self.site))])
        self.lot = f"{self.prefix}L0"
        for _ in range(2):
            self.heat({}, 997)

    def name(self, letter: str) -> str:
        return f"{self.prefix}{letter}{next(self._names)}"

    def heat(self, charge: dict[str, int], more: int) -> bool:
        name = self.name("H")
        kg = sum(charge.values()) + more
        values = books.cast(name, {**charge, **({self.lot: more} if more else {})}, kg)
        if not self.enter("cast", values):
            return False
        self.metal.make(name, "heat", kg, charge)
        return True

    def enter(self, kind: str, values: dict[str, Any]) -> bool:
        problems = books.refused(self.book, kind, {**values, "date": "2025-02-20", "site": self.site})
        assert all("covers some" in problem for problem in problems)
        return not problems

    def stock(self) -> list[str]:
        return [name for name, kg in self.metal.left.items() if kg and self.metal.kind[name] != "shipment"]

    def play(self, step: tuple[str, int, int, int]) -> None:
        act, first, second, share = step
        stock = self.stock()
        if act == "certify":
            names = sorted(self.metal.mass)
            name = names[first % len(names)]
            self.certify(name, max(1, self.metal.mass[name] * share // 100))
        elif act == "product":
            self.certify_product(share)
        elif act == "revoke":
            if numbers := sorted(self.metal.certified):
                number = numbers[first % len(numbers)]
                end(self.book, number)
                del self.metal.certified[number]
        elif stock:
            one, other = stock[first % len(stock)], stock[second % len(stock)]
            taken = {one: max(1, self.metal.left[one] * share // 100)}
            if act in ("mix", "shipment", "melt") and other != one:
                taken[other] = max(1, self.metal.left[other] * (101 - share) // 100)
            self.step(act, taken)

    def step(self, act: str, taken: dict[str, int]) -> None:
        total = sum(taken.values())
        if act == "melt":
            fits = self.metal.room(taken)  # asked first: then it is in the book
            assert self.heat(taken, 13) == fits
            return
        name = self.name({"bundle": "B", "coil": "C", "mix": "M", "shipment": "S"}[act])
        if act == "shipment":
            self.enter("shipment", books.shipment(name, taken))
            self.metal.make(name, "shipment", total, taken)
            return
        kg = max(1, total * 6 // 7) if act == "coil" else total
        step = "rolling" if act == "coil" else "packing"
        self.enter("process", books.process(name, taken, kg, step=step, returns_kg=(total - kg) // 2))
        self.metal.make(name, "processed", kg, taken)

    def certify(self, name: str, kg: int) -> None:
        fits = self.metal.room({name: kg})
        try:
            self.metal.certified[certify(self.book, name, kg)] = {name: Fraction(kg)}
        except DataError:
            assert not fits
        else:
            assert fits

    def certify_product(self, share: int) -> None:
        """Some of all that is left, or a kilogram more than that; the first certificate has been one of a unit."""
        if not self.metal.certified:
            return
        rest = self.metal.rest()
        whole = sum(rest.values(), Fraction(0))
        kg = max(1, int(whole) * share // 90)
        try:
            number = certify_remaining(self.book, kg, self.pool)
        except DataError:
            assert kg > whole
        else:
            assert kg <= whole
            drawn = self.drawn(number)
            assert sum(drawn.values()) == kg
            assert all(abs(drawn.get(name, 0) - kg * mass / whole) <= len(rest) * GRAIN for name, mass in rest.items())
            self.metal.certified[number] = drawn

    def drawn(self, number: str) -> dict[str, Fraction]:
        """What a certificate has drawn of each unit, as the book has it [kg]."""
        query = select(certificate_draw.c.unit, certificate_draw.c.kg).where(certificate_draw.c.number == number)
        with self.book.read() as connection:
            return {name: Fraction(kg) for name, kg in connection.execute(query)}

    def told(self) -> Iterator[tuple[str, Fraction, Fraction]]:
        """What the book has certified and remelted of each unit [kg]."""
        with self.book.read() as connection:
            found = read_certified(connection, self.metal.mass)
            for name in self.metal.mass:
                yield name, found.get(name, Fraction(0)), calc_remelted(connection, [name])


@on_both
@given(played=steps)
def test_certified_remelted_and_the_rest_are_the_mass_of_each_heat(book: Book, played: list[tuple[str, int, int, int]]) -> None:
    story = Story(book)
    metal = story.metal
    for step in played:
        story.play(step)
    rest: dict[str, Fraction] = {}
    for name, certified, remelted in story.told():
        assert (certified, remelted) == metal.gone(name)
        rest[name] = metal.mass[name] - certified - remelted
        assert rest[name] >= 0
    with book.read() as connection:
        for name in metal.mass:
            room = left_to_certify(connection, name)
            assert metal.room({name: room})
            assert not metal.room({name: room + 1})
    # Made-up footprints of the heats: what is on the certificates, what went into other heats and the rest are the whole.
    heats = {name: 1 + number * number for number, name in enumerate(one for one in metal.mass if metal.kind[one] == "heat")}
    on_paper = sum(
        (kg * metal.footprint(name, heats) for parts in metal.certified.values() for name, kg in parts.items()), Fraction(0)
    )
    passed_on = sum((kg * metal.footprint(name, heats) for name, kg in metal.remelted.items()), Fraction(0))
    assert on_paper + passed_on + sum(rest[name] * heats[name] for name in heats) == sum(
        metal.mass[name] * heats[name] for name in heats
    )


@on_both
@given(played=steps)
def test_what_remains_is_what_no_certificate_and_no_heat_has_taken(book: Book, played: list[tuple[str, int, int, int]]) -> None:
    """At every step: certified mass times footprint, what went into other heats and the rest are what was cast, whatever came last."""
    story = Story(book)
    metal = story.metal
    emitted = footprints = Fraction(0)
    value: dict[str, int] = {}
    for step in played:
        story.play(step)
        with book.read() as connection:
            remaining = read_remaining(connection, story.pool)
        assert remaining == {name: kg for name, kg in metal.rest().items() if kg}
        value = {name: 1 + number * number for number, name in enumerate(metal.rest())}
        footprints = sum((remaining.get(name, 0) * each for name, each in value.items()), Fraction(0))
        taken = [*metal.certified.values(), {name: Fraction(kg) for name, kg in metal.remelted.items()}]
        footprints += sum((kg * metal.footprint(name, value) for parts in taken for name, kg in parts.items()), Fraction(0))
        emitted = sum((metal.mass[name] * Fraction(each) for name, each in value.items()), Fraction(0))
        assert footprints == emitted
    if certificates := [sum(parts.values()) for parts in metal.certified.values()]:
        assert all(kg == int(kg) for kg in certificates)
    if metal.certified:
        story.certify_product(90)  # all that is left: less than a kilogram is nobody's
        assert sum(metal.rest().values()) < 1


@on_both
@given(played=steps)
def test_whatever_is_left_can_be_certified_to_the_last_kilogram(book: Book, played: list[tuple[str, int, int, int]]) -> None:
    story = Story(book)
    for step in played:
        story.play(step)
    for name in sorted(story.metal.mass):
        with book.read() as connection:
            room = left_to_certify(connection, name)
        if room:
            story.certify(name, room)
        with book.read() as connection:
            assert left_to_certify(connection, name) == 0
    for name in story.metal.mass:
        if story.metal.kind[name] == "heat":
            covered, melted = story.metal.gone(name)
            assert story.metal.mass[name] - covered - melted < 1


@on_both
@given(certified=st.integers(1, 1_000), melted=st.integers(1, 1_000), trim=st.integers(0, 150))
def test_certify_then_melt_and_melt_then_certify_are_one(book: Book, certified: int, melted: int, trim: int) -> None:
    """Of a heat of 1,000 kg one part is certified by its coil, another melted from a bundle: both only where there are both."""
    taken = []
    for melt_first in (False, True):
        name = f"Y{next(_examples)}"
        books.enter_all(book, [
            ("lot", books.lot(f"{name}-L", 1_000)), ("cast", books.cast(name, {f"{name}-L": 1_000}, 1_000)),
            ("process", books.process(f"{name}-C", {name: 1_000}, 1_000 - trim)),
        ])  # fmt: skip
        certified_kg, melted_kg = (min(kg, 1_000 - trim) for kg in (certified, melted))
        acts = [
            lambda name=name, kg=certified_kg: certify(book, f"{name}-C", kg),
            lambda name=name, kg=melted_kg: books.enter(
                book, "cast", books.cast(f"{name}-J", {f"{name}-C": kg}, kg, date="2025-02-25")
            ),
        ]
        done = 0
        for act in reversed(acts) if melt_first else acts:
            try:
                act()
            except DataError:
                break
            done += 1
        assert done == (2 if certified_kg + melted_kg <= 1_000 - trim else 1)
        taken.append(done)
    assert taken[0] == taken[1]


@on_both
@given(
    acts=st.lists(st.tuples(st.sampled_from(["average", "melt", "void", "revoke"]), st.integers(1, 700)), min_size=3, max_size=14)
)
def test_averages_never_cover_more_than_was_cast_and_stands(book: Book, acts: list[tuple[str, int]]) -> None:
    name = f"Z{next(_examples)}"
    pool = Pool("hqaloop", name, 2025)
    books.enter_all(book, [
        *works(name),
        ("lot", books.lot(f"{name}-L", 100_000, site=name)),
        *(("cast", books.cast(f"{name}-{number}", {f"{name}-L": kg}, kg, site=name)) for number, kg in enumerate((500, 300, 40))),
    ])  # fmt: skip
    left, stands, certified, made = {0: 500, 1: 300, 2: 40}, {0: 500, 1: 300, 2: 40}, {}, 3
    for act, kg in acts:
        heat = kg % len(stands) if stands else 0
        heat = sorted(stands)[heat] if stands else 0
        cast = sum(stands.values())  # what other products have taken is no longer in it
        if act == "average":
            fits = sum(certified.values()) + kg <= cast
            try:
                certified[certify_average(book, kg, pool)] = kg
            except DataError:
                assert not fits
            else:
                assert fits
        elif act == "melt" and left.get(heat):
            taken = min(kg, left[heat])
            charge = {f"{name}-{heat}": taken}
            problems = books.refused(book, "cast", books.cast(f"{name}-M{made}", charge, taken, site=name, product="hqalight"))
            assert bool(problems) == (bool(certified) and cast - taken < sum(certified.values()))
            if not problems:
                left[heat] -= taken
                stands[heat] -= taken
            made += 1
        elif act == "void" and stands and left[heat] == stands[heat] == (500, 300, 40)[heat]:
            problems = books.refused(book, "void", books.void("cast", f"{name}-{heat}"))
            assert bool(problems) == (bool(certified) and cast - stands[heat] < sum(certified.values()))
            if not problems:
                del stands[heat], left[heat]
        elif act == "revoke" and certified:
            number = sorted(certified)[kg % len(certified)]
            end(book, number)
            del certified[number]
        with book.read() as connection:
            assert calc_pool(connection, pool) == sum(stands.values())
            assert read_pool(connection, pool) == sum(certified.values()) <= sum(stands.values())
