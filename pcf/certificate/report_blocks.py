"""The blocks that a report is made of: headings, paragraphs, facts and tables in one language or both, figures rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pcf.certificate.pages import Text, Words, percent, plain
from pcf.certificate.study import Study
from pcf.certificate.texts import say, words
from pcf.text import name_in, text, texts

Cell = Text | dict[str, Any]
"""What stands in a place of a table: a text, or a text with more: `under`, `weight`, `status`, `bar`, `range`."""

Row = dict[str, Any]

NAMED = {"attribution": "electricity", "electricity": "electricity_basis"}
"""Choices of the method whose texts bear the name of their alternative."""

TAKEN = {alternative: choice for choice, alternative in NAMED.items()}
"""Alternatives → the choice of the method that they vary."""

COMMA = {"zh": "、", "en": ", "}
NOTHING: Text = []
UNIT = "tCO₂e/t"

WHOLE = 13
"""Rows up to which a table stays on one page."""


def said(content: Text, lang: str) -> str:
    """The piece of a text in a language; pieces that are alike are one."""
    return next((piece["text"] for piece in content if piece["lang"] in ("", lang)), content[0]["text"])


class Blocks(Words):
    """Collects the blocks of one report."""

    def __init__(self, study: Study, languages: Sequence[str]) -> None:
        super().__init__(languages)
        self.study, self.result = study, study.result
        self.blocks: list[dict[str, Any]] = []
        self._chapter, self._section, self._annex, self._tables, self._figures = 0, 0, 0, 0, 0

    # Texts

    def told(self, key: str, **fields: object) -> Text:
        """A text of the report's own; a field may be a text itself."""
        return self.say(
            f"report.{key}",
            **{name: partial(said, field) if isinstance(field, list) else field for name, field in fields.items()},
        )

    def label(self, key: str) -> Text:
        """A text that all of the program has."""
        return self.each(lambda lang: formulas(texts(lang)[key]))

    def name(self, names: Mapping[str, str]) -> Text:
        """A name as data files hold it."""
        return self.each(lambda lang: formulas(name_in(names, lang)))

    def named(self, names: Mapping[str, str], known_as: str) -> Text:
        """A name with the id that the program knows."""
        return self.each(lambda lang: f"{formulas(name_in(names, lang))} ({known_as})")

    def of_document(self, find: Callable[[Mapping[str, Any]], str]) -> Text:
        """A sentence that the document has in each language."""
        return self.each(lambda lang: formulas(find(self.study.documents[lang])))

    def listed(self, make: Callable[[str], Sequence[str]]) -> Text:
        """Items of a list, parted as the language parts them."""
        return self.each(lambda lang: COMMA[lang].join(make(lang)))

    def option(self, choice: str, option: str) -> Text:
        """Name of an option of the method."""
        return self.each(lambda lang: option_name(choice, option, lang))

    def alternative(self, alternative: str, option: str) -> Text:
        """Name of an option under which the result has an alternative."""
        return self.each(lambda lang: formulas(texts(lang).get(f"choice.{alternative}.{option}", option)))

    def is_taken(self, alternative: str, option: str) -> bool:
        """Whether the report's own result is the one under an option."""
        return bool(self.result["method"][TAKEN.get(alternative, alternative)] == option)

    def stage(self, stage: str) -> Text:
        """Name of a stage."""
        return self.say(f"stage.{stage}")

    def shares(self, found: Mapping[str, float]) -> Text:
        """Shares of a group, the largest first."""
        return self.each(lambda lang: shares(found, lang))

    def flow(self, flow: str) -> Text:
        """Name of a line of a flow checklist."""
        return self.each(lambda lang: flow_name(flow, lang))

    def options(self, choice: str, options: Sequence[str]) -> Text:
        """Names of several options of the method."""
        return self.listed(lambda lang: [option_name(choice, option, lang) for option in options])

    def is_changed(self) -> bool:
        """Whether a value was set by hand; another site alone is no such value."""
        return any(change["name"] != "site" for change in self.result["changes"])

    def standing_note(self) -> str:
        """Which note says what the result is worth: a what-if was measured nowhere."""
        standing = str(self.result["standing"])
        return "changed" if standing == "model-estimate" and self.is_changed() else standing

    def has_check(self, check: str) -> bool:
        """Whether the result has a check."""
        return any(one["id"] == check for one in self.result["checks"])

    def finding(self, check: str) -> Text:
        """What a check found."""
        return self.of_document(lambda one: next(str(item["detail"]) for item in one["checks"] if item["id"] == check))

    def place(self, place: str) -> Text:
        """Name of a part of the chain: a site, the product, or what belongs to no site."""
        return self.told("place.common") if place == "common" else plain(place)

    # Blocks

    def chapter(self, key: str) -> None:
        self._chapter, self._section = self._chapter + 1, 0
        self._head(1, str(self._chapter), key)

    def annex(self, key: str) -> None:
        self._head(1, chr(ord("A") + self._annex), key)
        self._annex += 1

    def section(self, key: str) -> None:
        self._section += 1
        self._head(2, f"{self._chapter}.{self._section}", key)

    def _head(self, level: int, number: str, key: str) -> None:
        self.blocks.append({"kind": "heading", "level": level, "number": number, "text": self.told(f"head.{key}"), "id": key})

    def para(self, content: Text, tone: str = "") -> None:
        self.blocks.append({"kind": "para", "text": content, "tone": tone})

    def tell(self, key: str, **fields: object) -> None:
        """A paragraph of the report's own."""
        self.para(self.told(key, **fields))

    def facts(self, *rows: tuple[Text, Text] | None) -> None:
        """Labels with their values; a row that is None is left out."""
        self.blocks.append({"kind": "facts", "rows": [list(row) for row in rows if row is not None]})

    def bullets(self, items: Sequence[Text]) -> None:
        self.blocks.append({"kind": "list", "items": list(items)})

    def table(self, key: str, columns: Sequence[tuple[Text, str, str]], rows: Sequence[Row], **fields: object) -> None:
        """A table with a caption; columns are (head, width, alignment)."""
        self._tables += 1
        number = self._tables
        caption = self.told(f"table.{key}", **fields)
        self.blocks.append({
            "kind": "table", "label": self.told("caption.table", number=number), "caption": caption, "whole": len(rows) <= WHOLE,
            "heads": [head for head, _, _ in columns], "widths": [width for _, width, _ in columns],
            "aligns": [align for _, _, align in columns], "rows": list(rows),
        })  # fmt: skip

    def figure(self, key: str, block: dict[str, Any]) -> None:
        """A picture with a caption."""
        self._figures += 1
        caption = {"label": self.told("caption.figure", number=self._figures), "caption": self.told(f"figure.{key}")}
        self.blocks.append({**block, **caption})

    # What every figure is of

    def basis(self) -> Text:
        """Boundary, edition of the potentials and choices behind every figure of the report, in one line."""
        method = self.result["method"]
        return self.told(
            "basis", boundary=lambda lang: text(f"boundary.{self.result['boundary']}", lang), gwp=method["gwp"],
            scrap=lambda lang: option_name("scrap", method["scrap"], lang),
            electricity=lambda lang: option_name("electricity", method["electricity"], lang),
            attribution=lambda lang: option_name("attribution", method["attribution"], lang),
            pfc=lambda lang: say(f"pfc.{method['low_voltage_pfc']}", lang),
        )  # fmt: skip


