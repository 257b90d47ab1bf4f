"""The sheet of one account: its cells with formula, cached value and check, before any file is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pcf.custody.accounts import MASSES, Balance, calc_balances, monthly
from pcf.custody.audit.raw import RAW_KINDS, Booking, monthly_bookings, sum_bookings
from pcf.custody.audit.view import View
from pcf.custody.ledger import ALUMINIUM, KINDS, SCRAP
from pcf.custody.rules import setting
from pcf.text import text

OK, DIFFERS = "OK", "DIFFERS"

TERMS = (
    "coc-in", "other-in", "alloying-in", "out", "issued", "carried-in", "overdraft-in", "expired", "percentage", "with-alloying",
    "own-cap", "cap", "drawn-from-carry", "drawn-from-cap", "positive-balance", "expires", "overdraft", "overdraft-limit", "available",
)  # fmt: skip
RULES = {
    "percentage": "F1", "with-alloying": "F1", "own-cap": "F2", "cap": "R22", "drawn-from-carry": "F5", "drawn-from-cap": "F5",
    "positive-balance": "F4", "expires": "F5, R13", "overdraft": "F6", "overdraft-limit": "F6, R11", "available": "F7, R10",
}  # fmt: skip
FIRST = 7
"""Row of the first term; rows are counted from 1, as a spreadsheet does."""

MONTHS = FIRST + len(TERMS) + 2
"""Row of the first month."""

LIMIT = "C4"
"""Cell of the overdraft's permitted share."""


@dataclass(frozen=True)
class Cell:
    """A cell: a value, or a formula with the value that the program computed for it."""

    value: str | int | float
    formula: str = ""
    style: str = ""


@dataclass(frozen=True)
class Sheet:
    """Name and cells of a sheet."""

    name: str
    rows: list[list[Cell]]


