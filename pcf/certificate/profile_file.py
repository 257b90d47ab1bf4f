"""The issuer's file as somebody writes it: checked before it is kept, and what it still lacks."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pcf.catalogue import Catalogue
from pcf.certificate.profile import NAME, Profile, assess_flows, read_profile
from pcf.errors import InputError
from pcf.resources import certificates_path

MOST_PROFILE = 200_000
"""Characters of the file."""


def example() -> str:
    """The file that `pcf certificate profile` writes, to be filled in."""
    return (certificates_path() / NAME).read_text(encoding="utf-8")


def check_profile(content: str, catalogue: Catalogue) -> Profile:
    """An issuer's file that can be used with the data.

    Raises
    ------
    DataError, InputError
        With what is wrong about it.
    """
    if len(content) > MOST_PROFILE:
        raise InputError(NAME, f"{len(content):,} characters", f"at most {MOST_PROFILE:,}")
    with tempfile.TemporaryDirectory(prefix="pcf-profile-") as folder:
        path = Path(folder) / NAME
        path.write_text(content, encoding="utf-8", errors="surrogatepass", newline="")
        found = read_profile(path)
    assess_flows(catalogue, found)
    return found


def lacking(profile: Profile, catalogue: Catalogue) -> list[str]:
    """Products of the data that the file has no name of: they cannot be certified."""
    return sorted(name for name in catalogue.products if name not in profile.products)


def is_example(profile: Profile) -> bool:
    """Whether something of the example's invented company is still in it: its name, identifier or addresses."""
    texts = (profile.name.en, profile.name.zh, profile.identifier, profile.verify, profile.publish)
    return any(mark in text for text in texts for mark in ("(invented)", "（虚构）", "demo.example"))
