"""Measures the engine beside its peers in one run, alternating between them, and prints ratios.

With `--write` the table goes to docs/benchmarks.md. Nothing here is a test: a time depends on the machine, a ratio hardly.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pcf.catalogue import Catalogue, open_catalogue
from pcf.engine import calc_totals, matrices
from pcf.engine.brightway import SYSTEM, open_lca
from pcf.model import Method, System, compose, read_request
from pcf.resources import datasets_path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
ROUNDS = 7
SCENARIOS = 10_000
PEER_SCENARIOS = 60


def interleave(rounds: int, *calls: Callable[[], float]) -> list[list[float]]:
    """Durations [s] of each call, round by round, so that a slow moment of the machine hits all of them."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for times, call in zip(found, calls, strict=True):
            times.append(call())
    return found


def timed(call: Callable[[], object]) -> float:
    """Duration of one call [s]."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def process(*arguments: str) -> tuple[float, float]:
    """Duration [s] and peak memory [MiB] of a process from its start."""
    with tempfile.TemporaryFile() as sink:
        start = time.perf_counter()
        child = subprocess.Popen(arguments, stdout=sink, stderr=sink)
        _, status, usage = os.wait4(child.pid, 0)
        duration = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {child.returncode}")
    per_mib = 2**20 if sys.platform == "darwin" else 2**10
    return duration, usage.ru_maxrss / per_mib


def measure_start() -> list[str]:
    """`pcf footprint hqalight` from process start, beside the bare import of Brightway and of numpy."""
    pcf = str(Path(sys.executable).with_name("pcf"))
    process(pcf, "footprint", "hqalight")  # once, so that the compiled catalogue is there as on any later call
    own, peer, limit = interleave(
        ROUNDS,
        lambda: process(pcf, "footprint", "hqalight")[0],
        lambda: process(sys.executable, "-c", "import brightway2")[0],
        lambda: process(sys.executable, "-c", "import numpy")[0],
    )
    memory = max(process(pcf, "footprint", product)[1] for product in ("hqalight", "a356.2", "can-stock-3104"))
    ours, theirs, least = (statistics.median(times) for times in (own, peer, limit))
    return [
        (
            f"| `pcf footprint hqalight` from process start | {ours:.2f} s | `import brightway2`: {theirs:.2f} s | "
            f"{ours / theirs:.2f} × | at most 0.5 × | `import numpy` alone: {least:.2f} s, so {ours / least:.1f} × the least possible |"
        ),
        f"| peak memory of one footprint | {memory:.0f} MiB | | | below 300 MiB | |",
    ]


def draw(catalogue: Catalogue, size: int) -> tuple[System, Callable[[], object]]:
    """The scenarios: recycled input from 0 to 0.75 and a random mix of the foundry's and the smelter's grid power."""
    rng = np.random.default_rng(20_26)
    method = Method()
    product, settings = read_request(catalogue, "a356.2", method, ["recycled_input=0.5"], "coal=0.5,hydro=0.5")
    values: dict[tuple[str, str], object] = {}
    coal = rng.uniform(0.05, 0.95, size)
    for key, value in settings.values.items():
        if key[1] == "recycled_input":
            values[key] = rng.uniform(0.0, 0.75, size)
        elif key[1].endswith("__coal"):
            values[key] = coal
        elif key[1].endswith("__hydro"):
            values[key] = 1 - coal
        else:
            values[key] = value
    chosen = settings.with_values(values)
    return compose(catalogue, product, method, chosen, None, size), lambda: calc_totals(catalogue, product, method, chosen, size)


def measure_scenarios(catalogue: Catalogue) -> list[str]:
    """Scenarios a second of the vectorised engine and of bw2calc with rebuilt matrices of the same system."""
    system, own = draw(catalogue, SCENARIOS)
    lca = open_lca(system)
    place = {lca.activity_dict[SYSTEM, node.key]: index for index, node in enumerate(system.nodes)}
    rows, columns = ([place[i] for i in lca.tech_params[name]] for name in ("row", "col"))
    sign = np.where(np.equal(rows, columns), 1.0, -1.0)
    flows = {index: str(key[1]) for key, index in lca.biosphere_dict.items()}
    prepared = []
    for scenario in range(PEER_SCENARIOS):
        found = matrices(system, scenario)
        flow_rows = [found.flows.index(flows[i]) for i in lca.bio_params["row"]]
        flow_columns = [place[i] for i in lca.bio_params["col"]]
        prepared.append((sign * found.technosphere[rows, columns], found.biosphere[flow_rows, flow_columns]))
    scores: list[float] = []

    def peer() -> None:
        scores.clear()
        for technosphere, biosphere in prepared:
            lca.rebuild_technosphere_matrix(technosphere)
            lca.rebuild_biosphere_matrix(biosphere)
            lca.lci_calculation()
            lca.lcia_calculation()
            scores.append(float(lca.score))

    links = sum(isinstance(link.amount, np.ndarray) for node in system.nodes for link in node.links)
    total, amount, intensity = np.zeros(SCENARIOS), np.ones(SCENARIOS), np.ones(SCENARIOS)

    def least() -> None:
        for _ in range(links):
            np.add(total, amount * intensity, out=total)

    times = interleave(ROUNDS, lambda: timed(own), lambda: timed(peer), lambda: timed(least))
    totals = np.asarray(own())[:PEER_SCENARIOS]
    assert np.allclose(np.array(scores) / system.nodes[0].process.scale, totals, rtol=1e-5), "the two programs differ"
    ours = SCENARIOS / statistics.median(times[0])
    theirs = PEER_SCENARIOS / statistics.median(times[1])
    limit = SCENARIOS / statistics.median(times[2])
    return [
        (
            f"| {SCENARIOS:,} scenarios of a356.2 over recycled input and grid mix, equations included | {ours:,.0f} /s | "
            f"bw2calc, matrices rebuilt from prepared amounts: {theirs:,.0f} /s | {ours / theirs:,.0f} × | at least 500 × | "
            f"one multiply-add for each of the {links} varying links: {limit:,.0f} /s, so {limit / ours:.1f} × away |"
        ),
    ]


def render() -> str:
    """The page with today's figures."""
    catalogue = open_catalogue(datasets_path())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Each line compares programs that ran by turns in the same minutes on the same machine; the",
        f"figures are medians of {ROUNDS} rounds. The ratio is what counts, and it is no test: nothing fails because a machine is slow.",
        "",
        f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} processors, {platform.machine()}.",
        "",
        "| what | this program | beside it | ratio | wanted | how far from the limit |",
        "|---|---:|---:|---:|---:|---|",
        *measure_start(),
        *measure_scenarios(catalogue),
        "",
        "Of the scenarios' time nearly all is spent on composing the equations, once for the whole run, whatever its size; of the",
        "start, on reading the compiled catalogue and printing.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    page = render()
    print(page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
