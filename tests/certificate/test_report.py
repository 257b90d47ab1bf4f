"""The study report: what stands on its pages, in which language, under which standing; what nobody can smuggle in."""

from __future__ import annotations

import copy
import json
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from pcf.catalogue import Catalogue
from pcf.certificate import render as press
from pcf.certificate.report import picture_report, render_report, report_content
from pcf.certificate.report_blocks import flow_name, share_name, signed, tonnes
from pcf.certificate.study import Study, make_study
from pcf.errors import InputError
from pcf.model import Method, read_request
from pcf.resources import datasets_path
from tests.certificate.certificates import runs, texts

DAY = date(2026, 3, 31)
PRODUCTS = sorted(path.stem for path in (datasets_path() / "products").glob("*.yaml"))


@pytest.fixture(scope="module")
def light(catalogue: Catalogue) -> Study:
    return make_study(catalogue, "hqalight")


@pytest.fixture(scope="module")
def cans(catalogue: Catalogue) -> Study:
    return make_study(catalogue, "can-stock-3104")


@pytest.fixture(scope="module")
def whole_en(cans: Study) -> str:
    return "".join(texts(render_report(cans, DAY, "en")))


@pytest.fixture(scope="module")
def whole_zh(cans: Study) -> str:
    return "".join(texts(render_report(cans, DAY, "zh")))


def squeezed(text: str) -> str:
    """Without spaces, as `texts` reads pages; formulas as they are printed."""
    for written, shown in (("CO2", "CO₂"), ("CF4", "CF₄"), ("C2F6", "C₂F₆")):
        text = text.replace(written, shown)
    return "".join(text.split())


def changed(study: Study, **fields: Any) -> Study:
    """A study whose documents are changed."""
    documents = {}
    for language, known in study.documents.items():
        document = copy.deepcopy(dict(known))
        for name, value in fields.items():
            target: Any = document
            *way, last = name.split("__")
            for step in way:
                target = target[step]
            target[last] = value
        documents[language] = document
    return replace(study, documents=documents)


def tables(study: Study, languages: Sequence[str] = ("en",)) -> dict[str, list[list[Any]]]:
    """Rows of each table by its caption."""
    blocks = report_content(study, DAY, languages)["blocks"]
    return {block["caption"][0]["text"]: [row["cells"] for row in block["rows"]] for block in blocks if block["kind"] == "table"}


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_product_has_a_report_in_both_languages_with_its_standing_on_every_page(catalogue: Catalogue, product: str) -> None:
    study = make_study(catalogue, product)
    pages = texts(render_report(study, DAY, "both"))
    assert len(pages) > 8
    for page in pages:
        assert "模型估算MODELESTIMATE" in page
        assert "研究报告，不是证书/Studyreport—notacertificate" in page
    whole = "".join(pages)
    total = study.result["total"]["value"]
    assert f"{total!r}tCO₂e/t" in whole
    for name in study.result["product"]["name"].values():
        assert squeezed(name) in whole


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_page_says_what_its_figures_are_of(light: Study, language: str) -> None:
    pages = texts(render_report(light, DAY, language))
    for number, page in enumerate(pages, start=1):
        if language != "en":
            assert "从摇篮到大门；GWP100IPCCAR6；消费前废料截断法；电力基于合同，归属到产品；低电压PFC不含" in page
            assert f"第{number}页，共{len(pages)}页" in page
        if language != "zh":
            assert (
                "Cradletogate;GWP100IPCCAR6;pre-consumerscrapcut-off;electricitybycontract,attributed;low-voltagePFCexcluded"
                in page
            )
            assert f"Page{number}of{len(pages)}" in page


@pytest.mark.parametrize(
    ("standing", "shown", "others"),
    [
        ("demonstration", "演示——不构成声明DEMONSTRATION—NOTACLAIM", ("模型估算MODEL", "SITERESULT")),
        ("site-result", "工厂结果——自我声明SITERESULT—SELF-DECLARED", ("模型估算MODEL", "NOTACLAIM")),
    ],
)
def test_each_standing_is_on_every_page(light: Study, standing: str, shown: str, others: tuple[str, ...]) -> None:
    for language in ("zh", "en"):
        for page in texts(render_report(changed(light, standing=standing), DAY, language)):
            assert shown in page
            assert not [other for other in others if other in page]
            assert ("Studyreport—notacertificate" if language == "en" else "研究报告，不是证书") in page


