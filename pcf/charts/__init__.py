"""One place for every figure: the files of the command line, the reports, the workbench.

Each function takes small frozen records and gives a `Chart`; `Chart.save` writes it as `.svg`, `.png`, `.pdf` or `.html`.
Nothing is drawn, and neither matplotlib nor plotly imported more than needed, before a chart is made.
"""

from pcf.charts.bars import Variant, stacked_bars
from pcf.charts.chart import Chart
from pcf.charts.densities import Density, distribution
from pcf.charts.difference import difference
from pcf.charts.files import FORMATS
from pcf.charts.frame import Footer, Frame
from pcf.charts.genealogy import Unit, genealogy
from pcf.charts.heat_map import heat_map
from pcf.charts.sankey import Link, Node, sankey
from pcf.charts.sweep import Axis, Series, lines
from pcf.charts.ternary import Mixture, ternary
from pcf.charts.tornado import Swing, tornado
from pcf.charts.trajectory import Lever, Path, Target, trajectory
from pcf.charts.waterfall import waterfall

__all__ = [
    "FORMATS",
    "Axis",
    "Chart",
    "Density",
    "Footer",
    "Frame",
    "Lever",
    "Link",
    "Mixture",
    "Node",
    "Path",
    "Series",
    "Swing",
    "Target",
    "Unit",
    "Variant",
    "difference",
    "distribution",
    "genealogy",
    "heat_map",
    "lines",
    "sankey",
    "stacked_bars",
    "ternary",
    "tornado",
    "trajectory",
    "waterfall",
]
