"""Canonical JSON (RFC 8785) at the speed of the standard library where the two write the same bytes.

They differ in floats, in integers that a double cannot hold, and in the order of keys of which one lies beyond the basic plane;
such content, and whatever else is unusual, goes to the reference implementation.
"""

from __future__ import annotations

import json
import re
from typing import Any

import rfc8785

_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_UNUSUAL = re.compile(r"(?:^|[:,\[])-?[0-9]+(?:[.eE]|[0-9]{15})|[\ud800-\udfff\U00010000-\U0010ffff]")
"""A float or an integer of sixteen digits (also in a text that looks like one, which costs no more than time), and halves of
characters or characters beyond the basic plane, by which UTF-16 sorts otherwise than code points do."""


def canonical(content: Any) -> bytes:
    """Canonical JSON of plain values with texts as keys.

    Raises
    ------
    rfc8785.CanonicalizationError
        For what has no canonical form.
    """
    try:
        text = _ENCODE(content)
    except (TypeError, ValueError, RecursionError):
        return rfc8785.dumps(content)
    return rfc8785.dumps(content) if _UNUSUAL.search(text) else text.encode()
