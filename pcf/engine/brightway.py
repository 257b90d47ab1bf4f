"""The only module that knows Brightway: a third solver in a private directory, and the door to a user's own projects.

Brightway writes into the user's data directory when it is imported, prints to stdout and stores amounts as float32; so it
is imported late, into a directory of its own, with stdout captured.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pcf.engine.reference import Matrices, matrices
from pcf.errors import EnvironmentProblem, InputError
from pcf.model import System

METHOD_KEY = ("pcf", "climate change", "GWP100")
SYSTEM = "pcf system"


def method_key(name: str, system: System) -> tuple[str, str, str]:
    """Key of a method in a user's project: one a product and an edition, so that one export never changes another."""
    return ("pcf", name, f"GWP100 {system.method.gwp}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Brightway speaks on stdout and stderr; nothing of it may reach a JSON document."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


# Brightway itself is global: one process, one directory.
_directory: tempfile.TemporaryDirectory[str] | None = None


def _private() -> Any:
    """Import bw2data into a directory that belongs to this process alone."""
    global _directory
    import sys
    import warnings

    if _directory is None:
        if "bw2data" in sys.modules:
            raise EnvironmentProblem("Brightway was imported before: found a foreign project directory; start a new process")
        _directory = tempfile.TemporaryDirectory(prefix="pcf-brightway-", ignore_cleanup_errors=True)
        before = os.environ.get("BRIGHTWAY2_DIR")
        os.environ["BRIGHTWAY2_DIR"] = _directory.name
        try:
            with _quiet(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import bw2data

                bw2data.config.is_test = True
        finally:
            if before is None:
                del os.environ["BRIGHTWAY2_DIR"]
            else:
                os.environ["BRIGHTWAY2_DIR"] = before
    import bw2data

    return bw2data


def solve_brightway(system: System, scenario: int = 0) -> float:
    """Total of one scenario [kgCO2e per unit of product], solved by bw2calc (amounts in float32: agreement to 1e-6).

    A system with the same places as one before, as heats of the same materials have, is not written again: its amounts go into the
    arrays that Brightway has read, as in its Monte Carlo, and Brightway builds its matrices of them.

    Raises
    ------
    EnvironmentProblem
        Where Brightway cannot be imported or its directory not be written.
    """
    import warnings

    found = matrices(system, scenario)
    places = _places(found)
    with _quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = _opened.pop(places, None)
        if opened is None:
            opened = _Opened.of(open_lca(system, scenario), system, found)
        else:
            opened.renew(found)
    _opened[places] = opened  # the last one of those that were asked for
    while len(_opened) > MOST_OPENED:
        del _opened[next(iter(_opened))]
    return float(opened.lca.score) / system.nodes[0].process.scale


def _places(found: Matrices) -> tuple[Any, ...]:
    """Where a system has numbers at all: activities, flows, and their entries."""
    return (*found.biosphere.shape, (found.technosphere != 0).tobytes(), (found.biosphere != 0).tobytes())


@dataclass(frozen=True)
class _Opened:
    """A solved `bw2calc.LCA`, and where its numbers come from: the (row, column) of `Matrices` behind each of its parameters."""

    lca: Any
    technosphere: tuple[Any, Any]
    biosphere: tuple[Any, Any]
    characterisation: Any

    @classmethod
    def of(cls, lca: Any, system: System, found: Matrices) -> _Opened:
        """From an LCA of a system that was written."""
        keys = [(SYSTEM, node.key) for node in system.nodes]
        flows = _order(lca.biosphere_dict, [(_place_of_flows(SYSTEM), flow) for flow in found.flows])
        products, activities = _order(lca.product_dict, keys), _order(lca.activity_dict, keys)
        return cls(
            lca,
            (products[lca.tech_params["row"]], activities[lca.tech_params["col"]]),
            (flows[lca.bio_params["row"]], activities[lca.bio_params["col"]]),
            flows[lca.cf_params["row"]],
        )

    def renew(self, found: Matrices) -> None:
        """Solve another system that has its numbers in the same places."""
        rows, columns = self.technosphere
        amounts = found.technosphere[rows, columns] * np.where(rows == columns, 1, -1)  # Brightway itself has inputs negative
        self.lca.rebuild_technosphere_matrix(amounts.astype(self.lca.tech_params["amount"].dtype))
        self.lca.rebuild_biosphere_matrix(found.biosphere[self.biosphere].astype(self.lca.bio_params["amount"].dtype))
        factors = found.characterisation[self.characterisation]
        self.lca.rebuild_characterization_matrix(factors.astype(self.lca.cf_params["amount"].dtype))
        self.lca.lci_calculation()
        self.lca.lcia_calculation()


MOST_OPENED = 8
"""Systems with different places that are kept open, a few hundred kilobytes each."""

_opened: dict[tuple[Any, ...], _Opened] = {}
"""As Brightway itself is: of this process."""


def _order(known: Mapping[Any, int], keys: Sequence[Any]) -> Any:
    """Place among `keys` of each of Brightway's own numbers."""
    found = np.zeros(len(known), dtype=int)
    found[[known[key] for key in keys]] = np.arange(len(keys))
    return found


def open_lca(system: System, scenario: int = 0) -> Any:
    """A `bw2calc.LCA` of one scenario, solved; its activities are `(SYSTEM, key of the node)`."""
    import warnings

    bw2data = _private()
    with _quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bw2calc

        _write(bw2data, system, scenario, SYSTEM, METHOD_KEY, "singlefile")
        lca = bw2calc.LCA({(SYSTEM, system.nodes[0].key): 1}, METHOD_KEY)
        lca.lci()
        lca.lcia()
        return lca


def _place_of_flows(name: str) -> str:
    return f"{name} emissions"


def _write(bw2data: Any, system: System, scenario: int, name: str, key: tuple[str, str, str], backend: str) -> Matrices:
    """Write activities, flows and the method of one scenario."""
    found = matrices(system, scenario)
    place = _place_of_flows(name)
    flows = bw2data.Database(place, backend=backend)
    flows.write({(place, flow): {"name": flow, "type": "emission", "unit": "kg", "categories": ("air",)} for flow in found.flows})
    data: dict[tuple[str, str], dict[str, Any]] = {}
    for column, node in enumerate(system.nodes):
        exchanges: list[dict[str, Any]] = [
            {"input": (name, node.key), "amount": float(found.technosphere[column, column]), "type": "production"}
        ]
        for row in np.flatnonzero(found.technosphere[:, column]):
            if row != column:
                amount = -float(found.technosphere[row, column])
                exchanges.append({"input": (name, system.nodes[row].key), "amount": amount, "type": "technosphere"})
        for row in np.flatnonzero(found.biosphere[:, column]):
            amount = float(found.biosphere[row, column])
            exchanges.append({"input": (place, found.flows[row]), "amount": amount, "type": "biosphere"})
        data[(name, node.key)] = {
            "name": f"{node.process.name['en']} @ {node.scope.id}",
            "unit": node.process.unit,
            "location": node.scope.geography,
            "reference product": node.process.reference["en"],
            "type": "process",
            "exchanges": exchanges,
        }
    database = bw2data.Database(name, backend=backend)
    database.write(data)
    method = bw2data.Method(key)
    method.register(unit="kg CO2-eq", description=f"GWP100, {system.method.gwp}")
    method.write([((place, flow), float(factor)) for flow, factor in zip(found.flows, found.characterisation, strict=True)])
    return found


def pack(objects: list[dict[str, Any]]) -> bytes:
    """Objects as a BW2Package: JSON under bzip2, with what JSON does not know (tuples, keys that are tuples) as Brightway writes it.

    `BW2Package.export_objs` would do the same for objects of a project, with the times at which they were written there.
    """
    import bz2

    _private()
    with _quiet():
        from bw2data.serialization import JsonSanitizer, JsonWrapper

        return bz2.compress(JsonWrapper.dumps(JsonSanitizer.sanitize(objects)).encode("utf-8"))


def export_project(system: System, project: str, *, replace: bool = False) -> str:
    """Write the model into a project of the user's own Brightway; return the database's name.

    Raises
    ------
    InputError
        For a project name with other than plain characters, or a database that is there already.
    """
    import warnings

    if not project or not all(char.isalnum() or char in " -_." for char in project) or len(project) > 60:
        raise InputError("--project", repr(project[:80]), "a name of letters, digits, space, - _ .")
    name = f"pcf {system.product.id} {system.method.gwp}"
    with _quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import bw2data
        except ImportError as problem:
            raise EnvironmentProblem(f"Brightway cannot be imported: {problem}") from None
        try:
            bw2data.projects.set_current(project)
        except (OSError, PermissionError) as problem:
            raise EnvironmentProblem(f"Brightway's project directory: {problem.strerror}") from None
        if name in bw2data.databases and not replace:
            raise InputError(f"project {project}", f"database {name!r}", "a project without it", "--replace writes it anew")
        _write(bw2data, system, 0, name, method_key(name, system), "sqlite")
    return name