def test_values_set_by_hand_are_said_on_every_page_and_listed(catalogue: Catalogue) -> None:
    _, settings = read_request(catalogue, "hqalight", Method(), ["dc_electricity=12600kWh/t"], "", "")
    pages = texts(render_report(make_study(catalogue, "hqalight", Method(), settings), DAY, "en"))
    assert all("含人工改动数值VALUESCHANGEDBYHAND" in page for page in pages)
    whole = "".join(pages)
    assert "dc_electricity12,600kWh/t12,823kWh/t" in whole
    assert "what-ifthatwasmeasurednowhere" in whole


def test_another_site_alone_is_no_value_set_by_hand(catalogue: Catalogue) -> None:
    _, settings = read_request(catalogue, "hqalight", Method(), [], "", "shandong")
    whole = "".join(texts(render_report(make_study(catalogue, "hqalight", Method(), settings), DAY, "en")))
    assert "VALUESCHANGEDBYHAND" not in whole
    assert "Theproductiscomputedatanothersite" in whole


def test_a_partial_boundary_says_so_and_claims_nothing(catalogue: Catalogue) -> None:
    for boundary, shown in (("gate-to-gate", "Gatetogate"), ("scope-1-2", "Scope1and2")):
        whole = "".join(texts(render_report(make_study(catalogue, "hqalight", Method(boundary=boundary)), DAY, "en")))
        assert shown in whole
        assert "Thisisapartialfootprintofsinglesteps." in whole
        assert "noalignmentwithastandardisclaimed" in whole
        assert "AlignedwithGB" not in whole


def test_all_chapters_that_a_study_report_needs_are_there(whole_en: str, whole_zh: str) -> None:
    for one in (
        "1Goalandscope", "1.1Goalofthestudy", "1.2Productanddeclaredunit", "1.3Systemboundary", "1.4Greenhousegasesandtheirpotentials",
        "1.5Choicesofthemethod", "2.1Life-cyclestagesandunitprocesses", "2.2Sites,datacollectionperiodandgeography", "2.3Electricity",
        "2.4Allocationandtreatmentofscrap", "2.5Cut-offandflowsleftout", "3.1Carbonfootprintoftheproduct", "3.2Bylife-cyclestage",
        "3.4Bygreenhousegas", "3.5Separatelyreporteditems", "4.2Sensitivitytothechoicesofthemethod", "4.4Dataqualityandevidence",
        "4.5Checks", "4.6Limitations", "4.7Comparisonwithotherfootprints", "AParameters", "BEmissionfactors", "CFlowchecklists",
        "DReferences", "EProvenance", "Nocriticalreviewandnoverificationbyathirdpartyhastakenplace.",
    ):  # fmt: skip
        assert one in whole_en, one
    for one in (
        "1目的与范围",
        "1.3系统边界",
        "2.3电力",
        "3.2按生命周期阶段",
        "4.6局限性",
        "A参数",
        "未进行鉴定性评审，未经第三方核查。",
    ):
        assert one in whole_zh, one
    assert "Goalandscope" not in whole_zh
    assert "目的与范围" not in whole_en


def test_every_parameter_factor_and_source_is_printed_with_its_marks(cans: Study, whole_en: str) -> None:
    result = cans.result
    for name, entry in result["parameters"].items():
        assert squeezed(name) in whole_en, name
        if entry.get("locator"):
            assert "".join(entry["locator"].split()) in whole_en, name
    for name, entry in result["factors"].items():
        head = f"{entry['source']},{entry['year']},{entry['geography']}"
        assert squeezed(name) in whole_en, name
        assert head in whole_en, name
    for name, entry in result["references"].items():
        assert "".join(entry["title"].split()) in whole_en, name
        assert "".join(entry["url"].split()) in whole_en, name


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_parameter_and_factor_has_a_name_in_both_languages(catalogue: Catalogue, product: str) -> None:
    study = make_study(catalogue, product)
    names = (*study.result["parameters"], *study.result["factors"])
    assert not [name for name in names if not {"en", "zh"} <= set(study.titles[name])]


