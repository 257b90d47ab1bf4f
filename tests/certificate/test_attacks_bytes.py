"""Damaged files, bombs and what is no file at all: always a no, in bounded time and memory, never a traceback."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest

from pcf.certificate.credential import sign_credential
from pcf.certificate.pdf_signature import make_cms
from pcf.certificate.seal import make_seal
from pcf.certificate.status_list import StatusList, list_credential
from pcf.certificate.verify import holds, verify
from tests.certificate.attacking import MOMENT, Desk, changed, gap, resigned
from tests.certificate.issuing import (
    ADDRESS,
    DAY,
    NOW,
    Made,
    certificate,
    evidence,
    on_an_empty_page,
    signed_credential,
    signed_pdf,
)
from tests.certificate.test_seal import BY_HAND, SALT, small

SECONDS = 30
MEGABYTES = 400


@contextmanager
def bounded(seconds: float = SECONDS, *, traced: bool = True) -> Iterator[None]:
    """At most so long, and so much memory of Python's; to trace very many small objects takes longer than to make them."""
    start = time.process_time()
    if traced:
        tracemalloc.start()
    try:
        yield
        assert time.process_time() - start < seconds
        assert not traced or tracemalloc.get_traced_memory()[1] < MEGABYTES * 2**20
    finally:
        tracemalloc.stop()


def no(made: Made, content: bytes) -> str:
    """Verify without the command, for the many; gives the step that says no."""
    steps = verify(content, made.trust, at=NOW)
    assert not holds(steps)
    return next(step.key for step in steps if step.good is False)


# Bits and pieces


@pytest.mark.slow
def test_a_bit_at_every_place_of_the_filling_is_seen(genuine: Made, paper: bytes) -> None:
    start, stop = gap(paper)
    digits = paper[start + 1 : stop - 1]
    first = start + 1 + len(digits.rstrip(b"0"))
    assert stop - 1 - first > 3000
    for place in range(first, stop - 1):
        # Of `0`: 1, 2, 4, 8 (also hexadecimal), then what is none.
        assert no(genuine, changed(paper, place, 1 << place % 8)) == "signature"


def test_a_bit_anywhere_is_seen(genuine: Made, paper: bytes) -> None:
    chance = random.Random(20260301)
    for _ in range(400):
        place, bit = chance.randrange(len(paper)), chance.randrange(8)
        assert no(genuine, changed(paper, place, 1 << bit)) in ("signature", "file"), (place, bit)


def test_a_bit_anywhere_in_a_credential_alone_is_seen(genuine: Made) -> None:
    content = signed_credential(genuine)
    chance = random.Random(7)
    for _ in range(400):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        no(genuine, changed(content, place, 1 << bit))


def test_a_cut_file_is_refused_wherever_it_is_cut(genuine: Made, paper: bytes) -> None:
    start, stop = gap(paper)
    ends = {*range(40), *range(0, len(paper), 997), *range(start - 3, start + 4), *range(stop - 3, len(paper))}
    for end in sorted(ends):
        no(genuine, paper[:end])
    alone = signed_credential(genuine)
    for end in range(0, len(alone), 13):
        no(genuine, alone[:end])


def test_a_changed_file_is_refused_by_the_command(desk: Desk, paper: bytes) -> None:
    for content in (
        paper[:-1],
        paper[:5000],
        changed(paper, 7000),
        b"",
        b"\0",
        b"%PDF-",
        b"{}",
        b"{",
        b"PK\x03\x04",
        "证书".encode(),
    ):
        desk.refused(content)


def test_a_thief_of_the_key_cannot_change_a_bit_beside_the_signature(genuine: Made, paper: bytes) -> None:
    """Whatever the signature says: no byte but those that follow from the certificate, and from time and reason of the signature."""
    chance = random.Random(5)
    first, last = paper.rindex(b"/Contents <"), paper.rindex(b"endobj")
    tail = range(paper.rindex(b"%%EOF", 0, first) + 6, len(paper))
    known = ("reader", "attachments", "credential", "proof", "digests", "content", "print")
    for place in [*(chance.randrange(len(paper)) for _ in range(40)), *chance.sample(tail, 40)]:
        if not first <= place < last:
            bit = chance.randrange(8)
            assert no(genuine, resigned(genuine.keys, changed(paper, place, 1 << bit))) in known, (place, bit)


