"""How far probabilities can be believed: expected calibration error, and risk against coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram.

    Attributes:
        confidence: mean probability that was said.
        accuracy: share that was right.
    """

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class CoverageRisk:
    """What is answered, and how much of that is wrong, for every threshold; most confident first.

    Attributes:
        threshold: shape (n,), descending: answer where confidence is at least this.
        coverage: shape (n,), the share answered, ascending to 1.
        risk: shape (n,), the share of those answered that is wrong.
    """

    threshold: Floats
    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC, Geifman & El-Yaniv 2017): 0 is perfect."""
        return float(self.risk.mean())

    def at(self, coverage: float) -> tuple[float, float]:
        """Risk and threshold where at least `coverage` of all is answered."""
        place = int(np.searchsorted(self.coverage, coverage - 1e-12))
        return float(self.risk[place]), float(self.threshold[place])


def expected_calibration_error(confidence: Floats, correct: Bools, bins: int = BINS) -> float:
    """Mean gap between confidence and accuracy over equal-mass bins, in [0, 1].

    ECE = sum_b |b|/n * |accuracy(b) - confidence(b)|  (Naeini et al. 2015, with
    equal-mass bins as in Nixon et al. 2019).

    Args:
        confidence: shape (n,), in [0, 1].
        correct: shape (n,).

    Raises:
        ValueError: fewer samples than bins.
    """
    found = reliability(confidence, correct, bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in found) / len(confidence)


def reliability(confidence: Floats, correct: Bools, bins: int = BINS) -> list[Bin]:
    """The bins of `expected_calibration_error`, by ascending confidence. Raises as it does."""
    if len(confidence) != len(correct):
        raise ValueError(f"{len(confidence)} confidences for {len(correct)} outcomes")
    if len(confidence) < bins:
        raise ValueError(f"{len(confidence)} samples are too few for {bins} bins")
    order = np.argsort(confidence, kind="stable")
    return [
        Bin(len(part), float(confidence[part].mean()), float(correct[part].mean()))
        for part in np.array_split(order, bins)
    ]


def coverage_risk(confidence: Floats, correct: Bools) -> CoverageRisk:
    """The curve of answering only where confidence is high enough.

    Equal confidences are answered together, so that no order among them flatters the curve.

    Args:
        confidence: shape (n,).
        correct: shape (n,).

    Raises:
        ValueError: no samples.
    """
    if not len(confidence):
        raise ValueError("a coverage-risk curve needs samples")
    order = np.argsort(-confidence, kind="stable")
    threshold, right = confidence[order], correct[order]
    last = np.append(threshold[1:] != threshold[:-1], True)
    answered = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right)
    return CoverageRisk(threshold[last], (answered / len(order))[last], (wrong / answered)[last])
