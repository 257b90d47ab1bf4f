"""Admin: people, keys, the issuer's file, clients of the PACT service, the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from pcf.errors import PcfError
from pcf.web.pages.admin_clients import Clients
from pcf.web.pages.admin_issuer import IssuerFile
from pcf.web.pages.admin_keys import Keys
from pcf.web.pages.admin_log import Log
from pcf.web.pages.admin_people import Everybody
from pcf.web.shell import View, headline, link, page

TABS: dict[str, Callable[[View], Awaitable[None]]] = {
    "people": lambda view: Everybody(view).build(),
    "keys": lambda view: Keys(view).build(),
    "issuer": lambda view: IssuerFile(view).build(),
    "clients": lambda view: Clients(view).build(),
    "log": lambda view: Log(view).build(),
}


@page("/admin", "web.admin", right="people", icon="admin_panel_settings")
async def admin(view: View) -> None:
    """The part that the address names."""
    wanted = view.request.query_params.get("tab", "")
    chosen = wanted if wanted in TABS else next(iter(TABS))
    headline("h1", view.say("admin-title"), "page-title")
    ui.label(view.say("admin-intro")).classes("lead")
    with ui.element("nav").classes("subnav").props(f'aria-label="{view.say("admin-title")}"'):
        for name in TABS:
            entry = link(f"/app/admin?tab={name}", view.say(f"admin-{name}")).classes("nav-link")
            if name == chosen:
                entry.props('aria-current="page"')
    with ui.element("section").classes("card admin"):
        try:
            await TABS[chosen](view)
        except PcfError as problem:
            ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
