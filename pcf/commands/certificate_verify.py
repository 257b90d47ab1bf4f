"""`pcf certificate verify`: every question that a certificate has to answer, one by one, and a verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.main import language
from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.settings import LANGUAGES, home
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.certificate.trust import Trust
    from pcf.certificate.verify import Step

SCHEMA = "pcf/verification/1"
MOST_LIST = 5_000_000
MOST_LISTS = 100

RESULTS = {True: "pass", False: "fail", None: "not-asked"}
_MARKS = {True: "✓", False: "✗", None: "–"}
_SHOWN = {"content": ("number", "footprint", "unit"), "proof": ("method",), "status": ("as_of",)}
"""Which of a step's values the table has; of the others all."""

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

    for place, given in (("FILE", path), ("--bundle", bundle)):
        if given is not None and not _exists(given):
            raise InputError(f"{place} {given}", "no such file", "a file that exists")
    at = _at(moment)
    folder, trusted = _trust(trust)
    steps = ask(path, trusted, bundle, lists=_lists(lists), at=at, offline=offline)
    found = _Found(steps, at, offline, folder, len(trusted.issuers), holds(steps))
    lang = language(ctx)
    if as_json:
        click.echo(json_text(found.document(path)))
    else:
        found.show(lang)
    if not found.holds:
        raise CheckFailed(found.verdict(lang))


class _Found:
    """What a verification has found, as a document and as a page."""

    def __init__(self, steps: Sequence[Step], at: datetime, offline: bool, folder: Path, issuers: int, good: bool) -> None:
        self.steps, self.at, self.offline, self.folder, self.issuers, self.holds = steps, at, offline, folder, issuers, good
        self.by_key = {step.key: step for step in steps}
        self.alone = self.by_key["signature"].values.get("reason") == "no-pdf"

    @property
    def outcome(self) -> str:
        """`current`, `status-open` or `no`."""
        if not self.holds:
            return "no"
        return "current" if self.by_key["status"].good else "status-open"

    def verdict(self, lang: str) -> str:
        """The verdict in one sentence; the first step that says no is why."""
        wrong = next((step for step in self.steps if step.good is False), None)
        if not self.holds:
            wrong = wrong or next(step for step in self.steps if step.good is None)
            return text("verify-verdict.no", lang, step=text(f"verify.{wrong.key}", lang), why=_why(wrong, lang))
        return text(f"verify-verdict.{self.outcome}", lang)

    def limits(self, lang: str) -> list[str]:
        """What is plainly not there."""
        reprint, log = self.by_key["print"], self.by_key["log"]
        return [
            *([text("verify-verdict.demonstration", lang)] if self._content("demonstration") == "true" else []),
            *(
                [text("verify-verdict.not-reprinted", lang, why=_why(reprint, lang))]
                if reprint.good is None and not self.alone
                else []
            ),
            *([text("verify-verdict.no-log", lang)] if log.values.get("reason") == "no-evidence" else []),
            text(f"verify-verdict.{'limits-alone' if self.alone else 'limits'}", lang),
        ]

    def _content(self, name: str) -> str | None:
        step = self.by_key["content"]
        return step.values[name] if step.good else None

    def document(self, path: Path) -> dict[str, Any]:
        """The verification as `pcf/verification/1`."""
        content = self.by_key["content"]
        return {
            "schema": SCHEMA,
            "file": {"name": str(path), "sha256": self.by_key["file"].values.get("sha256")},
            "at": self.at.isoformat(),
            "offline": self.offline,
            "trust": {"folder": str(self.folder), "issuers": self.issuers},
            "holds": self.holds,
            "outcome": self.outcome,
            "verdict": {lang: self.verdict(lang) for lang in LANGUAGES},
            "certificate": {**content.values, "demonstration": content.values["demonstration"] == "true"} if content.good else None,
            "issuer": dict(self.by_key["issuer"].values) if self.by_key["issuer"].good else None,
            "steps": [
                {
                    "step": step.key, "result": RESULTS[step.good],
                    "question": {lang: text(f"verify.{step.key}", lang) for lang in LANGUAGES},
                    "found": dict(step.values) if step.good else {},
                    "why": None if step.good else {lang: _why(step, lang) for lang in LANGUAGES},
                }
                for step in self.steps
            ],
            "limits": {lang: self.limits(lang) for lang in LANGUAGES},
        }  # fmt: skip

    def show(self, lang: str) -> None:
        """Print a table of the steps, and the verdict last."""
        from pcf.commands.tables import console, new_table

        content, signer = self.by_key["content"], self.by_key["issuer"]
        if content.good:
            issuer = (signer if signer.good else self.by_key["proof"]).values["name"]
            click.echo(text("verify-found.certificate", lang, **content.values, issuer=issuer))
        click.echo(text("verify-found.at", lang, at=self.at.isoformat(timespec="seconds"), trust=f"{self.issuers:,}"))
        table = new_table()
        for name in ("result", "question", "found"):
            table.add_column(text(f"verify-head.{name}", lang), no_wrap=name == "result", overflow="fold")
        for step in self.steps:
            result = f"{_MARKS[step.good]} {text(f'verify-result.{RESULTS[step.good]}', lang)}"
            table.add_row(result, text(f"verify.{step.key}", lang), _shown(step) if step.good else _why(step, lang))
        console().print(table)
        click.echo(" ".join((self.verdict(lang), *(self.limits(lang) if self.holds else []))))


def _shown(step: Step) -> str:
    names = _SHOWN.get(step.key, tuple(step.values))
    return " · ".join(step.values[name] for name in names)


def _why(step: Step, lang: str) -> str:
    """Why a step says no, as the program's errors say it, or why it was not asked, in the reader's language."""
    fields = dict(step.values)
    key = fields.pop("reason", "")
    if not key:
        return fields["why"]
    if key == "rests":
        fields["step"] = text(f"verify.{fields['step']}", lang)
    return text(f"verify-why.{key}", lang, **fields)


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
