"""The page and the note that lead a person through an evidence pack: plain, printable, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pcf.custody.audit.figures import long_per_cent
from pcf.custody.audit.findings import Audit
from pcf.custody.audit.parts import Part
from pcf.custody.audit.parts_ledger import figures_of
from pcf.custody.audit.view import View
from pcf.custody.rules import rules
from pcf.text import text, visible

README_LINES = 9
"""Lines of the note, `audit-readme.1` and on."""

_STYLE = (
    "body{font-family:system-ui,'Noto Sans','Noto Sans CJK SC',sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;line-height:1.45}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{border:1px solid #b8c0c8;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:break-word}th{background:#eef2f6;vertical-align:bottom}td.s,th.s,td.n,.file{white-space:nowrap}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.l{overflow-wrap:anywhere;min-width:10rem}td.w{min-width:14rem}"
    ".major{font-weight:bold;color:#9b1c1c}.minor{color:#8a4b00}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f8fa;padding:.5rem}code{background:#f6f8fa;padding:0 .2rem}"
    "@media print{body{margin:0;max-width:none}.wide{overflow:visible}tr{break-inside:avoid}}"
)

SHORT, NUMBER, ID, TEXT = "s", "n", "l", "w"
"""Columns of words that are never broken, of numbers, of ids that may be long, and of sentences."""


def make_page(view: View, found: Audit, parts: Sequence[Part], head: str, key: str, lang: str) -> str:
    """The overview of a pack as HTML."""
    title = text("audit-page.title", lang, scope=view.scope, period=view.span.id)
    state = text("audit-page.closed" if view.span.closed else "audit-page.open", lang)
    body = [
        f"<h1>{_safe(title)}</h1>",
        f"<p>{_safe(text('audit-page.span', lang, start=view.span.start, end=view.span.end, state=state))}</p>",
        f"<p>{_safe(_counted(found, lang))}</p>",
        f"<h2>{_safe(text('audit-page.accounts', lang))}</h2>", _accounts(view, lang),
        f"<h2>{_safe(text('audit-page.findings', lang))}</h2>", _findings(found, lang),
        f"<h2>{_safe(text('audit-page.parts', lang))}</h2>", _parts(parts, lang),
        f"<h2>{_safe(text('audit-page.rules', lang))}</h2>", f"<p>{_safe(text('audit-page.indicative', lang))}</p>", _rules(lang),
        f"<h2>{_safe(text('audit-page.verify', lang))}</h2>", f"<p>{_code(text('audit-page.how', lang))}</p>",
        f"<pre>{_safe(head)}</pre>", f"<p>{_safe(text('audit-page.key', lang))}</p>", f"<pre>{_safe(key)}</pre>",
    ]  # fmt: skip
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{_safe(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def make_readme(view: View, key: str, lang: str) -> str:
    """What the files are and how they are checked, as a plain text."""
    fields = {"scope": view.scope, "period": view.span.id, "start": view.span.start, "end": view.span.end, "vkey": key}
    lines = (text(f"audit-readme.{number}", lang, **fields) for number in range(1, README_LINES + 1))
    return "".join(f"{visible(line, keep='')}\n\n" for line in lines)


def _counted(found: Audit, lang: str) -> str:
    counts = {name: f"{number:,}" for name, number in found.counts.items()}
    back = sum(1 for item in found.traces if item.direction == "backward")
    return text("audit-page.counted", lang, back=back, onward=len(found.traces) - back, seed=found.seed, **counts)


def _accounts(view: View, lang: str) -> str:
    heads = ("account", "percentage", "with-alloying", "cap", "issued", "carried", "available", "positive", "overdraft")
    rows = []
    for name, found in figures_of(view).items():
        if not any(found.sums.values()):
            continue
        numbers = (
            found.cap, found.sums["issued"], found.sums["carried-in"], found.available, found.settlement.positive_balance,
            found.settlement.overdraft,
        )  # fmt: skip
        shares = (long_per_cent(found.percentage) or "–", long_per_cent(found.with_alloying) or "–")
        rows.append([_safe(cell) for cell in (text(f"account.{name}", lang), *shares, *(f"{number:,}" for number in numbers))])
    return _table([text(f"audit-page.head-{head}", lang) for head in heads], rows, [SHORT, *[NUMBER] * 8])


def _findings(found: Audit, lang: str) -> str:
    if not found.findings:
        return f"<p>{_safe(text('audit-page.none', lang))}</p>"
    heads = [text(f"audit-page.head-{head}", lang) for head in ("severity", "rule", "record", "finding")]
    known = rules()
    rows = [
        [_safe(cell) for cell in (
            text(f"audit.{item.severity}", lang), _marked(item.rule, known[item.rule].indicative, lang) if item.rule else "",
            item.record, item.sentence(lang),
        )]
        for item in found.findings
    ]  # fmt: skip
    return _table(heads, rows, [SHORT, SHORT, ID, TEXT], [item.severity for item in found.findings])


def _parts(parts: Sequence[Part], lang: str) -> str:
    heads = [text(f"audit-page.head-{head}", lang) for head in ("part", "answers", "files")]
    rows = []
    for part in parts:
        files = ", ".join(f'<span class="file">{_safe(table.name)}.csv ({len(table.rows):,})</span>' for table in part.tables)
        title = f"{part.number} {text(f'audit-part.{part.number}', lang)}"
        rows.append([_safe(title), _safe(text(f"audit-answer.{part.number}", lang)), files])
    return _table(heads, rows, ["", TEXT, ""])


def _rules(lang: str) -> str:
    heads = [text(f"audit-page.head-{head}", lang) for head in ("rule", "says", "standard", "status")]
    rows = []
    for rule in rules().values():
        standard = " ".join(filter(None, (rule.standard, rule.version, rule.criterion)))
        status = text("audit-page.is-indicative" if rule.indicative else "audit-page.is-verified", lang)
        rows.append([_safe(cell) for cell in (rule.id, rule.names[lang], standard or text("audit-page.own", lang), status)])
    return _table(heads, rows, [SHORT, TEXT, SHORT, SHORT])


def _marked(rule: str, indicative: bool, lang: str) -> str:
    return f"{rule} ({text('audit-page.is-indicative', lang)})" if indicative else rule


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[str], lines: Sequence[str] | None = None
) -> str:
    """A table of cells that are markup already; `columns` and `lines` are the classes of its columns and lines."""

    def line(tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="{column}">{cell}</{tag}>' if column else f"<{tag}>{cell}</{tag}>"
            for cell, column in zip(cells, columns, strict=True)
        )

    body = "".join(
        f'<tr class="{lines[place]}">{line("td", row)}</tr>\n' if lines else f"<tr>{line('td', row)}</tr>\n"
        for place, row in enumerate(rows)
    )
    return f'<div class="wide"><table>\n<tr>{line("th", [_safe(head) for head in heads])}</tr>\n{body}</table></div>'


def _code(value: str) -> str:
    """A sentence whose commands stand between grave accents."""
    parts = _safe(value).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _safe(value: str) -> str:
    return escape(visible(value), quote=True)
