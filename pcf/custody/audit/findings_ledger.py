"""Findings on the accounts: the ledger against the raw records, balances, overdrafts, days below zero, closed periods, the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from pcf.custody.accounts import Balance
from pcf.custody.audit.finding import MAJOR, MINOR, OBSERVATION, Finding, find
from pcf.custody.audit.parts_ledger import figures_of
from pcf.custody.audit.raw import OUTSIDE, RAW_KINDS, Booking, calc_bookings, counts_as, sum_bookings
from pcf.custody.audit.view import View
from pcf.custody.equations import calc_availability, calc_input_percentage, calc_nearly_spent, calc_overdraft_unpaid
from pcf.custody.ledger import ALUMINIUM, CREDIT, PERCENTAGE, SCRAP
from pcf.custody.rules import setting
from pcf.custody.tables import posting
from pcf.store.log import verify


def find_raw_gaps(view: View) -> Iterator[Finding]:
    """Sums of the ledger against those of tickets, delivery notes and documents (R05, R10)."""
    raw = sum_bookings(calc_bookings(view.rows, view.scope, view.span.id))
    for account, found in figures_of(view).items():
        for kind in RAW_KINDS:
            if found.sums[kind] != raw[account][kind]:
                yield find(MAJOR, "R10", account, "raw-ledger", kind=kind, posted=found.sums[kind], told=raw[account][kind])


def find_running(view: View) -> Iterator[Finding]:
    """Running sums of the ledger that do not follow from its lines (R26)."""
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    for row in sorted(view.rows["posting"], key=lambda row: (row["event_seq"], row["line"])):
        if row["period"] != view.span.id:
            continue
        key = (row["account"], row["kind"])
        sums[key] += row["amount"]
        if sums[key] != row["running"]:
            yield find(
                MAJOR, "R26", f"{row['event_seq']}/{row['line']}", "running", account=row["account"], kind=row["kind"],
                running=row["running"], told=sums[key],
            )  # fmt: skip
            return


def find_internal(view: View) -> Iterator[Finding]:
    """Internal, outside or tolled material posted as input (R05)."""
    outside = {row["unit"]: row for row in view.rows["lot"] if counts_as(row) == OUTSIDE}
    for row in view.rows["posting"]:
        if row["ref"] in outside and row["kind"] in ("coc-in", "other-in", "alloying-in") and row["amount"] > 0:
            lot = outside[row["ref"]]
            yield find(
                MAJOR, "R05", row["ref"], "internal-input", account=row["account"], mass=row["amount"], kind=lot["content_class"]
            )  # fmt: skip


def find_late(view: View) -> Iterator[Finding]:
    """Records of a closed period that were entered after its close (R26)."""
    closed = next((row["event_seq"] for row in view.rows["period_close"] if row["period"] == view.span.id), None)
    if closed is None:
        yield find(OBSERVATION, "R08", view.span.id, "period-open", end=view.span.end)
        return
    for row in view.rows["posting"]:
        if row["period"] == view.span.id and row["event_seq"] > closed:
            yield find(MAJOR, "R26", row["ref"], "posted-after-close", account=row["account"], mass=row["amount"])
    for row in view.rows["unit"]:
        if view.covers(row["date"]) and row["event_seq"] > closed:
            yield find(MAJOR, "R26", row["id"], "recorded-after-close", date=row["date"])
    for row in view.documents("out"):
        sent = view.units.get(row["unit"] or "")
        if row["event_seq"] > closed and sent is not None and view.covers(sent["date"]):
            yield find(MAJOR, "R26", f"out/{row['issuer']}/{row['reference']}", "recorded-after-close", date=row["date"])
    for row in view.documents("in"):
        if row["event_seq"] > closed and view.covers(row["date"]):
            yield find(MINOR, "R26", f"in/{row['issuer']}/{row['reference']}", "received-after-close", date=row["date"])


def find_negative_days(view: View) -> Iterator[Finding]:
    """Days on which more was issued than the account covered, by the days of the records (R10)."""
    figures = figures_of(view)
    by_day: dict[str, list[Booking]] = defaultdict(list)
    for item in calc_bookings(view.rows, view.scope, view.span.id):
        by_day[item.day].append(item)
    days = _days(view.span.start, view.span.end)
    for account in (*PERCENTAGE, SCRAP):
        if not figures[account].sums["issued"]:
            continue
        below = [(day, left) for day, left in _availability(account, figures[account], by_day, days) if left < 0]
        if below:
            lowest = min(left for _, left in below)
            yield find(MINOR, "R10", account, "negative-days", days=len(below), first=below[0][0], lowest=lowest)


def _availability(account: str, found: Balance, by_day: dict[str, list[Booking]], days: list[str]) -> Iterator[tuple[str, int]]:
    """What was available at the end of each day [kg] (F7)."""
    inputs, issued, out = {"coc-in": 0, "other-in": 0}, 0, 0
    carried = {"carried_in": found.sums["carried-in"], "overdraft_in": found.sums["overdraft-in"]}
    feeder = ALUMINIUM if account == SCRAP else account
    for day in days:
        for item in by_day.get(day, ()):
            kg = item.sign * item.kg
            if item.account == feeder and item.kind in inputs:
                inputs[item.kind] += kg
            if item.account == account:
                issued += kg if item.kind == "issued" else 0
                out += kg if item.kind == "out" else 0
        percentage = calc_input_percentage(max(inputs["coc-in"], 0), max(inputs["other-in"], 0))
        yield day, calc_availability(percentage, out, issued, **carried)


def _days(start: str, end: str) -> list[str]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def find_overdrafts(view: View) -> Iterator[Finding]:
    """Overdrafts, what opened them, their limit, and whether the one before was repaid (R10–R12, R22)."""
    opened = {row["account"] for row in view.rows["force_majeure"]}
    for account, found in figures_of(view).items():
        over = found.settlement.overdraft
        carried, owed = max(found.sums["carried-in"], 0), max(found.sums["overdraft-in"], 0)
        unpaid = calc_overdraft_unpaid(max(found.cap, 0), owed, carried)
        if unpaid:
            yield find(MAJOR, "R12", account, "overdraft-unpaid", unpaid=unpaid)
        if over and account in CREDIT:
            yield find(MAJOR, "R22", account, "claims-over", over=over)
        elif over and account not in opened:
            yield find(MAJOR, "R11", account, "overdraft-without-file", over=over)
        elif over > found.overdraft_limit:
            yield find(MAJOR, "R11", account, "overdraft-over-limit", over=over, limit=found.overdraft_limit)
        elif over:
            yield find(OBSERVATION, "R11", account, "overdraft", over=over, limit=found.overdraft_limit)
        elif account not in CREDIT and calc_nearly_spent(
            found.available + found.sums["expired"], found.sums["issued"], setting("availability-warning")
        ):
            yield find(OBSERVATION, "R10", account, "nearly-spent", issued=found.sums["issued"], available=found.available)


def find_carried(view: View) -> Iterator[Finding]:
    """Balances that were carried or that expired otherwise than they had to (R13)."""
    places = [item.id for item in view.spans]
    here = places.index(view.span.id)
    following = places[here + 1] if here + 1 < len(places) else ""
    carried: dict[tuple[str, str], int] = defaultdict(int)
    close = f"close:{view.scope}/{view.span.id}"
    query = select(posting.c.account, posting.c.kind, posting.c.amount).where(
        posting.c.scope == view.scope, posting.c.period == following, posting.c.ref == close
    )
    for account, kind, amount in view.connection.execute(query):
        carried[(account, kind)] += amount
    for account, found in figures_of(view).items():
        if not found.is_used:
            continue
        settled = found.settlement
        if not view.span.closed:
            continue
        if found.sums["expired"] != settled.expired:
            yield find(MAJOR, "R13", account, "not-expired", expired=found.sums["expired"], due=settled.expired)
        for kind, due in (("carried-in", settled.positive_balance), ("overdraft-in", settled.overdraft)):
            if carried[(account, kind)] != due:
                yield find(MAJOR, "R13", account, "carried-wrong", kind=kind, carried=carried[(account, kind)], due=due)


def find_periods(view: View) -> Iterator[Finding]:
    """Periods that are too long, or leave a gap (R08)."""
    longest = int(setting("period-longest"))
    before = None
    for item in view.spans:
        days = (date.fromisoformat(item.end) - date.fromisoformat(item.start)).days + 1
        if item.id == view.span.id and days > longest:
            yield find(MAJOR, "R08", item.id, "period-long", days=days, longest=longest)
        if before is not None and view.span.id in (item.id, before.id):
            after = (date.fromisoformat(before.end) + timedelta(days=1)).isoformat()
            if item.start != after:
                yield find(MAJOR, "R08", item.id, "period-gap", start=item.start, after=after, other=before.id)
        before = item


def find_log(view: View) -> Iterator[Finding]:
    """What the log says against the tables (R26)."""
    for item in verify(view.connection):
        where = f"{item.where}" if item.seq < 0 else f"{item.seq}: {item.where}"
        yield find(MAJOR, "R26", where, f"log-{item.kind}")


CHECKS = (
    find_raw_gaps, find_running, find_internal, find_late, find_negative_days, find_overdrafts, find_carried, find_periods, find_log
)  # fmt: skip
