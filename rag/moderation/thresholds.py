"""Thresholds of one category fitted to what people decided: pure.

P(people hide it | score) = sigmoid(a · score + b)         logistic regression, a >= 0
the policy acts by itself   where P >= precision
people look                 from the highest score on below which at most 1 - recall of the harm is expected
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from rag.model import Action, Json
from rag.moderation.rules import Thresholds
from rag.retrieval.logistic import fit_logistic, probabilities

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MISSED, WRONG, LOOKED_AT = 10.0, 5.0, 1.0
"""What it costs to let harm through, to hide what is harmless without asking, and to have somebody look."""

LEAST_GAP = 0.01


@dataclass(frozen=True, slots=True)
class Figures:
    """How thresholds do on decisions.

    Attributes:
        cost: mean cost of a decision, see `MISSED`, `WRONG` and `LOOKED_AT`.
        precision: of what the policy hid by itself, how much people would hide; None where it hid nothing.
        recall: of what people hid, how much reached a threshold; None where they hid nothing.
        reviewed: share that people had to look at.
    """

    cost: float
    precision: float | None
    recall: float | None
    reviewed: float

    def as_json(self) -> Json:
        return {name: None if value is None else round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Wish:
    """What thresholds are to reach, each in (0, 1)."""

    precision: float = 0.9
    recall: float = 0.95


def figures(thresholds: Thresholds, scores: Floats, hidden: Bools) -> Figures:
    """Arguments: shape (n,), n >= 1."""
    acts = scores >= _acting(thresholds)
    looks = ~acts & (scores >= _looking(thresholds))
    missed = ~acts & ~looks & hidden
    cost = MISSED * missed.sum() + WRONG * (acts & ~hidden).sum() + LOOKED_AT * looks.sum()
    return Figures(
        cost=float(cost / len(scores)),
        precision=float(hidden[acts].mean()) if acts.any() else None,
        recall=float((~missed)[hidden].mean()) if hidden.any() else None,
        reviewed=float(looks.mean()),
    )


def fitted(thresholds: Thresholds, scores: Floats, hidden: Bools, wish: Wish) -> dict[Action, float] | None:
    """New values for the same actions; None where the scores say nothing about what people hide.

    Args:
        thresholds: those in use; one between `review` and the strictest keeps its place between them.
    """
    count = len(scores)
    slope, bias = fit_logistic(
        scores[:, None],
        np.ones((count, 1)),
        hidden.astype(np.float64),
        weights=np.ones(count),
        prior=np.zeros(2),
        strength=np.full(2, 1e-2),
    )
    if slope <= 1e-6:
        return None
    act = float(np.clip((math.log(wish.precision / (1 - wish.precision)) - bias) / slope, 2 * LEAST_GAP, 0.99))
    look = _lowest_look(scores, probabilities(slope * scores + bias), wish.recall)
    return _placed(thresholds, act, look)


def _lowest_look(scores: Floats, harm: Floats, recall: float) -> float:
    order = np.argsort(scores, kind="stable")
    before = np.cumsum(harm[order]) - harm[order]  # the harm expected below each score
    allowed = before <= (1 - recall) * harm.sum()
    return float(scores[order][allowed].max())


def _placed(thresholds: Thresholds, act: float, look: float) -> dict[Action, float]:
    hiding = [action for action in (Action.BLUR, Action.BLOCK) if action in thresholds]
    if not hiding:
        return {**thresholds, Action.REVIEW: round(look, 4)}
    strict = hiding[-1]
    low = min(look, act - LEAST_GAP * len(hiding))
    found = {Action.REVIEW: low, strict: act} if Action.REVIEW in thresholds else {strict: act}
    if len(hiding) == 2:
        found[Action.BLUR] = low + _share(thresholds) * (act - low)
    kept = {Action.ALLOW: min(thresholds[Action.ALLOW], low / 2)} if Action.ALLOW in thresholds else {}
    return {action: round(value, 4) for action, value in {**kept, **found}.items()}


def _share(thresholds: Thresholds) -> float:
    low, high = thresholds.get(Action.REVIEW, 0.0), thresholds[Action.BLOCK]
    return min(max((thresholds[Action.BLUR] - low) / (high - low), 0.1), 0.9)


def _acting(thresholds: Thresholds) -> float:
    """From where on the policy hides by itself."""
    return min((thresholds[one] for one in (Action.BLUR, Action.BLOCK) if one in thresholds), default=2.0)


def _looking(thresholds: Thresholds) -> float:
    return thresholds.get(Action.REVIEW, _acting(thresholds))


def plain(thresholds: Mapping[Action, float]) -> dict[str, float]:
    """For the catalog and the ledger."""
    return {action.value: round(value, 4) for action, value in thresholds.items()}
