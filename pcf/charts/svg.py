"""Finishes an SVG: a title for those who hear it, and the outlines of the characters in it."""

from __future__ import annotations

import html
import re

from pcf.charts.fonts import font_face
from pcf.charts.frame import Frame

_TEXT = re.compile(r'<text style="([^"]*)"[^>]*>([^<]*)</text>')


def finish_svg(content: bytes, frame: Frame) -> bytes:
    """Add the accessible title, the language and the embedded font to what matplotlib wrote."""
    drawn = content.decode("utf-8")
    characters: dict[bool, set[str]] = {False: set(), True: set()}
    for look, words in _TEXT.findall(drawn):
        characters["font-weight: 700" in look] |= set(html.unescape(words))
    faces = "".join(font_face(frozenset(used), bold=bold) for bold, used in characters.items() if used)
    title = html.escape(f"{frame.title}. {frame.footer.words}", quote=False)
    language = "zh-CN" if frame.lang == "zh" else "en"
    drawn = drawn.replace("<svg ", f'<svg role="img" xml:lang="{language}" ', 1)
    drawn = re.sub(
        r"(<svg [^>]*>)", lambda found: f"{found[1]}\n <title>{title}</title>\n <style>{faces}</style>", drawn, count=1
    )
    return drawn.encode("utf-8")
