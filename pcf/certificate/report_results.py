"""The chapters of a report from its results on: stages, gases, separate items, sensitivity, quality, checks, limitations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.catalogue import CATEGORIES, SOURCE_CHECKS, STAGES
from pcf.certificate.draft import printed
from pcf.certificate.pages import Text, mass, percent, plain
from pcf.certificate.report_blocks import (
    NOTHING,
    UNIT,
    Blocks,
    bar,
    flow_name,
    part,
    row,
    said,
    signed,
    signed_percent,
    status,
    tonnes,
    with_under,
    with_unit,
)
from pcf.certificate.study import DRAWS, SEED, unspecified
from pcf.methods import NOT_SEPARABLE
from pcf.text import texts

MOST_DRIVERS = 15
"""Inputs in the table of the sensitivity."""

SAME = 1e-9
NOTABLE = 0.0005
"""Share of the result from which on a limitation is worth a line."""


def results(made: Blocks) -> None:
    """Total, by stage, by source, by gas, separate items."""
    made.chapter("results")
    _total(made)
    _stages(made)
    _matrix(made)
    _gases(made)
    _separate(made)


def _total(made: Blocks) -> None:
    result, interval = made.result, made.study.interval
    pair = result["headline"]
    made.section("total")
    made.tell(
        "total.value", value=printed(result["total"]["value"]), product=made.name(result["product"]["name"]), basis=made.basis()
    )  # fmt: skip
    if pair["with_low_voltage_pfc"] is not None:
        made.tell("total.pair", without=printed(pair["without_low_voltage_pfc"]), with_low=printed(pair["with_low_voltage_pfc"]))
    made.facts(
        (made.told("label.unrounded"), plain(f"{result['total']['value']!r} {UNIT}")),
        (made.say("label.rounding"), made.told("value.rounding")),
        (made.say("label.uncertainty"), made.told("value.no-interval") if interval is None else made.told(
            "value.interval", low=printed(interval.low), high=printed(interval.high), median=printed(interval.median), draws=f"{DRAWS:,}",
            seed=SEED, inputs=interval.inputs,
        )),
        _position(made),
        (made.told("label.infeasible"), made.told("value.infeasible", share=percent(interval.infeasible))) if interval and interval.infeasible else None,
    )  # fmt: skip


def _position(made: Blocks) -> tuple[Text, Text] | None:
    """Where the result lies, if it is outside of its own interval."""
    interval, total = made.study.interval, made.result["total"]["value"]
    if interval is None or interval.low <= total <= interval.high:
        return None
    return made.told("label.position"), made.told("value.below" if total < interval.low else "value.above")


def _stages(made: Blocks) -> None:
    from pcf.charts.style import look

    result = made.result
    made.section("stages")
    stages = result["stages"]
    widest = max((abs(stage["value"]) for stage in stages), default=0.0)
    parts = [
        {"part": max(stage["share"], 0.0), "color": look("stage", stage["id"]).color} for stage in stages if stage["value"] > 0
    ]
    made.figure("stages", {"kind": "strip", "parts": parts})
    rows = []
    for stage in stages:
        value, color = stage["value"], look("stage", stage["id"]).color
        note = NOTHING if value else made.told("value.not-on-route")
        rows.append(row(
            {"text": made.stage(stage["id"]), "dot": color if value else "", "under": [note] if note else []},
            bar(value / widest if widest and value > 0 else 0.0, color), plain(tonnes(value)), plain(part(stage["share"])),
        ))  # fmt: skip
    total = result["total"]["value"]
    rows.append(row(made.say("label.total"), NOTHING, plain(tonnes(total)), plain("100 %"), kind="total"))
    made.table("stages", [
        (made.say("label.stage"), "52mm", "left"), (NOTHING, "1fr", "left"), (plain(UNIT), "22mm", "right"), (made.say("label.share"), "18mm", "right"),
    ], rows)  # fmt: skip
    names = {
        **{stage: made.stage(stage) for stage in STAGES},
        "transport": made.stage("transport"),
        "auxiliary-and-energy": made.told("value.auxiliary"),
    }
    rows = [
        row(names[entry["id"]], plain(tonnes(entry["value"])), plain(part(entry["value"] / total) if total else "–"),
            made.told(f"reason.{entry['reason']}") if "reason" in entry else NOTHING)
        for entry in result["report_stages"]
    ]  # fmt: skip
    rows.append(row(made.say("label.total"), plain(tonnes(total)), plain("100 %"), NOTHING, kind="total"))
    made.tell("stages.second-view")
    made.table("report-stages", [
        (made.told("column.key"), "62mm", "left"), (plain(UNIT), "22mm", "right"), (made.say("label.share"), "18mm", "right"),
        (made.told("column.reason"), "1fr", "left"),
    ], rows)  # fmt: skip


def _matrix(made: Blocks) -> None:
    result = made.result
    made.section("matrix")
    used = [source for source in CATEGORIES if any(source in line for line in result["matrix"].values())]
    rows = []
    for stage in STAGES:
        line = result["matrix"].get(stage)
        if line:
            cells = [plain(tonnes(line.get(source, 0.0))) for source in used]
            rows.append(row(made.stage(stage), *cells, plain(tonnes(sum(line.values())))))
    sums = [sum(line.get(source, 0.0) for line in result["matrix"].values()) for source in used]
    rows.append(
        row(made.say("label.total"), *(plain(tonnes(value)) for value in (*sums, result["total"]["value"])), kind="total")
    )
    columns = [(made.say("label.stage"), "1fr", "left"), *((made.label(f"source.{source}"), "20mm", "right") for source in used)]
    made.table("matrix", [*columns, (made.say("label.total"), "17mm", "right")], rows)


def _gases(made: Blocks) -> None:
    result = made.result
    made.section("by-gas")
    total = result["total"]["value"]
    rows = [
        row(
            made.say(f"gas.{gas}"), plain("–" if entry["mass_kg"] is None else mass(entry["mass_kg"])),
            plain(f"{made.study.potentials[gas]:,g}" if gas in made.study.potentials else "–"), plain(tonnes(entry["tCO2e"])),
            plain(percent(entry["tCO2e"] / total) if total else "–"),
        )
        for gas, entry in result["gases"].items()
    ]  # fmt: skip
    rows.append(row(made.say("label.total"), NOTHING, NOTHING, plain(tonnes(total)), plain("100 %"), kind="total"))
    made.table("by-gas", [
        (made.say("label.gas"), "1fr", "left"), (plain("kg/t"), "26mm", "right"), (plain("GWP100"), "22mm", "right"), (plain(UNIT), "22mm", "right"),
        (made.say("label.share"), "18mm", "right"),
    ], rows, gwp=result["method"]["gwp"])  # fmt: skip


def _separate(made: Blocks) -> None:
    made.section("separate")
    made.tell("separate.lead")
    rows = [
        row(made.say(f"separate.{name}"), made.say("separate.not separable") if value == NOT_SEPARABLE else plain(tonnes(value)))
        for name, value in made.result["separate"].items()
    ]
    made.table("separate", [(made.told("column.item"), "70mm", "left"), (plain(UNIT), "40mm", "right")], rows)


def interpretation(made: Blocks) -> None:
    """What the result means: hot spots, sensitivity, quality, checks, limitations, comparison."""
    made.chapter("interpretation")
    _hot_spots(made)
    _choices(made)
    _drivers(made)
    _quality(made)
    _checks(made)
    _limitations(made)


def _hot_spots(made: Blocks) -> None:
    result = made.result
    made.section("hot-spots")
    cells = [(value, stage, source) for stage, line in result["matrix"].items() for source, value in line.items()]
    total = result["total"]["value"]
    largest = sorted(cells, reverse=True)[:3]

    def listed(lang: str) -> str:
        colon, semicolon = ("：", "；") if lang == "zh" else (": ", "; ")
        return semicolon.join(
            f"{said(made.stage(stage), lang)}{colon}{said(made.label(f'source.{source}'), lang)} {percent(value / total) if total else '–'}"
            for value, stage, source in largest
        )

    made.tell("hot-spots.lead", listed=listed)
    made.tell("hot-spots.consistency")


def _choices(made: Blocks) -> None:
    result = made.result
    made.section("under-choices")
    made.tell("under-choices.lead")
    total = result["total"]["value"]
    rows, still = [], []
    for name, options in result["alternatives"].items():
        values = list(options.values())
        if max(values) - min(values) <= SAME * max(map(abs, values)):
            still.append(name)
            continue
        for option, value in options.items():
            taken = made.is_taken(name, option)
            change = made.told("value.taken") if taken else plain(signed_percent(value / total - 1) if total else "–")
            rows.append(row(
                made.label(f"choice.{name}"), made.alternative(name, option), plain(tonnes(value)), plain("" if taken else signed(value - total)), change,
            ))  # fmt: skip
    if rows:
        made.table("under-choices", [
            (made.told("column.choice"), "52mm", "left"), (made.told("column.option"), "1fr", "left"), (plain(UNIT), "22mm", "right"),
            (made.told("column.difference"), "26mm", "right"), (made.told("column.relative"), "30mm", "right"),
        ], rows)  # fmt: skip
    if still:
        names = made.listed(lambda lang: [texts(lang)[f"choice.{name}"] for name in still])
        made.tell("under-choices.still", choices=names)


def _drivers(made: Blocks) -> None:
    drivers = [one for one in made.study.drivers if abs(one.results[1] - one.results[0]) > 0][:MOST_DRIVERS]
    made.section("drivers")
    if not drivers:
        made.tell("drivers.none")
        return
    made.tell("drivers.lead", count=len(drivers), all=len(made.study.drivers))
    total = made.result["total"]["value"]
    low = min(min(one.results) for one in drivers)
    high = max(max(one.results) for one in drivers)
    low, high = min(low, total), max(high, total)
    rows = [
        row(
            with_under(made.name(one.name), plain(one.id)),
            with_under(plain(with_unit(one.value, one.unit)), plain(f"{_short(one.ends[0])} – {_short(one.ends[1])}")),
            {"range": [(value - low) / (high - low) for value in (*sorted(one.results), total)]},
            plain(f"{tonnes(one.results[0])} – {tonnes(one.results[1])}"), plain(f"{one.elasticity:+.2f}".replace("-", "−")),
            made.label(f"source-check.{one.source_check}"),
        )
        for one in drivers
    ]  # fmt: skip
    made.table("drivers", [
        (made.told("column.input"), "1fr", "left"), (made.told("column.value-range"), "33mm", "left"), (NOTHING, "30mm", "left"),
        (made.told("column.result-range"), "30mm", "right"), (made.told("column.elasticity"), "15mm", "right"), (made.told("column.check"), "20mm", "left"),
    ], rows)  # fmt: skip


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def _quality(made: Blocks) -> None:
    result, study = made.result, made.study
    made.section("quality")
    made.tell("quality.lead")
    scores = [(name, f"{value:.1f}") for name, value in result["data_quality"].items()]
    parts = [
        (name, "–" if value is None else f"{value:.1f}")
        for name, value in (("on-site", study.on_site), ("background", study.background))
    ]
    made.table(
        "quality",
        [(made.told(f"quality.{name}"), "1fr", "right") for name, _ in (*scores, *parts)],
        [row(*(plain(value) for _, value in (*scores, *parts)))],
    )
    evidence = result["evidence"]
    rows = []
    colors = {
        "source-read": "#0072b2",
        "transcribed": "#56b4e9",
        "derived": "#e69f00",
        "assumed": "#d55e00",
        "primary": "#0072b2",
        "secondary": "#9aa3ab",
    }
    for group, names in (("source_check", SOURCE_CHECKS), ("data_class", ("primary", "secondary"))):
        rows.append(row(made.told(f"evidence.{group}"), kind="group"))
        for name in names:
            share = evidence[group][name]
            rows.append(row(
                with_under(made.label(f"{group.replace('_', '-')}.{name}"), made.told(f"evidence.{name}")), bar(share, colors[name]), plain(part(share)),
            ))  # fmt: skip
    made.table(
        "evidence",
        [(made.told("column.mark"), "98mm", "left"), (NOTHING, "1fr", "left"), (made.told("column.of-result"), "24mm", "right")],
        rows,
    )


def _checks(made: Blocks) -> None:
    made.section("checks")
    made.tell("checks.lead")
    verified = any(check["clause"] and check["mark"] == "source-read" for check in made.result["checks"])
    rows = []
    for check in made.result["checks"]:
        # A clause that nobody has read in the standard is not printed.
        clause = check["clause"] if check["mark"] == "source-read" else ""
        rows.append(row(
            made.label(f"check-name.{check['id']}") if f"check-name.{check['id']}" in texts("en") else plain(check["id"]),
            status(made.label(f"check-status.{check['status'].replace(' ', '-')}"), check["status"]),
            made.finding(check["id"]),
            *([plain(clause or "–")] if verified else []),
        ))  # fmt: skip
    counted = {
        name: sum(check["status"] == name for check in made.result["checks"])
        for name in ("pass", "warn", "fail", "not evaluated")
    }
    made.tell(
        "checks.count",
        standard=made.result["alignment"]["standard"],
        **{name.replace(" ", "_"): count for name, count in counted.items()},
    )
    columns = [
        (made.told("column.checked"), "40mm", "left"),
        (made.told("column.status"), "25mm", "left"),
        (made.told("column.finding"), "1fr", "left"),
    ]
    made.table("checks", [*columns, *([(made.told("column.clause"), "20mm", "left")] if verified else [])], rows)


def _limitations(made: Blocks) -> None:
    made.section("limitations")
    made.bullets(limitations(made))
    made.section("comparison")
    made.para(made.say("comparison"))
    made.tell("comparison.more")


def limitations(made: Blocks) -> list[Text]:
    """What has to be said of the result."""
    result = made.result
    omitted: Mapping[str, Any] = result["omitted"]
    evidence, share = result["evidence"]["source_check"], unspecified(made.study)
    found = [made.told(f"standing-note.{made.standing_note()}"), made.told("no-certificate")]
    if result["boundary"] == "cradle-to-gate":
        found.append(made.say("limitation.boundary"))
    else:
        found.append(made.told("limitation.partial"))
    found += [made.say(f"limitation.{name}") for name in ("one-indicator", "no-offsets", "not-cbam")]
    found.append(made.told("limitation.summaries"))
    if share > NOTABLE:
        found.append(made.say("limitation.unspecified", share=percent(share)))
    if evidence["assumed"] > NOTABLE:
        found.append(made.say("limitation.assumed", share=percent(evidence["assumed"])))
    if omitted["share"] > omitted["limit"]:
        found.append(made.say("limitation.cut-off", share=percent(omitted["share"]), limit=percent(omitted["limit"])))
    if omitted["unknown"]:
        unknown = made.listed(lambda lang: [flow_name(flow.flow, lang) for flow in made.study.flows if flow.status == "unknown"])
        found.append(made.told("limitation.unknown", flows=unknown))
    if result["headline"]["with_low_voltage_pfc"] is not None:
        found.append(made.say("limitation.low-voltage-pfc"))
    if result["charge"] and result["charge"]["feasible"] is False:
        found.append(made.told("limitation.infeasible"))
    if made.study.interval is not None:
        found.append(made.told("limitation.uncertainty"))
    return found
