"""`pcf log`: the transparency log of the custody records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.entry import list_command, open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import CheckFailed, InputError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.store.checkpoint import Checkpoint, Verifier

MOST_HEAD = 100_000


@click.group(cls=Group)
def log() -> None:
    """The transparency log: every record is a leaf of a Merkle tree whose signed heads others hold."""


log.add_command(list_command("event", short="List the events.", order=("seq",)))


@log.command(short_help="Check records, log and heads against each other.")
@click.option(
    "--against",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="HEAD-FILE",
    help="A head that somebody else holds.",
)
@click.option(
    "--public-key", "public_keys", multiple=True, metavar="VKEY", help="A key that heads may bear beside this log's own."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def verify(
    ctx: click.Context, heads: tuple[Path, ...], public_keys: tuple[str, ...], as_json: bool, data_path: Path | None
) -> None:
    """Check every record against its event, the events against the tree, the tree against all heads. Exit code 1 when not."""
    from pcf.commands.progress import progress
    from pcf.store.log import log_size
    from pcf.store.log import verify as check

    lang = language(ctx)
    database = open_book(data_path, create=False).database
    trusted = trusted_keys(public_keys)
    held = read_heads(heads, trusted)
    with database.read() as connection:
        size = log_size(connection)
        with progress(size, lang, "progress.rows") as advance:
            found = list(check(connection, held, advance, trusted))
    if as_json:
        click.echo(json_text({
            "size": size, "heads": len(held), "findings": [{"kind": item.kind, "event": item.seq, "where": item.where} for item in found]
        }))  # fmt: skip
    else:
        for item in found:
            click.echo(text(f"log.{item.kind}", lang, seq=item.seq, where=item.where))
        if not found:
            click.echo(text("log.clean", lang, size=f"{size:,}", heads=len(held)))
    if found:
        raise CheckFailed(
            f"the log does not verify: {len(found)} findings; first: {found[0].kind}, event {found[0].seq}, {found[0].where}"
        )


def trusted_keys(public_keys: Sequence[str]) -> list[Verifier]:
    """This log's own key, where it has one yet, and those that were named."""
    from pcf.store.checkpoint import parse_vkey
    from pcf.views.signing import log_public_key

    return [*log_public_key(), *map(parse_vkey, public_keys)]


def read_heads(paths: Sequence[Path], trusted: Sequence[Verifier]) -> list[Checkpoint]:
    """Heads that somebody else holds; one of the keys has to have signed each."""
    return [_head(path, trusted) for path in paths]


def _head(path: Path, trusted: Sequence[Verifier]) -> Checkpoint:
    from pcf.store.checkpoint import open_note

    if not path.is_file() or path.stat().st_size > MOST_HEAD:
        raise InputError(f"--against {path}", "no such file, or a large one", "a file with a signed head")
    try:
        note = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"--against {path}", "bytes that are no UTF-8", "a file with a signed head") from None
    return open_note(note, trusted)


@log.command(short_help="Sign the log as it is now and print the head.")
@click.option("--public-key", is_flag=True, help="Print the public key instead.")
@catalogue_option
def head(data_path: Path | None, public_key: bool) -> None:
    """Sign the log as it is now and print the head: hand it to auditors and customers, who can hold it against the log later."""
    from pcf.store.checkpoint import Verifier
    from pcf.views.signing import log_key, sign_head

    if public_key:
        key = log_key()
        click.echo(Verifier(key.name, key.public_key).vkey)
        return
    click.echo(sign_head(open_book(data_path, create=False).database).rstrip())


@log.command(short_help="Prove that an event is in the log.")
@click.argument("seq", type=click.IntRange(0))
@click.option("--size", type=click.IntRange(1), help="Size of the log (default: of now).")
@catalogue_option
def proof(seq: int, size: int | None, data_path: Path | None) -> None:
    """Print the inclusion proof (RFC 6962) of event SEQ as JSON."""
    from pcf.views.log import proof_document

    with open_book(data_path, create=False).database.read() as connection:
        click.echo(json_text(proof_document(connection, seq, size)))
