"""Findings on documents and on who may stand behind them: duplicates, certificates, due diligence, fields, numbering."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from pcf.catalogue import Catalogue
from pcf.custody.audit.finding import MAJOR, MINOR, OBSERVATION, Finding, find
from pcf.custody.audit.numbering import find_gaps
from pcf.custody.audit.raw import lot_account
from pcf.custody.audit.view import Row, View, details, document_name
from pcf.custody.lots import DOCUMENTED, OWN_METAL
from pcf.custody.origins import DOUBTFUL, IMPOSSIBLE, origin_of


def find_duplicates(view: View) -> Iterator[Finding]:
    """One document or ticket under two spellings (R01)."""
    papers: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in view.documents("in"):
        papers[(row["party"], _plain(row["reference"]))].append(row)
    for rows in papers.values():
        for row in rows[1:]:
            same = row["issuer"] == rows[0]["issuer"]
            yield find(
                MAJOR if same else MINOR, "R01", document_name(row), "duplicate-document", other=document_name(rows[0]),
                party=view.name(row["party"]),
            )  # fmt: skip
    tickets: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in view.live("lot"):
        tickets[(row["site"], _plain(row["ticket"]))].append(row)
    for rows in tickets.values():
        for row in rows[1:]:
            yield find(
                MINOR, "R01", row["unit"], "duplicate-ticket", ticket=row["ticket"], other=rows[0]["unit"],
                other_ticket=rows[0]["ticket"],
            )  # fmt: skip


def _plain(reference: str) -> str:
    """A reference without letter case, width, and signs between its letters and digits."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", reference).casefold())


def find_certificates(view: View) -> Iterator[Finding]:
    """Certificates on the day they are relied on (R02)."""
    for row in view.documents("in"):
        name = document_name(row)
        valid = _valid(view, row["issuer"], row["date"], row["party"])
        if valid is None:
            yield find(
                MAJOR, "R02", name, "certificate-in", certificate=row["issuer"], date=row["date"], party=view.name(row["party"])
            )
        elif not (checked := details(valid).get("checked_on")):
            yield find(MINOR, "R02", name, "certificate-unchecked", certificate=row["issuer"], party=view.name(row["party"]))
        elif checked > row["date"]:
            yield find(
                OBSERVATION, "R02", name, "certificate-checked-late", certificate=row["issuer"], checked=checked, date=row["date"]
            )  # fmt: skip
    number = view.rows["scope"][0]["certificate"]
    for row in view.documents("out"):
        if _valid(view, row["issuer"], row["date"]) is None:
            yield find(MAJOR, "R02", document_name(row), "certificate-out", certificate=row["issuer"], date=row["date"])
        elif row["issuer"] not in view.certificates:
            yield find(MAJOR, "R02", document_name(row), "certificate-foreign", certificate=row["issuer"], own=number or "–")
    if number is None:
        yield find(MINOR, "R02", view.scope, "scope-uncertified")
    else:
        for day in (view.span.start, view.span.end):
            if _valid(view, number, day) is None:
                yield find(OBSERVATION, "R02", view.scope, "scope-certificate", certificate=number, date=day)


def _valid(view: View, number: str, day: str, holder: str | None = None) -> Row | None:
    for row in view.rows["certificate"]:
        if row["number"] == number and row["valid_from"] <= day <= row["valid_until"] and holder in (None, row["holder"]):
            return row
    return None


def find_fields(view: View) -> Iterator[Finding]:
    """Documents without a mandatory field (R03), values without what they are worth nothing without (R18, R19)."""
    for row in view.documents("in"):
        more = details(row)
        missing = [name for name in ("customer", "responsible", "conformance") if not more.get(name)]
        yield from _missing(row, missing)
        if more.get("recycled_content") and not more.get("recycled_content_method"):
            yield find(MINOR, "R18", document_name(row), "content-without-method")
    for row in view.documents("out"):
        more = details(row)
        missing = [] if more.get("responsible") else ["responsible"]
        for who in ("issuer_party", "customer"):
            party = more.get(who) or {}
            missing += [f"{who} {field}" for field in ("name", "address") if not _field(party, field)]
        yield from _missing(row, missing)
        if more.get("footprint") and not all(more.get(f"footprint_{name}") for name in ("boundary", "period", "verifier")):
            yield find(MINOR, "R19", document_name(row), "footprint-alone")