def test_every_value_of_the_result_is_printed(cans: Study, whole_en: str) -> None:
    result = cans.result
    values = [stage["value"] for stage in (*result["stages"], *result["report_stages"])]
    values += [cell for line in result["matrix"].values() for cell in line.values()]
    values += [gas["tCO2e"] for gas in result["gases"].values()]
    values += [value for options in result["alternatives"].values() for value in options.values()]
    for value in values:
        assert (f"{value:.3f}" if value >= 0.0005 else "<0.001" if value else "0") in whole_en, value
    # The footprint in the README: 4.17 without and 4.53 with low-voltage PFC, 4.99 with scrap as a co-product.
    assert "4.17tCO₂e/twithoutand4.53tCO₂e/twithit" in whole_en
    assert "4.986" in whole_en


def test_checks_stand_with_status_and_finding_in_each_language(cans: Study, whole_en: str, whole_zh: str) -> None:
    for language, whole in (("en", whole_en), ("zh", whole_zh)):
        for check in cans.documents[language]["checks"]:
            assert squeezed(check["detail"]) in whole, check["id"]
    for status in ("pass", "warn", "fail", "notevaluated"):
        assert status in whole_en


def test_a_clause_is_printed_only_where_somebody_has_read_it(light: Study) -> None:
    def with_clause(mark: str) -> str:
        checks = [{**check, "clause": "6.66.6", "mark": mark} for check in light.result["checks"]]
        return "".join(texts(render_report(changed(light, checks=checks), DAY, "en")))

    assert "6.66.6" not in with_clause("transcribed")
    assert "6.66.6" in with_clause("source-read")
    guesses = {check["clause_guess"] for check in light.result["checks"]} - {""}
    assert "life cycle inventory" in guesses
    assert "lifecycleinventory" not in with_clause("transcribed")


def test_it_aligns_and_never_conforms(whole_en: str, whole_zh: str) -> None:
    assert "AlignedwithGB/T24067-2024." in whole_en
    assert not re.search(r"conform|compl(y|ies|iant)with|inaccordancewith", whole_en, re.IGNORECASE)
    assert not re.search(r"符合(GB|ISO|国家标准|标准)", whole_zh)


def test_unknown_flows_are_named_and_what_is_left_out_is_estimated(cans: Study, whole_en: str, whole_zh: str) -> None:
    assert [flow.flow for flow in cans.flows if flow.status == "unknown"] == ["Land clearing (direct land-use change)"]
    assert "土地清理（直接土地利用变化）" in whole_zh
    assert "unknownandhavenoestimate:Landclearing(directland-usechange)." in whole_en
    # An independent way to the same: the test of the cut-off gives the share of all estimates in the footprint with them.
    left_out = sum(flow.estimate or 0.0 for flow in cans.flows if flow.status == "omitted")
    total = cans.result["total"]["value"]
    assert left_out / (total + left_out) == pytest.approx(cans.result["omitted"]["share"], rel=1e-9)


@pytest.mark.parametrize("product", PRODUCTS)
def test_unit_processes_emit_the_result_together(catalogue: Catalogue, product: str) -> None:
    study = make_study(catalogue, product)
    assert sum(step.emissions for step in study.steps) == pytest.approx(study.result["total"]["value"], rel=1e-9)
    assert study.steps[0].amount == pytest.approx(1)


def test_a_chosen_low_voltage_pfc_is_no_omitted_flow(catalogue: Catalogue) -> None:
    def status(method: Method) -> str:
        flows = make_study(catalogue, "hqalight", method).flows
        return next(flow.status for flow in flows if flow.flow == "CF4 of low-voltage anode effects")

    assert status(Method()) == "omitted"
    assert status(Method(low_voltage_pfc="included")) == "included"


