"""Labels made ready for one encoder, and what they say of vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rag.classifying.confidence import Calibration, Floats, probabilities
from rag.classifying.templates import Templates
from rag.ports import Matrix
from rag.ports.generations import Serving

LIKELIEST = 5
"""Labels that a verdict names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one picture shows, of the labels asked about.

    Attributes:
        label: empty where "none of these" is likelier than each label.
        confidence: calibrated probability of that answer, in [0, 1].
        none: probability that none of the labels fits.
        likeliest: the first labels with their probabilities, which with `none` and the labels left out sum to 1.
    """

    label: str
    confidence: float
    none: float
    likeliest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Label vectors and how cosines with them read.

    Attributes:
        serving: the encoder that the labels went through, and the store with its vectors of pictures. One
            classification keeps to it, whatever becomes live meanwhile.
        vectors: shape (labels, dim), float32, rows of unit length.
    """

    serving: Serving
    labels: tuple[str, ...]
    templates: Templates
    vectors: Matrix
    calibration: Calibration

    def probabilities(self, pictures: Matrix) -> Floats:
        """shape (n, labels + 1), rows sum to 1; the last column is "none of these". `pictures`: shape (n, dim)."""
        return probabilities((pictures @ self.vectors.T).astype(np.float64), self.calibration)

    def verdict(self, row: Floats) -> Verdict:
        """What a row of `probabilities` says."""
        order = np.argsort(-row[:-1], kind="stable")[:LIKELIEST]
        likeliest = tuple((self.labels[int(at)], float(row[at])) for at in order)
        none = float(row[-1])
        label, confidence = ("", none) if none > likeliest[0][1] else likeliest[0]
        return Verdict(label, confidence, none, likeliest)

    def reaching(self, row: Floats, least: float) -> list[tuple[str, float]]:
        """Labels with a probability of at least `least`, in the order of the labels."""
        return [(label, float(p)) for label, p in zip(self.labels, row[:-1], strict=True) if p >= least]


def surest(rows: Floats) -> int:
    """Which of an asset's visuals speaks for it: the one whose likeliest label is likeliest. `rows`: (n, labels + 1)"""
    return int(rows[:, :-1].max(axis=1).argmax())
