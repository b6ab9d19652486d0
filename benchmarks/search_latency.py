"""A whole retrieval without encoding its words: rights, filters, three channels, ranking, evidence, coverage.

`python -m benchmarks.search_latency --visuals 1000000` measures one size and prints it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.__main__ import line
from benchmarks.figure import Figure
from benchmarks.processes import measured

SIZES = (1_000, 10_000, 100_000)
ASKED = 100_000
"""The size that the targets are for."""


def figures() -> list[Figure]:
    """Beside each time, numpy comparing all rows of both dense channels exactly, asked after them."""
    return [figure for count in SIZES for figure in figures_of(count)]


def figures_of(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        filled, _ = measured("benchmarks.search_latency_fill", str(count), folder)
        found, _ = measured("benchmarks.search_latency_ask", str(count), folder)
        size = _on_disk(Path(folder, "desk"))
    name = f"search, {count:,} visuals"
    p50, p99, overlap = (8.0, 25.0, 0.98) if count == ASKED else (None, None, None)
    overlapping = f"{name}: overlap@10 with exact"
    return [
        Figure(f"{name}: p50", found["p50"], "ms", p50, "lower", found["numpy_p50"]),
        Figure(f"{name}: p99", found["p99"], "ms", p99, "lower", found["numpy_p99"]),
        Figure(f"{overlapping}, image", found["image"], "", overlap),
        Figure(f"{overlapping}, caption", found["caption"], "", overlap),
        Figure(f"{name}: memory", found["memory"], "MiB", better="lower"),
        Figure(f"{name}: on disk", size, "MiB", better="lower"),
        Figure(f"{name}: optimize", filled["optimize_seconds"], "s", better="lower"),
    ]


def _on_disk(folder: Path) -> float:
    """MiB that its files take, catalog and vectors."""
    return sum(512 * path.stat().st_blocks for path in folder.rglob("*") if path.is_file()) / 2**20


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_latency", description=__doc__)
    parser.add_argument("--visuals", type=int, action="append", help=f"a size, instead of {SIZES}; may be repeated")
    for count in parser.parse_args(arguments).visuals or SIZES:
        for figure in figures_of(count):
            print(line(figure), flush=True)


if __name__ == "__main__":
    main()
