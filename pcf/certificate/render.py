"""A certificate as PDF/A-3b: typst sets the pages, in memory, from the project's own fonts and templates alone."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

from pcf import __version__
from pcf.certificate.draft import check_certificate
from pcf.certificate.pages import pages
from pcf.certificate.texts import check_characters, check_whole
from pcf.charts import style
from pcf.errors import EnvironmentProblem, InputError
from pcf.resources import certificates_path

STANDARD = "a-3b"
PRINTS: Mapping[str, tuple[str, ...]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
RELATIONSHIPS = ("source", "data", "alternative", "supplement")
MOST_ATTACHED = 50_000_000
"""Bytes of all attachments together."""

_SHIPPED, _SET_FROM = ("templates", "text", "fonts"), (".typ", ".yaml", ".ttf")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")


@dataclass(frozen=True)
class Attachment:
    """A file inside of a certificate.

    Parameters
    ----------
    name : str
        Without any folder.
    content : bytes
    relationship : str
        What it is to the pages: one of `RELATIONSHIPS`.
    mime : str
    description : str
    """

    name: str
    content: bytes
    relationship: str = "data"
    mime: str = "application/json"
    description: str = ""


def render(certificate: Mapping[str, Any], lang: str = "both", attachments: Sequence[Attachment] = ()) -> bytes:
    """The certificate as a tagged PDF/A-3b, not yet signed; the same input gives the same bytes.

    Parameters
    ----------
    certificate : mapping
        `pcf/certificate/1`, as `pcf.certificate.draft` makes it.
    lang : str
        `zh`, `en` or `both`.
    attachments : sequence of Attachment

    Raises
    ------
    InputError
        For another document, a text that cannot be printed, or an attachment with a name that is none.
    EnvironmentProblem
        Where typst or segno are not installed.
    """
    if lang not in PRINTS:
        raise InputError("lang", repr(lang)[:40], f"one of: {', '.join(PRINTS)}")
    check_certificate(certificate)
    check_whole(certificate)
    _check_attachments(attachments)
    inputs = {
        "content": json.dumps(pages(certificate, PRINTS[lang]), ensure_ascii=False),
        "qr": _code(certificate["verify"]["url"]),
        "maker": maker(),
        **_attached(attachments),
    }
    moment = datetime.fromisoformat(certificate["issued"]).replace(tzinfo=UTC)
    return set_pdf("certificate.typ", inputs, moment)


def pictures(certificate: Mapping[str, Any], lang: str = "both", ppi: int = 110) -> list[bytes]:
    """The pages as PNG, for a look at them.

    Raises
    ------
    InputError
        As `render`.
    """
    check_certificate(certificate)
    check_whole(certificate)
    content = json.dumps(pages(certificate, PRINTS[lang]), ensure_ascii=False)
    inputs = {"content": content, "qr": _code(certificate["verify"]["url"]), "maker": maker(), **_attached(())}
    return set_pictures("certificate.typ", inputs, ppi)


def set_pdf(template: str, inputs: dict[str, str], moment: datetime) -> bytes:
    """Pages of a template as a tagged PDF/A-3b.

    Parameters
    ----------
    template : str
        File in `certificates/templates`.
    inputs : mapping
        Its `sys.inputs`; all texts have been looked at.
    moment : datetime
        The time that the file bears.

    Raises
    ------
    EnvironmentProblem
        Where typst is not installed, or the pages cannot be set.
    """
    made: bytes = _compile(template, inputs, timestamp=int(moment.timestamp()), format="pdf", pdf_standards=[STANDARD])
    return made


def set_pictures(template: str, inputs: dict[str, str], ppi: int) -> list[bytes]:
    """Pages of a template as PNG; see `set_pdf`."""
    found = _compile(template, inputs, format="png", ppi=ppi)
    return found if isinstance(found, list) else [found]


@lru_cache
def maker() -> str:
    """What makes a file, as its keywords say it: versions, and a digest of templates, texts, fonts and the code that fills them.

    Two files of the same maker, certificate, language and attachments are the same bytes, also when they are signed, but for the
    signature itself.

    Raises
    ------
    EnvironmentProblem
        Where typst, segno or pyHanko are not installed.
    """
    _typst()
    _segno()
    shipped = [path for folder in _SHIPPED for path in (certificates_path() / folder).iterdir() if path.suffix in _SET_FROM]
    code = [Path(__file__).with_name(f"{name}.py") for name in ("draft", "pages", "pdf_signature", "render", "texts")]
    try:
        versions = [f"{name} {metadata.version(name)}" for name in ("segno", "pyhanko", "typst")]
    except metadata.PackageNotFoundError as problem:
        raise EnvironmentProblem(f"{problem.name} is not installed; pip install 'pcf-aluminium[certificates]'") from None
    digest = hashlib.sha256(", ".join(versions).encode())
    for path in (*sorted(shipped), *code, Path(style.__file__)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"pcf {__version__}, {versions[-1]}, {versions[-2]}, pages {digest.hexdigest()[:16]}"


class _Press(threading.local):
    """typst's compiler with fonts and a template read, one a template and thread."""

    def __init__(self) -> None:
        self.compilers: dict[str, Any] = {}


