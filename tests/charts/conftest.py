"""Samples of every chart. The numbers are invented, and say so in the footer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest

from pcf import charts
from pcf.charts import Chart, Footer, Frame

FOOTERS = {
    "en": Footer(
        "Cradle to gate", "Aligned with ISO 14067 and GB/T 44905-2024; cut-off for scrap, electricity by contract", "GWP100 of AR6",
        "Demonstration: invented numbers, stands for no real product", "Evidence: 52 % read in the source, 31 % transcribed, 10 % derived, 7 % assumed; primary data 0 %",
    ),
    "zh": Footer(
        "从摇篮到大门", "方法参照 ISO 14067 与 GB/T 44905-2024；废铝按截断法，电力按合同", "GWP100（AR6）",
        "演示：数值为虚构，不代表任何真实产品", "证据：52% 已核对原文，31% 转录，10% 推导，7% 假定；初级数据 0%",
    ),
}  # fmt: skip

WORDS = {
    "en": {
        "title": "{}: low-carbon wheel alloy against the grid-powered route", "subtitle": "A356.2 ingot, 1 t at the plant gate, Gansu, 2025",
        "a": "Grid electricity", "b": "Hydropower contract", "c": "Hydropower and 75 % recycled metal", "d": "100 % recycled metal", "why": "iron exceeds the limit of the alloy",
        "electricity": "Electricity", "alumina": "Alumina", "anode": "Anodes", "metal": "Liquid metal", "pot": "Electrolysis", "cast": "Ingot", "bauxite": "Bauxite", "scrap": "Scrap melt", "coal": "Steam coal",
        "power": "Electricity of the potline", "intensity": "Emission factor of the grid", "effect": "Duration of anode effects", "yield": "Yield of scrap melting",
        "share": "Recycled content", "freight": "Freight distance", "hydro": "Hydropower", "wind": "Wind", "grid": "Grid", "lever1": "Renewable electricity contracts", "lever2": "Recycled metal", "lever3": "Inert anodes",
        "goal": "Company target",
    },
    "zh": {
        "title": "{}：低碳轮毂合金与电网供电路线的比较", "subtitle": "A356.2 铝锭，1 t，出厂，甘肃，2025 年",
        "a": "电网供电", "b": "水电合同", "c": "水电加 75% 再生金属", "d": "100% 再生金属", "why": "铁含量超出合金限值",
        "electricity": "电力", "alumina": "氧化铝", "anode": "阳极", "metal": "铝液", "pot": "电解", "cast": "铝锭", "bauxite": "铝土矿", "scrap": "废铝熔炼", "coal": "动力煤",
        "power": "电解系列电耗", "intensity": "电网排放因子", "effect": "阳极效应持续时间", "yield": "废铝熔炼收得率",
        "share": "再生含量", "freight": "运输距离", "hydro": "水电", "wind": "风电", "grid": "电网", "lever1": "可再生电力合同", "lever2": "再生金属", "lever3": "惰性阳极",
        "goal": "公司目标",
    },
}  # fmt: skip

VARIANTS = {
    "a": {"bauxite": 0.061, "alumina": 2.512, "anode": 0.724, "electrolysis": 12.31, "casting": 0.183, "alloying": 0.412},
    "b": {"bauxite": 0.061, "alumina": 2.512, "anode": 0.724, "electrolysis": 2.204, "casting": 0.183, "alloying": 0.412},
    "c": {
        "bauxite": 0.018,
        "alumina": 0.721,
        "anode": 0.207,
        "electrolysis": 0.632,
        "casting": 0.183,
        "recycling": 0.514,
        "alloying": 0.302,
    },
    "d": {"recycling": 0.693, "casting": 0.183, "alloying": 0.241},
}


def bell(name: str, mean: float, width: float, base: float | None, bins: int = 60) -> charts.Density:
    """A normal distribution as a histogram."""
    edges = [mean + width * (8 * number / bins - 4) for number in range(bins + 1)]
    levels = [0.5 * (1 + math.erf((edge - mean) / width / math.sqrt(2))) for edge in edges]
    shares = [b - a for a, b in itertools.pairwise(levels)]
    return charts.Density(name, edges, shares, mean - 1.96 * width, mean + 1.96 * width, base)


def sample(kind: str, lang: str) -> Chart:
    """A chart of a kind in a language."""
    w = WORDS[lang]
    frame = Frame(w["title"].format(kind), FOOTERS[lang], lang, w["subtitle"])
    variants = [charts.Variant(w[key], VARIANTS[key], feasible=key != "d", note=w["why"] if key == "d" else "") for key in "abcd"]
    return {
        "stacked_bars": lambda: charts.stacked_bars(variants, frame),
        "waterfall": lambda: charts.waterfall(variants[1], variants[2], frame),
        "sankey": lambda: _sankey(w, frame),
        "distribution": lambda: charts.distribution(
            [bell(w["a"], 16.2, 1.1, 16.2), bell(w["b"], 6.1, 0.7, 6.09), bell(w["c"], 2.6, 0.4, None)], frame
        ),
        "difference": lambda: charts.difference(bell("A − B", -0.42, 0.31, -0.44), w["c"], w["b"], 0.912, frame),
        "tornado": lambda: _tornado(w, frame),
        "lines": lambda: _lines(w, frame),
        "heat_map": lambda: _heat_map(w, frame),
        "ternary": lambda: _ternary(w, frame),
        "trajectory": lambda: _trajectory(w, frame),
    }[kind]()


KINDS = (
    "stacked_bars",
    "waterfall",
    "sankey",
    "distribution",
    "difference",
    "tornado",
    "lines",
    "heat_map",
    "ternary",
    "trajectory",
)


def _sankey(w: dict[str, str], frame: Frame) -> Chart:
    nodes = [
        charts.Node("bauxite", w["bauxite"], "bauxite"), charts.Node("coal", w["coal"], "thermal-energy", "source"), charts.Node("electricity", w["electricity"], "electricity", "source"),
        charts.Node("alumina", w["alumina"], "alumina"), charts.Node("anode", w["anode"], "anode"), charts.Node("pot", w["pot"], "electrolysis"),
        charts.Node("scrap", w["scrap"], "recycling"), charts.Node("cast", w["cast"], "casting"),
    ]  # fmt: skip
    flows = [
        ("bauxite", "alumina", 0.061), ("coal", "alumina", 1.902), ("electricity", "alumina", 0.31), ("electricity", "pot", 6.4), ("alumina", "pot", 2.273),
        ("anode", "pot", 0.724), ("pot", "cast", 9.397), ("scrap", "cast", 0.514), ("electricity", "cast", 0.05),
    ]  # fmt: skip
    return charts.sankey(nodes, [charts.Link(*flow) for flow in flows], frame)


def _tornado(w: dict[str, str], frame: Frame) -> Chart:
    rows = [
        charts.Swing(w["effect"], 6.02, 6.31, "0.1 min/d", "0.6 min/d"), charts.Swing(w["power"], 5.71, 6.42, "12.8 MWh/t", "14.1 MWh/t"),
        charts.Swing(w["intensity"], 4.12, 8.93, "0.03 t/MWh", "0.57 t/MWh"), charts.Swing(w["share"], 7.4, 5.1, "0 %", "40 %"),
        charts.Swing(w["yield"], 6.24, 5.97, "0.91", "0.98"), charts.Swing(w["freight"], 6.07, 6.12, "200 km", "900 km"),
    ]  # fmt: skip
    return charts.tornado(rows, 6.096, frame)


def _lines(w: dict[str, str], frame: Frame) -> Chart:
    shares = [number / 20 for number in range(21)]
    axis = charts.Axis(w["share"], "%", [100 * share for share in shares])
    grid = [16.2 - 14.8 * share if share < 0.82 else None for share in shares]
    hydro = [6.1 - 4.7 * share if not 0.38 < share < 0.56 else None for share in shares]
    other = [5.2 - 3.6 * share for share in shares]
    return charts.lines(axis, [charts.Series(w["a"], grid), charts.Series(w["b"], hydro), charts.Series(w["wind"], other)], frame)


def _heat_map(w: dict[str, str], frame: Frame) -> Chart:
    x = charts.Axis(w["share"], "%", [5.0 * number for number in range(21)])
    y = charts.Axis(w["intensity"], "tCO₂e/MWh", [0.05 * number for number in range(14)])
    cells = [[None if a + 40 * b > 95 else (1 - a / 100) * (3.9 + 13.6 * b) + 0.6 * a / 100 for a in x.values] for b in y.values]
    return charts.heat_map(x, y, cells, frame, point=(30, 0.45), point_name=w["b"])


def _ternary(w: dict[str, str], frame: Frame) -> Chart:
    points, n = [], 16
    for i in range(n + 1):
        for j in range(n + 1 - i):
            a, b, c = i / n, j / n, (n - i - j) / n
            name = w["a"] if (i, j) == (4, 8) else ""
            points.append(charts.Mixture((a, b, c), None if b > 0.7 else 3.9 + 13.6 * (0.024 * a + 0.012 * b + 0.57 * c), name))
    return charts.ternary(points, (w["hydro"], w["wind"], w["grid"]), frame)


def _trajectory(w: dict[str, str], frame: Frame) -> Chart:
    years = list(range(2025, 2041))
    t = [year - 2025 for year in years]
    levers = [
        charts.Lever(w["lever1"], [min(0.55 * k, 5.5) for k in t]), charts.Lever(w["lever2"], [0.21 * k for k in t]),
        charts.Lever(w["lever3"], [max(0, 0.13 * (k - 6)) for k in t]),
    ]  # fmt: skip
    median = [13.4 - sum(lever.reductions[k] for lever in levers) for k in t]
    path = charts.Path(
        years,
        median,
        [m - 0.3 - 0.06 * k for k, m in zip(t, median, strict=True)],
        [m + 0.3 + 0.08 * k for k, m in zip(t, median, strict=True)],
    )
    return charts.trajectory(path, frame, targets=[charts.Target(2030, 9.0), charts.Target(2040, 4.0, w["goal"])], levers=levers)


@pytest.fixture
def chart() -> Callable[[str, str], Chart]:
    """Makes the sample of a kind in a language."""
    return sample
