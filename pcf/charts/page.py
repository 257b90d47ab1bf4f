"""The page of an interactive figure: one HTML file with everything in it, which asks no network for anything."""

from __future__ import annotations

import html
import importlib
import json
from typing import Any

from pcf.charts import style
from pcf.charts.chart import Spec
from pcf.charts.fonts import STACK, font_face
from pcf.charts.frame import Frame
from pcf.errors import EnvironmentProblem

CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True, "plotlyServerURL": "", "showTips": False}

# The policy makes a browser refuse what plotly could load (map tiles, fonts), should a figure ever ask for it.
_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; font-src data:; img-src data: blob:">
<title>{title}</title>
<style>
{faces}
body {{ margin: 0; background: #fff; color: {ink}; font-family: {stack}; line-height: 1.45; }}
main {{ max-width: 1200px; margin: 0 auto; padding: 28px 40px 24px; }}
main::before {{ content: ""; display: block; width: 60px; height: 5px; background: {blue}; margin-bottom: 16px; }}
h1 {{ font-size: 27px; line-height: 1.25; margin: 0 0 4px; }}
.subtitle {{ font-size: 17px; color: {soft}; margin: 0; }}
#figure {{ width: 100%; height: {height}px; margin: 14px 0 10px; }}
footer {{ border-top: 1px solid {rule}; padding-top: 10px; font-size: 13px; color: {soft}; }}
@media (max-width: 700px) {{ main {{ padding: 16px; }} h1 {{ font-size: 21px; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{subtitle}
<div id="figure" role="img" aria-label="{title}"></div>
<footer>{footer}</footer>
</main>
<script>{library}</script>
<script>
const figure = {figure};
document.fonts.load('16px "Noto Sans SC"').finally(() => Plotly.newPlot('figure', figure.data, figure.layout, figure.config));
</script>
</body>
</html>
"""


def page(frame: Frame, spec: Spec) -> bytes:
    """Render the page around an interactive figure."""
    figure = plotly_figure(spec)
    drawn = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    subtitle = f'<p class="subtitle">{html.escape(frame.subtitle)}</p>' if frame.subtitle else ""
    characters = frozenset(drawn + frame.subtitle + frame.footer.words + "0123456789.,−–%")
    return _PAGE.format(
        lang="zh-CN" if frame.lang == "zh" else "en", title=html.escape(frame.title), subtitle=subtitle,
        footer=html.escape(frame.footer.words), library=_library(), figure=drawn, height=spec["height"],
        faces=font_face(characters) + "\n" + font_face(frozenset(frame.title), bold=True), stack=STACK,
        ink=style.INK, soft=style.SOFT, rule=style.RULE, blue=style.BLUE,
    ).encode("utf-8")  # fmt: skip


def plotly_figure(spec: Spec) -> dict[str, Any]:
    """A figure as plotly takes it: `data`, `layout` and `config`, every text escaped."""
    figure: dict[str, Any] = _shown({"data": spec["data"], "layout": {**base_layout(), **spec["layout"]}, "config": CONFIG})
    return figure


def base_layout() -> dict[str, Any]:
    """Layout that every interactive figure starts from."""
    return {
        "font": {"family": STACK, "size": 14, "color": style.INK},
        "paper_bgcolor": style.WHITE,
        "plot_bgcolor": style.WHITE,
        "margin": {"l": 70, "r": 30, "t": 24, "b": 60},
        "hoverlabel": {
            "bgcolor": style.WHITE,
            "bordercolor": style.RULE,
            "font": {"family": STACK, "size": 14, "color": style.INK},
        },
        "showlegend": False,
        "hovermode": "closest",
    }


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis in the same dress as those of the pictures."""
    dress: dict[str, Any] = {
        "gridcolor": style.GRID, "zeroline": False, "ticks": "", "automargin": True, "fixedrange": False,
        "tickfont": {"size": 13, "color": style.SOFT},
    }  # fmt: skip
    if title:
        dress["title"] = {"text": title, "font": {"size": 14, "color": style.SOFT}}
    return {**dress, **more}


def note(words: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    """A text on an interactive figure."""
    return {"text": words, "x": x, "y": y, "showarrow": False, **more}


def stripes(shape: str | list[str], color: str | list[str] = style.WHITE) -> dict[str, Any]:
    """A hatch over the colour of an area."""
    return {"shape": shape, "fgcolor": color, "size": 6, "solidity": 0.2, "fillmode": "overlay"}


def _shown(value: Any) -> Any:
    """Names may hold what plotly takes for markup: text is escaped, and line breaks become its own."""
    if isinstance(value, str):
        return html.escape(value, quote=False).replace("\n", "<br>")
    if isinstance(value, dict):
        return {key: item if key == "hovertemplate" else _shown(item) for key, item in value.items()}  # templates are ours
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value


def _library() -> str:
    try:
        library: str = importlib.import_module("plotly.offline").get_plotlyjs()
    except ImportError:
        raise EnvironmentProblem(
            "an interactive chart (.html) needs the package plotly, which is not installed: pip install plotly; "
            "or save the chart as .svg, .png or .pdf"
        ) from None
    return library
