"""Parts of the metal itself: inbound documents and tickets, stock, heats, bundles, steps, what was shipped (parts 4, 6–8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from pcf.custody.audit.figures import long_per_cent
from pcf.custody.audit.raw import counts_as, lot_account
from pcf.custody.audit.table import Table, Value, make_table
from pcf.custody.audit.view import Row, View, details, document_name
from pcf.custody.casts import RETURNS
from pcf.custody.genealogy import voided_units
from pcf.custody.tables import consumption, unit, void


def inbound_documents(view: View) -> Table:
    """CoC documents received, each with what lots have used of it."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    for row in view.live("lot"):
        used[(row["document_issuer"], row["document_reference"])] += row["coc_kg"]
    columns = (
        "issuer", "reference", "party", "party_name", "date", "account", "coc_kg", "total_kg", "used_kg", "customer", "responsible",
        "conformance", "recycled_content", "recycled_content_method", "footprint", "file_sha256", "event_seq", "recorded", "void_date",
        "void_reason",
    )  # fmt: skip
    plain = ("issuer", "reference", "party", "date", "account", "coc_kg", "total_kg", "event_seq")
    rest = ("customer", "responsible", "conformance", "recycled_content", "recycled_content_method", "footprint", "file_sha256")
    return make_table("inbound-documents", columns, (
        {
            **{name: row[name] for name in plain}, **{name: details(row).get(name) for name in rest},
            "party_name": view.name(row["party"]), "used_kg": used[(row["issuer"], row["reference"])],
            "recorded": view.recorded(row), **void_fields(view, "document", document_name(row)),
        }
        for row in view.documents("in", live=False)
    ))  # fmt: skip


def lots(view: View) -> Table:
    """Weigh tickets, each with its document, its invoice and its entry in the ledger; those of earlier periods that were taken
    back in this one among them."""
    columns = (
        "id", "site", "date", "ticket", "supplier", "supplier_name", "material", "content_class", "origin", "asi_class", "mass_kg",
        "coc_kg", "counts_as", "account", "document_issuer", "document_reference", "due_diligence", "invoice", "source_type",
        "tolled_for", "corrects", "event_seq", "recorded", "void_date", "void_reason",
    )  # fmt: skip
    plain = (
        "site", "ticket", "supplier", "content_class", "origin", "asi_class", "coc_kg", "document_issuer", "document_reference",
        "event_seq",
    )  # fmt: skip
    rest = ("due_diligence", "invoice", "source_type", "tolled_for", "corrects")

    def row_of(row: Row) -> dict[str, Any]:
        of = view.units[row["unit"]]
        return {
            "id": row["unit"], **{name: of[name] for name in ("date", "material", "mass_kg")}, **{name: row[name] for name in plain},
            **{name: details(row).get(name) for name in rest}, "supplier_name": view.name(row["supplier"]),
            "counts_as": counts_as(row), "account": lot_account(row, of), "recorded": view.recorded(row),
            **void_fields(view, "lot", row["unit"]),
        }  # fmt: skip

    rows = sorted((row for row in view.rows["lot"] if row["unit"] in view.units), key=lambda row: str(row["unit"]))
    return make_table("lots", columns, map(row_of, rows))


def stock(view: View) -> Table:
    """Stock of the scope by kind of unit: opening, what came or was made, where it went, closing.

    Returns of a heat are metal beside its product; so they take nothing from its stock.
    """
    before, after = _stock_at(view, unit.c.date < view.span.start), _stock_at(view, unit.c.date <= view.span.end)
    came, went = _made(view), _went(view)
    columns = ("kind", "opening_kg", "in_kg", *_CHILDREN, "closing_kg")
    return make_table("stock", columns, (
        {
            "kind": kind, "opening_kg": before[kind], "in_kg": came[kind], "closing_kg": after[kind],
            **{name: went[(kind, child)] for name, child in _CHILDREN.items()},
        }
        for kind in ("lot", "heat", "bundle", "processed", "return", "dross")
    ))  # fmt: skip