def test_the_option_that_the_report_takes_is_marked_once_a_choice(cans: Study) -> None:
    rows = tables(cans)["Result where one choice is changed at a time"]
    taken = [row for row in rows if row[4][0]["text"] == "taken here"]
    assert len({row[0][0]["text"] for row in rows}) == len(taken) > 3
    assert {row[2][0]["text"] for row in taken} == {tonnes(cans.result["total"]["value"])}


def test_a_result_outside_of_its_interval_says_so(cans: Study, light: Study) -> None:
    interval = cans.interval
    assert interval is not None and interval.low < interval.median < interval.high
    for low, high, shown in ((5.0, 6.0, "liesbelowthisinterval"), (1.0, 2.0, "liesabovethisinterval"), (4.0, 5.0, "")):
        whole = "".join(texts(render_report(replace(cans, interval=replace(interval, low=low, high=high)), DAY, "en")))
        assert [one for one in ("liesbelowthisinterval", "liesabovethisinterval") if one in whole] == [shown] * bool(shown)


def test_editions_of_factors_sum_to_the_gas_that_they_are(cans: Study, whole_en: str) -> None:
    gas = cans.result["gases"]["GHG, unspecified"]
    found = re.search(
        r"byedition\[tCO₂e/t\]:editionnotstated(\d+\.\d{3});valuesofunitprocesses,withoutanedition(\d+\.\d{3})\.", whole_en
    )
    assert found
    assert sum(map(float, found.groups())) == pytest.approx(gas["tCO2e"], abs=0.001)


def test_a_charge_beyond_the_limits_is_said_first(cans: Study) -> None:
    whole = "".join(texts(render_report(changed(cans, charge__feasible=False), DAY, "en"))[:1])
    assert "Thechargedoesnotmeetthelimitsofthealloy." in whole


def test_separate_items_are_zero_only_where_assessed(light: Study, whole_en: str) -> None:
    assert "Fossilnotseparable" in whole_en
    separate = {"fossil": 4.5, "biogenic_emissions": 0.25, "biogenic_removals": -0.125, "land_use_change": 0.0, "aircraft": 0.0}
    whole = "".join(texts(render_report(changed(light, separate=separate), DAY, "en")))
    for shown in ("Fossil4.500", "Biogenicemissions0.250", "Biogenicremovals−0.125", "Directlandusechange0", "Aircraft0"):
        assert shown in whole


@pytest.mark.parametrize(
    "name", ["#panic()", "$x^2$", "@ref <label>", "= Heading", "<b>x</b>", "{page}", "\\u{41}", "https://evil.example", "W" * 200]
)
def test_a_name_is_printed_as_text_whatever_it_says(light: Study, name: str) -> None:
    site = {**light.result["site"], "name": {"en": name, "zh": name}}
    content = render_report(changed(light, site=site, product__name={"en": name, "zh": name}), DAY, "both")
    assert "".join(texts(content)).count(squeezed(name)) >= 4
    with pikepdf.open(BytesIO(content)) as pdf:
        # The only links are those of the contents, inside of the file.
        assert not [one for page in pdf.pages for one in page.get("/Annots", []) if "/URI" in one.get("/A", {})]
    assert_inside(content)


@pytest.mark.parametrize(
    ("name", "code"), [("a\u202eb", "202E"), ("שלום", "05E9"), ("a\u200bb", "200B"), ("あ", "3042"), ("a\nb", "000A")]
)
def test_a_name_that_cannot_be_read_as_it_stands_is_refused(light: Study, name: str, code: str) -> None:
    site = {**light.result["site"], "name": {"en": name, "zh": "厂"}}
    with pytest.raises(InputError, match=rf"footprint\.site\.name\.en.*U\+{code}"):
        render_report(changed(light, site=site), DAY, "zh")


def test_another_language_is_refused(light: Study) -> None:
    with pytest.raises(InputError, match="lang"):
        render_report(light, DAY, "de")


