"""The chapters of a report before its results: goal and scope, and the inventory that the result is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.catalogue import CATEGORIES, STAGES, UNSPECIFIED
from pcf.certificate.pages import Text, percent, plain
from pcf.certificate.report_blocks import (
    NAMED,
    NOTHING,
    UNIT,
    Blocks,
    amount,
    need,
    option_name,
    row,
    shown_unit,
    signed_percent,
    tonnes,
    with_under,
    with_unit,
)
from pcf.certificate.report_diagram import diagram
from pcf.certificate.study import Step
from pcf.certificate.texts import say
from pcf.model import CHOICES
from pcf.text import name_in

SUPPLIES = ("electricity_supply", "attributed_supply", "rest_supply")
"""Share groups that tell the legs of a place's supply."""

SAME = 1e-9
"""Relative difference below which two sums are the same."""


def goal_and_scope(made: Blocks) -> None:
    """Goal, product, boundary, gases, choices, cut-off criteria."""
    made.chapter("goal-and-scope")
    _goal(made)
    _product(made)
    _boundary(made)
    _potentials(made)
    _choices(made)


def _goal(made: Blocks) -> None:
    result = made.result
    made.section("goal")
    made.tell("goal.purpose", product=made.name(result["product"]["name"]), boundary=made.label(f"boundary.{result['boundary']}"))
    made.facts(
        (made.told("label.application"), made.told("goal.application")),
        (made.told("label.audience"), made.told("goal.audience")),
        (made.told("label.alignment"), made.of_document(lambda one: str(one["alignment"]["wording"]))),
        (made.told("label.comparative"), made.told("goal.comparative")),
        (made.told("label.review"), made.told("goal.review")),
        (made.told("label.offsets"), made.told("goal.offsets")),
    )


def _product(made: Blocks) -> None:
    result, study = made.result, made.study
    unit = result["declared_unit"]
    site = result["site"]
    made.section("product")
    made.facts(
        (made.say("label.product"), made.named(result["product"]["name"], result["product"]["id"])),
        (made.told("label.kind"), made.label(f"kind.{study.kind}")),
        (made.say("label.product-standard"), plain(study.product_standard)) if study.product_standard else None,
        (made.say("label.declared-unit"), made.told("value.declared-unit", amount=amount(unit["amount"]), unit=unit["unit"])),
        (made.told("label.reference-flow"), made.told("value.reference-flow", amount=amount(unit["amount"]), unit=unit["unit"])),
        (made.say("label.site"), made.told("value.no-site") if site is None else _site(made, site)),
        (made.told("label.product-note"), _data(study.product_note)) if study.product_note else None,
        (made.told("label.site-note"), _data(study.site_note)) if study.site_note else None,
    )
    if result["changes"]:
        _changes(made)


def _data(content: str) -> Text:
    """A remark of the data, which has one language."""
    return [{"lang": "en", "text": content}]


def _site(made: Blocks, site: Mapping[str, Any]) -> Text:
    return made.each(lambda lang: f"{name_in(site['name'], lang)} ({site['id']}), {site['geography']}, {site['data_year']}")


def _changes(made: Blocks) -> None:
    rows = []
    for change in made.result["changes"]:
        unit = change["unit"]
        rows.append(row(
            plain(change["name"]), _value(made, change["value"], unit),
            made.told("value.none") if change["default"] is None else _value(made, change["default"], unit),
        ))  # fmt: skip
    made.tell("changes" if made.is_changed() else "another-site")
    heads = [made.told(f"column.{name}") for name in ("name", "value", "default")]
    made.table(
        "changes" if made.is_changed() else "another-site",
        list(zip(heads, ("1fr", "45mm", "45mm"), ("left", "left", "left"), strict=True)),
        rows,
    )


def _value(made: Blocks, value: Any, unit: str) -> Text:
    if isinstance(value, Mapping):
        return made.shares(value)
    if isinstance(value, int | float):
        return plain(with_unit(value, unit))
    return plain(str(value))


