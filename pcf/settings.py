"""Settings: the environment over `PCF_HOME/settings.toml` over defaults.

Importing this module is cheap; platformdirs and tomllib are imported only where they are needed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcf.errors import InputError

LANGUAGES = ("en", "zh")
MOST_BYTES = 100_000
"""Largest settings file that is read."""

_HOME = "PCF_HOME"
_LANGUAGE = "PCF_LANGUAGE"
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # in the order in which POSIX lets them win


@dataclass(frozen=True)
class Settings:
    """What a user can set once for all commands."""

    language: str = "en"


def home() -> Path:
    """Folder of the program's own state: database, keys, caches, settings. It need not exist yet."""
    if folder := os.environ.get(_HOME):
        return _expand(Path(folder), f"environment variable {_HOME}")
    from platformdirs import user_data_path

    return user_data_path("pcf", appauthor=False)


def set_home(folder: Path | str) -> None:
    """Let `home()` be `folder` for this process and the processes it starts (the option `--home`)."""
    # In the environment rather than in a variable of this module, because workers have to see the same folder;
    # absolute, because they may run elsewhere.
    os.environ[_HOME] = str(_expand(Path(folder), "--home").absolute())


def _expand(folder: Path, place: str) -> Path:
    try:
        return folder.expanduser()
    except RuntimeError:
        raise InputError(place, str(folder), "a folder; no such user is known") from None


def cache_dir() -> Path:
    """Folder of what can be deleted at any time and is then made again."""
    return home() / "cache"


def load_settings() -> Settings:
    """Read the settings.

    Raises
    ------
    InputError
        When `settings.toml` is not TOML, holds an unknown key, or a value is not among the allowed ones.
    """
    path = home() / "settings.toml"
    table = _read_table(path)
    for key in table:
        if key not in Settings.__dataclass_fields__:
            known = ", ".join(Settings.__dataclass_fields__)
            raise InputError(f"{path}, key {key}", "an unknown setting", f"one of: {known}")
    if chosen := os.environ.get(_LANGUAGE):
        return Settings(language=_language(chosen, f"environment variable {_LANGUAGE}"))
    if "language" in table:
        return Settings(language=_language(table["language"], f"{path}, key language"))
    return Settings(language=_locale_language(os.environ))


def _language(value: object, place: str) -> str:
    if isinstance(value, str) and value in LANGUAGES:
        return value
    raise InputError(place, repr(value), " or ".join(LANGUAGES))


def _locale_language(environment: Mapping[str, str]) -> str:
    locale = next((value for name in _LOCALES if (value := environment.get(name))), "")
    return "zh" if locale.lower().startswith("zh") else Settings.language


def _read_table(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise InputError(str(path), "a large file or none that is regular", f"a file of at most {MOST_BYTES:,} bytes")
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a readable file") from error
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # a wrong byte, wrong TOML, brackets without end
        raise InputError(str(path), str(error), "TOML in UTF-8") from error
