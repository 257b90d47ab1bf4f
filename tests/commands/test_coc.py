"""Documents, accounts and closes as people see them: the head of the issue, names to choose from, one way to round."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pcf.catalogue import Catalogue
from pcf.text import texts
from tests.commands.mills import Call, done, loaded

MILL = "mill-scope"
DOCUMENT = "DEMO-COC-1-2025-00001"


def issue(pcf: Call, kg: str = "240000") -> str:
    found = loaded(pcf(
        "coc", "issue", "SH-C-01", "--date", "2025-03-12", "--coc-kg", kg, "--responsible", "Wang", "--json"
    ))  # fmt: skip
    head: str = found["head"]
    return head


def test_a_document_shows_the_head_of_its_issue_whatever_came_after(pcf: Call, mill: None, tmp_path: Path) -> None:
    head = issue(pcf)
    done(pcf("party", "add", "--id", "later", "--name", "Later"))
    done(pcf("log", "head"))
    name = "DEMO-COC-2-2025-00001"
    assert loaded(pcf("coc", "show", name, "--json"))["head"] == head
    assert head.strip() in done(pcf("coc", "show", name)).out
    done(pcf("coc", "show", name, "--out", str(tmp_path / "d.html")))
    page = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert head.splitlines()[2] in page


def test_a_document_that_no_head_covers_yet_gets_one(pcf: Call, mill: None) -> None:
    """The received document came in with the mill's book, which nobody has signed."""
    shown = loaded(pcf("coc", "show", f"in/DEMO-COC-1/{DOCUMENT}", "--json"))
    assert int(shown["head"].splitlines()[1]) > shown["event_seq"]


@pytest.mark.parametrize("command", [("show",), ("void", "--date", "2025-03-20", "--reason", "x")])
def test_several_documents_of_a_reference_are_named(pcf: Call, mill: None, command: tuple[str, ...]) -> None:
    """One was issued by the smelter and received by the mill."""
    run = pcf("coc", command[0], DOCUMENT, *command[1:])
    assert run.code == 2
    assert f"in/DEMO-COC-1/{DOCUMENT} | out/DEMO-COC-1/{DOCUMENT}" in run.err


def test_an_unknown_document_says_how_a_full_name_is_written(pcf: Call, mill: None) -> None:
    assert "in|out/CERTIFICATE/REFERENCE" in pcf("coc", "show", "nope").err


def test_a_chinese_document_has_chinese_colons(pcf: Call, mill: None) -> None:
    lines = done(pcf("--lang", "zh", "coc", "show", f"out/DEMO-COC-1/{DOCUMENT}")).out.splitlines()
    labels = [line for line in lines if line.startswith("  ")]
    assert labels
    assert all(re.match(r"  [^:]+：", line) for line in labels)


# Accounts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "share", "opened", "closed"), [("en", "90.90 %", "open", "CLOSED"), ("zh", "90.90%", "未关闭", "已关闭")]
)
def test_an_account_says_what_came_in_and_whether_the_period_is_closed(
    pcf: Call, mill: None, lang: str, share: str, opened: str, closed: str
) -> None:
    """10/11 is 90.909090 9…: cut, never rounded up to 90.91."""
    out = done(pcf("--lang", lang, "account", "show", MILL, "2025")).out
    assert share in out
    assert opened in out.splitlines()[0]
    assert "1,000,000" in out
    assert "100,000" in out
    done(pcf("period", "close", MILL, "2025", "--yes"))
    assert closed in done(pcf("--lang", lang, "account", "show", MILL, "2025")).out.splitlines()[0]
    shown = loaded(pcf("account", "show", MILL, "2025", "--json"))
    assert (shown["closed"], shown["start"], shown["end"]) == (True, "2025-01-01", "2025-12-31")


def test_a_share_is_cut_alike_in_every_view(pcf: Call, mill: None) -> None:
    """Pre-consumer content of the heat: 145,500 of 466,380 kg of metal, 31.197 7… %."""
    assert pytest.approx(0.311977, abs=1e-6) == 145_500 / 466_380
    assert "31.19 %" in done(pcf("batch", "content", "SH-C-01")).out
    assert "31.19 %" in done(pcf("batch", "footprint", "SH-C-01")).out
    assert "31.19 %" in done(pcf("statement", "green", "H12345")).out
    assert "31.19%" in done(pcf("--lang", "zh", "batch", "content", "SH-C-01")).out


