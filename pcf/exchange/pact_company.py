"""What a footprint document does not know: who hands the footprint on, for which product, and how long it holds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pcf.catalogue.files import read_yaml
from pcf.custody.models import MODELS
from pcf.errors import DataError, InputError
from pcf.text import visible

SCHEMA = "pcf/exchange-company/1"

URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[A-Za-z0-9(),\-.:=@;$_!*'%/?&~]+", re.IGNORECASE | re.ASCII)
"""RFC 8141, without `#` and `+`: values of a filter travel unencoded in addresses."""

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
COC_MODELS = ("none", *MODELS)
EXAMPLE_SCHEMA = "https://example.org/pcf/pact-aluminium-1.schema.json"
"""Address of the extension's schema when nobody names one: a domain that nobody owns."""


def _urn(value: str) -> str:
    if not URN.fullmatch(value):
        raise ValueError("a URN such as urn:pact:example.com:product-id:4711, without # or +")
    return value


def _words(value: str) -> str:
    if not value.strip() or visible(value, keep="") != value:
        raise ValueError("a text of visible characters")
    return value.strip()


def _uuid(value: str) -> str:
    if not UUID.fullmatch(value.lower()):
        raise ValueError("a UUID")
    return value.lower()


def _model(value: str) -> str:
    if value not in COC_MODELS:
        raise ValueError(f"one of: {', '.join(COC_MODELS)}")
    return value


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[!-~]{4,500}", value):
        raise ValueError("an https address")
    return value


Words = Annotated[str, Field(max_length=500), AfterValidator(_words)]
Urns = Annotated[tuple[Annotated[str, AfterValidator(_urn)], ...], Field(min_length=1, max_length=50)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Organisation(_Part):
    """Who answers for the footprint."""

    name: Words
    ids: Urns


class Goods(_Part):
    """The product under the company's own name."""

    name: Words
    description: Words
    ids: Urns
    classifications: Annotated[tuple[Annotated[str, AfterValidator(_urn)], ...], Field(max_length=50)] = ()


class Span(_Part):
    """A span of days: first day included, last one not."""

    start: date
    end: date


class Packaging(_Part):
    """Whether packaging is inside the footprint, and how much it is [kgCO2e per t of product]."""

    included: bool
    kgCO2e_per_t: Annotated[float, Field(ge=0)] | None = None  # noqa: N815 (the unit as it is written)


class Verification(_Part):
    """Who has verified the footprint; `statement` is the number of the statement."""

    coverage: Literal["PCF calculation model", "PCF program", "product level"]
    provider: Words
    completed: date
    standard: Words
    statement: Words | None = None
    comments: Words | None = None


class Geography(_Part):
    """Where the footprint holds, in place of the site's own place."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    subdivision: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = None
    region: Words | None = None


class Catenax(_Part):
    """What Catena-X asks for beyond PACT."""

    waste_incineration: Literal["cut-off", "reverse cut-off", "system expansion", "polluter pays principle"]
    legal_statement: Words | None = None


class Material(_Part):
    """What the aspect of secondary material asks for; `automotive_percent` is of the post-consumer metal."""

    order_number: Words
    material_class: Words
    standard: Literal["AISI", "AS", "ASME", "DIN", "DIN EN", "EN", "JASO", "JIS", "GB", "ISO", "IS"]
    standard_id: Words
    name: Words
    net_kg: Annotated[float, Field(gt=0, le=1e9)]
    gross_kg: Annotated[float, Field(gt=0, le=1e9)]
    automotive_percent: Annotated[float, Field(ge=0, le=100)]


class Company(_Part):
    """Everything that a footprint document does not know."""

    schema_: Annotated[Literal["pcf/exchange-company/1"], Field(alias="schema")]
    company: Organisation
    product: Goods
    packaging: Packaging
    custody_model: Annotated[str, AfterValidator(_model)]
    period: Span | None = None
    validity: Span | None = None
    geography: Geography | None = None
    verification: Verification | None = None
    preceding: Annotated[tuple[Annotated[str, AfterValidator(_uuid)], ...], Field(max_length=100)] = ()
    comment: Words | None = None
    extension_schema: Annotated[str, AfterValidator(_https)] = EXAMPLE_SCHEMA
    catenax: Catenax | None = None
    material: Material | None = None


def read_company(path: Path) -> Company:
    """Read a company file (YAML or JSON).

    Raises
    ------
    DataError
        With every field that is missing, unknown or wrong.
    """
    return company_of(read_yaml(path, path.name), path.name)


def company_of(content: Any, place: str) -> Company:
    """The company data of a document; see `read_company`."""
    if not isinstance(content, dict):
        raise InputError(place, type(content).__name__, f"a mapping with `schema: {SCHEMA}`")
    try:
        return Company.model_validate(content)
    except ValidationError as problem:
        found = [
            InputError(
                f"{place}, {'.'.join(str(part) for part in error['loc']).replace('schema_', 'schema')}",
                "nothing" if error["type"] == "missing" else repr(error["input"])[:60],
                error["msg"].removeprefix("Value error, ").replace("Extra inputs are not permitted", "no such field"),
            )
            for error in problem.errors()
        ]
        raise DataError(found) from None
