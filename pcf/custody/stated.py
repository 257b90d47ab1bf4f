"""The footprint of a shipment in the words of its CoC document: with boundary, period and verifier, without which it says nothing (R19)."""

from __future__ import annotations

from sqlalchemy import Connection

from pcf.catalogue import Catalogue
from pcf.custody.heats import Heats, heats_of, unit_footprint
from pcf.methods import weakest_standing


def stated_footprint(connection: Connection, catalogue: Catalogue, shipment: str, verifier: str) -> dict[str, str]:
    """The footprint of a shipment as its document states it.

    Raises
    ------
    InputError
        For what is not made of heats, and for heats that have no footprint.
    """
    heats = Heats(connection, catalogue)
    whole = unit_footprint(heats, shipment)
    made = [heats.footprint(name) for name in heats_of(connection, shipment)]
    data = ", ".join(dict.fromkeys(item.site for item in made))
    provisional = ", provisional" if any(item.provisional for item in made) else ""
    return {
        "footprint": f"{whole.total:.6f}",
        "footprint_boundary": (
            f"{heats.method.boundary}, to {whole.gate}, GWP {heats.method.gwp}, low-voltage PFC {heats.method.low_voltage_pfc}"
        ),
        "footprint_period": f"{data}, {weakest_standing(item.standing for item in made)}{provisional}",
        "footprint_verifier": verifier or "self-declared, not verified by a third party",
    }
