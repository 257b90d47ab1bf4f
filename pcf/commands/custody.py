"""The groups of custody records: who, where, what came in, what was made of it, what went out, what was claimed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from pcf.commands.entry import Values, add_command, import_command, list_command, print_rows
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option, load
from pcf.errors import InputError
from pcf.text import name_in, text

ORIGINS = {"addition": "alloying"}
"""Origin of a metal in the catalogue → content class of a lot, where the two have different names."""


def _group(name: str, text: str, *commands: click.Command) -> click.Group:
    found = Group(name, help=text, short_help=text)
    for command in commands:
        found.add_command(command)
    return found


def _today(values: Values) -> None:
    """Today as the day of an amendment, where none is given."""
    from pcf.custody.voids import today

    values.setdefault("date", today(""))


def amend_command(kind: str, *, short: str) -> click.Command:
    """The command that amends a party, site or scope, whose id is its argument."""
    return add_command(f"{kind}-amendment", name="amend", short=short, argument="id", defaults=("date",), prepare=_today)


def _take_digest(values: Values) -> None:
    """SHA-256 of the file that is named.

    Raises
    ------
    InputError
        For a file that cannot be read, or another digest than the one that is given.
    """
    if not (name := values.get("file")):
        return
    try:
        with Path(name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        raise InputError(
            "--file", repr(name[:200]), "a file that can be read", "--sha256 alone, where it is not at hand"
        ) from None
    if values.setdefault("sha256", found) != found:
        raise InputError("--sha256", repr(values["sha256"][:80]), f"{found}, the digest of {name[:200]}")


def _warn_of_plant(ctx: click.Context, values: Values) -> None:
    """Say that a site without a plant has no footprint."""
    if not values.get("plant"):
        click.echo(text("custody.site-without-plant", language(ctx), site=values.get("id", "")), err=True)


party = _group(
    "party", "Companies with their certificates and due diligence.",
    add_command("party", short="Enter a company."),
    add_command("certificate", name="certificate", short="Enter a certificate of a company; a renewal is a further one."),
    add_command("due-diligence", name="check", short="Enter a due-diligence decision on a supplier."),
    amend_command("party", short="Amend the name or address of a company."),
    import_command("party", short="Bring in companies."),
    list_command("party", short="List the companies."),
)  # fmt: skip

site = _group(
    "site", "Plants.", add_command("site", short="Enter a plant.", after=_warn_of_plant),
    amend_command("site", short="Amend the name of a plant, or the plant of the catalogue that it is."),
    list_command("site", short="List the plants."),
)  # fmt: skip

scope = _group(
    "scope", "Certification scopes: the sites whose metal is one account.",
    add_command("scope", short="Enter a certification scope."),
    amend_command("scope", short="Amend the certificate of a scope, or add sites to it."), list_command("scope", short="List the scopes."),
)  # fmt: skip


@click.command(short_help="List the materials that a lot may name, with their class and metal yield.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def materials(ctx: click.Context, as_json: bool, data_path: Path | None) -> None:
    """List the materials that a lot may name: metals, scrap classes and additions of the catalogue, and its products as ingot."""
    catalogue, lang = load(data_path), language(ctx)
    found = [
        {
            "material": item.id, "title": name_in(item.name, lang), "content_class": ORIGINS.get(item.metal.origin, item.metal.origin),
            "metal_yield": f"{item.metal.metal_yield.value:g}",
        }
        for item in catalogue.processes.values()
        if item.metal is not None
    ]  # fmt: skip
    found += [
        {"material": item.id, "title": name_in(item.name, lang), "content_class": item.kind, "metal_yield": ""}
        for item in catalogue.products.values()
        if item.kind in ("primary", "recycled", "alloy")
    ]
    print_rows(ctx, found, as_json=as_json)


lot = _group(
    "lot", "Inbound lots: weigh ticket, class, document, footprint.",
    add_command("lot", short="Enter a lot."), import_command("lot", short="Bring in lots."),
    list_command("lot", short="List the lots.", unit=True), materials,
)  # fmt: skip

cast = _group(
    "cast", "Heats: charge, product, returns, bundles.",
    add_command("cast", short="Enter a heat."), import_command("cast", short="Bring in heats."),
    list_command("heat", short="List the heats.", unit=True),
)  # fmt: skip

process = _group(
    "process", "Steps after casting, from slab to coil.",
    add_command("process", short="Enter a step."), import_command("process", short="Bring in steps."),
    list_command("processing", short="List the steps.", unit=True),
)  # fmt: skip

ship = _group(
    "ship", "Shipments to customers, liquid metal among them.",
    add_command("shipment", short="Enter a shipment."), import_command("shipment", short="Bring in shipments."),
    list_command("shipment", short="List the shipments.", unit=True),
)  # fmt: skip

contractor = _group(
    "contractor", "Metal sent to contractors and come back.",
    add_command("contractor", short="Enter a movement."), list_command("contractor", short="List the movements."),
)  # fmt: skip

filing = _group(
    "filing", "Papers of the audit folder: procedures, training, audits, reports as submitted.",
    add_command("filing", short="Enter a paper.", prepare=_take_digest), list_command("filing", short="List the papers."),
)  # fmt: skip

void = add_command("void", name="void", short="Take a record back: it stays, its effect is reversed.")
