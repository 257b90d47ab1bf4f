"""Method, scopes and equations: a catalogue and settings become a linear system."""

from pcf.model.attribution import is_settled_on_average
from pcf.model.charge import Charge, ChargeInput, Material, balance, highest_content
from pcf.model.compose import compose, dated_rows, weaker, weaker_class
from pcf.model.method import ALTERNATIVES, CHOICES, Method, alternative_methods
from pcf.model.request import read_request, read_run
from pcf.model.scopes import Scope, factor_row
from pcf.model.settings import Settings, find_product, find_site, read_settings, read_shares
from pcf.model.system import Link, Node, System

__all__ = [
    "ALTERNATIVES",
    "CHOICES",
    "Charge",
    "ChargeInput",
    "Link",
    "Material",
    "Method",
    "Node",
    "Scope",
    "Settings",
    "System",
    "alternative_methods",
    "balance",
    "compose",
    "dated_rows",
    "factor_row",
    "find_product",
    "find_site",
    "highest_content",
    "is_settled_on_average",
    "read_request",
    "read_run",
    "read_settings",
    "read_shares",
    "weaker",
    "weaker_class",
]
