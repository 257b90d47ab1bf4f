"""The footprint of a batch on the screen: the answer, then stages, charge, other choices, checks and notes of each heat."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.commands.output import alternatives_table, basis_line, checks_table, matrix_table, print_details
from pcf.commands.tables import add_numbers, console, new_table
from pcf.custody.wording import cut_percent
from pcf.text import name_in, text
from pcf.views.figures import with_percent
from pcf.views.heading import factor_line, method_line, site_line

RETURN = "return"
"""Material of own returns."""

CLASSES = {"addition": "alloying"}
"""Origin of a material's metal that is called otherwise as the class of a lot."""


def print_batch(found: Mapping[str, Any], lang: str, *, full: bool = False) -> None:
    """Print the document `pcf/batch/1`."""
    screen = console()
    _answer(screen, found, lang)
    alone = len(found["heats"]) == 1 and found["heats"][0]["batch"]["id"] == found["unit"]
    for item in found["heats"]:
        if not alone:
            screen.print(Text(f"\n{_heat_line(item, lang)}", style="bold"))
        _print_heat(screen, item, found, lang, full=full)


def _answer(screen: Console, found: Mapping[str, Any], lang: str) -> None:
    """What was asked for: the batch, its product and mass, and the footprint with all that belongs to the number."""
    total, pair = found["total"]["value"], found["headline"]
    first = found["heats"][0]["footprint"]
    screen.print()
    made = " · ".join((
        text(f"unit.{found['kind']}", lang), material(found, found["product"], lang), f"{found['mass_kg']:,} kg", found["date"], found["site"]
    ))  # fmt: skip
    screen.print(Text.assemble((f"{found['unit']}  ", "bold"), (made, "bold")))
    gate = text(f"gate.{found['gate']}", lang)
    answer = text("batch.total", lang, total=f"{total:.3f}", gate=gate)
    if pair["with_low_voltage_pfc"] is not None:
        answer = text(
            "batch.total-pair", lang, gate=gate, without=f"{pair['without_low_voltage_pfc']:.3f}",
            with_low=f"{pair['with_low_voltage_pfc']:.3f}",
        )  # fmt: skip
    screen.print(Text(answer, style="bold cyan"))
    if found["further_steps"]["value"]:
        screen.print(Text(text(
            "batch.parts", lang, cast=f"{found['cast_metal']['value']:.3f}", steps=f"{found['further_steps']['value']:.3f}",
            total=f"{total:.3f}",
        )))  # fmt: skip
    whole = text("batch.whole", lang, tonnes=f"{total * found['mass_kg'] / 1000:,.1f}")
    standing = text(f"standing.{found['standing']}", lang)
    screen.print(Text(f"{text('batch.boundary', lang, gate=gate)} · GWP100 {found['gwp']} · {standing} · {whole}"))
    for line in dict.fromkeys(site_line(item["footprint"], lang) for item in found["heats"]):
        screen.print(Text(line))
    for line in (factor_line(first, lang), method_line(first, lang)):
        if line:
            screen.print(Text(line))
    if found["steps_without_data"]:
        steps = ", ".join(text(f"step.{name}", lang) for name in found["steps_without_data"])
        screen.print(Text(text("batch.plain-steps", lang, steps=steps), style="yellow"))
    if found["provisional"]:
        screen.print(Text(text("custody.provisional", lang), style="bold yellow"))


def _heat_line(item: Mapping[str, Any], lang: str) -> str:
    """A heat of a bundle, coil or shipment, with its part of it and its own footprint."""
    batch, share = item["batch"], with_percent(f"{100 * item['share']:.2f}", lang)
    return text(
        "batch.heat", lang, heat=batch["id"], share=share, mass=f"{batch['product_kg']:,}", total=f"{batch['total']['value']:.3f}"
    )


