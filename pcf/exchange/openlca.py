"""A study as a package of openLCA: JSON-LD files in a zip, in the classes of GreenDelta's `olca-schema`.

Every activity is a process with a product of its own, so that each input has one provider and no other way to be linked. A
factor row is a process too: it makes one unit of what the factor is per and emits its gas, with the row's source. What was
published as CO2e is the flow `GHG, unspecified`, characterised with 1.

Notes
-----
Ids are UUIDs of version 5 made from content: the same study has the same ids everywhere, and another study never takes the
place of one that was imported before. Units, unit groups and flow properties have openLCA's own ids; the package holds only
the units that it uses, with the lowest version, so that an import leaves those of the database alone.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import UNSPECIFIED
from pcf.engine.study import Activity, Line, Study, own_use
from pcf.errors import EnvironmentProblem
from pcf.exchange.study_words import basis_lines, gas_lines, line_words, period, source_words
from pcf.text import text, visible
from pcf.units import unit_scale

WORDS = "en"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:pcf-aluminium:openlca")
FORMAT = {"version": 2}
"""What `olca-schema.json` says: the second version of the format."""

FOLDERS = {
    "Flow": "flows", "FlowProperty": "flow_properties", "ImpactCategory": "lcia_categories", "ImpactMethod": "lcia_methods",
    "Location": "locations", "Process": "processes", "ProductSystem": "product_systems", "Source": "sources",
    "UnitGroup": "unit_groups",
}  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the zip, the earliest that the format has: a package says the same at any time."""

LAST_CHANGE = "1980-01-01T00:00:00Z"
LOWEST_VERSION = "00.00.000"
REFERENCE_UNITS = {"Units of mass": "kg", "Units of energy": "MJ", "Units of volume": "m3", "Units of mass*length": "t*km"}
"""openLCA's unit groups with their reference units."""

AIR = "Elementary flows/Emission to air/unspecified"
SUBSTANCES = {
    "carbon dioxide, fossil": ("124-38-9", "CO2"),
    "carbon dioxide, biogenic": ("124-38-9", "CO2"),
    "carbon dioxide, land use change": ("124-38-9", "CO2"),
    "methane": ("74-82-8", "CH4"),
    "methane, fossil": ("74-82-8", "CH4"),
    "methane, biogenic": ("74-82-8", "CH4"),
    "dinitrogen monoxide": ("10024-97-2", "N2O"),
    "tetrafluoromethane": ("75-73-0", "CF4"),
    "hexafluoroethane": ("76-16-4", "C2F6"),
    "sulfur hexafluoride": ("2551-62-4", "SF6"),
    "nitrogen trifluoride": ("7783-54-2", "NF3"),
}
"""Gas → CAS number and formula, by which another program finds its own flow."""


def openlca_package(studies: Sequence[Study], results: Sequence[float], remark: str) -> bytes:
    """A zip with one product system a study.

    Parameters
    ----------
    studies : sequence of Study
    results : sequence of float
        Result of each [kgCO2e per unit of its first activity]: it is told beside the system, for comparison.
    remark : str
        How the results were made: boundary, choices, standing, program.

    Raises
    ------
    EnvironmentProblem
        Where `olca-schema` is not installed.
    """
    writer = _Writer(_library())
    for study, result in zip(studies, results, strict=True):
        _System(writer, study).write(result, visible(remark))
    return writer.zipped()


def _library() -> Any:
    try:
        import olca_schema
        import olca_schema.units
    except ImportError:
        raise EnvironmentProblem("olca-schema is not installed; pip install 'pcf-aluminium[certificates]'") from None
    return olca_schema


def make_id(kind: str, *content: Any) -> str:
    """UUID of version 5 of a piece of content."""
    return str(uuid.uuid5(NAMESPACE, json.dumps([kind, *content], sort_keys=True, ensure_ascii=True)))


