"""Every page is looked at by axe in a real browser: names, labels, headings, landmarks and contrast, in both lights and languages."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("axe_playwright_python", reason="axe-core is in the package axe-playwright-python, which is not installed")
pytest.importorskip("pyhanko", reason="certificates need pyhanko: pip install 'pcf-aluminium[certificates]'")
pytest.importorskip("typst", reason="certificates need typst: pip install 'pcf-aluminium[certificates]'")

from pcf.web.app import PAGES as MODULES
from pcf.web.guard import WORKBENCH
from tests.web.accessible import PAGES, WAIT, Papers, fill, problems
from tests.web.conftest import Server
from tests.web.signing_in import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOOKS = [("en", "light"), ("zh", "dark"), ("en", "dark")]
DESK, PHONE = 1280, 390


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Papers]:
    """The demonstration's state folder with something on every page."""
    made = tmp_path_factory.mktemp("accessible") / "home"
    return made, fill(made)


@pytest.fixture(scope="module")
def server(home: tuple[Path, Papers]) -> Iterator[Server]:
    """A server on it."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    made = Server(home[0])
    yield made
    made.stop()


def dress(page: Any, server: Server, lang: str, theme: str) -> None:
    page.goto(f"{server.address}/preferences?language={lang}&next=/healthz")
    page.goto(f"{server.address}/preferences?theme={theme}&next=/healthz")


@pytest.fixture(scope="module")
def signed_in(server: Server, browser: Any) -> Iterator[Callable[[str, str], Any]]:
    """The page of an admin, signed in once for each language and light."""
    pages: dict[tuple[str, str], Any] = {}

    def find(lang: str, theme: str) -> Any:
        if (lang, theme) not in pages:
            page = browser.new_context(viewport={"width": DESK, "height": 900}).new_page()
            dress(page, server, lang, theme)
            page.goto(f"{server.address}/login?next=/healthz")
            page.fill("#name", server.account("admin"))
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url("**/healthz")
            pages[lang, theme] = page
        return pages[lang, theme]

    yield find
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize(
    ("lang", "theme", "name"),
    # What somebody opens on a page is looked at in two looks only: its parts are those of the pages.
    [(*look, name) for look in LOOKS for name in PAGES if look != LOOKS[-1] or PAGES[name].do is None],
)
def test_a_page_of_the_workbench_can_be_used_by_everybody(
    signed_in: Callable[[str, str], Any], server: Server, name: str, lang: str, theme: str
) -> None:
    page, look = signed_in(lang, theme), PAGES[name]
    page.goto(server.address + look.path)
    page.wait_for_selector(look.ready, timeout=WAIT)
    if look.do is not None:
        look.do(page)
    page.wait_for_function(
        "document.getAnimations().every(item => item.playState !== 'running' || item.effect.getTiming().iterations === Infinity)"
    )
    assert problems(page) == []
    assert page.get_attribute("html", "lang").startswith(lang)


def test_every_page_is_looked_at() -> None:
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    from pcf.web.shell import PAGES as REGISTERED

    for module in MODULES:
        importlib.import_module(f"pcf.web.pages.{module}")
    looked = {f"{look.path}?".partition("?")[0] for look in PAGES.values()}
    patterns = {path: re.compile(WORKBENCH + re.sub(r"\{[^}]*\}", "[^/]+", path)) for path in REGISTERED}
    assert len(patterns) > 20
    assert [path for path, pattern in patterns.items() if not any(map(pattern.fullmatch, looked))] == []


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize(("lang", "theme"), LOOKS)
def test_what_is_for_everybody_can_be_used_by_everybody(
    server: Server, browser: Any, home: tuple[Path, Papers], lang: str, theme: str, width: int
) -> None:
    papers = home[1]
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    dress(page, server, lang, theme)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = problems(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[name].append(f"wider than {width} px")
        assert page.get_attribute("html", "lang").startswith(lang)

    for name, path in (
        ("form", "/verify"), ("unknown", "/verify/nobody-has-this"), ("login", "/login"), *((kind, f"/verify/{key}") for kind, key in papers.ids.items()),
    ):  # fmt: skip
        page.goto(server.address + path)
        page.wait_for_selector("h1")
        look(name)
    for kind, content in papers.files.items():
        page.goto(f"{server.address}/verify")
        page.set_input_files("#file", {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": content})
        page.click("form[method=post] button")
        page.wait_for_selector(".steps", timeout=WAIT)
        look(f"file {kind}")
    page.context.close()
    assert {name: item for name, item in found.items() if item} == {}
