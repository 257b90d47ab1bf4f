"""Pure mappings to and from files of others: a plant's workbook and its closure."""

from pcf.exchange.closure import Closure, check_closure
from pcf.exchange.plant_import import Report, import_plant
from pcf.exchange.plant_reader import PlantYear, read_plant
from pcf.exchange.plant_template import write_template
from pcf.exchange.sample import SAMPLE_SITE, SAMPLE_YEAR, write_sample

__all__ = [
    "SAMPLE_SITE",
    "SAMPLE_YEAR",
    "Closure",
    "PlantYear",
    "Report",
    "check_closure",
    "import_plant",
    "read_plant",
    "write_sample",
    "write_template",
]
