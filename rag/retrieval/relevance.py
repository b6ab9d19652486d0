"""Cosines -> the probability that a visual answers the query."""

from __future__ import annotations

from collections.abc import Mapping

from rag.model import Channel
from rag.ports import Sigmoid


def relevance(scores: Mapping[Channel, float], priors: Mapping[Channel, Sigmoid]) -> float:
    """The highest probability that a dense channel gives.

    Picture and caption are two views of one visual, so the evidence of one of
    them is enough; multiplying them as if they were independent would overstate it.
    """
    return max(
        (prior.probability(scores[channel]) for channel, prior in priors.items() if channel in scores), default=0.0
    )
