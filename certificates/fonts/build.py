"""Build the Chinese fonts of this folder from Debian's package fonts-noto-cjk.

    apt-get install fonts-noto-cjk
    python certificates/fonts/build.py [--source /usr/share/fonts/opentype/noto]

Debian ships Noto Sans CJK as collections with CFF outlines. Certificates (typst) and charts (matplotlib) embed fonts in
PDF, and both do that best with TrueType outlines. So the Simplified Chinese face is taken out of the collection, cut down
to the characters below, its cubic outlines are approximated by quadratic ones (fontTools cu2qu, at most one unit of a
thousandth of the type size away), and the result is written without hints. The output depends on the input alone: no
date, no version of the machine. It takes about a minute a weight.

The source has ¹ ² ³ ⁴ and no other raised or lowered digit. CO₂ and C₂F₆ need them, so they are made here: ₁ to ₄ are the
raised ones moved down, the others are the digits at the size of ².
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

HERE = Path(__file__).parent
FAMILY = "Noto Sans SC"
FACE = "Noto Sans CJK SC"
WEIGHTS = {"Regular": 400, "Bold": 700}
LARGEST_ERROR = 1.0
"""How far a quadratic outline may be from the cubic one [1/1000 of the type size]."""

RANGES = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1, Latin Extended-A: European names
    (0x01CD, 0x01DC),  # pinyin vowels with caron
    (0x02C6, 0x02DD),  # modifier letters
    (0x0370, 0x03FF),  # Greek
    (0x2000, 0x206F),  # general punctuation: dashes, quotes, ellipsis, per mille
    (0x2070, 0x209C),  # superscripts and subscripts: CO₂, m³
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x214F),  # letter-like: ℃ №
    (0x2150, 0x218B),  # fractions, Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x2460, 0x24FF),  # circled numbers
    (0x2500, 0x25FF),  # lines, blocks, geometric shapes
    (0x2600, 0x26FF),  # ☆ ★ ⚠
    (0x2700, 0x27BF),  # ✓ ✗
    (0x3000, 0x303F),  # CJK symbols and punctuation
    (0x3200, 0x33FF),  # enclosed CJK, squared units
    (0x4E00, 0x9FFF),  # CJK unified ideographs
    (0xFE10, 0xFE4F),  # vertical and compatibility forms
    (0xFF00, 0xFFEF),  # full-width forms
)

RAISED = {digit: ord(mark) for digit, mark in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)}
LOWERED = {digit: ord("₀") + int(digit) for digit in "0123456789"}
LOWERED_FOOT = -120
"""Where a lowered digit stands [1/1000 of the type size]."""


def main() -> None:
    """Read the arguments, build both weights, and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=Path("/usr/share/fonts/opentype/noto"), help="folder of the collections")
    source: Path = parser.parse_args().source
    for style, weight in WEIGHTS.items():
        collection = source / f"NotoSansCJK-{style}.ttc"
        if not collection.exists():
            sys.exit(f"{collection}: not there; apt-get install fonts-noto-cjk")
        font = simplified_chinese(collection)
        missing = subset(font)
        to_truetype(font)
        name(font, style, weight)
        target = HERE / f"NotoSansSC-{style}.ttf"
        font.save(target, reorderTables=True)
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB, sha256 {digest}")  # noqa: T201 (a build script reports)
        print(f"  from {collection.name}, sha256 {hashlib.sha256(collection.read_bytes()).hexdigest()}")  # noqa: T201
        print(f"  of U+4E00-9FFF the source lacks {' '.join(f'U+{point:04X}' for point in missing) or 'none'}")  # noqa: T201


def simplified_chinese(collection: Path) -> TTFont:
    """Take the Simplified Chinese face out of a collection."""
    for face in TTCollection(collection, lazy=True).fonts:
        if face["name"].getDebugName(1) in (FACE, f"{FACE} Regular") or face["name"].getDebugName(16) == FACE:
            face.recalcTimestamp = False
            return face
    sys.exit(f"{collection}: holds no face {FACE!r}")


