"""`pcf backup` and `pcf restore`: everything that is recorded, in one file and back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from pcf import __version__
from pcf.commands.log import read_heads, trusted_keys
from pcf.commands.main import language
from pcf.errors import CheckFailed
from pcf.settings import home
from pcf.text import text

if TYPE_CHECKING:
    from pcf.store import Database
    from pcf.store.backup import Manifest, Reader
    from pcf.store.checkpoint import Verifier
    from pcf.store.keys import Signer

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_keys = click.option(
    "--public-key", "public_keys", multiple=True, metavar="VKEY", help="A key that heads may bear beside the log's own."
)


@click.command()
@_file
@_keys
@click.pass_context
def backup(ctx: click.Context, file: Path, public_keys: tuple[str, ...]) -> None:
    """Write everything that is recorded here into FILE: database, keys, profiles, data.

    It may run while others write: it holds one moment of the database. Keys are in it as they lie here, encrypted or not, so that
    only its owner may read it. The log is verified first and signs what is written.
    """
    from pcf.commands.progress import progress
    from pcf.custody import tables as _tables  # noqa: F401 - every table has to be known
    from pcf.store import open_database
    from pcf.store.backup import write_whole
    from pcf.views.signing import log_key

    lang, signer = language(ctx), log_key()
    trusted = trusted_keys(public_keys)
    made: list[Manifest] = []

    def write(stream: IO[bytes]) -> None:
        with closing(open_database(create=False)) as database, progress(_size(database), lang, "progress.rows") as advance:
            made.append(_write(stream, database, signer, trusted, advance))

    write_whole(file, write)
    click.echo(text("backup.made", lang, path=file, **_shown(made[0])))


def _size(database: Database) -> int:
    from pcf.store.log import log_size

    with database.read() as connection:
        return log_size(connection)


def _write(stream: IO[bytes], database: Database, signer: Signer, trusted: Sequence[Verifier], advance: Any) -> Manifest:
    """Everything, in one view of the database; files after it, so that what a record names is there."""
    from pcf.store import clock, dump
    from pcf.store.backup import FILES, TABLES, Manifest, Writer, chunks_of, state_files

    writer, tables, modes = Writer(stream), {}, {}
    try:
        with database.read() as connection:
            found = dump.look(connection, advance, trusted)
            for table in found.tables:
                writer.add(f"{TABLES}{table.name}.jsonl", dump.lines(connection, table))
                tables[table.name] = (tuple(table.c.keys()), dump.count_rows(connection, table))
        for name, path, mode in state_files(home()):
            writer.add(f"{FILES}{name}", chunks_of(path))
            modes[name] = mode
        made = Manifest(
            clock.show(clock.now()), __version__, found.version, found.size, found.root, tables, modes, writer.entries
        )
        writer.close(made, signer)
    except BaseException:
        writer.abandon()
        raise
    return made


@click.command()
@_file
@click.option("--check", "only_check", is_flag=True, help="Try it in a folder that is thrown away, and change nothing.")
@click.option("--replace", is_flag=True, help="Move aside what is here; a PostgreSQL database is emptied.")
@click.option(
    "--against",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="HEAD-FILE",
    help="A head that somebody else holds.",
)
@_keys
@click.pass_context
def restore(
    ctx: click.Context, file: Path, only_check: bool, replace: bool, heads: tuple[Path, ...], public_keys: tuple[str, ...]
) -> None:  # fmt: skip
    """Bring FILE back into an empty state folder and an empty database, whole or not at all.

    The manifest has to be signed by the log's key, every entry has to be as the manifest says, and the log has to verify as
    `pcf log verify` does. Stop the server first.
    """
    from pcf.commands.progress import progress
    from pcf.custody import tables as _tables  # noqa: F401 - every table has to be known
    from pcf.store.backup import open_backup
    from pcf.store.database import read_url
    from pcf.store.migration import versions
    from pcf.store.restore import check
    from pcf.store.restore import restore as put_back

    lang, place = language(ctx), read_url()
    with open_backup(file, versions()) as found:
        _check_key(found, public_keys, file, ignore_here=only_check)
        held = read_heads(heads, [found.key, *found.trusted])
        with progress(found.manifest.size, lang, "progress.rows") as advance:
            if only_check:
                with tempfile.TemporaryDirectory(prefix="pcf-restore-") as folder:
                    check(found, Path(folder), held, advance)
                aside = None
            else:
                aside = put_back(found, home(), place, held, advance, replace=replace)
        shown = _shown(found.manifest)
        words = {"made": found.manifest.made, "mark": found.key.key_id.hex(), **shown}
        click.echo(text("backup.checked" if only_check else "backup.restored", lang, **words))
    if aside is not None:
        click.echo(text("backup.aside", lang, folder=aside))


def _check_key(found: Reader, public_keys: Sequence[str], file: Path, *, ignore_here: bool) -> None:
    """Whether a backup is of the log that is meant: that of the named keys, else that which is here already.

    Raises
    ------
    CheckFailed
        For another one.
    """
    from pcf.store.checkpoint import parse_vkey
    from pcf.views.signing import log_public_key

    found.trusted = list(map(parse_vkey, public_keys))
    meant = found.trusted or ([] if ignore_here else log_public_key())
    if meant and found.key not in meant:
        raise CheckFailed(f"{file}: a backup of another log, whose key is {json.dumps(found.key.vkey)}; nothing was restored")


def _shown(manifest: Manifest) -> dict[str, str]:
    rows = sum(count for _, count in manifest.tables.values())
    return {"size": f"{manifest.size:,}", "rows": f"{rows:,}", "files": f"{len(manifest.modes):,}"}