def balance(view: View) -> Table:
    """Metal balance of the scope: opening + received − shipped − lost = closing."""
    row = balance_row(view)
    given = row["opening_kg"] + row["received_kg"]
    lost = long_per_cent(Fraction(row["loss_kg"], given)) if given else ""
    return make_table("balance", (*row, "loss_percent"), [{**row, "loss_percent": lost}])


def balance_row(view: View) -> dict[str, int]:
    """Masses of the metal balance [kg]; what is lost is told by the casts and steps, the closing stock by the units."""
    opening, closing = (
        sum(_stock_at(view, until).values()) for until in (unit.c.date < view.span.start, unit.c.date <= view.span.end)
    )
    received = sum(view.units[row["unit"]]["mass_kg"] for row in view.live("lot"))
    shipped = sum(kg for (_, child), kg in _went(view).items() if child == "shipment")
    lost = sum(given - made - returns for given, made, returns, _ in _losses(view).values())
    return {
        "opening_kg": opening, "received_kg": received, "shipped_kg": shipped, "loss_kg": lost, "closing_kg": closing,
        "difference_kg": opening + received - shipped - lost - closing,
    }  # fmt: skip


_CHILDREN = {"to_heats_kg": "heat", "to_steps_kg": "processed", "to_bundles_kg": "bundle", "shipped_kg": "shipment"}
"""Column → kind of the unit that the metal went into."""


def _stock_at(view: View, until: ColumnElement[bool]) -> dict[str, int]:
    """Stock by kind [kg]: mass of the units that were there, less what was taken of them."""
    here = (unit.c.site.in_(view.sites), unit.c.kind != "shipment", _stands(unit))
    found: dict[str, int] = defaultdict(int)
    for kind, mass in view.connection.execute(
        select(unit.c.kind, func.sum(unit.c.mass_kg)).where(*here, until).group_by(unit.c.kind)
    ):
        found[kind] += int(mass)
    child, parent = unit, unit.alias()
    taken = (
        select(parent.c.kind, func.sum(consumption.c.mass_kg))
        .join(parent, parent.c.id == consumption.c.parent)
        .join(child, child.c.id == consumption.c.child)
        .where(parent.c.site.in_(view.sites), child.c.kind != "return", _stands(child), _stands(parent), until)
        .group_by(parent.c.kind)
    )
    for kind, mass in view.connection.execute(taken):
        found[kind] -= int(mass)
    return found


def _stands(table: Any) -> ColumnElement[bool]:
    """Whether a unit stands: neither it nor the cast or step that made it was taken back."""
    gone = voided_units()
    bundles = select(consumption.c.child).where(consumption.c.parent.in_(gone), consumption.c.role == "bundle")
    returns = select(void.c.target + RETURNS).where(void.c.target_kind.in_(("cast", "process")))
    return and_(table.c.id.not_in(gone), table.c.id.not_in(bundles), table.c.id.not_in(returns))


def _made(view: View) -> dict[str, int]:
    """Mass of the units of the period by kind [kg]."""
    inside = (unit.c.date >= view.span.start, unit.c.date <= view.span.end)
    here = (unit.c.site.in_(view.sites), _stands(unit))
    found: dict[str, int] = defaultdict(int)
    for kind, mass in view.connection.execute(
        select(unit.c.kind, func.sum(unit.c.mass_kg)).where(*here, *inside).group_by(unit.c.kind)
    ):
        found[kind] = int(mass)
    return found


def _went(view: View) -> dict[tuple[str, str], int]:
    """Mass by kind of unit and kind of what it went into, in the period [kg]."""
    child, parent = unit, unit.alias()
    query = (
        select(parent.c.kind, child.c.kind, func.sum(consumption.c.mass_kg))
        .join(parent, parent.c.id == consumption.c.parent)
        .join(child, child.c.id == consumption.c.child)
        .where(
            parent.c.site.in_(view.sites), child.c.kind != "return", _stands(child), _stands(parent),
            child.c.date >= view.span.start, child.c.date <= view.span.end,
        )
        .group_by(parent.c.kind, child.c.kind)
    )  # fmt: skip
    found: dict[tuple[str, str], int] = defaultdict(int)
    for mother, kind, mass in view.connection.execute(query):
        found[(mother, kind)] = int(mass)
    return found


