"""The words of the workbook that are no data: guide, headings, explained codes. Reader and writer share them cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.utils import get_column_letter

from pcf.exchange.plant_layout import MONTHS, VERSION, Field
from pcf.exchange.plant_sheets import FIRST_ROW, SHEETS, VALUE_COLUMN, Sheet

GUIDE = "Guide 说明"
MARKER_ROW = 2
"""Row of the guide whose first cell says which template this is."""

DEMONSTRATION = "  ·  DEMONSTRATION 演示数据，非真实工厂"
ADVICE = "Fill the yellow cells with plain numbers; months without a flow: 0. No formulas, no merged cells. 请在黄色单元格填写数字；无发生填 0。"

_RULES: tuple[tuple[str, str], ...] = (
    ("One workbook is one calendar year of one plant. The year must be over.", "一个工作簿为一家工厂一个完整自然年的数据；该自然年须已结束。"),
    ("Yellow cells take the data; everything else is locked and compared with the template when it is read.", "黄色单元格填写数据；其余单元格已锁定，读取时与模板逐格核对。"),
    ("A row is either empty (only where it says optional) or has all twelve months; 0 where nothing flowed.", "一行或全空（仅限标注可选的行），或填满 12 个月；无发生填 0。"),
    ("Units stand in column C. Numbers are numbers: no text, no full-width digits, no thousands separators typed in.", "单位见 C 列。数字须为数值：不得为文本、全角数字或手工千分位。"),
    ("Column P adds up the year; column Q is for your remarks and is not read.", "P 列为全年合计；Q 列供备注，不读取。"),
    ("Months without production are named on the sheet Plant; any other month without production is refused.", "停产月份须在“工厂”表注明；其他无产量月份将被拒绝。"),
    ("Lines that the plant does not have (recycled, foundry) stay empty.", "工厂没有的生产线（再生、铸造合金）保持空白。"),
    ("Nothing is imported unless every cell and every balance holds; each problem is named with sheet and cell.", "任何一格或平衡不符合时均不导入；每个问题均指明工作表与单元格。"),
)  # fmt: skip

_CODES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "kind": (
        ("plant", "data of a real plant", "真实工厂数据"),
        ("DEMONSTRATION", "an invented plant; every result says so", "虚构工厂；所有结果均注明"),
    ),
    "assurance": (
        ("none", "nobody has verified the data", "未经核查"),
        ("limited", "limited assurance by the verifier named", "由所列机构作有限保证"),
        ("reasonable", "reasonable assurance by the verifier named", "由所列机构作合理保证"),
    ),
    "own_power_plant": (("yes", "coal or gas power at the site", "有自备燃煤或燃气电厂"), ("no", "none", "无")),
    "pfc_method": (
        ("measured", "masses of CF4 and C2F6 from a measurement of the whole year", "全年实测四氟化碳与六氟化二碳质量"),
        ("slope", "anode-effect minutes times the slope of the cell technology", "阳极效应分钟数乘以槽型斜率系数"),
        ("default", "default masses per tonne", "单位产量缺省值"),
    ),
    "cell_technology": (
        ("pfpb_l", "point-fed prebake, legacy", "点式下料预焙槽（传统）"),
        ("pfpb_m", "point-fed prebake, modern", "点式下料预焙槽（现代）"),
        ("cwpb", "centre-worked prebake", "中间下料预焙槽"),
        ("swpb", "side-worked prebake", "边部下料预焙槽"),
    ),
    "recycled_furnace": (
        ("reverberatory", "reverberatory furnace", "反射炉"),
        ("regenerative", "furnace with regenerative burners", "蓄热式炉"),
        ("twin_chamber", "twin-chamber furnace; takes coated scrap", "双室炉；可投带漆废料"),
        ("rotary", "rotary furnace under salt", "回转炉（加盐）"),
        ("induction", "induction furnace", "感应炉"),
    ),
    "silicon_origin": (
        ("coal", "smelted on coal power", "煤电冶炼"),
        ("national", "origin not known: the national average", "来源不明：全国平均"),
        ("hydro", "smelted on hydropower", "水电冶炼"),
    ),
    "magnesium_origin": (("pidgeon", "Pidgeon process", "皮江法"), ("electrolytic", "electrolysis", "电解法")),
    "geography": (),
    "alumina_site": (("shandong", "refinery model of the catalogue, Shandong", "目录中的山东氧化铝厂模型"),),
    "anode_site": (("shandong", "anode model of the catalogue, Shandong", "目录中的山东阳极厂模型"),),
}
_SAME_LIST = {"foundry_furnace": "recycled_furnace"}


def guide_cells() -> tuple[dict[tuple[int, int], Any], dict[str, str]]:
    """Cells of the guide by row and column, and for each field with choices the range of its list."""
    cells: dict[tuple[int, int], Any] = {
        (1, 1): "Plant data for product carbon footprints 产品碳足迹工厂数据",
        (MARKER_ROW, 1): VERSION,
    }
    row = MARKER_ROW + 2
    for english, chinese in _RULES:
        cells[(row, 1)], cells[(row, 2)] = english, chinese
        row += 1
    ranges: dict[str, str] = {}
    for key, codes in _CODES.items():
        item = next(item for sheet in SHEETS.values() for item in sheet.fields if item.key == key)
        row += 1
        cells[(row, 1)], cells[(row, 2)] = item.en, item.zh
        meanings = {code: (english, chinese) for code, english, chinese in codes}
        for number, code in enumerate(item.choices, start=row + 1):
            english, chinese = meanings.get(code, ("", ""))
            cells[(number, 1)] = code
            if english:
                cells[(number, 2)] = f"{english} · {chinese}"
        ranges[key] = f"'{GUIDE}'!$A${row + 1}:$A${row + len(item.choices)}"
        row += len(item.choices) + 1
    return cells, {**ranges, **{key: ranges[other] for key, other in _SAME_LIST.items()}}


def fixed_cells(sheet: Sheet, *, demonstration: bool) -> dict[tuple[int, int], Any]:
    """Everything in a data sheet that is not the plant's: title, advice, headings, names, units, sums."""
    cells: dict[tuple[int, int], Any] = {
        (1, 1): sheet.title + (DEMONSTRATION if demonstration else ""),
        (2, 1): ADVICE,
    }
    months = [f"{number} 月 / {number:02d}" for number in range(1, MONTHS + 1)] if sheet.monthly else ["值 Value"]
    ends = ["全年 Year", "备注 Comment"] if sheet.monthly else ["备注 Comment"]
    for column, name in enumerate(("Item", "项目", "Unit 单位", *months, *ends), start=1):
        cells[(FIRST_ROW - 1, column)] = name
    for row, item in enumerate(sheet.fields, start=FIRST_ROW):
        cells[(row, 1)] = item.en + ("" if item.required else " (optional)")
        cells[(row, 2)] = item.zh
        cells[(row, 3)] = None if item.unit in {"", "1"} else item.unit
        if item.monthly:
            cells[(row, sheet.total_column)] = total_of(row)
    return cells


def total_of(row: int) -> str:
    """The formula of a row's sum over the year."""
    return f"=SUM({get_column_letter(VALUE_COLUMN)}{row}:{get_column_letter(VALUE_COLUMN + MONTHS - 1)}{row})"


def input_cells(row: int, item: Field) -> list[tuple[int, int]]:
    """Row and column of each cell that takes a field's data."""
    return [(row, VALUE_COLUMN + number) for number in range(MONTHS if item.monthly else 1)]
