"""Data, versions: two versions of the data held against each other, what changed in them and how far it moves the products."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.errors import DataError, InputError, PcfError
from pcf.refusals import parts
from pcf.views.compare_wording import signed
from pcf.views.data_versions import CURRENT, SHIPPED, list_versions
from pcf.views.figures import tonnes
from pcf.web import tasks
from pcf.web.shell import View, headline, main_button
from pcf.web.tables import table
from pcf.web.uploads import content_of, upload

MOST_UPLOAD = 10_000_000
"""Bytes of a ZIP file."""

MOST_ROWS = 2_000
MOST_PROBLEMS = 200
UPLOADED = "\0uploaded"
COLUMNS = ("change", "kind", "id", "old", "new", "unit", "source")


class Versions:
    """The form and its outcome, for one visit."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.uploaded: tuple[str, bytes] | None = None
        self.busy = False

    async def build(self) -> None:
        """All of it."""
        view = self.view
        ui.label(view.say("versions-intro")).classes("lead")
        names = await asyncio.to_thread(list_versions, view.desk.data)
        self.options = {name: self._label(name) for name in names}
        with ui.element("div").classes("form-row"):
            self.old = (
                ui.select(dict(self.options), value=SHIPPED, label=view.say("version-old"))
                .props("dense outlined")
                .classes("wide-select")
            )
            self.new = (
                ui.select(dict(self.options), value=CURRENT, label=view.say("version-new"))
                .props("dense outlined")
                .classes("wide-select")
            )
            self.button = main_button(view, view.say("versions-compare"), "difference", self._compare)
        upload(
            view, view.say("version-file"), self._take, MOST_UPLOAD, accept=".zip", refuse=lambda problem: self._say([problem])
        )
        self.place = ui.element("div").classes("full").props('id="difference" aria-live="polite"')

    def _label(self, name: str) -> str:
        if name in (SHIPPED, CURRENT):
            return self.view.say(f"version-{name}")
        return self.view.say("version-earlier", time=name[:16].replace("T", " ")[:13] + ":" + name[13:15], mark=name[-12:])

    async def _take(self, event: Any) -> None:
        try:
            content = await content_of(event, MOST_UPLOAD)
        except InputError as problem:
            self._say([problem])
            return
        finally:
            event.sender.reset()
        name = "".join(sign for sign in Path(event.file.name).name if sign.isprintable())[-80:]
        self.uploaded = (name, content)
        self.options[UPLOADED] = self.view.say("version-uploaded", name=name)
        self.old.set_options(dict(self.options))
        self.new.set_options(dict(self.options), value=UPLOADED)
        self.place.clear()

    async def _compare(self) -> None:
        view = self.view
        if self.busy:
            return
        self.busy = True
        self.button.disable()
        self.place.clear()
        with self.place:
            ui.label(view.say("computing")).classes("lead").props('role="status"')
        try:
            with tempfile.TemporaryDirectory(prefix="pcf-data-") as folder:
                pair = [await self._path(choice.value, Path(folder)) for choice in (self.old, self.new)]
                made = await view.desk.work.run(tasks.data_difference, *pair, str(view.desk.data))
        except PcfError as problem:
            self._say(problem.problems if isinstance(problem, DataError) else [problem])
            return
        finally:
            self.busy = False
            self.button.enable()
        self.place.clear()
        with self.place:
            self._show(made)

    async def _path(self, chosen: str, folder: Path) -> str:
        """Name of a version, or the file that was uploaded."""
        if chosen != UPLOADED or self.uploaded is None:
            return chosen if chosen in self.options else SHIPPED
        path = folder / "uploaded.zip"
        await asyncio.to_thread(path.write_bytes, self.uploaded[1])
        return str(path)

    def _show(self, made: Mapping[str, Any]) -> None:
        view = self.view
        counts = Counter(item["change"] for item in made["changes"])
        if not made["changes"]:
            ui.label(view.say("versions-same")).classes("banner good").props('role="status"')
            return
        with ui.element("div").classes("count-tiles"):
            for way in ("added", "removed", "changed"):
                with ui.element("div").classes("card count-tile"):
                    ui.label(f"{counts[way]:,}").classes("big")
                    ui.label(view.say(f"change-{way}")).classes("tile-second")
            with ui.element("div").classes("card count-tile"):
                moved = sum(
                    1 for item in made["products"] if item["difference"] or (item["old"] is None) != (item["new"] is None)
                )
                ui.label(f"{moved:,}").classes("big")
                ui.label(view.say("versions-moved")).classes("tile-second")
        self._products(made)
        self._changes(made)

    def _products(self, made: Mapping[str, Any]) -> None:
        view = self.view
        headline("h2", view.say("versions-effect"), "section-title spaced")
        moved = [item for item in made["products"] if item["difference"] != 0]
        if not moved:
            ui.label(view.say("versions-no-effect")).classes("banner good")
            return
        heads = [view.text(f"heading.{name}") for name in ("product", "old", "new", "difference")]
        rows = []
        for item in moved:
            known = view.desk.catalogue.products.get(item["product"])
            cells = [item["problem"] or "–" if item[side] is None else tonnes(item[side], 3) for side in ("old", "new")]
            change = (
                "–"
                if item["difference"] is None
                else f"{signed(item['difference'], 3)} ({100 * item['difference'] / item['old']:+.1f} %)"
            )
            rows.append([view.name(known.name) if known else item["product"], *cells, change])
        with ui.element("div").props('id="effect"'):
            table([*heads[:3], f"{heads[3]} [tCO₂e/t]"], rows, numbers=[1, 2, 3])

    def _changes(self, made: Mapping[str, Any]) -> None:
        view = self.view
        headline(
            "h2",
            view.say("versions-changes", old=self.options[self.old.value], new=self.options[self.new.value]),
            "section-title spaced",
        )
        label = view.say("search-in", what=view.say("versions-changed-things"))
        search = (
            ui.input(placeholder=label).props(f'dense outlined clearable aria-label="{label}" maxlength="100"').classes("search")
        )
        heads = [{"name": column, "label": view.say(f"column-{column}"), "field": column, "align": "left", "sortable": True, "classes": f"column-{column}"} for column in COLUMNS]  # fmt: skip
        rows = [
            {
                "key": str(number), "change": view.say(f"change-{item['change']}"), "kind": view.word("data-kind", item["kind"]), "id": item["id"],
                "old": _value(item, "old"), "new": _value(item, "new"), "unit": item.get("unit", ""), "source": item.get("source", ""),
            }
            for number, item in enumerate(made["changes"][:MOST_ROWS])
        ]  # fmt: skip
        made_table = (
            ui.table(rows=rows, columns=heads, row_key="key", pagination=25)
            .classes("data-table full")
            .props("flat dense wrap-cells")
        )
        made_table.props(
            f'no-data-label="{view.say("nothing-found")}" no-results-label="{view.say("nothing-found")}" rows-per-page-label="{view.say("rows")}"'
        )
        made_table.bind_filter_from(search, "value", lambda value: value or "")
        if len(made["changes"]) > MOST_ROWS:
            ui.label(view.say("versions-more", count=f"{len(made['changes']) - MOST_ROWS:,}")).classes("line")

    def _say(self, problems: Any) -> None:
        """Every problem at its place."""
        view = self.view
        self.place.clear()
        with self.place:
            ui.label(view.say("versions-problems", count=len(problems))).classes("banner bad").props('role="alert"')
            rows = [parts(item, view.lang) for item in problems[:MOST_PROBLEMS]]
            table([view.say(f"problem-{name}") for name in ("place", "found", "expected", "advice")], rows)


def _value(item: Mapping[str, Any], side: str) -> str:
    """A quantity as its number; where nothing but marks differ, in all its words; anything else as it stands."""
    number = item.get(f"{side}_value")
    if number is None or item.get("old_value") == item.get("new_value"):
        return item[side] or "–"
    return f"{number:.9g}"
