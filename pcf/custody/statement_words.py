"""Statements of recycled content in sentences, by standard."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from pcf.custody.ledger import POST, PRE
from pcf.custody.rules import setting
from pcf.custody.wording import cut_percent, word_rules
from pcf.text import text

if TYPE_CHECKING:
    from pcf.custody.statements import Claimed, Statement

Say = Callable[..., str]


def word_statement(found: Statement, language: str) -> list[str]:
    """The statement for people; of a void claim nothing but that it is void.

    Parameters
    ----------
    found : Statement
    language : str
        `en` or `zh`.
    """

    def say(key: str, **fields: object) -> str:
        return text(f"statement.{key}", language, **fields)

    sent = found.shipment
    if found.void is not None:
        return [say("void", claim=found.claim, shipment=sent["id"], **found.void)]
    names = {name: sent[name] for name in ("id", "date", "delivery_note")}
    lines = [
        say("heading", claim=found.claim, mass=f"{sent['mass_kg']:,}", **names),
        say("aligned", standard=found.edition.standard, edition=found.edition.version),
        *([say("indicative")] if found.indicative else []),
        *(_word_share(found, attribute, say) for attribute in (POST, PRE)),
        *_word_standard(found, say),
        say("custody-model", model=text(f"custody-model.{found.model.id}", language)),
        say("method"),
    ]
    headings: dict[tuple[str, ...], list[str]] = {}
    for attribute in (POST, PRE):
        if attribute in found.parts:
            heading, *rest = _word_evidence(found, found.parts[attribute], say, language)
            headings.setdefault(tuple(rest), []).append(heading)
    for rest_of, of_claims in headings.items():  # two claims on one basis rest on the same: it is said once
        lines += [*of_claims, *rest_of]
    return [*lines, word_rules(found.rules, language)]


def _word_share(found: Statement, attribute: str, say: Say) -> str:
    named = say(attribute)
    part = found.parts.get(attribute)
    if part is None:
        return say("not-claimed", attribute=named)
    return say(
        f"share-{part.basis}", attribute=named, share=cut_percent(part.share), mass=f"{part.mass_kg:,}",
        whole=f"{found.shipment['mass_kg']:,}", claim=part.claim,
    )  # fmt: skip


def _word_standard(found: Statement, say: Say) -> list[str]:
    """What the standard of the wording asks to be said beside the shares."""
    shares = {name: found.parts[name].share if name in found.parts else Fraction(0) for name in (POST, PRE)}
    if found.standard == "scs-103":
        total = sum(shares.values(), Fraction(0))
        return [say("scs", total=cut_percent(total), least=cut_percent(setting("scs-floor")))]
    if found.standard == "en-45557":
        rest = Fraction(found.rest_kg, found.shipment["mass_kg"])
        return [
            say("en-shares", post=cut_percent(shares[POST]), pre=cut_percent(shares[PRE])),
            say("en-rest", mass=f"{found.rest_kg:,}", share=cut_percent(rest)),
        ]
    return []


def _word_evidence(found: Statement, part: Claimed, say: Say, language: str) -> list[str]:
    of, named = part.evidence, say(part.attribute)
    basis = text(f"content-basis.{part.basis}", language)
    count = f"{of.heat_count:,}"
    lines = [
        say("of-claim", attribute=named, claim=part.claim, date=part.date, basis=basis),
        say(f"content-{part.basis}", post=cut_percent(part.post), pre=cut_percent(part.pre)),
        say("yields", own=f"{of.own_yields:,}", by_class=f"{of.class_yields:,}"),
        say("boundary", boundary=text(f"same-process.{part.boundary}", language)),
        say("period-batch" if part.basis == "batch" else "period", first=of.first, last=of.last, count=count),
        say("account-closed" if found.span.closed else "account-open", period=found.span.id, scope=found.span.scope),
        say("chain", model=text(f"custody-model.{of.model.id}", language), why=_word_steps(part, language)),
    ]  # fmt: skip
    if of.changed_heats:
        lines.append(say("changed", count=f"{of.changed_heats:,}"))
    if found.standard == "ul-2809":
        lines.append(say("ul-name", name=text(f"statement.ul-{part.method or of.model.id}", language)))
        masses = {"charged": f"{of.charged_kg:,}", "credited": f"{of.credited_kg:,}"}
        factor = of.efficiency
        lines.append(say("ul-no-efficiency") if factor is None else say("ul-efficiency", factor=cut_percent(factor), **masses))
    return lines


def _word_steps(part: Claimed, language: str) -> str:
    """The steps that the name comes from: those with the weakest model."""
    last = [step for step, model in part.evidence.steps.items() if model == part.evidence.model.id]
    return text("statement.and", language).join(text(f"statement.step-{step}", language) for step in last)