def test_it_is_a_tagged_pdf_a_with_its_document_inside(light: Study) -> None:
    content = render_report(light, DAY, "both")
    assert content == render_report(light, DAY, "both")
    with pikepdf.open(BytesIO(content)) as pdf:
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "B")
            assert "HQALight" in meta["dc:title"]
            assert meta["xmp:CreateDate"].startswith("2026-03-31")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.Root.StructTreeRoot.K
        assert json.loads(pdf.attachments["footprint.json"].get_file().read_bytes()) == json.loads(json.dumps(light.result))


def test_pages_are_accessible_as_typst_checks_it(cans: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "STANDARD", "ua-1")
    assert render_report(cans, DAY, "both")[:5] == b"%PDF-"


@pytest.mark.parametrize("product", ["can-stock-3104", "a356.2", "hqaloop"])
def test_nothing_runs_off_the_page(catalogue: Catalogue, product: str) -> None:
    study = make_study(catalogue, product)
    for language in ("zh", "en", "both"):
        assert_inside(render_report(study, DAY, language))


def assert_inside(content: bytes) -> None:
    """Every run of text begins and ends between the margins of its page (A4, 16 mm at the sides).

    The empty half of a full-width comma or full stop that ends a line, up to 4.4 pt, may stand behind the margin.
    """
    with pikepdf.open(BytesIO(content)) as pdf:
        for page in pdf.pages:
            assert [round(float(side)) for side in page.MediaBox] == [0, 0, 595, 842]
            for x, end, y in runs(page):
                assert 45 <= x <= end <= 595 - 45.3 + 4.4, (x, end, y)
                assert 20 <= y <= 842 - 20


def test_heads_of_long_tables_are_repeated(cans: Study) -> None:
    pages = texts(render_report(cans, DAY, "en"))
    head = "ParameterValue,setbySource,year,geography;placeinthesource;remarkMarks"
    assert sum(head in page for page in pages) >= 5


def test_no_network_is_asked(light: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert render_report(light, DAY, "en")


def test_pictures_are_one_a_page(light: Study) -> None:
    found = picture_report(light, DAY, "en", ppi=20)
    assert len(found) == len(texts(render_report(light, DAY, "en")))
    assert all(picture.startswith(b"\x89PNG") for picture in found)


def test_flows_and_options_of_the_catalogue_have_names_in_both_languages(catalogue: Catalogue) -> None:
    hanzi = re.compile("[\u4e00-\u9fff]")
    flows = {item.flow for process in catalogue.processes.values() for item in process.checklist}
    assert not [flow for flow in flows if not hanzi.search(flow_name(flow, "zh"))]
    options = {option for group in catalogue.shares.values() for option in group.options} - {"hqalight"}
    assert not [option for option in options if not hanzi.search(share_name(option, "zh"))]
    assert not [option for option in options if share_name(option, "en") == option and "_" in option]


def test_the_diagram_has_a_box_for_each_stage_and_no_overlap(catalogue: Catalogue) -> None:
    for product in PRODUCTS:
        study = make_study(catalogue, product)
        blocks = report_content(study, DAY, ("en",))["blocks"]
        picture = next(block for block in blocks if block["kind"] == "diagram")
        boxes = [item for item in picture["items"] if item["kind"] == "box"]
        stages = [box for box in boxes if box["tone"] == "stage"]
        assert len(stages) == sum(stage["value"] != 0 for stage in study.result["stages"])
        assert all(box["x"] >= 0 and box["x"] + box["w"] <= 178 and box["y"] + box["h"] <= picture["height"] for box in boxes)
        assert not [(one, other) for one in boxes for other in boxes if one is not other and overlap(one, other)], product


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(
        one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0004, "< 0.001"), (-0.0004, "> −0.001"), (1.2345, "1.234"), (-2, "−2.000"), (14.2418, "14.242")],
)
def test_small_values_are_not_shown_as_nothing(value: float, shown: str) -> None:
    assert tonnes(value) == shown


def test_differences_bear_their_sign() -> None:
    assert [signed(value) for value in (0.0001, 1.25, -0.5)] == ["0", "+1.250", "−0.500"]
