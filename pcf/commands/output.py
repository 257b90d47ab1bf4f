"""Prints one footprint for people: what it is, what was changed, the two-way table, what it rests on, other choices, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.catalogue import CATEGORIES, STAGES
from pcf.commands.tables import add_numbers, console, fitting, new_table
from pcf.text import text, texts
from pcf.views.figures import decimals_of, percent, shown_value, tonnes, with_percent
from pcf.views.heading import comma, print_heading, process_name

STATUS_STYLES = {"pass": "green", "warn": "yellow", "fail": "red", "not evaluated": "dim"}
SAME = 1e-9
"""Relative difference up to which two totals are the same."""


def print_footprint(
    item: Mapping[str, Any], lang: str, *, full: bool = False, short: bool = False, screen: Console | None = None
) -> None:
    """Print one footprint document; `short` leaves the two-way table alone under the heading."""
    screen = screen or console()
    print_heading(screen, item, lang)
    screen.print(matrix_table(screen, item, lang))
    if short:
        return
    screen.print(basis_line(item, lang))
    if item.get("charge"):
        screen.print(_charge(item, lang))
    alternatives = alternatives_table(screen, item, lang)
    if alternatives.row_count:
        screen.print(alternatives)
    if full:
        print_details(screen, item, lang)
    screen.print(checks_table(item, lang, full=full))
    if "cross_check" in item:
        screen.print(_cross_check(item["cross_check"], lang))


def print_details(screen: Console, item: Mapping[str, Any], lang: str) -> None:
    """Print gases, what is reported separately, parameters, and what co-products would displace."""
    screen.print(_gases(item, lang))
    screen.print(_separate(item, lang))
    screen.print(_parameters(screen, item, lang))
    for name, value in item["information"]["substitution"].items():
        screen.print(Text(text("message.substitution", lang, name=name, value=tonnes(value)), style="dim"))


def matrix_table(screen: Console, item: Mapping[str, Any], lang: str) -> Table:
    """The two-way table of stages and sources, in the widest form that fits."""
    forms = (("stage", "source", "\n", True), ("stage", "source-short", " ", True), ("stage-short", "source-short", " ", False))
    wide: list[Callable[[], Table]] = [partial(_matrix, item, lang, "stage", "source", " ", share=True)]
    wide += [partial(_matrix, item, lang, stage, source, gap, share=share) for stage, source, gap, share in forms]
    return fitting(screen, [*wide, partial(_long_matrix, item, lang)])


def _matrix(item: Mapping[str, Any], lang: str, stage_key: str, source_key: str, gap: str, *, share: bool) -> Table:
    table = new_table()
    table.add_column(text("heading.stage", lang), no_wrap=True)
    used = [source for source in CATEGORIES if any(source in row for row in item["matrix"].values())]
    add_numbers(table, *(text(f"{source_key}.{source}", lang).replace(" ", gap) for source in used))
    add_numbers(table, text("heading.total", lang), style="bold")
    if share:
        add_numbers(table, text("heading.share", lang))
    total = item["total"]["value"]
    decimals = decimals_of(total)
    for stage in STAGES:
        row = item["matrix"].get(stage)
        if row:
            cells = [tonnes(row.get(source, 0.0), decimals) for source in used]
            subtotal = sum(row.values())
            last = [percent(subtotal / total if total else 0, lang)] if share else []
            name = text(f"{stage_key}.{stage}", lang).replace("-\n", "")
            table.add_row(name, *cells, tonnes(subtotal, decimals), *last)
    sums = [sum(row.get(source, 0.0) for row in item["matrix"].values()) for source in used]
    table.add_section()
    cells = [tonnes(value, decimals) for value in (*sums, total)]
    table.add_row(text("heading.total", lang), *cells, *([with_percent("100", lang)] if share else []), style="bold")
    return table


def _long_matrix(item: Mapping[str, Any], lang: str) -> Table:
    """The same cells for a narrow screen: the sources of a stage one below the other."""
    table = new_table()
    table.add_column(text("heading.stage", lang), no_wrap=True)
    add_numbers(table, "tCO2e/t")
    total = item["total"]["value"]
    decimals = decimals_of(total)
    for stage in STAGES:
        row = item["matrix"].get(stage, {})
        if row:
            table.add_row(text(f"stage.{stage}", lang), tonnes(sum(row.values()), decimals), style="bold")
        for source in CATEGORIES:
            if source in row:
                table.add_row(f"  {text(f'source.{source}', lang)}", tonnes(row[source], decimals))
    table.add_section()
    table.add_row(text("heading.total", lang), tonnes(total, decimals), style="bold")
    return table


def basis_line(item: Mapping[str, Any], lang: str) -> Text:
    """What the values rest on, and which data and program they are of."""
    checks = comma(lang).join(
        f"{percent(share, lang)} {text(f'source-check.{key}', lang)}"
        for key, share in item["evidence"]["source_check"].items()
        if share
    )
    primary = percent(item["evidence"]["data_class"]["primary"], lang)
    provenance = item["provenance"]
    version = text(
        "message.data-version", lang, engine=provenance["engine"], version=provenance["datasets_version"],
        sha=provenance["datasets_sha256"][:12],
    )  # fmt: skip
    if provenance["own_data_sha256"]:
        version += " · " + text("message.own-data", lang, sha=provenance["own_data_sha256"][:12])
    line = text("message.rests-on", lang, checks=checks, primary=primary)
    return Text(f"{line}\n{item['alignment']['wording']} {version}", style="dim")


def _charge(item: Mapping[str, Any], lang: str) -> Text:
    charge = item["charge"]
    parts = comma(lang).join(
        f"{process_name(item, name, lang)} {mass:.3f}" for name, mass in charge["gross_t_per_t"].items() if mass > 0
    )
    per = process_name(item, charge["casthouse"].partition("@")[0], lang)
    lines = [text("message.charge", lang, parts=parts, per=per), content_line(item, lang)]
    return Text("\n" + "\n".join(filter(None, lines)))


def content_line(item: Mapping[str, Any], lang: str) -> str:
    """Recycled content of a charge; nothing where there is no scrap in it."""
    charge = item["charge"]
    if not charge["recycled_input"]:
        return ""
    shares = {
        "content": charge["recycled_content"], "post": charge["post_consumer_content"], "pre": charge["pre_consumer_content"],
        "gross": charge["recycled_input"],
    }  # fmt: skip
    return text(
        "message.content", lang, **{name: with_percent(f"{abs(100 * share):.1f}", lang) for name, share in shares.items()}
    )


def alternatives_table(screen: Console, item: Mapping[str, Any], lang: str) -> Table:
    """Totals under other choices; a choice that moves nothing is left out."""
    return fitting(screen, [partial(_alternatives, item, lang, gap) for gap in ("   ", "\n")])


def differing(options: Mapping[str, float]) -> bool:
    """Whether the options of a choice give different totals."""
    values = list(options.values())
    return max(values) - min(values) > SAME * max(abs(value) for value in values)


def _alternatives(item: Mapping[str, Any], lang: str, gap: str) -> Table:
    table = new_table(text("heading.alternatives", lang))
    table.add_column(text("heading.choice", lang))
    table.add_column("tCO2e/t", no_wrap=True)
    known, decimals = texts(lang), decimals_of(item["total"]["value"])
    for choice, options in item["alternatives"].items():
        if differing(options):
            shown = gap.join(
                f"{known.get(f'choice.{choice}.{name}', name)} {tonnes(value, decimals)}" for name, value in options.items()
            )
            table.add_row(known.get(f"choice.{choice}", choice), shown)
    return table


def gas_name(gas: str, lang: str) -> str:
    """Name of a gas in a language; industrial gases keep their code."""
    return texts(lang).get(f"gas.{gas}", gas)


def _gases(item: Mapping[str, Any], lang: str) -> Table:
    table = new_table(text("heading.gases", lang))
    table.add_column(text("heading.gas", lang))
    add_numbers(table, "kg/t", "tCO2e/t")
    decimals = decimals_of(item["total"]["value"])
    for gas, values in item["gases"].items():
        mass = "" if values["mass_kg"] is None else f"{values['mass_kg']:.4g}"
        table.add_row(gas_name(gas, lang), mass, tonnes(values["tCO2e"], decimals))
    return table


def separate_rows(item: Mapping[str, Any], lang: str) -> list[tuple[str, float | str]]:
    """What is reported separately, by name; a text where it cannot be told apart."""
    return [
        (text(f"separate.{name}", lang), value if isinstance(value, int | float) else text("separate.not-separable", lang))
        for name, value in item["separate"].items()
    ]


def _separate(item: Mapping[str, Any], lang: str) -> Table:
    table = new_table(text("heading.separate", lang))
    table.add_column(text("heading.name", lang))
    add_numbers(table, "tCO2e/t")
    decimals = decimals_of(item["total"]["value"])
    for name, value in separate_rows(item, lang):
        table.add_row(name, value if isinstance(value, str) else tonnes(value, decimals))
    return table


def _parameters(screen: Console, item: Mapping[str, Any], lang: str) -> Table:
    """Values of the product's own part of the chain, and what was set by hand elsewhere."""
    own = item["product"]["id"]
    rows = {name: row for name, row in item["parameters"].items() if row["scope"] == own or row["origin"] == "user"}
    return fitting(screen, [partial(_parameter_rows, rows, lang, narrow=narrow) for narrow in (False, True)])


