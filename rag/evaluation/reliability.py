"""How far `relevance` can be believed: calibration error, its diagram, and what abstaining costs and spares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability diagram: of `n` hits, what relevance promised and what was true."""

    confidence: float
    accuracy: float
    n: int


def reliability(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> list[Bin]:
    """Equal-mass bins in order of confidence (Nixon et al. 2019); sizes differ by one at most.

    Args:
        confidence: shape (n,), in [0, 1].
        correct: shape (n,).

    Raises:
        ValueError: fewer samples than bins.
    """
    promised, true = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    if len(promised) < bins:
        raise ValueError(f"{len(promised)} samples are too few for {bins} bins")
    order = np.argsort(promised, kind="stable")
    return [
        Bin(float(promised[rows].mean()), float(true[rows].mean()), len(rows)) for rows in np.array_split(order, bins)
    ]


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> float:
    """Mean gap between confidence and accuracy over equal-mass bins, in [0, 1].

    ECE = sum_b |b|/n * |accuracy(b) - confidence(b)|  (Naeini et al. 2015). Arguments and errors as `reliability`.
    """
    found = reliability(confidence, correct, bins)
    return sum(one.n * abs(one.accuracy - one.confidence) for one in found) / sum(one.n for one in found)


@dataclass(frozen=True, slots=True)
class Risk:
    """A point of a coverage-risk curve: answering only at `threshold` or above.

    Attributes:
        coverage: share of all questions that are answered.
        risk: share of the answered ones whose first hit does not answer them.
    """

    threshold: float
    coverage: float
    risk: float


def coverage_risk(confidence: ArrayLike, correct: ArrayLike, points: int = 60) -> list[Risk]:
    """Selective risk at falling thresholds (El-Yaniv and Wiener 2010), at most `points` of them, coverage ascending.

    Raises:
        ValueError: no samples.
    """
    promised, true = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    if not len(promised):
        raise ValueError("there are no samples")
    order = np.argsort(-promised, kind="stable")
    wrong = np.cumsum(~true[order])
    last_of_ties = [*np.flatnonzero(np.diff(promised[order])), len(order) - 1]
    chosen = [last_of_ties[i] for i in _spread(len(last_of_ties), points)]
    return [
        Risk(float(promised[order[at]]), (at + 1) / len(order), float(wrong[at]) / (at + 1)) for at in map(int, chosen)
    ]


@dataclass(frozen=True, slots=True)
class Abstention:
    """What one threshold does: of the unanswerable, how many are refused; of the answerable, how many are lost."""

    threshold: float
    refused: float
    lost: float


def abstention(answerable: Sequence[float], unanswerable: Sequence[float], threshold: float) -> Abstention:
    """A question is refused when its best relevance is below `threshold`. Raises ValueError where one side is empty."""
    if not len(answerable) or not len(unanswerable):
        raise ValueError("abstention needs questions of both kinds")
    return Abstention(
        threshold,
        float(np.mean(np.asarray(unanswerable) < threshold)),
        float(np.mean(np.asarray(answerable) < threshold)),
    )


def best_threshold(answerable: Sequence[float], unanswerable: Sequence[float], *, most_lost: float) -> Abstention:
    """The abstention that refuses most of the unanswerable while losing at most `most_lost` of the answerable."""
    levels = sorted({0.0, *answerable, *(float(np.nextafter(value, 2.0)) for value in unanswerable)})
    found = [abstention(answerable, unanswerable, level) for level in levels]
    return max((one for one in found if one.lost <= most_lost), key=lambda one: (one.refused, -one.threshold))


def _spread(n: int, points: int) -> list[int]:
    return sorted({round(i) for i in np.linspace(0, n - 1, min(n, points))})
