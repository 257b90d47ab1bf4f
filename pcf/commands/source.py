"""`pcf source`: a source, and every value that rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pcf.catalogue import Catalogue, Quantity, nearest
from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load
from pcf.errors import InputError
from pcf.text import json_text, text

KEYS = ("title", "publisher", "year", "url", "redistribution", "note")


@click.command()
@click.argument("source_id", metavar="ID", required=False)
@catalogue_option
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def source(ctx: click.Context, source_id: str | None, data_path: Path | None, as_json: bool) -> None:
    """Show the source ID with every value that rests on it; without ID, list the sources."""
    catalogue, lang = load(data_path), language(ctx)
    if source_id is None:
        _list(catalogue, lang, as_json=as_json)
        return
    found = source_id.strip().lower()
    if found not in catalogue.sources:
        advice = nearest(found, catalogue.sources) or "see `pcf source`"
        raise InputError("source", repr(source_id[:60]), "an id of sources.csv", advice)
    row = {key: str(catalogue.sources[found].get(key, "") or "") for key in KEYS}
    values = list(_values(catalogue, found))
    if as_json:
        click.echo(json_text({"id": found, **row, "values": values}))
        return
    _print(found, row, values, lang)


def _values(catalogue: Catalogue, wanted: str) -> Iterator[dict[str, Any]]:
    """Factor rows, process parameters, and values and shares of sites and products from a source."""
    for factor_id, years in catalogue.factors.items():
        for row in years.values():
            if row.quantity.marks.source == wanted:
                yield _value("factor", factor_id, row.quantity)
    for name, quantity in catalogue.parameters.items():
        if quantity.factor is None and quantity.marks.source == wanted:
            yield _value("parameter", f"{catalogue.owners.get(name, '')}: {name}", quantity)
    for kind, places in (("site", catalogue.sites), ("product", catalogue.products)):
        for place_id, place in places.items():
            for name, quantity in place.parameters.items():
                if quantity.factor is None and quantity.marks.source == wanted:
                    yield _value(kind, f"{place_id}: {name}", quantity)
            for group, shares in place.shares.items():
                if shares.get("source") == wanted:
                    yield {
                        "kind": kind, "name": f"{place_id}: {group}", "unit": "1",
                        "value": {key: value for key, value in shares.items() if isinstance(value, int | float) and value},
                        "locator": str(shares.get("locator", "")), "source_check": str(shares.get("source_check", "assumed")),
                        "year": str(shares.get("year", "")), "geography": str(shares.get("geography", "")), "place": "",
                    }  # fmt: skip


def _value(kind: str, name: str, quantity: Quantity) -> dict[str, Any]:
    marks = quantity.marks
    return {
        "kind": kind, "name": name, "value": quantity.shown, "unit": quantity.unit, "locator": marks.locator,
        "source_check": marks.source_check, "year": marks.year, "geography": marks.geography, "place": quantity.place,
    }  # fmt: skip


def _print(found: str, row: dict[str, str], values: list[dict[str, Any]], lang: str) -> None:
    from rich.text import Text

    from pcf.commands.tables import console
    from pcf.views.figures import shown_value

    screen = console()
    screen.print()
    screen.print(Text(f"{row['title']}  [{found}]", style="bold"))
    for key in KEYS[1:]:
        if row[key]:
            screen.print(Text.assemble((f"{text(f'heading.{key}', lang)}  ", "dim"), row[key]), soft_wrap=key == "url")
    screen.print()
    screen.print(Text(text("message.source-values", lang, count=len(values)) if values else text("message.used-nowhere", lang)))
    for item in values:
        check = text(f"source-check.{item['source_check']}", lang)
        first = f"{item['name']} = {shown_value(item['value'], item['unit'], lang)} · {check}"
        screen.print(Text(f"  {first}"))
        where = " ".join(filter(None, (item["year"], item["geography"])))
        details = " · ".join(filter(None, (item["locator"], where, item["place"])))
        if details:
            screen.print(Text(f"    {details}", style="dim"))


def _list(catalogue: Catalogue, lang: str, *, as_json: bool) -> None:
    rows = [{"id": name, **{key: str(row.get(key, "") or "") for key in KEYS}} for name, row in sorted(catalogue.sources.items())]
    if as_json:
        click.echo(json_text(rows))
        return
    from pcf.commands.tables import console, new_table

    table = new_table()
    for heading in ("id", "title", "publisher", "year"):
        table.add_column(text(f"heading.{heading}", lang), no_wrap=heading in ("id", "year"), overflow="fold")
    for row in rows:
        table.add_row(row["id"], row["title"], row["publisher"], row["year"])
    console().print(table)
