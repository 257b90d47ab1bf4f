"""What programs of others say of a signed certificate: qpdf, poppler's pdfsig, pikepdf."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from tests.certificate.attacking import changed
from tests.certificate.issuing import Made, signed_pdf

REQUIRED = "PCF_TEST_READERS"
PACKAGES = {"qpdf": "qpdf", "pdfsig": "poppler-utils"}


def run(program: str, *arguments: str | Path) -> tuple[int, str]:
    """Run a program of others; gives exit code and all that it prints."""
    if shutil.which(program) is None:
        reason = f"{program} is not installed (Debian's package {PACKAGES[program]})"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(f"{reason}, and {REQUIRED} says that it has to be")
        pytest.skip(reason)
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(params=["zh", "en", "both"])
def path(request: pytest.FixtureRequest, genuine: Made, tmp_path: Path) -> Path:
    made = tmp_path / "certificate.pdf"
    made.write_bytes(signed_pdf(genuine, language=request.param))
    return made


def test_qpdf_finds_no_error(path: Path) -> None:
    code, said = run("qpdf", "--check", path)
    assert code == 0, said
    assert "No syntax or stream encoding errors found" in said and "not encrypted" in said


def test_qpdf_finds_the_damage_of_a_cut_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])
    assert run("qpdf", "--check", path)[0] != 0


def test_pdfsig_finds_the_signature_valid_over_the_whole_file(path: Path) -> None:
    _, said = run("pdfsig", path)
    assert said.count("Signature #") == 1
    assert "Signature is Valid" in said
    assert "Total document signed" in said and "Not total document signed" not in said
    assert "ETSI.CAdES.detached" in said and "SHA-256" in said and "演示铝业有限公司" in said
    # It knows no trust folder; the issuer's certificate is of his own making.
    assert "Certificate issuer is unknown" in said


def test_pdfsig_sees_a_changed_file_and_what_was_added(path: Path) -> None:
    content = path.read_bytes()
    place = content.index(b"/MediaBox")
    path.write_bytes(changed(content, content.index(b"5", place)))
    _, said = run("pdfsig", path)  # its exit code is 0 in any case
    assert "Signature is Valid" not in said and "Digest Mismatch" in said
    path.write_bytes(content + b"\n")
    assert "Not total document signed" in run("pdfsig", path)[1]


def test_pikepdf_reads_the_attachments(path: Path, genuine: Made) -> None:
    with pikepdf.open(io.BytesIO(path.read_bytes())) as document:
        found = {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}
        assert not document.get_warnings()
        assert len(document.Root.AF) == len(found)
        field = document.Root.AcroForm.Fields[0]
        assert (str(field.FT), str(field.V.SubFilter), document.Root.AcroForm.SigFlags) == ("/Sig", "/ETSI.CAdES.detached", 3)
    assert sorted(found) == ["certificate.json", "credential.json", "pact.json", "seal.json"]
    assert {name: found[name] for name in genuine.attachments} == genuine.attachments
