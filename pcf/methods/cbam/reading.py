"""Reads an installation's year from YAML or JSON: what is missing is an error, never zero."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pcf.catalogue import nearest
from pcf.catalogue.documents import Document
from pcf.catalogue.files import read_plain, read_yaml_with_lines
from pcf.catalogue.schemas import schema_problems
from pcf.errors import InputError
from pcf.methods.cbam.potlines import read_potline
from pcf.methods.cbam.records import Fuel, Good, Installation, Precursor, Process, Reagent, Stream, Transfer
from pcf.methods.cbam.tables import (
    SCRAP_HEADING,
    category_of,
    constant,
    default_origins,
    default_value,
    headings,
    mark_ups,
    zero_origin,
)

KIND = "cbam-installation"
ENDINGS = (".yaml", ".yml", ".json")
UNALLOYED = "760110"
"""Unwrought aluminium, not alloyed."""

_FACTS = ("operator", "installation", "registry_id", "period", "verified_by")
_BASES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "internal": (frozenset({"from"}), frozenset()),
    "actual": (
        frozenset({"cn", "origin", "see", "default_share", "operator", "installation", "period"}),
        frozenset({"registry_id", "verified_by"}),
    ),
    "default": (frozenset({"cn", "origin"}), frozenset({"default_value", "operator", "installation"})),
    "zero-origin": (frozenset({"cn", "origin"}), frozenset({"operator", "installation", "registry_id", "period"})),
}
"""Basis of a precursor → the fields that it must and may have besides those of every precursor."""


def read_installation(path: Path) -> Installation:
    """Read and check a file.

    Raises
    ------
    InputError
        For the first thing that is not as it should be: place with line, found, expected.
    """
    place = path.name
    if path.suffix.lower() not in ENDINGS:
        raise InputError(place, path.suffix or "no ending", " or ".join(ENDINGS))
    content = read_plain(path, place)
    data, lines = read_yaml_with_lines(path, place)
    if not isinstance(data, dict):
        raise InputError(place, type(data).__name__, f"a mapping with `schema: pcf/{KIND}/1`", "see `pcf cbam template`")
    document = Document(KIND, place, data, lines)
    problems = schema_problems(document)
    if problems:
        first = problems[0]
        # As a person says it: a field of a draft that is still to be filled in.
        raise InputError(first.place, "nothing", first.expected) if first.found.startswith("None is not ") else first
    if data["year"] < min(mark_ups()):
        raise InputError(
            document.where("year"), str(data["year"]), f"{min(mark_ups())} or later", "earlier years have rules of their own"
        )
    processes = tuple(_process(document, number, item) for number, item in enumerate(data["processes"]))
    _check_ids(document, processes)
    prices = data.get("carbon_price")
    return Installation(
        standing=data["standing"], year=data["year"], operator=data["operator"], place=data["installation"],
        verifier=data.get("verifier"), carbon_price=None if prices is None else tuple(prices), processes=processes, file=place,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def _process(document: Document, number: int, item: Mapping[str, Any]) -> Process:
    path = ("processes", number)
    primary = item["route"] == "primary"
    for name in ("pfc", "electrodes"):
        if primary and not item[name]:
            raise InputError(document.where(*path, name), "nothing", "one or more: the route is primary")
        if not primary and item[name]:
            raise InputError(document.where(*path, name), f"{len(item[name])} entries", f"none: the route is {item['route']}")
    goods = tuple(_good(document, (*path, "goods", place), good, item["route"]) for place, good in enumerate(item["goods"]))
    return Process(
        id=item["id"], name=item["name"], route=item["route"], goods=goods, outside=item["outside"],
        scrap_t=item["scrap"]["tonnes"], pre_consumer_share=item["scrap"]["pre_consumer_share"],
        electrodes=tuple(Stream(**entry) for entry in item["electrodes"]),
        fuels=tuple(_fuel(document, (*path, "fuels", place), entry) for place, entry in enumerate(item["fuels"])),
        reagents=tuple(Reagent(**entry) for entry in item["flue_gas_treatment"]),
        potlines=tuple(read_potline(document, (*path, "pfc", place), entry) for place, entry in enumerate(item["pfc"])),
        transfers=tuple(_transfer(document, (*path, "transfers", place), entry) for place, entry in enumerate(item["transfers"])),
        precursors=tuple(
            _precursor(document, (*path, "precursors", place), entry) for place, entry in enumerate(item["precursors"])
        ),
    )  # fmt: skip


def _category(document: Document, path: tuple[Any, ...], cn: str) -> str:
    found = category_of(cn)
    if not found:
        advice = "scrap counts zero and stands under `scrap`" if cn.startswith(SCRAP_HEADING) else "alumina and anodes are none"
        raise InputError(document.where(*path), cn, f"a code that begins with {', '.join(headings())}", advice)
    return found


def _good(document: Document, path: tuple[Any, ...], item: Mapping[str, Any], route: str) -> Good:
    wanted = "products" if route == "products" else "unwrought"
    if _category(document, (*path, "cn"), item["cn"]) != wanted:
        expected = "a product, not unwrought aluminium (7601)" if route == "products" else "unwrought aluminium (7601)"
        raise InputError(document.where(*path, "cn"), item["cn"], f"{expected}: the route is {route}")
    most = constant("alloy-share-stated")
    if item["cn"].startswith(UNALLOYED) and item["other_elements"] > most:
        raise InputError(
            document.where(*path, "other_elements"), f"{item['other_elements']:g}", f"at most {most:g} under {UNALLOYED}, "
            "aluminium not alloyed", "a fraction of 1, not per cent; alloys are 760120",
        )  # fmt: skip
    return Good(item["cn"], item["name"], item["tonnes"], item["other_elements"], item.get("free_allocation"))


def _fuel(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> Fuel:
    evidence = item.get("zero_rated_evidence", "")
    if bool(item["zero_rated_share"]) != bool(evidence):
        expected = "the evidence of zero rating" if item["zero_rated_share"] else "none: nothing is zero-rated"
        raise InputError(document.where(*path, "zero_rated_evidence"), evidence or "nothing", expected)
    if item["unit"] == "GJ" and item["ncv"] != 1:
        raise InputError(document.where(*path, "ncv"), f"{item['ncv']:g}", "1 for the unit GJ")
    return Fuel(**{**item, "zero_rated_evidence": evidence})


def _transfer(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> Transfer:
    captured = item["kind"] == "co2-captured"
    if captured == ("ef" in item):
        found = f"{item['ef']:g}" if captured else "nothing"
        raise InputError(document.where(*path, "ef"), found, "no factor for captured CO2" if captured else "a factor")
    return Transfer(item["kind"], item["name"], item["amount"], item.get("ef", 1.0), item["source"])


def _precursor(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> Precursor:
    basis = item["basis"]
    must, may = _BASES[basis]
    given = set(item) - {"name", "tonnes", "basis", "source"}
    if missing := sorted(must - given):
        raise InputError(document.where(*path, missing[0]), "nothing", f"{', '.join(sorted(must))} for the basis {basis}")
    if surplus := sorted(given - must - may):
        raise InputError(
            document.where(*path, surplus[0]), repr(item[surplus[0]])[:60], f"no such field for the basis {basis}"
        )  # fmt: skip
    cn, origin = item.get("cn", ""), item.get("origin", "")
    if cn:
        _category(document, (*path, "cn"), cn)
    kind = zero_origin(origin)
    if bool(kind) != (basis == "zero-origin") and basis != "internal":
        expected = "an origin in the EU or exempt" if basis == "zero-origin" else "the basis zero-origin: it counts zero"
        raise InputError(document.where(*path, "origin"), origin, expected)
    see, source, share = item.get("see", 0.0), item["source"], item.get("default_share", 0.0)
    if basis == "default":
        see, source, share = *_default(document, path, item), 1.0
    facts = {name: item[name] for name in _FACTS if name in item}
    return Precursor(item["name"], cn, item["tonnes"], basis, item.get("from", ""), origin, see, share, facts, source)


def _default(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> tuple[float, str]:
    if "default_value" in item:
        return item["default_value"]["value"], item["default_value"]["source"]
    found = default_value(item["origin"], item["cn"])
    if found is None:
        raise InputError(
            document.where(*path, "origin"), f"{item['origin']} with CN code {item['cn']}",
            f"an origin of the table ({', '.join(default_origins())}) with a default value for this code",
            "or `default_value` with the value before mark-up and its source",
        )  # fmt: skip
    return found.value, found.source


def _check_ids(document: Document, processes: tuple[Process, ...]) -> None:
    """Each id once, and every internal precursor from another process that makes enough of it."""
    known: dict[str, Process] = {}
    for number, process in enumerate(processes):
        if process.id in known:
            raise InputError(document.where("processes", number, "id"), f"{process.id} a second time", "each id once")
        known[process.id] = process
    drawn = dict.fromkeys(known, 0.0)
    for number, process in enumerate(processes):
        for place, item in enumerate(process.precursors):
            where = document.where("processes", number, "precursors", place, "from")
            if item.basis != "internal":
                continue
            if item.origin_process not in known or item.origin_process == process.id:
                others = ", ".join(sorted(set(known) - {process.id})) or "another process of this file"
                raise InputError(where, repr(item.origin_process), others, nearest(item.origin_process, known))
            drawn[item.origin_process] += item.tonnes
            made = known[item.origin_process].activity_level
            if drawn[item.origin_process] > made:
                raise InputError(where, f"{drawn[item.origin_process]:,g} t drawn", f"at most the {made:,g} t that it makes")
