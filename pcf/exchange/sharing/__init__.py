"""Footprints for customers' systems: who may see which, how they are found, and how other systems are spoken to.

Used by the commands and by the PACT service; speaks of no HTTP server.
"""

from pcf.exchange.sharing.clients import Client
from pcf.exchange.sharing.criteria import Criteria
from pcf.exchange.sharing.register import deprecate, publish, withdraw

__all__ = ["Client", "Criteria", "deprecate", "publish", "withdraw"]