def _boundary(made: Blocks) -> None:
    result = made.result
    made.section("boundary")
    made.tell(f"boundary.{result['boundary']}")
    if result["method"]["steps"]:
        made.tell(
            "boundary.steps",
            steps=lambda lang: "、".join(
                result["process_names"].get(name, {}).get(lang, name) for name in result["method"]["steps"]
            ),
        )
    made.figure("boundary", diagram(made))
    absent = [stage["id"] for stage in result["stages"] if not stage["value"]]
    if absent:
        names = made.listed(lambda lang: [say(f"stage.{name}", lang) for name in absent])
        made.tell("boundary.absent", stages=names)
    made.tell("boundary.excluded")
    made.tell("boundary.capital")


def _potentials(made: Blocks) -> None:
    gwp = made.result["method"]["gwp"]
    made.section("gases")
    made.tell("gases.edition", gwp=gwp)
    rows = [row(made.say(f"gas.{gas}"), plain(f"{value:,g}")) for gas, value in made.study.potentials.items()]
    made.table("potentials", [(made.say("label.gas"), "70mm", "left"), (plain("kgCO₂e/kg"), "30mm", "right")], rows, gwp=gwp)
    unspecified = made.result["gases"].get(UNSPECIFIED)
    if unspecified is not None:
        made.tell("gases.unspecified", editions=made.each(lambda lang: _editions(unspecified, lang)))


def _editions(unspecified: Mapping[str, Any], lang: str) -> str:
    """What comes from factors published only as CO2e, by their edition; together it is the row of that gas [tCO2e/t]."""
    known: dict[str, float] = unspecified.get("editions", {})
    parts = [
        f"{say('report.value.edition-not-stated', lang) if name == 'not stated' else name} {tonnes(value)}" for name, value in known.items()
    ]  # fmt: skip
    rest = unspecified["tCO2e"] - sum(known.values())
    if abs(rest) > SAME * abs(unspecified["tCO2e"]):
        parts.append(f"{say('report.value.without-edition', lang)} {tonnes(rest)}")
    return ("；" if lang == "zh" else "; ").join(parts)


def _choices(made: Blocks) -> None:
    method = made.result["method"]
    made.section("choices")
    made.tell("choices.lead")
    rows = []
    for name, options in CHOICES.items():
        taken = method[name]
        others = [option for option in options if option != taken]
        taken_name = (
            plain(f"GWP100, IPCC {taken}")
            if name == "gwp"
            else made.label(f"boundary.{taken}")
            if name == "boundary"
            else made.option(name, taken)
        )
        rows.append(row(
            with_under(made.label(f"choice.{name if name in ('boundary', 'gwp', 'cut_off') else NAMED.get(name, name)}")), taken_name,
            NOTHING if name in ("boundary", "gwp") else made.options(name, others),
            made.told(f"choice-note.{name}"),
        ))  # fmt: skip
    year = method["factor_year"]
    rows.append(row(
        made.label("choice.factor_year"), made.say("factor-year.newest") if year == "newest" else plain(year), NOTHING,
        made.told("choice-note.factor_year"),
    ))  # fmt: skip
    made.table("choices", [
        (made.told("column.choice"), "33mm", "left"), (made.told("column.taken"), "30mm", "left"),
        (made.told("column.others"), "33mm", "left"), (made.told("column.meaning"), "1fr", "left"),
    ], rows)  # fmt: skip


def inventory(made: Blocks) -> None:
    """Unit processes, places and periods, electricity, charge, allocation, cut-off."""
    made.chapter("inventory")
    _steps(made)
    _places(made)
    _electricity(made)
    _allocation(made)
    _cut_off(made)


