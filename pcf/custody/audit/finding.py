"""A finding: what an auditor would write down, how grave it is, which rule and which record it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pcf.custody.audit.view import View
from pcf.text import text, texts, visible

MAJOR, MINOR, OBSERVATION = "major", "minor", "observation"
SEVERITIES = (MAJOR, MINOR, OBSERVATION)
"""From the gravest: a major one is a break of a rule, a minor one a lapse, an observation something to look at."""


@dataclass(frozen=True)
class Finding:
    """A finding; `key` names its sentence, `fields` fill it in."""

    severity: str
    rule: str
    record: str
    key: str
    fields: tuple[tuple[str, str], ...] = ()

    def sentence(self, lang: str) -> str:
        """What is wrong, in a language."""
        shown = {name: visible(_word(name, value, lang), keep="") for name, value in self.fields}
        return text(f"audit-finding.{self.key}", lang, record=visible(self.record, keep=""), **shown)


def _word(name: str, value: str, lang: str) -> str:
    """A field that holds a name of the program's own in a language; any other one as it is."""
    if name == "fields":
        return text("audit-field.comma", lang).join(text(f"audit-field.{item}", lang) for item in value.split(", "))
    return texts(lang).get(f"{WORDS[name]}.{value}", value) if name in WORDS else value


WORDS = {"account": "account", "kind": "posting", "asi_class": "asi-class", "leg": "leg", "class": "class"}
"""Fields of sentences whose values have names → how the keys of the names begin."""

Check = Callable[[View], Iterable[Finding]]


def find(severity: str, rule: str, record: str, key: str, **fields: Any) -> Finding:
    """A finding whose numbers are written with separators of thousands."""
    shown = tuple((name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in fields.items())
    return Finding(severity, rule, record, key, shown)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Findings from the gravest, each once."""
    return sorted(
        set(found), key=lambda item: (SEVERITIES.index(item.severity), item.rule or "~", item.key, item.record, item.fields)
    )


def run(view: View, checks: Iterable[Check]) -> Iterator[Finding]:
    """Findings of some checks."""
    for check in checks:
        yield from check(view)
