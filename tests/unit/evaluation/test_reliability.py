"""Calibration and abstention against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rag.evaluation.reliability import (
    abstention,
    best_threshold,
    coverage_risk,
    expected_calibration_error,
    reliability,
)


def test_ece_by_hand() -> None:
    """Two bins of two: promised 0.15 and true 0, promised 0.85 and true 0.5: (0.15 + 0.35) / 2."""
    assert expected_calibration_error([0.1, 0.2, 0.8, 0.9], [False, False, True, False], bins=2) == pytest.approx(0.25)


def test_what_is_promised_exactly_has_no_error() -> None:
    assert expected_calibration_error([0.5] * 4, [True, False, True, False], bins=1) == 0.0


def test_bins_hold_equally_many() -> None:
    rng = np.random.default_rng(0)
    assert {one.n for one in reliability(rng.random(150), rng.random(150) < 0.5)} == {10}


def test_honest_probabilities_have_a_small_error_and_exaggerated_ones_a_large_one() -> None:
    rng = np.random.default_rng(1)
    honest = rng.random(20_000)
    true = rng.random(20_000) < honest
    assert expected_calibration_error(honest, true) < 0.015
    assert expected_calibration_error(honest**0.25, true) > 0.2


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="3 samples are too few for 15 bins"):
        reliability([0.1, 0.2, 0.3], [True, True, False])


def test_the_surest_questions_come_first_in_the_curve() -> None:
    curve = coverage_risk([0.9, 0.8, 0.2, 0.1], [True, True, False, True])
    assert [one.coverage for one in curve] == [0.25, 0.5, 0.75, 1.0]
    assert [one.risk for one in curve] == pytest.approx([0.0, 0.0, 1 / 3, 0.25])


def test_equal_relevance_is_answered_together() -> None:
    assert [one.coverage for one in coverage_risk([0.5, 0.5, 0.5], [True, False, True])] == [1.0]


def test_a_threshold_refuses_and_loses() -> None:
    at = abstention([0.9, 0.6, 0.1], [0.05, 0.3], 0.2)
    assert at.refused == 0.5
    assert at.lost == pytest.approx(1 / 3)


def test_the_best_threshold_loses_no_more_than_allowed() -> None:
    answerable = [0.9] * 19 + [0.1]
    best = best_threshold(answerable, [0.05, 0.2, 0.85], most_lost=0.05)
    assert best.refused == 1.0
    assert best.lost == pytest.approx(0.05)
    assert best_threshold(answerable, [0.05, 0.2, 0.95], most_lost=0.0).refused == pytest.approx(1 / 3)