def swapped(content: bytes, old: bytes, new: bytes, last: bool = True) -> bytes:
    """A file with something else of the same length in one place."""
    place = content.rindex(old) if last else content.index(old)
    assert len(new) <= len(old)
    return content[:place] + new.ljust(len(old)) + content[place + len(old) :]


@pytest.mark.parametrize("forge", [
    lambda pdf: swapped(pdf, pdf[pdf.rindex(b"startxref") :], b"startxref\n0\n%%EOF\n"),
    lambda pdf: swapped(pdf, pdf[pdf.rindex(b"startxref") :], b"startxref\n-9\n%%EOF\n"),
    lambda pdf: swapped(pdf, b"/Prev ", b"/Prex "),
    lambda pdf: swapped(pdf, pdf[pdf.rindex(b"/Prev ") : pdf.rindex(b"/Prev ") + 12], b"/Prev " + pdf[pdf.rindex(b"startxref") :].split()[1]),
    lambda pdf: swapped(pdf, b"xref\n0 1", b"xrex\n0 1"),
    lambda pdf: swapped(pdf, b"/Root ", b"/Rood "),
    lambda pdf: swapped(pdf, b"/Size ", b"/Encrypt 1 0 R /Size "[:6]),
    lambda pdf: swapped(pdf, pdf[pdf.rindex(b"/Info ") : pdf.rindex(b"/ID")], b"/Encrypt 1 0 R"),
    lambda pdf: swapped(pdf, b"/Pages 1 0 R", b"/Pages 393 0"),
    lambda pdf: swapped(pdf, b"/EmbeddedFiles <<", b"/EmbeddedFiler <<"),
])  # fmt: skip
def test_a_broken_or_encrypted_file_is_refused_even_if_it_is_signed(
    desk: Desk, genuine: Made, paper: bytes, forge: Callable[[bytes], bytes]
) -> None:
    broken = forge(paper)
    assert desk.refused(broken)[0] == "signature"
    with bounded():
        assert desk.refused(resigned(genuine.keys, broken))[0] in ("reader", "attachments", "print")


def test_an_encrypted_file_is_refused(desk: Desk, paper: bytes) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    assert desk.refused(out.getvalue())[0] == "signature"


@pytest.mark.parametrize("der", [b"\x30\x80" * 2000, b"\x30\x84\xff\xff\xff\xff", b"\x02\x01", b"\xff" * 4096, b"", b"\x30\x00"])
def test_an_object_of_a_signature_that_is_none_is_refused(desk: Desk, paper: bytes, der: bytes) -> None:
    start, stop = gap(paper)
    with bounded():
        digits = der.hex().upper().encode().ljust(stop - start - 2, b"0")
        assert desk.refused(paper[: start + 1] + digits + paper[stop - 1 :])[0] == "signature"


def test_a_signature_by_nobody_is_refused(desk: Desk, genuine: Made, paper: bytes) -> None:
    start, stop = gap(paper)
    digest = sha256(paper[:start] + paper[stop:]).digest()
    for signature in (b"", b"\0" * 70, bytes.fromhex("3006020100020100"), bytes.fromhex("3006020101020101")):
        made = make_cms(genuine.keys.certificate, digest, signature).hex().upper().encode()
        content = paper[: start + 1] + made.ljust(stop - start - 2, b"0") + paper[stop - 1 :]
        assert desk.refused(content)[0] == "intact"


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "..", "/etc/passwd", "a\\b", "C:x", ".x", "-rf", "a\0b", "a\nb", "名.json", "a" * 101]
)
def test_names_that_lead_elsewhere_are_refused_and_nothing_is_written(desk: Desk, genuine: Made, name: str) -> None:
    before = sorted(desk.folder.parent.rglob("*"))
    key, why = desk.refused(desk.file("asked.pdf", on_an_empty_page(genuine, **{name: b"x"})))
    assert key == "attachments" and why.isprintable()
    assert sorted(desk.folder.parent.rglob("*")) == sorted({*before, desk.folder / "asked.pdf"})


# Bombs