class _Writer:
    """Collects the objects of a package, each once, with what all studies share: units, gases, places, sources, methods."""

    def __init__(self, library: Any) -> None:
        self.olca = library
        self.objects: dict[tuple[str, str], Any] = {}
        self.units: dict[str, dict[str, Any]] = {}

    def add(self, item: Any, **told: Any) -> Any:
        """Keep an object; return the reference to it, which says as much of it as those of openLCA's own exports."""
        item.last_change = LAST_CHANGE  # the library takes the present; an id stands for a content that never changes
        self.objects[(type(item).__name__, item.id)] = item
        reference = item.to_ref()
        for name, value in told.items():
            setattr(reference, name, value)
        return reference

    def zipped(self) -> bytes:
        """The package; stored, because no two builds of zlib need to compress alike."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
            for name, content in sorted(self._files()):
                info = zipfile.ZipInfo(name, EPOCH)
                info.create_system, info.external_attr = 3, 0o644 << 16
                target.writestr(info, content)
        return buffer.getvalue()

    def _files(self) -> list[tuple[str, str]]:
        found = [("olca-schema.json", FORMAT)]
        found += [(f"{FOLDERS[kind]}/{key}.json", item.to_dict()) for (kind, key), item in self.objects.items()]
        return [
            (name, json.dumps(item, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n") for name, item in found
        ]

    def unit(self, symbol: str) -> tuple[Any, Any]:
        """References to a unit and to its flow property, whose group then holds it."""
        olca = self.olca
        unit, group, quantity = (getattr(olca.units, f"{kind}_ref")(symbol) for kind in ("unit", "group", "property"))
        if unit is None or group.name not in REFERENCE_UNITS:  # a unit with a group of its own
            unit = olca.Ref(id=make_id("unit", symbol), name=symbol, ref_type=olca.RefType.Unit)
            group = olca.Ref(id=make_id("group", symbol), name=f"Units of {symbol}", ref_type=olca.RefType.UnitGroup)
            quantity = olca.Ref(id=make_id("property", symbol), name=f"Quantity in {symbol}", ref_type=olca.RefType.FlowProperty)
        reference = self.reference_unit(symbol)
        known = self.units.setdefault(group.id, {})
        for name in (reference, symbol):
            found = unit if name == symbol else olca.units.unit_ref(name)
            size = unit_scale(name) / unit_scale(reference)
            known[name] = olca.Unit(id=found.id, name=name, conversion_factor=size, is_ref_unit=name == reference)
        self.add(olca.UnitGroup(
            id=group.id, name=group.name, category="Technical unit groups", default_flow_property=quantity, version=LOWEST_VERSION,
            units=[known[name] for name in sorted(known)],
        ))  # fmt: skip
        self.add(olca.FlowProperty(
            id=quantity.id, name=quantity.name, category="Technical flow properties", unit_group=group, version=LOWEST_VERSION,
            flow_property_type=olca.FlowPropertyType.PHYSICAL_QUANTITY,
        ))  # fmt: skip
        return unit, quantity

    def reference_unit(self, symbol: str) -> str:
        """Symbol of the reference unit of a unit's group."""
        group = self.olca.units.group_ref(symbol)
        return REFERENCE_UNITS.get(group.name, symbol) if group is not None else symbol

    def quantified(self, quantity: Any) -> list[Any]:
        """A flow's one property."""
        return [self.olca.FlowPropertyFactor(conversion_factor=1.0, flow_property=quantity, is_ref_flow_property=True)]

    def gas(self, name: str) -> Any:
        """An emission to air."""
        cas, formula = SUBSTANCES.get(name, (None, None))
        kind = self.olca.FlowType.ELEMENTARY_FLOW
        flow = self.olca.Flow(
            id=make_id("gas", name), name=name, category=AIR, cas=cas, formula=formula,
            description=text("study.unspecified", WORDS) if name == UNSPECIFIED else None,
            flow_type=kind, flow_properties=self.quantified(self.unit("kg")[1]),
        )  # fmt: skip
        return self.add(flow, category=AIR, flow_type=kind, ref_unit="kg")

    def location(self, code: str) -> Any:
        """A place by its code."""
        return self.add(self.olca.Location(id=make_id("location", code), name=code, code=code))

    def source(self, key: str, record: Mapping[str, str]) -> Any:
        """A source with what may be done with its figures."""
        year = record.get("year", "")
        return self.add(self.olca.Source(
            id=make_id("source", key, dict(record)), name=visible(key, keep=""), category="pcf",
            text_reference=source_words(record) or None,
            url=url if (url := record.get("url", "")).startswith(("http://", "https://")) else None, year=int(year) if len(year) == 4 and year.isdecimal() and year.isascii() else None,
            description=visible(" ".join(filter(None, (record.get("redistribution"), record.get("note"))))) or None,
        ))  # fmt: skip

    def method(self, study: Study) -> Any:
        """The impact method of an edition with its one category, every gas of the edition characterised."""
        olca, content = self.olca, (study.edition, dict(study.gases))
        unit, quantity = self.unit("kg")
        category = self.add(olca.ImpactCategory(
            id=make_id("category", *content), name="GWP100", category="pcf", ref_unit="kg CO2e",
            description=gas_lines(study),
            impact_factors=[
                olca.ImpactFactor(flow=self.gas(gas), flow_property=quantity, unit=unit, value=value)
                for gas, value in sorted(study.gases.items())
            ],
        ))  # fmt: skip
        used = sorted({str(item["source"]) for item in study.gas_basis.values() if item.get("source") in study.sources})
        for key in used:
            self.source(key, study.sources[key])
        return self.add(olca.ImpactMethod(
            id=make_id("method", *content), name=f"GWP100, IPCC {study.edition} (pcf)", category="pcf", impact_categories=[category],
            description=text("study.impact", WORDS, gwp=study.edition),
        ))  # fmt: skip


