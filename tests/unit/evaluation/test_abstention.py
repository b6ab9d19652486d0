"""Abstention against cases worked by hand."""

from __future__ import annotations

import pytest

from rag.evaluation.abstention import abstention, best_threshold


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
