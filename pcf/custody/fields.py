"""Types of the fields that people and files fill in, each with the sentence that says what is expected.

Everything a person types passes here once: lengths, hidden characters, whole kilograms, real dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from pcf.custody.plain import mixes_alphabets
from pcf.text import visible

LONGEST_ID = 64
LONGEST_TEXT = 500
MOST_KG = 10**12
MOST_WH = 10**15
"""Above the world's yearly aluminium and any plant's power: a slip of the unit, and still exact in JSON."""

_DECOMPOSED = 4
"""Most characters by which one character may be written: a letter with three accents."""

_EXACT = Context(prec=100)
"""Arithmetic that rounds no number that a field can hold."""

_ID = re.compile(r"[^\W_][\w ./:#()+-]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_HOUR = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


def wrong(expected: str) -> PydanticCustomError:
    """What a validator raises: the sentence after `expected`."""
    return PydanticCustomError("pcf", "{expected}", {"expected": expected})


def _text(value: object, longest: int) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, float) and value.is_integer():
        value = str(int(value))  # a spreadsheet's number where an id was typed
    if not isinstance(value, str):
        raise wrong("a text")
    value = value.strip()
    if len(value) <= longest * _DECOMPOSED:  # sorting the accents of a longer one may take hours
        value = unicodedata.normalize("NFC", value)
    if len(value) > longest:
        raise wrong(f"at most {longest} characters; these are {len(value):,}")
    if visible(value, keep="") != value:
        raise wrong("a text without hidden characters and line breaks")
    return value


def _id(value: Any) -> str:
    found = _text(value, LONGEST_ID)
    if mixes_alphabets(found):
        raise wrong("letters of one alphabet: Cyrillic or Greek ones among Latin ones look the same and are not")
    if not _ID.fullmatch(found):
        raise wrong(f"an id of 1 to {LONGEST_ID} letters, digits and . / : # ( ) + - that begins with a letter or digit")
    return found


def _words(value: Any) -> str:
    found = _text(value, LONGEST_TEXT)
    if not found:
        raise wrong("a text")
    return found


def _date(value: Any) -> str:
    if isinstance(value, date):
        value = value.isoformat()[:10]
    found = _text(value, LONGEST_ID)
    try:
        if not _DAY.fullmatch(found):  # a week such as 2025-W01-1 is a date too, but sorts after every other
            raise ValueError
        day = date.fromisoformat(found)
    except ValueError:
        raise wrong("a date such as 2025-03-31") from None
    if not 1990 <= day.year <= 2100:
        raise wrong("a date from 1990 to 2100")
    return found


def _month(value: Any) -> str:
    found = _text(value, LONGEST_ID)
    if not _MONTH.fullmatch(found) or not "01" <= found[5:] <= "12":
        raise wrong("a month such as 2025-03")
    return _date(f"{found}-01")[:7]


def _time(value: Any) -> str:
    found = _text(value, LONGEST_ID)
    if _HOUR.fullmatch(found) and found[11:] <= "23":
        return _date(found[:10]) + found[10:]
    try:
        return _month(found)
    except PydanticCustomError:
        raise wrong("a month such as 2025-03, or an hour such as 2025-03-01T05") from None


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise wrong("a number")
    if isinstance(value, int | Decimal):
        found = Decimal(value)
    else:
        text = repr(value) if isinstance(value, float) else _text(value, LONGEST_ID)
        try:
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", text):
                raise InvalidOperation
            found = Decimal(text)
        except InvalidOperation:
            raise wrong("a number with digits and a decimal point, without separators of thousands") from None
    if not found.is_finite():
        raise wrong("a finite number")
    return found


def _whole(name: str, least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        found = _decimal(value)
        if found != found.to_integral_value():
            raise wrong(f"whole {name}: the ledger counts no fractions")
        if found < least:
            raise wrong(f"{name}, {least} or more")
        if found > most:
            raise wrong(f"{name}, at most {most:,}")
        return int(found)

    return read


def _mwh(value: Any) -> int:
    found = _decimal(value).scaleb(6, _EXACT)
    if found != found.to_integral_value():
        raise wrong("MWh with at most six decimals: the ledger counts watt-hours")
    if found < 0:
        raise wrong("MWh, 0 or more")
    if found > MOST_WH:
        raise wrong(f"MWh, at most {MOST_WH // 1_000_000:,}")
    return int(found)


def _share(value: Any) -> str:
    found = _decimal(value)
    if not 0 <= found <= 1:
        raise wrong("a share from 0 to 1")
    return str(found.normalize()) if found else "0"


def _intensity(value: Any) -> str:
    found = _decimal(value)
    if not 0 < found <= 100:
        raise wrong("tCO2e per t, more than 0 and at most 100; what is not known is left out")
    return f"{found:f}"


def _zone(value: Any) -> str:
    found = _text(value, LONGEST_ID)
    try:
        ZoneInfo(found)
    except (KeyError, ValueError, OSError):  # an unknown key, a path, a folder of the database
        raise wrong("a time zone such as Asia/Shanghai") from None
    return found


def _chemistry(value: Any) -> dict[str, str]:
    """Element → mass per cent as exact text; from `Si=0.2, Fe=0.4` or a mapping."""
    if isinstance(value, str):
        parts = [part.strip() for part in _text(value, LONGEST_TEXT).split(",") if part.strip()]
        pairs = [part.partition("=")[::2] for part in parts]
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        raise wrong("contents such as Si=0.2,Fe=0.4 in per cent")
    found: dict[str, str] = {}
    total = Decimal(0)
    for element, content in pairs:
        name = str(element).strip()
        if not re.fullmatch("[A-Z][a-z]?", name) or name in found:
            raise wrong("each element once, by its symbol, with per cent: Si=0.2,Fe=0.4")
        amount = _decimal(content)
        if not 0 <= amount <= 100:
            raise wrong("contents from 0 to 100 per cent")
        total += amount
        found[name] = str(amount.normalize()) if amount else "0"
    if total > 100:
        raise wrong("contents that sum to at most 100 per cent")
    return dict(sorted(found.items()))


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"yes": True, "true": True, "1": True, "是": True, "no": False, "false": False, "0": False, "否": False, "": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise wrong("yes or no")
    return found


Id = Annotated[str, BeforeValidator(_id)]
Words = Annotated[str, BeforeValidator(_words)]
Note = Annotated[str, BeforeValidator(lambda value: _text(value, LONGEST_TEXT))]
"""A text that may be empty."""
Day = Annotated[str, BeforeValidator(_date)]
Month = Annotated[str, BeforeValidator(_month)]
Time = Annotated[str, BeforeValidator(_time)]
Kg = Annotated[int, BeforeValidator(_whole("kilograms", 1, MOST_KG))]
KgOrNone = Annotated[int, BeforeValidator(_whole("kilograms", 0, MOST_KG))]
"""Kilograms that may be zero."""
Mwh = Annotated[int, BeforeValidator(_mwh)]
"""Written in MWh, held in Wh."""
Share = Annotated[str, BeforeValidator(_share)]
Intensity = Annotated[str, BeforeValidator(_intensity)]
Zone = Annotated[str, BeforeValidator(_zone)]
Chemistry = Annotated[dict[str, str], BeforeValidator(_chemistry)]
Flag = Annotated[bool, BeforeValidator(_flag)]
