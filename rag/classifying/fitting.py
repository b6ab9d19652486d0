"""Fits a calibration to pictures whose labels are known, and says how well a calibration does on others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.classifying.confidence import Calibration, Floats, probabilities, soft_maximum
from rag.ports import Sigmoid
from rag.retrieval.calibration_error import BINS, expected_calibration_error

Bools = NDArray[np.bool_]

SCALES = tuple(float(scale) for scale in np.geomspace(2, 400, 54))
RIDGE = 1e-3
"""Keeps the slope finite where the two sides can be parted without a fault."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities held on pictures whose labels are known.

    Attributes:
        accuracy: share whose likeliest answer, "none of these" among them, was right.
        calibration_error: see `expected_calibration_error`, of the likeliest answer's probability.
        log_loss: mean of -log P(right answer).
    """

    accuracy: float
    calibration_error: float
    log_loss: float


def fit(cosines: Floats, right: Bools, basis: str) -> Calibration:
    """The calibration with the least log loss, pictures with and without a right label weighing the same.

    For each scale of a grid, slope and midpoint of "some label fits" by Newton's method.

    Args:
        cosines: shape (n, labels); -inf for a label that was not asked about.
        right: shape (n, labels): which labels a picture has; a row without any is "none of these".

    Raises:
        ValueError: only pictures of one of the two sorts.
    """
    some = np.asarray(right.any(axis=1))
    if some.all() or not some.any():
        raise ValueError("Nothing to fit: both pictures with and without a right label are needed")
    weights = np.where(some, 0.5 / some.mean(), 0.5 / (~some).mean())
    found = [
        (_loss(cosines, right, weights, made), made)
        for made in (_at(scale, cosines, some, weights) for scale in SCALES)
    ]
    best = min(found, key=lambda pair: pair[0])[1]
    return Calibration(round(best.scale, 3), best.fits, basis)


def quality(cosines: Floats, right: Bools, calibration: Calibration) -> Quality:
    """Arguments as `fit`."""
    p = probabilities(cosines, calibration)
    truth = with_none(right)
    chosen = p.argmax(axis=1)
    correct = truth[np.arange(len(p)), chosen]
    loss = -np.log(np.maximum((p * truth).sum(axis=1), 1e-12)).mean()
    error = expected_calibration_error(p.max(axis=1), correct, min(BINS, len(p)))
    return Quality(float(correct.mean()), error, float(loss))


def with_none(right: Bools) -> Bools:
    """shape (n, labels + 1): a last column for pictures without a right label."""
    return np.concatenate([right, ~right.any(axis=1, keepdims=True)], axis=1)


def _at(scale: float, cosines: Floats, some: Bools, weights: Floats) -> Calibration:
    return Calibration(scale, _platt(soft_maximum(cosines, scale), some, weights), "")


def _platt(x: Floats, some: Bools, weights: Floats) -> Sigmoid:
    """Weighted logistic regression on one score, which is centred and scaled so that Newton's steps are sound."""
    centre, spread = float(x.mean()), float(x.std()) or 1.0
    features = np.stack([(x - centre) / spread, np.ones_like(x)], axis=1)
    beta = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(features @ beta, -60, 60)))
        gradient = features.T @ (weights * (some - p)) - RIDGE * beta
        hessian = (features * (weights * p * (1 - p))[:, None]).T @ features + RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta += step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    slope = max(float(beta[0]), 1e-6) / spread
    return Sigmoid(round(slope, 3) or 1e-3, round(centre - float(beta[1]) / slope, 5))


def _loss(cosines: Floats, right: Bools, weights: Floats, calibration: Calibration) -> float:
    p = (probabilities(cosines, calibration) * with_none(right)).sum(axis=1)
    return float(-(weights * np.log(np.maximum(p, 1e-12))).mean())
