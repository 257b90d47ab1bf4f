"""The study report of a footprint: everything that a verifier asks for, as a tagged PDF/A. It is no certificate and says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from pcf.certificate.draft import printed
from pcf.certificate.pages import plain
from pcf.certificate.render import PRINTS, set_pdf, set_pictures
from pcf.certificate.report_annexes import annexes
from pcf.certificate.report_blocks import UNIT, Blocks, option_name
from pcf.certificate.report_results import interpretation, results
from pcf.certificate.report_scope import goal_and_scope, inventory
from pcf.certificate.study import Study
from pcf.certificate.texts import LANGUAGES, check_whole, say
from pcf.errors import InputError
from pcf.text import name_in

TEMPLATE = "report.typ"

MOST_FOOT = 60
"""Characters of a product's name at the foot of a page; on the first page it stands whole."""


def render_report(study: Study, made_on: date, lang: str = "both") -> bytes:
    """The report as a tagged PDF/A-3b; the same study and day give the same bytes.

    Parameters
    ----------
    study : Study
        See `pcf.certificate.study.make_study`.
    made_on : date
        Day of the report.
    lang : str
        `zh`, `en` or `both`.

    Raises
    ------
    InputError
        For another language, or a name with a character that cannot be printed.
    EnvironmentProblem
        Where typst is not installed.
    """
    return set_pdf(TEMPLATE, _inputs(study, made_on, lang), datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC))


def picture_report(study: Study, made_on: date, lang: str = "both", ppi: int = 110) -> list[bytes]:
    """The pages as PNG, for a look at them; see `render_report`."""
    return set_pictures(TEMPLATE, _inputs(study, made_on, lang), ppi)


def _inputs(study: Study, made_on: date, lang: str) -> dict[str, str]:
    if lang not in PRINTS:
        raise InputError("lang", repr(lang)[:40], f"one of: {', '.join(PRINTS)}")
    check_whole(study.result, "footprint")
    content = report_content(study, made_on, PRINTS[lang])
    check_whole(content, "report")
    return {
        "content": json.dumps(content, ensure_ascii=False),
        "footprint": json.dumps(study.result, ensure_ascii=False, indent=1),
    }


def report_content(study: Study, made_on: date, languages: Sequence[str]) -> dict[str, Any]:
    """The content of the template `report.typ`."""
    made = Blocks(study, languages)
    for chapter in (goal_and_scope, inventory, results, interpretation, annexes):
        chapter(made)
    product = study.result["product"]
    return {
        "languages": list(languages),
        "document": " / ".join(say("report.document", lang, product=name_in(product["name"], lang)) for lang in languages),
        "made_on": [made_on.year, made_on.month, made_on.day],
        **_cover(made, made_on),
        "footer": {
            "product": made.each(lambda lang: _cut(name_in(product["name"], lang))), "basis": made.basis(),
            "page": [words["text"] for words in made.each(lambda lang: say("footer.page", lang, page="{page}", pages="{pages}"))],
        },
        "blocks": made.blocks,
    }  # fmt: skip


def _cover(made: Blocks, made_on: date) -> dict[str, Any]:
    """What stands on every page, and on top of the first one."""
    result = made.result
    standing, pair, site = result["standing"], result["headline"], result["site"]
    partial = result["boundary"] != "cradle-to-gate"
    warnings = [made.told(f"standing-note.{made.standing_note()}"), made.told("no-certificate")]
    if made.is_changed() and made.standing_note() != "changed":
        warnings.append(made.told("changes"))
    if partial:
        warnings.append(made.told("limitation.partial"))
    if result["charge"] and result["charge"]["feasible"] is False:
        warnings.append(made.told("limitation.infeasible"))
    values = [(printed(result["total"]["value"]), made.say("label.footprint"))]
    if pair["with_low_voltage_pfc"] is not None:
        values = [
            (printed(pair["without_low_voltage_pfc"]), made.told("hero.without")),
            (printed(pair["with_low_voltage_pfc"]), made.told("hero.with")),
        ]
    year = str(site["data_year"]) if site else "–"
    return {
        # Both languages on every page, whichever one the report is in.
        "banner": [say(f"report.standing.{standing}", lang) for lang in LANGUAGES],
        "changed": [say("report.hypothetical", lang) for lang in LANGUAGES] if made.is_changed() else [],
        "loud": standing != "site-result",
        "no_certificate": made.told("no-certificate-short"),
        "title": made.told("title"),
        "subtitle": made.named(result["product"]["name"], result["product"]["id"]),
        "warnings": warnings,
        "values": [{"value": value, "label": label, "unit": UNIT} for value, label in values],
        "facts": [
            [made.say("label.declared-unit"), made.told("value.declared-unit", amount=f"{result['declared_unit']['amount']:g}", unit=result["declared_unit"]["unit"])],
            [made.say("label.boundary"), made.label(f"boundary.{result['boundary']}")],
            [made.say("label.gwp"), plain(f"GWP100, IPCC {result['method']['gwp']}")],
            [made.say("label.scrap"), made.option("scrap", result["method"]["scrap"])],
            [made.told("label.electricity"), made.each(lambda lang: "，".join(_electricity(made, lang)) if lang == "zh" else ", ".join(_electricity(made, lang)))],
            [made.say("label.site"), made.told("value.no-site") if site is None else made.each(lambda lang: f"{name_in(site['name'], lang)}, {site['geography']}")],
            [made.told("label.data-year"), plain(year)],
            [made.told("label.alignment"), made.of_document(lambda one: str(one["alignment"]["wording"]))],
            [made.told("label.made-on"), plain(made_on.isoformat())],
        ],
        "contents": made.told("contents"),
        "attachment": say("report.attachment", made.languages[0]),
    }  # fmt: skip


def _electricity(made: Blocks, lang: str) -> list[str]:
    method = made.result["method"]
    return [option_name("electricity", method["electricity"], lang), option_name("attribution", method["attribution"], lang)]


def _cut(name: str) -> str:
    """A name for the foot of a page, which has one line for it."""
    return name if len(name) <= MOST_FOOT else f"{name[: MOST_FOOT - 1]}…"
