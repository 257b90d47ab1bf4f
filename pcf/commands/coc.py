"""`pcf coc`: CoC documents, received and issued."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import add_command, import_command, list_command, open_book, own_key
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import InputError
from pcf.text import json_text, text

FORMS = (".json", ".html")


@click.group(cls=Group)
def coc() -> None:
    """CoC documents: received with deliveries, issued for shipments, voided and never edited."""


for command in (
    add_command("received", name="receive", short="Enter a CoC document that came with a delivery."),
    import_command("received", short="Bring in CoC documents that came with deliveries."),
    list_command("document", short="List the documents, both ways."),
    add_command("force-majeure", name="force-majeure", short="Enter what prevented a supply; opens the internal overdraft."),
):
    coc.add_command(command)


@coc.command(short_help="Issue a CoC document for a shipment, if its account covers it.")
@click.argument("shipment")
@click.option("--date", "day", metavar="DATE", help="Day of issue (default: today in the site's zone).")
@click.option("--coc-kg", metavar="KG", help="Mass of CoC material (default: the whole shipment).")
@click.option("--responsible", required=True, help="Employee who can verify the document.")
@click.option("--reference", help="Reference (default: the next number).")
@click.option("--force-majeure", metavar="ID", help="Record that opens the internal overdraft.")
@click.option("--footprint/--no-footprint", default=False, help="State the footprint of the shipment.")
@click.option("--verifier", default="", help="Who verified the stated footprint.")
@click.option("--key", default="", help="Key that makes a repeat of this call known.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the document: .html or .json.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def issue(
    ctx: click.Context, /, shipment: str, day: str | None, out: Path | None, key: str, data_path: Path | None, footprint: bool,
    verifier: str, as_json: bool, force: bool, **fields: str | None,
) -> None:  # fmt: skip
    """Issue a CoC document for SHIPMENT: refused where the account or the shipment does not cover the mass."""
    from pcf.custody.stated import stated_footprint
    from pcf.views.coc_issue import document_defaults
    from pcf.views.coc_issue import issue as issue_now

    _check_out(out, force=force)
    book = open_book(data_path, create=False)
    values: dict[str, Any] = {"shipment": shipment, **{name: value for name, value in fields.items() if value}}
    values |= document_defaults(book, shipment, day, values)
    if footprint:
        with book.read() as connection:
            values |= stated_footprint(connection, book.catalogue, shipment, verifier)
    place = f"shipment {shipment}"
    made = issue_now(book, values, place, own_key(key))
    if made is None:
        click.echo(text("custody.known", language(ctx), what=place, count="0", known="1"))
        return
    issued, found, head = made.issued, dict(made.document), made.head
    if out is not None:
        _write(out, found, head, language(ctx))
    if as_json:
        click.echo(json_text({**found, "available_kg": issued.available_kg, "overdraft_kg": issued.overdraft_kg, "head": head}))
        return
    lang = language(ctx)
    click.echo(
        text("custody.issued", lang, reference=issued.reference, coc=f"{found['coc_kg']:,}", left=f"{issued.available_kg:,}")
    )
    if issued.overdraft_kg:
        click.echo(text("custody.overdraft", lang, mass=f"{issued.overdraft_kg:,}"))
    elif issued.warning:
        click.echo(text("custody.nearly-spent", lang), err=True)
    click.echo(head.rstrip())


def _check_out(out: Path | None, *, force: bool) -> None:
    if out is None:
        return
    from pcf.views.files import check_place

    if out.suffix.lower() not in FORMS:
        raise InputError(f"--out {out}", out.suffix or "no ending", " or ".join(FORMS))
    check_place(out, f"--out {out}")
    if out.exists() and not force:
        raise InputError(f"--out {out}", "a file that exists", "the name of a new file", "--force replaces it")


def _write(out: Path, found: dict[str, Any], head: str, lang: str) -> None:
    from pcf.views.coc_page import render_document
    from pcf.views.files import write_text

    if out.suffix.lower() == ".json":
        write_text(out, json_text({**found, "head": head}) + "\n")
    else:
        write_text(out, render_document(found, head, lang))


@coc.command(short_help="Show an issued or received document, or write it as a page.")
@click.argument("reference")
@click.option("--out", type=click.Path(path_type=Path), help="Write the document: .html or .json.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def show(ctx: click.Context, reference: str, out: Path | None, force: bool, as_json: bool, data_path: Path | None) -> None:
    """Show the document REFERENCE."""
    from pcf.custody.coc_document import covering_head, find_document, read_document
    from pcf.views.signing import sign_head

    _check_out(out, force=force)
    book = open_book(data_path, create=False)
    with book.read() as connection:
        item = read_document(connection, *find_document(connection, reference))
        head = covering_head(connection, item["event_seq"])
    head = head or sign_head(book.database)
    if out is not None:
        _write(out, item, head, language(ctx))
    if as_json:
        click.echo(json_text({**item, "head": head}))
    else:
        from pcf.views.coc_page import document_lines

        for line in document_lines(item, language(ctx)):
            click.echo(line)
        click.echo(text("coc.head-of", language(ctx), seq=f"{item['event_seq']:,}"))
        click.echo(head.rstrip())


@coc.command("void", short_help="Void a document: it stays, its mass returns to the account.")
@click.argument("reference")
@click.option("--date", "day", metavar="DATE", required=True, help="Day of the void.")
@click.option("--reason", required=True, help="Why; both parties keep it.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def void_document(ctx: click.Context, reference: str, day: str, reason: str, as_json: bool, data_path: Path | None) -> None:
    """Void the document REFERENCE; another one may then take its place."""
    from pcf.commands.entry import report
    from pcf.custody import record
    from pcf.custody.coc_document import find_document
    from pcf.views.signing import sign_head

    book = open_book(data_path, create=False)
    with book.read() as connection:
        target = "/".join(find_document(connection, reference))
    count = record(book, "void", {"kind": "document", "target": target, "date": day, "reason": reason}, f"document {reference}")
    sign_head(book.database)
    report(ctx, count, f"void {reference}", as_json=as_json)