class _System:
    """Writes one study: its processes, their products, and the product system that links them."""

    def __init__(self, writer: _Writer, study: Study) -> None:
        self.writer, self.olca, self.study = writer, writer.olca, study
        digest = make_id("study", study.id, study.edition, [_content(item) for item in study.activities])
        # A row is the same in every study; a process is one of its study alone.
        self.ids = [
            make_id("row", _content(item)) if item.is_row else make_id("process", digest, item.key) for item in study.activities
        ]
        self.digest = digest
        self.links: list[Any] = []

    def write(self, result: float, remark: str) -> None:
        """Write everything; `result` [kgCO2e per unit of the first activity] and `remark` go into the description."""
        olca, first = self.olca, self.study.activities[0]
        self.writer.method(self.study)
        for index in range(len(self.study.activities)):
            self._process(index)
        unit, quantity = self.writer.unit(first.unit)
        told = text("study.result", WORDS, value=repr(result), unit=first.unit, product=self.study.name, gwp=self.study.edition)
        self.writer.add(olca.ProductSystem(
            id=make_id("system", self.digest, remark), name=f"{self.study.name} [{self.study.id}]", category="pcf",
            description=f"{told}\n{remark}", ref_process=self._ref(0), ref_exchange=olca.ExchangeRef(internal_id=1),
            target_amount=1.0, target_unit=unit, target_flow_property=quantity,
            processes=[self._ref(index) for index in range(len(self.study.activities))], process_links=self.links,
        ))  # fmt: skip

    def _ref(self, index: int) -> Any:
        item = self.study.activities[index]
        return self.olca.Ref(
            id=self.ids[index], name=self._name(index), category=self._category(item), location=item.geography,
            ref_type=self.olca.RefType.Process, process_type=self._type(item),
        )  # fmt: skip

    def _type(self, item: Activity) -> Any:
        return self.olca.ProcessType.LCI_RESULT if item.is_aggregate else self.olca.ProcessType.UNIT_PROCESS

    def _name(self, index: int) -> str:
        return _at(self.study.activities[index].name, self.study.activities[index])

    def _product(self, index: int) -> Any:
        item = self.study.activities[index]
        kind = self.olca.FlowType.PRODUCT_FLOW
        flow = self.olca.Flow(
            id=make_id("product", self.ids[index]), name=_at(item.product, item), category=self._category(item), flow_type=kind,
            location=self.writer.location(item.geography), flow_properties=self.writer.quantified(self.writer.unit(item.unit)[1]),
        )  # fmt: skip
        return self.writer.add(
            flow, category=flow.category, flow_type=kind, ref_unit=self.writer.reference_unit(item.unit), location=item.geography,
        )  # fmt: skip

    def _category(self, item: Activity) -> str:
        return f"pcf/{item.group}" if item.is_row else f"pcf/{self.study.id}/{item.group}"

    def _process(self, index: int) -> None:
        olca, item = self.olca, self.study.activities[index]
        unit, quantity = self.writer.unit(item.unit)
        used = own_use(self.study, index)
        # What it takes of its own product is left out on both sides: not every program knows a process that feeds itself.
        exchanges = [olca.Exchange(
            internal_id=1, flow=self._product(index), flow_property=quantity, unit=unit, amount=1.0 - used, is_input=False,
            is_quantitative_reference=True, description=text("study.own-use", WORDS, amount=f"{used:.6g}") if used else None,
        )]  # fmt: skip
        for line in item.lines:
            if line.target != index:
                exchanges.append(self._exchange(index, len(exchanges) + 1, line))
        sources = sorted({str(found["source"]) for found in item.basis.values() if found.get("source")})
        years = period(item.basis)
        self.writer.add(olca.Process(
            id=self.ids[index], name=self._name(index), category=self._category(item), description=item.note or None,
            process_type=self._type(item),
            location=self.writer.location(item.geography), exchanges=exchanges, last_internal_id=len(exchanges),
            process_documentation=olca.ProcessDocumentation(
                geography_description=" · ".join(filter(None, (item.geography, item.place))),
                time_description=years or None, data_treatment_description=basis_lines(item) or None,
                sources=[self.writer.source(key, self.study.sources.get(key, {})) for key in sources],
            ),
        ))  # fmt: skip

    def _exchange(self, index: int, number: int, line: Line) -> Any:
        olca = self.olca
        if isinstance(line.target, str):
            unit, quantity = self.writer.unit("kg")
            return olca.Exchange(
                internal_id=number, flow=self.writer.gas(line.target), flow_property=quantity, unit=unit, amount=line.amount,
                is_input=False, description=line_words(line),
            )  # fmt: skip
        supplier = self.study.activities[line.target]
        unit, quantity = self.writer.unit(supplier.unit)
        flow, provider = self._product(line.target), self._ref(line.target)
        self.links.append(olca.ProcessLink(
            provider=provider, flow=flow, process=self._ref(index), exchange=olca.ExchangeRef(internal_id=number),
        ))  # fmt: skip
        return olca.Exchange(
            internal_id=number, flow=flow, flow_property=quantity, unit=unit, amount=line.amount, is_input=True,
            default_provider=provider, description=line_words(line),
        )  # fmt: skip


def _at(name: str, item: Activity) -> str:
    """A name with the place in the chain that it belongs to."""
    return (
        name if item.is_row else visible(f"{name} @ {item.key.partition('@')[2].removeprefix('product:') or item.key}", keep="")
    )


def _content(item: Activity) -> dict[str, Any]:
    return {
        "key": item.key, "texts": [item.name, item.product, item.unit, item.geography, item.place, item.group, item.note],
        "lines": [[line.target, line.amount, line.text, line.category, line.source_check, line.data_class] for line in item.lines],
        "basis": {name: dict(found) for name, found in item.basis.items()},
    }  # fmt: skip