def _print_heat(screen: Console, item: Mapping[str, Any], whole: Mapping[str, Any], lang: str, *, full: bool) -> None:
    batch, found = item["batch"], item["footprint"]
    screen.print(matrix_table(screen, found, lang))
    screen.print(charge_table(batch, whole, lang))
    if line := _content(batch, found, lang):
        screen.print(Text(line))
    alternatives = alternatives_table(screen, found, lang)
    if alternatives.row_count:
        screen.print(alternatives)
    if full:
        print_details(screen, found, lang)
    screen.print(checks_table(found, lang, full=full))
    for notice in batch["warnings"]:
        screen.print(Text(notice_line(notice, lang), style="yellow"))
    screen.print(basis_line(found, lang))


def _content(batch: Mapping[str, Any], found: Mapping[str, Any], lang: str) -> str:
    """Recycled content of a heat, cut off as statements have it; nothing where there is no scrap in it."""
    if not found.get("charge") or not found["charge"]["recycled_input"]:
        return ""
    post, pre = (batch[f"{name}_consumer_content"] for name in ("post", "pre"))
    shares = {"content": post + pre, "post": post, "pre": pre, "gross": found["charge"]["recycled_input"]}
    # Twelve decimals: what is less than that is rounding of the computer, and must not cut a digit off.
    cut = {name: with_percent(cut_percent(Fraction(f"{share:.12f}")), lang) for name, share in shares.items()}
    return text("message.content", lang, **cut)


def charge_table(batch: Mapping[str, Any], whole: Mapping[str, Any], lang: str) -> Table:
    """The charge line by line: mass, mass per tonne of cast product, intensity and what it consists of."""
    cast_metal = material(whole, batch["product"], lang)
    table = new_table(text("batch.charge", lang, heat=batch["id"], mass=f"{batch['product_kg']:,}", product=cast_metal))
    for name in ("unit", "material", "content_class", "basis"):
        table.add_column(text(f"field.{name}", lang), overflow="fold")
    add_numbers(table, text("field.mass_kg", lang), text("batch.per-tonne", lang), text("field.intensity", lang))
    for line in batch["charge"]:
        value = line["kgCO2e_per_kg"]
        table.add_row(
            line["lot"], material(whole, line["material"], lang), text(f"class.{line['content_class']}", lang), _basis(line, lang),
            f"{line['mass_kg']:,}", f"{line['mass_kg'] / batch['product_kg']:.3f}", "–" if value is None else f"{value:.3f}",
        )  # fmt: skip
    return table


def _basis(line: Mapping[str, Any], lang: str) -> str:
    """On what an intensity rests; of a supplier's footprint also its own figure and what was added on the way."""
    basis = text(f"basis.{line['basis']}", lang)
    if line["supplier_kgCO2e_per_kg"] is None or not line["added_kgCO2e_per_kg"]:
        return basis
    own, added = f"{line['supplier_kgCO2e_per_kg']:.3f}", f"{line['added_kgCO2e_per_kg']:.3f}"
    return text("basis.supplier-parts", lang, basis=basis, own=own, added=added)


def material(found: Mapping[str, Any], name: str, lang: str) -> str:
    """Name of what a unit is of: the product or material of the catalogue, else its id."""
    if name == RETURN:
        return text("unit.return", lang)
    return name_in(found["names"].get(name, {}), lang) or name


def notice_line(notice: Mapping[str, Any], lang: str) -> str:
    """What a reader has to know, in words."""
    fields = {"lot": notice["lot"], **notice["values"]}
    key = f"notice.{notice['kind']}"
    if notice["kind"] == "provisional" and notice["lot"]:
        key += "-lot"
    if "reason" in fields:
        fields["reason"] = text(f"notice-reason.{fields['reason']}", lang)
    if notice["kind"] == "class-differs":
        fields |= {name: text(f"class.{CLASSES.get(fields[name], fields[name])}", lang) for name in ("found", "expected")}
    return text(key, lang, **fields)
