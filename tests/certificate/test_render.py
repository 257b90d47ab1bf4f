"""The pages of a certificate: what they show, what is attached, what nobody can smuggle in."""

from __future__ import annotations

import json
import shutil
import socket
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pcf.certificate import render as press
from pcf.certificate.draft import draft
from pcf.certificate.render import Attachment, pictures, render
from pcf.errors import EnvironmentProblem, InputError
from pcf.resources import certificates_path
from pcf.store.canonical import canonical
from tests.certificate.certificates import CLAIMED, ID, batch, footprint, particulars, runs, texts

LANGUAGES = ("zh", "en", "both")
JSON = Attachment("certificate.json", '{"值": 1}'.encode(), "data", "application/json", "Machine-readable certificate")
RAW = Attachment("bundle.bin", bytes(range(256)) * 3, "supplement", "application/octet-stream", "Calculation bundle")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return draft(footprint(), None, particulars())


@pytest.mark.parametrize("language", LANGUAGES)
def test_recycled_content_is_printed_as_it_was_claimed(language: str) -> None:
    """50 % post-consumer and 12.5 % pre-consumer were claimed; the heats hold other shares, which are not printed."""
    found = joined(render(draft(footprint(), batch(), particulars(kind="shipment", recycled_content=CLAIMED)), language))
    without = joined(render(draft(footprint(), batch(), particulars(kind="shipment")), language))
    for value in ("62.5%", "ST-1,ST-2"):
        assert value in found
        assert value not in without
    if language != "zh":
        assert "Noneisclaimedwiththiscertificate" in without


def customer(**fields: str) -> dict[str, Any]:
    known = {"name": "N", "address": "A", "country": "DE"}
    return draft(footprint("site-result"), None, particulars(customer={**known, **fields}))


def joined(content: bytes) -> str:
    return "".join(texts(content))


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_pages_show_the_very_values(made: dict[str, Any], language: str) -> None:
    found = texts(render(made, language))
    assert len(found) == 2
    whole = "".join(found)
    for value in (
        "4.63", "4.625tCO₂e/t", "GWP100,IPCCAR6", "5.38", "11.3", "0.500", "1.125", "3.000", "64.9%", "50.0%", "12.5%", "75.0%",
        "4,500", "0.0169", "200,000kg", "2026-03-31", "2027-12-31", "2025-01-01", "GB/T8733-2016", "GB/T24067-2024",
        "BayerischeRäderAG巴伐利亚车轮", "Industriestraße12,80331München", "PO4500123456", "WHL-19", "c" * 64, f"https://verify.example.com/c/{ID}",
    ):  # fmt: skip
        assert value in whole, value
    for page in found:
        assert "DEMONSTRATION—NOTACLAIM" in page
        assert "演示——不构成声明" in page
        assert "PCF-2026-000123" in page
        assert ID in page
    for number, page in enumerate(found, start=1):
        if language != "en":
            assert f"第{number}页，共2页" in page
            assert "从摇篮到大门" in whole
            assert "自我声明，未经第三方核查" in whole
        if language != "zh":
            assert f"Page{number}of2" in page
            assert "cradletogate" in whole
            assert "Self-declared,notverifiedbyathirdparty." in whole
            assert "Alignedwith" in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_of_the_document_is_printed(made: dict[str, Any], language: str) -> None:
    whole = joined(render(made, language))
    statements = [*made["limitations"], made["comparison"], made["verify"]["how"], made["assurance"]["statement"]]
    for one in statements:
        for name in ("zh", "en"):
            assert ("".join(one[name].split()) in whole) == (language in (name, "both")), one[name]


def test_a_real_certificate_does_not_speak_of_a_demonstration() -> None:
    whole = joined(render(draft(footprint("site-result"), None, particulars()), "both"))
    assert "DEMONSTRATION" not in whole
    assert "演示——" not in whole


def test_a_shipment_names_its_batches() -> None:
    whole = joined(render(draft(footprint(), batch(further=0.5), particulars(kind="shipment")), "en"))
    assert "ShipmentS-7" in whole
    assert "H-1,H-2" in whole
    assert "5.38" in whole  # 4.875 + 0.5, a half up