def _missing(row: Row, names: list[str]) -> Iterator[Finding]:
    if names:
        yield find(MINOR, "R03", document_name(row), "document-fields", fields=", ".join(names))


def _field(party: Row, name: str) -> str:
    if name == "name":
        return str(party.get("name") or "")
    return str(details({"details": party.get("details") or "{}"}).get(name) or "")


def find_numbering(view: View) -> Iterator[Finding]:
    """Numbers of issued documents that nobody has (R03)."""
    for gap in find_gaps(view):
        name = f"{gap.series}{gap.first}" + (f"–{gap.last}" if gap.last > gap.first else "")
        yield find(MINOR, "R03", f"out/{gap.issuer}/{gap.series}", "numbering-gap", missing=name)


def find_eligibility(view: View) -> Iterator[Finding]:
    """Lots that count as CoC material without the paper that makes them so (R04, R06, R07)."""
    papers = {(row["issuer"], row["reference"]): row for row in view.documents("in")}
    used: dict[tuple[str, str], int] = defaultdict(int)
    for row in view.live("lot"):
        name = (row["document_issuer"], row["document_reference"])
        used[name] += row["coc_kg"]
        if not row["coc_kg"] or row["asi_class"] not in DOCUMENTED:
            continue
        if name in papers:
            account = papers[name]["account"]
            metal = lot_account(row, view.units[row["unit"]])
            if account not in DOCUMENTED[row["asi_class"]] or (row["asi_class"] == "coc" and account != metal):
                yield find(
                    MAJOR, "R06", row["unit"], "document-material", document=f"in/{name[0]}/{name[1]}", account=account,
                    asi_class=row["asi_class"],
                )  # fmt: skip
        elif name[1] is not None:
            yield find(MAJOR, "R06", row["unit"], "document-unknown", document=f"in/{name[0]}/{name[1]}")
        else:
            yield from _without_document(view, row)
    for name, kg in sorted(item for item in used.items() if item[0] in papers):
        covered = papers[name]["coc_kg"]
        if kg > covered:
            yield find(MAJOR, "R04", f"in/{name[0]}/{name[1]}", "document-overspent", used=kg, covered=covered)


def find_classes(view: View, catalogue: Catalogue) -> Iterator[Finding]:
    """Lots whose class is not that of their material: an older book may hold what is refused by now."""
    for row in view.live("lot"):
        material = view.units[row["unit"]]["material"]
        origin = origin_of(catalogue, material)
        fields = {"content_class": row["content_class"], "material": material, "origin": origin}
        if row["content_class"] in IMPOSSIBLE.get(origin, ()):
            yield find(MAJOR, "R25", row["unit"], "class-impossible", **fields)
        elif row["content_class"] in DOUBTFUL.get(origin, ()):
            yield find(OBSERVATION, "R25", row["unit"], "class-doubtful", **fields)


def _without_document(view: View, row: Row) -> Iterator[Finding]:
    unit, more = view.units[row["unit"]], details(row)
    if row["asi_class"] == "eligible-scrap" and row["content_class"] == "pre-consumer":
        yield find(MAJOR, "R06", row["unit"], "pre-without-document", mass=row["coc_kg"])
    elif row["asi_class"] == "eligible-scrap":
        number = more.get("due_diligence")
        passed = any(
            check["id"] == number and check["party"] == row["supplier"] and check["result"] == "passed"
            and check["date"] <= unit["date"] <= check["valid_until"]
            for check in view.rows["due_diligence"]
        )  # fmt: skip
        if not passed:
            yield find(
                MAJOR, "R07", row["unit"], "without-diligence", party=view.name(row["supplier"]), date=unit["date"],
                mass=row["coc_kg"],
            )  # fmt: skip
    elif unit["material"] not in OWN_METAL or row["supplier"] not in {site["party"] for site in view.rows["site"]}:
        yield find(MAJOR, "R06", row["unit"], "coc-without-document", mass=row["coc_kg"])


CHECKS = (find_duplicates, find_certificates, find_fields, find_numbering, find_eligibility)