def bundles() -> dict[str, bytes]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("seal.json", bytes(100_000_000))
    good = make_seal([(1.0, small())], {}, BY_HAND, SALT)[0]
    aliases = "\n".join(
        f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 9)}]" for level in range(20)
    )
    return {
        "zip": zipped.getvalue(),
        "gz": gzip.compress(bytes(100_000_000)),
        "yaml": f"a: &a [x]\n{aliases}\n".encode(),
        "deep": b"[" * 1_000_000 + b"]" * 1_000_000,
        "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "open text": b'{"' + b'\\"' * 5_000_000,
        "huge number": b'{"a":' + b"9" * 10_000_000 + b"}",
        "far exponent": good.replace(b'"value":0.023', b'"value":1e999'),
        "NaN": good.replace(b'"value":0.023', b'"value":NaN'),
        "Infinity": good.replace(b'"value":0.023', b'"value":-Infinity'),
        "text": good.replace(b'"value":0.023', b'"value":"1"'),
        "too large": b" " * 21_000_000,
        "twice": good[:-1] + b',"schema":"pcf/seal/1"}',
        "twice and late": b"{" + b",".join(b'"%d":1' % number for number in range(300_000)) + b',"299999":2}',
        "many lists": b'{"a":[' + b"[]," * 1_000_000 + b"[]]}",
        "nothing": b"",
        "list": b"[]",
        "halves": b'{"a":"\\ud800"}',
        "bytes": bytes(range(256)),
    }


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    return bundles()


SMALL = ("twice and late", "many lists")
"""Of very many small objects."""

BOMBS = (
    "zip", "gz", "yaml", "deep", "deep objects", "open text", "huge number", "far exponent", "NaN", "Infinity", "text", "too large", "twice",
    *SMALL, "nothing", "list", "halves", "bytes",
)  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bundle_that_is_a_bomb_is_refused_even_if_it_is_the_sealed_one(
    desk: Desk, genuine: Made, paper: bytes, bombs: dict[str, bytes], name: str
) -> None:
    content = bombs[name]
    path = desk.file("bundle", content)
    sealed = replace(genuine, known=certificate(seal={"sha256": sha256(content).hexdigest()}))
    sealing = signed_pdf(sealed)
    with bounded(traced=name not in SMALL):
        assert desk.refused(paper, "--bundle", str(path))[0] == "seal"
        assert desk.refused(sealing, "--bundle", str(path))[0] in ("recomputed", "seal")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_as_a_certificate_or_a_status_list_is_refused(
    desk: Desk, genuine: Made, paper: bytes, bombs: dict[str, bytes], name: str
) -> None:
    content = bombs[name]
    with bounded(traced=name not in SMALL):
        assert desk.refused(content)[0] in ("file", "signature", "credential")
    desk.trusted(genuine)
    if len(content) < 5_000_000:
        with bounded(traced=name not in SMALL):
            assert desk.refused(paper, "--list", str(desk.file("list", content)))[0] == "status"


def test_the_bundle_of_another_certificate_is_refused(desk: Desk, genuine: Made) -> None:
    bundles = [make_seal([(1.0, small(factor))], {}, result, SALT)[0] for factor, result in ((10.0, BY_HAND), (20.0, 0.043))]
    known = certificate(seal={"sha256": sha256(bundles[0]).hexdigest()})
    known["footprint"] = {**known["footprint"], "value": repr(BY_HAND), "printed": "0.023"}
    content = signed_pdf(replace(genuine, known=known))
    own, other = (str(desk.file(f"{number}.json", bundle)) for number, bundle in enumerate(bundles))
    assert desk.verify(content, "--bundle", own)[0] == 0
    key, why = desk.refused(content, "--bundle", other)
    assert key == "seal" and "not the one that was sealed" in why
    for place in (str(desk.folder), "/dev/zero"):
        assert desk.refused(content, "--bundle", place)[0] == "seal"


def test_a_status_list_that_unpacks_without_end_is_refused(desk: Desk, genuine: Made, paper: bytes) -> None:
    """Signed by the issuer, so that nothing but the bounds keeps it from being unpacked."""
    import base64

    packed = base64.urlsafe_b64encode(gzip.compress(bytes(1_000_000_000), 9, mtime=0)).decode().rstrip("=")
    document = list_credential(StatusList.empty(), genuine.keys.public.did, ADDRESS, NOW - DAY, NOW + DAY)
    document["credentialSubject"]["encodedList"] = f"u{packed}"
    content = sign_credential(document, genuine.keys.credential, genuine.keys.method, NOW)
    desk.trusted(genuine, content)
    with bounded():
        key, why = desk.refused(paper)
    assert key == "status" and "bits" in why


