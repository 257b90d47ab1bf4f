"""The page Data: what is found, and which workbooks are taken."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.views.test_data_versions import changed_data, zipped
from tests.web.bringing import bring_file
from tests.web.test_pages import CONTRAST

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENCE = 180_000
"""How long a busy machine may take [ms]."""


def test_factors_processes_and_sources_are_found_by_any_word(visit: Any) -> None:
    page = visit("/app/data", wait="table")
    page.get_by_label("Search in: Factors").fill("anode-net-cn")
    page.wait_for_function("document.querySelectorAll('tbody tr').length < 5")
    assert "0.411" in page.inner_text("tbody")
    page.get_by_label("Search in: Factors").fill("<b>'; DROP")
    page.wait_for_selector("text=Nothing of that name")
    page.get_by_role("tab", name="Sources").click()
    page.get_by_label("Search in: Sources").fill("mee-cf24")
    page.wait_for_selector("td:has-text('mee-cf24')")


def test_a_salesperson_brings_no_data_in(visit: Any) -> None:
    page = visit("/app/data?tab=plant", role="sales", wait="table")
    assert page.locator(".q-uploader").count() == 0
    assert page.get_by_role("tab", name="Plant data").count() == 0


@pytest.fixture(scope="session")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pcf.exchange import write_sample, write_template

    folder = tmp_path_factory.mktemp("workbooks")
    write_sample(folder / "sample.xlsx")
    write_template(folder / "empty.xlsx")
    (folder / "fake.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    (folder / "text.txt").write_text("hello", encoding="utf-8")
    (folder / "large.xlsx").write_bytes(bytes(10_500_000))
    return folder


def upload(page: Any, path: Path, year: str = "2025") -> None:
    page.get_by_label("Calendar year").fill(year)
    bring_file(page, path)


@pytest.mark.parametrize(
    ("name", "year", "says"),
    [
        ("empty.xlsx", "2025", "Nothing was kept"), ("fake.xlsx", "2025", "Nothing was kept"), ("large.xlsx", "2025", "too large or of another kind"),
        ("text.txt", "2025", "too large or of another kind"), ("sample.xlsx", "-1", "2000 … 2100"), ("sample.xlsx", "1e9", "2000 … 2100"),
        ("sample.xlsx", "<b>", "2000 … 2100"), ("sample.xlsx", "2019", "2019"),
    ],
)  # fmt: skip
def test_a_workbook_that_does_not_do_is_refused_at_its_cell(
    visit: Any, screen: Any, workbooks: Path, name: str, year: str, says: str
) -> None:
    page = visit("/app/data?tab=plant", role="engineer", wait=".q-uploader")
    upload(page, workbooks / name, year)
    page.wait_for_selector("#report .banner.bad", timeout=60_000)
    assert says in page.inner_text("#report")
    if name == "empty.xlsx":
        assert (
            "!" in page.inner_text("#report tbody")
            or "Sheet" in page.inner_text("#report")
            or page.locator("#report tbody tr").count() > 3
        )
        screen(page, "plant-errors")


def test_a_good_workbook_becomes_a_site_that_products_can_be_made_at(
    visit: Any, screen: Any, server: Any, workbooks: Path
) -> None:
    page = visit("/app/data?tab=plant", role="engineer", wait=".q-uploader")
    upload(page, workbooks / "sample.xlsx")
    page.wait_for_selector("#report .banner.good", timeout=60_000)
    screen(page, "plant-done")
    page.goto(f"{server.address}/app/explore?product=hqalight&site=demo-smelter-2025")
    page.wait_for_selector("#bars .main-svg")
    assert "demonstration" in page.inner_text("main")
    with page.expect_download() as download:
        page.goto(f"{server.address}/app/data?tab=plant")
        page.get_by_role("button", name="Empty workbook").click()
    assert download.value.suggested_filename == "plant.xlsx"


def test_a_second_file_is_told_to_wait_for_the_first(visit: Any, workbooks: Path) -> None:
    page = visit("/app/data?tab=plant", role="engineer", wait=".q-uploader")
    page.route("**/upload/*", lambda route: (page.wait_for_timeout(1_000), route.continue_()))
    chosen = page.locator("input[type=file]")
    chosen.set_input_files(workbooks / "empty.xlsx")
    chosen.set_input_files(workbooks / "fake.xlsx")
    page.wait_for_selector("#report:has-text('while another one is still on its way')")
    page.wait_for_selector("#report:has-text('Nothing was kept'):not(:has-text('on its way'))")


def compare(page: Any) -> None:
    page.get_by_role("button", name="Compare", exact=True).click()


def test_another_version_of_the_data_shows_what_changed_and_how_far_products_move(
    visit: Any, screen: Any, tmp_path: Path
) -> None:
    path = zipped(changed_data(tmp_path), tmp_path / "other.zip")
    page = visit("/app/data?tab=versions", role="sales", wait=".q-uploader")
    bring_file(page, path)
    page.wait_for_selector("text=Uploaded: other.zip")
    compare(page)
    page.wait_for_selector("#effect", timeout=PATIENCE)
    assert page.locator(".count-tile .big").all_inner_texts()[:3] == ["0", "0", "1"]
    row = page.inner_text("#difference .data-table tbody")
    assert "auxiliary_electricity" in row and "450" in row and "parameter" in row
    assert re.search(r"\+0\.\d{3} \(\+\d\.\d %\)", page.inner_text("#effect"))
    for lang, theme in (("en", "light"), ("zh", "dark")):
        other = visit("/app/data?tab=versions", role="sales", lang=lang, theme=theme, wait=".q-uploader")
        bring_file(other, path)
        other.wait_for_selector(f"text={'Uploaded: ' if lang == 'en' else '已上传：'}other.zip")
        other.get_by_role("button", name="Compare" if lang == "en" else "对比", exact=True).click()
        other.wait_for_selector("#effect", timeout=PATIENCE)
        screen(other, f"versions-{lang}-{theme}")
        assert other.evaluate(CONTRAST) == []
        assert other.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.zip", b"PK\x03\x04 this is none", "cannot be unpacked"), ("empty.zip", b"", "cannot be unpacked"),
        ("outside.zip", None, "outside of the folder"),
    ],
)  # fmt: skip
def test_an_archive_that_does_not_do_is_refused(visit: Any, tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    path = tmp_path / name
    if content is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../../x.yaml", "a: 1")
    else:
        path.write_bytes(content)
    page = visit("/app/data?tab=versions", role="auditor", wait=".q-uploader")
    bring_file(page, path)
    page.wait_for_selector(f"text=Uploaded: {name}")
    compare(page)
    page.wait_for_selector("#difference .banner.bad", timeout=PATIENCE)
    assert says in page.inner_text("#difference")
