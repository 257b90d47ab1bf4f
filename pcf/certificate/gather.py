"""What is to be certified, computed and checked: whatever cannot be certified is refused here, before anything is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.certificate.draft import find_legs
from pcf.certificate.evidence import find_evidence, lots_behind
from pcf.certificate.interval import Part, find_interval
from pcf.certificate.particulars import LONGEST_VALIDITY
from pcf.certificate.profile import Profile, assess_flows
from pcf.certificate.seal import check_seal, make_seal, stage_nodes
from pcf.custody.batch import find_casthouse, prepare
from pcf.custody.batch_document import batch_document
from pcf.custody.draws import Pool, calc_pool, find_masses, left_to_certify, pools_of, read_pool
from pcf.custody.genealogy import AFTER_CAST
from pcf.custody.heats import Heats, heats_of, read_unit
from pcf.custody.masters import read_now
from pcf.custody.models import weakest
from pcf.custody.plant_years import choose_site
from pcf.custody.statements import read_statement
from pcf.custody.tables import heat, site, statement, unit, void
from pcf.engine import Footprint, at, calculate
from pcf.engine.montecarlo import Variant
from pcf.errors import CheckFailed, InputError
from pcf.methods import assess, document
from pcf.model import Method, read_request
from pcf.store.events import digest as digest_of
from pcf.store.log import log_size

WORDS = "en"
"""Language of what the documents behind a certificate say in words."""

ELECTRICITY = "electricity"
"""Process of the power of a site."""

CERTIFIABLE = ("site-result", "demonstration")
PASSING = ("pass", "warn")
OPEN = frozenset({"charge-feasible", "A-15", "A-16"})
"""Checks that may stay open: limits of an alloy where there is none, and what a plant's import has checked already."""


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
    """A request with all that was computed for it; `size` is that of the log when it was read."""

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
    plant_sha256: str
    coc_model: str
    seal: bytes
    seal_sha256: str

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
    power: float
    plant_sha256: str


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
    _heats: dict[Method, Heats] = field(default_factory=dict)
    _products: dict[tuple[Method, Pool], _Product] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalogue = assess_flows(self.catalogue, self.profile)
        self.size = log_size(self.connection)

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
            _check(one)
        masses = {} if found.batch is None else find_masses(connection, request.name, found.mass_kg)
        _check_lots(connection, self.catalogue, [item["batch"]["id"] for item in heats], self.today)
        attribution, legs = find_legs(found.footprint)
        evidence = find_evidence(connection, found.pool, attribution, legs, masses, found.mass_kg, found.power, without)
        content, models = _claims(connection, request)
        models.append("mass-balance" if request.kind == "product" else "controlled-blending")
        bundle, digest = make_seal(found.parts, found.footprint, found.total)
        computed = check_seal(bundle)
        if not computed.agrees:
            raise CheckFailed(
                f"{request.kind} {request.name}: the solvers differ: {computed.sealed!r} here, {computed.brightway!r} by Brightway, "
                f"{computed.reference!r} by the reference solver; nothing was issued"
            )
        return Case(
            request, self.size, found.pool, found.mass_kg, found.footprint, found.batch, evidence, content, find_interval(found.drawn),
            found.power, found.plant_sha256, weakest(models).id, bundle, digest,
        )  # fmt: skip

    def _heats_by(self, method: Method) -> Heats:
        return self._heats.setdefault(method, Heats(self.connection, self.catalogue, method))

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
        found = self._at_plant(pool, request.method)
        left = int(calc_pool(self.connection, pool)) - read_pool(self.connection, pool, without)
        mass = left if request.mass_kg is None else request.mass_kg
        if mass <= 0:
            raise InputError(
                str(pool), "nothing left to certify", "metal that was cast and no certificate covers", "pcf cast list"
            )
        system = found.made.system
        drawn = [Part(1.0, catalogue, found.variant, system)]
        return _Found(
            pool, mass, found.document, None, at(found.made.total, 0), [(1.0, system)], drawn, found.power, found.plant_sha256
        )

    def _unit(self, request: Request, without: str) -> _Found:
        connection, name, heats = self.connection, request.name, self._heats_by(request.method)
        row = read_unit(connection, name)
        if (request.kind == "shipment") != (row.kind == "shipment"):
            raise InputError(f"--{request.kind}", f"{name!r}, a {row.kind}", f"a {request.kind}")
        mass = request.mass_kg if request.mass_kg is not None else left_to_certify(connection, name, without)
        if mass <= 0:
            raise InputError(
                f"{request.kind} {name}", "nothing left to certify", "metal that no certificate covers", "pcf certificate list"
            )
        shares = heats_of(connection, name)
        pools = pools_of(connection, shares)
        if len(pools) > 1:
            raise InputError(
                f"{request.kind} {name}", " and ".join(sorted(map(str, pools))), "heats of one product, site and year",
                "certify them apart, by batch",
            )  # fmt: skip
        pool = pools.pop()
        batch = batch_document(heats, name, WORDS)
        plant = self._at_plant(pool, request.method)
        behind = find_masses(connection, name, row.mass_kg)
        parts: list[tuple[float, Any]] = [
            (float(behind[heat] / row.mass_kg), heats.footprint(heat).footprint.system) for heat in shares
        ]
        drawn = [self._part(plant, heats, heat, weight, "cast") for heat, (weight, _) in zip(shares, parts, strict=True)]
        if further := batch["further_steps"]["value"]:
            first = next(iter(shares))  # the steps are those of the product's year, whatever the heat
            whole = heats.footprint(first, gate="product").footprint
            weight = further / heats.further_steps(first)
            parts.append((weight, stage_nodes(whole.system, whole.solution, AFTER_CAST)))
            drawn.append(self._part(plant, heats, first, weight, "product", AFTER_CAST))
        return _Found(pool, mass, plant.document, batch, batch["total"]["value"], parts, drawn, plant.power, plant.plant_sha256)

    def _part(self, plant: _Product, heats: Heats, heat: str, weight: float, gate: str, stage: str = "") -> Part:
        """A heat as its draws are computed: with its own charge, or where it has none as the product of its plant."""
        charge = heats.charge(heat)
        if self.catalogue.products[charge.product].charge is None:
            return Part(weight, self.catalogue, plant.variant, plant.made.system, stage)
        found = prepare(self.catalogue, charge, heats.method, replaces=False, gate=gate)
        system = heats.footprint(heat, gate=gate).footprint.system
        return Part(weight, found.catalogue, Variant(found.product, heats.method, found.settings), system, stage)


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