def _steps(made: Blocks) -> None:
    made.section("steps")
    made.tell("steps.lead")
    rows = []
    groups: list[tuple[Text, list[Step]]] = [
        (made.stage(stage), [step for step in made.study.steps if step.stage == stage]) for stage in STAGES
    ]
    for category in CATEGORIES:
        found = [step for step in made.study.steps if step.stage is None and step.category == category]
        groups.append((made.told("value.services", category=made.label(f"source.{category}")), found))
    rest = [step for step in made.study.steps if step.stage is None and step.category not in CATEGORIES]
    groups.append((made.told("value.other-services"), rest))
    for head, steps in groups:
        if steps:
            rows.append(row(head, kind="group"))
            rows += [
                row(made.name(step.name), made.place(step.place), plain(need(step.amount)), plain(shown_unit(step.unit)), plain(tonnes(step.emissions)))
                for step in steps
            ]  # fmt: skip
    total = sum(step.emissions for step in made.study.steps)
    rows.append(row(made.say("label.total"), NOTHING, NOTHING, NOTHING, plain(tonnes(total)), kind="total"))
    made.table("steps", [
        (made.told("column.process"), "1fr", "left"), (made.told("column.place"), "36mm", "left"),
        (made.told("column.need"), "22mm", "right"), (made.told("column.unit"), "13mm", "left"), (made.told("column.own"), "25mm", "right"),
    ], rows)  # fmt: skip


def _places(made: Blocks) -> None:
    made.section("period")
    result = made.result
    made.tell("period.model" if all(place.standing in ("", "model-estimate") for place in made.study.places) else "period.site")
    rows = [
        row(
            made.place(place.id), made.told("place.no-site") if place.site is None else made.name(place.site), plain(place.geography or "–"),
            plain(str(place.year or "–")), made.told(f"standing-short.{place.standing}") if place.standing else plain("–"),
        )
        for place in made.study.places
    ]  # fmt: skip
    made.table("places", [
        (made.told("column.place"), "38mm", "left"), (made.say("label.site"), "1fr", "left"), (made.told("column.geography"), "24mm", "left"),
        (made.told("column.data-year"), "17mm", "left"), (made.told("column.standing"), "32mm", "left"),
    ], rows)  # fmt: skip
    years = sorted(set(result["provenance"]["factor_years"].values()))
    if years:
        made.tell("period.factors", years=", ".join(years))
    if result["provenance"]["other_years"]:
        made.tell(
            "period.other", listed=", ".join(f"{name} {year}" for name, year in result["provenance"]["other_years"].items())
        )
    made.tell("period.variability")


def _electricity(made: Blocks) -> None:
    method, parameters = made.result["method"], made.result["parameters"]
    made.section("electricity")
    made.tell("electricity.direct" if made.result["boundary"] == "scope-1-2" else "electricity.lead")
    made.facts(
        (made.say("label.basis"), made.option("electricity", method["electricity"])),
        (made.say("label.attribution"), made.option("attribution", method["attribution"])),
        (made.say("label.td"), made.option("td", method["td"])),
        (made.told("label.finding"), made.finding("electricity")) if made.has_check("electricity") else None,
    )
    rows = []
    for name, entry in parameters.items():
        short = name.rpartition(".")[2]
        if short in SUPPLIES:
            source = ", ".join(filter(None, (entry.get("source", ""), str(entry.get("year", "")))))
            rows.append(row(
                made.place(entry["scope"]), with_under(made.told(f"supply.{short}"), plain(source)), made.shares(entry["value"]),
                made.label(f"source-check.{entry['source_check']}") if "source_check" in entry else made.told("value.none"),
            ))  # fmt: skip
    made.table("supply", [
        (made.told("column.place"), "34mm", "left"), (made.told("column.supply"), "48mm", "left"), (made.told("column.legs"), "1fr", "left"),
        (made.told("column.check"), "24mm", "left"),
    ], rows)  # fmt: skip
    _alternatives(made, "electricity-alternatives", ("electricity_basis", "electricity", "td"))


def _alternatives(made: Blocks, key: str, names: tuple[str, ...]) -> None:
    """Results under the options of some choices; every option is there, also where it moves nothing."""
    rows = []
    total = made.result["total"]["value"]
    for name in names:
        for option, value in made.result["alternatives"].get(name, {}).items():
            change = (
                made.told("value.taken")
                if made.is_taken(name, option)
                else plain(signed_percent(value / total - 1) if total else "–")
            )
            rows.append(row(made.label(f"choice.{name}"), made.alternative(name, option), plain(tonnes(value)), change))
    made.table(key, [
        (made.told("column.choice"), "58mm", "left"), (made.told("column.option"), "1fr", "left"), (plain(UNIT), "24mm", "right"),
        (made.told("column.relative"), "30mm", "right"),
    ], rows)  # fmt: skip


