"""Measures many scenarios beside other calculators on the same system, and beside the limits: `python benchmarks/variants.py`.

With `--write` the tables go to docs/benchmarks-variants.md and the growth to docs/pictures. Each peer's answers are compared with the
engine's before its time counts.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from run import interleave, timed

from pcf.catalogue import Catalogue, Process, open_catalogue
from pcf.engine.brightway import SYSTEM, open_lca
from pcf.engine.draws import BLOCK, draw_block
from pcf.engine.montecarlo import Sampled, Variant
from pcf.engine.program import Program
from pcf.engine.reference import matrices
from pcf.engine.scenarios import Input, Scenarios
from pcf.engine.solve import calc_intensities, supplier_order
from pcf.model import Link, Method, Settings, System, compose
from pcf.resources import datasets_path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks-variants.md"
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "growth.png"
ROUNDS = 5
PRODUCT = "hqalight"
PEER_PRODUCT = "anode"
"""A chain without conditions, which a formula of the peer can hold."""


def medians(*calls: Callable[[], object]) -> list[float]:
    """Median duration [s] of each call, taken by turns."""
    return [statistics.median(times) for times in interleave(ROUNDS, *(partial(timed, call) for call in calls))]


def fused(program: Program) -> Callable[[np.ndarray], np.ndarray] | None:
    """The same arithmetic as one compiled loop over scenarios, all values in registers; None without numba."""
    try:
        import numba
    except ImportError:
        return None
    signs = {
        "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}", "less": "{} < {}", "greater": "{} > {}",
        "less_equal": "{} <= {}", "greater_equal": "{} >= {}", "equal": "{} == {}", "minimum": "min({}, {})", "maximum": "max({}, {})",
        "logical_and": "({} and {})", "logical_or": "({} or {})", "logical_not": "(not {})", "negative": "-{}", "absolute": "abs({})",
        "sqrt": "np.sqrt({})", "exp": "np.exp({})", "log": "np.log({})", "power": "{} ** {}", "square": "{0} * {0}",
        "isfinite": "np.isfinite({})", "where": "({1} if {0} else {2})",
    }  # fmt: skip

    def name(operand: float | int) -> str:
        return f"r{operand}" if isinstance(operand, int) else repr(float(operand))

    used = {item for step in program.operations for item in step.operands if isinstance(item, int)}
    lines = ["def kernel(x, out):", " for j in range(x.shape[1]):"]
    lines += [f"  r{index} = x[{index}, j]" for index in range(len(program.inputs)) if index in used]
    needed = {slot for slot in (program.outputs["total"],) if isinstance(slot, int)}
    steps = []
    for step in reversed(program.operations):
        if step.result in needed:
            needed |= {item for item in step.operands if isinstance(item, int)}
            steps.append(f"  r{step.result} = {signs[step.name].format(*map(name, step.operands))}")
    lines += [*reversed(steps), f"  out[j] = {name(program.outputs['total'])}"]
    space: dict[str, Any] = {"np": np}
    exec("\n".join(lines), space)  # noqa: S102 - generated a few lines above from operations of a closed list
    compiled = numba.njit(error_model="numpy")(space["kernel"])

    def run(values: np.ndarray) -> np.ndarray:
        out = np.empty(values.shape[1])
        compiled(values, out)
        return out

    return run


def settings_of(sampled: Sampled, values: np.ndarray) -> Settings:
    """The draws as settings of the model, for the peers' systems."""
    chosen: dict[tuple[str, str], Any] = {}
    factors: dict[str, Any] = {}
    for item, row in zip(sampled.uncertain, values, strict=True):
        chosen |= dict.fromkeys(item.input.targets, row)
        if item.input.factor:
            factors[item.input.factor] = row
    return Settings(chosen, factors=factors)


