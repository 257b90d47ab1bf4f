"""The machine-readable certificate `pcf/certificate/1`: a footprint and the particulars of an issue, as plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from pcf.certificate.particulars import a_number, check_evidence, check_particulars, need
from pcf.certificate.texts import check_whole, say_both
from pcf.errors import InputError
from pcf.methods import NOT_SEPARABLE
from pcf.resources import certificates_path

SCHEMA = "pcf/certificate/1"
UNIT = "tCO2e/t"
ROUNDING = "three significant digits, at most three decimals, half up, from the sealed value"
LATER_STEPS, AFTER_CAST = "steps after the cast", "rolling"
"""What a batch document has of the steps after the cast is one number; it stands in this stage and under this name of a gas."""

PERIOD, REMAINING = "period", "remaining"
"""What a product certificate is the average of: all that was cast, or, where the year is certified by batch, what was left."""

SEPARATE = ("fossil", "biogenic_emissions", "biogenic_removals", "land_use_change", "aircraft")
SOURCE_CHECKS = ("source-read", "transcribed", "derived", "assumed")
SCORES = ("reliability", "completeness", "time", "geography", "technology", "overall")
METHOD = ("gwp", "scrap", "electricity", "attribution", "td", "low_voltage_pfc", "heat", "co_products", "factor_year")

_SAME = 1e-9
_NOTABLE = 0.005


def printed(value: float) -> str:
    """A footprint as it is printed [tCO2e/t]: three significant digits, at most three decimals, half up from the sealed value.

    Whole numbers of more digits are printed in full.
    """
    exact = Decimal(repr(float(value)))
    found = exact.quantize(_step(exact), rounding=ROUND_HALF_UP)
    return str(found.quantize(_step(found)))  # 9.996 has become 10.00, and is 10.0


def _step(value: Decimal) -> Decimal:
    """The last digit that is printed of a value."""
    return Decimal(1).scaleb(-(min(max(2 - value.adjusted(), 0), 3) if value else 3))


def draft(footprint: Mapping[str, Any], batch: Mapping[str, Any] | None, particulars: Mapping[str, Any]) -> dict[str, Any]:
    """Put a certificate together.

    Parameters
    ----------
    footprint : mapping
        The product's `pcf/footprint/1`, at its plant and in the year of the data: product, site, method, electricity; and the
        figures too, without a batch.
    batch : mapping or None
        The `pcf/batch/1` of what is certified, for a product that of all that remains; its figures are then the certificate's.
    particulars : mapping
        Number, version, id, kind, issued, valid_until, issuer, customer, product_standard, mass_kg, coc_model,
        electricity_evidence, seal_sha256, verify_url; optionally status, replaces, commodity_code, standards, recycled_content,
        uncertainty, assurance, limitations, log. docs/certificates.md has them one by one.

    Returns
    -------
    dict
        A document that `certificates/schema/certificate.schema.json` describes.

    Raises
    ------
    InputError
        For a result that cannot be certified (a model's estimate, values set by hand, a provisional batch, a partial boundary), and
        for anything that is missing or does not fit together, by its name.
    """
    demonstration = _check_standing(footprint, batch)
    site = need(footprint, "site", "footprint")
    head = check_particulars(particulars, demonstration, int(site["data_year"]))
    _check_kind(head["kind"], footprint, batch, head["mass_kg"])
    average = None if head["kind"] != "product" else PERIOD if batch is None else REMAINING
    parts = [(1.0, footprint)] if batch is None else parts_of(batch)
    value = a_number(need(need(batch or footprint, "total", "footprint"), "value", "total"), "total", 0.0)
    further = 0.0 if batch is None else a_number(need(batch["further_steps"], "value", "further_steps"), "further_steps")
    method = need(footprint, "method", "footprint")
    evidence = mean_by_result(parts, "evidence", "source_check", SOURCE_CHECKS)
    gases = _gases(parts, further)
    headline = need(batch or footprint, "headline", "footprint")
    omitted = omitted_of(parts)
    attribution, legs = find_legs(footprint)
    made = {
        "schema": SCHEMA,
        **{key: head[key] for key in ("number", "version", "id", "replaces", "status", "kind", "demonstration", "notice")},
        **{key: head[key] for key in ("issuer", "customer", "issued", "valid_until")},
        "site": {"id": site["id"], "name": dict(site["name"]), "geography": site["geography"]},
        "product": {
            "id": footprint["product"]["id"], "name": dict(footprint["product"]["name"]), "standard": head["product_standard"],
            "commodity_code": head["commodity_code"],
        },
        "average_of": average,
        "unit": None if batch is None or average else {"id": batch["unit"], "kind": batch["kind"], "date": batch["date"]},
        "batches": [] if batch is None else _batches(batch),
        "mass_kg": head["mass_kg"],
        "declared_unit": {"amount": str(Decimal(repr(footprint["declared_unit"]["amount"])).normalize()), "unit": "t"},
        "footprint": {
            "value": repr(value), "printed": printed(value), "unit": UNIT, "rounding": ROUNDING, "boundary": footprint["boundary"],
            "gate": "product" if batch is None else batch["gate"], "method": _method(method), "gwp": need(method, "gwp", "method"),
            "scrap": need(method, "scrap", "method"),
        },
        "stages": _stages(parts, further, value),
        "gases": gases,
        "separate": separate_of(parts, further),
        "low_voltage_pfc": {
            "treatment": need(method, "low_voltage_pfc", "method"), "without": headline["without_low_voltage_pfc"],
            "with": headline["with_low_voltage_pfc"],
        },
        "scrap_methods": _alternative(parts, "scrap", ("cut-off", "co-product"), batch),
        "recycled_content": head["recycled_content"],
        "coc_model": head["coc_model"],
        "electricity": {
            "basis": need(method, "electricity", "method"), "attribution": attribution,
            "results": _alternative(parts, "electricity_basis", ("contract", "location"), batch),
            "legs": check_evidence(particulars["electricity_evidence"], legs),
        },
        "data_period": {"start": f"{site['data_year']}-01-01", "end": f"{site['data_year']}-12-31"},
        "standards": {
            "relation": "aligned with",
            "names": [need(need(footprint, "alignment", "footprint"), "standard", "alignment"), *head["standards"]],
        },
        "primary_data": {
            "share": mean_by_result(parts, "evidence", "data_class", ("primary",))["primary"],
            "convention": "share of the result by contribution; a secondary emission factor counts as secondary",
        },
        "data_quality": {
            "scale": "1 best, 5 worst", **mean_by_result(parts, "data_quality", None, SCORES),
        },
        "uncertainty": head["uncertainty"],
        "evidence": evidence,
        "cut_offs": {name: omitted[name] for name in ("share", "limit", "unknown")},
        "assurance": head["assurance"],
        "limitations": [*_limitations(average, gases, evidence, value, headline, further, omitted), *head["limitations"]],
        "comparison": say_both("comparison"),
        "verify": {**head["verify"], "how": say_both("verify.how")},
        "seal": head["seal"],
        "log": head["log"],
        "provenance": {
            key: need(footprint["provenance"], key, "provenance") for key in ("engine", "datasets_version", "datasets_sha256")
        } | {"own_data_sha256": footprint["provenance"]["own_data_sha256"]},
    }  # fmt: skip
    check_whole(made)
    return made


@lru_cache
def schema() -> Mapping[str, Any]:
    """JSON Schema of a certificate."""
    found: dict[str, Any] = json.loads((certificates_path() / "schema" / "certificate.schema.json").read_text(encoding="utf-8"))
    return found


@lru_cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def check_certificate(document: Any) -> None:
    """Hold a document against the schema.

    Raises
    ------
    InputError
        Naming the first place that does not fit.
    """
    for problem in _validator().iter_errors(document):
        place = ".".join(("certificate", *(str(step) for step in problem.absolute_path)))
        raise InputError(place, problem.message[:100], "a certificate as certificates/schema/certificate.schema.json has it")


def _check_standing(footprint: Mapping[str, Any], batch: Mapping[str, Any] | None) -> bool:
    """Whether it is a demonstration; what can be no certificate is refused."""
    standings = [need(footprint, "standing", "footprint")]
    documents = [footprint]
    if batch is not None:
        standings.append(need(batch, "standing", "batch"))
        documents += [part["footprint"] for part in need(batch, "heats", "batch")]
        standings += [document["standing"] for document in documents[1:]]
        if need(batch, "provisional", "batch"):
            raise InputError("batch", "a provisional footprint", "one of a closed year", "bring in the plant's data of the year")
    for standing in standings:
        if standing not in ("site-result", "demonstration"):
            raise InputError(
                "standing", repr(standing), "a site result: primary data of a plant's closed year",
                "a model estimate can be reported, not certified",
            )  # fmt: skip
    for document in documents:
        # To compute a product at another site with data of its own is no what-if; a value set by hand is one.
        for change in need(document, "changes", "footprint"):
            if change["name"] != "site":
                raise InputError(
                    f"footprint, {change['name']}", "a value set by hand", "a result as it was measured",
                    "a hypothetical result cannot be certified",
                )  # fmt: skip
        mix = document["parameters"].get("grid_mix", {}).get("value", {"site": 1.0})
        if mix != {"site": 1.0}:
            raise InputError(
                "footprint, grid_mix", repr(mix), "the site's own supply", "a hypothetical result cannot be certified"
            )
        if document["boundary"] != "cradle-to-gate" or not document["alignment"]["claimed"]:
            raise InputError("footprint, boundary", repr(document["boundary"]), "cradle-to-gate, aligned with its standard")
    return "demonstration" in standings


def _check_kind(kind: str, footprint: Mapping[str, Any], batch: Mapping[str, Any] | None, mass_kg: int) -> None:
    if kind != "product" and batch is None:
        raise InputError("kind", repr(kind), "product without a batch document, batch or shipment with one")
    if footprint["declared_unit"]["unit"] != "t":
        raise InputError("declared_unit", repr(footprint["declared_unit"]["unit"]), "t")
    if batch is None:
        return
    if kind != {"shipment": "shipment", REMAINING: "product"}.get(batch["kind"], "batch"):
        raise InputError("kind", repr(kind), f"what the batch document is of: {batch['kind']}")
    if batch["product"] != footprint["product"]["id"]:
        raise InputError("footprint", f"product {footprint['product']['id']!r}", f"that of the batch: {batch['product']}")
    if batch["gwp"] != footprint["method"]["gwp"]:
        raise InputError("footprint", f"GWP {footprint['method']['gwp']}", f"that of the batch: {batch['gwp']}")
    if mass_kg > batch["mass_kg"]:
        raise InputError("mass_kg", f"{mass_kg:,}", f"at most the mass of {batch['unit']}: {batch['mass_kg']:,}")


def parts_of(batch: Mapping[str, Any]) -> list[tuple[float, Mapping[str, Any]]]:
    """Footprints of a batch's heats with what each counts for per tonne of the batch, losses after the cast included."""
    heats = batch["heats"]
    mean = math.fsum(heat["share"] * heat["footprint"]["total"]["value"] for heat in heats)
    more = batch["cast_metal"]["value"] / mean if mean else 1.0
    return [(heat["share"] * more, heat["footprint"]) for heat in heats]


def _sum(parts: Sequence[tuple[float, Any]]) -> float:
    return math.fsum(weight * value for weight, value in parts)


def _stages(parts: Sequence[tuple[float, Mapping[str, Any]]], further: float, total: float) -> list[dict[str, Any]]:
    values: dict[str, list[tuple[float, float]]] = {}
    for weight, document in parts:
        for stage in document["stages"]:
            values.setdefault(stage["id"], []).append((weight, a_number(stage["value"], f"stages.{stage['id']}")))
    if further:
        values.setdefault(AFTER_CAST, []).append((1.0, further))
    found = {name: _sum(items) for name, items in values.items()}
    # The tolerance is relative to what is added, which may be more than what comes out.
    if abs(math.fsum(found.values()) - total) > _SAME * math.fsum(abs(value) for value in found.values()):
        raise InputError("stages", f"a sum of {math.fsum(found.values())!r}", f"the total {total!r}")
    return [{"id": name, "value": value, "share": value / total if total else 0.0} for name, value in found.items()]


def _gases(parts: Sequence[tuple[float, Mapping[str, Any]]], further: float) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for weight, document in parts:
        for name, gas in document["gases"].items():
            entry = found.setdefault(name, {"gas": name, "mass_kg": None if gas["mass_kg"] is None else 0.0, "tCO2e": 0.0})
            entry["tCO2e"] += weight * a_number(gas["tCO2e"], f"gases.{name}")
            if gas["mass_kg"] is not None:
                entry["mass_kg"] += weight * gas["mass_kg"]
    if further:
        found[LATER_STEPS] = {"gas": LATER_STEPS, "mass_kg": None, "tCO2e": further}
    return sorted(found.values(), key=lambda entry: (-entry["tCO2e"], entry["gas"]))


def separate_of(parts: Sequence[tuple[float, Mapping[str, Any]]], further: float) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in SEPARATE:
        values = [(weight, need(document["separate"], name, "separate")) for weight, document in parts]
        known = not further and all(value != NOT_SEPARABLE for _, value in values)
        made[name] = _sum(values) if known else NOT_SEPARABLE
    return made


def _alternative(
    parts: Sequence[tuple[float, Mapping[str, Any]]], choice: str, options: Sequence[str], batch: Mapping[str, Any] | None
) -> dict[str, float]:
    return {
        option: further_by(batch, choice, option)
        + _sum([(weight, a_number(need(need(document["alternatives"], choice, "alternatives"), option, choice), choice))
                for weight, document in parts])
        for option in options
    }  # fmt: skip


def further_by(batch: Mapping[str, Any] | None, choice: str, option: str) -> float:
    """What the steps after the cast of a batch add under an option of another choice [tCO2e/t].

    Raises
    ------
    InputError
        For a batch with such steps whose document does not say.
    """
    if batch is None or not batch["further_steps"]["value"]:
        return 0.0
    place = "further_alternatives"
    return a_number(need(need(need(batch, place, "batch"), choice, place), option, f"{place}.{choice}"), f"{place}.{choice}")


def mean_by_result(
    parts: Sequence[tuple[float, Mapping[str, Any]]], group: str, inner: str | None, names: Sequence[str]
) -> dict[str, float]:
    """Mean of scores or shares, weighted by what each part brings into the result."""
    weights = [weight * document["total"]["value"] for weight, document in parts]
    whole = math.fsum(weights)
    if len(parts) == 1 or not whole:
        weights, whole = [1.0] + [0.0] * (len(parts) - 1), 1.0
    found = {}
    for name in names:
        rows = [need(document, group, "footprint") for _, document in parts]
        values = [a_number(need(row if inner is None else row[inner], name, group), f"{group}.{name}") for row in rows]
        found[name] = math.fsum(weight * value for weight, value in zip(weights, values, strict=True)) / whole
    return found


def find_legs(footprint: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """The product's own electricity by leg: retired MWh where they are its own, else the site's supply or what is left of it."""
    values = {name: entry["value"] for name, entry in footprint["parameters"].items() if isinstance(entry["value"], Mapping)}
    own = values.get("electricity_attribution", {}).get("product", 0.0) > 0
    rest = values.get("rest_basis", {}).get("rest", 0.0) > 0
    attribution = "attributed" if own else "site-rest" if rest else "site-average"
    name = {"attributed": "attributed_supply", "site-rest": "rest_supply", "site-average": "electricity_supply"}[attribution]
    return attribution, {leg: share for leg, share in need(values, name, "footprint.parameters").items() if share > 0}


def _batches(batch: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": heat["batch"]["id"], "share": heat["share"], "value": repr(float(heat["footprint"]["total"]["value"])),
            "unit": UNIT,
        }
        for heat in batch["heats"]
    ]  # fmt: skip


def _method(method: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(need(method, name, "method")) for name in METHOD} | {"cut_off": str(need(method, "cut_off", "method"))}


def omitted_of(parts: Sequence[tuple[float, Mapping[str, Any]]]) -> dict[str, Any]:
    """What is left out of several heats: the largest share of any, with its largest flow, and what is unknown of one or another."""
    rows = [need(document, "omitted", "footprint") for _, document in parts]
    worst = max(rows, key=lambda row: a_number(row["share"], "omitted.share"))
    return {
        "share": worst["share"], "limit": a_number(worst["limit"], "omitted.limit"), "largest": str(worst.get("largest", "")),
        "unknown": sorted({str(name) for row in rows for name in row["unknown"]}),
    }  # fmt: skip


def _limitations(
    average: str | None, gases: Sequence[Mapping[str, Any]], evidence: Mapping[str, float], total: float, headline: Mapping[str, Any],
    further: float, omitted: Mapping[str, Any],
) -> list[dict[str, str]]:  # fmt: skip
    """What has to be said of a result."""
    unspecified = next((gas["tCO2e"] for gas in gases if gas["gas"] == "GHG, unspecified"), 0.0)
    share = unspecified / total if total else 0.0
    found = [say_both(f"limitation.{name}") for name in ("boundary", "one-indicator", "no-offsets", "not-cbam")]
    if average:
        found.append(say_both(f"limitation.average-{average}"))
    if share > _NOTABLE:
        found.append(say_both("limitation.unspecified", share=f"{100 * share:.0f} %"))
    if evidence["assumed"] > _NOTABLE:
        found.append(say_both("limitation.assumed", share=f"{100 * evidence['assumed']:.0f} %"))
    if omitted["share"] > omitted["limit"]:
        shares = {name: f"{100 * omitted[name]:.1f} %" for name in ("share", "limit")}
        found.append(say_both("limitation.cut-off", **shares))
    if headline["with_low_voltage_pfc"] is not None:
        found.append(say_both("limitation.low-voltage-pfc"))
    if further:
        found.append(say_both("limitation.later-steps"))
    return found
