"""The sheets of a plant's workbook: every field in its place, and the cells that a field stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from pcf.exchange.plant_layout import (
    ADDITIONS,
    ATTRIBUTABLE,
    CELLS,
    CERTIFIED,
    FURNACES,
    LEGS,
    MAGNESIUM_ORIGINS,
    MONTHS,
    PFC_METHODS,
    PROVINCES,
    SCRAP_CLASSES,
    SILICON_ORIGINS,
    Field,
)

FIRST_ROW = 4
"""First row of fields; above it title, advice and headings."""
VALUE_COLUMN = 4
"""Column of the yearly value or of January."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: title in both languages, its fields, and whether its values are monthly."""

    en: str
    zh: str
    fields: tuple[Field, ...]

    @property
    def title(self) -> str:
        """Name of the worksheet."""
        return f"{self.en} {self.zh}"

    @property
    def monthly(self) -> bool:
        """Whether the sheet has a column for each month."""
        return any(item.monthly for item in self.fields)

    @property
    def width(self) -> int:
        """Number of value columns."""
        return MONTHS if self.monthly else 1

    @property
    def total_column(self) -> int:
        """Column of the year's sums; on a sheet of yearly values there is none and the comments follow."""
        return VALUE_COLUMN + self.width

    @property
    def comment_column(self) -> int:
        """Column of the plant's own remarks, which are not read."""
        return self.total_column + (1 if self.monthly else 0)


def _monthly(
    key: str, en: str, zh: str, unit: str, most: float, *, required: bool = True, note: str = "", flows: bool = False
) -> Field:
    return Field(key, en, zh, unit, monthly=True, limits=(0, most), required=required, note=note, flows=flows)


def _yearly(
    key: str, en: str, zh: str, unit: str, limits: tuple[float, float], *, required: bool = True, note: str = ""
) -> Field:
    return Field(key, en, zh, unit, limits=limits, required=required, note=note)


def _text(key: str, en: str, zh: str, choices: tuple[str, ...] = (), *, required: bool = True, note: str = "") -> Field:
    return Field(key, en, zh, choices=choices, required=required, note=note)


def _legs(prefix: str, names: tuple[str, ...], en: str, zh: str, note: str) -> tuple[Field, ...]:
    return tuple(
        _monthly(f"{prefix}{leg}", f"{en}{LEGS[leg][0]}", f"{zh}{LEGS[leg][1]}", "MWh", 1e8, required=False, note=note)
        for leg in names
    )


def _scrap(prefix: str) -> tuple[Field, ...]:
    note = "Gross mass charged, as bought."
    return tuple(
        _monthly(f"{prefix}{key}", f"Scrap: {en}", f"废料：{zh}", "t", 1e6, required=False, note=note)
        for key, (en, zh) in SCRAP_CLASSES.items()
    )


def _line(prefix: str, en: str, zh: str) -> tuple[Field, ...]:
    """What both remelting lines meter."""
    return (
        _monthly(f"{prefix}_output", f"{en} cast", f"{zh}产量", "t", 1e6, required=False),
        *_scrap(f"{prefix}_"),
        _monthly(f"{prefix}_primary", "Own liquid metal charged", "投入本厂铝液", "t", 1e6, required=False, note="At the line's scale; it counts among the uses of liquid metal."),
        _monthly(f"{prefix}_returns", "Run-around returns remelted", "回炉料", "t", 1e6, required=False, note="0 where nothing is remelted."),
        _monthly(f"{prefix}_gas", "Natural gas of the line", "本线天然气", "Nm3", 1e9, required=False, note="Preparation of scrap, melting, holding and casting."),
        _monthly(f"{prefix}_flux", "Flux and salt", "熔剂与盐", "t", 1e5, required=False),
        _monthly(f"{prefix}_dross", "Dross and salt slag for treatment", "送处置铝渣与盐渣", "t", 1e5, required=False),
        _text(f"{prefix}_furnace", "Furnace", "炉型", FURNACES, required=False),
    )  # fmt: skip


YES_NO = ("yes", "no")
_CERTIFICATES = "Registry, type, numbers and day of cancellation; kept with the source."

