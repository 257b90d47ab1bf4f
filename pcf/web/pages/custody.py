"""Custody: the accounts of a scope and period with what may still be issued, and which periods are closed."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from pcf.custody.accounts import Balance, power_months, read_balances, running
from pcf.custody.audit.figures import per_cent
from pcf.custody.book import Span, find_span, read_periods
from pcf.custody.ledger import CREDIT
from pcf.errors import InputError
from pcf.views.account_figures import months_spec
from pcf.views.figures import with_percent
from pcf.views.issuing import this_day
from pcf.web.figures import shown
from pcf.web.pages.custody_parts import asked, at, empty, head, kg, mwh, problem_banner, read
from pcf.web.plots import plot
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import Cell, table

TONNE = 1000


@page("/custody", "web.custody", icon="inventory_2")
async def custody(view: View) -> None:
    """Accounts and periods."""
    spans = await read(view, read_periods)
    actions = head(view, "overview", view.say("custody-title"), view.say("custody-intro"))
    if not spans:
        empty(
            view, view.say("custody-empty"), (view.say("custody-import"), at("/import")),
            (view.say("custody-enter-first"), at("/enter", kind="party")),
        )  # fmt: skip
        return
    scope = asked(view, "scope") or next(iter(spans))
    name = asked(view, "period") or _present(spans.get(scope, []))
    try:
        span = await read(view, find_span, scope, name)
    except InputError as problem:
        problem_banner(view, problem, (view.say("custody-overview"), at("")))
        return
    with actions:
        _choose(view, "scope", list(spans), scope, lambda chosen: at("", scope=chosen))
        _choose(view, "period", [item.id for item in spans[scope]], name, lambda chosen: at("", scope=scope, period=chosen))
    _status(view, span)
    with actions:
        link(at("/reports", scope=scope, period=name), view.say("custody-report-asi")).classes("link-button quiet")
    balances, months, power = await read(view, _accounts, span)
    _tables(view, balances, span)
    if months:
        with ui.element("div").classes("figures"):
            for account, found in months.items():
                _chart(view, account, found, span)
    if power:
        _power(view, power)
    _periods(view, spans[scope])


def _present(spans: list[Span]) -> str:
    """The newest period in which something may have happened: the first that is open, else the last."""
    return next((span.id for span in spans if not span.closed), spans[-1].id if spans else "")


def _accounts(
    connection: Connection, span: Span
) -> tuple[dict[str, Balance], dict[str, list[tuple[str, Balance]]], dict[str, tuple[int, int]]]:
    used = {name: item for name, item in read_balances(connection, span.scope, span.id).items() if item.is_used}
    power = power_months(connection, span.scope, span.start[:7], span.end[:7])
    return used, running(connection, span.scope, span.id), power


def _choose(view: View, what: str, options: list[str], chosen: str, address: Any) -> None:
    made = ui.select(options, value=chosen, label=view.text(f"field.{what}")).props("dense outlined options-dense")
    made.classes("choose").on_value_change(lambda event: go(address(event.value)))


def _status(view: View, span: Span) -> None:
    state = "closed" if span.closed else "ended" if span.end < this_day().isoformat() else "open"
    kind, icon = ("good", "lock_open") if state == "open" else ("warn", "lock" if span.closed else "lock_clock")
    with ui.element("div").classes(f"banner {kind}").props('role="status" id="period-status"'):
        ui.icon(icon, size="22px")
        ui.label(view.say(f"custody-status-{state}", period=span.id, start=span.start, end=span.end))


def _tables(view: View, balances: dict[str, Balance], span: Span) -> None:
    if not balances:
        with ui.element("section").classes("card"):
            ui.label(view.say("custody-no-postings", period=span.id)).classes("lead")
        return
    by_share = [item for item in balances.values() if item.account not in CREDIT]
    contents = [item for item in balances.values() if item.account in CREDIT]
    if by_share:
        with ui.element("section").classes("card"):
            headline("h2", view.text("custody.accounts-title"), "section-title")
            names = (
                "posting.coc-in",
                "posting.other-in",
                "field.percentage",
                "field.out",
                "field.cap",
                "field.carried",
                "field.issued",
            )
            heads = [view.text(name) for name in ("field.account", *names)]
            heads += [view.text("field.available"), view.say("custody-overdraft-limit")]
            table(heads, [_share_row(view, item) for item in by_share], numbers=range(1, 10), classes="even")
            for item in by_share:
                if item.available < 0:
                    said = view.say("custody-overdrawn", account=view.text(f"account.{item.account}"), mass=kg(-item.available))
                    ui.label(said).classes("banner bad").props('role="alert"')
            ui.label(view.say("custody-indicative")).classes("lever-note")
    if contents:
        with ui.element("section").classes("card"):
            headline("h2", view.text("custody.contents-title"), "section-title")
            heads = [view.text(f"field.{name}") for name in ("account", "in", "carried", "claimed", "available")]
            table(heads, [_content_row(view, item) for item in contents], numbers=range(1, 5), classes="even")


def _share_row(view: View, item: Balance) -> list[str | Cell]:
    sums, share = item.sums, per_cent(item.percentage)
    return [
        view.text(f"account.{item.account}"), kg(sums["coc-in"]), kg(sums["other-in"]), with_percent(share, view.lang) if share else "–",
        kg(sums["out"]), kg(item.cap), kg(sums["carried-in"] - sums["overdraft-in"]), kg(sums["issued"]), _available(item),
        kg(item.overdraft_limit),
    ]  # fmt: skip


def _content_row(view: View, item: Balance) -> list[str | Cell]:
    carried = item.sums["carried-in"] - item.sums["overdraft-in"]
    name = view.text(f"account.{item.account}")
    return [name, kg(item.sums["credit"]), kg(carried), kg(item.sums["issued"]), _available(item)]


def _available(item: Balance) -> Cell:
    return Cell(kg(item.available), classes="available" if item.available > 0 else "available spent")


def _span_months(span: Span) -> list[str]:
    """Every month of a period."""
    (year, month), last = (int(part) for part in span.start[:7].split("-")), span.end[:7]
    found = []
    while (name := f"{year}-{month:02d}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def _chart(view: View, account: str, months: list[tuple[str, Balance]], span: Span) -> None:
    """What came in and was issued in each month [t], and what was available at its end."""
    came, went, before = [], [], {"coc-in": 0, "credit": 0, "issued": 0}
    for _, state in months:
        came.append(sum(state.sums[kind] - before[kind] for kind in ("coc-in", "credit")) / TONNE)
        went.append((state.sums["issued"] - before["issued"]) / TONNE)
        before = {kind: state.sums[kind] for kind in before}
    bars = {view.text("field.in"): came, view.text("field.issued"): went}
    left = (view.say("custody-available-end"), [state.available / TONNE for _, state in months])
    name = view.text(f"account.{account}")
    with ui.element("section").classes("card"):
        headline("h2", f"{name} [t]", "section-title")
        spec = months_spec([month for month, _ in months], bars, left, "t", _span_months(span))
        plot(shown(spec, dark=view.dark), view.say("custody-chart", account=name))


def _power(view: View, power: dict[str, tuple[int, int]]) -> None:
    with ui.element("section").classes("card"):
        headline("h2", view.say("custody-power-account"), "section-title")
        heads = [view.text("field.month"), view.text("field.evidence"), view.text("field.matched"), view.text("field.available")]
        rows = [(month, mwh(credit), mwh(spent), mwh(credit - spent)) for month, (credit, spent) in power.items()]
        table(heads, rows, numbers=(1, 2, 3), classes="even")
        link(at("/power"), view.say("custody-to-power")).classes("text-link")


def _periods(view: View, spans: list[Span]) -> None:
    with ui.element("section").classes("card").props('id="periods"'):
        headline("h2", view.say("custody-periods"), "section-title")
        rows: list[list[str | Cell]] = []
        for span in spans:
            state = view.say("custody-closed" if span.closed else "custody-open")
            here = at("", scope=span.scope, period=span.id)
            close = Cell(view.say("custody-close"), at("/close", scope=span.scope, period=span.id))
            rows.append(
                [Cell(span.id, here), span.start, span.end, state, "" if span.closed or not view.may("record") else close]
            )
        heads = [view.text(f"field.{name}") for name in ("period", "start", "end")] + [
            view.text("field.state"),
            view.say("admin-what"),
        ]
        table(heads, rows, classes="even")
