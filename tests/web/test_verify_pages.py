"""Verify in a real browser, without JavaScript, on a phone and a desk; and two hundred who bring a file at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyhanko", reason="certificates need pyhanko: pip install 'pcf-aluminium[certificates]'")
pytest.importorskip("typst", reason="certificates need typst: pip install 'pcf-aluminium[certificates]'")

import httpx

from pcf.certificate.public_page import SHEET
from tests.certificate.issuing import Made, issuer, signed_pdf
from tests.web.test_pages import CONTRAST

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is signed by somebody whom the server does not know."""
    folder = tmp_path_factory.mktemp("paper")
    made: Made = issuer(folder)
    path = folder / "certificate.pdf"
    path.write_bytes(signed_pdf(made))
    return path


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("zh", "dark")])
def test_a_file_is_verified_without_a_script(
    server: Any, browser: Any, screen: Any, paper: Path, width: int, lang: str, theme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{server.address}/preferences?language={lang}&next=/healthz")
    page.goto(f"{server.address}/preferences?theme={theme}&next=/verify")
    screen(page, f"verify-{width}-{lang}-{theme}")
    page.set_input_files("#file", paper)
    page.click("form[method=post] button")
    page.wait_for_selector(".steps")
    screen(page, f"verify-result-{width}-{lang}-{theme}")
    assert ("Unknown issuer" if lang == "en" else "签发方未知") in page.inner_text(".status")
    assert page.locator(".steps li").count() == 19
    assert page.locator(".steps .fail").count() == 1
    page.goto(f"{server.address}/verify")
    page.fill("#id", "x" * 32)
    page.click("form[method=get] button")
    page.wait_for_url("**/verify/" + "x" * 32)
    screen(page, f"verify-unknown-{width}-{lang}-{theme}")
    assert refused == [] or all("404" in line for line in refused)
    context.close()
    looking = browser.new_context(viewport={"width": width, "height": 800})
    page = looking.new_page()
    for path in ("/verify", "/verify/none"):
        page.goto(f"{server.address}/preferences?theme={theme}&next={path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []
    looking.close()


def test_the_published_page_is_of_the_same_family(server: Any) -> None:
    assert httpx.get(f"{server.address}/verify/style.css").text == SHEET


def test_two_hundred_at_once_are_answered(server: Any, paper: Path) -> None:
    content = paper.read_bytes()

    def bring(_: int) -> tuple[int, str]:
        answer = httpx.post(f"{server.address}/verify", files={"file": ("a.pdf", content)}, timeout=120)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(200) as many:
        answers = list(many.map(bring, range(200)))
    codes = Counter(code for code, _ in answers)
    assert set(codes) <= {200, 429, 503} and codes[200] >= 1 and codes[429] + codes[503] >= 100
    for code, text in answers:
        assert ("class='steps'" in text) == (code == 200)
        assert code == 200 or ("<h1>" in text and "again" in text)
    assert httpx.get(f"{server.address}/readyz").status_code == 200
    assert httpx.post(f"{server.address}/verify", files={"file": ("a.pdf", content)}, timeout=60).status_code == 200