def subset(font: TTFont) -> list[int]:
    """Cut the font down to RANGES; the ideographs that it lacks are returned."""
    wanted = {point for first, last in RANGES for point in range(first, last + 1)}
    there = set(font.getBestCmap())
    options = Options()
    options.layout_features = ["kern", "ccmp", "mark"]
    options.layout_scripts = ["DFLT", "latn", "grek", "hani"]
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted & there)
    subsetter.subset(font)
    return sorted(set(range(0x4E00, 0xA000)) - there)


def to_truetype(font: TTFont) -> None:
    """Replace the CFF outlines by TrueType ones."""
    order = font.getGlyphOrder()
    glyphs = font.getGlyphSet()
    drawn: dict[str, Any] = {}
    for glyph in order:
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True))
        drawn[glyph] = pen.glyph()
    order = [*order, *small_digits(font, glyphs, drawn)]
    font.setGlyphOrder(order)
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder = order
    glyf.glyphs = drawn
    del font["CFF "]
    if "VORG" in font:
        del font["VORG"]
    glyf.compile(font)
    _metrics(font)
    font["maxp"] = maxp = newTable("maxp")
    maxp.tableVersion = 0x00010000
    maxp.numGlyphs = len(order)
    for field in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"):
        setattr(maxp, field, 0)
    maxp.maxZones, maxp.maxSizeOfInstructions = 1, 0
    maxp.maxComponentElements = max(
        (len(glyph.components) for glyph in drawn.values() if hasattr(glyph, "components")), default=0
    )
    post = font["post"]
    post.formatType = 3.0  # no glyph names: a reader goes by the character map
    font.sfntVersion = "\000\001\000\000"
    font["head"].glyphDataFormat = 0


def small_digits(font: TTFont, glyphs: Any, drawn: dict[str, Any]) -> list[str]:
    """Draw the raised and lowered digits that the source lacks; their glyph names are returned."""
    characters = dict(font.getBestCmap())
    _, foot, _, head = _bounds(glyphs, characters[ord("²")])
    _, low, _, high = _bounds(glyphs, characters[ord("2")])
    size = (head - foot) / (high - low)
    made = []
    for marks, drop in ((RAISED, 0.0), (LOWERED, LOWERED_FOOT - foot)):
        for digit, point in marks.items():
            if point in characters:
                continue
            raised = characters.get(RAISED[digit])
            scale, rise = (1.0, drop) if raised else (size, foot - size * low + drop)
            origin = raised or characters[ord(digit)]
            pen, glyph = TTGlyphPen(None), f"small{point:04X}"
            glyphs[origin].draw(TransformPen(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True), (scale, 0, 0, scale, 0, rise)))
            drawn[glyph] = pen.glyph()
            font["hmtx"][glyph] = (round(scale * font["hmtx"][origin][0]), 0)
            for table in font["cmap"].tables:
                if table.isUnicode():
                    table.cmap[point] = glyph
            made.append(glyph)
    return made


def _bounds(glyphs: Any, glyph: str) -> tuple[float, float, float, float]:
    pen = BoundsPen(glyphs)
    glyphs[glyph].draw(pen)
    return pen.bounds


def _metrics(font: TTFont) -> None:
    """Left side bearings follow the new outlines."""
    glyf, hmtx = font["glyf"], font["hmtx"]
    for glyph, (width, _) in hmtx.metrics.items():
        hmtx[glyph] = (width, getattr(glyf[glyph], "xMin", 0))


def name(font: TTFont, style: str, weight: int) -> None:
    """Call the font by the family name of the single-language edition, and keep copyright and licence."""
    table = font["name"]
    kept = {identifier: table.getDebugName(identifier) for identifier in (0, 5, 7, 8, 9, 10, 11, 12, 13, 14)}
    kept[5] = f"{kept[5]};subset with TrueType outlines"
    table.names = []
    full = f"{FAMILY} {style}"
    entries = {1: FAMILY, 2: style, 3: f"{full};subset", 4: full, 6: f"NotoSansSC-{style}"}
    for identifier, value in sorted({**kept, **entries}.items()):
        if value:
            table.setName(value, identifier, 3, 1, 0x409)
    os2 = font["OS/2"]
    os2.usWeightClass = weight
    bold = weight >= 700
    os2.fsSelection = (os2.fsSelection & ~0x61) | (0x20 if bold else 0x40)
    font["head"].macStyle = 1 if bold else 0


if __name__ == "__main__":
    main()
