"""What several statements say alike: shares that are cut off, and rules with how surely they are known."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any

from pcf.custody.rules import Rule
from pcf.text import text


def cut_percent(share: Fraction, digits: int = 2) -> str:
    """A share in per cent, cut off: what is claimed is never rounded up (R27)."""
    whole = floor(share * 100 * 10**digits)
    return f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def rule_part(item: Rule) -> dict[str, Any]:
    """A rule with its status as plain values (R28)."""
    return {
        "id": item.id, "name": dict(item.names), "standard": item.standard, "edition": item.version, "status": item.status,
        "indicative": item.indicative, "source": item.source,
    }  # fmt: skip


def word_rules(used: Iterable[Rule], language: str) -> str:
    """A sentence that names rules, each with its status."""
    marks = {item.id: text(f"rule-mark.{'indicative' if item.indicative else 'verified'}", language) for item in used}
    return text("rule-mark.rules", language, rules=text("rule-mark.comma", language).join(f"{n} {m}" for n, m in marks.items()))