SHEETS: Mapping[str, Sheet] = {
    "plant": Sheet("Plant", "工厂", (
        _text("site_id", "Identifier", "标识", note="Lower case letters, digits and hyphens; the year is added by the import."),
        _text("name_en", "Name, English", "英文名称"),
        _text("name_zh", "Name, Chinese", "中文名称"),
        _text("geography", "Province", "所在省区", PROVINCES),
        _yearly("year", "Calendar year of the data", "数据自然年", "1", (2000, 2100)),
        _text("kind", "Kind of data", "数据性质", ("plant", "DEMONSTRATION"), note="DEMONSTRATION: an invented plant."),
        _text("assurance", "Assurance of the data", "数据保证等级", ("none", "limited", "reasonable")),
        _text("verifier", "Verifier, if assured", "核查机构（如有）", required=False),
        _text("shutdown_months", "Months without production", "停产月份", required=False, note="Numbers with commas, such as 1,2; empty where every month had production."),
        _text("own_power_plant", "Own coal or gas power plant at the site", "厂区是否有自备燃煤或燃气电厂", YES_NO),
        _text("alumina_site", "Supplying site of alumina", "氧化铝供应厂区", ("shandong",)),
        _text("anode_site", "Supplying site of anodes", "阳极供应厂区", ("shandong",)),
        *(
            _text(f"note_{leg}", f"Certificates: {LEGS[leg][0]}", f"凭证信息：{LEGS[leg][1]}", required=False, note=_CERTIFICATES)
            for leg in CERTIFIED
        ),
    )),
    "production": Sheet("Production", "产量", (
        _monthly("liquid_tapped", "Liquid metal tapped", "出铝量", "t", 1e6),
        _monthly("liquid_to_casting", "Liquid metal to ingot casting", "铸锭用铝液", "t", 1e6),
        _monthly("ingot_cast", "Ingot cast", "铝锭产量", "t", 1e6),
        _monthly("liquid_dispatched", "Liquid metal dispatched, at the scale", "外送铝液（出厂）", "t", 1e6, required=False),
        _monthly("liquid_delivered", "Liquid metal received by customers", "外送铝液（用户接收）", "t", 1e6, required=False),
        _monthly("ingot_attributed", "Ingot with MWh retired for it", "有专属注销电量的铝锭", "t", 1e6, required=False),
        _monthly("liquid_attributed", "Liquid metal with MWh retired for it", "有专属注销电量的铝液", "t", 1e6, required=False),
    )),
    "electricity": Sheet("Electricity", "电力", (
        *_legs("leg_", tuple(LEGS), "Supply: ", "供电：", "Meter readings; nothing counted twice."),
        *_legs("certificates_", CERTIFIED, "Certificates retired: ", "注销凭证：", "At least the MWh of the leg, or the MWh belong to the plain grid."),
        *_legs("attributed_", ATTRIBUTABLE, "Retired for products: ", "专属注销：", "MWh of the leg that were retired for the attributed tonnes."),
        _monthly("own_attributes_sold", "Own renewable MWh whose attributes were sold", "自有可再生电力已售环境属性", "MWh", 1e8, required=False),
        _monthly("use_rectifier", "Use: rectifiers, alternating current", "用电：整流（交流）", "MWh", 1e8, flows=True),
        _monthly("use_direct_current", "Of it direct current to the cells", "其中：电解直流", "MWh", 1e8, flows=True),
        _monthly("use_auxiliary", "Use: potroom auxiliaries", "用电：电解动力", "MWh", 1e8),
        _monthly("use_casting", "Use: ingot casthouse", "用电：铝锭铸造", "MWh", 1e8),
        _monthly("use_delivery", "Use: ladles and delivery", "用电：铝包与外送", "MWh", 1e8, required=False),
        _monthly("use_recycled", "Use: recycled line", "用电：再生线", "MWh", 1e8, required=False),
        _monthly("use_foundry", "Use: foundry-alloy line", "用电：铸造合金线", "MWh", 1e8, required=False),
    )),
    "power-plant": Sheet("Power plant", "自备电厂", (
        _monthly("coal_burned", "Coal burned", "燃煤量", "t", 1e7, required=False),
        _monthly("generated", "Power generated from coal", "燃煤发电量", "MWh", 1e8, required=False),
        _monthly("own_use", "Own use of the coal power plant", "燃煤厂用电", "MWh", 1e8, required=False),
        _monthly("power_exported", "Coal power given to others", "燃煤电外供电量", "MWh", 1e8, required=False),
        _monthly("heat_delivered", "Heat delivered to others", "对外供热量", "GJ", 1e9, required=False),
        _monthly("gas_burned", "Natural gas burned for power", "发电天然气", "Nm3", 1e10, required=False),
        _monthly("gas_generated", "Power generated from gas", "燃气发电量", "MWh", 1e8, required=False),
        _monthly("gas_own_use", "Own use of the gas power plant", "燃气厂用电", "MWh", 1e8, required=False),
        _yearly("coal_ncv", "Coal, net calorific value", "煤低位发热量", "MJ/kg", (14, 29), required=False, note="Mean of the year as burned."),
        _yearly("coal_cc", "Coal, carbon content", "煤单位热值含碳量", "kg/GJ", (24, 34), required=False),
        _yearly("coal_oxidation", "Coal, oxidised fraction", "碳氧化率", "1", (0.85, 1), required=False),
        _yearly("coal_rail_km", "Coal by rail", "煤炭铁路运距", "km", (0, 3000), required=False),
    )),
    "electrolysis": Sheet("Electrolysis", "电解", (
        _monthly("alumina", "Alumina used", "氧化铝消耗", "t", 1e7, flows=True),
        _monthly("anode_gross", "Anodes set, gross", "阳极毛耗", "t", 1e6, flows=True),
        _monthly("butts", "Butts returned", "残极返回", "t", 1e6),
        _monthly("alf3", "Aluminium fluoride", "氟化铝", "t", 1e5),
        _monthly("cryolite", "Cryolite", "冰晶石", "t", 1e5, required=False),
        _monthly("cf4", "CF4, measured", "四氟化碳（实测）", "kg", 1e6, required=False),
        _monthly("c2f6", "C2F6, measured", "六氟化二碳（实测）", "kg", 1e6, required=False),
        _yearly("alumina_purity", "Alumina, Al2O3 content as used", "氧化铝纯度", "1", (0.95, 1), note="A mass fraction: 0.989, not 98.9."),
        _yearly("anode_sulphur", "Anode, sulphur", "阳极含硫", "1", (0, 0.06)),
        _yearly("anode_ash", "Anode, ash", "阳极灰分", "1", (0, 0.03)),
        _text("pfc_method", "PFC method", "全氟化碳方法", PFC_METHODS),
        _text("cell_technology", "Cell technology", "槽型", CELLS),
        _yearly("ae_frequency", "Anode effects per cell and day", "阳极效应系数（次/槽日）", "1/day", (0, 5), required=False),
        _yearly("ae_duration", "Mean duration of an anode effect", "效应平均持续时间", "min", (0, 60), required=False),
    )),
    "casting": Sheet("Casting", "铸造", (
        _monthly("casting_gas", "Natural gas, ingot casthouse", "铝锭铸造天然气", "Nm3", 1e9),
        _monthly("casting_oil", "Fuel oil and diesel, ingot casthouse", "铝锭铸造燃油", "GJ", 1e7),
        _monthly("dross", "Dross of the ingot casthouse, sold", "铝锭铸造铝渣（外售）", "t", 1e5),
        _monthly("ladle_gas", "Natural gas, ladles", "铝包天然气", "Nm3", 1e8, required=False),
    )),
    "transport": Sheet("Transport", "运输", (
        _yearly("alumina_rail_km", "Alumina by rail", "氧化铝铁路运距", "km", (0, 6000)),
        _yearly("alumina_truck_km", "Alumina by truck", "氧化铝汽运距离", "km", (0, 3000)),
        _yearly("anode_rail_km", "Anodes by rail", "阳极铁路运距", "km", (0, 6000)),
        _yearly("anode_truck_km", "Anodes by truck", "阳极汽运距离", "km", (0, 3000)),
        _yearly("hot_metal_km", "Liquid metal to customers, one way", "铝水单程运距", "km", (0, 400), required=False),
    )),
    "recycled": Sheet("Recycled line", "再生线", _line("recycled", "Recycled ingot", "再生铝锭")),
    "foundry": Sheet("Foundry line", "铸造合金线", (
        *_line("foundry", "Foundry-alloy ingot A356.2", "A356.2 铸造合金锭"),
        *(
            _monthly(f"foundry_{key}", f"Addition: {en}", f"添加：{zh}", "t", 1e5, required=False)
            for key, (en, zh) in ADDITIONS.items()
        ),
        _text("silicon_origin", "Power behind the silicon", "金属硅用电来源", SILICON_ORIGINS, required=False),
        _text("magnesium_origin", "Route of the magnesium", "镁的工艺路线", MAGNESIUM_ORIGINS, required=False),
    )),
}  # fmt: skip
"""Sheet key → sheet."""

PLACES: Mapping[str, tuple[Sheet, int, Field]] = {
    item.key: (sheet, row, item) for sheet in SHEETS.values() for row, item in enumerate(sheet.fields, start=FIRST_ROW)
}
"""Field key → sheet, row and field."""


def cells_of(key: str, *, name: str = "") -> str:
    """The cells of a field, such as `Electrolysis!D4:O4`; with the worksheet's full name if asked for by `name`."""
    sheet, row, item = PLACES[key]
    first = f"{get_column_letter(VALUE_COLUMN)}{row}"
    span = f"{first}:{get_column_letter(VALUE_COLUMN + MONTHS - 1)}{row}" if item.monthly else first
    return f"{name or sheet.title}!{span}"


def locate(keys: tuple[str, ...]) -> str:
    """Where the amounts behind a value stand: `Electrolysis!D4:O4 / Production!D5:O5`."""
    return " / ".join(cells_of(key, name=PLACES[key][0].en) for key in keys)
