"""Calibration error and the coverage-risk curve, against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rag.retrieval.calibration_error import coverage_risk, expected_calibration_error, reliability


def test_two_bins_by_hand() -> None:
    confidence = np.array([0.9, 0.1, 0.8, 0.3])
    correct = np.array([True, False, False, True])
    # bin 1: 0.1 and 0.3, mean 0.2, accuracy 0.5; bin 2: 0.8 and 0.9, mean 0.85, accuracy 0.5
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.5 * 0.3 + 0.5 * 0.35)


def test_bins_hold_equal_numbers_of_samples() -> None:
    found = reliability(np.linspace(0, 1, 31) ** 4, np.zeros(31, dtype=np.bool_), bins=15)
    assert sorted(one.count for one in found) == [2] * 14 + [3]


def test_what_is_said_for_certain_and_is_right_has_no_error() -> None:
    certain = np.array([1.0] * 10 + [0.0] * 20)
    assert expected_calibration_error(certain, certain == 1.0) == 0.0
    assert expected_calibration_error(certain, certain == 0.0) == 1.0


@pytest.mark.parametrize(("said", "right"), [(14, 14), (20, 19)])
def test_too_few_samples_and_unequal_lengths_are_refused(said: int, right: int) -> None:
    with pytest.raises(ValueError, match=str(said)):
        expected_calibration_error(np.zeros(said), np.zeros(right, dtype=np.bool_))


@pytest.mark.parametrize("seed", range(20))
def test_the_error_is_a_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    error = expected_calibration_error(rng.random(40), rng.random(40) < 0.5)
    assert 0.0 <= error <= 1.0


def test_the_curve_by_hand() -> None:
    curve = coverage_risk(np.array([0.9, 0.5, 0.7, 0.1]), np.array([True, True, False, False]))
    assert curve.threshold.tolist() == [0.9, 0.7, 0.5, 0.1]
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0.0, 1 / 2, 1 / 3, 1 / 2])
    assert curve.at(0.5) == (0.5, 0.7)
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_confidences_are_answered_together() -> None:
    curve = coverage_risk(np.array([0.5, 0.5, 0.5, 0.9]), np.array([True, False, True, True]))
    assert curve.coverage.tolist() == [0.25, 1.0]
    assert curve.risk.tolist() == [0.0, 0.25]


def test_a_curve_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        coverage_risk(np.zeros(0), np.zeros(0, dtype=np.bool_))
