"""The sealed calculation: all that is needed to compute a footprint again, in one file whose digest the certificate holds.

The bundle is canonical JSON, `pcf/seal/1`. It is no archive, so it has no paths, no names twice and nothing to unpack; a salt of
32 bytes keeps anybody from guessing a confidential recipe by trying digests. It is given only to whom the issuer chooses.

Notes
-----
A part is one linear system: nodes (activities) with links per unit of their reference flow [base units]. With the weights
$w_i$ [kg of the part per kg of what is certified] and the solutions $f_i$ of the parts the result is $\\sum_i w_i f_i$ [kgCO2e/kg].
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from pcf import __version__
from pcf.certificate.strict_json import read_canonical, write_canonical
from pcf.engine import TOLERANCES, at, find_bookings, matrices
from pcf.errors import InputError

if TYPE_CHECKING:
    from pcf.engine import Solution
    from pcf.model import System

SCHEMA = "pcf/seal/1"
SALT = 32
MOST_NODES = 3000
MOST_LINKS = 300_000
MOST_PARTS = 1000

_COPIED = (
    "product",
    "declared_unit",
    "boundary",
    "method",
    "site",
    "parameters",
    "factors",
    "references",
    "standing",
    "provenance",
)
_MEMBERS = frozenset(("schema", "salt", "engine", "calculation", "parts", "result"))
_KINDS = ("input", "factor", "emission")
_TEXTS = ("key", "name", "scope", "geography", "unit", "reference")

Nodes = list[dict[str, Any]]
"""Nodes of a part as plain values."""


@dataclass(frozen=True)
class Recomputed:
    """What came out when a bundle was computed again [kgCO2e/kg]; `scale` is the sum of the absolute contributions."""

    sealed: float
    brightway: float
    reference: float
    scale: float

    @property
    def agrees(self) -> bool:
        """Whether both solvers arrive at the sealed number."""
        found = {"brightway": self.brightway, "reference": self.reference}
        return all(abs(value - self.sealed) <= TOLERANCES[name] * self.scale for name, value in found.items())


def make_seal(
    parts: Sequence[tuple[float, System | Nodes]],
    document: Mapping[str, Any],
    result: float,
    salt: bytes | None = None,
    scenario: int = 0,
) -> tuple[bytes, str]:
    """Seal a calculation.

    Parameters
    ----------
    parts : sequence of (float, System or rows)
        Systems with their weights: a product or a batch is one of weight 1; of a shipment its heats by their masses in a kg of it,
        trim of later steps included (several of them as `pcf.certificate.joint` makes one), and the later steps themselves
        (`stage_nodes`).
    document : mapping
        The footprint as `pcf/footprint/1`: its catalogue rows, parameters, method and provenance go along.
    result : float
        What was computed [kgCO2e/kg], as a double.
    salt : bytes, optional
        32 random bytes.

    Returns
    -------
    tuple of bytes and str
        The bundle and its SHA-256.

    Raises
    ------
    InputError
        For what cannot be sealed.
    """
    salt = secrets.token_bytes(SALT) if salt is None else salt
    if len(salt) != SALT:
        raise InputError("salt of a seal", f"{len(salt)} bytes", f"{SALT} bytes")
    content = {
        "schema": SCHEMA,
        "salt": salt.hex(),
        "engine": f"pcf {__version__}",
        "calculation": {name: document[name] for name in _COPIED if name in document},
        "parts": [
            {"weight": float(weight), "nodes": system if isinstance(system, list) else node_rows(system, scenario)}
            for weight, system in parts
        ],
        "result": {"value": float(result), "unit": "kgCO2e/kg"},
    }
    _check_content(content)  # what is made here can be read here
    bundle = write_canonical(content, "seal")
    return bundle, hashlib.sha256(bundle).hexdigest()


def read_seal(bundle: bytes) -> dict[str, Any]:
    """Read a bundle.

    Raises
    ------
    InputError
        For what is no bundle: another kind of file, another spelling, too large, a link to no node, a number that is none.
    """
    content = read_canonical(bundle, "bundle")
    _check_content(content)
    return cast("dict[str, Any]", content)


def _check_content(content: Any) -> None:
    """Check that a content is a bundle's.

    Raises
    ------
    InputError
        See `read_seal`.
    """
    if not isinstance(content, dict) or set(content) != _MEMBERS or content["schema"] != SCHEMA:
        raise InputError("bundle", "a text of another kind", f"a calculation seal, {SCHEMA}")
    _check(_is_hex(content["salt"]), "salt", f"{SALT} bytes in hexadecimal")
    _check(isinstance(content["result"], dict) and _is_number(content["result"].get("value")), "result", "a number")
    parts = content["parts"]
    _check(isinstance(parts, list) and 1 <= len(parts) <= MOST_PARTS, "parts", f"1 to {MOST_PARTS}")
    links = 0
    for part in parts:
        _check(isinstance(part, dict) and _is_number(part.get("weight")) and part["weight"] > 0, "weight", "a number above 0")
        nodes = part.get("nodes")
        _check(isinstance(nodes, list) and 1 <= len(nodes) <= MOST_NODES, "nodes", f"1 to {MOST_NODES}")
        for node in nodes:
            _check_node(node, len(nodes))
            links += len(node["links"])
        _check(len({node["key"] for node in nodes}) == len(nodes), "nodes", "each once")
    _check(links <= MOST_LINKS, "links", f"at most {MOST_LINKS}")


def recompute(bundle: bytes) -> float:
    """Compute a bundle again with Brightway [kgCO2e/kg].

    Raises
    ------
    InputError
        See `read_seal`.
    EnvironmentProblem
        When Brightway cannot be had.
    """
    return check_seal(bundle).brightway


def check_seal(bundle: bytes) -> Recomputed:
    """Compute a bundle again with Brightway and with the reference solver.

    Raises
    ------
    EnvironmentProblem, InputError
        See `recompute`; also for a system that has no solution.
    """
    from pcf.engine.brightway import solve_brightway

    content = read_seal(bundle)
    weights = [float(part["weight"]) for part in content["parts"]]
    sums = [0.0, 0.0, 0.0]
    for weight, part in zip(weights, content["parts"], strict=True):
        system = _system(part["nodes"])
        reference, scale = _solve(system)
        for place, value in enumerate((solve_brightway(system), reference, scale)):
            sums[place] += weight * value
    if not all(map(math.isfinite, sums)):
        raise InputError("bundle", "a system without a finite solution", "one that can be solved")
    return Recomputed(float(content["result"]["value"]), *sums)


def _solve(system: System) -> tuple[float, float]:
    """Result and sum of the absolute contributions [kgCO2e per unit of product]."""
    import numpy as np

    found = matrices(system)
    demand = np.zeros(len(system.nodes))
    demand[0] = 1.0
    try:
        activity = np.linalg.solve(found.technosphere, demand)
    except np.linalg.LinAlgError:
        raise InputError("bundle", "a system without a solution", "one that can be solved") from None
    contributions = found.characterisation[:, None] * found.biosphere * activity
    scale = system.nodes[0].process.scale
    return float(contributions.sum()) / scale, float(np.abs(contributions).sum()) / scale


def stage_nodes(system: System, solution: Solution, stage: str, scenario: int = 0) -> Nodes:
    """One stage of a system as a part of its own: a first node that takes what the table books under the stage."""
    rows = node_rows(system, scenario)
    for row in rows:
        for link in row["links"]:
            if link["kind"] == "input":
                link["target"] += 1
    links = []
    for booked, link, amount in find_bookings(system, solution):
        if booked == stage and at(amount, scenario):
            target = int(link.target) + 1 if link.kind == "input" else link.target
            links.append(_link(link, target, at(amount, scenario), scenario))
    return [
        {**{name: rows[0][name] for name in _TEXTS}, "key": f"{stage} alone", "scale": rows[0]["scale"], "links": links},
        *rows,
    ]


def _link(link: Any, target: Any, amount: float, scenario: int) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "target": target,
        "amount": float(amount),
        "characterised": float(at(link.characterised, scenario)),
        "gas": link.gas or "",
        "category": link.category,
        "text": link.text,
    }


def node_rows(system: System, scenario: int = 0) -> Nodes:
    """A system as plain values."""
    return [
        {
            "key": node.key,
            "name": node.process.name["en"],
            "scope": node.scope.id,
            "geography": node.scope.geography,
            "unit": node.process.unit,
            "reference": node.process.reference["en"],
            "scale": float(node.process.scale),
            "links": [_link(link, link.target, at(link.amount, scenario), scenario) for link in node.links],
        }
        for node in system.nodes
    ]


def _system(nodes: Sequence[Mapping[str, Any]]) -> System:
    """As much of a system as solvers ask for."""
    built = [
        SimpleNamespace(
            key=node["key"],
            process=SimpleNamespace(
                name={"en": node["name"]}, unit=node["unit"], reference={"en": node["reference"]}, scale=float(node["scale"])
            ),
            scope=SimpleNamespace(id=node["scope"], geography=node["geography"]),
            links=[SimpleNamespace(**{**link, "amount": float(link["amount"]), "characterised": float(link["characterised"])})
                   for link in node["links"]],
        )
        for node in nodes
    ]  # fmt: skip
    return cast("System", SimpleNamespace(nodes=built, method=SimpleNamespace(gwp="sealed")))


def _check_node(node: Any, count: int) -> None:
    _check(isinstance(node, dict) and set(node) == {*_TEXTS, "scale", "links"}, "node", "its members")
    _check(all(isinstance(node[name], str) and len(node[name]) <= 500 for name in _TEXTS), "node", "texts")
    _check(_is_number(node["scale"]) and node["scale"] > 0 and isinstance(node["links"], list), "node", "a scale above 0, links")
    for link in node["links"]:
        members = {"kind", "target", "amount", "characterised", "gas", "category", "text"}
        _check(isinstance(link, dict) and set(link) == members and link["kind"] in _KINDS, "link", "its members and kind")
        _check(_is_number(link["amount"]) and _is_number(link["characterised"]), "link", "numbers")
        target = link["target"]
        if link["kind"] == "input":
            _check(isinstance(target, int) and not isinstance(target, bool) and 0 <= target < count, "link", "one of the nodes")
        else:
            _check(isinstance(target, str) and 0 < len(target) <= 500, "link", "a factor or gas")


def _check(fits: bool, place: str, expected: str) -> None:
    if not fits:
        raise InputError(f"bundle, {place}", "something else", expected)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_hex(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 2 * SALT and not set(value) - set("0123456789abcdef")
