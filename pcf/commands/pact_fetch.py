"""`pcf pact fetch`: suppliers' footprints from their own PACT services."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.run_options import check_file
from pcf.errors import InputError
from pcf.text import json_text, text

FILTERS = {
    "product_id": "productId", "company_id": "companyId", "geography": "geography", "classification": "classification",
    "valid_on": "validOn", "valid_after": "validAfter", "valid_before": "validBefore", "status": "status",
}  # fmt: skip
"""Option → parameter of PACT."""

REPEATED = ("product_id", "company_id", "geography", "classification")


def _filters(function: Any) -> Any:
    for name, parameter in reversed(FILTERS.items()):
        many = name in REPEATED
        function = click.option(
            f"--{name.replace('_', '-')}", name, multiple=many, help=f"Filter {parameter}{'; may be repeated' if many else ''}."
        )(function)
    return function


@click.command(short_help="Fetch a supplier's footprints from its PACT service.")
@click.argument("url")
@click.option("--client-id", required=True, help="Id that the supplier gave to us.")
@click.option(
    "--secret-file", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File of mode 600 with the secret."
)
@_filters
@click.option("--out", type=click.Path(path_type=Path), help="Keep what was sent in a .json file.")
@click.option("--lot-csv", type=click.Path(path_type=Path), help="Write the columns for `pcf lot import` to a .csv file.")
@click.option(
    "--ca", type=click.Path(path_type=Path), metavar="FILE", help="Certificates of authorities to trust in place of the system's."
)
@click.option("--private", multiple=True, metavar="NETWORK", help="Network that may be called although it is not public.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def fetch(
    ctx: click.Context, /, url: str, client_id: str, secret_file: Path, out: Path | None, lot_csv: Path | None, ca: Path | None,
    private: tuple[str, ...], force: bool, as_json: bool, **filters: Any,
) -> None:  # fmt: skip
    """Fetch the footprints that the service at URL (version 3, https) shows to us, all its pages, and show them as `pcf pact import`
    does: per kg, with what is doubtful about them. Nothing is recorded.
    """
    from pcf.commands.client import read_secret
    from pcf.commands.pact import SCHEMA, as_document, lot_rows, show
    from pcf.exchange.pact_import import MOST, read_footprints
    from pcf.exchange.sharing.address import base_of
    from pcf.exchange.sharing.outside import Outside
    from pcf.exchange.sharing.peer import Peer
    from pcf.views.files import check_place, write_text

    for option, path, ending in (("--out", out, ".json"), ("--lot-csv", lot_csv, ".csv")):
        if path is not None:
            check_file(option, path, (ending,), force=force)
            check_place(path, f"{option} {path}")
    base = base_of(url, "URL")
    peer = Peer(base, client_id, read_secret(secret_file), Outside(_networks(private), ca))
    pages: list[str] = []
    content: list[Any] = []
    for sent, footprints in peer.footprints(_query(filters)):
        pages.append(sent.decode("utf-8-sig"))
        content += footprints
        if len(content) > MOST:
            raise InputError(base.netloc, f"more than {MOST:,} footprints", f"at most {MOST:,}", "ask for less with the filters")
    if not content:
        raise InputError(base.netloc, "no footprint", "at least one", "ask with other filters, or ask the supplier to publish it")
    found = read_footprints(content, base.netloc, datetime.now(UTC).date())
    if out is not None:
        write_text(out, _joined(pages))
    if lot_csv is not None:
        write_text(lot_csv, lot_rows(found))
    lang = language(ctx)
    if as_json:
        click.echo(json_text({"schema": SCHEMA, "source": base.url, "footprints": [as_document(item, lang) for item in found]}))
    else:
        for item in found:
            show(item, lang)
    if lot_csv is not None:
        click.echo(text("pact-import.csv", lang, path=str(lot_csv), count=f"{len(found):,}"), err=as_json)


def _query(filters: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in filters.items():
        pairs += [(FILTERS[name], item) for item in ((value,) if isinstance(value, str) else value or ())]
    return pairs


def _networks(texts: tuple[str, ...]) -> tuple[Any, ...]:
    from ipaddress import ip_network

    try:
        return tuple(ip_network(item, strict=False) for item in texts)
    except ValueError as problem:
        raise InputError("--private", str(problem)[:60], "an address, or a network such as 10.0.0.0/8") from None


def _joined(pages: list[str]) -> str:
    """All pages as one answer, as numbers and texts were sent."""
    import json

    if len(pages) == 1:
        return pages[0] if pages[0].endswith("\n") else f"{pages[0]}\n"
    data = [item for page in pages for item in json.loads(page)["data"]]
    return json_text({"data": data}) + "\n"
