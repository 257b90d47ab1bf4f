"""The compiled catalogue: deleting or damaging it changes nothing but the time."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import cache, open_catalogue
from pcf.settings import cache_dir


def test_the_compiled_catalogue_is_the_same_object(pcf_home: Path) -> None:
    first, second = open_catalogue(), open_catalogue()
    assert list(cache_dir().glob("catalogue-*.json"))
    assert first == second


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b"[]", b'{"version": 1}', b"\xff" * 100])
def test_a_damaged_cache_is_made_anew(pcf: Callable[..., Any], pcf_home: Path, damage: bytes) -> None:
    wanted = pcf("footprint", "anode", "--json").out
    (path,) = cache_dir().glob("catalogue-*.json")
    path.write_bytes(damage)
    assert pcf("footprint", "anode", "--json").out == wanted
    assert json.loads(path.read_text(encoding="utf-8").partition("\n")[2])["sha256"]


def test_a_changed_number_in_the_cache_is_noticed(pcf: Callable[..., Any], pcf_home: Path) -> None:
    wanted = pcf("footprint", "anode", "--json").out
    (path,) = cache_dir().glob("catalogue-*.json")
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r'"value":1(\d)', r'"value":2\1', text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert pcf("footprint", "anode", "--json").out == wanted


def test_own_data_leave_the_hash_of_the_data_set_alone(pcf_home: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sources.csv").write_text(
        "id,title,publisher,year,url,redistribution,note\nown-1,Own,Own,2025,,own,\n", encoding="utf-8"
    )
    shipped, both = open_catalogue(), open_catalogue(overlays=[tmp_path / "own"])
    assert both.sha256 == shipped.sha256
    assert shipped.own_sha256 is None
    assert both.own_sha256


def test_a_cache_that_cannot_be_written_costs_only_time(pcf: Callable[..., Any], pcf_home: Path) -> None:
    wanted = pcf("footprint", "anode", "--json").out
    shutil.rmtree(cache_dir())
    cache_dir().write_text("a file where the folder should be", encoding="utf-8")
    assert pcf("footprint", "anode", "--json").out == wanted


def test_other_code_or_data_have_another_file(tmp_path: Path) -> None:
    assert cache.cache_path(tmp_path, "a" * 64) != cache.cache_path(tmp_path, "b" * 64)
    assert cache.fetch(tmp_path, "a" * 64) is None