def _parameter_rows(rows: Mapping[str, Mapping[str, Any]], lang: str, *, narrow: bool) -> Table:
    table = new_table(text("heading.parameters", lang))
    headings = ("name", "value") if narrow else ("name", "value", "origin", "source", "source-check")
    longest = max(map(len, rows), default=0)
    for heading in headings:
        table.add_column(text(f"heading.{heading}", lang), overflow="fold", min_width=longest if heading == "name" else None)
    for name, row in rows.items():
        value = shown_value(row["value"], row["unit"], lang)
        origin = text(f"origin.{row['origin'].replace(' ', '-')}", lang)
        source = " ".join(filter(None, (row.get("source", ""), row.get("year", ""))))
        check = text(f"source-check.{row['source_check']}", lang) if "source_check" in row else ""
        if narrow:
            table.add_row(Text.assemble(name, ("\n  " + comma(lang).join(filter(None, (origin, source, check))), "dim")), value)
        else:
            table.add_row(name, value, origin, source, check)
    return table


def checks_table(item: Mapping[str, Any], lang: str, *, full: bool) -> Table:
    """Checks that did not pass, and how many did; `full` shows all."""
    table = new_table(text("heading.checks", lang))
    table.add_column(text("heading.check", lang), no_wrap=True)
    table.add_column(text("heading.status", lang), no_wrap=True)
    table.add_column(text("heading.detail", lang), overflow="fold")
    for check in item["checks"]:
        if check["status"] != "pass" or full:
            table.add_row(check_name(check, lang), _status(check["status"], lang), check["detail"])
    passed = sum(check["status"] == "pass" for check in item["checks"])
    if not full and passed:
        table.add_row("", _status("pass", lang), text("message.passed", lang, count=passed))
    return table


