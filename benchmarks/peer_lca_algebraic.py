"""Runs in an environment of lca_algebraic, without this program: `python peer_lca_algebraic.py chain.json`.

The file holds one product's recorded chain: inputs, operations, values, and the totals that have to come out. The chain becomes one
activity whose emission is a formula of the parameters; the peer compiles and evaluates it in its own way. Prints scenarios a second.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROUNDS = 5


def main() -> None:
    """Build the activity, compare the totals, time the evaluation."""
    import os

    os.environ.setdefault("BRIGHTWAY2_DIR", tempfile.mkdtemp(prefix="peer-"))
    import bw2data
    import lca_algebraic as agb
    import sympy

    chain = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    bw2data.projects.set_current("peer")
    flows = bw2data.Database("flows")
    flows.write({("flows", "co2"): {"name": "CO2", "type": "emission", "unit": "kg", "categories": ("air",)}})
    method = bw2data.Method(("peer", "climate change", "GWP100"))
    method.register(unit="kg CO2-eq")
    method.write([(("flows", "co2"), 1.0)])
    agb.resetDb("peer-db")
    agb.resetParams()
    agb.setForeground("peer-db")
    names = [f"p{index}" for index in range(len(chain["inputs"]))]
    parameters = [
        agb.newFloatParam(name, default=value, min=value - 1, max=value + 1, dbname="peer-db")
        for name, value in zip(names, chain["base"], strict=True)
    ]
    slots: dict[int, object] = dict(enumerate(parameters))
    rules = {
        "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b, "divide": lambda a, b: a / b,
        "minimum": sympy.Min, "maximum": sympy.Max, "power": lambda a, b: a**b, "square": lambda a: a**2, "negative": lambda a: -a,
        "absolute": sympy.Abs, "sqrt": sympy.sqrt, "exp": sympy.exp, "log": sympy.log,
    }  # fmt: skip
    for name, result, operands in chain["operations"]:
        values = [slots[item["slot"]] if "slot" in item else item["value"] for item in operands]
        slots[result] = rules[name](*values)
    flow = bw2data.get_activity(("flows", "co2"))
    activity = agb.newActivity("peer-db", "product", "kg", exchanges={flow: slots[chain["total"]]})
    given = dict(zip(names, (np.array(row) for row in chain["values"]), strict=True))

    def run() -> np.ndarray:
        frame = agb.compute_impacts(activity, [("peer", "climate change", "GWP100")], **given)
        return np.asarray(frame.iloc[:, 0], dtype=float)

    totals = run()
    if not np.allclose(totals, chain["totals"], rtol=1e-6):
        raise SystemExit("the totals differ")
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(len(totals) / statistics.median(times))


if __name__ == "__main__":
    main()
