"""Measures Explore in a real browser: from a key on a lever to the new chart, beside what drawing that chart alone takes there.

The server is the real one on the loopback interface, the browser is Debian's Chromium without a display. Each lever of each product is moved
by its keys; the clock is the browser's, from the key's event to the picture in which the chart is new. By turns the
browser draws the same chart again from data that it has: less than that no page with this chart can take. The engine alone is measured in this
process. `--small` takes few moves.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright

from benchmarks.workbench import ROOT, wait
from pcf.commands.options import load
from pcf.store import open_database
from pcf.views.state import State
from pcf.web.explorer import Explorer
from pcf.web.people import People
from pcf.web.sessions import Sessions

PRODUCTS = ("a356.2", "hqalight", "hqaloop", "primary-shandong")
MOVES = 4 if "--small" in sys.argv else 24
BETWEEN = 900
"""Pause after a move in which what follows it is done: the details, and the interval [ms]."""

CLOCK = """
async (key) => {
  const chart = document.querySelector('#bars'), shown = () => JSON.stringify(chart.data.map((trace) => trace.x)), before = shown();
  const drawn = new Promise((done) => chart.once('plotly_afterplot', () => requestAnimationFrame(() => setTimeout(done))));
  const slider = document.activeElement, start = performance.now();
  slider[key === 'ArrowRight' ? 'stepUp' : 'stepDown']();  // what the key does; one that a script sends does nothing
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  await Promise.race([drawn, new Promise((done) => setTimeout(done, 3000))]);
  return [performance.now() - start, shown() !== before];
}
"""

DRAW = """
async () => {
  const chart = document.querySelector('#bars'), {Plotly} = await import('nicegui-plotly');
  const data = JSON.parse(JSON.stringify(chart.data)), layout = JSON.parse(JSON.stringify(chart.layout));
  for (const trace of data) if (Array.isArray(trace.x)) trace.x = trace.x.map((x) => x * 1.001);
  const drawn = new Promise((done) => chart.once('plotly_afterplot', () => requestAnimationFrame(() => setTimeout(done))));
  const start = performance.now();
  Plotly.react(chart, data, layout);
  await drawn;
  return performance.now() - start;
}
"""


@contextmanager
def server(home: Path) -> Iterator[tuple[str, str]]:
    """Address of `pcf serve` and a session's token."""
    os.environ["PCF_HOME"] = str(home)
    os.environ.pop("PCF_DATABASE_URL", None)
    database = open_database()
    people = People(database)
    people.set_password("lin", people.add("benchmark", "lin", "sales"), "a sentence that is long")
    token = Sessions(database, people).begin("lin")
    command = [sys.executable, "-c", "from pcf.commands import main; main()", "serve", "--port", "0"]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = re.findall(r"http://[0-9.:]+", process.stdout.readline())[0]
        wait(int(address.rpartition(":")[2]))
        yield address, token
    finally:
        process.terminate()
        process.wait()
        database.close()


def engine(product: str) -> list[float]:
    """Times of the live model for moves of each lever [ms]."""
    explorer, times = Explorer(load(None), State(product)), []
    for name, value in list(explorer.positions.items()):
        lever = explorer.lever(name)
        low, high = (lever.low, lever.high) if lever.is_number else (0.0, 1.0)
        for step in range(MOVES):
            start = time.perf_counter()
            explorer.move(name, low + (high - low) * (step + 1) / (MOVES + 1))
            times.append(1_000 * (time.perf_counter() - start))
        explorer.move(name, value)
    return times


def page(browser_page: Any, address: str, product: str) -> tuple[list[float], list[float]]:
    """Times from a key to the new picture, and of drawing alone [ms]."""
    browser_page.goto(f"{address}/app/explore?product={product}")
    browser_page.wait_for_selector("#bars .main-svg")
    browser_page.wait_for_timeout(3_000)
    moved, drawn = [], []
    for place in range(browser_page.locator(".lever input[type=range]").count()):
        for step in range(MOVES):
            browser_page.locator(".lever input[type=range]").nth(place).focus()
            # Down and up: at the end of a range, and where no charge is feasible, a key gives no new chart.
            took, changed = browser_page.evaluate(CLOCK, "ArrowLeft" if step % 2 == 0 else "ArrowRight")
            if changed:
                moved.append(took)
            browser_page.wait_for_timeout(BETWEEN)
            drawn.append(browser_page.evaluate(DRAW))
    return moved, drawn


def spread(times: list[float]) -> str:
    """Median, 95th percentile and maximum."""
    return f"median {statistics.median(times):.1f} ms, 95 % within {sorted(times)[int(0.95 * (len(times) - 1))]:.1f}, most {max(times):.1f}"


def main() -> None:
    """Every product by turns."""
    with tempfile.TemporaryDirectory() as home, server(Path(home)) as (address, token), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "pcf_session", "value": token, "url": address}])
        found = context.new_page()
        for product in PRODUCTS:
            alone = engine(product)
            moved, drawn = page(found, address, product)
            ratio = statistics.median(moved) / statistics.median(drawn)
            print(f"{product}: engine {spread(alone)}; key to new chart {spread(moved)} ({len(moved)} moves)")
            print(f"  drawing alone {spread(drawn)}; ratio {ratio:.2f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
