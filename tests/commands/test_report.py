"""`pcf report`: where the file goes, what is refused, what the file says."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pcf.commands.main import COMMANDS, SHORT_HELP
from tests.certificate.certificates import texts

Call = Callable[..., Any]


def test_a_report_is_written_and_named(pcf: Call, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    run = pcf("report", "hqalight", "--lang-of-report", "en", "--out", str(out))
    assert (run.code, run.err) == (0, "")
    assert run.out == f"{out}: study report of hqalight, model estimate; not a certificate\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~umask()
    pages = texts(out.read_bytes())
    assert all("MODELESTIMATE" in page for page in pages)
    assert "HQALight,low-carbonprimaryingot" in pages[0]
    assert "产品碳足迹研究报告" not in pages[0]
    assert list(tmp_path.iterdir()) == [out]


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(
    ("language", "inside", "outside"),
    [
        ("zh", ("产品碳足迹研究报告",), ("ProductCarbonFootprintStudyReport",)),
        ("en", ("ProductCarbonFootprintStudyReport",), ("产品碳足迹研究报告",)),
        ("both", ("产品碳足迹研究报告", "ProductCarbonFootprintStudyReport"), ()),
    ],
)
def test_the_language_of_the_report_is_not_that_of_the_screen(
    pcf: Call, tmp_path: Path, language: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    out = tmp_path / "r.PDF"
    run = pcf("--lang", "zh", "report", "anode", "--lang-of-report", language, "--out", str(out))
    assert run.code == 0, run.err
    assert run.out == f"{out}：anode 研究报告，模型估算；不是证书\n"
    first = texts(out.read_bytes())[0]
    assert all(one in first for one in inside)
    assert not [one for one in outside if one in first]


def test_both_languages_are_the_default(pcf: Call, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    found = json.loads(pcf("report", "alumina", "--out", str(out), "--json").out)
    footprint = json.loads(pcf("footprint", "alumina", "--json").out)
    assert found == {
        "file": str(out), "product": "alumina", "standing": "model-estimate", "language": "both", "total": footprint["total"],
        "certificate": False,
    }  # fmt: skip
    with pikepdf.open(BytesIO(out.read_bytes())) as pdf:
        attached = json.loads(pdf.attachments["footprint.json"].get_file().read_bytes())
    # A report has drawn, so the check that asks for an interval has one; nothing else differs.
    before, after = ({check["id"]: check for check in item.pop("checks")} for item in (footprint, attached))
    assert attached == footprint
    assert {name for name in after if after[name] != before[name]} == {"A-18"}
    assert after["A-18"]["status"] == "pass" and "95 %" in after["A-18"]["detail"]


def test_a_file_that_exists_stays_unless_asked(pcf: Call, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    out.write_bytes(b"mine")
    run = pcf("report", "anode", "--out", str(out))
    assert run.code == 2
    assert "a file that exists" in run.err
    assert out.read_bytes() == b"mine"
    assert pcf("report", "anode", "--out", str(out), "--force").code == 0
    assert out.read_bytes()[:5] == b"%PDF-"


def test_places_where_no_file_can_be_are_refused_before_anything_is_computed(
    pcf: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pcf.certificate.study as study

    monkeypatch.setattr(study, "make_study", lambda *_: pytest.fail("computed"))
    link = tmp_path / "link.pdf"
    link.symlink_to(tmp_path / "elsewhere.pdf")
    folder = tmp_path / "folder.pdf"
    folder.mkdir()
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    for out, found in (
        (tmp_path / "no" / "r.pdf", "a folder that does not exist"), (folder, "a folder"), (link, "a symbolic link"),
        (tmp_path / "r.txt", ".txt"), (tmp_path / "r", "no ending"), (Path("/proc/version.pdf/x.pdf"), "does not exist"),
    ):  # fmt: skip
        run = pcf("report", "anode", "--out", str(out))
        assert run.code == 2, out
        assert found in run.err
        assert "Traceback" not in run.err
    run = pcf("report", "anode", "--out", str(pipe), "--force")
    assert run.code == 2
    assert "a pipe or device" in run.err


def test_a_folder_that_takes_no_file_is_the_environments(pcf: Call) -> None:
    # Nobody can make a file there, not even root.
    run = pcf("report", "anode", "--out", "/proc/report.pdf")
    assert run.code == 3
    assert "nothing was written" in run.err


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("report", "hqalite"), "hqalight"),
        (("report", "hqalight", "--site", "mars"), "--site"),
        (("report", "hqalight", "--set", "dc_electricity=1kWh/t"), "dc_electricity"),
        (("report", "hqalight", "--step", "casting"), "--step"),
        (("report", "hqalight", "--lang-of-report", "de"), "--lang-of-report"),
    ],
)
def test_wrong_input_writes_nothing(pcf: Call, tmp_path: Path, arguments: tuple[str, ...], found: str) -> None:
    run = pcf(*arguments, "--out", str(tmp_path / "r.pdf"))
    assert run.code == 2
    assert found in run.err
    assert list(tmp_path.iterdir()) == []


def test_a_report_needs_a_file(pcf: Call) -> None:
    run = pcf("report", "hqalight")
    assert run.code == 2
    assert "--out" in run.err


def test_choices_of_the_method_reach_the_report(pcf: Call, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    arguments = ("can-stock-3104", "--scrap", "co-product", "--gwp", "AR5", "--heat", "exergy", "--low-voltage-pfc", "included")
    assert pcf("report", *arguments, "--lang-of-report", "en", "--out", str(out)).code == 0
    total = json.loads(pcf("footprint", *arguments, "--json").out)["total"]["value"]
    whole = "".join(texts(out.read_bytes()))
    assert f"{total!r}tCO₂e/t" in whole
    assert "GWP100IPCCAR5;pre-consumerscrapco-product" in whole
    assert "lowvoltagePFCincluded" in whole.replace("-", "")
    assert "Pre-consumerscrapenterswiththeburdenoftheprocessthatmadeit" in whole
    assert "Heatandpowerofoneplantaresharedbyexergy." in whole
    assert "AR6" not in texts(out.read_bytes())[0]


@pytest.mark.usefixtures("plant")
@pytest.mark.parametrize("product", ["hqalight", "hqaloop", "a356.2", "hqalight-liquid"])
def test_the_sample_plant_is_a_demonstration_on_every_page(pcf: Call, tmp_path: Path, product: str) -> None:
    out = tmp_path / "plant.pdf"
    run = pcf("report", product, "--site", "demo-smelter", "--out", str(out), "--lang-of-report", "both")
    assert run.code == 0, run.err
    assert "demonstration; not a certificate" in run.out
    pages = texts(out.read_bytes())
    for page in pages:
        assert "演示——不构成声明DEMONSTRATION—NOTACLAIM" in page
        assert "研究报告，不是证书/Studyreport—notacertificate" in page
    whole = "".join(pages)
    assert "SHA-256" in whole
    assert "工厂数据摘要Digestoftheplant'sdata" in whole
    assert "demo-smelter" in whole


@pytest.mark.usefixtures("plant")
def test_a_site_with_a_hostile_name_is_printed_as_text_or_refused(pcf: Call, pcf_home: Path, tmp_path: Path) -> None:
    [site] = (pcf_home / "data" / "sites").glob("*.yaml")
    content = json.loads(site.read_text(encoding="utf-8"))

    def report(name: str) -> Any:
        site.write_text(json.dumps({**content, "name": {"en": name, "zh": name}}), encoding="utf-8")
        return pcf("report", "hqalight", "--site", content["id"], "--out", str(tmp_path / "r.pdf"), "--force")

    for name in ('#panic("x")', "$x$ [content] <b>bold</b>", "= Heading"):
        run = report(name)
        assert run.code == 0, run.err
        assert "".join(name.split()) in "".join(texts((tmp_path / "r.pdf").read_bytes()))
    (tmp_path / "r.pdf").unlink()
    for name in ("Smelter \u202egnihton", "Smelter あ"):
        run = report(name)
        assert run.code == 2, run.out
        assert not (tmp_path / "r.pdf").exists()


def test_it_is_listed(pcf: Call) -> None:
    assert COMMANDS["report"] == "report"
    assert "no certificate" in SHORT_HELP["report"]
    run = pcf("report", "--help")
    assert run.code == 0
    assert "never a certificate" in " ".join(run.out.split())