@pytest.mark.parametrize("basis", ["batch", "site-average"])
def test_a_mass_is_claimed_as_credit_alone(pcf: Call, mill: None, basis: str) -> None:
    claim = (
        "statement", "claim", "--id", "C-1", "--shipment", "SH-C-01", "--date", "2025-03-13", "--attribute", "pre-consumer", "--basis"
    )  # fmt: skip
    run = pcf(*claim, basis, "--mass-kg", "5")
    assert run.code == 2
    assert f"5 kg of a claim on the basis {basis}" in run.err
    done(pcf(*claim, "credit", "--mass-kg", "5"))


# Closing ---------------------------------------------------------------------------------------------------------------


def test_a_close_tells_what_an_audit_finds(pcf: Call, mill: None) -> None:
    counts = loaded(pcf("audit", "check", "--scope", MILL, "--period", "2025", "--json"))["counts"]
    assert counts["minor"] > 0
    run = done(pcf("period", "close", MILL, "2025", "--json"))
    assert json.loads(run.out)["findings"] == counts
    assert f"{counts['minor']} minor" in run.err
    assert loaded(pcf("period", "close", MILL, "2025", "--json"))["findings"] is None


def test_with_a_major_finding_nothing_is_closed_without_a_yes(pcf: Call, mill: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from pcf.custody.audit import findings
    from pcf.custody.audit.finding import MAJOR, find

    monkeypatch.setattr(findings, "CHECKS", (lambda _: [find(MAJOR, "R10", "x", "log-missing")],))
    run = pcf("period", "close", MILL, "2025")
    assert run.code == 2
    assert "major findings: 1" in run.err
    assert "--yes" in run.err
    assert loaded(pcf("account", "show", MILL, "2025", "--json"))["closed"] is False
    assert loaded(pcf("period", "close", MILL, "2025", "--yes", "--json"))["findings"]["major"] == 1


# Chinese ---------------------------------------------------------------------------------------------------------------


def test_no_field_of_a_document_is_named_in_english_in_a_chinese_finding() -> None:
    from pcf.custody.audit.finding import MINOR, find

    found = find(MINOR, "R03", "out/A/B", "document-fields", fields="customer address, responsible")
    assert found.sentence("zh").endswith("客户地址、负责人员")
    assert found.sentence("en").endswith("customer's address, responsible employee")


def test_a_leg_has_a_name(pcf: Call, mill: None) -> None:
    out = done(pcf("--lang", "zh", "power", "status", "--site", "demo-smelter")).out
    assert "自备煤电" in out
    assert "own_coal" not in out


def test_an_omitted_flow_is_named_in_chinese(pcf: Call) -> None:
    checks = json.loads(done(pcf("--lang", "zh", "footprint", "hqalight", "--json")).out)["checks"]
    assert any("低电压阳极效应的 CF4" in check["detail"] for check in checks)


def test_every_omitted_flow_has_a_name(catalogue: Catalogue) -> None:
    flows = {item.flow for process in catalogue.processes.values() for item in process.checklist if item.status == "omitted"}
    assert {f"flow.{flow}" for flow in flows} <= set(texts("zh"))


# First steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_list_tells_the_first_steps_in_their_order(pcf: Call, pcf_home: Path, lang: str) -> None:
    steps = ("party add", "party certificate", "site add", "scope add", "period open")
    missing = pcf("--lang", lang, "lot", "list").err
    done(pcf("party", "add", "--id", "own", "--name", "Own", "--own", "yes"))
    for command in ("lot", "cast", "ship", "coc", "power"):
        out = done(pcf("--lang", lang, command, "list")).out
        places = [out.index(step) for step in steps]
        assert places == sorted(places)
    assert [missing.index(step) for step in steps] == sorted(missing.index(step) for step in steps)


def test_a_chinese_list_names_classes(pcf: Call, mill: None) -> None:
    out = done(pcf("--lang", "zh", "lot", "list", "--contains", "UBC-0001")).out.replace("\n", "")
    assert "municipal" not in out
    assert "post-consumer" not in out
    assert "消费" in out


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "cradle to gate, to the finished product, GWP AR6, without low-voltage PFC"),
        ("zh", "从摇篮到大门，至成品，GWP AR6，不含低电压 PFC"),
    ],
)
def test_a_stated_footprint_is_in_the_readers_words(pcf: Call, mill: None, lang: str, words: str) -> None:
    done(
        pcf(
            "coc",
            "issue",
            "SH-C-01",
            "--responsible",
            "Wang",
            "--footprint",
            "--coc-kg",
            "10",
            "--reference",
            "W-1",
            "--out",
            "w.html",
        )
    )
    assert words in done(pcf("--lang", lang, "coc", "show", "out/DEMO-COC-2/W-1")).out
