"""A sign-in by OpenID Connect in a real browser, from another site: the cookies that have to come back do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.oidc.settings import OidcSettings
from tests.web.oidc.provider import CLIENT, SECRET, Provider
from tests.web.pact.test_way import running

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_browser_comes_back_signed_in(
    browser: Any, desk: Desk, screen: Callable[[Any, str], None], lang: str
) -> None:  # fmt: skip
    made: list[Provider] = []

    def provide(port: int) -> Any:
        made.append(Provider(port, "localhost"))  # another site than 127.0.0.1: only ports would be the same one
        return made[0].app

    def serve(port: int) -> Any:
        settings = OidcSettings(
            made[0].issuer, CLIENT, f"http://127.0.0.1:{port}", {"sales": ("sales-team",)}, SECRET, label="Example"
        )
        return create_app(desk, pages=(), oidc=settings)

    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN" if lang == "zh" else "en-GB")
    with running(provide), running(serve) as port:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"http://127.0.0.1:{port}/login?next=/password")
        screen(page, f"oidc-login-{lang}")
        page.get_by_role("link", name="Example").click()
        page.wait_for_url(f"http://127.0.0.1:{port}/password")
        assert page.locator("#old").count() == 1, "the page of somebody who is signed in"
        page.goto(f"http://127.0.0.1:{port}/oidc/callback?state=x&code=y")
        screen(page, f"oidc-old-{lang}")
        assert complaints == ["Failed to load resource: the server responded with a status of 403 (Forbidden)"]
    context.close()
