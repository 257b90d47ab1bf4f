"""Reports as pages: the words and the files are those of the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.bringing import bring_file

pytestmark = [pytest.mark.slow, pytest.mark.browser]

REPORTS = (
    ("/app/custody/reports?scope=mill-scope&period=2025", ("statement", "asi-report", "mill-scope", "2025"), "asi-report-mill-scope-2025"),
    ("/app/custody/green?heat=H12345", ("statement", "green", "H12345"), "green-aluminium-H12345"),
)  # fmt: skip


def saved(page: Any, words: str) -> tuple[str, str]:
    """Name and content of the file behind a button."""
    with page.expect_download() as download:
        page.get_by_role("button", name=words, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("role", ["sales", "engineer", "auditor", "admin"])
def test_the_files_are_what_the_command_prints(visit: Any, server: Any, role: str) -> None:
    page = visit("/app/custody", role=role, wait="h1")
    for address, command, name in REPORTS:
        page.goto(server.address + address)
        page.wait_for_selector("#report .claim-line")
        assert saved(page, "JSON") == (f"{name}.json", server.pcf(*command, "--json"))
        printed = server.pcf("--lang", "en", *command)
        assert saved(page, "Text") == (f"{name}.txt", printed)
        shown = [line.strip() for line in page.inner_text("#report").splitlines() if line.strip()]
        assert shown == [line.strip() for line in printed.splitlines()]


def test_a_report_is_chosen_by_scope_and_period(visit: Any, server: Any) -> None:
    page = visit("/app/custody/reports", role="auditor", wait="#report")
    page.get_by_label("scope").click()
    page.locator(".q-menu .q-item").filter(has_text="shut-scope").click()
    page.wait_for_url("**scope=shut-scope")
    page.get_by_label("period").click()
    page.locator(".q-menu .q-item").filter(has_text="2024").click()
    page.wait_for_url("**period=2024")
    page.wait_for_selector("#report")
    assert "scope shut-scope" in page.inner_text("#report") and "NOT FINAL" not in page.inner_text("#report")
    for query in (
        "scope=<script>",
        "scope=mill-scope&period='; DROP TABLE period; --",
        f"scope={'x' * 3000}",
        "scope=%01&period=-1",
    ):
        page.goto(f"{server.address}/app/custody/reports?{query}")
        page.wait_for_selector(".banner.bad")
        assert page.get_by_role("button", name="JSON").count() == 0
        assert page.get_by_label("scope").count() == 1, "another one can be chosen"


def test_a_heat_is_chosen_by_plant_and_day(visit: Any, server: Any) -> None:
    page = visit("/app/custody/green?site=demo-mill", wait="#found")
    assert page.locator("tbody tr").count() == 2
    page.goto(f"{server.address}/app/custody/green?from=2025-03-02&to=2025-03-31&q=<b>&site=nowhere")
    page.wait_for_selector("#found:has-text('0 found')")
    page.goto(f"{server.address}/app/custody/green?from=2025-03-02&to=2025-04-01")
    page.get_by_role("link", name="H12346").click()
    page.wait_for_selector("#report .claim-line")
    assert "heat H12346" in page.inner_text("#report")
    page.goto(f"{server.address}/app/custody/unit?id=H12345")
    page.get_by_role("link", name="Green aluminium").click()
    page.wait_for_selector("#report .claim-line")


def test_a_table_of_grades_is_held_against_the_heat_and_a_wrong_one_changes_nothing(
    visit: Any, screen: Any, tmp_path: Path
) -> None:
    page = visit("/app/custody/green?heat=H12345", wait="#grades")
    head = "grade,min_green_share,source\n"
    for content, says in (
        (f"{head}A,0.9,\n", "where the thresholds stand"), (f"{head}A,-1,ours\n", "a share from 0 to 1"), (f"{head}A,1e400,ours\n", "a share from 0 to 1"),
        ("\x00\x01", "grades.csv"), (f"{head}A,0.9,ours\nA,0.8,ours\n", "a name of its own"),
    ):  # fmt: skip
        (tmp_path / "grades.csv").write_text(content, encoding="utf-8")
        bring_file(page, tmp_path / "grades.csv")
        page.wait_for_selector(f".q-notification:has-text('{says}')")
        page.locator(".q-notification button").click()
        page.wait_for_selector(".q-notification", state="detached")
        assert "Grade: not evaluated" in page.inner_text("#report")
    # 99.70 % of the heat's metal is recycled or made with green power.
    (tmp_path / "grades.csv").write_text(f"{head}<b>Best</b>,0.999,'; --\nGood,0.99,Our table\n", encoding="utf-8")
    bring_file(page, tmp_path / "grades.csv")
    page.wait_for_selector("#report :text('Grade: Good')")
    assert "<b>Best</b>" in page.inner_text("#report")
    screen(page, "custody-green-graded")
    assert '"grade": "Good"' in saved(page, "JSON")[1]
