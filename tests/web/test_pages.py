"""The pages in a real browser: what a salesperson does, in both languages and lights."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import WAIT

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = {
    "products": "/app/",
    "explore": "/app/explore?product=a356.2",
    "explore-infeasible": "/app/explore?product=a356.2&post_consumer_share=0.2&recycled_content=0.98",
    "compare": "/app/compare?v=a356.2&v=a356.2:recycled_content=0.85,silicon_origin=hydro",
    "compare-three": "/app/compare?v=hqalight&v=primary-shandong&v=primary-shandong:grid_mix=hydro&pair=BC",
    "data": "/app/data",
    "plant": "/app/data?tab=plant",
}
READY = {"explore": "#bars .main-svg", "compare": "#verdict", "data": "table", "plant": ".q-uploader", "products": ".tile"}

CONTRAST = """() => {
  const rgb = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m };
  const lum = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 });
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2] };
  const found = [];
  for (const el of document.querySelectorAll('body *')) {
    const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || el.closest('svg') || el.closest('.skip') || el.closest('.disabled')) continue;
    const style = getComputedStyle(el), box = el.getBoundingClientRect();
    if (style.visibility === 'hidden' || !box.width || el.closest('.q-icon')) continue;
    let at = el, back = null, faint = 1;
    for (let up = el; up; up = up.parentElement) faint *= +getComputedStyle(up).opacity;
    while (at && !back) { const b = rgb(getComputedStyle(at).backgroundColor); if (b[3] > .99) back = b; at = at.parentElement }
    back ||= [255, 255, 255, 1];
    const ink = rgb(style.color), mixed = ink.slice(0, 3).map((v, i) => v * ink[3] * faint + back[i] * (1 - ink[3] * faint));
    const [a, b] = [lum(mixed), lum(back)].sort((x, y) => y - x), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) found.push(`${el.textContent.trim().slice(0, 40)} ${style.color} on ${back} ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return found;
}"""


def settle(page: Any) -> None:
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_its_language_and_light(visit: Any, screen: Any, name: str, lang: str, theme: str) -> None:
    page = visit(PAGES[name], role="admin", lang=lang, theme=theme, wait=READY[name if name in READY else name.split("-")[0]])
    settle(page)
    screen(page, f"{name}-{lang}-{theme}")
    assert page.get_attribute("html", "lang") == ("zh-CN" if lang == "zh" else "en-US")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.evaluate(CONTRAST) == []
    words = page.inner_text("main")
    assert bool(re.search("[一-鿿]", words)) or lang == "en"
    assert not re.search(r"web\.[a-z-]+|\{[a-z_]+\}|\bNone\b|\bnan\b", words), "a key, a field or a value that is none"


def test_the_sign_in_is_whole_in_both_lights(server: Any, browser: Any, screen: Any) -> None:
    for theme in ("light", "dark"):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{server.address}/preferences?theme={theme}&language=zh&next=/login")
        screen(page, f"login-zh-{theme}")
        assert page.evaluate(CONTRAST) == []
        page.context.close()


# Explore


def slider(page: Any, number: int = 0) -> Any:
    return page.locator(".levers input[type=range]").nth(number)


def total(page: Any) -> float:
    return float(page.inner_text("#total"))


def test_a_lever_moves_the_total_the_chart_and_the_address(visit: Any) -> None:
    page = visit("/app/explore?product=a356.2", wait="#bars .main-svg")
    before = total(page)
    page.evaluate("""() => { window.drawn = 0; let open = false;
        document.querySelector('.levers input[type=range]').addEventListener('keydown', () => { open = true }, true);
        document.querySelector('#bars').on('plotly_afterplot', () => { if (open) { open = false; drawn++ } }) }""")
    slider(page).focus()
    for drawn in range(1, 10):
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(f"window.drawn >= {drawn}")
    page.wait_for_url("**recycled_content=0.65**")
    assert total(page) > before
    shown, address = total(page), page.url
    page.goto(address)
    page.wait_for_selector("#bars .main-svg")
    assert total(page) == shown, "the link reproduces the state"
    page.wait_for_function("/95|No draw/.test(document.querySelector('#band').innerText)", timeout=30_000)


def test_how_long_the_engine_takes_for_a_change_is_measured(visit: Any, server: Any) -> None:
    page = visit("/app/explore?product=can-stock-3104", wait="#bars .main-svg")

    def taken() -> float:
        return float(
            re.findall(r'explore_seconds_bucket\{le="\+Inf"\} (\S+)', page.request.get(f"{server.address}/metrics").text())[0]
        )

    slider(page, 1).focus()
    for _ in range(3):
        before = taken()
        page.keyboard.press("ArrowLeft")
        for _ in range(WAIT // 50):
            if taken() > before:
                break
            page.wait_for_timeout(50)
        assert taken() > before


def test_power_moves_between_two_ends(visit: Any) -> None:
    page = visit("/app/explore?product=primary-shandong", wait="#bars .main-svg")
    before = total(page)
    slider(page).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    page.wait_for_url("**grid_mix=site:**")
    page.wait_for_selector(".banner.warn")  # a hypothetical mix says so
    assert page.locator(".banner.warn").count() == 1
    page.wait_for_function(f"+document.querySelector('#total').innerText < {before}")
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function(f"document.querySelector('#total').innerText === '{before}'")
    page.wait_for_url("**product=primary-shandong")


def test_a_charge_that_cannot_be_made_says_why(visit: Any) -> None:
    page = visit(PAGES["explore-infeasible"], wait="#infeasible")
    assert re.search(r"Fe .*limit .*Highest feasible recycled content", page.inner_text("#infeasible"), re.S)


def test_every_panel_opens(visit: Any) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    for name, wanted in (
        ("Sources", ".main-svg"), ("Gases", "text=tetrafluoromethane"), ("Other choices of the method", "text=Scrap burden"),
        ("Checks", ".check"), ("Changes", "text=Nothing is changed"),
    ):  # fmt: skip
        page.get_by_role("tab", name=name).click()
        page.wait_for_selector(f".q-tab-panel {wanted}" if wanted.startswith(".") else f".q-tab-panel >> {wanted}")


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "1e999",
        "9" * 250,
        "<script>alert(1)</script>",
        "'; DROP TABLE event; --",
        "nan",
        "12,5",
        "0.5 kWh",
        "=1+1",
        "５０％",
    ],
)
def test_whatever_is_written_into_a_lever_does_no_harm(visit: Any, text: str) -> None:
    page = visit("/app/explore?product=a356.2", wait="#bars .main-svg")
    before = total(page)
    field = page.locator(".lever-input input").first
    field.fill(text)
    field.press("Enter")
    page.wait_for_selector(".q-notification")
    said = page.inner_text(".q-notification")
    assert f"Recycled content (metal basis): “{text[:60]}” is no value from 0 % to 100 %." in said
    assert total(page) == before
    assert page.locator(".lever-input input").first.input_value() == "74.01 %"
    assert page.url.endswith("product=a356.2")


def test_a_number_with_its_unit_is_taken(visit: Any) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    field = page.locator(".lever-input input").first
    field.fill("12.5 MWh/t")
    field.press("Enter")
    page.wait_for_url(re.compile("dc_electricity=12.5"))
    assert page.locator(".lever-input input").first.input_value() == "12500 kWh/t"


def test_a_parameter_that_is_no_main_one_is_found_by_its_name(visit: Any) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    page.get_by_text("All other parameters").click()
    page.get_by_label("Search by name").fill("ingot_gas")
    field = page.locator(".lever.small input")
    page.wait_for_function("document.querySelectorAll('.lever.small').length === 1")
    field.fill("500")
    field.press("Enter")
    page.wait_for_url(re.compile("ingot_gas=500"))


@pytest.mark.parametrize(
    "query",
    [
        "product=<script>alert(1)</script>", "product=a356.2&recycled_content=<img src=x onerror=alert(1)>", "product=a356.2&nothing=1",
        "product=a356.2&recycled_content=7", "product=a356.2&scrap=no", "product=" + "x" * 900, "product=a356.2&site=%01",
        "product=a356.2&grid_mix=coal:2,hydro:-1",
    ],
)  # fmt: skip
def test_a_link_that_makes_no_sense_says_so(visit: Any, query: str) -> None:
    page = visit(f"/app/explore?{query}", wait=".banner.bad")
    assert "found" in page.inner_text(".banner.bad")
    assert page.locator("main img[src='x'], main script").count() == 0


# Variants


def test_a_variant_is_saved_compared_exported_and_taken_off(visit: Any, server: Any) -> None:
    page = visit("/app/explore?product=a356.2&recycled_content=0.8", wait="#bars .main-svg")
    for name, good in (("", False), ("x" * 100, True), ("Eighty <b>per</b> cent", True)):
        page.get_by_role("button", name="Save as variant").first.click()
        page.get_by_label("Name of the variant").fill(name)
        page.locator(".dialog").get_by_role("button", name="Save as variant").click()
        if not good:
            page.wait_for_selector(".q-notification.bg-negative")
            page.get_by_role("button", name="Cancel").click()
        page.wait_for_selector(".dialog", state="detached")  # it closes when the variant is kept
    page.goto(f"{server.address}/app/compare?v=a356.2")
    page.get_by_label("Add a variant").click()
    page.get_by_role("option", name="★ Eighty <b>per</b> cent").click()
    page.wait_for_selector("#verdict")
    assert "Eighty <b>per</b> cent" in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("button", name="XLSX table").click()
    assert download.value.suggested_filename == "comparison.xlsx"
    with page.expect_download():
        page.get_by_role("button", name="CSV table").click()
    page.get_by_role("button", name="Saved variants").click()
    page.wait_for_selector(".saved-row")
    count = page.locator(".saved-row").count()
    page.get_by_role("button", name="Take off the list").first.click()
    page.wait_for_selector(".dialog", state="detached")
    page.wait_for_selector("#verdict")
    page.get_by_role("button", name="Saved variants").click()
    page.wait_for_selector(".saved-row")
    assert page.locator(".saved-row").count() == count - 1
    server.pcf("log", "verify")


def test_variants_of_different_methods_are_marked_and_not_ranked(visit: Any) -> None:
    page = visit("/app/compare?v=a356.2&v=a356.2:scrap=co-product", wait="#verdict")
    assert page.locator(".banner.warn").count() >= 2
    assert "–" in page.locator(".facts dd").nth(1).inner_text()


def test_more_than_six_variants_are_not_taken(visit: Any) -> None:
    page = visit("/app/compare?" + "&".join(["v=hqalight"] * 9), wait="#verdict")
    assert page.locator(".variant").count() == 6


def test_a_variant_that_makes_no_sense_is_named(visit: Any) -> None:
    page = visit("/app/compare?v=a356.2&v=<script>alert(1)</script>&v=hqalight:x=1", wait=".banner.bad")
    assert page.locator(".banner.bad").count() == 2


# Keyboard


def test_the_keyboard_reaches_everything(visit: Any) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.closest('[aria-label]')?.ariaLabel || '').trim().split('\\n').pop()"
            )
        )
    assert {"Products", "Compare", "Data", "Reset", "Save as variant", "Direct current"} <= reached, reached