def check_name(check: Mapping[str, Any], lang: str) -> str:
    """What a check is called for people; its id stays in the JSON document."""
    return texts(lang).get(f"check-name.{check['id']}", check["id"])


def _status(status: str, lang: str) -> Text:
    return Text(text(f"check-status.{status.replace(' ', '-')}", lang), style=STATUS_STYLES[status])


def _cross_check(found: Mapping[str, Any], lang: str) -> Table:
    table = new_table(text("heading.solvers", lang))
    table.add_column(text("heading.solver", lang))
    add_numbers(table, *(text(f"heading.{heading}", lang) for heading in ("total", "difference", "tolerance")))
    table.add_row(text("solver.vectorised", lang), f"{found['vectorised']:.12g}", "", "")
    for name in ("reference", "brightway"):
        difference, tolerance = found["relative_differences"][name], found["tolerances"][name]
        table.add_row(
            text(f"solver.{name}", lang), f"{found[name]:.12g}", f"{difference:.1e}", f"{tolerance:.0e}",
            style="red" if difference > tolerance else "",
        )  # fmt: skip
    return table


def print_documents(documents: Sequence[Mapping[str, Any]], lang: str, *, full: bool = False) -> None:
    """Print footprints one after the other, and several of them side by side at the end."""
    from pcf.commands.overview import print_overview

    for item in documents:
        print_footprint(item, lang, full=full)
    if len(documents) > 1:
        print_overview(documents, lang)
