"""`pcf audit`: the audit folder of a period, what an auditor would find, samples, and the folder computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pcf.commands.audit_sample import redraw, sample, samples
from pcf.commands.audit_walk import walk
from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import CheckFailed
from pcf.text import json_text, text, visible
from pcf.views.audit import SAMPLE, SEED, LogBroken, audit_document, export_pack, log_sentence, recomputed_sentence

if TYPE_CHECKING:
    from pcf.custody.audit.findings import Audit

Function = TypeVar("Function", bound=Callable[..., Any])

MOST_SHOWN = 50
"""Findings on the log that are printed; `pcf log verify` names all."""


@click.group(cls=Group)
def audit() -> None:
    """Folder of evidence for an auditor: export it, check the period, draw samples, walk a trail, compute an exported folder again."""


for _command in (sample, samples, redraw, walk):
    audit.add_command(_command)


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


@audit.command(short_help="Write the audit folder of a period, as it is or as a ZIP file.")
@_period_options
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR|ZIP", help="Folder to make, or a name with .zip."
)
@click.option(
    "--footprints/--no-footprints", default=True, show_default=True,
    help="With the footprint of every heat, by the data of its plant as they are now.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an audit folder that exists.")
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
    lang = language(ctx)
    with _broken_log_shown(lang):
        names, events, found = export_pack(
            book, scope, period, out, lang, sample=sample, seed=seed, force=force, footprints=footprints,
            progress=partial(_progress, lang),
        )  # fmt: skip
    if as_json:
        click.echo(json_text({"path": str(out), "files": names, "events": events, "findings": dict(found.counts)}))
        return
    counts = {name: f"{number:,}" for name, number in found.counts.items()}
    shown = visible(str(out), keep="")
    click.echo(text("audit.exported", lang, path=shown, files=len(names), events=f"{events:,}", **counts))


def _progress(lang: str, total: int, key: str) -> AbstractContextManager[Callable[[int], None]]:
    from pcf.commands.progress import progress

    return progress(total, lang, key)


@contextmanager
def _broken_log_shown(lang: str, *, as_json: bool = False) -> Iterator[None]:
    """Print what is wrong with the log, where something is, before the command fails."""
    try:
        yield
    except LogBroken as broken:
        found = broken.findings
        if as_json:
            click.echo(json_text({"log": [{"kind": item.kind, "event": item.seq, "where": item.where} for item in found]}))
        else:
            for item in found[:MOST_SHOWN]:
                click.echo(log_sentence(item, lang))
            if len(found) > MOST_SHOWN:
                click.echo(text("audit.log-more", lang, count=f"{len(found) - MOST_SHOWN:,}"))
        raise


@audit.command(short_help="Find what an auditor would find: ranked, with rule and record.")
@_period_options
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def check(ctx: click.Context, period: str, scope: str, sample: int, seed: int, as_json: bool, data_path: Path | None) -> None:
    """Check a period and follow samples both ways. Exit code 1 where a finding is a major one."""
    from pcf.views.audit import checked

    lang = language(ctx)
    book = open_book(data_path, create=False)
    with (
        _broken_log_shown(lang, as_json=as_json),
        checked(book, scope, period, lang, sample=sample, seed=seed, progress=partial(_progress, lang)) as (_, found),
    ):
        pass
    if as_json:
        click.echo(json_text(audit_document(found, scope, period)))
    else:
        _print(found, scope, period, lang)
    if not found.passed:
        first = found.findings[0]
        raise CheckFailed(f"{found.counts['major']} major findings; first: {first.sentence(lang)}")


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


@audit.command(short_help="Check an exported audit folder and compute it again from its raw records.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FOLDER|ZIP")
@click.option("--public-key", metavar="VKEY", help="Key of the log as you were given it (default: the folder's own).")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def recompute(ctx: click.Context, path: Path, public_key: str | None, as_json: bool) -> None:
    """Check digests, signatures and proofs of an audit folder, then compute its percentages, caps and balances from raw tickets.

    Reads nothing but the folder: no database, no state of this program. Exit code 1 where anything differs.
    """
    from pcf.custody.audit.recompute import as_document
    from pcf.custody.audit.recompute import recompute as compute

    lines = compute(path, public_key)
    wrong = [line for line in lines if not line.good]
    lang = language(ctx)

    if as_json:
        click.echo(json_text({"agrees": not wrong, "lines": [as_document(line) for line in lines]}))
    else:
        for line in lines:
            click.echo(f"{'✓' if line.good else '✗'} {recomputed_sentence(line, lang)}")
        if not wrong:
            click.echo(text("audit.agrees", lang, count=f"{len(lines):,}"))
    if wrong:
        raise CheckFailed(
            f"{path.name}: {len(wrong):,} {'line differs' if len(wrong) == 1 else 'lines differ'}; first: {recomputed_sentence(wrong[0], lang)}"
        )
