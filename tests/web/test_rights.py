"""A page that needs a right is closed to every role without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")

from pcf.store import open_database
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.rights import ROLES
from tests.web.signing_in import join, sign_in


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for the module: NiceGUI keeps one application a process."""
    home = tmp_path_factory.mktemp("rights")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PCF_HOME", str(home))
        made = Desk(open_database(f"sqlite:///{home / 'pcf.db'}"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def pages(desk: Desk) -> Iterator[TestClient]:
    from pcf.web.shell import PAGES, View, headline, page

    @page("/closed", "web.data", right="people", listed=False)
    def closed(view: View) -> None:
        headline("h1", f"only for {view.session.account.name}")

    app = create_app(desk, pages=("products", "compare"))
    with TestClient(app, base_url="http://testserver", follow_redirects=False) as client:
        yield client
    PAGES.pop("/closed")


def test_a_role_without_the_right_gets_403(pages: TestClient, desk: Desk) -> None:
    for role in ROLES:
        join(desk, role, role)
        pages.cookies.clear()
        assert sign_in(pages, role).status_code == 303
        answer = pages.get("/app/closed")
        assert (answer.status_code, "only for" in answer.text) == ((200, True) if role == "admin" else (403, False))
        assert "Not for your role" in answer.text or role == "admin"


def test_a_page_is_answered_however_long_its_calculation_has_to_wait(
    pages: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While others keep the processes busy, such as a table of certificates."""

    async def wait(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(desk.work, "run", wait)
    join(desk, "waiting", "auditor")
    pages.cookies.clear()
    assert sign_in(pages, "waiting").status_code == 303
    for path in ("/app/", "/app/compare?v=a356.2&v=hqalight"):
        answer = pages.get(path)
        assert (answer.status_code, "Computing" in answer.text) == (200, True), path
