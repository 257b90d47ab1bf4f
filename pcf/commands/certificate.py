"""`pcf certificate`: certificates of a footprint, issued once for each tonne, verified by anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.certificate_verify import verify
from pcf.commands.entry import open_book, print_rows
from pcf.commands.issuing import (
    PRINTS,
    check_outputs,
    find_customer,
    force_option,
    issuer_option,
    json_option,
    method_options,
    one_of,
    profile_option,
    publish_files,
    reopening,
    write_bundle,
)
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option
from pcf.errors import CheckFailed, EnvironmentProblem, InputError, PcfError
from pcf.refusals import refusal
from pcf.text import json_text, text
from pcf.views.issuing import open_desk, read_day, this_day

if TYPE_CHECKING:
    from pcf.certificate.issue import Office, Order

ON_SCREEN = ("number", "status", "certified", "product", "mass_kg", "footprint", "customer", "valid_until")
"""What the list shows; all of it is in its JSON."""


@click.group(cls=Group)
def certificate() -> None:
    """Certificates of a footprint: issue, list, revoke, publish, verify."""


certificate.add_command(verify)


@certificate.command(short_help="Issue a certificate for a product, a batch or a shipment.")
@click.option("--product", metavar="ID", help="Product of the catalogue: average of a year, or of what remains of it.")
@click.option("--batch", metavar="UNIT", help="Heat, bundle or coil.")
@click.option("--shipment", metavar="ID", help="Shipment.")
@click.option("--site", default="", help="Site of the records that cast the product (default: the only one that did).")
@click.option("--year", type=click.IntRange(2000, 2100), help="Year of the data (default: the newest of the site).")
@click.option("--mass", "mass_kg", type=click.IntRange(1), metavar="KG", help="Mass that it covers (default: all that is left).")
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
@method_options
@profile_option
@issuer_option
@force_option
@json_option
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

    kind, name = one_of(product=product, batch=batch, shipment=shipment)
    if kind != "product" and (site or year):
        raise InputError("--site, --year", repr(site or year), f"nothing: they follow from the {kind}")
    if reason and not replaces:
        raise InputError("--reason", repr(reason[:60]), "none without --replaces")
    check_outputs(out, bundle, force=force)
    book = open_book(data_path, create=False)
    today = this_day()
    order = Order(
        Request(kind, name, site, year, mass_kg, Method.from_mapping(method)), find_customer(book, kind, name, customer), prints,
        key, read_day(valid_until), replaces, reason,
    )  # fmt: skip
    office = open_desk(book, profile, issuer)
    if preview:
        _preview(ctx, office, order, today, out)
        return
    _issue(ctx, office, order, today, out, bundle, as_json=as_json)


def _issue(
    ctx: click.Context, office: Office, order: Order, today: date, out: Path, bundle: Path | None, *, as_json: bool
) -> None:
    from pcf.certificate.issue import issue as do
    from pcf.certificate.issue import make_file
    from pcf.views.files import write_bytes

    entry = do(office, order, today)
    try:
        write_bytes(out, make_file(office, entry.number))
        if bundle is not None:
            write_bundle(office.book, entry.number, bundle)
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
    from pcf.views.files import write_bytes

    _, document = prepare(office, order, today)
    write_bytes(out, render(document, order.lang))
    click.echo(text("certificate.preview", language(ctx), path=out, value=document["footprint"]["printed"]))


@certificate.command(short_help="Issue a certificate for each row of a table.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder that receives the files.")
@click.option("--lang", "prints", type=Option(PRINTS), default="both", show_default=True, help="Language where a row has none.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that compute and print.")
@method_options
@profile_option
@issuer_option
@json_option
@catalogue_option
@click.pass_context
def bulk(
    ctx: click.Context, /, path: Path, out: Path, prints: str, workers: int, profile: Path | None, issuer: str, as_json: bool,
    data_path: Path | None, **method: str,
) -> None:  # fmt: skip
    """Issue a certificate for each row of FILE (.xlsx or .csv). Columns: order (an id of its own), one of product, batch and
    shipment, site and year for a product, mass_kg, name, address, country, part_number, customer_order, lang, valid_until.

    A repeat of the command goes on where the last one stopped. What is refused is told in certificates.csv, with exit code 1.
    """
    from dataclasses import asdict

    from pcf.certificate.bulk import issue_all
    from pcf.commands.progress import progress
    from pcf.model import Method
    from pcf.views.certificate_orders import RESULTS, read_orders, write_outcomes
    from pcf.views.files import make_folder, write_bytes

    orders = read_orders(path, Method.from_mapping(method), prints)
    book = open_book(data_path, create=False)
    office = open_desk(book, profile, issuer)
    reopen = reopening(book, office, issuer, data_path) if workers > 1 else None
    make_folder(out)
    with progress(2 * len(orders), language(ctx), "progress.certificates") as advance:
        outcomes = []
        for some in issue_all(office, orders, out, this_day(), workers, reopen, write_bytes, advance):
            outcomes += some
            write_outcomes(out, outcomes)
    refused = [item for item in outcomes if item.refused]
    if as_json:
        click.echo(json_text([asdict(item) for item in outcomes]))
    else:
        click.echo(text("certificate.bulk", language(ctx), count=len(outcomes) - len(refused), folder=out))
    if refused:
        lang, first = language(ctx), refused[0]
        raise CheckFailed(text(
            "certificate.refused", lang, count=len(refused), order=first.order, why=refusal(first.refused, lang), file=out / RESULTS
        ))  # fmt: skip


@certificate.command("list", short_help="List the certificates.")
@click.option("--contains", default="", help="Only certificates in which this text stands.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="At most so many, the newest first."
)
@json_option
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
    shown = rows if as_json else [{name: row[name] for name in ON_SCREEN} for row in rows]
    for row in [] if as_json else shown:
        row["footprint"] += " tCO2e/t"
    print_rows(ctx, shown, as_json=as_json)


@certificate.command(short_help="Write the file of a certificate again, or its sealed calculation.")
@click.argument("number")
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .pdf.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="FILE", help="Write the sealed calculation: .json, for whom you choose."
)
@profile_option
@issuer_option
@force_option
@catalogue_option
@click.pass_context
def show(
    ctx: click.Context, number: str, out: Path | None, bundle: Path | None, profile: Path | None, issuer: str, force: bool,
    data_path: Path | None,
) -> None:  # fmt: skip
    """Print a certificate (NUMBER or id) as JSON, or write its file or sealed calculation."""
    from pcf.certificate.issue import make_file
    from pcf.certificate.register import read_ends, read_entry
    from pcf.views.files import write_bytes

    check_outputs(out, bundle, force=force)
    book = open_book(data_path, create=False)
    with book.read() as connection:
        entry, ends = read_entry(connection, number), read_ends(connection)
    if out is not None:
        write_bytes(out, make_file(open_desk(book, profile, issuer), entry.number))
    if bundle is not None:
        write_bundle(book, entry.number, bundle)
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
@json_option
@catalogue_option
@click.pass_context
def revoke(ctx: click.Context, number: str, reason: str, as_json: bool, data_path: Path | None) -> None:
    """Revoke certificate NUMBER for good: its metal can be certified again, and `publish` says so to everybody."""
    from dataclasses import asdict

    from pcf.certificate.register import revoke as do

    book = open_book(data_path, create=False)
    ended = do(book, number, this_day(), reason)
    if as_json:
        click.echo(json_text(asdict(ended)))
        return
    click.echo(text("certificate.revoked", language(ctx), number=ended.number, date=ended.date, reason=ended.reason))


@certificate.command(short_help="Write what the issuer has to publish: keys, status lists, head of the log.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder that receives the files.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long the status lists hold.")
@profile_option
@issuer_option
@catalogue_option
@click.pass_context
def publish(ctx: click.Context, out: Path, days: int, profile: Path | None, issuer: str, data_path: Path | None) -> None:
    """Write public keys, status lists and the head of the log into a folder: static files for a web server, or for a trust folder."""
    book = open_book(data_path, create=False)
    names = publish_files(open_desk(book, profile, issuer), out, days)
    click.echo(text("certificate.published", language(ctx), folder=out, count=len(names)))


@certificate.command("profile", short_help="Write an issuer's file to fill in.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .yaml.")
@force_option
@click.pass_context
def profile_(ctx: click.Context, out: Path, force: bool) -> None:
    """Write an example of the issuer's file: name, address, products as they are sold, where certificates are published."""
    from pcf.commands.run_options import check_file
    from pcf.resources import certificates_path
    from pcf.views.files import write_text

    check_file("--out", out, (".yaml", ".yml"), force=force)
    write_text(out, (certificates_path() / "issuer.yaml").read_text(encoding="utf-8"))
    click.echo(text("certificate.profile", language(ctx), path=out))
