"""The evidence pack: the same bytes twice, damage that shows, names that run nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pcf.custody import Book
from pcf.custody.audit.recompute import recompute
from pcf.errors import EnvironmentProblem, InputError
from pcf.exchange import audit_pack
from pcf.store.checkpoint import Verifier
from pcf.store.keys import Signer, create_key
from tests.custody.audits import SCOPE, add, lot, received
from tests.exchange.packs import export, rows, wrong

ALUMINIUM = "asi-aluminium"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_records_give_the_same_bytes(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    found = book("closed")
    one, other = export(found, tmp_path / "one", signer), export(found, tmp_path / "other", signer)
    assert content(one) == content(other)
    first, second = export(found, tmp_path / "one.zip", signer), export(found, tmp_path / "other.zip", signer)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == content(one)
        assert archive.namelist() == sorted(archive.namelist())


def test_a_whole_pack_agrees_with_its_raw_records(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    key = Verifier(signer.name, signer.public_key).vkey
    found = book("next")
    for period in ("2025", "2026"):
        for target in (tmp_path / period, tmp_path / f"{period}.zip"):
            lines = recompute(export(found, target, signer, period), key)
            assert wrong(lines) == []
            said = {line.what: line.told for line in lines if line.key == "figure"}
            cap = {"2025": "20868571", "2026": "18888888"}[period]
            assert said[f"{ALUMINIUM} · cap_kg"] == cap
            assert {"files", "head", "manifest-signed", "records", "proofs", "csv-same"} <= {line.key for line in lines}


def test_coreutils_accept_the_digests(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum")
    folder = export(book("open"), tmp_path / "pack", signer)
    run = subprocess.run(["sha256sum", "-c", "SHA256SUMS", "--strict", "--quiet"], cwd=folder, check=False, capture_output=True)
    assert run.returncode == 0, run.stderr


def test_every_altered_removed_or_added_file_is_named(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) > 50
    for name in names:
        path = folder / name
        before = path.read_bytes()
        # One bit in the middle of the file, whatever it means there.
        spoilt = bytearray(before)
        spoilt[len(spoilt) // 2] ^= 1
        path.write_bytes(bytes(spoilt))
        found = wrong(recompute(folder))
        assert found, name
        if name != "SHA256SUMS":
            assert {line.file for line in found} == {name}
        path.unlink()
        assert name in {line.file for line in wrong(recompute(folder))}
        path.write_bytes(before)
    (folder / "more.csv").write_text("x", encoding="utf-8")
    assert [line.file for line in wrong(recompute(folder))] == ["more.csv"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x00" * 50, b"\xff\xfe", b"[" * 100_000, b"no  name\n"],
    ids=["empty", "zeros", "no-text", "brackets", "words"],
)
@pytest.mark.parametrize(
    "name", ["SHA256SUMS", "manifest.json", "manifest.sig", "proofs.json", "records.jsonl", "ledger.json", "04-lots.csv"]
)
def test_a_damaged_file_with_fitting_digests_is_one_line_too(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer, name: str, damage: bytes
) -> None:  # fmt: skip
    folder = export(book("open"), tmp_path / "pack", signer)
    (folder / name).write_bytes(damage)
    if name != "SHA256SUMS":
        forge(folder)
    assert wrong(recompute(folder))


def forge(folder: Path) -> None:
    """Make manifest and digests fit what is there, as somebody without the key can do."""
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        for entry in manifest["files"]:
            entry["sha256"] = hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    except (ValueError, RecursionError):
        pass
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    (folder / "SHA256SUMS").write_text(
        "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())), encoding="ascii"
    )


def test_a_forger_without_the_key_is_caught_by_signature_proof_and_figure(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:  # fmt: skip
    folder = export(book("open"), tmp_path / "pack", signer)
    records = (folder / "records.jsonl").read_text(encoding="utf-8")
    # A document over 12,000 t becomes one over 11,000 t, a ticket over 8,000 t one over 7,000 t.
    forged = records.replace('"coc_kg":12000000,"date":"2025-04-11"', '"coc_kg":11000000,"date":"2025-04-11"')
    forged = forged.replace('"kind":"lot","mass_kg":8000000', '"kind":"lot","mass_kg":7000000')
    assert forged.count("11000000") == 1
    (folder / "records.jsonl").write_text(forged, encoding="utf-8")
    forge(folder)
    found = wrong(recompute(folder))
    assert {"manifest-signed", "proof", "figure", "csv"} <= {line.key for line in found}
    assert f"{ALUMINIUM} · sums_kg.issued" in {line.what for line in found}


def test_a_forger_with_a_key_of_his_own_is_caught_by_the_key_that_the_auditor_holds(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:  # fmt: skip
    other = create_key(tmp_path / "other-keys", "log")
    folder = export(book("open"), tmp_path / "pack", other)
    assert wrong(recompute(folder)) == []
    held = Verifier(signer.name, signer.public_key).vkey
    assert [line.file for line in wrong(recompute(folder, held))] == ["manifest.json"]


def test_proofs_hold_for_every_document_and_claim(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    folder = export(book("next"), tmp_path / "pack", signer, "2025")
    proofs = json.loads((folder / "proofs.json").read_bytes())["proofs"]
    assert {item["id"] for item in proofs} == {
        "in/ASI-2/COLD-1", "in/ASI-3/TRIM-1", "out/ASI-1/ASI-1-2025-00001", "out/ASI-1/ASI-1-2025-00002", "ST1"
    }  # fmt: skip
    without = json.loads((folder / "proofs.json").read_bytes())
    without["proofs"] = without["proofs"][1:]
    (folder / "proofs.json").write_text(json.dumps(without), encoding="utf-8")
    forge(folder)
    assert "unproven" in {line.key for line in wrong(recompute(folder))}


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match=r"no\.zip"):
        recompute(tmp_path / "no.zip")
    with pytest.raises(InputError, match="missing"):
        recompute(tmp_path / "missing")
    with pytest.raises(InputError, match="public key"):
        recompute(tmp_path, "nonsense")
    (tmp_path / "empty").mkdir()
    assert [(line.key, line.file) for line in recompute(tmp_path / "empty")] == [("file-missing", "SHA256SUMS")]


def test_links_and_folders_in_a_pack_are_not_followed(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    target = folder / "ledger.json"
    target.rename(tmp_path / "elsewhere.json")
    target.symlink_to(tmp_path / "elsewhere.json")
    assert [(line.key, line.file) for line in wrong(recompute(folder))] == [("file-unreadable", "ledger.json")]
    target.unlink()
    target.mkdir()
    assert [(line.key, line.file) for line in wrong(recompute(folder))] == [("file-unreadable", "ledger.json")]


def test_an_existing_place_is_refused_and_only_a_pack_is_replaced(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:
    found = book("open")
    folder, archive = export(found, tmp_path / "pack", signer), export(found, tmp_path / "pack.zip", signer)
    for target in (folder, archive):
        with pytest.raises(InputError, match="--force"):
            export(found, target, signer)
        export(found, target, signer, lang="zh", force=True)
        assert wrong(recompute(target)) == []
    assert json.loads((folder / "manifest.json").read_bytes())["language"] == "zh"
    dear = tmp_path / "dear"
    dear.mkdir()
    (dear / "letter.txt").write_text("dear", encoding="utf-8")
    (tmp_path / "other.zip").write_bytes(b"something")
    for target in (dear, tmp_path / "other.zip"):
        with pytest.raises(InputError, match="no audit folder"):
            export(found, target, signer, force=True)
    assert (dear / "letter.txt").read_text(encoding="utf-8") == "dear"
    with pytest.raises(InputError, match="does not exist"):
        export(found, tmp_path / "nowhere" / "pack", signer)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(InputError, match="link"):
        export(found, tmp_path / "link", signer, force=True)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".pcf-")]


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_interrupted_export_leaves_nothing_and_keeps_what_was_there(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch, name: str, problem: BaseException
) -> None:  # fmt: skip
    found = book("open")
    kept = export(found, tmp_path / f"kept-{name}", signer)
    before = sorted(tmp_path.iterdir())

    def break_off(*_: Any) -> str:
        raise problem

    monkeypatch.setattr(audit_pack, "make_page", break_off)
    for target, force in ((tmp_path / name, False), (kept, True)):
        with pytest.raises((KeyboardInterrupt, EnvironmentProblem)):
            export(found, target, signer, force=force)
    assert sorted(tmp_path.iterdir()) == before
    assert wrong(recompute(kept)) == []


def test_a_disk_that_is_full_while_the_workbook_is_written_is_one_line(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    with pytest.raises(EnvironmentProblem, match="No space left on device; nothing was written"):
        export(book("open"), tmp_path / "pack", signer)
    assert not (tmp_path / "pack").exists()


# Names of others -----------------------------------------------------------------------------------------------------

HOSTILE = '=HYPERLINK("http://x","y")'
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def hostile(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> Path:
    """A pack whose names look like formulas and markup, are Chinese, or as long as they may be."""
    found = book("open")
    add(found, "party", id="evil", name=HOSTILE, address="@SUM(1+1)*cmd|' /C calc'!A0", contact="-1+cmd|' /C calc'!A0")
    add(found, "party", id="long", name="铝" * 500, address=SCRIPT)
    add(
        found,
        "due-diligence",
        id="DD-9",
        party="evil",
        date="2025-01-10",
        valid_until="2026-12-31",
        result="passed",
        principals="+1+cmd|'x'!A0",
    )
    lot(
        found,
        "铝" * 64,
        5,
        "post-consumer",
        "eligible-scrap",
        supplier="evil",
        due_diligence="DD-9",
        material="scrap-ubc",
        ticket="票 1",
        invoice=HOSTILE,
    )
    lot(found, "LOT (2)", 5, "primary", supplier="long", ticket="T2", invoice="#REF!")
    received(
        found, "REF-9", 5, "asi-aluminium", "smelter", responsible=SCRIPT, conformance="=1+1", footprint=HOSTILE,
        footprint_boundary=HOSTILE, footprint_period=HOSTILE, footprint_verifier=HOSTILE,
    )  # fmt: skip
    add(found, "filing", id="F9", scope=SCOPE, period="2025", part=15, date="2025-06-30", title=SCRIPT, file="../../etc/passwd")
    return export(found, tmp_path / "pack", signer, lang="zh")


def test_hostile_names_run_nothing_in_csv_workbook_or_page(hostile: Path) -> None:
    for path in hostile.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    begin = cell.lstrip()
                    live = begin.startswith(("=", "@")) or (
                        begin.startswith(("+", "-")) and not {"(", "|", "!"}.isdisjoint(begin)
                    )
                    assert not live, (path.name, cell)
    suppliers = {row["party"]: row for row in rows(hostile / "03-suppliers.csv")}
    assert suppliers["evil"]["name"] == f"'{HOSTILE}"
    assert suppliers["long"]["name"] == "铝" * 500
    book = load_workbook(hostile / "ledger.xlsx")
    texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    formulas = {str(cell.value)[:12] for cell in texts if cell.data_type == "f"}
    assert formulas
    assert not any("HYPERLINK" in formula for formula in formulas)
    kept = [cell for cell in texts if cell.value == HOSTILE]
    assert kept
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in kept)
    page = (hostile / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert all(path.parent == hostile and path.is_file() for path in hostile.rglob("*"))


def test_hostile_names_compute_again(hostile: Path) -> None:
    assert wrong(recompute(hostile)) == []


def test_the_page_says_what_is_indicative_in_both_languages(
    hostile: Path, book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:
    page = (hostile / "index.html").read_text(encoding="utf-8")
    assert 'lang="zh-CN"' in page
    assert page.count("参考性") > 20
    english = (export(book("closed"), tmp_path / "en", signer) / "index.html").read_text(encoding="utf-8")
    assert "62.857142" in english
    assert "indicative" in english
    assert "Nothing was found." in english
    assert all(f'<td class="s">R{number:02d}</td>' in english for number in range(1, 29))
