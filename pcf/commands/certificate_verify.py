"""`pcf certificate verify`: every question that a certificate has to answer, one by one, and a verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.main import language
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.settings import home
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.certificate.trust import Trust
    from pcf.views.verification import Verification

MOST_LIST = 5_000_000
MOST_LISTS = 100

_MARKS = {True: "✓", False: "✗", None: "–"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@click.command(short_help="Verify a certificate, step by step.")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--bundle", type=click.Path(path_type=Path), metavar="FILE", help="Sealed calculation, to compute it again.")
@click.option("--offline", is_flag=True, help="Leave a status open that nobody can look up here.")
@click.option("--trust", type=click.Path(path_type=Path), metavar="DIR", help="Trusted issuers (default: trust in PCF_HOME).")
@click.option(
    "--list", "lists", type=click.Path(path_type=Path), metavar="FILE", multiple=True, help="A status list that was fetched."
)
@click.option("--at", "moment", metavar="DATE", help="For when: a day (12:00 UTC) or a time with its zone (default: now).")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def verify(
    ctx: click.Context, path: Path, bundle: Path | None, offline: bool, trust: Path | None, lists: tuple[Path, ...],
    moment: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Verify the certificate FILE, a PDF file or a credential alone. Exit code 1 unless every answer is right.

    Nothing is fetched from a network. Only issuers of the trust folder count, whatever FILE says of itself.
    """
    if find_spec("pyhanko") is None:
        raise EnvironmentProblem("pyhanko is not installed; pip install 'pcf-aluminium[certificates]'")
    from pcf.certificate.verify import holds
    from pcf.certificate.verify import verify as ask
    from pcf.views.verification import Verification

    for place, given in (("FILE", path), ("--bundle", bundle)):
        if given is not None and not _exists(given):
            raise InputError(f"{place} {given}", "no such file", "a file that exists")
    at = _at(moment)
    folder, trusted = _trust(trust)
    steps = ask(path, trusted, bundle, lists=_lists(lists), at=at, offline=offline)
    found = Verification(steps, at, offline, str(folder), len(trusted.issuers), holds(steps))
    lang = language(ctx)
    if as_json:
        click.echo(json_text(found.document(path)))
    else:
        _show(found, lang)
    if not found.holds:
        raise CheckFailed(found.verdict(lang))


def _show(found: Verification, lang: str) -> None:
    """Print a table of the steps, and the verdict last."""
    from pcf.commands.tables import console, new_table
    from pcf.views.verification import RESULTS, shown

    if heading := found.heading(lang):
        click.echo(heading)
    click.echo(text("verify-found.at", lang, at=found.at.isoformat(timespec="seconds"), trust=f"{found.issuers:,}"))
    table = new_table()
    for name in ("result", "question", "found"):
        table.add_column(text(f"verify-head.{name}", lang), no_wrap=name == "result", overflow="fold")
    for step in found.steps:
        result = f"{_MARKS[step.good]} {text(f'verify-result.{RESULTS[step.good]}', lang)}"
        table.add_row(result, text(f"verify.{step.key}", lang), shown(step, lang))
    console().print(table)
    click.echo(" ".join((found.verdict(lang), *(found.limits(lang) if found.holds else []))))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True  # and cannot be read, which is what the first step then says
    except (OSError, ValueError):
        return False


def _trust(folder: Path | None) -> tuple[Path, Trust]:
    from pcf.certificate.trust import read_trust

    if folder is not None and not folder.is_dir():
        raise InputError(f"--trust {folder}", "no such folder", "a folder of issuers, as `pcf key public --out` writes them")
    place = folder or home() / "trust"
    return place, read_trust(place)


def _lists(paths: Sequence[Path]) -> list[bytes]:
    """The status lists; what is in them is the verification's to judge."""
    from pcf.certificate.verify_steps import read

    if len(paths) > MOST_LISTS:
        raise InputError("--list", f"{len(paths)} files", f"at most {MOST_LISTS}")
    found, why = [], ""
    for path in paths:
        try:
            found.append(read(path, MOST_LIST))
        except CheckFailed as problem:
            why = why or str(problem)
    if why:  # out here, since an error that stands behind another one gives the exit code
        raise InputError("--list", why, "a file with a status list")
    return found


def _at(given: str | None) -> datetime:
    from pcf.certificate.vcdm import read_time

    if given is None:
        return datetime.now(UTC)
    if _DAY.fullmatch(given) and given.isascii():
        try:
            return datetime.combine(date.fromisoformat(given), time(12), UTC)
        except ValueError:
            raise InputError("--at", repr(given), "a day of the calendar") from None
    return read_time(given, "--at").astimezone(UTC)
