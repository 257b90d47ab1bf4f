"""Issue a certificate: what was gathered becomes a document, an entry of the register, a credential, and a signed file.

First it is recorded, then the file is made: should the machine stop in between, the file can be made from the register at any time
(`make_file`), and no number is lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pcf.certificate.blend import blend
from pcf.certificate.cover import Stale
from pcf.certificate.credential import credential, log_evidence, seal_evidence, sign_credential
from pcf.certificate.draft import UNIT, draft
from pcf.certificate.gather import Case, Gatherer, Request
from pcf.certificate.pages import PREVIEW
from pcf.certificate.particulars import LONGEST_VALIDITY
from pcf.certificate.pdf_signature import sign_pdf
from pcf.certificate.profile import Profile
from pcf.certificate.register import Entry, Made, find_known, make_lists, read_entry, record_certificate
from pcf.certificate.render import PRINTS, Attachment, render
from pcf.certificate.status_list import LEAST_BITS, list_credential, status_entry
from pcf.certificate.strict_json import write_canonical
from pcf.certificate.texts import say_both
from pcf.certificate.trust import IssuerKeys, check_signer
from pcf.certificate.verify_steps import CREDENTIAL
from pcf.certificate.x509 import company_name
from pcf.custody.book import Book, Work
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.exchange.pact import product_footprint
from pcf.store.checkpoint import open_note
from pcf.store.events import digest
from pcf.store.keys import Signer
from pcf.store.log import log_reader, prove_inclusion, sign_head

CERTIFICATE, PACT, SEAL = "certificate.json", "pact.json", "seal.json"
"""Names of the attachments beside the credential."""

TRIES = 3
"""How often a case is computed anew because something was recorded meanwhile."""

LONGEST_KEY = 200

LIST_DAYS = 30
"""How long a published status list holds."""

REASON = "Product carbon footprint certificate"
"""What viewers show as the reason of the signature."""


@dataclass(frozen=True)
class Office:
    """What an issuer issues with."""

    book: Book
    profile: Profile
    keys: IssuerKeys = field(repr=False)
    log: Signer = field(repr=False)


@dataclass(frozen=True)
class Order:
    """What somebody wants: the request, for whom, how it is printed, until when it shall hold.

    Parameters
    ----------
    customer : mapping
        See `pcf.certificate.particulars.check_customer`.
    key : str
        What makes a repeat known; empty: nothing does.
    valid_until : date, optional
        One year after the day of issue, but no later than three years after the data.
    replaces, reason : str
        Number of the certificate that this one takes the place of, and why.
    """

    request: Request
    customer: Mapping[str, Any]
    lang: str = "both"
    key: str = ""
    valid_until: date | None = None
    replaces: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.lang not in PRINTS:  # what cannot be printed is not recorded
            raise InputError("lang", repr(self.lang)[:40], f"one of: {', '.join(PRINTS)}")

    def digest(self) -> str:
        """What tells this order from every other one."""
        request, until = self.request, self.valid_until and self.valid_until.isoformat()
        return digest([
            request.kind, request.name, request.site, request.year, request.mass_kg, request.method.as_document(),
            dict(self.customer), self.lang, until, self.replaces, self.reason,
        ])  # fmt: skip


def prepare(office: Office, order: Order, today: date) -> tuple[Case, dict[str, Any]]:
    """Compute an order and draft its certificate under a number that is not one: what will be refused is refused here.

    Raises
    ------
    CheckFailed, InputError
        As `Gatherer.gather` and `draft`.
    """
    with office.book.read() as connection:
        without = read_entry(connection, order.replaces).number if order.replaces else ""
        case = Gatherer(connection, office.book.catalogue, office.profile, today).gather(order.request, without)
    return case, make_document(office, order, case, today, PREVIEW, "0" * 32, 1, None)


def make_document(
    office: Office, order: Order, case: Case, today: date, number: str, public: str, version: int, replaces: str | None
) -> dict[str, Any]:
    """The machine-readable certificate of a case.

    Raises
    ------
    InputError
        As `draft`.
    """
    profile = office.profile
    _check_name(office, profile.name.model_dump())
    goods, year = profile.goods(case.pool.product), case.pool.year
    particulars: dict[str, Any] = {
        "number": number, "version": version, "id": public, "kind": case.request.kind, "issued": today.isoformat(),
        "valid_until": _until(order, today, year).isoformat(), "customer": dict(order.customer),
        "issuer": {
            "name": profile.name.model_dump(), "address": profile.address.model_dump(), "identifier": profile.identifier,
            "contact": profile.contact,
        },
        "product_standard": goods.standard, "mass_kg": case.mass_kg, "coc_model": case.coc_model,
        "electricity_evidence": {name: dict(pair) for name, pair in case.evidence.items()}, "seal_sha256": case.seal_sha256,
        "verify_url": profile.verify + public, "standards": list(profile.standards), "recycled_content": case.content,
        "uncertainty": case.interval, "limitations": _assessed(profile, case),
    }  # fmt: skip
    if profile.assurance is not None:
        particulars["assurance"] = profile.assurance.model_dump()
    optional = {"commodity_code": goods.commodity_code, "replaces": replaces}
    particulars |= {name: value for name, value in optional.items() if value is not None}
    return draft(case.footprint, case.batch, particulars)


def _check_name(office: Office, names: Mapping[str, str]) -> None:
    """Refuse to sign what names somebody else as its issuer."""
    check_signer(names, [office.keys.public.name, company_name(office.keys.certificate)])


def _assessed(profile: Profile, case: Case) -> list[dict[str, str]]:
    """What the issuer has assessed of the flows that are left out, as far as they are in the chain."""
    return [
        say_both(
            "limitation.assessed", flow=flow.flow, process=flow.process, value=f"{flow.kgCO2e_per_t:g}", source=flow.source,
            year=flow.year,
        )
        for flow in profile.flows
        if flow.process in case.footprint["process_names"]
    ]  # fmt: skip


def _until(order: Order, today: date, year: int) -> date:
    """The last day of a certificate."""
    if order.valid_until is not None:
        return order.valid_until
    return min(today + timedelta(days=365), date(year + LONGEST_VALIDITY, 12, 31))


def key_of(order: Order) -> str:
    """The key under which an order is recorded; without one of its own, one that no other order has.

    Raises
    ------
    InputError
        For a key that is no short text.
    """
    if len(order.key) > LONGEST_KEY or not order.key.isprintable():
        raise InputError("--key", repr(order.key[:60]), f"a text of at most {LONGEST_KEY} printable characters")
    return f"key:{order.key}" if order.key else secrets.token_hex(16)


def issue(
    office: Office, order: Order, today: date, prepared: Case | None = None, also: Callable[[Work, str], None] | None = None
) -> Entry:
    """Issue a certificate; its file is made by `make_file`. A repeat under the same key gives the one that is there.

    Parameters
    ----------
    prepared : Case, optional
        What `prepare` has computed already.
    also : callable, optional
        As `record_certificate` has it; the release of a draft, without which an issuer with four eyes issues nothing.

    Raises
    ------
    CheckFailed, InputError, DataError
        As `prepare` and `record_certificate`.
    """
    if office.profile.four_eyes and also is None:
        raise CheckFailed(
            "issuer.yaml, four_eyes: found an issue by one person; expected a draft that somebody else releases; page Certificates of "
            "the workbench (pcf serve)"
        )
    key, asked = key_of(order), order.digest()
    with office.book.read() as connection:
        # Before anything is computed: of what this very order has certified nothing may be left.
        if known := find_known(connection, key, asked):
            return known
    for _ in range(TRIES):
        case = prepared or prepare(office, order, today)[0]
        prepared = None

        def make(number: str, public: str, before: Entry | None, case: Case = case) -> Made:
            version, replaces = (1, None) if before is None else (int(before.document["version"]) + 1, before.id)
            document = make_document(office, order, case, today, number, public, version, replaces)
            return Made(document, order.lang, exchange_of(office, case, document, before))

        try:
            return record_certificate(
                office.book, case, make, today, key, asked, order.replaces, order.reason, also
            )  # fmt: skip
        except Stale:
            continue
    raise EnvironmentProblem(f"the book was written to {TRIES} times while the footprint was computed; repeat when it is quieter")


def exchange_of(office: Office, case: Case, document: Mapping[str, Any], before: Entry | None) -> dict[str, Any]:
    """The footprint of a certificate as PACT data: of this certificate alone, whose number it bears.

    Raises
    ------
    DataError, InputError
        As `product_footprint`.
    """
    start, until = (date.fromisoformat(document[name]) for name in ("issued", "valid_until"))
    unit = "" if document["unit"] is None else f", {document['unit']['kind']} {document['unit']['id']}"
    preceding = [] if before is None or before.exchange is None else [str(before.exchange["id"])]
    company = office.profile.company(
        case.pool.product, case.coc_model, start.isoformat(), (until + timedelta(days=1)).isoformat(),
        f"Certificate {document['number']}{unit}, {document['mass_kg']} kg", preceding,
    )  # fmt: skip
    return product_footprint(blend(case.footprint, case.batch, case.content), company, datetime.combine(start, time(), UTC))


def make_files(office: Office, entries: list[Entry]) -> list[bytes]:
    """The signed files of certificates, all in the log of one signed head.

    Raises
    ------
    EnvironmentProblem
        Where typst or pyHanko are not installed.
    """
    head = sign_head(office.book.database, office.log)
    size = open_note(head, office.keys.public.logs).size
    with office.book.read() as connection:
        read = log_reader(connection)
        proofs = [prove_inclusion(connection, entry.seq, size, read) for entry in entries]
    made = []
    for entry, proof in zip(entries, proofs, strict=True):
        place = {"index": proof.seq, "size": proof.size, "root": proof.root.hex(), "path": [item.hex() for item in proof.path]}
        made.append(_file(office, entry, place, log_evidence(entry.payload, proof.seq, proof.size, proof.path, head)))
    return made


def make_file(office: Office, number: str) -> bytes:
    """The signed file of a recorded certificate.

    Raises
    ------
    InputError
        For a number that is not there.
    """
    with office.book.read() as connection:
        entry = read_entry(connection, number)
    return make_files(office, [entry])[0]


def _file(office: Office, entry: Entry, place: Mapping[str, Any], logged: Mapping[str, Any]) -> bytes:
    certificate = {**entry.document, "log": dict(place)}
    _check_name(office, certificate["issuer"]["name"])
    made, keys = certificate["footprint"], office.keys
    moment = datetime.fromtimestamp(entry.time // 1_000_000, UTC)
    sealed = {
        "schema": "pcf/seal-digest/1", "sha256": entry.seal, "value": float(made["value"]), "unit": UNIT, "printed": made["printed"]
    }  # fmt: skip
    files = {CERTIFICATE: write_canonical(certificate, "certificate"), SEAL: write_canonical(sealed, "seal")}
    if entry.exchange is not None:
        files[PACT] = write_canonical(entry.exchange, "footprint")
    start = datetime.combine(date.fromisoformat(certificate["issued"]), time(), UTC)
    end = datetime.combine(date.fromisoformat(certificate["valid_until"]), time(23, 59, 59), UTC)
    number, index = divmod(entry.place, LEAST_BITS)
    signed = sign_credential(
        credential(
            {"certificate": certificate}, {"id": keys.public.did, "name": keys.public.name}, entry.identity, min(start, moment), end,
            status=[status_entry(list_address(office.profile, number), index)], attachments=files,
            evidence=[seal_evidence(entry.seal, sealed["value"], UNIT, made["printed"]), logged],
        ),
        keys.credential, keys.method, moment,
    )  # fmt: skip
    attached = [Attachment(name, content, "data") for name, content in sorted({**files, CREDENTIAL: signed}.items())]
    pdf = render(certificate, entry.lang, attached)
    return sign_pdf(pdf, keys.pdf, keys.certificate, moment, reason=REASON, location=certificate["site"]["name"]["en"])


def list_address(profile: Profile, number: int) -> str:
    """Where a status list is published; the first one is number 0."""
    return f"{profile.publish}status/{number + 1}.json"


def make_status_lists(office: Office, at: datetime, days: int = LIST_DAYS) -> dict[str, bytes]:
    """The signed status lists by file name, as they are now."""
    with office.book.read() as connection:
        lists = make_lists(connection)
    issuer = {"id": office.keys.public.did, "name": office.keys.public.name}
    made: dict[str, bytes] = {}
    for number, found in enumerate(lists):
        document = list_credential(found, issuer, list_address(office.profile, number), at, at + timedelta(days=days))
        made[f"{number + 1}.json"] = sign_credential(document, office.keys.credential, office.keys.method, at)
    return made
