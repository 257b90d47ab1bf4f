"""Odd terminals and hostile names, with real processes: closed, full and broken streams, poor encodings, Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pcf.commands.streams import Output
from pcf.commands.tables import console, new_table
from pcf.errors import EnvironmentProblem
from pcf.resources import datasets_path
from pcf.text import json_text, visible
from pcf.views.cells import append_row, csv_text, sheet_title

ROOT = Path(__file__).parents[2]
COMMAND = f'"{sys.executable}" "{ROOT / "cli.py"}"'
HOSTILE = "a\x1b[31mb\x9bc\u202ed\x07\u2066e"
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def shell(session_home: Path, tmp_path: Path, pcf: Callable[..., Any]) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a line of bash in which `pcf` is the program, with a compiled catalogue at hand."""
    assert pcf("products").code == 0

    def run(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        known = {**os.environ, "PCF_HOME": str(session_home), **environment}
        script = f'pcf() {{ {COMMAND} "$@"; }}; {line}'
        return subprocess.run(["bash", "-c", script], capture_output=True, cwd=tmp_path, env=known, timeout=120, check=False)

    return run


def one_line(found: bytes) -> str:
    lines = found.decode("utf-8").splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("pcf: ")
    return lines[0]


@pytest.mark.parametrize("arguments", ["products", "footprint hqalight", "footprint hqalight --json", "--help", "show hqalight"])
def test_a_closed_output_is_no_error(shell: Callable[..., Any], arguments: str) -> None:
    found = shell(f"pcf {arguments} >&-")
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    "line", ["pcf footprint hqaligth 2>&-", "pcf bogus 2>&-", "pcf 2>&-; pcf data 2>&-", "pcf source x 2>/dev/full"]
)
def test_errors_never_go_to_the_output(shell: Callable[..., Any], line: str) -> None:
    found = shell(line)
    assert found.returncode == 2
    assert b"found" not in found.stdout


def test_everything_closed_at_once(shell: Callable[..., Any], tmp_path: Path) -> None:
    found = shell("pcf footprint hqalight --out x.json <&- >&- 2>&-")
    assert found.returncode == 0
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["product"]["id"] == "hqalight"