def _check(found: Mapping[str, Any]) -> None:
    """Refuse a result that a required check speaks against."""
    product = found["product"]["id"]
    if found["standing"] not in CERTIFIABLE:
        raise CheckFailed(
            f"{product} at {found['site']['id']}: found a {found['standing']}; expected a site result: primary data of a plant's closed "
            "year; pcf data import"
        )
    if found["headline"]["with_low_voltage_pfc"] is not None and found["method"]["low_voltage_pfc"] != "included":
        raise CheckFailed(
            f"{product}: found low-voltage PFC neither measured nor included; expected one of the two; --low-voltage-pfc included, or the "
            "measurement in the plant's workbook"
        )
    if unknown := found["omitted"]["unknown"]:
        raise CheckFailed(
            f"{product}, flow checklist: found flows that nobody has assessed: {'; '.join(unknown)}; expected an estimate of each with its "
            "source; flows in issuer.yaml"
        )
    for check in found["checks"]:
        if check["status"] not in PASSING and not (check["status"] == "not evaluated" and check["id"] in OPEN):
            raise CheckFailed(f"{product}, check {check['id']} ({check['standard']}): {check['status']}: {check['detail']}")


_SPAN = re.compile(r"\d{4}(-\d\d){0,2} ?(/|-|–|to|至) ?\d{4}(-\d\d){0,2}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def _check_lots(connection: Connection, catalogue: Catalogue, heats: Sequence[str], today: date) -> None:
    """Refuse supplier's footprints that have expired, and own products that came back as lots.

    PACT lets no footprint hold for more than three years after its data. Metal that a company buys from itself was cast before: a
    certificate may cover it under its first heat, which the lot does not name.
    """
    lots = lots_behind(connection, heats)
    owners = {name: row["party"] for name, row in read_now(connection, site, {row.site for row in lots}).items()}
    for row in lots:
        if row.supplier == owners[row.site] and row.material in catalogue.products:
            raise CheckFailed(
                f"lot {row.unit}: found {row.material} that {row.supplier} has received from itself; expected the heat that it was cast "
                "as, charged as such: its metal may be certified already"
            )
        details = json.loads(row.details)
        if details.get("footprint") is None:
            continue
        period = str(details.get("footprint_period", ""))
        years = [int(year) for year in _YEAR.findall(period)]
        # A span ends with its last year; of years in other words the earliest one counts, so that an error is on the safe side.
        last = (max if _SPAN.fullmatch(period.strip()) else min)(years, default=0)
        if today.isoformat() > f"{last + LONGEST_VALIDITY:04d}-12-31" or max(years, default=0) > today.year:
            raise CheckFailed(
                f"lot {row.unit}: found a footprint of {row.supplier} of the period {period or 'that nobody has named'}; expected one that "
                f"has not expired ({LONGEST_VALIDITY} years after its period); ask the supplier for a newer one"
            )


def _claims(connection: Connection, request: Request) -> tuple[dict[str, Any] | None, list[str]]:
    """Recycled content as it was claimed of a shipment, with the custody models of the claims; nothing else is recycled content here."""
    if request.kind != "shipment":
        return None, []
    gone = select(void.c.target).where(void.c.target_kind == "statement")
    first = connection.execute(
        select(statement.c.id).where(statement.c.shipment == request.name, statement.c.id.not_in(gone)).order_by(statement.c.id)
    ).scalar()  # fmt: skip
    if first is None:
        return None, []
    found = read_statement(connection, first)
    shares = {name: float(part.share) for name, part in found.parts.items()}
    bases = {part.basis for part in found.parts.values()}
    return {
        "post_consumer": shares.get("post-consumer", 0.0), "pre_consumer": shares.get("pre-consumer", 0.0),
        "basis": bases.pop() if len(bases) == 1 else "several", "claims": sorted(part.claim for part in found.parts.values()),
    }, [found.model.id]  # fmt: skip
