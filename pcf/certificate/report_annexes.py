"""The annexes of a report: every parameter, factor, flow and source, and where the figures come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.certificate.pages import Text, plain
from pcf.certificate.report_blocks import Blocks, Cell, Row, row, tonnes, with_under, with_unit


def annexes(made: Blocks) -> None:
    """Parameters, factors, flow checklists, references, provenance."""
    _parameters(made)
    _factors(made)
    _flows(made)
    _references(made)
    _provenance(made)


def _remark(content: str) -> Text:
    """A remark of the data, which has one language."""
    return [{"lang": "en", "text": content}] if content else []


def _source(made: Blocks, entry: Mapping[str, Any]) -> Cell:
    head = ", ".join(filter(None, (str(entry.get(name, "")) for name in ("source", "year", "geography"))))
    return with_under(
        plain(head) if head else made.told("value.none"), _remark(entry.get("locator", "")), _remark(entry.get("note", ""))
    )


def _marks(made: Blocks, entry: Mapping[str, Any]) -> Cell:
    check, kind = entry.get("source_check"), entry.get("data_class")
    first = made.label(f"source-check.{check}") if check else made.told("value.none")
    return with_under(first, made.label(f"data-class.{kind}") if kind else [])


def _named(made: Blocks, name: str) -> Cell:
    title = made.study.titles.get(name)
    return with_under(made.name(title), plain(name)) if title else plain(name)


def _parameters(made: Blocks) -> None:
    made.annex("parameters")
    made.tell("parameters.lead", count=len(made.result["parameters"]))
    found: dict[str, list[Row]] = {}
    for name, entry in made.result["parameters"].items():
        value = entry["value"]
        shown = (
            made.shares(value)
            if isinstance(value, Mapping)
            else plain(with_unit(value, entry["unit"]) if isinstance(value, int | float) else str(value))
        )
        origin = made.label(f"origin.{entry['origin'].replace(' ', '-')}")
        found.setdefault(entry["scope"], []).append(
            row(_named(made, name), with_under(shown, origin), _source(made, entry), _marks(made, entry))
        )
    rows = []
    for scope, lines in found.items():
        rows += [row(made.told("value.part", place=made.place(scope)), kind="group"), *lines]
    made.table("parameters", [
        (made.told("column.parameter"), "50mm", "left"), (made.told("column.value-origin"), "34mm", "left"),
        (made.told("column.source"), "1fr", "left"), (made.told("column.marks"), "24mm", "left"),
    ], rows)  # fmt: skip


def _factors(made: Blocks) -> None:
    made.annex("factors")
    made.tell("factors.lead", count=len(made.result["factors"]))
    rows = []
    for name, entry in made.result["factors"].items():
        gas, edition = entry.get("gas"), entry.get("gwp_edition")
        under = [made.say(f"gas.{gas}")] if gas else []
        if edition:
            under.append(made.told("value.edition-not-stated") if edition == "not stated" else plain(f"GWP100 {edition}"))
        rows.append(
            row(
                _named(made, name),
                with_under(plain(with_unit(entry["value"], entry["unit"])), *under),
                _source(made, entry),
                _marks(made, entry),
            )
        )
    made.table("factors", [
        (made.told("column.factor"), "50mm", "left"), (made.told("column.value-gas"), "34mm", "left"), (made.told("column.source"), "1fr", "left"),
        (made.told("column.marks"), "24mm", "left"),
    ], rows)  # fmt: skip


def _flows(made: Blocks) -> None:
    made.annex("flows")
    made.tell("flows.lead")
    rows: list[Row] = []
    before: Mapping[str, str] | None = None
    for flow in made.study.flows:
        if flow.process != before:
            rows.append(row(made.name(flow.process), kind="group"))
            before = flow.process
        rows.append(row(
            with_under(made.flow(flow.flow), _remark(flow.note)), made.told(f"flow-status.{flow.status}"),
            plain("–" if flow.estimate is None else tonnes(flow.estimate)), made.label(f"source-check.{flow.source_check}") if flow.source_check else plain("–"),
        ))  # fmt: skip
    made.table("flows", [
        (made.told("column.flow"), "1fr", "left"), (made.told("column.status"), "30mm", "left"), (made.told("column.estimate"), "26mm", "right"),
        (made.told("column.check"), "26mm", "left"),
    ], rows)  # fmt: skip


def _references(made: Blocks) -> None:
    made.annex("references")
    made.tell("references.lead")
    rows = []
    for name, entry in made.result["references"].items():
        where = ", ".join(filter(None, (entry["publisher"], entry["year"])))
        rows.append(
            row(
                plain(name),
                with_under(plain(entry["title"] or name), plain(where), _remark(entry["url"]), _remark(entry["note"])),
            )
        )
    made.table(
        "references", [(made.told("column.source-id"), "38mm", "left"), (made.told("column.reference"), "1fr", "left")], rows
    )


def _provenance(made: Blocks) -> None:
    known = made.result["provenance"]
    made.annex("provenance")
    made.tell("provenance.lead")
    made.facts(
        (made.told("label.program"), plain(known["engine"])),
        (made.told("label.data-set"), plain(known["datasets_version"])),
        (made.told("label.data-digest"), plain(f"SHA-256 {known['datasets_sha256']}")),
        (made.told("label.own-digest"), plain(f"SHA-256 {known['own_data_sha256']}")) if known["own_data_sha256"] else None,
        (made.told("label.study-digest"), plain(f"SHA-256 {known['study_sha256']}")) if known["study_sha256"] else None,
        (made.told("label.attached"), plain(f"footprint.json, {made.result['schema']}")),
    )
