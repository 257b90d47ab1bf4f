"""What a plant's workbook asks for: its sheets, and each field with names, unit and permitted range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "pcf/plant/1"
MONTHS = 12


@dataclass(frozen=True)
class Field:
    """One row of a sheet.

    Parameters
    ----------
    key : str
    en, zh : str
        Heading.
    unit : str
        As `pcf.units` parses it; empty for a text.
    monthly : bool
        Twelve values that are summed; else one value for the year.
    limits : tuple of float
        Permitted range of a single cell [unit].
    required : bool
        Whether an empty cell is an error; else it counts as zero, which the sheet says.
    choices : tuple of str
        Permitted texts.
    note : str
        What belongs into the field.
    """

    key: str
    en: str
    zh: str
    unit: str = ""
    monthly: bool = False
    limits: tuple[float, float] = (0.0, 1e12)
    required: bool = True
    choices: tuple[str, ...] = ()
    note: str = ""


LEGS: Mapping[str, tuple[str, str]] = {
    "own_coal": ("Own coal power, at the busbar", "自备燃煤电（上网口）"),
    "own_gas": ("Own gas power", "自备燃气电"),
    "own_hydro": ("Own hydropower", "自有水电"),
    "own_wind": ("Own wind power", "自有风电"),
    "own_pv": ("Own photovoltaics", "自有光伏"),
    "direct_hydro": ("Direct line, hydropower", "直供水电"),
    "direct_wind": ("Direct line, wind", "直供风电"),
    "direct_pv": ("Direct line, photovoltaics", "直供光伏"),
    "contract_hydro": ("Grid under contract, hydropower", "合同水电"),
    "contract_wind": ("Grid under contract, wind", "合同风电"),
    "contract_pv": ("Grid under contract, photovoltaics", "合同光伏"),
    "contract_nuclear": ("Grid under contract, nuclear", "合同核电"),
    "grid": ("Plain grid", "普通网电"),
}
"""Legs of supply, as the catalogue's share group has them."""

CERTIFIED = tuple(leg for leg in LEGS if leg.startswith("contract_"))
ATTRIBUTABLE = tuple(leg for leg in LEGS if leg.startswith(("own_hydro", "own_wind", "own_pv", "direct_", "contract_")))

SCRAP_CLASSES: Mapping[str, tuple[str, str]] = {
    "scrap-wheels-a356": ("Wheels of A356", "A356 车轮"),
    "scrap-mixed-cast": ("Mixed cast scrap", "混合铸造废铝"),
    "scrap-ubc": ("Used beverage cans", "废易拉罐"),
    "scrap-extrusion-6063": ("Extrusion scrap, old", "废旧型材"),
    "scrap-wire-ec": ("Wire and cable", "电线电缆"),
    "scrap-can-trim": ("Can-maker trim", "制罐边角料"),
    "scrap-profile-trim": ("Extrusion scrap, new", "型材新废料"),
    "scrap-wheel-chips": ("Wheel chips and rejects", "车轮屑及废品"),
}

PFC_METHODS = ("measured", "slope", "default")
CELLS = ("pfpb_l", "pfpb_m", "cwpb", "swpb")


def _legs(prefix: str, names: tuple[str, ...], en: str, zh: str, note: str) -> tuple[Field, ...]:
    return tuple(
        Field(
            f"{prefix}{leg}",
            f"{en}{LEGS[leg][0]}",
            f"{zh}{LEGS[leg][1]}",
            "MWh",
            monthly=True,
            limits=(0, 1e8),
            required=False,
            note=note,
        )
        for leg in names
    )


def _monthly(
    key: str, en: str, zh: str, unit: str, limits: tuple[float, float], *, required: bool = True, note: str = ""
) -> Field:
    return Field(key, en, zh, unit, monthly=True, limits=limits, required=required, note=note)


def _yearly(
    key: str, en: str, zh: str, unit: str, limits: tuple[float, float], *, required: bool = True, note: str = ""
) -> Field:
    return Field(key, en, zh, unit, limits=limits, required=required, note=note)


def _text(key: str, en: str, zh: str, choices: tuple[str, ...] = (), *, required: bool = True, note: str = "") -> Field:
    return Field(key, en, zh, choices=choices, required=required, note=note)


