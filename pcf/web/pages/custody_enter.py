"""Entering records: a form for each kind, from the definitions that the commands have; what is entered twice is recorded once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nicegui import ui

from pcf.custody import record
from pcf.custody.intake import KINDS, Count
from pcf.custody.reading import Record, read_record
from pcf.custody.registers import REGISTERS
from pcf.errors import DataError, PcfError
from pcf.refusals import parts
from pcf.web.journal import note
from pcf.web.pages.custody_fields import (
    LINES,
    Fields,
    build_fields,
    clear_problems,
    read_fields,
    show_present,
    show_problems,
    take_digest,
)
from pcf.web.pages.custody_offers import AMENDMENTS, offers_of
from pcf.web.pages.custody_parts import asked, at, head, kinds_nav, read, unit_at
from pcf.web.pages.custody_registers import record_at
from pcf.web.shell import View, go, headline, link, main_button, page

GROUPS: Mapping[str, tuple[str, ...]] = {
    "metal": ("lot", "cast", "process", "shipment"),
    "papers-in": ("received", "due-diligence", "contractor", "force-majeure", "filing"),
    "energy": ("meter", "power"),
    "masters": ("party", "certificate", "site", "scope", "period"),
    "changes": tuple(AMENDMENTS),
}
"""Kinds that are entered here by their groups."""

ELSEWHERE: Mapping[str, str] = {"document": "/shipments", "statement": "/shipments", "match": "/power", "void": "/registers"}
"""Kinds that are entered where what they rest on is shown → where that is."""

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "meter": ("site", "time", "leg"), "certificate": ("number", "valid_from"), "period": ("scope", "id"),
}  # fmt: skip
"""Kind of record → fields of its name, where it is more than one."""

UNITS = ("lot", "cast", "process", "shipment")
DIGESTS = ("sha256", "file_sha256")
"""Fields with the digest of a file."""


@page("/custody/enter", "web.custody-enter", right="record", listed=False)
async def enter(view: View) -> None:
    """The form of the kind that the address names."""
    kind = asked(view, "kind")
    known = [name for names in GROUPS.values() for name in names]
    kind = kind if kind in known else "lot"
    head(view, "enter", view.say("custody-enter-title"), view.say("custody-enter-intro"))
    offers, day = await offers_of(view, kind)
    with ui.element("div").classes("two-columns enter"):
        with kinds_nav(view, GROUPS, kind, lambda name: at("/enter", kind=name)):
            headline("h2", view.say("custody-group-elsewhere"), "section-title")
            for name, path in ELSEWHERE.items():
                link(at(path), view.say(f"custody-elsewhere-{name}")).classes("kind-link")
            link(at("/import", kind=kind), view.say("custody-import-file")).classes("text-link")
        with ui.element("section").classes("card"):
            given = asked(view, "id") if kind in AMENDMENTS else ""
            await _Form(view, kind, offers, day).build({"id": given} if given else {})


class _Form:
    """The form of one record."""

    def __init__(self, view: View, kind: str, offers: Mapping[str, Mapping[str, str]], day: str) -> None:
        self.view, self.kind, self.offers, self.day = view, kind, offers, day
        self.fields: Fields = {}

    async def build(self, given: Mapping[str, str]) -> None:
        """All of it; `given` stands in its fields at first."""
        view, kind = self.view, self.kind
        headline("h2", view.say(f"custody-kind-{kind}"), "form-title")
        about = "amendment" if kind in AMENDMENTS else kind if kind in UNITS else ""
        ui.label(view.say(f"custody-about-{about}") if about else view.text(f"kind.{kind}")).classes("lever-note")
        values = {"date": self.day} if "date" in KINDS[kind].model.model_fields else {}
        values |= {name: next(iter(self.offers[name])) for name in ("site", "scope") if len(self.offers.get(name, ())) == 1}
        self.fields = build_fields(view, kind, {**values, **given}, self.offers)
        for name in LINES:
            if name in self.fields:
                self.fields[name].on("blur", lambda _, name=name: self._weigh(name))
        for name in DIGESTS:
            if name in self.fields:
                take_digest(view, self.fields, name)
        if kind in AMENDMENTS:
            await show_present(view, AMENDMENTS[kind], self.fields)
            self.fields["id"].on_value_change(lambda: show_present(view, AMENDMENTS[kind], self.fields))
        self.weighed = ui.element("div").classes("full weighed").props('aria-live="polite"')
        self.rest = ui.element("div").classes("full").props('id="problems"')
        with ui.element("div").classes("actions end"):
            ui.label(view.say("custody-needed")).classes("lever-note")
            ui.space()
            self.button = main_button(view, view.say("custody-record"), "check", self._record).props('id="record"')

    async def _weigh(self, name: str) -> None:
        """What is left of the units that a charge, a step or a shipment names."""
        from pcf.custody.listing import left_of

        lines = [
            part.strip().rpartition("=")[0].strip() for part in str(self.fields[name].value or "").replace("\n", ",").split(",")
        ]
        wanted = list(dict.fromkeys(line for line in lines if line))[:200]
        left = await read(self.view, left_of, wanted) if wanted else {}
        self.weighed.clear()
        with self.weighed:
            for one in wanted:
                words = self.view.say("custody-left-of", unit=one[:64], mass=f"{left[one]:,}") if one in left else ""
                ui.label(words or self.view.say("custody-unknown-unit", unit=one[:64])).classes(
                    "chip" if words else "chip bad-chip"
                )

    async def _record(self) -> None:
        view, kind = self.view, self.kind
        self.button.disable()
        clear_problems(self.fields, self.rest)
        try:
            actor = view.act("record")
            values = read_fields(self.fields)
            count = await asyncio.to_thread(self._write, actor, values)
        except PcfError as problem:
            problems = problem.problems if isinstance(problem, DataError) else [problem]
            show_problems(view, kind, problems, self.fields, self.rest)
            self.button.enable()
            return
        found = read_record(KINDS[kind].model, values, kind)
        identity = str(getattr(found, KINDS[kind].identity))
        note("record entered", name=actor, kind=kind, id=identity, new=count.written)
        self._done(identity, self._seen_at(found, identity), count)

    def _write(self, actor: str, values: Mapping[str, str]) -> Count:
        # The record's own id is the key: the same once more, by a double click or from another page, is known and changes nothing.
        return record(self.view.desk.book(actor), self.kind, values, self.kind)

    def _done(self, identity: str, address: str, count: Count) -> None:
        view = self.view
        with self.rest, ui.element("div").classes("banner good").props('role="status"'):
            ui.icon("check_circle", size="22px")
            with ui.element("div"):
                ui.label(view.say("custody-recorded" if count.written else "custody-known", what=identity))
                for doubt in count.doubts:
                    _, found, expected, _ = parts(doubt, view.lang)
                    ui.label(view.say("custody-doubt", found=found, expected=expected))
                with ui.element("div").classes("actions"):
                    link(address, view.say("custody-see-it")).classes("link-button quiet")
                    ui.button(view.say("custody-next-one"), on_click=lambda: go(at("/enter", kind=self.kind))).props(
                        "flat no-caps"
                    )

    def _seen_at(self, found: Record, identity: str) -> str:
        """Where the record can be seen; some are named by more than the field that identifies them in a file."""
        if self.kind in UNITS:
            return unit_at(identity)
        kind = AMENDMENTS.get(self.kind, self.kind)
        if kind not in REGISTERS:
            return at("/papers", kind=kind)
        return record_at(kind, "/".join(str(getattr(found, part)) for part in NAMED_BY.get(kind, (KINDS[kind].identity,))))
