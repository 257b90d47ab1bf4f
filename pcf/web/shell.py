"""The frame of a page of the workbench, and how a module adds a page.

A page is a function that takes a `View` and builds NiceGUI elements:

    @page("/custody", "web.custody", right="see", icon="inventory_2")
    async def custody(view: View) -> None:
        ui.label(view.say("custody-intro"))
"""

from __future__ import annotations

import inspect
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from fastapi import Request
from nicegui import Client, ui

from pcf.errors import CheckFailed, PcfError
from pcf.refusals import refusal
from pcf.text import name_in, text, texts
from pcf.web import guard, plain, resuming
from pcf.web.desk import Desk
from pcf.web.journal import note
from pcf.web.rights import may
from pcf.web.sessions import Session

Build = Callable[["View"], Awaitable[None] | None]


@dataclass(frozen=True)
class Page:
    """A page as it is registered."""

    path: str
    title: str
    build: Build
    right: str
    icon: str
    listed: bool


PAGES: dict[str, Page] = {}


def page(path: str, title: str, *, right: str = "see", icon: str = "", listed: bool = True) -> Callable[[Build], Build]:
    """Register a page.

    Parameters
    ----------
    path : str
        Beneath the workbench, such as `/custody`; parts in braces are in `view.request.path_params`.
    title : str
        Key of its text, such as `web.custody`.
    right : str
        What a role needs to open it (`pcf.web.rights`): any other gets a page that says so, with status 403.
    icon : str
        Name of a Material icon for the navigation.
    listed : bool
        Whether the navigation has it.
    """

    def add(build: Build) -> Build:
        PAGES[path] = Page(path, title, build, right, icon, listed)
        return build

    return add


@dataclass(frozen=True)
class View:
    """What a page knows: the desk, who looks at it, in which language and light, and the request that opened it."""

    desk: Desk
    session: Session
    lang: str
    dark: bool
    request: Request

    def say(self, key: str, **fields: object) -> str:
        """Text `web.<key>` in the page's language."""
        return text(f"web.{key}", self.lang, **fields)

    def text(self, key: str, **fields: object) -> str:
        """Any text in the page's language."""
        return text(key, self.lang, **fields)

    def word(self, group: str, item: str) -> str:
        """Text `<group>.<item>`, or the item itself where there is none."""
        return texts(self.lang).get(f"{group}.{item}", item)

    def name(self, names: Any) -> str:
        """A name of the data in the page's language."""
        return name_in(names, self.lang)

    def may(self, right: str) -> bool:
        """Whether whoever looks has a right."""
        return may(self.session.account.role, right)

    def act(self, right: str) -> str:
        """Under whose name something is changed now; asked before each change, since a page may be old.

        Raises
        ------
        CheckFailed
            Where the session is over or the right is not there any more.
        """
        self.desk.sessions.forget()
        found = self.desk.sessions.of_key(self.session.key)
        if found is None or not may(found.account.role, right):
            raise CheckFailed(self.say("no-right"))
        return found.account.name

    def refusal(self, problem: PcfError | str) -> str:
        """Why something was refused, in the page's language."""
        return refusal(problem, self.lang)

    def explain(self, problem: PcfError | str) -> None:
        """Say what went wrong, where it can be read in peace: as the error has it, or in the page's own words."""
        ui.notify(
            problem if isinstance(problem, str) else self.refusal(problem), type="negative", multi_line=True, close_button=self.say("close"), timeout=0, position="top",
            classes="multi-line-notification", group="negative", badgeClass="hidden",
        )  # fmt: skip

    def own_up(self, problem: Exception) -> None:
        """Say that something failed which nobody foresaw: a click that nothing follows would be made again."""
        if isinstance(problem, PcfError):
            self.explain(problem)
            return
        number = secrets.token_hex(4)
        note(
            "failed",
            level="error",
            number=number,
            name=self.session.account.name,
            page=self.request.url.path,
            kind=type(problem).__name__,
            why=str(problem)[:500],
        )
        self.explain(self.say("failed-here", number=number))

    def tell(self, words: str, kind: str = "positive", *, milliseconds: int = 5000) -> None:
        """Say in passing that something is done (`positive`), worth knowing (`info`) or needed (`warning`).

        As with a refusal, the newest of a kind takes the place of the one before: two that stand one above the other cannot both
        be about what was done last.
        """
        ui.notify(words, type=kind, position="top", timeout=milliseconds, group=kind, badgeClass="hidden")  # type: ignore[arg-type]


def link(address: str, words: str = "") -> ui.element:
    """A link to an address of this server; NiceGUI's own would put the workbench before it."""
    made = ui.element("a")
    made._props["href"] = address
    if words:
        made._text = words
    return made


def go(address: str) -> None:
    """Lead to an address of this server; NiceGUI's own way would put the workbench before it."""
    ui.run_javascript(f"location.href = {json.dumps(address)}")


def main_button(view: View, words: str, icon: str, do: Callable[..., Any]) -> ui.button:
    """The button of what a page is for, readable in either light."""
    return ui.button(words, icon=icon, on_click=do).props(f"unelevated no-caps text-color={'dark' if view.dark else 'white'}")


