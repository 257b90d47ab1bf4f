"""The issuer's own file: who issues, where certificates are published, what the products are called outside, which flows he has assessed.

Nothing of it can be known to the program, and nothing of it is filled in by default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pcf.catalogue import Catalogue
from pcf.catalogue.files import read_yaml
from pcf.catalogue.records import ChecklistItem, Marks, Quantity
from pcf.certificate.texts import check_text
from pcf.errors import DataError, InputError
from pcf.exchange.pact_company import Company, company_of

SCHEMA = "pcf/issuer-profile/1"
NAME = "issuer.yaml"
"""Name of the file in the state folder."""


_BASE = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?/(?:[A-Za-z0-9._~-]+/)*")


def _printable(value: str) -> str:
    try:
        return check_text(value, "text")
    except InputError as problem:
        raise ValueError(f"{problem.expected}, without {problem.found}") from None


def _base(value: str) -> str:
    if len(value) > 120 or not _BASE.fullmatch(value):
        raise ValueError("an address https://…/ of at most 120 characters")
    return value


Words = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]


_SAID = {"missing": "a value", "extra_forbidden": "no such field"}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pair(_Part):
    """A text in both languages."""

    en: Words
    zh: Words


class Assurance(_Part):
    """Who verified the results, if anybody did."""

    level: Literal["limited", "reasonable"]
    verifier: Words
    report: Words


class Goods(_Part):
    """A product as it is sold: alloy standard, customs code, identifiers."""

    standard: Words
    commodity_code: Annotated[str, Field(max_length=20)] | None = None
    description: Words
    ids: tuple[str, ...]
    classifications: tuple[str, ...] = ()


class Packaging(_Part):
    """Whether packaging is inside the footprint."""

    included: bool
    kgCO2e_per_t: Annotated[float, Field(ge=0)] | None = None  # noqa: N815 (the unit as it is written)


class Flow(_Part):
    """A flow that the shipped checklist leaves open, as the issuer has assessed it [kgCO2e per t of the process's reference flow]."""

    process: Annotated[str, Field(max_length=60)]
    flow: Annotated[str, Field(max_length=80)]
    kgCO2e_per_t: Annotated[float, Field(ge=0, le=1e6)]  # noqa: N815 (the unit as it is written)
    source: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
    year: Annotated[int, Field(ge=1990, le=2100)]
    geography: Words


class Profile(_Part):
    """What an issuer has to say of himself and his products; with `four_eyes` one drafts a certificate, and another releases it."""

    schema_: Annotated[Literal["pcf/issuer-profile/1"], Field(alias="schema")]
    name: Pair
    address: Pair
    identifier: Words
    contact: Words | None = None
    company_ids: tuple[str, ...]
    verify: Annotated[str, AfterValidator(_base)]
    publish: Annotated[str, AfterValidator(_base)]
    packaging: Packaging
    products: dict[str, Goods]
    assurance: Assurance | None = None
    flows: Annotated[tuple[Flow, ...], Field(max_length=5)] = ()
    standards: Annotated[tuple[Words, ...], Field(max_length=5)] = ()
    four_eyes: bool = False

    def goods(self, product: str) -> Goods:
        """What a product is called outside.

        Raises
        ------
        InputError
            For one that the file does not have.
        """
        if product not in self.products:
            raise InputError(f"{NAME}, products", f"no {product}", f"standard, description and ids of {product}")
        return self.products[product]

    def company(
        self, product: str, custody_model: str, start: str, until: str, comment: str, preceding: Sequence[str] = ()
    ) -> Company:  # fmt: skip
        """The company data of an exchanged footprint, from the same file.

        Parameters
        ----------
        start, until : str
            First day of its validity, and the day after the last one.
        comment : str
            What is said of the footprint beside its figures.
        preceding : sequence of str
            Ids of the footprints that it takes the place of.
        """
        goods = self.goods(product)
        content: dict[str, Any] = {
            "schema": "pcf/exchange-company/1",
            "company": {"name": self.name.en, "ids": list(self.company_ids)},
            "product": {
                "name": f"{product}, {goods.standard}", "description": goods.description, "ids": list(goods.ids),
                "classifications": list(goods.classifications),
            },
            "packaging": self.packaging.model_dump(exclude_none=True),
            "custody_model": custody_model,
            "comment": comment, "preceding": list(preceding),
            "validity": {"start": date.fromisoformat(start), "end": date.fromisoformat(until)},
        }  # fmt: skip
        return company_of(content, NAME)


def read_profile(path: Path) -> Profile:
    """Read an issuer's file.

    Raises
    ------
    DataError
        With every field that is missing, unknown or wrong.
    InputError
        For what is no such file.
    """
    content = read_yaml(path, path.name)
    if not isinstance(content, dict):
        raise InputError(path.name, type(content).__name__, f"a mapping with `schema: {SCHEMA}`")
    try:
        return Profile.model_validate(content)
    except ValidationError as problem:
        raise DataError([
            InputError(
                f"{path.name}, {'.'.join(str(part) for part in error['loc']).replace('schema_', 'schema')}",
                "nothing" if error["type"] == "missing" else repr(error["input"])[:60],
                _SAID.get(error["type"]) or error["msg"].removeprefix("Value error, "),
            )
            for error in problem.errors()
        ]) from None  # fmt: skip


def assess_flows(catalogue: Catalogue, profile: Profile) -> Catalogue:
    """The catalogue with the flows that the issuer has assessed: they count as left out, by his estimate.

    Raises
    ------
    InputError
        For a flow that no checklist leaves open: an estimate that is there already is nobody's to replace.
    """
    from dataclasses import replace

    processes = dict(catalogue.processes)
    for number, flow in enumerate(profile.flows, start=1):
        place = f"{NAME}, flows line {number}"
        process = processes.get(flow.process)
        known = [item.flow for item in process.checklist if item.status == "unknown"] if process else []
        if process is None or flow.flow not in known:
            raise InputError(place, f"{flow.process}: {flow.flow}", f"a flow that is open: {', '.join(known) or 'there is none'}")
        marks = Marks("issuer", str(flow.year), flow.geography, "assumed", "secondary", "none", flow.source)
        estimate = Quantity(flow.kgCO2e_per_t / 1000, "kgCO2e/t", 0.001, marks)
        checklist = tuple(
            ChecklistItem(item.flow, "omitted", estimate, flow.source) if item.flow == flow.flow else item
            for item in process.checklist
        )
        processes[flow.process] = replace(process, checklist=checklist)
    changed = replace(catalogue, processes=processes)
    changed.__dict__["bases"] = catalogue.bases  # no derived name is new
    return changed
