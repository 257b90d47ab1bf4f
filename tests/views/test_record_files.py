"""Files of records that are none, or are made to fill the memory: one line each, soon."""

from __future__ import annotations

import random
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from pcf.errors import InputError
from pcf.views import record_files
from pcf.views.record_files import read_rows, read_sheets

FIELDS = ("id", "name", "note")
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def write_book(path: Path, cells: dict[str, object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "party"
    for place, value in ({"A1": "id", "B1": "name"} | cells).items():
        sheet[place] = value
    book.save(path)
    return path


def change(path: Path, part: str, content: bytes | Callable[[bytes], bytes], *, copies: int = 1) -> Path:
    """A workbook with another content of a part, written `copies` times."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: b""} | {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, before in parts.items():
            with archive.open(name, "w") as file:
                if name != part:
                    file.write(before)
                    continue
                for _ in range(copies):
                    file.write(content(before) if callable(content) else content)
    return path


def said(path: Path) -> str:
    """What a file is refused with, within seconds and without much memory."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(InputError) as refused:
        for _ in read_rows(path, FIELDS):
            pass
    assert time.process_time() - start < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # KB
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()
    return str(refused.value)


def test_a_cell_in_the_last_corner_of_a_sheet_is_named(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One", "XFD1048576": "x"})
    assert "b.xlsx sheet party row 1048576: found a row after 1,048,573 empty ones" in said(path)
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One", "XFD2": "x"})
    assert "row 2: found a cell without a heading, in column 16,384" in said(path)


def test_rows_are_read_across_a_few_empty_ones_and_formats_far_below(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One", "A1003": "P2", "B1003": "Two"})
    book = load_workbook(path)
    book["party"]["XFD1048576"].number_format = "0.00"  # no value
    book.save(path)
    start = time.process_time()
    assert list(read_rows(path, FIELDS)) == [
        ("b.xlsx sheet party row 2", {"id": "P1", "name": "One"}), ("b.xlsx sheet party row 1003", {"id": "P2", "name": "Two"})
    ]  # fmt: skip
    assert time.process_time() - start < 5
    assert "after 1,001 empty ones" in said(write_book(tmp_path / "b.xlsx", {"A2": "P1", "A1004": "P2"}))


def test_headings_stand_side_by_side(tmp_path: Path) -> None:
    assert "empty cells between" in said(write_book(tmp_path / "b.xlsx", {"D1": "note", "A2": "P1"}))
    wide = {f"{letters}1": "x" for letters in ("XFD",)}
    assert "heading" in said(write_book(tmp_path / "b.xlsx", wide))


def test_a_sheet_of_20000_columns_is_refused(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {})
    cells = b"".join(b'<c t="inlineStr"><is><t>id</t></is></c>' for _ in range(20_000))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">%s</row></sheetData></worksheet>'
    change(path, SHEET, sheet % cells)
    assert "20000 columns; expected at most 100" in said(path)


def test_a_row_without_end_is_refused(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1"})
    cell = b'<c t="inlineStr"><is><t>%s</t></is></c>' % bytes(range(65, 91))
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    change(path, SHEET, start + cell * 1_500_000)
    record = said(path)
    assert "a row of more than 64,000,000 bytes" in record or "unpacked" in record


def test_bombs_are_refused_by_what_their_heads_say(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1"})
    assert "bytes unpacked from" in said(change(path, SHEET, bytes(1_000_000), copies=300))
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1"})
    blocks = b"".join(b"<si><t>%d</t></si>" % number for number in range(1_000_000))
    change(path, TEXTS, blocks, copies=8)
    assert "part xl/sharedStrings.xml" in said(path)
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1"})
    change(path, "xl/styles.xml", b"".join(b"<x>%d</x>" % number for number in range(1_500_000)))
    assert "part xl/styles.xml" in said(path)


def test_a_damaged_sheet_is_one_line(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One"})
    assert "a damaged sheet" in said(change(path, SHEET, lambda before: before[: len(before) - 40]))
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One"})
    assert "a damaged sheet" in said(change(path, SHEET, lambda before: before.replace(b'r="A2"', b'r="ABCDE2"')))


def test_a_long_text_in_a_cell_is_named(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One"})
    long = random.Random(1).randbytes(5_000_000).hex().encode()
    assert "row 2, name: found 10,000,000 characters" in said(change(path, SHEET, lambda before: before.replace(b"One", long)))


def test_shared_texts_are_read_and_one_that_is_not_there_is_damage(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", {"A2": "P1", "B2": "One"})
    kind = b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    change(path, "[Content_Types].xml", lambda before: before.replace(b"</Types>", kind))
    change(path, TEXTS, b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Shared</t></si></sst>')
    inline = b'<c r="B2" t="inlineStr"><is><t>One</t></is></c>'
    change(path, SHEET, lambda before: before.replace(inline, b'<c r="B2" t="s"><v>0</v></c>'))
    assert list(read_rows(path, FIELDS)) == [("b.xlsx sheet party row 2", {"id": "P1", "name": "Shared"})]
    assert "a damaged sheet" in said(change(path, SHEET, lambda before: before.replace(b"<v>0</v>", b"<v>77</v>")))


def test_texts_in_bearable_number_are_read(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("party")
    sheet.append(["id", "name"])
    for number in range(20_000):
        sheet.append([f"P{number}", f"Company {number}"])
    book.save(tmp_path / "b.xlsx")
    assert sum(1 for _, rows in read_sheets(tmp_path / "b.xlsx", {"party": FIELDS}) for _ in rows) == 20_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id,name\nP1,O\x00ne\n", "p.csv row 2: found NUL bytes"),
        ("id,name\nP1,Co\n".encode("utf-16-le"), "p.csv row 1: found NUL bytes"),
        ("id,name\nP1,公司\n".encode("utf-16-le"), "they can be read as UTF-16-LE"),
        ("id,name\nP1,中国宏桥集团\n".encode("gb18030"), "they can be read as GB18030"),
        (b"\xff\xfei\x00d\x00\n\x00\x00\xd8", "no UTF-16, which its mark says"),
        (b"id,name\nP1,\xff\xff\n", "bytes that are no UTF-8"),
        (b'id,name\nP1,"One\nP2,Two\nP3,Three\n', "p.csv row 2: found a quotation mark that nothing closes"),
        (b'id,name\nP1,One\nP2,"Two\n' + b"P3,Three\n" * 1_000_000, "p.csv row 3: found a quotation mark that nothing closes"),
        (b'id,name\nP1,"One"x\n', "p.csv row 2: found ',' expected after '\"'"),
        (b"id,name\nP1," + b"x" * 120_000 + b"\n", "p.csv row 2, name: found 120,000 characters"),
        (b"id,name\nP1," + b"x" * 140_000 + b"\n", "p.csv row 2: found field larger than field limit"),
        (b"id,name\nP1," + b"x,y" * 6_000_000, "p.csv row 2: found more than 16,000,000 characters"),
        (b"id,name\n" + b'"a\n",' * 4_000_000, "p.csv row 2: found more than 16,000,000 characters"),
        (b"id,name\nP1,One,Two\n", "p.csv row 2: found 3 cells"),
        (b"", "an empty file"),
    ],
    ids=[
        "nul", "utf-16", "utf-16-zh", "gb18030", "half", "bytes", "open-at-end", "open-for-long", "quoted", "cell", "field", "line", "record",
        "cells", "empty",
    ],
)  # fmt: skip
def test_a_csv_file_that_is_no_table_is_one_line(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    assert expected in said(tmp_path / "p.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_by_its_mark(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = ("id,name", "P1,中国宏桥", '"P2","a\nb"', "", "P3,x")
    content = "\n".join(lines).replace(",", separator)
    mark = "\ufeff" if encoding == "gb18030" else ""
    (tmp_path / "p.csv").write_bytes(f"{mark}{content}".encode(encoding))
    assert list(read_rows(tmp_path / "p.csv", FIELDS)) == [
        ("p.csv row 2", {"id": "P1", "name": "中国宏桥"}), ("p.csv row 4", {"id": "P2", "name": "a\nb"}),
        ("p.csv row 6", {"id": "P3", "name": "x"}),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_line_of_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "p.csv").open("wb") as file:
        file.write(b"id,name\nP1,")
        for _ in range(1_000):
            file.write(b"x," * 500_000)
    assert f"more than {record_files.LONGEST_RECORD:,} characters" in said(tmp_path / "p.csv")
