"""Fixtures of the workbench: a desk with people, a client of the plain routes, a running server, a browser."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the workbench needs FastAPI: pip install 'pcf-aluminium[web]'")
pytest.importorskip("argon2", reason="the workbench needs argon2: pip install 'pcf-aluminium[web]'")

from starlette.testclient import TestClient

from pcf.store import open_database
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.guard import LANGUAGE, THEME
from pcf.web.people import People
from pcf.web.sessions import Sessions
from tests.web import failing
from tests.web.cutting import Way
from tests.web.failing import pytest_runtest_makereport
from tests.web.signing_in import PASSWORD

__all__ = ["pytest_runtest_makereport"]

CHROMIUM = Path("/usr/bin/chromium")
REQUIRED = "PCF_TEST_BROWSER"
"""Environment variable: `required` makes a missing browser a failure."""

LAG = "PCF_TEST_LAG"
"""Environment variable: pages are opened by a line on which each piece takes up to so many seconds, so that tests that do not wait fail."""

SCREENS = Path(__file__).parents[2] / "build" / "screens"
HARMLESS = "Resize must be passed a displayed plot div element"
"""What the plotly element complains of when its panel closes."""

ORIGIN = "http://testserver"

WAIT = 90_000
"""How long a page may take for something, on a machine that does other things as well [ms]."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(open_database(f"sqlite:///{tmp_path / 'pcf.db'}"))
    yield made
    made.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """The plain routes, without the pages."""
    with TestClient(create_app(desk, pages=()), base_url=ORIGIN, follow_redirects=False) as made:
        yield made


class Server:
    """`pcf serve` in a process of its own, with one account of each role."""

    def __init__(self, home: Path, database: str = "") -> None:
        self.home = home
        self.database = database or f"sqlite:///{home / 'pcf.db'}"
        environment = {**os.environ, "PCF_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2]), "PCF_ACTOR": "test"}
        if database:
            environment["PCF_DATABASE_URL"] = database
        self._environment = environment
        self.pcf("user", "add", "admin", "--role", "admin")
        command = [sys.executable, "-c", "from pcf.commands import main; main()", "serve", "--port", "0"]
        # Into a file: a pipe that nobody reads stops the server when it is full.
        self.journal = home.parent / f"{home.name}.journal"
        with self.journal.open("a", encoding="utf-8") as journal:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=journal, text=True)
        assert self.process.stdout is not None
        self.address = re.findall(r"http://[0-9.:]+", self.process.stdout.readline())[0]
        self.names: dict[str, str] = {}
        host, port = self.address.removeprefix("http://").split(":")
        for _ in range(200):  # the address is said before anybody listens
            with suppress(OSError), socket.create_connection((host, int(port)), 1):
                break
            time.sleep(0.05)
        if os.environ.get(LAG):
            self.address = Way(self.address, float(os.environ[LAG])).address

    def pcf(self, *arguments: str) -> str:
        command = [sys.executable, "-c", "from pcf.commands import main; main()", *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True).stdout

    def account(self, role: str) -> str:
        """Name of an account with a password of its own."""
        if role not in self.names:
            once = self.pcf(
                "user", "password" if role == "admin" else "add", role, *([] if role == "admin" else ["--role", role])
            )
            found = re.search(r"password (\S+)[,;]", once)
            assert found is not None
            with closing(open_database(self.database)) as database:
                People(database).set_password(role, found[1], PASSWORD)
            self.names[role] = role
        return self.names[role]

    def session(self, role: str) -> str:
        """Cookie of somebody of a role, as the sign-in gives it: the page of the sign-in has its own tests."""
        name = self.account(role)
        with closing(open_database(self.database)) as database:
            return Sessions(database, People(database)).begin(name)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=120)
        return self.process.returncode


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    made = Server(tmp_path_factory.mktemp("web") / "home")
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; of one module, because Playwright's loop runs in this thread and would be in the way of every `asyncio.run`."""
    missing = f"no {CHROMIUM}: install Debian's package chromium" if not CHROMIUM.exists() else ""
    if find_spec("playwright") is None:
        missing = "pages are driven by Playwright, which is not installed"
    if missing and os.environ.get(REQUIRED) == "required":
        pytest.fail(f"{missing}; {REQUIRED}=required")
    if missing:
        pytest.skip(missing)
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the consoles of the test's pages complain of; a test that expects some clears it."""
    return []


@pytest.fixture
def visit(request: pytest.FixtureRequest, server: Server, browser: Any, complaints: list[str]) -> Iterator[Callable[..., Any]]:
    """A page of the workbench in a browser, signed in under a role; what its console complains of fails the test."""
    contexts: list[Any] = []

    def hear(complaint: str) -> None:
        if not complaint.startswith(HARMLESS):
            complaints.append(complaint)

    def open_(path: str, role: str = "sales", lang: str = "en", theme: str = "light", wait: str = "main") -> Any:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        cookies = {"pcf_session": server.session(role), LANGUAGE: lang, THEME: theme}
        more = {"url": server.address, "httpOnly": True, "sameSite": "Strict"}
        context.add_cookies([{"name": name, "value": value, **more} for name, value in cookies.items()])
        found = context.new_page()
        found.on("console", lambda said: hear(said.text) if said.type == "error" else None)
        found.on("pageerror", lambda problem: hear(str(problem)))
        found.goto(server.address + path)
        found.wait_for_selector(wait)
        return found

    yield open_
    failing.tell(request.node, [page for context in contexts for page in context.pages], server.journal, SCREENS)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def screen() -> Callable[[Any, str], None]:
    """Keep a picture of a page for people to look at."""

    def keep(page: Any, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(700)
        page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    return keep