def test_an_attachment_that_unpacks_without_end_is_refused(desk: Desk, genuine: Made) -> None:
    content = on_an_empty_page(genuine, **{"more.json": bytes(60_000_000)})
    assert len(content) < 1_000_000
    with bounded():
        key, why = desk.refused(content)
    assert key == "attachments" and "more than" in why


@pytest.mark.parametrize("value", [1e300, -4.625, 0.0, 5e-324, 2**52])
def test_numbers_that_are_no_footprint_are_refused(desk: Desk, genuine: Made, value: float) -> None:
    seal = {**evidence(certificate()), "value": value}
    assert desk.refused(signed_pdf(genuine, signed_credential(genuine, seal=seal)))[0] == "content"


# What is no file


def test_a_pipe_a_folder_and_a_device_are_refused_and_keep_nobody_waiting(desk: Desk) -> None:
    pipe, place = desk.folder / "pipe", desk.folder / "socket"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(place))
        for path in (pipe, place, desk.folder, Path("/dev/zero"), Path("/dev/null"), Path("/dev/stdin")):
            with bounded(5):
                assert desk.refused(path)[0] == "file", path


def test_a_file_that_is_too_large_is_not_read(desk: Desk) -> None:
    path = desk.folder / "large.pdf"
    with path.open("wb") as stream:
        stream.truncate(40 * 2**30)  # a hole
    with bounded():
        key, why = desk.refused(path)
    assert key == "file" and "at most 50,000,000" in why


def test_a_missing_file_is_wrong_usage(desk: Desk) -> None:
    dangling = desk.folder / "dangling"
    dangling.symlink_to(desk.folder / "nowhere")
    for name in ("nowhere.pdf", "dangling", "a/b.pdf", "x" * 300):
        code, _, run = desk.verify(desk.folder / name)
        assert code == 2 and run.out == "" and "no such file" in run.err


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[2J\x1b]0;owned\x07.pdf",
        "a\nb\rc.pdf",
        "\u202efdp.exe",
        "\x7f\x9b31m",
        "zero\u200bwidth",
        os.fsdecode(b"\xff\xfe.pdf"),
    ],
)
def test_hidden_characters_of_a_file_name_are_shown_and_do_nothing(desk: Desk, name: str) -> None:
    place = desk.folder / name
    place.mkdir()
    for language in ("en", "zh"):
        for path, code in ((place, 1), (desk.folder / f"{name}-not-there", 2)):
            run = desk.call("--lang", language, "certificate", "verify", str(path), "--trust", str(desk.folder / "trust"))
            assert run.code == code
            printed = (run.out + run.err).replace("\n", "")
            assert printed.isprintable(), ascii(printed)
            assert "\\u" in printed or "\\x" in printed or "\\n" in printed
    code, found, run = desk.verify(place)
    assert code == 1 and found["file"]["name"].encode("utf-8", "replace") == str(place).encode("utf-8", "replace")


def test_a_new_process_says_the_same(desk: Desk, paper: bytes) -> None:
    """What one has imported before must not matter."""
    command = [sys.executable, str(Path(__file__).parents[2] / "cli.py"), "certificate", "verify"]
    options = ["--trust", str(desk.folder / "trust"), "--at", MOMENT, "--json"]
    for content, code, outcome in ((paper, 0, "current"), (changed(paper, 9000), 1, "no")):
        path = desk.file("asked.pdf", content)
        run = subprocess.run([*command, str(path), *options], capture_output=True, text=True, timeout=120, check=False)
        assert (run.returncode, json.loads(run.stdout)["outcome"]) == (code, outcome), run.stderr


def test_bounds_of_the_tests_own_bombs(bombs: dict[str, bytes]) -> None:
    assert set(bombs) == set(BOMBS)
    assert len(zlib.decompress(bombs["gz"], 31)) == 100_000_000