def _allocation(made: Blocks) -> None:
    method = made.result["method"]
    made.section("allocation")
    made.tell("allocation.order")
    made.bullets([
        made.told(f"allocation.heat.{method['heat']}"), made.told(f"allocation.co_products.{method['co_products']}"),
        made.told(f"allocation.scrap.{method['scrap']}"), made.told("allocation.post-consumer"), made.told("allocation.internal"),
    ])  # fmt: skip
    _alternatives(made, "allocation-alternatives", ("scrap", "heat", "co_products"))
    displaced = made.result["information"]["substitution"]
    if displaced:
        made.tell("allocation.substitution", value=tonnes(sum(displaced.values())))
    charge = made.result["charge"]
    if charge:
        _charge(made, charge)


def _charge(made: Blocks, charge: Mapping[str, Any]) -> None:
    names = made.result["process_names"]
    rows = [
        row(made.name(names[name]) if name in names else plain(name), plain(need(mass)))
        for name, mass in charge["gross_t_per_t"].items()
        if mass > 0
    ]
    casthouse = charge["casthouse"].partition("@")[0]
    made.table(
        "charge", [(made.told("column.material"), "90mm", "left"), (plain("t/t"), "30mm", "right")], rows,
        casthouse=lambda lang: names.get(casthouse, {}).get(lang, casthouse),
    )  # fmt: skip
    made.facts(
        (made.told("label.recycled-input"), plain(percent(charge["recycled_input"]))),
        (made.told("label.recycled-content"), made.told(
            "value.recycled-content", content=percent(charge["recycled_content"]), post=percent(charge["post_consumer_content"]),
            pre=percent(abs(charge["pre_consumer_content"])),
        )),
        (made.told("label.feasible"), made.finding("charge-feasible")) if made.has_check("charge-feasible") else None,
    )  # fmt: skip


def _cut_off(made: Blocks) -> None:
    omitted, flows = made.result["omitted"], made.study.flows
    made.section("cut-off")
    made.tell("cut-off.rule", rule=lambda lang: option_name("cut_off", made.result["method"]["cut_off"], lang))
    made.facts(
        (made.told("label.omitted-share"), made.told("value.omitted-share", share=percent(omitted["share"]), limit=percent(omitted["limit"]))),
        (made.told("label.flows"), made.told("value.flows", **{
            name: sum(flow.status == name for flow in flows) for name in ("included", "estimated", "omitted", "unknown")
        })),
        (made.told("label.finding"), made.finding("A-11")) if made.has_check("A-11") else None,
    )  # fmt: skip
    whole = made.result["total"]["value"] + sum(flow.estimate or 0.0 for flow in flows if flow.status == "omitted")
    left_out = sorted((flow for flow in flows if flow.status in ("omitted", "unknown")), key=lambda flow: -(flow.estimate or 0.0))
    left_out.sort(key=lambda flow: flow.status != "unknown")
    rows = []
    for flow in left_out:
        known = flow.estimate is not None
        rows.append(row(
            made.name(flow.process), made.flow(flow.flow), made.told(f"flow-status.{flow.status}"),
            plain(tonnes(flow.estimate)) if flow.estimate is not None else made.told("value.not-estimated"),
            plain(percent((flow.estimate or 0.0) / whole)) if known and whole else plain("–"),
        ))  # fmt: skip
    made.table("left-out", [
        (made.told("column.process"), "47mm", "left"), (made.told("column.flow"), "1fr", "left"), (made.told("column.status"), "22mm", "left"),
        (plain(UNIT), "22mm", "right"), (made.say("label.share"), "15mm", "right"),
    ], rows)  # fmt: skip
    made.tell("cut-off.annex")
