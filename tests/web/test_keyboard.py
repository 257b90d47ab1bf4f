"""Whoever has a keyboard alone: from the list of certificates through the wizard to its preview, with the focus in sight all the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("pyhanko", reason="certificates need pyhanko: pip install 'pcf-aluminium[certificates]'")
pytest.importorskip("typst", reason="certificates need typst: pip install 'pcf-aluminium[certificates]'")

from tests.web.certified import CUSTOMER, OTHER_HEAT, fill_home, issue_first
from tests.web.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WAIT = 120_000
"""For what is computed, on a machine that does other things as well [ms]."""

MOST = 60
"""Presses of Tab after which something is held to be out of reach."""

FOCUS = """() => {
  const at = document.activeElement, around = at.closest('.q-field'), style = item => getComputedStyle(item);
  const ringed = item => !!item && style(item).outlineStyle !== 'none' && parseFloat(style(item).outlineWidth) >= 2;
  const words = [at.ariaLabel, ...[...(at.labels || [])].map(item => item.innerText), at.innerText].filter(Boolean).join(' ');
  const box = at.getBoundingClientRect();
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  return { words: words.replace(/\\s+/g, ' ').trim(), seen: seen && (ringed(at) || ringed(around?.querySelector('.q-field__control'))), id: at.id, tag: at.tagName };
}"""
"""What has the focus: its words, and whether a ring around it is in sight."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a book from which certificates can be issued."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("keyboard") / "home"
    fill_home(home)
    issue_first(home)
    made = Server(home)
    yield made
    made.stop()


