"""Writes the draws of a run as Parquet, one block at a time."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pcf.catalogue import STAGES
from pcf.engine.inputs import Named
from pcf.engine.samples import Sample
from pcf.views.table_files import parquet


def write_samples(
    target: Path, named: Sequence[Named], blocks: Iterator[Sample], made: Mapping[str, Any], advance: Callable[[int], None]
) -> None:  # fmt: skip
    """Columns: every input in its unit, every stage, the total, and whether the charge is feasible.

    The schema's metadata say what the columns are and what the run was.
    """
    arrow, writer = parquet(), None
    try:
        for sample in blocks:
            stages = {stage: sample.outcome.stages[stage] for stage in STAGES if stage in sample.outcome.stages}
            columns = {one.id: row for one, row in zip(named, sample.inputs, strict=True)}
            columns |= {f"stage {stage}": values for stage, values in stages.items()}
            columns |= {"total": sample.outcome.total, "feasible": sample.outcome.feasible}
            if writer is None:
                schema = _schema(arrow, named, list(stages), made)
                writer = importlib.import_module("pyarrow.parquet").ParquetWriter(str(target), schema)
            writer.write_table(arrow.table(columns, schema=schema))
            advance(len(sample.outcome.total))
    finally:
        if writer is not None:
            writer.close()


def _schema(arrow: Any, named: Sequence[Named], stages: Sequence[str], made: Mapping[str, Any]) -> Any:
    number, unit = arrow.float64(), made["unit"]
    fields = [
        arrow.field(one.id, number, metadata={"unit": one.unit, "source": one.item.quantity.marks.source, "role": "input"})
        for one in named
    ]
    fields += [arrow.field(f"stage {stage}", number, metadata={"unit": unit, "role": "stage"}) for stage in stages]
    fields += [arrow.field("total", number, metadata={"unit": unit, "role": "total"}), arrow.field("feasible", arrow.bool_())]
    run = {key: made[key] for key in ("product", "boundary", "method", "draws", "provenance")}
    return arrow.schema(fields, metadata={"pcf": json.dumps(run, ensure_ascii=False)})
