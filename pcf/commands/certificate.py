"""`pcf certificate`: certificates of a footprint, issued once for each tonne, verified by anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.entry import open_book, print_rows
from pcf.commands.key import NAME
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option
from pcf.errors import EnvironmentProblem, InputError, PcfError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcf.certificate.issue import Office, Order
    from pcf.custody.book import Book

LISTED = ("number", "status", "certified", "mass_kg", "footprint", "customer", "valid_until")
"""Columns that fit on a screen; JSON has all."""

PRINTS = ("both", "zh", "en")
METHOD = {
    "electricity": ("contract", "location"), "attribution": ("attributed", "site-average"), "low_voltage_pfc": ("included", "excluded"),
    "scrap": ("cut-off", "co-product"), "gwp": ("AR6", "AR5"),
}  # fmt: skip
"""Choices of the method that an issuer has; low-voltage PFC is in the result unless the plant has measured it."""


@click.group(cls=Group)
def certificate() -> None:
    """Certificates of a footprint: issue, list, revoke, publish, verify."""


_profile = click.option(
    "--profile",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="Issuer's file (default: issuer.yaml in the state folder).",
)
_issuer = click.option("--issuer", default=NAME, show_default=True, help="Issuer whose keys sign: `pcf key list`.")
_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
_force = click.option("--force", is_flag=True, help="Write over a file that exists.")


def _method_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, options in reversed(METHOD.items()):
        function = click.option(
            f"--{name.replace('_', '-')}", name, type=Option(options), default=options[0], show_default=True,
            help=f"Choice of the method: {' or '.join(options)}.",
        )(function)  # fmt: skip
    return function


@certificate.command(short_help="Issue a certificate for a product, a batch or a shipment.")
@click.option("--product", metavar="ID", help="Product of the catalogue, at its average of a year; with --site and --mass.")
@click.option("--batch", metavar="UNIT", help="Heat, bundle or coil.")
@click.option("--shipment", metavar="ID", help="Shipment.")
@click.option("--site", default="", help="Site of the records that cast the product.")
@click.option("--year", type=click.IntRange(2000, 2100), help="Year of the data (default: the newest of the site).")
@click.option(
    "--mass", "mass_kg", type=click.IntRange(1), metavar="KG", help="Mass that it covers (default: all that is left of the unit)."
)
@click.option(
    "--customer",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Customer: name, address, country; YAML or JSON. A shipment has one.",
)
@click.option("--lang", "prints", type=Option(PRINTS), default="both", show_default=True, help="Language of the pages.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .pdf.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the sealed calculation too: .json, for whom you choose.",
)
@click.option("--valid-until", metavar="DATE", help="Last day (default: a year, at most three years after the data).")
@click.option("--replaces", default="", metavar="NUMBER", help="Certificate that this one takes the place of.")
@click.option("--reason", default="", help="Why it does.")
@click.option("--preview", is_flag=True, help="Only show what it would look like: nothing is recorded or signed.")
@click.option("--key", default="", help="Key that makes a repeat of this call known.")
@_method_options
@_profile
@_issuer
@_force
@_json
@catalogue_option
@click.pass_context
def issue(
    ctx: click.Context, /, product: str | None, batch: str | None, shipment: str | None, site: str, year: int | None,
    mass_kg: int | None, customer: Path | None, prints: str, out: Path, bundle: Path | None, valid_until: str | None, replaces: str,
    reason: str, preview: bool, key: str, profile: Path | None, issuer: str, force: bool, as_json: bool, data_path: Path | None,
    **method: str,
) -> None:  # fmt: skip
    """Issue a certificate as a signed PDF file. Only a site result can be certified, each tonne once, and nothing that a check
    speaks against.
    """
    from pcf.certificate.gather import Request
    from pcf.certificate.issue import Order
    from pcf.model import Method

    kind, name = _one_of(product=product, batch=batch, shipment=shipment)
    if (kind == "product") != bool(site):
        raise InputError("--site", repr(site) if site else "nothing", "a site with --product, none with --batch or --shipment")
    if year is not None and kind != "product":
        raise InputError("--year", str(year), "none with --batch or --shipment", "a unit is of the year of its heats")
    if reason and not replaces:
        raise InputError("--reason", repr(reason[:60]), "none without --replaces")
    _check_outputs(out, bundle, force=force)
    book = open_book(data_path, create=False)
    today = _today(book)
    choices: dict[str, Any] = dict(method)
    order = Order(
        Request(kind, name, site, year, mass_kg, Method(**choices)), _customer(book, kind, name, customer), prints,
        key, _day(valid_until), replaces, reason,
    )  # fmt: skip
    office = _office(ctx, book, profile, issuer, unsigned=preview)
    if preview:
        _preview(ctx, office, order, today, out)
        return
    _issue(ctx, office, order, today, out, bundle, as_json=as_json)


def _issue(
    ctx: click.Context, office: Office, order: Order, today: date, out: Path, bundle: Path | None, *, as_json: bool
) -> None:
    from pcf.certificate.issue import issue as do
    from pcf.certificate.issue import make_file
    from pcf.commands.files import write_bytes

    entry = do(office, order, today)
    try:
        write_bytes(out, make_file(office, entry.number))
        if bundle is not None:
            _write_bundle(office.book, entry.number, bundle)
    except PcfError as problem:
        raise EnvironmentProblem(
            f"{problem}; certificate {entry.number} is recorded all the same: pcf certificate show {entry.number} --out FILE.pdf "
            "writes its file"
        ) from problem
    made = entry.document["footprint"]
    summary = {
        "number": entry.number, "id": entry.id, "kind": entry.document["kind"], "mass_kg": entry.document["mass_kg"],
        "footprint": {"printed": made["printed"], "value": made["value"], "unit": made["unit"], "boundary": made["boundary"],
                      "gwp": made["gwp"]},
        "valid_until": entry.document["valid_until"], "seal_sha256": entry.seal, "demonstration": entry.document["demonstration"],
        "file": str(out), "verify": entry.document["verify"]["url"],
    }  # fmt: skip
    if as_json:
        click.echo(json_text(summary))
        return
    lang = language(ctx)
    click.echo(text(
        "certificate.issued", lang, number=entry.number, value=made["printed"], mass=f"{entry.document['mass_kg']:,}",
        what=order.request.name, until=entry.document["valid_until"], path=out, boundary=text(f"boundary.{made['boundary']}", lang),
        gwp=made["gwp"],
    ))  # fmt: skip
    if entry.document["demonstration"]:
        click.echo(text("certificate.demonstration", lang))


def _preview(ctx: click.Context, office: Office, order: Order, today: date, out: Path) -> None:
    from pcf.certificate.issue import prepare
    from pcf.certificate.render import render
    from pcf.commands.files import write_bytes

    _, document = prepare(office, order, today)
    write_bytes(out, render(document, order.lang))
    click.echo(text("certificate.preview", language(ctx), path=out, value=document["footprint"]["printed"]))


def _check_outputs(out: Path | None, bundle: Path | None, *, force: bool) -> None:
    """Refuse places where no file can be made before anything is recorded."""
    from pcf.commands.files import check_place
    from pcf.commands.run_options import check_file

    for option, path, ending in (("--out", out, ".pdf"), ("--bundle", bundle, ".json")):
        check_file(option, path, (ending,), force=force)
        if path is not None:
            check_place(path, f"{option} {path}")


def _one_of(**given: str | None) -> tuple[str, str]:
    named = [(kind, name) for kind, name in given.items() if name is not None]
    if len(named) != 1 or not named[0][1].strip():
        found = ", ".join(f"--{kind}" for kind, _ in named) or "none"
        raise InputError("what to certify", found, "exactly one of --product, --batch, --shipment")
    return named[0]


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:  # weeks and days without hyphens are days too, to Python
        raise InputError("--valid-until", repr(value), "a day such as 2027-03-31")
    return found


def _today(_: Book) -> date:
    return date.today()  # noqa: DTZ011 (the issuer's own day)


def _customer(book: Book, kind: str, name: str, path: Path | None) -> dict[str, Any]:
    """The customer from his file, or from the records of the party that a shipment went to; a shipment goes to nobody else."""
    from pcf.certificate.particulars import check_customer
    from pcf.custody.plain import plain

    party = _party(book, name) if kind == "shipment" else None
    if path is None:
        if party is None:
            raise InputError("--customer", "nothing", "a file with name, address and country of the customer")
        return check_customer({key: value for key, value in party.items() if value}, "customer in the records")
    from pcf.catalogue.files import read_yaml

    found = check_customer(read_yaml(path, path.name), path.name)
    if party is not None and plain(str(found["name"])) != plain(party["name"]):
        raise InputError(
            f"{path.name}, name", repr(found["name"]), f"the customer of shipment {name}: {party['name']!r}",
            "a certificate of a shipment is for whom it went to",
        )  # fmt: skip
    return found


def _party(book: Book, name: str) -> dict[str, str]:
    import json

    from sqlalchemy import select

    from pcf.custody import tables
    from pcf.custody.masters import read_now

    with book.read() as connection:
        row = connection.execute(
            select(tables.shipment.c.customer, tables.shipment.c.details).where(tables.shipment.c.unit == name)
        ).first()
        if row is None:
            raise InputError("--shipment", repr(name), "a recorded shipment", "pcf ship list")
        party = read_now(connection, tables.party, [row.customer])[row.customer]
    details = json.loads(party["details"])
    order = json.loads(row.details).get("order", "")
    return {"name": party["name"], "address": details.get("address", ""), "country": details.get("country", ""), "order": order}


def _office(ctx: click.Context, book: Book, profile: Path | None, issuer: str, *, unsigned: bool = False) -> Office:  # noqa: ARG001
    from pcf.certificate.desk import find_profile, open_office
    from pcf.commands.signing import log_key
    from pcf.settings import home
    from pcf.store.passphrase import find_passphrase

    found = find_profile(home(), profile)
    return open_office(book, home(), issuer, found, log_key(), find_passphrase())


def _write_bundle(book: Book, number: str, path: Path) -> None:
    from pcf.certificate.register import read_bundle, read_entry
    from pcf.commands.files import write_bytes

    with book.read() as connection:
        write_bytes(path, read_bundle(connection, read_entry(connection, number)))


@certificate.command("list", short_help="List the certificates.")
@click.option("--contains", default="", help="Only certificates in which this text stands.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="At most so many, the newest first."
)
@_json
@catalogue_option
@click.pass_context
def list_(ctx: click.Context, contains: str, limit: int, as_json: bool, data_path: Path | None) -> None:
    """List the certificates with what they cover and whether they hold."""
    from pcf.certificate.register import list_entries

    with open_book(data_path, create=False).read() as connection:
        rows = list_entries(connection, contains, limit)
    if not rows and not as_json:
        click.echo(text("certificate.none", language(ctx)))
        return
    print_rows(ctx, rows if as_json else [{name: row[name] for name in LISTED} for row in rows], as_json=as_json)


@certificate.command(short_help="Write the file of a certificate again, or its sealed calculation.")
@click.argument("number")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .pdf.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="FILE", help="Write the sealed calculation: .json, for whom you choose."
)
@_profile
@_issuer
@_force
@catalogue_option
@click.pass_context
def show(
    ctx: click.Context, number: str, out: Path | None, bundle: Path | None, profile: Path | None, issuer: str, force: bool,
    data_path: Path | None,
) -> None:  # fmt: skip
    """Print a certificate (NUMBER or id) as JSON, or write its file or sealed calculation."""
    from pcf.certificate.issue import make_file
    from pcf.certificate.register import read_ends, read_entry
    from pcf.commands.files import write_bytes

    _check_outputs(out, bundle, force=force)
    book = open_book(data_path, create=False)
    with book.read() as connection:
        entry, ends = read_entry(connection, number), read_ends(connection)
    if out is not None:
        write_bytes(out, make_file(_office(ctx, book, profile, issuer), entry.number))
    if bundle is not None:
        _write_bundle(book, entry.number, bundle)
    if out is None and bundle is None:
        end = ends.get(entry.number)
        status = (
            None
            if end is None
            else {"status": end.status, "date": end.date, "reason": end.reason, "replaced_by": end.replaced_by}
        )
        click.echo(json_text({"certificate": entry.document, "end": status}))
        return
    for path in (out, bundle):
        if path is not None:
            click.echo(text("certificate.written", language(ctx), path=path))


@certificate.command(short_help="Revoke a certificate.")
@click.argument("number")
@click.option("--reason", required=True, help="Why; whoever verifies it reads this.")
@_json
@catalogue_option
@click.pass_context
def revoke(ctx: click.Context, number: str, reason: str, as_json: bool, data_path: Path | None) -> None:
    """Revoke certificate NUMBER for good: its metal can be certified again, and `publish` says so to everybody."""
    from dataclasses import asdict

    from pcf.certificate.register import revoke as do

    book = open_book(data_path, create=False)
    ended = do(book, number, _today(book), reason)
    if as_json:
        click.echo(json_text(asdict(ended)))
        return
    click.echo(text("certificate.revoked", language(ctx), number=ended.number, date=ended.date, reason=ended.reason))


@certificate.command(short_help="Write what the issuer has to publish: keys, status lists, head of the log.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder that receives the files.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long the status lists hold.")
@_profile
@_issuer
@catalogue_option
@click.pass_context
def publish(ctx: click.Context, out: Path, days: int, profile: Path | None, issuer: str, data_path: Path | None) -> None:
    """Write public keys, status lists and the head of the log into a folder: static files for a web server, or for a trust folder."""
    book = open_book(data_path, create=False)
    names = publish_files(_office(ctx, book, profile, issuer), out, days)
    click.echo(text("certificate.published", language(ctx), folder=out, count=len(names)))


def publish_files(office: Office, out: Path, days: int) -> list[str]:
    """Write what an issuer publishes; names of the files."""
    from datetime import UTC, datetime

    from pcf.certificate.issue import make_status_lists
    from pcf.certificate.trust import write_issuer
    from pcf.commands.files import make_folder, write_bytes
    from pcf.store.log import sign_head

    lists = make_status_lists(office, datetime.now(UTC), days)
    write_issuer(out, office.keys.public)
    make_folder(out / "status")
    for name, content in lists.items():
        write_bytes(out / "status" / name, content)
    write_bytes(out / "log-head.txt", sign_head(office.book.database, office.log).encode())
    return ["did.json", "certificates.pem", "issuer.json", "log-head.txt", *(f"status/{name}" for name in lists)]


@certificate.command("profile", short_help="Write an issuer's file to fill in.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .yaml.")
@_force
@click.pass_context
def profile_(ctx: click.Context, out: Path, force: bool) -> None:
    """Write an example of the issuer's file: name, address, products as they are sold, where certificates are published."""
    from pcf.commands.files import write_text
    from pcf.commands.run_options import check_file
    from pcf.resources import certificates_path

    check_file("--out", out, (".yaml", ".yml"), force=force)
    write_text(out, (certificates_path() / "issuer.yaml").read_text(encoding="utf-8"))
    click.echo(text("certificate.profile", language(ctx), path=out))
