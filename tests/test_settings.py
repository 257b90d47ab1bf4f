"""Environment over settings.toml over defaults; a wrong setting is named with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pcf import settings
from pcf.errors import InputError


def test_home_is_the_folder_that_the_environment_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PCF_HOME", str(tmp_path))
    assert settings.home() == tmp_path
    assert settings.cache_dir() == tmp_path / "cache"


@pytest.mark.skipif(sys.platform != "linux", reason="the default folder differs between systems")
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_home_defaults_to_the_users_data_folder(value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("PCF_HOME") if value is None else monkeypatch.setenv("PCF_HOME", value)
    assert settings.home() == tmp_path / "pcf"


def test_a_home_that_is_set_is_absolute_and_reaches_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings.set_home("state")
    assert settings.home() == tmp_path / "state"
    assert os.environ["PCF_HOME"] == str(tmp_path / "state")


def test_english_is_the_default(pcf_home: Path) -> None:
    assert settings.load_settings() == settings.Settings(language="en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "PCF_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_language_follows_the_environment(
    environment: dict[str, str], language: str, pcf_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert settings.load_settings().language == language


def test_the_file_wins_over_the_locale_and_loses_to_the_environment(pcf_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pcf_home / "settings.toml").write_text('language = "zh"\n', encoding="utf-8")
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert settings.load_settings().language == "zh"
    monkeypatch.setenv("PCF_LANGUAGE", "en")
    assert settings.load_settings().language == "en"


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        (b'language = "fr"\n', "settings.toml, key language", "'fr'"),
        (b"language = 1\n", "settings.toml, key language", "1"),
        (b'langauge = "zh"\n', "settings.toml, key langauge", "an unknown setting"),
        (b"language =\n", "settings.toml", "Invalid value (at line 1"),
        (b'language = "\xff"\n', "settings.toml", "can't decode byte 0xff"),
        (b"a = " + b"[" * 3000, "settings.toml", "recursion"),
        (b"# " + b"x" * 200_000, "settings.toml", "large"),
    ],
    ids=["unknown language", "no text", "unknown key", "no TOML", "no UTF-8", "brackets", "large"],
)
def test_a_wrong_file_is_refused_with_its_place(content: bytes, place: str, found: str, pcf_home: Path) -> None:
    (pcf_home / "settings.toml").write_bytes(content)
    with pytest.raises(InputError) as refusal:
        settings.load_settings()
    assert refusal.value.place == str(pcf_home / place)
    assert found in refusal.value.found


@pytest.mark.parametrize("kind", ["fifo", "folder", "device"])
def test_only_a_plain_file_is_read(pcf_home: Path, kind: str) -> None:
    path = pcf_home / "settings.toml"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(InputError, match="regular"):
        settings.load_settings()


def test_the_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCF_HOME", "~nobody-of-that-name/x")
    with pytest.raises(InputError, match="no such user"):
        settings.home()
    with pytest.raises(InputError, match="--home"):
        settings.set_home("~nobody-of-that-name/x")


def test_a_wrong_variable_is_refused_by_name(pcf_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCF_LANGUAGE", "klingon")
    with pytest.raises(InputError, match="environment variable PCF_LANGUAGE: found 'klingon'; expected en or zh"):
        settings.load_settings()


def test_importing_the_ground_floor_is_cheap() -> None:
    code = (
        "import sys, pcf.settings, pcf.text, pcf.resources, pcf.errors; "
        "print(*sorted({'platformdirs', 'tomllib', 'numpy', 'click', 'pint'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