@pytest.mark.parametrize("arguments", ["footprint hqalight", "footprint hqalight --json --full", "products", "source", "--help"])
def test_a_reader_who_leaves_is_no_error(shell: Callable[..., Any], arguments: str) -> None:
    found = shell(f"pcf {arguments} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (found.returncode, found.stderr) == (0, b"")
    found = shell(f"(sleep 0.1; pcf {arguments}) | true; exit ${{PIPESTATUS[0]}}")
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", ["footprint hqalight", "products --json", "--help", "data check", "--version"])
def test_a_full_output_is_one_line_and_exit_code_three(shell: Callable[..., Any], arguments: str) -> None:
    found = shell(f"pcf {arguments} > /dev/full")
    assert found.returncode == 3
    assert "No space left" in one_line(found.stderr)


@pytest.mark.parametrize(
    "command", ["footprint hqalight a356.2 --out x.xlsx", "footprint hqalight --full --out x.json", "data template x.xlsx"]
)
def test_a_full_disk_is_one_line_and_leaves_nothing(shell: Callable[..., Any], tmp_path: Path, command: str) -> None:
    found = shell(f"ulimit -f 4; pcf {command} > /dev/null")
    assert found.returncode == 3
    assert "nothing was written" in one_line(found.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_poor_encodings(shell: Callable[..., Any], encoding: str) -> None:
    found = shell("pcf --lang zh footprint hqalight --json", PYTHONIOENCODING=encoding)
    assert found.returncode == 0
    assert json.loads(found.stdout.decode("utf-8"))["product"]["id"] == "hqalight"
    for command in (
        "footprint hqalight --full",
        "products",
        "show hqalight",
        "explain hqalight",
        "data check",
        "source mee-cf24",
    ):
        found = shell(f"pcf --lang zh {command}", PYTHONIOENCODING=encoding)
        assert (found.returncode, found.stderr) == (0, b"")
    assert one_line(shell("pcf footprint 铝", PYTHONIOENCODING="ascii").stderr)


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.15, 0.25, 0.35, 0.5, 0.8])
@pytest.mark.parametrize("arguments", [("footprint", "hqalight", "--cross-check"), ("uncertainty", "hqalight", "-n", "300000")])
def test_ctrl_c_is_one_line(tmp_path: Path, session_home: Path, arguments: tuple[str, ...], wait: float) -> None:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env={**os.environ, "PCF_HOME": str(session_home)}, start_new_session=True,
    )  # fmt: skip
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    if process.returncode == 1:  # it met Python itself, before a line of the program ran
        assert b"pcf/commands/main.py" not in said
        return
    assert process.returncode in (0, 130, -signal.SIGINT)  # the last one: it met the interpreter's end; a shell says 130
    assert said in (b"", b"pcf: stopped\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_that_a_compiled_package_turns_into_another_error(
    pcf: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def importing(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("numpy.core.multiarray failed to import") from None

    monkeypatch.setattr("pcf.commands.catalogue.load", importing)
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook, sys.excepthook
    run = pcf("products")
    assert (run.code, run.out, run.err) == (130, "", "pcf: stopped\n")
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook, sys.excepthook) == before


def test_ctrl_c_while_an_object_dies_is_not_lost(pcf: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def loading(*_: object, **__: object) -> None:
        thing = Dying()
        del thing
        time.sleep(5)

    monkeypatch.setattr("pcf.commands.catalogue.load", loading)
    run = pcf("products")
    assert (run.code, run.err) == (130, "pcf: stopped\n")


class Broken:
    """A stream that fails as it is told to."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, _: str) -> int:
        raise OSError(self.number, os.strerror(self.number))

    def flush(self) -> None:
        self.write("")

    def fileno(self) -> int:
        raise OSError


def test_what_an_output_makes_of_failures() -> None:
    Output(Broken(errno.EPIPE)).write("x")  # type: ignore[arg-type]
    for call in ("write", "flush"):
        with pytest.raises(EnvironmentProblem, match="standard output: No space left"):
            getattr(Output(Broken(errno.ENOSPC)), call)(*["x"][: call == "write"])  # type: ignore[arg-type]


def test_hidden_characters_are_left_out_and_room_between_words_stays() -> None:
    assert visible(HOSTILE) == "a[31mbcde"
    assert visible("铝　锭\tx\ny\u00a0z é") == "铝　锭\tx\ny\u00a0z é"
    assert visible("x\ny", instead="�", keep="") == "x�y"
    assert visible("\udcff") == "�"


@pytest.mark.parametrize("content", [HOSTILE, "\x7f\x80\x9f\u2028\ufeff\U000e0041", "\udcff", "plain 铝", "line\nbreak\ttab"])
def test_json_hides_nothing_and_loses_nothing(content: str) -> None:
    made = json_text({content: [content]})
    assert json.loads(made) == {content: [content]}
    assert not HIDDEN.search(made.replace("\n", ""))
    made.encode("utf-8")


@pytest.mark.parametrize("name", ["x [/b] y", "[red]x[/red]", "[link=https://example.org]x[/link]", HOSTILE, ":smile: x"])
def test_a_screen_takes_data_for_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = new_table(name)
    table.add_column(name)
    table.add_row(name)
    screen = console()
    screen.print(table)
    screen.print(name)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()].count(visible(name)) == 4


@pytest.mark.parametrize("write_only", [True, False])
def test_no_cell_of_a_workbook_comes_alive(tmp_path: Path, write_only: bool) -> None:
    hostile = [
        "=1+1",
        '=HYPERLINK("http://example.org")',
        "=cmd|' /C calc'!A0",
        "#REF!",
        HOSTILE,
        "\x1b=1+1",
        "\udcff",
        "-10 %",
        1.5,
    ]
    book = openpyxl.Workbook(write_only=write_only)
    sheet = book.create_sheet("x") if write_only else book.worksheets[0]
    append_row(sheet, hostile)
    book.save(tmp_path / "x.xlsx")
    row = next(iter(openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0].iter_rows()))
    assert {cell.data_type for cell in row[:-1]} == {"s"}
    assert [cell.value for cell in row[:4]] == hostile[:4]
    assert [cell.quotePrefix for cell in row[:3]] == [True] * 3
    assert row[4].value == "a[31mbcde"
    assert row[-1].value == 1.5


def test_no_cell_of_a_csv_file_comes_alive() -> None:
    for live in ("=1+1", " =1+1", "@SUM(A1)", "+HYPERLINK(1)", "-2+3+cmd|' /C calc'!A0", "\x1b=1"):
        assert csv_text(live).startswith("'")
    for plain in ("-10 % scrap", "+5 kWh", "铝", 1.5, None):
        assert csv_text(plain) == plain


def test_sheets_have_names_that_spreadsheets_accept() -> None:
    taken: set[str] = set()
    names = [sheet_title(name, taken) for name in ("a/b", "A:B", "'x'", "", "\x1b", "y" * 40, "y" * 40, f"{'z' * 27}'q")]
    assert names == ["ab", "AB 2", "x", "–", "– 2", "y" * 28, f"{'y' * 27} 2", "z" * 27]
    assert all(len(name) <= 31 for name in names)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped data in which a product bears a hostile name."""
    found = tmp_path / "data"
    shutil.copytree(datasets_path(), found)
    path = found / "products" / "hqalight.yaml"
    content = path.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^(name: ).*$", r"""\1{en: '=HYPERLINK("http://x") [/b] [red]y', zh: '=1+1 [/b]'}""", content, count=1)
    assert changed != content
    path.write_text(re.sub(r"(?m)^(note: ).*$", r"\1'x [/i]'", changed, count=1), encoding="utf-8")
    return found


def test_hostile_names_pass_through_every_command(pcf: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    data = ("--data", str(folder))
    for command in (("products",), ("show", "hqalight"), ("footprint", "hqalight", "a356.2", "--full"), ("explain", "hqalight")):
        run = pcf(*command, *data)
        assert (run.code, run.err) == (0, ""), command
        assert "[/b]" in run.out
    assert pcf("data", "diff", str(datasets_path()), str(folder)).code == 0
    assert pcf("footprint", "hqalight", *data, "--out", str(tmp_path / "x.xlsx")).code == 0
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)


def forbidden(path: Path) -> Iterator[list[str]]:
    """What to put before a command so that a file without permissions cannot be read, even by root."""
    path.chmod(0)
    if not os.access(path, os.R_OK):
        yield []
    elif shutil.which("setpriv"):
        yield ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    else:
        pytest.skip("this user may read everything")


@pytest.mark.parametrize(
    "command",
    ["run {file}", "data check {file}", "data check {file} --json", "data import {file} --year 2025", "data check {folder}",
     "footprint hqalight --data {folder}", "footprint hqalight --out {folder}/x.json"],
)  # fmt: skip
def test_a_missing_permission_is_the_environments(shell: Callable[..., Any], tmp_path: Path, command: str) -> None:
    file, folder = tmp_path / "file.yaml", tmp_path / "folder"
    file.write_text("schema: pcf/study/1\nruns: [{product: hqalight}]\n", encoding="utf-8")
    folder.mkdir()
    before = " ".join(next(forbidden(file)))
    folder.chmod(0)
    try:
        found = shell(f"{before} {COMMAND} {command.format(file=file, folder=folder)}")
    finally:
        folder.chmod(0o755)
    assert found.returncode == 3, found.stderr
    if "--json" in command and found.stdout:
        assert len(json.loads(found.stdout)["problems"]) == 1
    else:
        assert one_line(found.stderr)