def row(*cells: Cell, kind: str = "") -> Row:
    """A row of a table; `kind` is `group` (one cell over the whole width) or `total`."""
    return {"cells": list(cells), "kind": kind}


def with_under(main: Text, *under: Text) -> Cell:
    """A text with smaller lines below it."""
    return {"text": main, "under": [one for one in under if any(piece["text"] for piece in one)]}


def status(content: Text, kind: str) -> Cell:
    """A status with its mark."""
    return {"text": content, "status": kind}


def bar(width: float, color: str) -> Cell:
    """A bar over a share of its column."""
    return {"bar": min(max(width, 0.0), 1.0), "color": color}


def option_name(choice: str, option: str, lang: str) -> str:
    """Name of an option of the method in a language."""
    return formulas(texts(lang).get(f"choice.{NAMED.get(choice, choice)}.{option}", option))


def share_name(option: str, lang: str) -> str:
    """Name of an option of a share group; its own id where nothing names it."""
    for known, key in (
        (words(lang), f"leg.{option}"),
        (words(lang), f"report.option.{option}"),
        (texts(lang), f"option.{option}"),
    ):
        if key in known:
            return known[key]
    return option


def flow_name(flow: str, lang: str) -> str:
    """Name of a line of a flow checklist."""
    return formulas(texts(lang).get(f"flow.{flow}") or words(lang).get(f"report.flow.{flow}", flow))


def formulas(content: str) -> str:
    """Formulas of gases as they are set in print; the hanzi of exergy, which the font lacks, by its other name."""
    for written, shown in (("CO2", "CO₂"), ("CF4", "CF₄"), ("C2F6", "C₂F₆"), ("㶲", "有效能")):
        content = content.replace(written, shown)
    return content


def shown_unit(unit: str) -> str:
    """A unit of the data as it is set in print."""
    return formulas(unit.replace("(t*km)", "tkm").replace("t*km", "tkm").replace("*", "·"))


def part(share: float) -> str:
    """A share of the result; nothing is 0 %."""
    return percent(share) if share else "0 %"


def tonnes(value: float) -> str:
    """A part of a footprint [tCO2e/t]: three decimals; what is there but smaller shows as such, nothing is 0."""
    if value == 0:
        return "0"
    if abs(value) < 0.0005:
        return "< 0.001" if value > 0 else "> −0.001"
    return f"{value:.3f}".replace("-", "−")


def signed(value: float) -> str:
    """A difference [tCO2e/t]."""
    return "0" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−")


def signed_percent(share: float) -> str:
    """A relative difference."""
    return "0 %" if abs(share) < 0.0005 else f"{100 * share:+.1f} %".replace("-", "−")


def amount(value: float) -> str:
    """A value of the data as it was entered: up to six significant digits."""
    if value == 0 or 0.001 <= abs(value) < 1e4:
        return f"{value:.6g}".replace("-", "−")
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.3g}".replace("-", "−")


def need(value: float) -> str:
    """A computed need per tonne: four significant digits."""
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}" if abs(value) >= 0.001 else f"{value:.2e}"


def with_unit(value: float, unit: str) -> str:
    """A value with its unit; a plain number stands alone."""
    return amount(value) if unit in ("1", "") else f"{amount(value)} {shown_unit(unit)}"


def shares(found: Mapping[str, float], lang: str) -> str:
    """Shares of a group, the largest first."""
    rows = sorted(found.items(), key=lambda item: -item[1])
    return COMMA[lang].join(f"{share_name(name, lang)} {100 * share:.4g} %" for name, share in rows)
