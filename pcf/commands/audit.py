"""`pcf audit`: the evidence pack of a period, what an auditor would find, and the pack computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import CheckFailed, EnvironmentProblem
from pcf.text import json_text, text, visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pcf.custody import Book
    from pcf.custody.audit.findings import Audit
    from pcf.store import Database

Function = TypeVar("Function", bound=Callable[..., Any])

ATTEMPTS = 5
"""How often a head is signed anew because records arrived between it and the reading of them."""

MOST_SHOWN = 50
"""Findings on the log that are printed; `pcf log verify` names all."""

SAMPLE, SEED = 5, 1
"""As in the audit room, which a call for help does not import."""


@click.group(cls=Group)
def audit() -> None:
    """Evidence pack for an auditor: export it, check the period, compute an exported pack again."""


def _period_options(function: Function) -> Function:
    options = (
        click.option("--period", required=True, metavar="PERIOD", help="Accounting period."),
        click.option("--scope", required=True, metavar="SCOPE", help="Certification scope."),
        click.option(
            "--sample", type=click.IntRange(0, 10_000), default=SAMPLE, show_default=True,
            help="Documents to follow back, and lots to follow on.",
        ),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=SEED, show_default=True, help="Seed that draws them."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@audit.command(short_help="Write the evidence pack of a period as a folder or ZIP file.")
@_period_options
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR|ZIP", help="Folder to make, or a name with .zip."
)
@click.option(
    "--footprints/--no-footprints", default=True, show_default=True,
    help="With the footprint of every heat, by the data of its plant as they are now.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a pack that exists.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def export(
    ctx: click.Context,
    period: str,
    scope: str,
    sample: int,
    seed: int,
    out: Path,
    footprints: bool,
    force: bool,
    as_json: bool,
    data_path: Path | None,
) -> None:
    """Write the fifteen parts as CSV, a workbook that computes itself, the records, proofs and a signed manifest.

    The same records give the same bytes. It is written whole or not at all.
    """
    from pcf.exchange.audit_pack import check_target

    check_target(out, force=force)
    book = open_book(data_path, create=False)
    names, events, found = export_pack(
        book, scope, period, out, language(ctx), sample=sample, seed=seed, force=force, footprints=footprints
    )
    if as_json:
        click.echo(json_text({"path": str(out), "files": names, "events": events, "findings": dict(found.counts)}))
        return
    counts = {name: f"{number:,}" for name, number in found.counts.items()}
    shown = visible(str(out), keep="")
    click.echo(text("audit.exported", language(ctx), path=shown, files=len(names), events=f"{events:,}", **counts))


def export_pack(
    book: Book, scope: str, period: str, out: Path, lang: str, *, sample: int = SAMPLE, seed: int = SEED, force: bool = False,
    footprints: bool = True,
) -> tuple[list[str], int, Audit]:  # fmt: skip
    """Write the pack of a period; gives its files, the number of events in it, and what was found."""
    from pcf.commands.progress import progress
    from pcf.commands.signing import log_key
    from pcf.custody.audit import audit as find
    from pcf.custody.audit import read_view
    from pcf.custody.audit.view import find_span
    from pcf.exchange.audit_pack import Pack, write_pack

    database = book.database
    with database.read() as connection:
        find_span(connection, scope, period)  # a name that is not recorded is no reason to sign a head
        check_log(connection, lang)  # nor are records that are not as they were written
    with _signed(database) as (connection, head):
        view = read_view(connection, scope, period)
        found = find(view, sample, seed, catalogue=book.catalogue)
        pack = Pack(view, found, head, log_key(), lang, book.catalogue if footprints else None)
        with progress(pack.steps, lang, "progress.files") as advance:
            names = write_pack(out, pack, force=force, advance=advance)
        return list(names), len(view.events), found


def check_log(connection: Connection, lang: str, *, as_json: bool = False) -> None:
    """Verify the log before anything is told from the records: an audit of rows that somebody changed would say anything.

    Raises
    ------
    CheckFailed
        When it does not verify; what was found is printed.
    """
    from pcf.commands.progress import progress
    from pcf.store.log import log_size, verify

    with progress(log_size(connection), lang, "progress.rows") as advance:
        found = list(verify(connection, advance=advance))
    if not found:
        return
    if as_json:
        listed = [{"kind": item.kind, "event": item.seq, "where": item.where} for item in found]
        click.echo(json_text({"log": listed}))
    else:
        for item in found[:MOST_SHOWN]:
            click.echo(text(f"log.{item.kind}", lang, seq=item.seq, where=visible(item.where, keep="")))
        if len(found) > MOST_SHOWN:
            click.echo(text("audit.log-more", lang, count=f"{len(found) - MOST_SHOWN:,}"))
    first = text(f"log.{found[0].kind}", lang, seq=found[0].seq, where=visible(found[0].where, keep=""))
    raise CheckFailed(text("audit.log-broken", lang, count=f"{len(found):,}", first=first))


@contextmanager
def _signed(database: Database) -> Iterator[tuple[Connection, str]]:
    """A view of the database with the signed head of exactly its log."""
    from pcf.commands.signing import sign_head
    from pcf.store.checkpoint import parse
    from pcf.store.log import log_size

    for _ in range(ATTEMPTS):
        head = sign_head(database)
        with database.read() as connection:
            if log_size(connection) == parse(head)[0].size:
                yield connection, head
                return
    raise EnvironmentProblem("records keep arriving while the pack is made; nothing was written; repeat when it is quieter")


@audit.command(short_help="Find what an auditor would find: ranked, with rule and record.")
@_period_options
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def check(ctx: click.Context, period: str, scope: str, sample: int, seed: int, as_json: bool, data_path: Path | None) -> None:
    """Check a period and follow samples both ways. Exit code 1 where a finding is a major one."""
    from pcf.custody.audit import audit as find
    from pcf.custody.audit import read_view
    from pcf.custody.audit.view import find_span

    lang = language(ctx)
    book = open_book(data_path, create=False)
    with book.read() as connection:
        find_span(connection, scope, period)
        check_log(connection, lang, as_json=as_json)
        found = find(read_view(connection, scope, period), sample, seed, verified=True, catalogue=book.catalogue)
    if as_json:
        click.echo(json_text(_document(found, scope, period)))
    else:
        _print(found, scope, period, lang)
    if not found.passed:
        first = found.findings[0]
        raise CheckFailed(f"{found.counts['major']} major findings; first: {first.sentence(lang)}")


def _document(found: Audit, scope: str, period: str) -> dict[str, Any]:
    return {
        "scope": scope, "period": period, "sample": found.sample, "seed": found.seed, "counts": dict(found.counts),
        "findings": [
            {
                "severity": item.severity, "rule": item.rule, "record": item.record, "finding": item.key, "fields": dict(item.fields),
                "en": item.sentence("en"), "zh": item.sentence("zh"),
            }
            for item in found.findings
        ],
        "traces": [
            {
                "direction": item.direction, "start": item.start, "good": item.good,
                "steps": [{"what": step.what, "found": step.found, "good": step.good} for step in item.steps],
            }
            for item in found.traces
        ],
    }  # fmt: skip


def _print(found: Audit, scope: str, period: str, lang: str) -> None:
    from pcf.commands.tables import console, new_table
    from pcf.custody.rules import rules

    counts = {name: f"{number:,}" for name, number in found.counts.items()}
    click.echo(text("audit.summary", lang, scope=scope, period=period, sample=found.sample, seed=found.seed, **counts))
    good = sum(1 for item in found.traces if item.good)
    click.echo(text("audit.traces", lang, good=good, count=len(found.traces)))
    if not found.findings:
        click.echo(text("audit.clean", lang))
        return
    known = rules()
    table = new_table()
    for name in ("severity", "rule"):
        table.add_column(text(f"audit.head-{name}", lang), no_wrap=True)
    table.add_column(text("audit.head-finding", lang), overflow="fold")
    for item in found.findings:
        rule = f"{item.rule} {text('audit-page.is-indicative', lang)}" if item.rule and known[item.rule].indicative else item.rule
        table.add_row(text(f"audit.{item.severity}", lang), rule, item.sentence(lang))
    console().print(table)
    click.echo(text("audit.indicative", lang))


@audit.command(short_help="Check an exported pack and compute it again from its raw records.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FOLDER|ZIP")
@click.option("--public-key", metavar="VKEY", help="Key of the log as you were given it (default: the pack's own).")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def recompute(ctx: click.Context, path: Path, public_key: str | None, as_json: bool) -> None:
    """Check digests, signatures and proofs of a pack, then compute its percentages, caps and balances from raw tickets.

    Reads nothing but the pack: no database, no state of this program. Exit code 1 where anything differs.
    """
    from pcf.custody.audit.recompute import as_document
    from pcf.custody.audit.recompute import recompute as compute

    lines = compute(path, public_key)
    wrong = [line for line in lines if not line.good]
    lang = language(ctx)

    def sentence(line: Any) -> str:
        fields = {name: visible(getattr(line, name), keep="") for name in ("file", "what", "told", "said")}
        if line.key == "figure":
            fields["what"] = _label(line.what, lang)
        return text(f"audit-recompute.{line.key}", lang, **fields)

    if as_json:
        click.echo(json_text({"agrees": not wrong, "lines": [as_document(line) for line in lines]}))
    else:
        for line in lines:
            click.echo(f"{'✓' if line.good else '✗'} {sentence(line)}")
        if not wrong:
            click.echo(text("audit.agrees", lang, count=f"{len(lines):,}"))
    if wrong:
        raise CheckFailed(
            f"{path.name}: {len(wrong):,} {'line differs' if len(wrong) == 1 else 'lines differ'}; first: {sentence(wrong[0])}"
        )


TERMS = {
    "input_percentage": "percentage", "input_percentage_with_alloying": "with-alloying", "own_cap_kg": "own-cap", "cap_kg": "cap", "available_kg": "available",
    "overdraft_limit_kg": "overdraft-limit", "settlement_kg.drawn_from_carry": "drawn-from-carry",
    "settlement_kg.drawn_from_current": "drawn-from-cap", "settlement_kg.expired": "expires",
    "settlement_kg.positive_balance": "positive-balance", "settlement_kg.overdraft": "overdraft",
}  # fmt: skip
"""Path of a figure → what it is called."""


def _label(what: str, lang: str) -> str:
    """What a figure is, in words: account, month, term."""
    account, *month, term = what.split(" · ")
    named = text(f"audit-term.{TERMS.get(term, term.removeprefix('sums_kg.'))}", lang)
    return " · ".join((text(f"account.{account}", lang), *month, named))
