"""What the pages have computed in worker processes: each a function of plain values that calls what the commands call."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pcf.engine import calculate
from pcf.engine.axes import read_variant
from pcf.engine.montecarlo import run_uncertainty
from pcf.errors import InputError
from pcf.methods import assess, document
from pcf.views.order import in_order
from pcf.web.work import catalogue, data_path


def product_documents(lang: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and footprint document of every product, in the order of lists."""
    found = catalogue()
    made = []
    for item in in_order(found.products.values()):
        result = calculate(found, item.id)
        made.append((item.kind, document(result, assess(result), lang)))
    return made


def band(text: str, size: int) -> tuple[float, float, float, int] | None:
    """Quantiles 2.5 %, 50 %, 97.5 % [tCO2e/t] and the number of draws that count; None where none of them can be made."""
    found = run_uncertainty(catalogue(), read_variant(catalogue(), text), size)
    summary = found.feasible if found.feasible.count else found.total
    if not found.feasible.count:
        return None
    low, middle, high = summary.quantiles((0.025, 0.5, 0.975))
    return low, middle, high, summary.count


def bring_in(path: str, year: int, folder: str, lang: str, replace: bool) -> tuple[str, list[str], list[tuple[str, str]]]:
    """Check a plant's workbook and make it a site; gives the site, the report without the balances, and these with their status."""
    from pcf.exchange import import_plant

    report = import_plant(Path(path), year, Path(folder), replace=replace)
    balances, lines = report.balance_lines(lang), report.lines(lang)
    return report.site, [lines[0], *lines[1 + len(balances) :]], balances


def data_difference(old: str, new: str, own: str) -> dict[str, Any]:
    """What sets two versions of the data apart."""
    from pcf.views.data_diff import difference_document
    from pcf.views.data_versions import open_version

    first, second = (open_version(name, data_path(), Path(own)) for name in (old, new))
    return difference_document(first, second)


def template(sample: bool) -> bytes:
    """The workbook into which a plant's own data go, empty or filled with the fictitious sample."""
    from pcf.exchange import write_sample, write_template

    return file_content("plant.xlsx", write_sample if sample else write_template)


def comparison(
    texts: Sequence[str], labels: Sequence[str], pair: tuple[int, int], size: int, lang: str, dark: bool
) -> dict[str, Any]:
    """Variants side by side: the document, their footprints, and the figures as pages have them."""
    from pcf.engine.contrast import contrast
    from pcf.views.basis import document_of
    from pcf.views.compare_document import compare_document
    from pcf.views.compare_figures import draw
    from pcf.web.figures import figure

    chosen = [read_variant(catalogue(), text) for text in texts]
    found = contrast(catalogue(), chosen, size)
    items = [document_of(footprint, lang) for footprint in found.footprints]
    made = compare_document(found, items, labels, size, 0, lang)
    named = {"stages": labels}
    if all(found.feasible):  # what cannot be made has no interval
        named["distributions"] = [""] * len(labels)  # a letter leaves room for the distribution
    figures = {name: figure(draw(found, items, words, name, made, lang), dark=dark) for name, words in named.items()}
    two = [chosen[place] for place in pair]
    part = found if len(chosen) == 2 and pair == (0, 1) else contrast(catalogue(), two, size)
    two_items, two_labels = [items[place] for place in pair], [labels[place] for place in pair]
    document_ = made if part is found else compare_document(part, two_items, two_labels, size, 0, lang)
    letters = [made["variants"][place]["letter"] for place in pair]
    shown = [{**variant, "letter": letter} for variant, letter in zip(document_["variants"], letters, strict=True)]
    document_ = {**document_, "variants": shown}
    if all(part.feasible) and not part.mixed:
        for name in ("waterfall", "difference"):
            with suppress(InputError):  # no draw in which both can be made
                figures[name] = figure(draw(part, two_items, two_labels, name, document_, lang), dark=dark)
    said = next(item for item in made["pairs"] if {item["first"], item["second"]} == set(letters))
    return {"document": made, "items": items, "figures": figures, "pair": said}


def comparison_file(texts: Sequence[str], labels: Sequence[str], size: int, lang: str, ending: str) -> bytes:
    """The tables of a comparison as a file."""
    from pcf.engine.contrast import contrast
    from pcf.views.basis import document_of
    from pcf.views.compare_document import compare_document, compare_tables
    from pcf.views.table_files import write_tables

    found = contrast(catalogue(), [read_variant(catalogue(), text) for text in texts], size)
    items = [document_of(footprint, lang) for footprint in found.footprints]
    made = compare_document(found, items, labels, size, 0, lang)
    return file_content(f"comparison{ending}", lambda path: write_tables(path, compare_tables(made, items, lang), made, lang))


def file_content(name: str, write: Callable[[Path], object]) -> bytes:
    """Content of a file that something writes."""
    with tempfile.TemporaryDirectory(prefix="pcf-web-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
