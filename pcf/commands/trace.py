"""`pcf trace`: what a unit was made of and what was made of it, on the screen, as data and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.entry import open_book
from pcf.commands.main import language
from pcf.commands.options import catalogue_option
from pcf.commands.run_options import PICTURES, check_file
from pcf.text import json_text

if TYPE_CHECKING:
    from pcf.custody.trace import Genealogy

SCHEMA = "pcf/genealogy/1"

_DIGITS = 12
"""Decimals of a share: to the kilogram for any mass."""


@click.command()
@click.argument("unit")
@click.option("--up", "direction", flag_value="up", help="Only what it was made of.")
@click.option("--down", "direction", flag_value="down", help="Only what was made of it.")
@click.option("--both", "direction", flag_value="both", default=True, help="Both ways (default).")
@click.option("--all", "every", is_flag=True, help="Follow units too that less than 1 kg of the mass came from or went into.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.option(
    "--chart", "charts", multiple=True, type=click.Path(path_type=Path),
    help="Draw the flows into a .svg, .png, .pdf or .html file; may be repeated.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that exist.")
@catalogue_option
@click.pass_context
def trace(
    ctx: click.Context, /, unit: str, direction: str, every: bool, as_json: bool, charts: tuple[Path, ...], force: bool,
    data_path: Path | None,
) -> None:  # fmt: skip
    """Follow UNIT, a lot, heat, bundle, coil or shipment, up to its origins and down to where it went."""
    from pcf.custody.trace import LEAST_KG
    from pcf.custody.trace import trace as follow
    from pcf.store.log import log_size

    for chart in charts:
        check_file("--chart", chart, PICTURES, force=force)
    book, lang = open_book(data_path, create=False), language(ctx)
    with book.read() as connection:
        found = follow(
            connection, unit, up=direction != "down", down=direction != "up", least_kg=0 if every else LEAST_KG, voided=True
        )
        size = log_size(connection)
    if charts:
        from pcf.views.basis import save_charts
        from pcf.views.trace_figure import draw

        save_charts(charts, draw(found, book.catalogue, size, lang), force=force)
    if as_json:
        click.echo(json_text(genealogy_document(found, direction, size)))
        return
    from pcf.commands.trace_view import print_genealogy

    print_genealogy(found, book.catalogue, direction, lang)
    for path in charts:
        click.echo(str(path))


def genealogy_document(found: Genealogy, direction: str, log_size: int) -> dict[str, Any]:
    """The document `pcf/genealogy/1`.

    `share_from` is the part of the root's mass that comes from a unit, `share_into` the part that went into it; `followed` says
    whether the genealogy goes on beyond it as far as there are records; `log_size` of how many events the log was then.
    """
    ends = found.ends
    return {
        "schema": SCHEMA,
        "root": found.root,
        "direction": direction,
        "complete": not (found.cut or ends),
        "cut": found.cut,
        "log_size": log_size,
        "nodes": [
            {
                "id": node.id, "kind": node.kind, "site": node.site, "date": node.date, "material": node.material,
                **({"content_class": node.content_class} if node.content_class else {}),
                "mass_kg": node.mass_kg, "voided": node.voided, "followed": node.id not in ends, "event_seq": node.event_seq,
                **{
                    name: round(float(shares[node.id]), _DIGITS)
                    for name, shares in (("share_from", found.shares), ("share_into", found.reached))
                    if node.id in shares
                },
            }
            for node in found.nodes.values()
        ],
        "up": [_edge(edge) for edge in found.up],
        "down": [_edge(edge) for edge in found.down],
        "withdrawn": [_edge(edge) for edge in found.withdrawn],
    }  # fmt: skip


def _edge(edge: Any) -> dict[str, Any]:
    return {
        "parent": edge.parent, "child": edge.child, "mass_kg": edge.mass_kg, "role": edge.role, "event_seq": edge.event_seq
    }  # fmt: skip