def headline(level: str, words: str, classes: str = "") -> None:
    """A heading of a level (`h1`, `h2`, …), as plain text."""
    made = ui.element(level).classes(classes)
    made._text = words


class _Page(ui.page):
    """A page in the language and light of the request."""

    def resolve_language(self) -> Any:
        return "zh-CN" if guard.language.get() == "zh" else "en-US"

    def resolve_dark(self) -> bool:
        return guard.theme.get() == "dark"


def register(desk: Desk) -> None:
    """Hand every page to NiceGUI."""
    for item in PAGES.values():
        _register(desk, item)


def _register(desk: Desk, item: Page) -> None:
    async def show(request: Request, client: Client) -> Any:
        session = request.scope["pcf_session"]
        if not may(session.account.role, item.right):
            note("refused", level="warning", name=session.account.name, page=item.path)
            return plain.refused(403, "forbidden")
        view = View(desk, session, guard.language.get(), guard.theme.get() == "dark", request)
        client.title = f"{text(item.title, view.lang)} · pcf"
        client.on_exception(view.own_up)
        resuming.watch(view, client)
        with _frame(view, item):
            built = item.build(view)
            if inspect.isawaitable(built):
                await built
        return None

    _Page(item.path, response_timeout=30.0, reconnect_timeout=30.0)(show)


_WATCH = """<script>
const watch = setInterval(() => {
  if (!window.socket) return;
  clearInterval(watch);
  window.socket.on("connect_error", async () => {
    const answer = await fetch("/session").catch(() => null);
    if (answer?.ok && !(await answer.json()).signed_in) location.reload();
  });
}, 300);
</script>"""
"""A page whose session has ended goes to the sign-in."""


def _frame(view: View, current: Page) -> Any:
    """Header, navigation, user menu; gives the place for the page's own elements."""
    ui.add_head_html('<link rel="stylesheet" href="/static/app.css">')
    ui.add_body_html(_WATCH)
    ui.add_body_html(f'<a class="skip" href="#main">{escape(view.say("skip"))}</a>')
    ui.colors(
        primary="#7cc4ee" if view.dark else "#0b5c8f",
        secondary="#0e7c66",
        positive="#0b6b56",
        info="#0b5c8f",
        negative="#b3261e",
        dark="#161e26",
        dark_page="#10171e",
    )
    with ui.header(elevated=False).classes("pcf-header").props('role="banner"'):
        with link(f"{guard.WORKBENCH}/").classes("brand").props(f'aria-label="{view.say("product")}"'):
            ui.html('<img src="/static/mark.svg" alt="" width="26" height="26">', sanitize=False)
            ui.label(view.say("product")).classes("brand-name")
        with ui.element("nav").classes("pcf-nav").props(f'aria-label="{view.say("pages")}"'):
            for item in PAGES.values():
                if item.listed and view.may(item.right):
                    entry = link(f"{guard.WORKBENCH}{item.path}", text(item.title, view.lang)).classes("nav-link")
                    if item is current or (item.path != "/" and current.path.startswith(f"{item.path}/")):
                        entry.props('aria-current="page"')
        ui.space()
        _switches(view)
        _user_menu(view)
    # Quasar's page is the `main` of the document; a second one inside it would hide where the content begins.
    return ui.element("div").classes("pcf-main").props('id="main" tabindex="-1"')


def _switches(view: View) -> None:
    """Language and theme: the same address again, in another dress."""
    other = "en" if view.lang == "zh" else "zh"
    shade = "light" if view.dark else "dark"

    def leave(kind: str, value: str) -> str:
        return f"() => {{ location.href = '/preferences?{kind}={value}&next=' + encodeURIComponent(location.pathname + location.search) }}"

    button = ui.button("EN" if other == "en" else "中文").props(f'flat dense no-caps lang="{"en" if other == "en" else "zh-CN"}"')
    button.classes("head-button").props(f'aria-label="{"English" if other == "en" else "中文"}"')
    button.on("click", js_handler=leave("language", other))
    icon = ui.button(icon="light_mode" if view.dark else "dark_mode").props("flat dense round").classes("head-button")
    icon.props(f'aria-label="{view.say(f"theme-{shade}")}"').on("click", js_handler=leave("theme", shade))


def _user_menu(view: View) -> None:
    account = view.session.account
    button = ui.button(account.display, icon="person").props('flat dense no-caps aria-haspopup="menu"')
    with button.classes("head-button user-button"), ui.menu():
        ui.label(f"{account.name} · {view.say(f'role-{account.role}')}").classes("menu-head")
        password = ui.menu_item(view.say("password-change"), lambda: go("/password"))
        leave = ui.menu_item(view.say("logout")).on("click", js_handler=_post("/logout", {"csrf": view.session.csrf}))
        for entry in (password, leave):
            entry.props('role="menuitem"')


def _post(address: str, fields: dict[str, str]) -> str:
    """Script that sends a form."""
    return (
        f"() => {{ const f = document.createElement('form'); f.method = 'post'; f.action = {json.dumps(address)};"
        f" for (const [k, v] of Object.entries({json.dumps(fields)})) {{ const i = document.createElement('input');"
        " i.type = 'hidden'; i.name = k; i.value = v; f.append(i) } document.body.append(f); f.submit() }"
    )