def measure_given(catalogue: Catalogue) -> list[str]:
    """Scenarios with every uncertain parameter given: the engine, its fused kernel, bw2calc and a batched dense solve."""
    sampled = Sampled(catalogue, Variant(PRODUCT), seed=1)
    size, few = 2 * BLOCK, 60
    values = np.hstack([sampled.inputs(block, size) for block in range(2)])
    totals = sampled.scenarios.run(values).total
    system = compose(catalogue, PRODUCT, Method(), settings_of(sampled, values[:, :few]), None, few)
    prepared = [matrices(system, scenario) for scenario in range(few)]

    lca = open_lca(system)
    place = {lca.activity_dict[SYSTEM, node.key]: index for index, node in enumerate(system.nodes)}
    rows, columns = ([place[i] for i in lca.tech_params[key]] for key in ("row", "col"))
    sign = np.where(np.equal(rows, columns), 1.0, -1.0)
    flows = {index: str(key[1]) for key, index in lca.biosphere_dict.items()}
    flow_columns = [place[i] for i in lca.bio_params["col"]]
    base = prepared[0].characterisation
    amounts = []
    for item in prepared:
        flow_rows = [item.flows.index(flows[i]) for i in lca.bio_params["row"]]
        # Its characterisation factors are fixed: what varies in them goes into the emissions.
        scale = np.divide(item.characterisation, base, out=np.ones_like(base), where=base != 0)
        amounts.append((sign * item.technosphere[rows, columns], (item.biosphere * scale[:, None])[flow_rows, flow_columns]))
    scores: list[float] = []

    def rebuilt() -> None:
        scores.clear()
        for technosphere, biosphere in amounts:
            lca.rebuild_technosphere_matrix(technosphere)
            lca.rebuild_biosphere_matrix(biosphere)
            lca.lci_calculation()
            lca.lcia_calculation()
            scores.append(float(lca.score))

    stack = np.repeat(np.stack([item.technosphere for item in prepared]), 20, axis=0)
    effects = np.repeat(np.stack([item.characterisation @ item.biosphere for item in prepared]), 20, axis=0)
    demand = np.zeros((len(stack), stack.shape[1], 1))
    demand[:, 0] = 1.0

    def dense() -> np.ndarray:
        return np.einsum("ij,ij->i", effects, np.linalg.solve(stack, demand)[..., 0])

    kernel = fused(sampled.scenarios.program)
    own = lambda: sampled.scenarios.run(values)  # noqa: E731
    calls: list[Callable[[], object]] = [own, rebuilt, dense]
    if kernel is not None:
        assert np.allclose(kernel(values), totals, rtol=1e-12), "the kernel differs"
        calls.append(lambda: kernel(values))
    times = medians(*calls)
    scale = system.nodes[0].process.scale
    assert np.allclose(np.array(scores) / scale, totals[:few], rtol=1e-5), "bw2calc differs"
    assert np.allclose(np.asarray(dense())[::20] / scale, totals[:few], rtol=1e-10), "the dense solve differs"
    ours, brightway, batched = size / times[0], few / times[1], len(stack) / times[2]
    lines = [
        f"| this engine, {len(sampled.uncertain)} parameters given | {ours:,.0f} | 1 | |",
        f"| bw2calc, matrices rebuilt from prepared amounts | {brightway:,.0f} | {ours / brightway:,.0f} × | at least 1,000 × |",
        f"| `numpy.linalg.solve`, batched {stack.shape[1]} × {stack.shape[1]}, matrices prepared | {batched:,.0f} | {ours / batched:,.0f} × | at least 20 × |",
    ]
    if kernel is not None:
        limit = size / times[3]
        lines.append(f"| limit: the same arithmetic fused by a compiler | {limit:,.0f} | {ours / limit:.2f} × | |")
    return lines


def measure_monte_carlo(catalogue: Catalogue) -> list[str]:
    """Monte Carlo with sampling: the engine, drawing alone, and bw2calc's own Monte Carlo on its own samples."""
    sampled = Sampled(catalogue, Variant(PRODUCT), seed=1)
    keys, spreads = [item.key for item in sampled.uncertain], [item.distribution for item in sampled.uncertain]
    whole, draws = medians(
        lambda: sampled.outcome(0, BLOCK), lambda: draw_block(keys, spreads, 1, 0, BLOCK)
    )  # fmt: skip
    lines = [
        f"| this engine, {len(keys)} uncertain inputs, sampling included | {BLOCK / whole:,.0f} | 1 | |",
        f"| limit: drawing the same samples alone | {BLOCK / draws:,.0f} | {whole / draws:.2f} × its time | at most 2 ×, aim 1.5 × |",
    ]
    peer = brightway_monte_carlo(catalogue)
    if peer is not None:
        lines.append(f"| bw2calc `DirectSolvingMonteCarloLCA`, its own samples | {peer:,.0f} | {BLOCK / whole / peer:,.0f} × | |")
    return lines


def brightway_monte_carlo(catalogue: Catalogue) -> float | None:
    """Rate of bw2calc's Monte Carlo on the same system; its amounts vary by the vocabulary of stats_arrays."""
    try:
        from bw2calc import DirectSolvingMonteCarloLCA

        from pcf.engine.brightway import METHOD_KEY

        system = compose(catalogue, PRODUCT, Method(), Settings())
        open_lca(system)
        peer = DirectSolvingMonteCarloLCA({(SYSTEM, system.nodes[0].key): 1}, METHOD_KEY)
        next(peer)
        count = 200
        return count / statistics.median(timed(lambda: [next(peer) for _ in range(count)]) for _ in range(ROUNDS))
    except Exception as problem:  # noqa: BLE001 - a peer that does not run here is left out, with its reason
        print(f"bw2calc Monte Carlo left out: {type(problem).__name__}: {problem}", file=sys.stderr)
        return None


