"""What is to be certified, computed and checked: whatever cannot be certified is refused here, before anything is written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.certificate.admission import check_metal, check_result
from pcf.certificate.claims import read_claims
from pcf.certificate.draft import find_legs
from pcf.certificate.evidence import find_evidence
from pcf.certificate.interval import Part, find_interval
from pcf.certificate.joint import join_systems
from pcf.certificate.production import Production, check_certified, read_production
from pcf.certificate.profile import Profile, assess_flows
from pcf.certificate.received import check_lots
from pcf.certificate.seal import check_seal, make_seal, stage_nodes
from pcf.custody.batch import find_casthouse, prepare
from pcf.custody.batch_document import batch_document, remaining_document
from pcf.custody.draws import BATCH, Pool, calc_pool, find_masses, left_to_certify, pools_of, read_choice, read_pool
from pcf.custody.genealogy import AFTER_CAST
from pcf.custody.heats import Heats, heats_of, read_unit
from pcf.custody.models import weakest
from pcf.custody.plant_years import choose_site
from pcf.custody.remaining import apportion, read_remaining, too_much
from pcf.custody.tables import heat, site, unit
from pcf.engine import Footprint, at, calculate
from pcf.engine.montecarlo import Variant
from pcf.errors import CheckFailed, InputError
from pcf.methods import assess, document
from pcf.model import Method, read_request
from pcf.store.events import digest as digest_of
from pcf.store.log import log_size

WORDS = "en"
"""Language of what the documents behind a certificate say in words."""

MOST_HEATS, MOST_NAMED = 1000, 10_000
"""Heats behind one certificate: with charges of their own, each of which is computed, and all that are named."""

ELECTRICITY = "electricity"
"""Process of the power of a site."""


@dataclass(frozen=True)
class Request:
    """What somebody asks to be certified: a product of a site and year, or a unit.

    Parameters
    ----------
    kind : str
        `product`, `batch` or `shipment`.
    name : str
        Product, or id of a unit.
    site : str
        Site of the custody records, for a product alone; the only one that has cast it unless given.
    year : int, optional
        For a product alone; the newest of the site's data unless given.
    mass_kg : int, optional
        All that is left of the unit, or of the product's year, unless given.
    """

    kind: str
    name: str
    site: str = ""
    year: int | None = None
    mass_kg: int | None = None
    method: Method = field(default_factory=lambda: Method(low_voltage_pfc="included"))


@dataclass(frozen=True)
class Case:
    """A request with all that was computed for it; `size` is that of the log when it was read.

    Of a product whose year is certified by batch, `remaining` is what was left of each heat, and `draws` what of that is certified [kg];
    else None.
    """

    request: Request
    size: int
    pool: Pool
    mass_kg: int
    footprint: Mapping[str, Any]
    batch: Mapping[str, Any] | None
    evidence: Mapping[str, Mapping[str, str]]
    content: Mapping[str, Any] | None
    interval: Mapping[str, Any] | None
    power: float
    production: Production
    plant_sha256: str
    coc_model: str
    seal: bytes
    seal_sha256: str
    remaining: Mapping[str, Fraction] | None = None
    draws: Mapping[str, Fraction] | None = None

    @property
    def unit(self) -> str | None:
        """The unit that is certified, or None for a product."""
        return None if self.request.kind == "product" else self.request.name


@dataclass(frozen=True)
class _Found:
    pool: Pool
    mass_kg: int
    footprint: dict[str, Any]
    batch: dict[str, Any] | None
    total: float
    parts: Sequence[tuple[float, Any]]
    drawn: Sequence[Part]
    plant: _Product
    remaining: Mapping[str, Fraction] | None = None
    draws: Mapping[str, Fraction] | None = None


@dataclass(frozen=True)
class _Product:
    """A product at its plant in a year."""

    made: Footprint
    document: dict[str, Any]
    variant: Variant
    plant_sha256: str

    @property
    def power(self) -> float:
        """Electricity that the product takes at its own site [kWh/kg]."""
        system = self.made.system
        taken = [
            at(level, 0) / node.process.scale
            for node, level in zip(system.nodes, self.made.solution.activity, strict=True)
            if node.process.id == ELECTRICITY and node.scope is system.own
        ]
        return sum(taken)


@dataclass
class Gatherer:
    """Computes cases from one view of the book; what several of them share is computed once.

    Parameters
    ----------
    connection : Connection
        A consistent view: cases are as old as it is.
    """

    connection: Connection
    catalogue: Catalogue
    profile: Profile
    today: date
    _heats: Heats = field(init=False)
    _products: dict[tuple[Method, Pool], _Product] = field(default_factory=dict)
    _productions: dict[Pool, Production] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = assess_flows(self.catalogue, self.profile)
        self.size = log_size(self.connection)
        self._heats = Heats(self.connection, self.catalogue)

    def gather(self, request: Request, without: str = "") -> Case:
        """Compute what is to be certified, with three solvers, and check it.

        Parameters
        ----------
        without : str
            Number of a certificate that the new one takes the place of: its metal is free.

        Raises
        ------
        InputError
            For what is not recorded, of several products, sites or years, or without data of its own year.
        CheckFailed
            Where the solvers differ, a check of the result fails, a flow is unknown, or evidence is missing or expired.
        """
        connection = self.connection
        if request.kind == "product":
            self.profile.goods(request.name)
        found = self._product(request, without) if request.kind == "product" else self._unit(request, without)
        self.profile.goods(found.pool.product)
        heats = [] if found.batch is None else found.batch["heats"]
        for one in (found.footprint, *(item["footprint"] for item in heats)):
            check_result(one)
        masses = self._masses(request, found)
        check_lots(connection, self.catalogue, [item["batch"]["id"] for item in heats], self.today)
        attribution, legs = find_legs(found.footprint)
        plant = found.plant
        evidence = find_evidence(connection, found.pool, attribution, legs, masses, found.mass_kg, plant.power, without)
        production = self._production(found.pool, plant.document["site"]["id"])
        check_certified(connection, production, attribution, found.pool.product, masses, found.mass_kg, without)
        content, models = read_claims(connection, request.name) if request.kind == "shipment" else (None, [])
        models.append("mass-balance" if request.kind == "product" else "controlled-blending")
        bundle, digest = make_seal(found.parts, found.footprint, found.total)
        computed = check_seal(bundle)
        if not computed.agrees:
            raise CheckFailed(
                f"{request.kind} {request.name}: the solvers differ: {computed.sealed!r} here, {computed.brightway!r} by Brightway, "
                f"{computed.reference!r} by the reference solver; nothing was issued"
            )
        return Case(
            request, self.size, found.pool, found.mass_kg, found.footprint, found.batch, evidence, content,
            find_interval(found.drawn, self._heats.steady), plant.power, production, plant.plant_sha256, weakest(models).id, bundle,
            digest, found.remaining, found.draws,
        )  # fmt: skip

    def _masses(self, request: Request, found: _Found) -> dict[str, Fraction]:
        """What a certificate draws of each unit [kg]; nothing at the average of a pool."""
        if found.draws is not None:
            return dict(found.draws)
        return {} if found.batch is None else find_masses(self.connection, request.name, found.mass_kg)

    def _heats_by(self, method: Method) -> Heats:
        return self._heats.under(method)

    def _at_plant(self, pool: Pool, method: Method) -> _Product:
        """The product at the plant of its site in its year, whose own data have to be in."""
        if (method, pool) not in self._products:
            found, provisional = choose_site(self.catalogue, self._heats_by(method).plant(pool.site), pool.year)
            if provisional:
                raise CheckFailed(
                    f"site {pool.site}: found no data of {pool.year}, only earlier ones; expected the plant's data of the year; "
                    "pcf data import"
                )
            product, settings = read_request(self.catalogue, pool.product, method, site=found)
            made = calculate(self.catalogue, product, method, settings)
            self._products[(method, pool)] = _Product(
                made, document(made, assess(made), WORDS), Variant(product, method, settings),
                digest_of(asdict(self.catalogue.sites[found])),
            )  # fmt: skip
        return self._products[(method, pool)]

    def _production(self, pool: Pool, plant: str) -> Production:
        """What the casthouse of a product made at a plant in the year of its data."""
        if pool not in self._productions:
            sites = self._sites_of(plant, pool.year)
            self._productions[pool] = read_production(self.connection, self.catalogue, pool.product, plant, sites)
        return self._productions[pool]

    def _sites_of(self, plant: str, year: int) -> list[str]:
        """Sites of the records whose metal a plant's data of a year describe."""
        heats, found = self._heats_by(Method()), []
        for name in sorted(self.connection.execute(select(site.c.id)).scalars()):
            with suppress(InputError):  # one without a plant, or without data of the year, is of no plant of it
                if choose_site(self.catalogue, heats.plant(name), year)[0] == plant:
                    found.append(name)
        return found

    def _product(self, request: Request, without: str) -> _Found:
        catalogue = self.catalogue
        known = sorted(map(str, self.connection.execute(select(site.c.id)).scalars()))
        if request.site and request.site not in known:
            raise InputError("--site", repr(request.site), f"a site of the records: {', '.join(known) or 'there is none'}")
        if request.name not in catalogue.products:
            raise InputError("--product", repr(request.name), f"one of: {', '.join(sorted(catalogue.products))}")
        item = catalogue.products[request.name]
        if item.charge and find_casthouse(catalogue, request.name) != item.process:
            raise InputError(
                "--product", f"{request.name}, which is worked on after the cast", "a product as it is cast",
                "certify it by shipment: only then it is known what was made of which heat",
            )  # fmt: skip
        where = request.site or _only_site(self.connection, request.name)
        year = request.year or _newest(catalogue, self._heats_by(request.method).plant(where))
        pool = Pool(request.name, where, year)
        if read_choice(self.connection, pool) == BATCH:
            return self._remaining(pool, request, without)
        found = self._at_plant(pool, request.method)
        left = int(calc_pool(self.connection, pool)) - read_pool(self.connection, pool, without)
        mass = left if request.mass_kg is None else request.mass_kg
        if mass <= 0:
            raise _nothing_left(pool)
        system = found.made.system
        drawn = [Part(1.0, catalogue, found.variant, system)]
        return _Found(pool, mass, found.document, None, at(found.made.total, 0), [(1.0, system)], drawn, found)

    def _remaining(self, pool: Pool, request: Request, without: str) -> _Found:
        """Of a pool that is certified by batch: all that remains of it, as a shipment of all of its heats would be computed."""
        remaining = read_remaining(self.connection, pool, without)
        left = sum(remaining.values(), Fraction(0))
        mass = int(left) if request.mass_kg is None else request.mass_kg
        if left < 1:
            raise _nothing_left(pool)
        if mass > left:
            raise InputError(f"product {pool.product}, mass_kg", *too_much(pool, mass, remaining))
        heats, draws = self._heats_by(request.method), apportion(remaining, mass)
        plant = self._at_plant(pool, request.method)
        parts, drawn = self._parts(plant, heats, {name: float(kg / mass) for name, kg in draws.items()}, str(pool))
        batch = remaining_document(heats, pool, draws, WORDS)
        return _Found(
            pool, mass, plant.document, batch, batch["total"]["value"], parts, drawn, plant, remaining, draws,
        )  # fmt: skip

    def _unit(self, request: Request, without: str) -> _Found:
        connection, name, heats = self.connection, request.name, self._heats_by(request.method)
        row = read_unit(connection, name)
        if (request.kind == "shipment") != (row.kind == "shipment"):
            raise InputError(f"--{request.kind}", f"{name!r}, a {row.kind}", f"a {request.kind}")
        mass = request.mass_kg if request.mass_kg is not None else left_to_certify(connection, name, without)
        if mass <= 0:
            raise InputError(
                f"{request.kind} {name}", "nothing left to certify",
                "metal that no certificate covers, and that is no customer's own", "pcf certificate list",
            )  # fmt: skip
        shares = heats_of(connection, name)
        pools = pools_of(connection, shares)
        if len(pools) > 1:
            raise InputError(
                f"{request.kind} {name}", " and ".join(sorted(map(str, pools))), "heats of one product, site and year",
                "certify them apart, by batch",
            )  # fmt: skip
        pool = pools.pop()
        if not without:  # a first look, before anything is computed: of many who want the last tonne all but one are refused here
            check_metal(connection, f"{request.kind} {name}", name, mass, find_masses(connection, name, mass))
        batch = batch_document(heats, name, WORDS)
        plant = self._at_plant(pool, request.method)
        behind = find_masses(connection, name, row.mass_kg)
        weights = {heat: float(behind[heat] / row.mass_kg) for heat in shares}
        parts, drawn = self._parts(plant, heats, weights, f"{request.kind} {name}")
        if further := batch["further_steps"]["value"]:
            first = next(iter(shares))  # the steps are those of the product's year, whatever the heat
            whole = heats.footprint(first, gate="product").footprint
            weight = further / heats.further_steps(first)
            parts.append((weight, stage_nodes(whole.system, whole.solution, AFTER_CAST)))
            drawn.append(self._part(plant, heats, first, weight, "product", AFTER_CAST))
        return _Found(pool, mass, plant.document, batch, batch["total"]["value"], parts, drawn, plant)

    def _parts(
        self, plant: _Product, heats: Heats, weights: Mapping[str, float], what: str
    ) -> tuple[list[tuple[float, Any]], list[Part]]:
        """Heats with their weights [1], for the seal and for the draws; those that are the product of their plant are one.

        Raises
        ------
        InputError
            For more than can be sealed.
        """
        grouped: dict[str, tuple[str, list[float]]] = {}
        for name, weight in weights.items():
            product = heats.charge(name).product
            own = "" if self.catalogue.products[product].charge is None else name
            grouped.setdefault(own, (name, []))[1].append(weight)
        limits = ((len(weights), MOST_NAMED, "heats"), (len(grouped), MOST_HEATS, "heats with charges of their own"))
        for count, most, kind in limits:
            if count > most:
                raise InputError(
                    what, f"{count:,} {kind}", f"at most {most:,} behind one certificate",
                    "certify heats by batch or shipment first, or smaller shipments",
                )  # fmt: skip
        parts: list[tuple[float, Any]] = []
        drawn = []
        for name, each in grouped.values():
            weight = math.fsum(each)
            parts.append((weight, heats.footprint(name).footprint.system))
            drawn.append(self._part(plant, heats, name, weight, "cast"))
        return join_systems(parts), drawn

    def _part(self, plant: _Product, heats: Heats, heat: str, weight: float, gate: str, stage: str = "") -> Part:
        """A heat as its draws are computed: with its own charge, or where it has none as the product of its plant."""
        charge = heats.charge(heat)
        if self.catalogue.products[charge.product].charge is None:
            return Part(weight, self.catalogue, plant.variant, plant.made.system, stage)
        found = prepare(self.catalogue, charge, heats.method, replaces=False, gate=gate)
        system = heats.footprint(heat, gate=gate).footprint.system
        return Part(weight, found.catalogue, Variant(found.product, heats.method, found.settings), system, stage, found)


def _nothing_left(pool: Pool) -> InputError:
    return InputError(
        str(pool),
        "nothing left to certify",
        "metal that was cast, that no certificate covers and no customer owns",
        "pcf cast list",
    )


def _only_site(connection: Connection, product: str) -> str:
    """The site that has cast a product, where it is only one."""
    query = select(unit.c.site).join(heat, heat.c.unit == unit.c.id).where(heat.c.product == product).distinct()
    sites = sorted(map(str, connection.execute(query).scalars()))
    if len(sites) != 1:
        raise InputError(
            "--site", "nothing", f"one of: {', '.join(sites)}" if sites else f"a site that has cast {product}", "pcf cast list"
        )
    return sites[0]


def _newest(catalogue: Catalogue, plant: str) -> int:
    years = [site.year for name, site in catalogue.sites.items() if name == f"{plant}-{site.year}"]
    if not years:
        raise InputError("--site", plant, "a plant whose data are in", "pcf data import")
    return max(years)
