"""`pcf certificate verify`: every step in both languages, a verdict as the last line, the document, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pcf.certificate.trust import write_issuer
from pcf.certificate.verify import STEPS
from pcf.text import text
from tests.certificate.attacking import MOMENT, changed
from tests.certificate.issuing import Made, evidence, issuer, signed_credential, signed_pdf
from tests.commands.mills import Call


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def paper(made: Made, pcf_home: Path, tmp_path: Path) -> Path:
    """A certificate, and its issuer in the trust folder of the own state."""
    place = pcf_home / "trust" / "demo"
    write_issuer(place, made.keys.public)
    (place / "status").mkdir()
    (place / "status" / "1.json").write_bytes(made.status)
    path = tmp_path / "certificate.pdf"
    path.write_bytes(signed_pdf(made))
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_step_is_printed_and_the_verdict_is_the_last_line(pcf: Call, paper: Path, lang: str) -> None:
    run = pcf("--lang", lang, "certificate", "verify", str(paper), "--at", MOMENT)
    assert (run.code, run.err) == (0, "")
    for key in STEPS:
        (line,) = [line for line in run.out.splitlines() if f" {text(f'verify.{key}', lang)} " in line]
        result = "not-asked" if key in ("seal", "recomputed") else "pass"
        assert line.split()[0] == ("–" if result == "not-asked" else "✓") and text(f"verify-result.{result}", lang) in line
    last = run.out.splitlines()[-1]
    assert last.startswith(text("verify-verdict.current", lang))
    assert "B-B" in last and "PDF/A" in last and text("verify-verdict.demonstration", lang) in last
    assert "PCF-2026-000123" in run.out and "4.63 tCO2e/t" in run.out and "演示铝业有限公司" in run.out


@pytest.mark.parametrize(
    ("lang", "begin", "says"),
    [
        ("en", "NOT valid, because: ", "PDF file: it was changed after it was signed"),
        ("zh", "无效，原因：", "PDF 文件：签名后被更改"),
    ],
)
def test_a_changed_file_says_which_step_and_why(pcf: Call, paper: Path, lang: str, begin: str, says: str) -> None:
    paper.write_bytes(changed(paper.read_bytes(), 4000))
    run = pcf("--lang", lang, "certificate", "verify", str(paper), "--at", MOMENT)
    assert run.code == 1
    step = text("verify.signature", lang)
    assert run.out.splitlines()[-1] == f"{begin}{step} – {says}"
    assert run.err == f"pcf: {run.out.splitlines()[-1]}\n"
    assert run.out.count(text("verify-why.rests", lang, step=step)) == len(STEPS) - 2


def test_the_document_has_all_of_it(pcf: Call, paper: Path) -> None:
    run = pcf("certificate", "verify", str(paper), "--at", MOMENT, "--json")
    found = json.loads(run.out)
    assert (run.code, found["schema"], found["holds"], found["outcome"]) == (0, "pcf/verification/1", True, "current")
    assert [step["step"] for step in found["steps"]] == list(STEPS)
    assert found["certificate"] == {
        "number": "PCF-2026-000123", "id": "Zx3kQ9vT2mB7rLpWc5yHnA", "footprint": "4.63", "unit": "tCO2e/t", "demonstration": True,
    }  # fmt: skip
    assert found["issuer"] == {"name": "演示铝业有限公司", "did": "did:web:issuer.example"}
    assert found["at"] == "2026-03-01T12:00:00+00:00" and found["trust"]["issuers"] == 1
    for step in found["steps"]:
        assert (step["why"] is None) == (step["result"] == "pass")
        assert set(step["question"]) == {"en", "zh"}
    paper.write_bytes(b"")
    run = pcf("certificate", "verify", str(paper), "--json")
    found = json.loads(run.out)
    assert (run.code, found["holds"], found["outcome"], found["certificate"], found["issuer"]) == (1, False, "no", None, None)


def test_a_day_is_its_noon_and_now_is_the_default(pcf: Call, paper: Path) -> None:
    for day, code in (("2026-03-01", 0), ("2026-02-28", 0), ("2026-02-27", 1), ("2026-03-02", 0), ("2026-03-03", 1)):
        assert pcf("certificate", "verify", str(paper), "--at", day).code == code, day
    assert pcf("certificate", "verify", str(paper), "--at", "2026-03-01T20:00:00+08:00").code == 0
    assert pcf("certificate", "verify", str(paper)).code == 1  # expired by now


def test_a_status_that_was_not_looked_up_is_said(pcf: Call, paper: Path, pcf_home: Path) -> None:
    kept = paper.parent / "list.json"
    (pcf_home / "trust" / "demo" / "status" / "1.json").rename(kept)
    arguments = ("certificate", "verify", str(paper), "--at", MOMENT)
    assert pcf(*arguments).code == 1
    run = pcf(*arguments, "--offline")
    assert run.code == 0
    assert run.out.splitlines()[-1].startswith("Genuine; whether it was revoked or superseded was NOT looked up.")
    assert json.loads(pcf(*arguments, "--offline", "--json").out)["outcome"] == "status-open"
    assert pcf(*arguments, "--list", str(kept)).code == 0


def test_a_credential_alone_says_that_no_pages_were_looked_at(pcf: Call, made: Made, paper: Path) -> None:
    paper.write_bytes(signed_credential(made, evidence=[evidence(made.known)]))
    run = pcf("certificate", "verify", str(paper), "--at", MOMENT)
    last = run.out.splitlines()[-1]
    assert run.code == 0 and "the credential alone" in last and "no place in a log" in last and "PDF/A" not in last


def test_nobody_is_trusted_without_a_trust_folder(pcf: Call, paper: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = pcf("certificate", "verify", str(paper), "--at", MOMENT, "--trust", str(tmp_path / "empty"))
    assert run.code == 1 and "trusted issuers: 0" in run.out and "the issuer is unknown" in run.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at", "2026-02-30"), "--at"), (("--at", "tomorrow"), "--at"), (("--at", "2026-03-01T12:00:00"), "--at"),
        (("--trust", "nowhere"), "--trust nowhere"), (("--list", "nowhere"), "--list"), (("--list", "/dev/zero"), "no ordinary file"),
        (("--bundle", "nowhere"), "--bundle nowhere"), (("--surprise",), "--surprise"),
    ],
)  # fmt: skip
def test_wrong_options_are_wrong_usage(pcf: Call, paper: Path, options: tuple[str, ...], said: str) -> None:
    run = pcf("certificate", "verify", str(paper), *options)
    assert (run.code, run.out) == (2, "") and said in run.err and len(run.err.splitlines()) == 1


def test_a_trust_folder_that_is_damaged_is_said_before_anything(pcf: Call, paper: Path, pcf_home: Path) -> None:
    (pcf_home / "trust" / "demo" / "did.json").write_bytes(b"[" * 10_000)
    run = pcf("certificate", "verify", str(paper), "--at", MOMENT)
    assert (run.code, run.out) == (2, "") and "did.json" in run.err


def test_without_the_library_of_signatures_nothing_is_said(pcf: Call, paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcf.commands.certificate_verify.find_spec", lambda name: None)
    run = pcf("certificate", "verify", str(paper))
    assert (run.code, run.out) == (3, "") and "pip install" in run.err
