"""Keys: what signs here, by its public half; new ones for an issuer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from nicegui import ui

from pcf.certificate.key_list import KeyLine, list_issuer_keys, list_service_keys
from pcf.certificate.trust import IssuerKeys, create_issuer, rotate_issuer
from pcf.certificate.x509 import fingerprint
from pcf.errors import InputError, PcfError
from pcf.settings import home
from pcf.store import digest
from pcf.store.passphrase import find_passphrase
from pcf.web.pages.admin_parts import ask, chip, rows, words
from pcf.web.shell import View, headline, main_button

NAME = "issuer"
"""Name of the issuer whose keys are made here; more of them are made with `pcf key`."""

MADE = "issuer-key"
"""Kind of the event that says who made keys; no key and no passphrase is in it."""


class Keys:
    """The keys of the issuers, of the log and of the PACT service."""

    def __init__(self, view: View) -> None:
        self.view = view

    async def build(self) -> None:
        """All of it."""
        headline("h2", self.view.say("admin-keys"), "section-title")
        ui.label(self.view.say("admin-keys-intro")).classes("lead")
        self.place = ui.element("div").classes("full").props('id="keys"')
        await self.show()

    async def show(self) -> None:
        """The keys as they are now."""
        view = self.view
        issuers, others, secret = await asyncio.to_thread(
            lambda: (list_issuer_keys(home()), list_service_keys(home()), _passphrase())
        )
        self.place.clear()
        with self.place:
            with ui.element("div").classes("actions admin-state"):
                words("span", view.say("admin-passphrase"))
                kind = "problem" if isinstance(secret, PcfError) else "set" if secret else "none"
                chip(view.say(f"admin-passphrase-{kind}"), "chip-good" if kind == "set" else "chip-warn")
                if isinstance(secret, PcfError):
                    words("span", str(secret)).classes("mono")
            for name, public, lines in issuers:
                with ui.element("div").classes("title-row admin-sub"):
                    with ui.element("div"):
                        headline("h3", f"{public.name}", "admin-h3")
                        words("div", f"{name} · {public.did}").classes("mono")
                    if not public.did.startswith("did:key:"):
                        ui.button(view.say("admin-rotate"), icon="autorenew", on_click=partial(self._rotate, name, secret)).props(
                            "outline no-caps"
                        )
                    else:
                        ui.label(view.say("admin-did-key")).classes("admin-note")
                self._table(lines, public.name)
            if not issuers:
                with ui.element("div").classes("banner warn"), ui.element("div"):
                    ui.label(view.say("admin-no-keys")).classes("strong")
                    ui.label(view.say("admin-no-keys-why"))
                    main_button(view, view.say("admin-keys-make"), "add", partial(self._create, secret))
            if others:
                with ui.element("div").classes("title-row admin-sub"):
                    headline("h3", view.say("admin-service-keys"), "admin-h3")
                self._table(others, view.say("admin-service-keys"))

    def _table(self, lines: list[KeyLine], caption: str) -> None:
        view = self.view
        heads = [view.say(f"admin-{name}") for name in ("purpose", "algorithm", "fingerprint", "created", "state")]
        with rows(heads, caption):
            for line in reversed(lines):
                with ui.element("tr"):
                    with ui.element("td"):
                        words("div", view.say(f"admin-purpose-{line.purpose}")).classes("strong")
                        if line.issuer:
                            words("div", view.say("admin-generation", number=line.number)).classes("admin-note")
                    words("td", line.algorithm)
                    words("td", " ".join(line.fingerprint[start : start + 8] for start in range(0, 64, 8))).classes(
                        "mono fingerprint"
                    )
                    with ui.element("td"):
                        words("div", f"{line.created:%Y-%m-%d}")
                        if line.until:
                            words("div", view.say("admin-until", day=f"{line.until:%Y-%m-%d}")).classes("admin-note")
                    with ui.element("td"), ui.element("div").classes("actions"):
                        chip(view.say("admin-in-use" if line.current else "admin-rotated"), "chip-good" if line.current else "")
                        if not line.encrypted:
                            chip(view.say("admin-unencrypted"), "chip-warn")

    # Actions -----------------------------------------------------------------------------------------------------------

    def _create(self, secret: Any) -> None:
        view = self.view
        fields: dict[str, Any] = {}

        def build() -> None:
            fields["company"] = (
                ui.input(view.say("admin-company")).props('outlined dense autofocus maxlength="200"').classes("full")
            )
            fields["did"] = ui.input(view.say("admin-did")).props('outlined dense maxlength="200"').classes("full")
            fields["did"].props(f'hint="{view.say("admin-did-hint")}"')
            self._shared(fields, secret)

        def do(actor: str) -> IssuerKeys:
            company, did = str(fields["company"].value or "").strip(), str(fields["did"].value or "").strip()
            if not company or len(company) > 200 or not company.isprintable():
                raise InputError(view.say("admin-company"), repr(company[:40]), "a name of at most 200 printable characters")
            made = create_issuer(home(), NAME, company, datetime.now(UTC), _chosen(fields), did, country=_country(fields))
            self._record(actor, NAME, made)
            return made

        ask(
            view, view.say("admin-keys-make"), view.say("admin-keys-make-why"), do, self._after, word=view.say("admin-keys-make"),
            bad=False, build=build,
        )  # fmt: skip

    def _rotate(self, name: str, secret: Any) -> None:
        view = self.view
        fields: dict[str, Any] = {}

        def do(actor: str) -> IssuerKeys:
            made = rotate_issuer(home(), name, datetime.now(UTC), _chosen(fields), country=_country(fields))
            self._record(actor, name, made)
            return made

        ask(
            view, f"{view.say('admin-rotate')}: {name}", view.say("admin-rotate-why"), do, self._after, word=view.say("admin-rotate"),
            build=lambda: self._shared(fields, secret),
        )  # fmt: skip

    def _shared(self, fields: dict[str, Any], secret: Any) -> None:
        view = self.view
        fields["country"] = ui.input(view.say("admin-country")).props('outlined dense maxlength="2"').classes("full")
        fields["open"] = None
        if not secret or isinstance(secret, PcfError):
            fields["open"] = ui.checkbox(view.say("admin-leave-open"))

    def _record(self, actor: str, name: str, made: IssuerKeys) -> None:
        """In the log: who made which keys, by their fingerprints."""
        mark = fingerprint(made.certificate)
        with self.view.desk.database.write(actor) as tx:
            tx.add(MADE, f"{MADE}:{name}:{mark}", digest({"issuer": name, "pdf": mark, "credential": made.method}), {})

    async def _after(self, _: Any) -> None:
        await self.show()


def _passphrase() -> str | PcfError | None:
    """Whether there is a passphrase: never what it is."""
    try:
        return "set" if find_passphrase() else None
    except PcfError as problem:
        return problem


def _chosen(fields: dict[str, Any]) -> str | None:
    """The passphrase for new keys; without one they stay open only where that is said."""
    if fields["open"] is not None and fields["open"].value:
        return None
    found = find_passphrase()
    if found is None:
        raise InputError(
            "passphrase", "none", "a passphrase", "start the server with PCF_KEY_PASSPHRASE_FILE set to a file of mode 600"
        )
    return found


def _country(fields: dict[str, Any]) -> str:
    found = str(fields["country"].value or "").strip().upper()
    if found and not (len(found) == 2 and found.isascii() and found.isalpha()):
        raise InputError("country", repr(found[:10]), "two letters, such as CN")
    return found
