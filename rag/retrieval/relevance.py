"""Cosines -> the probability that a visual answers the query."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rag.model import Channel
from rag.ports import Sigmoid


def probability(score: float, prior: Sigmoid) -> float:
    """P = 1 / (1 + exp(-slope (score - midpoint))), in [0, 1] (Platt 1999)."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, prior.slope * (score - prior.midpoint)))))


def relevance(scores: Mapping[Channel, float], priors: Mapping[Channel, Sigmoid]) -> float:
    """The highest probability that a dense channel gives.

    Picture and caption are two views of one visual, so the evidence of one of
    them is enough; multiplying them as if they were independent would overstate it.
    """
    return max(
        (probability(scores[channel], prior) for channel, prior in priors.items() if channel in scores), default=0.0
    )
