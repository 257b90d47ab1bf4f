"""The examples for systemd and containers: systemd reads the unit, and both call the program as it is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from pcf.commands.serve import serve
from pcf.store.passphrase import CREDENTIAL

running = pytest.importorskip("pcf.web.running", reason="the server needs pip install 'pcf-aluminium[web]'")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
UNIT = (EXAMPLES / "pcf.service").read_text(encoding="utf-8")
CONTAINER = (EXAMPLES / "Containerfile").read_text(encoding="utf-8")


def options(arguments: list[str]) -> dict[str, object]:
    """Options of `pcf serve`, read by the command itself."""
    return serve.make_context("serve", list(arguments), help_option_names=["-h", "--help"]).params


def test_the_unit_starts_the_program_as_it_is() -> None:
    line = re.findall(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    (words,) = map(shlex.split, line)
    assert words[:2] == ["/opt/pcf/bin/pcf", "serve"]
    found = options(words[2:])
    assert (found["pact_base"], found["proxies"]) == ("https://pcf.example.com", ("127.0.0.1",))
    assert f"LoadCredentialEncrypted={CREDENTIAL}:" in UNIT


def test_it_stops_within_the_time_that_it_has() -> None:
    (seconds,) = map(int, re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE))
    assert seconds > running.GRACE + 10 and f"--stop-timeout {seconds}" in CONTAINER


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze: install Debian's package systemd")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    """Every word of it is known; the program's place is one that is there."""
    unit = tmp_path / "pcf.service"
    unit.write_text(UNIT.replace("/opt/pcf/bin/pcf", "/bin/true"), encoding="utf-8")
    found = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    said = [line for line in (found.stdout + found.stderr).splitlines() if "pcf.service" in line]
    assert said == [], said
    unit.write_text(unit.read_text(encoding="utf-8").replace("ProtectClock=yes", "ProtectClok=yes"), encoding="utf-8")
    wrong = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert "ProtectClok" in wrong.stderr, "a word that is none is seen"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze: install Debian's package systemd")
def test_it_is_exposed_to_little(tmp_path: Path) -> None:
    unit = tmp_path / "pcf.service"
    unit.write_text(UNIT.replace("/opt/pcf/bin/pcf", "/bin/true"), encoding="utf-8")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Overall exposure level" not in found.stdout:
        pytest.skip(f"this systemd-analyze cannot: {found.stderr.strip()[:80]}")
    level = float(re.findall(r"Overall exposure level.*: ([0-9.]+)", found.stdout)[0])
    assert level < 2.5, found.stdout


def test_the_container_starts_the_program_as_it_is() -> None:
    (entry,) = re.findall(r'^ENTRYPOINT \["pcf", "serve", (.*)\]$', CONTAINER, re.MULTILINE)
    call = re.findall(r"^#     pcf (--.*)$", CONTAINER, re.MULTILINE)
    found = options([*(word.strip(' "') for word in entry.split(",")), *shlex.split(call[0])])
    assert (found["host"], found["port"], found["pact_base"]) == ("0.0.0.0", 8080, "https://pcf.example.com")
    assert f"target=/run/credentials/{CREDENTIAL}," in CONTAINER and "CREDENTIALS_DIRECTORY=/run/credentials" in CONTAINER


def test_the_container_installs_what_is_pinned() -> None:
    """Its sources are in the archive that it copies, its extras are those of the project."""
    project = tomllib.loads((EXAMPLES.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (named,) = re.findall(r'whl\)\[([a-z,]+)\]"', CONTAINER)
    assert set(named.split(",")) <= set(project["optional-dependencies"])
    assert CONTAINER.count("PIP_CONSTRAINT=/src/constraints.txt") == 2


def test_each_group_of_lines_is_explained_in_two() -> None:
    """A comment of two lines before every paragraph of both files."""
    for text in (UNIT.partition("[Service]")[2].partition("[Install]")[0], CONTAINER.partition("\n\n")[2]):
        for paragraph in text.strip().split("\n\n"):
            lines = paragraph.splitlines()
            said = [line for line in lines if line.startswith("#")]
            assert len(said) == 2, paragraph
