"""Ingest beside how the well-known tools do it, at 12, 2 and 0.3 megapixels, with ViT-B/32 on seeded random weights.

a: the baseline (`ingest_baseline`); b: our encoder alone on prepared pictures, in a process of its own; c: our
whole pipeline into Qdrant Edge, catalog included (both `ingest_ours`). Rounds of a, b, c take turns, so that all
see the same noise; what is reported is the median. Runs last long enough for filling and emptying the pipeline to
count for little.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.encoder_speed import random_weights
from benchmarks.figure import Figure
from benchmarks.ingest_pictures import write_photographs
from benchmarks.processes import measured

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """Pictures of one size, and what is asked of them."""

    name: str
    pixels: tuple[int, int]
    count: int
    target: float | None


class Run(NamedTuple):
    """Pictures a second, peak memory in MiB, and the number format."""

    rate: float
    peak: float
    precision: str


SIZES = (
    Size("12 MP", (4000, 3000), 288, 3.5),
    Size("2 MP", (1632, 1224), 480, 3.0),
    Size("0.3 MP", (640, 480), 768, None),
)
PRECISIONS = {"auto": 0.999, "int8": 0.995}
"""Least cosine to the baseline's vectors: fp32 of fully decoded pictures. `auto` is bf16 where that is fast."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, random_weights() as checkpoint:
        return [figure for size in SIZES for figure in _at(Path(folder), checkpoint, size)]


def _at(folder: Path, checkpoint: Path, size: Size) -> list[Figure]:
    pictures = folder / size.name.replace(" ", "-")
    write_photographs(pictures, size.count, size.pixels)
    runs: dict[str, list[Run]] = {}
    for _ in range(ROUNDS):
        runs.setdefault("a", []).append(_run("ingest_baseline", checkpoint, pictures, "a"))
        for precision in PRECISIONS:
            ours = "ingest_ours", f"ViT-B-32/{checkpoint}", pictures, precision, f"--precision={precision}"
            runs.setdefault(precision, []).append(_run(*ours))
            runs.setdefault(_alone(precision), []).append(_run(*ours, "--encoder-alone"))
    return [figure for precision in PRECISIONS for figure in _figures(pictures, size, precision, runs)]


def _run(module: str, encoder: object, pictures: Path, vectors: str, *options: str) -> Run:
    kept = f"--vectors={pictures}-{vectors}.npy"
    result, memory = measured(f"benchmarks.{module}", str(encoder), str(pictures), kept, *options)
    return Run(result["rate"], memory.all / 2**20, result.get("precision", ""))


def _alone(precision: str) -> str:
    return f"{precision} alone"


def _figures(pictures: Path, size: Size, precision: str, runs: dict[str, list[Run]]) -> list[Figure]:
    rate = {name: statistics.median(run.rate for run in found) for name, found in runs.items()}
    peak = {name: max(run.peak for run in found) for name, found in runs.items()}
    ours, alone = rate[precision], rate[_alone(precision)]
    name = f"ingest {size.name}, ViT-B/32 {runs[precision][0].precision}"
    decode_is_the_limit = size.name != "0.3 MP"
    return [
        Figure(
            f"{name}: beside a DataLoader in fp32", ours, "pictures/s", size.target, baseline=rate["a"], of_ratio=True
        ),
        Figure(
            f"{name}: beside the encoder alone",
            ours,
            "pictures/s",
            None if decode_is_the_limit else 0.85,
            baseline=alone,
            of_ratio=True,
        ),
        Figure(f"{name}: cosine to fp32 of full decodes", _cosine(pictures, precision), "least", PRECISIONS[precision]),
        Figure(f"{name}: peak memory", peak[precision], "MiB", better="lower", baseline=peak["a"]),
    ]


def _cosine(pictures: Path, precision: str) -> float:
    theirs, ours = (np.load(f"{pictures}-{name}.npy") for name in ("a", precision))
    return float((theirs * ours).sum(axis=1).min())