def test_the_same_input_gives_the_same_bytes(made: dict[str, Any]) -> None:
    first = render(made, "both", [JSON, RAW])
    render(customer(name="Somebody else"), "zh")
    assert render(made, "both", [JSON, RAW]) == first
    assert render({**made, "mass_kg": 1}, "both", [JSON, RAW]) != first


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("drafted", [(None, {}), (batch(further=0.5), {"kind": "shipment"})], ids=["product", "shipment"])
def test_pages_do_not_depend_on_the_order_of_members(language: str, drafted: tuple[Any, dict[str, Any]]) -> None:
    """Who reads the attached certificate, whose members canonical JSON sorts, sets the same pages."""
    found = draft(footprint(), drafted[0], particulars(**drafted[1]))
    again = json.loads(canonical(found))
    assert list(again["separate"]) != list(found["separate"])
    assert render(again, language, [JSON]) == render(found, language, [JSON])


def test_the_keywords_say_what_made_the_file(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pikepdf.open(BytesIO(render(made, "en"))) as pdf:
        assert str(pdf.docinfo["/Keywords"]) == press.maker()
        with pdf.open_metadata() as meta:
            assert meta["pdf:Keywords"] == press.maker()
    for name in ("pcf", "typst", "pyhanko", "pages"):
        assert f"{name} " in press.maker()
    # Another text on the pages is another maker.
    shutil.copytree(certificates_path(), tmp_path / "certificates")
    english = tmp_path / "certificates" / "text" / "en.yaml"
    monkeypatch.setattr(press, "certificates_path", lambda: tmp_path / "certificates")
    assert press.maker.__wrapped__() == press.maker()
    english.write_text(english.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert press.maker.__wrapped__() != press.maker()


@pytest.mark.parametrize(("language", "named"), [("zh", "zh-CN"), ("en", "en"), ("both", "zh-CN")])
def test_it_is_tagged_pdf_a_3_with_title_and_language(made: dict[str, Any], language: str, named: str) -> None:
    with pikepdf.open(BytesIO(render(made, language, [JSON]))) as pdf:
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "B")
            assert "PCF-2026-000123" in meta["dc:title"]
            assert meta["xmp:CreateDate"].startswith("2026-03-31")
            assert named in meta["dc:language"] or named in str(meta["dc:language"])
        root = pdf.Root
        assert str(root.Lang) == named
        assert bool(root.MarkInfo.Marked)
        assert root.StructTreeRoot.K
        assert {str(font.BaseFont).split("+")[1] for page in pdf.pages for font in page.Resources.Font.values()} <= {
            "NotoSansSC-Regular", "NotoSansSC-Bold",
        }  # fmt: skip
        assert pdf.Root.get("/OpenAction") is None
        assert "/JavaScript" not in pdf.Root.get("/Names", {})


def test_pages_are_accessible_as_typst_checks_it(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "STANDARD", "ua-1")
    assert render(made, "both")[:5] == b"%PDF-"


def test_attachments_are_there_byte_by_byte(made: dict[str, Any]) -> None:
    with pikepdf.open(BytesIO(render(made, "both", [JSON, RAW]))) as pdf:
        assert sorted(pdf.attachments) == ["bundle.bin", "certificate.json"]
        for one, relationship in ((JSON, "/Data"), (RAW, "/Supplement")):
            found = pdf.attachments[one.name]
            assert found.get_file().read_bytes() == one.content
            assert found.get_file().mime_type == one.mime
            assert str(found.relationship) == relationship
            assert found.description == one.description
        assert len(pdf.Root.AF) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../../etc/passwd"}, {"name": "a/b"}, {"name": "a\\b"}, {"name": ".hidden"}, {"name": "a..b"}, {"name": ""},
        {"name": "x" * 101}, {"name": "名.json"}, {"relationship": "master"}, {"mime": "text"}, {"description": "A\u202eB"},
    ],
)  # fmt: skip
def test_an_attachment_that_is_none_is_refused(made: dict[str, Any], changed: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="attachment"):
        render(made, "en", [Attachment(**{"name": "a.json", "content": b"{}", **changed})])


