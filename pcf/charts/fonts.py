"""The font of all figures, Noto Sans SC from `certificates/fonts`, and the part of it that a file carries along."""

from __future__ import annotations

import base64
import importlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pcf.errors import EnvironmentProblem
from pcf.resources import certificates_path

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei")
"""Ours, then what systems commonly have for Chinese, for programs that do not read an embedded font."""

STACK = ", ".join(f"'{family}'" for family in FAMILIES) + ", sans-serif"


@lru_cache
def font_file(*, bold: bool = False) -> Path:
    """File of the font; EnvironmentProblem where it is missing."""
    path = certificates_path() / "fonts" / f"NotoSansSC-{'Bold' if bold else 'Regular'}.ttf"
    if not path.is_file():
        raise EnvironmentProblem(f"{path}: the font of charts is not there; build it with certificates/fonts/build.py")
    return path


def font(size: float, *, bold: bool = False) -> FontProperties:
    """Font properties for matplotlib: the file to draw with, and the families to name in an SVG."""
    from matplotlib.font_manager import FontProperties

    families = [*FAMILIES, "sans-serif"]
    return FontProperties(family=families, weight=700 if bold else 400, size=size, fname=str(font_file(bold=bold)))


@lru_cache(maxsize=4096)
def width(words: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of text [pt]."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    face = get_font(str(font_file(bold=bold)))
    face.set_size(size, 72)
    face.set_text(words, 0.0, flags=LoadFlags.NO_HINTING)
    return float(face.get_width_height()[0]) / 64


def wrap(words: str, size: float, limit: float, *, bold: bool = False, most: int = 99) -> list[str]:
    """Break text into lines no wider than a limit [pt]: at spaces, and between Chinese characters.

    Of more than `most` lines, the rest is cut off, which an ellipsis shows.
    """
    lines: list[str] = []
    for paragraph in words.splitlines():
        line = ""
        for piece in _pieces(paragraph):
            if line and width((line + piece).rstrip(), size, bold=bold) > limit:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1] + "…"]


_NEVER_FIRST = "，。、：；！？）》」』】％%·…"
_NEVER_LAST = "（《「『【"


def _pieces(words: str) -> list[str]:
    """What must stay on one line: a word with the space behind it, or a Chinese character with its punctuation."""
    pieces: list[str] = []
    for character in words:
        previous = pieces[-1][-1] if pieces else " "
        free = previous == " " or _is_chinese(previous) or _is_chinese(character)
        bound = character in _NEVER_FIRST or previous in _NEVER_LAST or character == " "
        if pieces and (bound or not free):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _is_chinese(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


@lru_cache(maxsize=64)
def font_face(characters: frozenset[str], *, bold: bool = False) -> str:
    """CSS rule that embeds the characters' outlines, so that a file shows them on a machine without a Chinese font."""
    # fontTools ships no types
    subset, library = importlib.import_module("fontTools.subset"), importlib.import_module("fontTools.ttLib")
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.notdef_outline = True
    with library.TTFont(font_file(bold=bold), lazy=True, recalcTimestamp=False) as face:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(sorted(characters)))
        subsetter.subset(face)
        face.flavor = "woff"
        content = BytesIO()
        face.save(content)
    encoded = base64.b64encode(content.getvalue()).decode("ascii")
    weight = 700 if bold else 400
    return (
        f"@font-face{{font-family:'{FAMILIES[0]}';font-weight:{weight};src:url(data:font/woff;base64,{encoded}) format('woff')}}"
    )