PROVINCES = ("CN-Shandong", "CN-Yunnan", "CN-Inner Mongolia", "CN-Xinjiang", "CN-Guangxi", "CN-Henan", "CN-Guizhou", "CN")

SHEETS: Mapping[str, tuple[str, tuple[Field, ...]]] = {
    "plant": ("Plant 工厂", (
        _text("site_id", "Identifier", "标识", note="Lower case letters, digits and hyphens; products name the site by it."),
        _text("name_en", "Name, English", "英文名称"),
        _text("name_zh", "Name, Chinese", "中文名称"),
        _text("geography", "Province", "所在省区", PROVINCES),
        _yearly("year", "Calendar year of the data", "数据自然年", "1", (2000, 2100)),
        _text("kind", "Kind of data", "数据性质", ("plant", "DEMONSTRATION"), note="DEMONSTRATION: an invented plant."),
        _text("assurance", "Assurance of the data", "数据保证等级", ("none", "limited", "reasonable")),
        _text("verifier", "Verifier, if assured", "核查机构（如有）", required=False),
        _text("alumina_site", "Supplying site of alumina", "氧化铝供应厂区", ("shandong",)),
        _text("anode_site", "Supplying site of anodes", "阳极供应厂区", ("shandong",)),
    )),
    "production": ("Production 产量", (
        _monthly("liquid_tapped", "Liquid metal tapped", "出铝量", "t", (0, 1e6)),
        _monthly("liquid_to_casting", "Liquid metal to ingot casting", "铸锭用铝液", "t", (0, 1e6)),
        _monthly("ingot_cast", "Ingot cast", "铝锭产量", "t", (0, 1e6)),
        _monthly("liquid_dispatched", "Liquid metal dispatched, at the scale", "外送铝液（出厂）", "t", (0, 1e6), required=False),
        _monthly("liquid_delivered", "Liquid metal received by customers", "外送铝液（用户接收）", "t", (0, 1e6), required=False),
        _monthly("ingot_attributed", "Ingot with MWh retired for it", "有专属注销电量的铝锭", "t", (0, 1e6), required=False),
        _monthly("liquid_attributed", "Liquid metal with MWh retired for it", "有专属注销电量的铝液", "t", (0, 1e6), required=False),
    )),
    "electricity": ("Electricity 电力", (
        *_legs("leg_", tuple(LEGS), "Supply: ", "供电：", "Meter readings of the year; nothing counted twice."),
        *_legs("certificates_", CERTIFIED, "Certificates retired: ", "注销凭证：", "At least the MWh of the leg, or the MWh belong to the plain grid."),
        *_legs("attributed_", ATTRIBUTABLE, "Retired for products: ", "专属注销：", "MWh of the leg that were retired for the attributed tonnes."),
        _monthly("own_attributes_sold", "Own renewable MWh whose attributes were sold", "自有可再生电力已售环境属性", "MWh", (0, 1e8), required=False),
        _monthly("use_rectifier", "Use: rectifiers, alternating current", "用电：整流（交流）", "MWh", (0, 1e8)),
        _monthly("use_direct_current", "Of it direct current to the cells", "其中：电解直流", "MWh", (0, 1e8)),
        _monthly("use_auxiliary", "Use: potroom auxiliaries", "用电：电解动力", "MWh", (0, 1e8)),
        _monthly("use_casting", "Use: casthouse", "用电：铸造", "MWh", (0, 1e8)),
        _monthly("use_delivery", "Use: ladles and delivery", "用电：铝包与外送", "MWh", (0, 1e8), required=False),
    )),
    "power-plant": ("Power plant 自备电厂", (
        _monthly("coal_burned", "Coal burned", "燃煤量", "t", (0, 1e7), required=False),
        _yearly("coal_ncv", "Coal, net calorific value", "煤低位发热量", "MJ/kg", (14, 29), required=False),
        _yearly("coal_cc", "Coal, carbon content", "煤单位热值含碳量", "kg/GJ", (24, 34), required=False),
        _yearly("coal_oxidation", "Coal, oxidised fraction", "碳氧化率", "1", (0.85, 1), required=False),
        _monthly("generated", "Power generated", "发电量", "MWh", (0, 1e8), required=False),
        _monthly("own_use", "Own use of the power plant", "厂用电", "MWh", (0, 1e8), required=False),
        _monthly("power_exported", "Power given to others", "外供电量", "MWh", (0, 1e8), required=False),
        _monthly("heat_delivered", "Heat delivered", "供热量", "GJ", (0, 1e9), required=False),
    )),
    "electrolysis": ("Electrolysis 电解", (
        _monthly("alumina", "Alumina used", "氧化铝消耗", "t", (0, 1e7)),
        _yearly("alumina_purity", "Alumina, Al2O3 content as used", "氧化铝纯度", "1", (0.95, 1)),
        _monthly("anode_gross", "Anodes set, gross", "阳极毛耗", "t", (0, 1e6)),
        _monthly("butts", "Butts returned", "残极返回", "t", (0, 1e6)),
        _yearly("anode_sulphur", "Anode, sulphur", "阳极含硫", "1", (0, 0.06)),
        _yearly("anode_ash", "Anode, ash", "阳极灰分", "1", (0, 0.03)),
        _monthly("alf3", "Aluminium fluoride", "氟化铝", "t", (0, 1e5)),
        _monthly("cryolite", "Cryolite", "冰晶石", "t", (0, 1e5), required=False),
        _text("pfc_method", "PFC method", "全氟化碳方法", PFC_METHODS),
        _text("cell_technology", "Cell technology", "槽型", CELLS),
        _yearly("ae_frequency", "Anode effects per cell and day", "阳极效应系数（次/槽日）", "1/day", (0, 5), required=False),
        _yearly("ae_duration", "Mean duration of an anode effect", "效应平均持续时间", "min", (0, 60), required=False),
        _monthly("cf4", "CF4, measured", "四氟化碳（实测）", "kg", (0, 1e6), required=False),
        _monthly("c2f6", "C2F6, measured", "六氟化二碳（实测）", "kg", (0, 1e6), required=False),
    )),
    "casting": ("Casting 铸造", (
        _monthly("casting_gas", "Natural gas, casthouse", "铸造天然气", "Nm3", (0, 1e9)),
        _monthly("casting_oil", "Fuel oil and diesel, casthouse", "铸造燃油", "GJ", (0, 1e7), required=False),
        _monthly("dross", "Dross, sold", "铝渣（外售）", "t", (0, 1e5), required=False),
        _monthly("ladle_gas", "Natural gas, ladles", "铝包天然气", "Nm3", (0, 1e8), required=False),
    )),
    "transport": ("Transport 运输", (
        _yearly("alumina_rail_km", "Alumina by rail", "氧化铝铁路运距", "km", (0, 6000), required=False),
        _yearly("alumina_truck_km", "Alumina by truck", "氧化铝汽运距离", "km", (0, 3000), required=False),
        _yearly("anode_rail_km", "Anodes by rail", "阳极铁路运距", "km", (0, 6000), required=False),
        _yearly("anode_truck_km", "Anodes by truck", "阳极汽运距离", "km", (0, 3000), required=False),
        _yearly("coal_rail_km", "Coal by rail", "煤炭铁路运距", "km", (0, 3000), required=False),
        _yearly("hot_metal_km", "Liquid metal to customers, one way", "铝水单程运距", "km", (0, 400), required=False),
    )),
    "scrap": ("Scrap 废铝", (
        *(
            Field(f"gross_{key}", en, zh, "t", monthly=True, limits=(0, 1e6), required=False, note="Gross mass charged.")
            for key, (en, zh) in SCRAP_CLASSES.items()
        ),
        _monthly("alloy_primary", "Primary metal charged with scrap", "配入原铝", "t", (0, 1e6), required=False),
        _monthly("alloy_additions", "Alloying additions", "合金元素添加", "t", (0, 1e5), required=False),
    )),
}  # fmt: skip
"""Sheet key → title and fields."""

FIELDS: Mapping[str, tuple[str, Field]] = {item.key: (sheet, item) for sheet, (_, fields) in SHEETS.items() for item in fields}
