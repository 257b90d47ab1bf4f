"""Issuer: the file in use, what it still lacks, and a new one, checked before it is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.certificate.profile import NAME, Profile, read_profile
from pcf.certificate.profile_file import MOST_PROFILE, check_profile, example, is_example, lacking
from pcf.certificate.trust import issuer_names
from pcf.errors import InputError, PcfError
from pcf.settings import home
from pcf.store import digest
from pcf.views.files import write_text
from pcf.web.pages.admin_parts import act, ask, say_at, words
from pcf.web.shell import View, go, headline, main_button
from pcf.web.uploads import upload

CHANGED = "issuer-profile"
"""Kind of the event that says who put which file in."""


class IssuerFile:
    """One visit."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.text = ""

    async def build(self) -> None:
        """All of it."""
        view = self.view
        headline("h2", view.say("admin-issuer"), "section-title")
        self.text, found = await asyncio.to_thread(_read)
        with ui.element("div").classes("full").props('id="issuer-state"'):
            if found is None:
                with ui.element("div").classes("banner warn"), ui.element("div"):
                    ui.label(view.say("admin-no-issuer")).classes("strong")
                    ui.label(view.say("admin-no-issuer-why"))
            elif isinstance(found, PcfError):
                say_at(ui.element("div"), found)
            else:
                self._show(found)
                await self._checks(found)
        headline("h3", view.say("admin-issuer-edit"), "admin-h3 admin-sub")
        ui.label(view.say("admin-issuer-hint")).classes("admin-note")
        self.editor = (
            ui.textarea(value=self.text)
            .classes("full editor")
            .props(f'outlined aria-label="{view.say("admin-issuer-edit")}" spellcheck="false" input-style="min-height: 22rem"')
        )
        self.place = ui.element("div").classes("full").props('aria-live="polite" id="issuer-said"')
        with ui.element("div").classes("actions admin-sub"):
            main_button(view, view.say("admin-save"), "save", self._save)
            ui.button(view.say("admin-check"), icon="fact_check", on_click=self._check).props("outline no-caps")
            ui.button(view.say("admin-example"), icon="description", on_click=self._example).props("flat no-caps")
            upload(
                view,
                view.say("admin-issuer-file"),
                self._take,
                MOST_PROFILE,
                accept=".yaml,.yml",
                refuse=lambda problem: say_at(self.place, problem),
            ).classes("small")

    def _show(self, found: Profile) -> None:
        view = self.view
        assurance = found.assurance
        items = [
            ("company", f"{found.name.en} · {found.name.zh}"), ("address", f"{found.address.en} · {found.address.zh}"),
            ("identifier", found.identifier), ("contact", found.contact or "–"), ("verify-address", found.verify),
            ("publish-address", found.publish), ("products", ", ".join(found.products) or "–"),
            ("assurance", f"{assurance.level}: {assurance.verifier}, {assurance.report}" if assurance else view.say("admin-none")),
            ("flows", str(len(found.flows))),
        ]  # fmt: skip
        with ui.element("table").classes("pcf-table fields"), ui.element("tbody"):
            for name, value in items:
                with ui.element("tr"):
                    words("th", view.say(f"admin-{name}")).props('scope="row"')
                    words("td", value)

    async def _checks(self, found: Profile) -> None:
        """What is there and what is not, one by one."""
        view = self.view
        catalogue = view.desk.catalogue
        keys = await asyncio.to_thread(issuer_names, home())
        missing = lacking(found, catalogue)
        own = found.verify.endswith("/verify/")
        lines = [
            (not is_example(found), "admin-check-own", "admin-check-example", {}),
            (bool(keys), "admin-check-keys", "admin-check-no-keys", {}),
            (not missing, "admin-check-products", "admin-check-no-products", {"products": ", ".join(missing)}),
            (own, "admin-check-code", "admin-check-other-code", {"address": found.verify}),
        ]  # fmt: skip
        with ui.element("ul").classes("checks").props('id="issuer-checks"'):
            for good, yes, no, fields in lines:
                with ui.element("li").classes(f"check {'pass' if good else 'warn'}"):
                    ui.icon("check_circle" if good else "warning_amber", size="22px").props('aria-hidden="true"')
                    ui.label(view.say(yes if good else no, **fields))

    # Actions -----------------------------------------------------------------------------------------------------------

    def _example(self) -> None:
        self.editor.set_value(example())

    async def _take(self, event: Any) -> None:
        content = await event.file.read()
        event.sender.reset()
        try:
            self.editor.set_value(content[: MOST_PROFILE * 4].decode("utf-8"))
        except UnicodeDecodeError:
            say_at(self.place, InputError(NAME, "bytes that are no UTF-8", "a YAML file"))
            return
        await self._check()

    async def _check(self) -> bool:
        view = self.view
        content = str(self.editor.value or "")
        done, found = await act(view, lambda _: check_profile(content, view.desk.catalogue), self.place)
        if done:
            self.place.clear()
            with self.place:
                ui.label(view.say("admin-issuer-good", company=view.name(found.name.model_dump()))).classes("banner good").props(
                    'role="status"'
                )
        return done

    async def _save(self) -> None:
        view = self.view
        if not await self._check():
            return
        content = str(self.editor.value)

        def do(actor: str) -> None:
            check_profile(content, view.desk.catalogue)
            write_text(home() / NAME, content)
            with view.desk.database.write(actor) as tx:
                tx.add(CHANGED, f"{CHANGED}:{tx.tip[0]}", digest({"profile": content}), {})

        async def then(_: Any) -> None:
            go("/app/admin?tab=issuer")

        ask(
            view,
            view.say("admin-issuer-save"),
            view.say("admin-issuer-save-why"),
            do,
            then,
            word=view.say("admin-save"),
            bad=False,
        )


def _read() -> tuple[str, Profile | PcfError | None]:
    """The file's text, and what it says or what is wrong about it."""
    path: Path = home() / NAME
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "", None
    except (OSError, UnicodeDecodeError) as problem:
        return "", InputError(NAME, str(problem), "a YAML file in UTF-8")
    try:
        return content, read_profile(path)
    except PcfError as problem:
        return content, problem
