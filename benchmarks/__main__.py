"""`make bench`: run the benchmarks, write `results.json`, and print what misses its target."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from benchmarks.table import table

RESULTS = Path(__file__).parent / "results.json"
TABLE = Path(__file__).parent / "README.md"
MODULES = (
    "command_line",
    "encoder_quality",
    "encoder_speed",
    "classification",
    "similar",
    "moderation",
    "ingest_speed",
    "ingest_memory",
    "ledger",
    "auditing",
    "ask_latency",
    "answer_support",
    "answer_citations",
    "query_composition",
    "vector_store",
    "search_latency",
    "calibration",
    "evaluation",
    "adapter_gain",
)
"""Each has `figures() -> list[Figure]`."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help=f"one of: {', '.join(MODULES)}")
    only = parser.parse_args(arguments).only
    if only and only not in MODULES:
        print(f"error: there is no benchmark {only}; there are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    figures = [figure for name in ([only] if only else MODULES) for figure in measured(name)]
    write_results([figure.as_row() for figure in figures])
    missed = [figure for figure in figures if figure.ok is False]
    for figure in missed:
        print(f"misses its target: {line(figure)}")
    print(f"{len(figures)} figures measured, {len(missed)} miss their target; see benchmarks/results.json")
    return 0


def measured(name: str) -> list[Figure]:
    print(f"{name} …", flush=True)
    figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").figures()
    for figure in figures:
        print(f"  {line(figure)}", flush=True)
    return figures


def line(figure: Figure) -> str:
    text = f"{figure.name}: {figure.value:,.4g} {figure.unit}"
    if figure.ratio is not None:
        text += f", {figure.ratio:.3g} × the baseline's {figure.baseline:,.4g}"
    if figure.target is not None:
        text += (
            f" (target {'≥' if figure.better == 'higher' else '≤'} {figure.target:g}{' ×' if figure.of_ratio else ''})"
        )
    return text


def write_results(rows: list[dict[str, Any]]) -> None:
    """Replace the rows of the same names and keep the others."""
    names = {row["name"] for row in rows}
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    kept = [row for row in old if row["name"] not in names]
    rows = sorted(kept + rows, key=lambda row: row["name"])
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    RESULTS.write_text(f"[\n{text}\n]\n")
    TABLE.write_text(table(rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
