"""The demo encoder's figures, measured again with the shipped weights."""

from __future__ import annotations

from benchmarks.figure import Figure
from rag.encoding import load_encoder
from rag.encoding.training.figures import measure
from rag.encoding.training.probes import probes


def figures() -> list[Figure]:
    """Half a minute on two cores."""
    found = measure(load_encoder("demo"), probes())
    return [Figure(f"demo encoder: {figure.name}", figure.value, figure.unit, figure.target) for figure in found]
