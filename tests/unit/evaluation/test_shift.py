"""Drift is found where it is, and not where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.evaluation.shift import maximum_mean_discrepancy, population_stability_index

RNG = np.random.default_rng(5)


def vectors(n: int, towards: float = 0.0) -> NDArray[np.float32]:
    rows = RNG.standard_normal((n, 32)).astype(np.float32)
    rows[:, 0] += towards
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def test_other_pictures_of_the_same_kind_are_no_drift() -> None:
    value, p = maximum_mean_discrepancy(vectors(200), vectors(200))
    assert abs(value) < 0.01
    assert p > 0.01


def test_pictures_of_another_kind_are_drift() -> None:
    value, p = maximum_mean_discrepancy(vectors(200), vectors(200, towards=2.0))
    assert value > 0.02
    assert p < 0.01


def test_the_p_value_is_as_often_small_as_it_says() -> None:
    small = sum(maximum_mean_discrepancy(vectors(40), vectors(40), permutations=50)[1] <= 0.2 for _ in range(60))
    assert 3 <= small <= 24  # 12 expected, six standard errors either way would be wider


def test_mmd_by_hand() -> None:
    """Pairs at distance 0 within, 1 between: the median of the six squared distances is 1, so k is e^-0.5 between."""
    one, other = np.array([[0.0], [0.0]], np.float32), np.array([[1.0], [1.0]], np.float32)
    value, _ = maximum_mean_discrepancy(one, other)
    assert value == pytest.approx(2 - 2 * math.exp(-0.5))


def test_psi_by_hand() -> None:
    """Two bins, half and half before, one in ten and nine in ten now: 0.4 ln(1.8) + -0.4 ln(0.2)."""
    before = [0.0] * 50 + [1.0] * 50
    now = [0.0] * 10 + [1.0] * 90
    expected = 0.4 * math.log(0.9 / 0.5) - 0.4 * math.log(0.1 / 0.5)
    assert population_stability_index(before, now, bins=2) == pytest.approx(expected)


def test_psi_of_the_same_distribution_is_about_nothing() -> None:
    assert population_stability_index(RNG.random(2000), RNG.random(2000)) < 0.05


def test_too_little_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more on each side"):
        maximum_mean_discrepancy(vectors(1), vectors(5))
    with pytest.raises(ValueError, match="at least as many on each side"):
        population_stability_index([1.0] * 3, [1.0] * 30)
