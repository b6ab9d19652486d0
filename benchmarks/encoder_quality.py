"""The demo encoder's figures, measured again with the shipped weights: `python -m benchmarks.encoder_quality`."""

from __future__ import annotations

from typing import Any

from rag.encoding import load_encoder
from rag.encoding.training.figures import measure
from rag.encoding.training.probes import probes


def figures() -> list[dict[str, Any]]:
    """Each with name, value, unit, target (None where there is none) and meaning; half a minute on two cores."""
    return [figure.as_dict() for figure in measure(load_encoder("demo"), probes())]


if __name__ == "__main__":
    for row in figures():
        target = "" if row["target"] is None else f"  (at least {row['target']:.2f})"
        print(f"{row['name']:32} {row['value']:.3f}{target}")
