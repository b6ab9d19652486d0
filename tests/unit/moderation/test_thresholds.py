"""Thresholds follow decisions: fitted on one part, judged on the other, taken only where they cost less."""

from __future__ import annotations

import numpy as np
import pytest

from rag.model import Action, Decided, Moderation
from rag.moderation.calibrating import LEAST_DECISIONS, fit_category, last_of_each
from rag.moderation.policy import Category
from rag.moderation.rules import margin_of, reached
from rag.moderation.thresholds import LOOKED_AT, MISSED, WRONG, Wish, figures, fitted

CATEGORY = Category(
    name="alcohol",
    means="Bottles",
    prompts=("bottle",),
    action=Action.BLOCK,
    thresholds={Action.REVIEW: 0.5, Action.BLUR: 0.7, Action.BLOCK: 0.95},
)


def decisions(count: int, *, turn: float, seed: int = 1) -> list[Decided]:
    """People hide what has a score above `turn`, mostly."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        score = float(rng.random())
        hides = rng.random() < 1 / (1 + np.exp(-25 * (score - turn)))
        decision = Action.BLOCK if hides else Action.ALLOW
        one = Decided(f"{number}", "alcohol", score, Action.REVIEW, Moderation.REVIEW, decision, "hash", "encoder")
        made.append(one)
    return made


def test_thresholds_move_to_where_people_turn() -> None:
    fit = fit_category(CATEGORY, CATEGORY.thresholds, decisions(400, turn=0.3), Wish())
    assert fit.better
    assert fit.before is not None
    assert fit.now is not None
    assert fit.now.cost < fit.before.cost
    new = fit.thresholds
    assert list(new) == sorted(new, key=new.__getitem__, reverse=False) or new[Action.REVIEW] < new[Action.BLOCK]
    assert new[Action.REVIEW] < new[Action.BLUR] < new[Action.BLOCK] < CATEGORY.thresholds[Action.BLOCK]
    assert new[Action.REVIEW] < 0.3 < new[Action.BLOCK]


def test_good_thresholds_stay_and_the_reason_is_told() -> None:
    made = decisions(400, turn=0.3)
    good = fit_category(CATEGORY, CATEGORY.thresholds, made, Wish()).thresholds
    again = fit_category(CATEGORY, good, made, Wish())
    assert not again.better
    assert again.thresholds == good
    assert "on held-out decisions" in again.reason


def test_too_few_decisions_say_how_many_are_missing() -> None:
    fit = fit_category(CATEGORY, CATEGORY.thresholds, decisions(13, turn=2.0), Wish())
    assert f"{LEAST_DECISIONS - 13} more decisions" in fit.reason
    assert "5 more to blur or block" in fit.reason
    assert fit.now is None


def test_scores_that_say_nothing_move_nothing() -> None:
    scores = np.linspace(0, 1, 100)
    assert fitted(CATEGORY.thresholds, scores, scores < 0.5, Wish()) is None


def test_of_decisions_about_one_entry_the_last_counts() -> None:
    one, other = decisions(2, turn=0.5)
    changed = Decided("0", "alcohol", 0.1, Action.REVIEW, Moderation.REVIEW, Action.BLUR, "hash", "encoder")
    assert last_of_each([one, other, changed]) == [changed, other]


def test_costs_are_counted_as_documented() -> None:
    thresholds = {Action.REVIEW: 0.3, Action.BLOCK: 0.8}
    scores = np.array([0.1, 0.2, 0.5, 0.9, 0.95])
    hidden = np.array([True, False, True, True, False])
    found = figures(thresholds, scores, hidden)
    assert found.cost == pytest.approx((MISSED + 0 + LOOKED_AT + 0 + WRONG) / 5)
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(2 / 3)
    assert found.reviewed == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    ("score", "action"),
    [(0.49, None), (0.5, Action.REVIEW), (0.7, Action.BLUR), (0.94, Action.BLUR), (0.95, Action.BLOCK)],
)
def test_the_strictest_threshold_that_is_reached_counts(score: float, action: Action | None) -> None:
    assert reached(CATEGORY.thresholds, score) is action


def test_ambiguous_is_what_is_near_a_threshold() -> None:
    assert margin_of(CATEGORY.thresholds, 0.72) == pytest.approx(0.02)
    assert margin_of(CATEGORY.thresholds, 0.6) == pytest.approx(0.1)