def _losses(view: View) -> dict[tuple[str, str, str], list[int]]:
    """What went in, and came out as product, returns and dross [kg], by furnace or step and month."""
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in view.live("heat"):
        of = view.units[row["unit"]]
        _add(sums[("heat", row["furnace"], of["date"][:7])], row["charge_kg"], of["mass_kg"], row["returns_kg"], row["dross_kg"])
    for row in view.live("processing"):
        of = view.units[row["unit"]]
        _add(sums[("step", row["step"], of["date"][:7])], row["input_kg"], of["mass_kg"], row["returns_kg"], 0)
    return sums


def losses(view: View) -> Table:
    """What was lost between what went in and what came out, by furnace or step and month."""
    columns = ("kind", "place", "month", "in_kg", "product_kg", "returns_kg", "dross_kg", "loss_kg", "loss_percent")
    return make_table("losses", columns, (
        {
            "kind": kind, "place": place, "month": month, "in_kg": given, "product_kg": made, "returns_kg": returns, "dross_kg": dross,
            "loss_kg": given - made - returns, "loss_percent": long_per_cent(Fraction(given - made - returns, given)) if given else "",
        }
        for (kind, place, month), (given, made, returns, dross) in sorted(_losses(view).items())
    ))  # fmt: skip


def _add(sums: list[int], *more: int) -> None:
    for place, value in enumerate(more):
        sums[place] += value


def heats(view: View) -> Table:
    """Heats with charge, product, yield and analysis."""
    columns = (
        "heat", "site", "date", "furnace", "product", "alloy", "charge_kg", "product_kg", "returns_kg", "dross_kg", "yield_percent",
        "post_consumer_percent", "pre_consumer_percent", "chemistry", "event_seq", "recorded", "void_date", "void_reason",
    )  # fmt: skip

    def row_of(row: Row) -> dict[str, Any]:
        of, more = view.units[row["unit"]], details(row)
        good = of["mass_kg"] + row["returns_kg"]
        return {
            "heat": row["unit"], "site": of["site"], "date": of["date"], "product_kg": of["mass_kg"],
            **{name: row[name] for name in ("furnace", "product", "alloy", "charge_kg", "returns_kg", "dross_kg", "event_seq")},
            "yield_percent": long_per_cent(Fraction(good, row["charge_kg"])) if row["charge_kg"] else "",
            "post_consumer_percent": long_per_cent(Fraction(more.get("post", 0))),
            "pre_consumer_percent": long_per_cent(Fraction(more.get("pre", 0))),
            "chemistry": ", ".join(f"{element}={share}" for element, share in more.get("chemistry", {}).items()),
            "recorded": view.recorded(row), **void_fields(view, "cast", row["unit"]),
        }  # fmt: skip

    rows = sorted((row for row in view.rows["heat"] if row["unit"] in view.units), key=lambda row: str(row["unit"]))
    return make_table("heats", columns, map(row_of, rows))


def bundles(view: View) -> Table:
    """Bundles and returns with the heat that they are of."""
    return _lines(view, "bundles", "unit", ("bundle", "return"))


def steps(view: View) -> Table:
    """What went into each step after casting."""
    return _lines(view, "steps", "unit", ("processed",))


def shipped(view: View) -> Table:
    """Pieces of each shipment."""
    return _lines(view, "shipment-items", "shipment", ("shipment",))


def _lines(view: View, name: str, child: str, kinds: Iterable[str]) -> Table:
    rows: list[dict[str, Value]] = [
        {child: row["child"], "line": row["line"], "from": row["parent"], "mass_kg": row["mass_kg"], "role": row["role"]}
        for row in view.rows["consumption"]
        if view.units[row["child"]]["kind"] in kinds
    ]
    return make_table(name, (child, "line", "from", "mass_kg", "role"), rows)


def void_fields(view: View, kind: str, target: str) -> dict[str, Value]:
    """When and why a record was taken back."""
    found = view.voids.get((kind, target))
    return {"void_date": found["date"], "void_reason": found["reason"]} if found else {}