@dataclass
class AccountSheet:
    """An account with its figures by the ledger and by the raw records."""

    view: View
    account: str
    figures: Mapping[str, Balance]
    sizes: Mapping[str, int]
    bookings: Sequence[Booking]
    differing: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        told = sum_bookings(self.bookings)
        self.mine = {
            name: {kind: told[name][kind] if kind in RAW_KINDS else self.figures[name].sums[kind] for kind in KINDS}
            for name in MASSES
        }
        self.raw = calc_balances(self.mine)[self.account]
        self.months = self.view.months
        self.raw_months = monthly_bookings(self.bookings)
        self.ledger_months = monthly(self.view.connection, self.view.scope, self.view.span.id)
        self.feeder = ALUMINIUM if self.account == SCRAP else self.account
        other = {ALUMINIUM: SCRAP, SCRAP: ALUMINIUM}.get(self.account, "")
        # The account that shares the CoC input, where it has a sheet.
        self.other = other if other == ALUMINIUM or (other and self.figures[other].is_used) else ""
        self.differing = sum(1 for row in self.build().rows for cell in row if cell.value == DIFFERS)

    def cell(self, term: str, column: str = "D") -> str:
        """Address of a term; D is told from the raw records, E from the ledger, F is the program's."""
        return f"{column}{FIRST + TERMS.index(term)}"

    def count_formula(self) -> str:
        """How many checks of the sheet differ."""
        last = MONTHS + len(self.months)
        return f"=COUNTIF('{self.account}'!G{FIRST}:G{FIRST + len(TERMS) - 1},\"{DIFFERS}\")+COUNTIF('{self.account}'!L{MONTHS}:L{last},\"{DIFFERS}\")"

    def available_formula(self) -> str:
        """What may still be issued."""
        return f"='{self.account}'!{self.cell('available')}"

    def build(self) -> Sheet:
        """Cells of the sheet."""
        rows = [
            [Cell(text(f"account.{self.account}", "en"), style="title"), Cell(text(f"account.{self.account}", "zh"), style="title")],
            [Cell("account", style="head"), Cell("科目", style="head"), Cell(self.account, style="words")],
            [
                Cell("scope, period", style="head"), Cell("范围、核算期", style="head"), Cell(self.view.scope, style="words"),
                Cell(self.view.span.id, style="words"),
            ],
            [
                Cell(text("audit-sheet.limit", "en"), style="head"), Cell(text("audit-sheet.limit", "zh"), style="head"),
                Cell(float(setting("overdraft-share"))),
            ],
            [],
            [Cell(text(f"audit-sheet.{name}", "en") + " · " + text(f"audit-sheet.{name}", "zh"), style="head") for name in _HEADINGS],
        ]  # fmt: skip
        rows += [self._term(term) for term in TERMS]
        rows += [
            [],
            [
                Cell(text(f"audit-sheet.{name}", "en") + " · " + text(f"audit-sheet.{name}", "zh"), style="head")
                for name in _MONTHLY
            ],
        ]
        rows += [self._month(number) for number in range(len(self.months))]
        rows.append(self._total())
        return Sheet(self.account, rows)

    def _term(self, term: str) -> list[Cell]:
        told, posted = _values(self.raw), _values(self.figures[self.account])
        shown = term in ("percentage", "with-alloying")
        live, fixed = ("live_share", "share") if shown else ("live", "kg")
        formulas = {column: self._formula(term, column) for column in "DE"}
        value = posted[term]
        near = told[term] == value
        one, other, mine = (self.cell(term, column) for column in "DEF")
        check = f"ABS({one}-{mine})<1E-12,ABS({other}-{mine})<1E-12" if shown else f"{one}={mine},{other}={mine}"
        rule = "F3" if term == "own-cap" and self.account == SCRAP else RULES.get(term, "")
        return [
            Cell(text(f"audit-term.{term}", "en"), style="words"), Cell(text(f"audit-term.{term}", "zh"), style="words"),
            Cell(rule, style="words"), Cell(_number(told[term]), formulas["D"], live), Cell(_number(value), formulas["E"], live),
            Cell(_number(value), style=fixed), Cell(OK if near else DIFFERS, f'=IF(AND({check}),"{OK}","{DIFFERS}")', "check"),
        ]  # fmt: skip

    def _formula(self, term: str, column: str) -> str:
        """Formula of a term over the raw records (D) or over the ledger (E)."""

        def at(name: str) -> str:
            return self.cell(name, column)

        if term in KINDS:
            if term in RAW_KINDS and column == "D":
                return f"={self.raw_sum(term)}"
            if column == "D":
                return f"={self.cell(term, 'E')}"  # brought forward: no ticket of this period tells it
            return f"={self.posted_sum(term)}"
        sheet = f"'{self.feeder}'!" if self.feeder != self.account else ""
        coc, other = f"{sheet}{at('coc-in')}", f"{sheet}{at('other-in')}"
        total = f"({coc}+{other})"
        wanted = f"({at('issued')}+{at('overdraft-in')})"
        closing = f"MIN({at('own-cap')},{coc}-'{ALUMINIUM}'!{at('cap')})" if self.account == SCRAP else at("cap")
        return {
            "percentage": f"=IF({total}>0,{coc}/{total},0)",
            "with-alloying": f"=IF({total}>0,{coc}/({total}+{sheet}{at('alloying-in')}),0)",
            "own-cap": f"=MIN(IF({total}>0,FLOOR(ROUND({coc}*{at('out')}/{total},6),1),0),{coc},{at('out')})",
            "cap": f"={self._shared_cap(column, coc)}",
            "drawn-from-carry": f"=MIN({at('carried-in')},{wanted})",
            "drawn-from-cap": f"=MIN({closing},{wanted}-{at('drawn-from-carry')})",
            "positive-balance": f"={closing}-{at('drawn-from-cap')}",
            "expires": f"={at('carried-in')}-{at('drawn-from-carry')}",
            "overdraft": f"={wanted}-{at('drawn-from-carry')}-{at('drawn-from-cap')}",
            "overdraft-limit": f"=FLOOR(ROUND({LIMIT}*{at('coc-in')},6),1)",
            "available": f"={at('cap')}+{at('carried-in')}-{at('overdraft-in')}-{at('issued')}-{at('expired')}",
        }[term]

    def _shared_cap(self, column: str, coc: str) -> str:
        """The own cap within what the other account has used of the CoC input that both share (R22)."""
        own = self.cell("own-cap", column)
        if not self.other:
            return own
        theirs = {
            term: f"'{self.other}'!{self.cell(term, column)}"
            for term in ("own-cap", "cap", "issued", "overdraft-in", "carried-in")
        }
        wanted = f"MAX({theirs['issued']}+{theirs['overdraft-in']}-{theirs['carried-in']},0)"
        return f"MIN({own},{coc}-MIN({theirs['cap' if self.account == SCRAP else 'own-cap']},{wanted}))"

    def raw_sum(self, kind: str, month: str = "") -> str:
        """Sum over the raw records, voids taken off; `month` is the address of the cell with the month."""
        if kind == "other-in":
            return f"{self._signed('lots', 'P', kind, month)}-({self._signed('lots', 'Q', kind, month)})"
        sheet, column = {
            "coc-in": ("lots", "Q"), "alloying-in": ("lots", "P"), "out": ("shipments", "M"), "issued": ("documents", "K")
        }[kind]  # fmt: skip
        return self._signed(sheet, column, kind, month)

    def _signed(self, sheet: str, column: str, kind: str, month: str) -> str:
        account, months = {"lots": ("K", "E"), "shipments": ("K", "E"), "documents": ("J", "G")}[sheet]
        criteria = {
            "coc-in": (("O", '"input"'),), "other-in": (("O", '"input"'),), "alloying-in": (("O", '"alloying"'),),
            "out": (("L", '"output"'),), "issued": (("C", '"out"'),),
        }[kind]  # fmt: skip
        parts = [(account, "$C$2"), *criteria, *([(months, month)] if month else [])]

        def total(sign: int) -> str:
            pairs = ",".join(f"{self._range(sheet, name)},{wanted}" for name, wanted in [*parts, ("B", str(sign))])
            return f"SUMIFS({self._range(sheet, column)},{pairs})"

        return f"{total(1)}-{total(-1)}"

    def posted_sum(self, kind: str, month: str = "") -> str:
        """Sum over the ledger."""
        parts = [("C", "$C$2"), ("D", f'"{kind}"'), *([("E", month)] if month else [])]
        pairs = ",".join(f"{self._range('postings', name)},{wanted}" for name, wanted in parts)
        return f"SUMIFS({self._range('postings', 'F')},{pairs})"

    def _range(self, sheet: str, column: str) -> str:
        return f"{sheet}!${column}$2:${column}${max(self.sizes[sheet], 2)}"

    def _month(self, number: int) -> list[Cell]:
        month, row = self.months[number], MONTHS + number
        told, posted = self._kinds(self.raw_months, month), self._kinds(self.ledger_months, month)
        cells = [Cell(month, style="words")]
        cells += [Cell(told[kind], f"={self.raw_sum(kind, f'$A{row}')}", "live") for kind in RAW_KINDS]
        cells += [Cell(posted[kind], f"={self.posted_sum(kind, f'$A{row}')}", "live") for kind in RAW_KINDS]
        pairs = ",".join(f"{one}{row}={other}{row}" for one, other in zip("BCDEF", "GHIJK", strict=True))
        cells.append(Cell(OK if told == posted else DIFFERS, f'=IF(AND({pairs}),"{OK}","{DIFFERS}")', "check"))
        percentage, cap, available = self._to_date(number)
        sheet = f"'{self.feeder}'!" if self.feeder != self.account else ""
        coc, other = (f"SUM({sheet}{column}${MONTHS}:{column}{row})" for column in "BC")
        out = f"SUM(E${MONTHS}:E{row})"
        return [
            *cells,
            Cell(float(percentage), f"=IF({coc}+{other}>0,{coc}/({coc}+{other}),0)", "live_share"),
            Cell(cap, f"=MIN(IF({coc}+{other}>0,FLOOR(ROUND({coc}*{out}/({coc}+{other}),6),1),0),{coc},{out})", "live"),
            Cell(available, self._available_to_date(row, coc), "live"),
        ]

    def _available_to_date(self, row: int, coc: str) -> str:
        """Formula of the availability up to the end of a month, within what the other account has used by then (F7, R22)."""

        def wanted(sheet: str) -> str:
            return f"{sheet}{self.cell('overdraft-in')}-{sheet}{self.cell('carried-in')}+SUM({sheet}F${MONTHS}:F{row})"

        cap = f"N{row}"
        if self.other:
            there = f"'{self.other}'!"
            theirs = f"{there}N{row}"
            if self.account == SCRAP:
                theirs = f"MIN({theirs},{coc}-MIN(N{row},MAX({wanted('')},0)))"
            cap = f"MIN(N{row},{coc}-MIN({theirs},MAX({wanted(there)},0)))"
        return f"={cap}-({wanted('')})"

    def _to_date(self, number: int) -> tuple[Fraction, int, int]:
        """Input percentage, cap of the own output and availability up to the end of a month (F7)."""
        sums = {}
        for name in MASSES:
            months = [self.raw_months.get(name, {}).get(month, {}) for month in self.months[: number + 1]]
            sums[name] = {
                **self.mine[name], **{kind: sum(month.get(kind, 0) for month in months) for kind in RAW_KINDS}, "expired": 0
            }  # fmt: skip
        found = calc_balances(sums)[self.account]
        return found.percentage or Fraction(0), found.own_cap, found.available

    def _kinds(self, found: Mapping[str, Mapping[str, Mapping[str, int]]], month: str) -> dict[str, int]:
        return {kind: found.get(self.account, {}).get(month, {}).get(kind, 0) for kind in RAW_KINDS}

    def _total(self) -> list[Cell]:
        """Sums of the months, checked against the year."""
        last, row = MONTHS + len(self.months) - 1, MONTHS + len(self.months)
        cells = [Cell(text("audit-sheet.total", "en") + " · " + text("audit-sheet.total", "zh"), style="head")]
        good = True
        for source, columns in ((self.raw_months, "BCDEF"), (self.ledger_months, "GHIJK")):
            for kind, column in zip(RAW_KINDS, columns, strict=True):
                value = sum(self._kinds(source, month)[kind] for month in self.months)
                good &= value == (self.raw if source is self.raw_months else self.figures[self.account]).sums[kind]
                cells.append(Cell(value, f"=SUM({column}{MONTHS}:{column}{last})", "live"))
        pairs = ",".join(
            f"{column}{row}={self.cell(kind, term)}"
            for columns, term in (("BCDEF", "D"), ("GHIJK", "E"))
            for kind, column in zip(RAW_KINDS, columns, strict=True)
        )
        return [*cells, Cell(OK if good else DIFFERS, f'=IF(AND({pairs}),"{OK}","{DIFFERS}")', "check")]


_HEADINGS = ("term-en", "term-zh", "formula", "raw", "ledger", "program", "check")
_MONTHLY = (
    "month", "raw-coc-in", "raw-other-in", "raw-alloying-in", "raw-out", "raw-issued", "ledger-coc-in", "ledger-other-in",
    "ledger-alloying-in", "ledger-out", "ledger-issued", "check", "percentage-to-date", "cap-to-date", "available-to-date",
)  # fmt: skip


def _values(found: Balance) -> dict[str, int | Fraction]:
    settled = found.settlement
    return {
        **{kind: found.sums[kind] for kind in TERMS if kind in KINDS}, "percentage": found.percentage or Fraction(0),
        "with-alloying": found.with_alloying or Fraction(0), "own-cap": found.own_cap, "cap": found.cap, "drawn-from-carry": settled.drawn_from_carry,
        "drawn-from-cap": settled.drawn_from_current, "positive-balance": settled.positive_balance, "expires": settled.expired,
        "overdraft": settled.overdraft, "overdraft-limit": found.overdraft_limit, "available": found.available,
    }  # fmt: skip


def _number(value: int | Fraction) -> int | float:
    return value if isinstance(value, int) else float(value)
