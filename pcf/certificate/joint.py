"""Many heats as one linear system: what is the same in all of them is sealed once.

The heats of a plant's year differ in their charges and share all that is behind these. A bundle that repeated the chain for each heat
would be twenty times as large, and as slow to compute again.

Notes
-----
Two nodes are one where everything they take and emit is the same: texts, amounts, and the nodes they take from, in the same sense. The
first partition is by what a node has of its own; it is refined by the classes of what is taken until nothing changes, so that loops are
no obstacle. Keys and scopes do not count, because those of a heat bear its name. Nothing is approximated: where two heats have another
value under the same name, they get names of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pcf.certificate.seal import MOST_NODES, Nodes, node_rows

if TYPE_CHECKING:
    from pcf.model import System

Parts = Sequence[tuple[float, Nodes]]

_OWN = ("name", "geography", "unit", "reference", "scale")
_OF_LINK = ("kind", "amount", "characterised", "gas", "category", "text")


def join_systems(parts: Sequence[tuple[float, System]]) -> list[tuple[float, Nodes]]:
    """Systems with their weights as few parts, each of weight 1: a first node that takes of each system its weight.

    A single system stays as it is; what does not fit into one part is halved.
    """
    rows = [(weight, node_rows(system)) for weight, system in parts]
    return _join(rows)


def _join(parts: Parts) -> list[tuple[float, Nodes]]:
    if len(parts) == 1:
        return list(parts)
    nodes = _merge(parts)
    if len(nodes) > MOST_NODES:
        middle = len(parts) // 2
        return _join(parts[:middle]) + _join(parts[middle:])
    return [(1.0, nodes)]


def _merge(parts: Parts) -> Nodes:
    every: Nodes = []
    starts = []
    for _, rows in parts:
        start = len(every)
        starts.append(start)
        every += [{**row, "links": [_moved(link, start) for link in row["links"]]} for row in rows]
    classes = _classify(every)
    first = {number: place for place, number in reversed(list(enumerate(classes)))}
    kept = {
        number: index for index, number in enumerate(first[one] for one in dict.fromkeys(classes))
    }  # place of a node → its new one
    keys = _tell_apart([every[place]["key"] for place in kept])
    flows = _Flows()
    made = [
        {
            **every[place],
            "key": key,
            "links": [
                {**link, "target": 1 + kept[first[classes[link["target"]]]]}
                if link["kind"] == "input"
                else flows.tell_apart(link)
                for link in every[place]["links"]
            ],
        }
        for place, key in zip(kept, keys, strict=True)
    ]
    return [_blend(parts, every[0], [1 + kept[first[classes[start]]] for start in starts]), *made]


@dataclass
class _Flows:
    """Names of factors and gases: within a part each has one value, so that another value of another heat gets a name of its own."""

    known: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def tell_apart(self, link: dict[str, Any]) -> dict[str, Any]:
        values = self.known.setdefault((link["kind"], link["target"]), [])
        if link["characterised"] not in values:
            values.append(link["characterised"])
        number = values.index(link["characterised"]) + 1
        return link if number == 1 else {**link, "target": f"{link['target']} #{number}"}


def _tell_apart(keys: Sequence[str]) -> list[str]:
    """Keys, of which those that stand in several systems for different nodes get a number."""
    seen: dict[str, int] = {}
    made = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        made.append(key if seen[key] == 1 else f"{key} #{seen[key]}")
    return made


def _moved(link: dict[str, Any], start: int) -> dict[str, Any]:
    return {**link, "target": link["target"] + start} if link["kind"] == "input" else link


def _classify(nodes: Nodes) -> list[int]:
    """The class of each node: the coarsest in which nodes of a class take the same of the same classes."""
    links = [
        [(*(link[name] for name in _OF_LINK), None if link["kind"] == "input" else link["target"]) for link in node["links"]]
        for node in nodes
    ]
    targets = [[link["target"] for link in node["links"] if link["kind"] == "input"] for node in nodes]
    classes = _number((*(node[name] for name in _OWN), tuple(own)) for node, own in zip(nodes, links, strict=True))
    while True:
        refined = _number((one, *(classes[target] for target in found)) for one, found in zip(classes, targets, strict=True))
        if len(set(refined)) == len(set(classes)):
            return classes
        classes = refined


def _number(signatures: Any) -> list[int]:
    known: dict[Any, int] = {}
    return [known.setdefault(signature, len(known)) for signature in signatures]


def _blend(parts: Parts, root: dict[str, Any], targets: Sequence[int]) -> dict[str, Any]:
    """The first node: of each system its weight, in a kilogram of what is certified."""
    links = [
        {"kind": "input", "target": target, "amount": float(weight), "characterised": 0.0, "gas": "", "category": "", "text": ""}
        for (weight, _), target in zip(parts, targets, strict=True)
    ]
    return {**root, "key": f"average of {len(parts)} heats", "name": f"Average of {len(parts)} heats", "links": links}