def test_no_two_attachments_have_one_name(made: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="twice"):
        render(made, "en", [JSON, Attachment("Certificate.JSON", b"")])


HOSTILE = (
    "#panic()", '#panic("x")', "#read(\"/etc/passwd\")", "#eval(\"1\")", "$x^2$", "@ref", "<label>", "\\u{41} \\", "*bold* _it_ `raw`",
    "= Heading", "- item", "// comment", "/* c */", "[content]", "#{", "}#", "<b>x</b><script>alert(1)</script>", "&amp;", "{page}", "{number}",
    "%s %(x)s", "'; DROP TABLE x; --", "https://evil.example", "{{7*7}}", "~", "--- ...", "\"quoted\" 'text'",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_printed_as_text(text: str) -> None:
    found = customer(name=text, address=text, part_number=text, order=text)
    content = render(found, "both")
    assert joined(content).count("".join(text.split())) >= 4
    with pikepdf.open(BytesIO(content)) as pdf:
        assert all("/Annots" not in page for page in pdf.pages)  # nothing became a link


def test_markup_in_every_text_that_is_entered_is_printed_as_text() -> None:
    text = "#panic() $x$ @a"
    both = {"en": text, "zh": text}
    given = particulars(
        issuer={"name": both, "address": both, "identifier": text, "contact": text}, product_standard=text,
        electricity_evidence={"contract_hydro": text}, standards=[text], limitations=[both], commodity_code=text,
        assurance={"level": "limited", "verifier": text, "report": text},
    )  # fmt: skip
    assert joined(render(draft(footprint(), None, given), "both")).count("#panic()$x$@a") >= 10


@pytest.mark.parametrize("text", ["W" * 200, "车" * 200, "1234567890" * 20, "a-" * 100, "i" * 200])
def test_a_name_without_spaces_stays_on_the_page_and_whole(text: str) -> None:
    found = customer(name=text, address=text, part_number=text, order=text)
    content = render(found, "both")
    assert joined(content).count(text) == 4
    assert_inside(content)


def test_very_long_numbers_stay_on_the_page() -> None:
    found = draft(footprint("site-result"), None, particulars(mass_kg=10**30, number="A" * 40, version=10**12))
    content = render(found, "both")
    assert f"{10**30:,}" in joined(content)
    assert_inside(content)


def assert_inside(content: bytes) -> None:
    """Every run of text begins and ends between the margins of its page (A4, 16 mm at the sides), and above the bottom."""
    with pikepdf.open(BytesIO(content)) as pdf:
        for page in pdf.pages:
            assert [round(float(side)) for side in page.MediaBox] == [0, 0, 595, 842]
            for x, end, y in runs(page):
                assert 45 <= x <= end <= 595 - 43, (x, end, y)  # a hyphen may hang over a little
                assert 20 <= y <= 842 - 20


def test_what_the_font_lacks_is_never_a_blank(made: dict[str, Any]) -> None:
    changed = {**made, "customer": {**made["customer"], "name": "Wheels あ"}}
    with pytest.raises(InputError, match=r"customer.name.*U\+3042"):
        render(changed, "en")


def test_typst_itself_refuses_a_missing_glyph(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "check_whole", lambda document: None)
    changed = {**made, "customer": {**made["customer"], "name": "Wheels あ"}}
    with pytest.raises(EnvironmentProblem, match="could not be"):
        render(changed, "en")


def test_another_document_is_refused(made: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="surprise"):
        render({**made, "surprise": 1}, "en")
    with pytest.raises(InputError, match="lang"):
        render(made, "de")


def test_no_network_is_asked(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert render(made, "en")


def test_pictures_are_one_a_page(made: dict[str, Any]) -> None:
    found = pictures(made, "both", ppi=40)
    assert len(found) == 2
    assert all(picture.startswith(b"\x89PNG") for picture in found)


def test_the_day_of_issue_is_the_time_of_the_file(made: dict[str, Any]) -> None:
    with pikepdf.open(BytesIO(render(made, "en"))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260331")