_PRESS = _Press()


@lru_cache
def _fonts() -> Any:
    typst = _typst()
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(certificates_path() / "fonts")])


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise EnvironmentProblem("typst is not installed; pip install 'pcf-aluminium[certificates]'") from None
    return typst


def _compile(template: str, inputs: dict[str, str], **options: Any) -> Any:
    typst = _typst()
    if template not in _PRESS.compilers:
        templates = certificates_path() / "templates"
        nowhere = templates / "no-packages"
        _PRESS.compilers[template] = typst.Compiler(
            str(templates / template), root=str(templates), font_paths=_fonts(), ignore_system_fonts=True,
            package_path=str(nowhere), package_cache_path=str(nowhere),
        )  # fmt: skip
    try:
        return _PRESS.compilers[template].compile(sys_inputs=inputs, **options)
    except typst.TypstError as problem:
        # All texts were looked at before: what is left is a defect of the templates, or a font that was exchanged.
        raise EnvironmentProblem(f"the pages could not be set: {problem.message}") from None


def _segno() -> Any:
    try:
        import segno
    except ImportError:
        raise EnvironmentProblem("segno is not installed; pip install 'pcf-aluminium[certificates]'") from None
    return segno


def _code(url: str) -> str:
    """The QR code of an address, as SVG."""
    made = BytesIO()
    _segno().make(url, error="m", micro=False).save(made, kind="svg", border=2, dark="#1f2933", light="#ffffff", xmldecl=False)
    return made.getvalue().decode("ascii")


def _check_attachments(attachments: Sequence[Attachment]) -> None:
    seen: set[str] = set()
    for one in attachments:
        place = "attachment"
        if not _NAME.fullmatch(one.name) or ".." in one.name:
            raise InputError(place, repr(one.name)[:80], "a file name of Latin letters, digits, dots, dashes and underlines")
        place = f"attachment {one.name}"
        if one.name.lower() in seen:
            raise InputError(place, "twice", "each name once")
        seen.add(one.name.lower())
        if one.relationship not in RELATIONSHIPS:
            raise InputError(place, repr(one.relationship)[:40], f"one of: {', '.join(RELATIONSHIPS)}")
        if not _MIME.fullmatch(one.mime):
            raise InputError(place, repr(one.mime)[:80], "a media type such as application/json")
        check_characters(one.description, f"{place}, description")
    size = sum(len(one.content) for one in attachments)
    if size > MOST_ATTACHED:
        raise InputError("attachments", f"{size:,} bytes", f"at most {MOST_ATTACHED:,} together")


def _attached(attachments: Sequence[Attachment]) -> dict[str, str]:
    """Attachments as the template takes them: texts as they are, any other bytes as the characters of their numbers."""
    heads, found = [], {}
    for number, one in enumerate(attachments):
        try:
            found[f"file{number}"], coded = one.content.decode("utf-8"), False
        except UnicodeDecodeError:
            found[f"file{number}"], coded = one.content.decode("latin-1"), True
        heads.append({
            "name": one.name, "relationship": one.relationship, "mime": one.mime, "description": one.description or one.name,
            "coded": coded,
        })  # fmt: skip
    return {"attachments": json.dumps(heads), **found}
