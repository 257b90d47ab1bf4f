"""`pcf key`: the keys under which certificates are issued."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from pcf.commands.main import Group, language
from pcf.errors import InputError
from pcf.settings import home
from pcf.text import json_text, text
from pcf.views.issuing import ISSUER


@click.group(cls=Group)
def key() -> None:
    """Keys of an issuer: P-256 with a certificate for PDF files, Ed25519 for credentials; each in an encrypted file."""


_name = click.option("--name", default=ISSUER, show_default=True, help="Name of the issuer here.")
_years = click.option("--years", default=5, show_default=True, type=int, help="How long the certificate holds.")
_country = click.option("--country", default="", metavar="CC", help="Country of the company, such as CN.")
_open = click.option("--no-passphrase", is_flag=True, help="Leave the key files unencrypted.")
_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


@key.command(short_help="Make the keys of a new issuer.")
@click.option("--company", required=True, help="Name of the company, as certificates show it.")
@click.option("--did", default="", help="did:web under which the company publishes its keys (default: a did:key).")
@_name
@_years
@_country
@_open
@click.pass_context
def create(ctx: click.Context, company: str, did: str, name: str, years: int, country: str, no_passphrase: bool) -> None:
    """Make both keys of a new issuer and the public files that others put into their trust folder."""
    from pcf.certificate.trust import create_issuer, issuer_folder

    made = create_issuer(home(), name, company, datetime.now(UTC), _passphrase(no_passphrase), did, years, country)
    click.echo(text("key.made", language(ctx), name=name, did=made.public.did, folder=issuer_folder(home(), name)))


@key.command(short_help="Make new keys for an issuer.")
@_name
@_years
@_country
@_open
@click.pass_context
def rotate(ctx: click.Context, name: str, years: int, country: str, no_passphrase: bool) -> None:
    """Make new keys for an issuer; what the old ones signed stays valid."""
    from pcf.certificate.trust import issuer_folder, rotate_issuer

    made = rotate_issuer(home(), name, datetime.now(UTC), _passphrase(no_passphrase), years, country)
    click.echo(text("key.made", language(ctx), name=name, did=made.public.did, folder=issuer_folder(home(), name)))


@key.command("list", short_help="List the issuers and their keys.")
@_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the issuers whose keys lie here, with fingerprints: SHA-256 of the certificate of PDF files and of the credentials' key."""
    from pcf.certificate.key_list import list_issuer_keys

    rows = []
    for name, public, lines in list_issuer_keys(home()):
        for pdf, credential in zip(lines[::2], lines[1::2], strict=True):
            rows.append({
                "issuer": name, "company": public.name, "did": public.did, "number": pdf.number, "current": pdf.current,
                "encrypted": pdf.encrypted, "created": pdf.created.isoformat(), "pdf_sha256": pdf.fingerprint,
                "credential_sha256": credential.fingerprint,
            })  # fmt: skip
    if as_json:
        click.echo(json_text(rows))
        return
    for row in rows:
        click.echo(text("key.line" if row["current"] else "key.line-old", language(ctx), **row))
        click.echo(text("key.fingerprints", language(ctx), **row))
    if not rows:
        click.echo(text("key.none", language(ctx)))


@key.command(short_help="Print or write the public files of an issuer.")
@_name
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder that receives them, such as a trust folder's."
)
@click.pass_context
def public(ctx: click.Context, name: str, out: Path | None) -> None:
    """Print the DID document of an issuer, or write all its public files."""
    from pcf.certificate.trust import did_document, generations, issuer_folder, read_issuer, write_issuer

    if not generations(home(), name):
        raise InputError("--name", repr(name[:50]), "an issuer of `pcf key list`")
    found = read_issuer(issuer_folder(home(), name))
    if out is None:
        click.echo(json_text(did_document(found)))
        return
    write_issuer(out, found)
    click.echo(text("key.written", language(ctx), folder=out))


def _passphrase(unencrypted: bool) -> str | None:
    """The passphrase of a new key; without one the files stay open only where that is said."""
    from pcf.store.passphrase import find_passphrase

    if unencrypted:
        return None
    found = find_passphrase(_prompt if sys.stdin is not None and sys.stdin.isatty() else None)
    if found is None:
        raise InputError(
            "passphrase", "none", "a passphrase", "set PCF_KEY_PASSPHRASE_FILE to a file of mode 600, or say --no-passphrase"
        )
    return found


def _prompt() -> str:
    answer: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    return answer
