"""What the commands of certificates share: their options, whom and what a certificate is for, the issuer's desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.options import Option
from pcf.errors import InputError
from pcf.views.issuing import ISSUER, METHOD, check_receiver, party_of, this_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcf.certificate.issue import Office
    from pcf.custody.book import Book

PRINTS = ("both", "zh", "en")
profile_option = click.option(
    "--profile",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="Issuer's file (default: issuer.yaml in the state folder).",
)
issuer_option = click.option("--issuer", default=ISSUER, show_default=True, help="Issuer whose keys sign: `pcf key list`.")
json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
force_option = click.option("--force", is_flag=True, help="Write over a file that exists.")


def method_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each choice of the method that an issuer has."""
    for name, options in reversed(METHOD.items()):
        function = click.option(
            f"--{name.replace('_', '-')}", name, type=Option(options), default=options[0], show_default=True,
            help=f"Choice of the method: {' or '.join(options)}.",
        )(function)  # fmt: skip
    return function


def check_outputs(out: Path | None, bundle: Path | None, *, force: bool) -> None:
    """Refuse places where no file can be made before anything is recorded."""
    from pcf.commands.run_options import check_file
    from pcf.views.files import check_place

    for option, path, ending in (("--out", out, ".pdf"), ("--bundle", bundle, ".json")):
        check_file(option, path, (ending,), force=force)
        if path is not None:
            check_place(path, f"{option} {path}")


def one_of(**given: str | None) -> tuple[str, str]:
    """What is to be certified: its kind, and its product or unit."""
    named = [(kind, name) for kind, name in given.items() if name is not None]
    if len(named) != 1 or not named[0][1].strip():
        found = ", ".join(f"--{kind}" for kind, _ in named) or "none"
        raise InputError("what to certify", found, "exactly one of --product, --batch, --shipment")
    return named[0]


def find_customer(book: Book, kind: str, name: str, path: Path | None) -> dict[str, Any]:
    """The customer from his file, or from the records of the party that a shipment went to; a shipment goes to nobody else."""
    from pcf.certificate.particulars import check_customer

    party = None
    if kind == "shipment":
        with book.read() as connection:
            party = party_of(connection, name)
    if path is None:
        if party is None:
            raise InputError("--customer", "nothing", "a file with name, address and country of the customer")
        return check_customer({key: value for key, value in party.items() if value}, "customer in the records")
    from pcf.catalogue.files import read_yaml

    found = check_customer(read_yaml(path, path.name), path.name)
    if party is not None:
        check_receiver(party, found, path.name, name)
    return found


def reopening(book: Book, office: Office, issuer: str, data_path: Path | None) -> Callable[[], Office]:
    """What opens the same office in a worker process."""
    from pcf.certificate.desk import Reopening
    from pcf.commands.options import user_data
    from pcf.settings import home
    from pcf.store.passphrase import find_passphrase

    url = book.database.engine.url.render_as_string(hide_password=False)
    return Reopening(url, data_path, user_data(), book.actor, home(), issuer, office.profile, find_passphrase())


def write_bundle(book: Book, number: str, path: Path) -> None:
    """Write the sealed calculation of a certificate."""
    from pcf.certificate.register import read_bundle, read_entry
    from pcf.views.files import write_bytes

    with book.read() as connection:
        write_bytes(path, read_bundle(connection, read_entry(connection, number)))


def publish_files(office: Office, out: Path, days: int) -> list[str]:
    """Write what an issuer publishes; names of the files."""
    from datetime import UTC, datetime

    from pcf.certificate.issue import make_status_lists
    from pcf.certificate.public_page import page
    from pcf.certificate.register import read_ends, read_entries
    from pcf.certificate.trust import write_issuer
    from pcf.store.log import sign_head
    from pcf.views.files import make_folder, write_bytes

    lists = make_status_lists(office, datetime.now(UTC), days)
    write_issuer(out, office.keys.public)
    make_folder(out / "status")
    for name, content in lists.items():
        write_bytes(out / "status" / name, content)
    write_bytes(out / "log-head.txt", sign_head(office.book.database, office.log).encode())
    with office.book.read() as connection:
        entries, ends = read_entries(connection), read_ends(connection)
    for entry in entries:
        folder = out / "c" / entry.id
        make_folder(folder)
        write_bytes(folder / "index.html", page(entry, ends.get(entry.number), this_day()).encode())
    pages = [f"c/{entry.id}/index.html" for entry in entries]
    return [*pages, "did.json", "certificates.pem", "issuer.json", "log-head.txt", *(f"status/{name}" for name in lists)]
