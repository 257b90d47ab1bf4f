"""Tables of orders that become certificates in the background: a page may be closed meanwhile, and a table that is brought in again goes on."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pcf.errors import CheckFailed, InputError, PcfError
from pcf.settings import home
from pcf.text import text
from pcf.views.certificate_orders import RESULTS, outcome_table
from pcf.web import certifying
from pcf.web.desk import Desk
from pcf.web.journal import note
from pcf.web.rights import may

if TYPE_CHECKING:
    from pcf.certificate.bulk import Outcome
    from pcf.certificate.issue import Order

CHUNK = 4
"""Orders of one call: so many are done between two looks at the progress, and at whether somebody wants to stop."""

KEPT = 86_400.0
"""How long files that were made are kept [s]; they can be made again at any time."""

ZIP = "certificates.zip"


@dataclass
class Job:
    """A table on its way."""

    actor: str
    name: str
    orders: Sequence[tuple[str, Order]]
    four_eyes: bool
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    outcomes: list[Outcome] = field(default_factory=list)
    running: bool = True
    stopping: bool = False
    problem: str = ""

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return home() / "bulk" / self.id

    @property
    def refused(self) -> int:
        """How many orders were refused."""
        return sum(1 for item in self.outcomes if item.refused)


_jobs: dict[str, Job] = {}
"""The last table of each person; one application is served in a process."""


def job_of(actor: str) -> Job | None:
    """The last table of a person."""
    return _jobs.get(actor)


def begin(actor: str, name: str, orders: Sequence[tuple[str, Order]], *, four_eyes: bool) -> Job:
    """Start with a table.

    Raises
    ------
    InputError
        While another one of the same person runs.
    """
    before = _jobs.get(actor)
    if before is not None and before.running:
        raise InputError(before.name, "a table that is being worked on", "one at a time", "wait for it or stop it")
    if before is not None:
        shutil.rmtree(before.folder, ignore_errors=True)
    job = _jobs[actor] = Job(actor, name, orders, four_eyes)
    return job


async def work(desk: Desk, job: Job) -> None:
    """Issue chunk by chunk, until all is done, somebody stops it, or who has asked for it may no longer."""
    seat = certifying.seat(desk, job.actor)
    try:
        await asyncio.to_thread(_prepare, job.folder)
        for start in range(0, len(job.orders), CHUNK):
            if job.stopping:
                break
            await asyncio.to_thread(_still_may, desk, job.actor)
            some = list(job.orders[start : start + CHUNK])
            job.outcomes += await desk.work.run(certifying.issue_some, seat, some, str(job.folder), seconds=certifying.SECONDS)
        await asyncio.to_thread(_finish, job)
    except (PcfError, OSError) as problem:
        job.problem = str(problem)
        with suppress(OSError):
            await asyncio.to_thread(_finish, job)
    finally:
        job.running = False
        note("table of certificates", name=job.actor, done=len(job.outcomes), refused=job.refused, of=len(job.orders))


def _still_may(desk: Desk, actor: str) -> None:
    account = desk.people.find(actor)
    if account is None or not account.active or not may(account.role, "certify"):
        raise CheckFailed(text("web.no-right", desk.language))


def _prepare(folder: Path) -> None:
    parent = folder.parent
    if parent.is_dir():
        for old in parent.iterdir():
            if time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _finish(job: Job) -> None:
    """The table of results, and everything in one file."""
    (job.folder / RESULTS).write_text(outcome_table(job.outcomes), encoding="utf-8")
    with zipfile.ZipFile(job.folder / ZIP, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted([*job.folder.glob("*.pdf"), job.folder / RESULTS]):
            archive.write(path, path.name)
