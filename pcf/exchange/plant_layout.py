"""What a plant's workbook asks for: its sheets, and each field with names, unit and permitted range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "pcf/plant/2"
TIMEZONE = "Asia/Shanghai"
"""Zone of the months: every province of the template lies in it."""

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
    flows : bool
        Whether a month with production and none of it is a gap.
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
    flows: bool = False


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
OWN_RENEWABLE = ("own_hydro", "own_wind", "own_pv")
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

ADDITIONS: Mapping[str, tuple[str, str]] = {
    "silicon-metal": ("Silicon metal", "金属硅"),
    "magnesium-metal": ("Magnesium", "镁锭"),
    "titanium-master-alloy": ("Aluminium-titanium master alloy, 10 % Ti", "铝钛中间合金（10 %）"),
    "strontium-master-alloy": ("Aluminium-strontium master alloy, 10 % Sr", "铝锶中间合金（10 %）"),
}
FURNACES = ("reverberatory", "regenerative", "twin_chamber", "rotary", "induction")
SILICON_ORIGINS, MAGNESIUM_ORIGINS = ("coal", "national", "hydro"), ("pidgeon", "electrolytic")
PFC_METHODS = ("measured", "slope", "default")
CELLS = ("pfpb_l", "pfpb_m", "cwpb", "swpb")


PROVINCES = tuple(
    f"CN-{name}"
    for name in (
        "Anhui", "Beijing", "Chongqing", "Fujian", "Gansu", "Guangdong", "Guangxi", "Guizhou", "Hainan", "Hebei", "Heilongjiang",
        "Henan", "Hubei", "Hunan", "Inner Mongolia", "Jiangsu", "Jiangxi", "Jilin", "Liaoning", "Ningxia", "Qinghai", "Shaanxi",
        "Shandong", "Shanghai", "Shanxi", "Sichuan", "Tianjin", "Xinjiang", "Yunnan", "Zhejiang",
    )
)  # fmt: skip
"""Provinces with a row in factors/grid-co2.csv."""
