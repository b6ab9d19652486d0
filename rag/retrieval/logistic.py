"""Logistic regression that starts from what was believed before, and never turns a score against itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STEPS = 100
SMALLEST_STEP = 1e-9


def probabilities(logits: Floats) -> Floats:
    """1 / (1 + exp(-logits)), without overflow; same shape."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0))))


def fit_logistic(
    slopes: Floats, others: Floats, labels: Floats, *, weights: Floats, prior: Floats, strength: Floats
) -> Floats:
    """The most probable coefficients: maximum a posteriori by Newton's method, deterministic.

    minimises  sum_i w_i * logloss_i + 1/2 * sum_j strength_j * (beta_j - prior_j)^2,  beta_j >= 0 for slopes.

    A slope that would be negative is held at 0 and the others are fitted again (the most
    negative first): a higher score never lowers the probability.

    Args:
        slopes: shape (n, k), columns whose coefficients must not be negative.
        others: shape (n, m), columns whose coefficients may be anything, such as a bias.
        labels: shape (n,), in [0, 1].
        weights: shape (n,), >= 0.
        prior: shape (k + m,), as believed beforehand.
        strength: shape (k + m,), > 0: how firmly.

    Returns:
        shape (k + m,).
    """
    x = np.column_stack([slopes, others])
    free = np.ones(x.shape[1], dtype=np.bool_)
    while True:
        beta = np.zeros(x.shape[1])
        beta[free] = _newton(x[:, free], labels, weights, prior[free], strength[free])
        worst = int(np.argmin(beta[: slopes.shape[1]])) if slopes.shape[1] else 0
        if not slopes.shape[1] or beta[worst] >= 0:
            return beta
        free[worst] = False


def _newton(x: Floats, labels: Floats, weights: Floats, prior: Floats, strength: Floats) -> Floats:
    """The loss is convex, so a step that is halved until it lowers the loss always leads to the one minimum."""
    beta = prior.astype(np.float64)
    loss = _loss(beta, x, labels, weights, prior, strength)
    for _ in range(MOST_STEPS):
        p = probabilities(x @ beta)
        gradient = x.T @ (weights * (labels - p)) - strength * (beta - prior)
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(strength)
        step = np.linalg.solve(hessian, gradient)
        while (lower := _loss(beta + step, x, labels, weights, prior, strength)) > loss:
            step = step / 2
            if float(np.abs(step).max()) < SMALLEST_STEP:
                return beta
        beta, loss = beta + step, lower
        if float(np.abs(step).max()) < SMALLEST_STEP:
            break
    return beta


def _loss(  # noqa: PLR0917
    beta: Floats, x: Floats, labels: Floats, weights: Floats, prior: Floats, strength: Floats
) -> float:
    logits = x @ beta
    losses = np.logaddexp(0.0, logits) - labels * logits
    return float(weights @ losses + 0.5 * (strength @ (beta - prior) ** 2))
