"""Draws the pictures of the documents by the commands that stand beside them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PIL import Image

from pcf.commands import main

FOLDER = Path(__file__).parent / "pictures"
LARGEST = 200_000
"""Bytes of a picture in the repository."""

COLOURS = 96

PICTURES = {
    "waterfall": ("compare", "a356.2", "a356.2:recycled_content=0.85,silicon_origin=hydro", "--picture", "waterfall"),
    "trace": ("trace", "H12345"),
    "heat-map": ("sweep", "primary-shandong", "--over", "grid_mix=coal:hydro:41", "--over", "dc_electricity=12500:14000:50kWh/t"),
}
"""Name → what is asked of `pcf`."""


def _reduce(path: Path) -> None:
    """Half the size of print, in few colours."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def draw(folder: Path, lang: str) -> list[Path]:
    """Draw every picture in a language; gives the files."""
    made = []
    for name, arguments in PICTURES.items():
        path = folder / f"{name}.{lang}.png"
        try:
            main(["--lang", lang, *arguments, "--chart", str(path), "--force"])
        except SystemExit as left:
            if left.code:
                raise
        _reduce(path)
        if path.stat().st_size > LARGEST:
            raise SystemExit(f"{path}: {path.stat().st_size:,} bytes; at most {LARGEST:,}")
        made.append(path)
    return made


def tell_story(home: Path) -> None:
    """Records behind the picture of a genealogy: those of the demonstration, in a state folder of their own."""
    os.environ["PCF_HOME"] = str(home)
    try:
        main(["demo", "--home", str(home)])
    except SystemExit as left:
        if left.code:
            raise


def copy_page(outputs: Path) -> Path:
    """The first page of the demonstration's certificate."""
    path = FOLDER / "certificate.png"
    with Image.open(outputs / "certificate" / "page-1.png") as page:
        page.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        tell_story(Path(temporary) / "home")
        copy_page(Path(temporary))
        for language in ("en", "zh"):
            draw(FOLDER, language)