class Keyboard:
    """Presses keys, and sees that the focus is in sight wherever it goes."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def focus(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(FOCUS)
        return found

    def go_to(self, words: str, *, key: str = "Tab") -> None:
        """Tab until something has the focus whose words begin like this."""
        passed = []
        for _ in range(MOST):
            self.page.keyboard.press(key)
            found = self.focus()
            assert found["seen"] or found["tag"] == "BODY", f"no focus in sight: {found}"
            if re.search(rf"(^| ){re.escape(words)}", found["words"]):
                return
            passed.append(found["words"][:40])
        pytest.fail(f"“{words}” is out of reach of {key}: {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(words)


def test_the_wizard_is_walked_by_keyboard_alone(visit: Callable[..., Any]) -> None:
    page = visit("/app/certificates", wait="#listed table")
    keys = Keyboard(page)
    keys.go_to("New certificate")
    keys.press("Enter")
    page.wait_for_selector(".cert-stepper", timeout=WAIT)
    # For whom.
    for label, key in (("Name", "name"), ("Address", "address"), ("Country", "country")):
        keys.go_to(label)
        keys.type(CUSTOMER[key])
    keys.go_to("Next")
    keys.press("Enter")
    # What: another kind, then the heat that is free.
    page.wait_for_selector(".cert-kinds:visible")
    keys.go_to("Batch")
    keys.press("Space")
    page.wait_for_selector(f".cert-choices td:text-is('{OTHER_HEAT}')", timeout=WAIT)
    keys.go_to(OTHER_HEAT)
    keys.press("Space")
    page.wait_for_selector(".cert-choices tr.selected")
    keys.go_to("Next")
    keys.press("Enter")
    # How much, and in which language: a list is opened, moved in and closed.
    page.wait_for_selector("#chosen:visible")
    keys.go_to("Mass")
    keys.type("3000")
    keys.go_to("Language")
    keys.press("Enter")
    page.wait_for_selector("[role=listbox]")
    keys.press("ArrowDown", "Enter")
    page.wait_for_selector("[role=listbox]", state="detached")
    keys.go_to("Compute and look")
    keys.press("Enter")
    page.wait_for_selector("#preview", timeout=WAIT)
    assert "Räderwerk GmbH" in page.inner_text("#preview") and "3,000 kg" in page.inner_text("#preview")
    keys.go_to("Preview as PDF")
    keys.go_to("Issue")


def test_the_first_tab_leads_past_the_navigation(visit: Callable[..., Any]) -> None:
    page = visit("/app/certificates", wait="#listed table")
    keys = Keyboard(page)
    keys.press("Tab")
    assert keys.focus()["seen"] and page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    assert keys.focus()["id"] == "main"
    keys.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main') !== null"), "the first stop is in the content"


@pytest.mark.parametrize(
    "path", ["/app/", "/app/explore?product=primary-shandong", "/app/compare?v=a356.2&v=hqalight", "/app/data", "/app/custody/lots", "/app/data?tab=plant"]
)  # fmt: skip
def test_the_focus_is_in_sight_on_the_whole_way_through_a_page(visit: Callable[..., Any], path: str) -> None:
    page = visit(path, role="admin", wait="#main h1")
    page.wait_for_load_state("networkidle")
    keys, stops = Keyboard(page), 0
    for _ in range(MOST):
        keys.press("Tab")
        found = keys.focus()
        if found["tag"] == "BODY" or (stops and page.evaluate("document.activeElement.className") == "skip"):
            break
        assert found["seen"] and found["words"], found
        stops += 1
    assert stops > 10


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(visit: Callable[..., Any]) -> None:
    page = visit("/app/admin?tab=people", role="admin", wait="#people table")
    keys = Keyboard(page)
    keys.go_to("Add a person")
    keys.press("Enter")
    page.get_by_role("dialog", name="Add a person").wait_for()
    page.wait_for_function("document.activeElement.closest('.q-dialog') !== null")
    for _ in range(12):
        keys.press("Tab")
        # After its last stop comes the browser's own bar, which leaves nothing of the page with the focus.
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('.q-dialog') !== null")
    keys.press("Escape")
    page.wait_for_selector(".dialog", state="detached")
    assert "Add a person" in keys.focus()["words"]


def test_the_menu_of_the_person_is_opened_and_left_by_keyboard(visit: Callable[..., Any]) -> None:
    page = visit("/app/certificates", role="sales", wait="#listed table")
    keys = Keyboard(page)
    keys.go_to("person sales")
    keys.press("Enter")
    page.get_by_role("menuitem", name="Change password").wait_for()
    keys.press("Escape")
    page.wait_for_selector("[role=menu]", state="detached")
    keys.press("Enter")
    page.get_by_role("menuitem", name="Change password").wait_for()
    keys.go_to("Change password")
    keys.press("Enter")
    page.wait_for_url("**/password")


def test_a_note_of_a_lever_shows_where_the_focus_is(visit: Callable[..., Any]) -> None:
    page = visit("/app/explore?product=primary-shandong", wait="#bars .main-svg")
    keys = Keyboard(page)
    keys.go_to("Note: A hypothetical mix")
    page.get_by_role("tooltip").wait_for()
    assert "A hypothetical mix" in page.inner_text(".q-tooltip")
    keys.press("Tab")
    page.wait_for_selector(".q-tooltip", state="detached")


def test_a_list_of_a_lever_is_called_by_its_title(visit: Callable[..., Any]) -> None:
    page = visit("/app/explore?product=primary-shandong", wait="#bars .main-svg")
    assert page.get_by_role("combobox", name=re.compile("^From ")).count() == 1


def test_a_chart_says_its_figures_and_those_of_a_change(visit: Callable[..., Any]) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    said = page.get_attribute("#bars", "aria-label")
    for stage, value in (("Bauxite mining", 0.57), ("Alumina refining", 3.12), ("Electrolysis", 2.48)):  # as the README has them
        found = re.search(rf"{stage}: ([0-9.]+) tCO₂e/t", said)
        assert found is not None and round(float(found[1]), 2) == value
    page.get_by_role("slider", name="Anode, net").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("said => document.querySelector('#bars').ariaLabel !== said", arg=said)