def measure_growth(catalogue: Catalogue) -> tuple[list[str], list[tuple[int, float]]]:
    """Time against the number of scenarios."""
    sampled = Sampled(catalogue, Variant(PRODUCT), seed=1)
    lines, points = [], []
    for size in (10**3, 10**4, 10**5, 10**6, 10**7):
        blocks = -(-size // BLOCK)
        spent = timed(lambda: [sampled.outcome(block, size) for block in range(blocks)])  # noqa: B023
        points.append((size, spent))
        lines.append(f"| {size:,} | {spent:.3f} s | {1e6 * spent / size:.2f} µs |")
    return lines, points


def measure_background(catalogue: Catalogue) -> list[str]:
    """A synthetic background behind the foreground: one factorisation, then no more per scenario than without it."""
    sampled = Sampled(catalogue, Variant(PRODUCT), seed=1)
    values = sampled.inputs(0, BLOCK)
    lines = []
    for count in (0, 1000, 20_000):
        system_of = with_background(catalogue, count)
        start = time.perf_counter()
        scenarios = system_of(sampled, values[:, :64])
        prepared = time.perf_counter() - start
        scenarios.run(values)
        spent = statistics.median(timed(lambda: scenarios.run(values)) for _ in range(ROUNDS))  # noqa: B023
        lines.append(f"| {count:,} | {prepared:.2f} s | {1e9 * spent / BLOCK:.0f} ns |")
    return lines


def with_background(catalogue: Catalogue, count: int) -> Callable[[Sampled, np.ndarray], Scenarios]:
    """Scenarios whose product also draws on a synthetic background of `count` activities with ten suppliers each."""
    template = catalogue.processes["diesel-burned"]

    class Wide(Scenarios):
        def _compose(self, values: Any, size: int) -> System:
            system = super()._compose(values, size)
            if count:
                attach(system, template, count)
            return system

        def _outputs(self, system: System) -> dict[str, Any]:
            return {"total": calc_intensities(system, supplier_order(system))[0], "feasible": True}

    def make(sampled: Sampled, probe: np.ndarray) -> Scenarios:
        return Wide(catalogue, PRODUCT, Method(), Settings(), sampled.scenarios.inputs, probe)

    return make


def attach(system: System, template: Process, count: int) -> None:
    """Add a loop of activities that supply one another, and let the product use a little of it."""
    rng = np.random.default_rng(3)
    first = len(system.nodes)
    scope = system.nodes[-1].scope
    node = type(system.nodes[0])
    amounts = rng.uniform(0, 0.08, (count, 10))
    # As in a real background: most suppliers are near relatives, some are the markets that everybody buys from.
    near = (np.arange(count)[:, None] + rng.integers(-40, 40, (count, 8))) % count
    targets = np.hstack([near, rng.integers(0, 30, (count, 2))])
    for index in range(count):
        links = [
            _link("input", first + int(target), float(amount), 0.0)
            for target, amount in zip(targets[index], amounts[index], strict=True)
        ]
        links.append(_link("emission", "carbon dioxide, fossil", float(rng.uniform(0, 1e-6)), 1.0))
        links.append(_link("input", first + (index + 1) % count, 0.01, 0.0))
        system.nodes.append(node(f"background {index}", template, scope, links))
    system.nodes[0].links.append(_link("input", first, 1e-3, 0.0))


def _link(kind: str, target: Any, amount: float, characterised: float) -> Link:
    return Link(kind, target, amount, None, characterised, "", "", "material", "assumed", "secondary", frozenset(), "synthetic")


def measure_exchanges(catalogue: Catalogue) -> list[str]:
    """Time against the number of varying exchanges: copies of one varying supply behind each other."""
    lines = []
    for copies in (100, 1000, 10_000):
        tape_input = Input("x", (), "", 0.9, 1.1)

        class Long(Scenarios):
            def _compose(self, values: Any, size: int) -> System:
                system = compose(self._catalogue, PRODUCT, Method(), Settings(), None, size, marks=False)
                extra = [_link("emission", "carbon dioxide, fossil", values[0] * (1e-9 * (n + 1)), 1.0) for n in range(copies)]  # noqa: B023
                system.nodes[0].links.extend(extra)
                return system

            def _outputs(self, system: System) -> dict[str, Any]:
                return {"total": calc_intensities(system, supplier_order(system))[0], "feasible": True}

        scenarios = Long(catalogue, PRODUCT, Method(), Settings(), [tape_input], np.linspace(0.9, 1.1, 16)[None, :])
        values = np.random.default_rng(1).uniform(0.9, 1.1, (1, 20_000))
        scenarios.run(values)
        spent = statistics.median(timed(lambda: scenarios.run(values)) for _ in range(ROUNDS))  # noqa: B023
        lines.append(f"| {copies:,} | {1e9 * spent / 20_000:.0f} ns | {1e9 * spent / 20_000 / copies:.2f} ns |")
    return lines


def lca_algebraic_line(catalogue: Catalogue) -> str:
    """lca_algebraic on the same chain in an environment of its own, or why it is not here."""
    python = os.environ.get("PCF_PEER_PYTHON", "")
    if not python:
        return "| lca_algebraic | – | – | at least 20 ×; not measured: PCF_PEER_PYTHON names no Python that has it |"
    sampled = Sampled(catalogue, Variant(PEER_PRODUCT), seed=1)
    program, size = sampled.scenarios.program, 20_000
    values = sampled.inputs(0, BLOCK)[:, :size]
    needed = {program.outputs["total"]}
    steps = []
    for step in reversed(program.operations):
        if step.result in needed:
            needed |= {item for item in step.operands if isinstance(item, int)}
            operands = [{"slot": item} if isinstance(item, int) else {"value": item} for item in step.operands]
            steps.append((step.name, step.result, operands))
    chain = {
        "inputs": list(program.inputs), "base": [item.quantity.value for item in sampled.uncertain], "operations": steps[::-1],
        "total": program.outputs["total"], "values": values.tolist(), "totals": sampled.scenarios.run(values).total.tolist(),
    }  # fmt: skip
    script = Path(__file__).with_name("peer_lca_algebraic.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.json"
        path.write_text(json.dumps(chain), encoding="utf-8")
        done = subprocess.run([python, str(script), str(path)], capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1][:100] if done.stderr.strip() else "no output"
        return f"| lca_algebraic | – | – | at least 20 ×; not measured: {reason} |"
    theirs = float(done.stdout.strip().splitlines()[-1])
    ours = size / statistics.median(timed(lambda: sampled.scenarios.run(values)) for _ in range(ROUNDS))
    return f"| lca_algebraic, `{PEER_PRODUCT}` as one formula ({ours:,.0f} /s here) | {theirs:,.0f} | {ours / theirs:,.0f} × | at least 20 × |"


def render() -> tuple[str, list[tuple[int, float]]]:
    """The page with today's figures, and the points of the growth."""
    catalogue = open_catalogue(datasets_path())
    head = "| what | scenarios/s | ratio | wanted |\n|---|---:|---:|---|"
    given = measure_given(catalogue)
    growth, points = measure_growth(catalogue)
    lines = [
        "# Benchmarks: many scenarios",
        "",
        f"Written by `python benchmarks/variants.py --write`: `{PRODUCT}`, medians of {ROUNDS} rounds, all by turns in one run on one machine;",
        "each peer's answers are compared with the engine's first. Ratios count; nothing fails because a machine is slow.",
        "",
        f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} processors, {platform.machine()}.",
        "",
        "## Parameters given",
        "",
        head,
        *given,
        lca_algebraic_line(catalogue),
        "",
        "## Monte Carlo",
        "",
        head,
        *measure_monte_carlo(catalogue),
        "",
        "## Growth",
        "",
        "Sampling included; memory stays that of one block of 65,536 scenarios.",
        "",
        "| scenarios | time | each |\n|---:|---:|---:|",
        *growth,
        "",
        "![Time against the number of scenarios](pictures/growth.png)",
        "",
        "| varying exchanges | time a scenario | each |\n|---:|---:|---:|",
        *measure_exchanges(catalogue),
        "",
        "## A large background",
        "",
        "A synthetic loop of activities with eleven suppliers each behind the same foreground: solved once, sparse, then constant.",
        "",
        "| background activities | preparation, once | a scenario |\n|---:|---:|---:|",
        *measure_background(catalogue),
        "",
    ]
    return "\n".join(lines), points


def draw_growth(points: list[tuple[int, float]]) -> None:
    """Time against scenarios, both logarithmic, with the line of proportion."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    sizes, times = zip(*points, strict=True)
    axes.loglog(sizes, times, "o-", color="#0072B2", label="measured")
    axes.loglog(sizes, [times[-1] / sizes[-1] * size for size in sizes], "--", color="#777777", label="proportional")
    axes.set_xlabel("scenarios")
    axes.set_ylabel("time [s]")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    page, grown = render()
    print(page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        draw_growth(grown)
