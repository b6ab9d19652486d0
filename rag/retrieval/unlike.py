"""What is unwanted lowers what was found; nothing is subtracted from the query itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.model import Channel
from rag.ports import Sigmoid, VectorStore
from rag.retrieval.composing import Unwanted
from rag.retrieval.fusion import Candidate, Worth, by_fused
from rag.retrieval.relevance import relevance

STANDOUT = Sigmoid(slope=2.0, midpoint=1.5)
"""Over deviations from the library's mean: one and a half above it count as half unwanted (docs/decisions/0012)."""


def lower_unlike(
    store: VectorStore,
    candidates: Sequence[Candidate],
    unwanted: Sequence[Unwanted],
    priors: Mapping[Channel, Sigmoid],
    worth: Worth = by_fused,
) -> list[Candidate]:
    """Candidates with `unlike` set, `fused` and `relevance` lowered by it, in the order of what is left.

    Each unwanted part with probability p and weight w leaves (1 - p)^w of a score.

    Args:
        priors: for libraries too small to tell what is ordinary in them.
        worth: what candidates are ordered by.
    """
    if not unwanted:
        return list(candidates)
    ids = [candidate.id for candidate in candidates]
    left = dict.fromkeys(ids, 1.0)
    for part in unwanted:
        scores = store.scores(ids, part.vectors)
        for one in ids:
            own = {channel: found[one] for channel, found in scores.items() if one in found}
            left[one] *= (1.0 - _probability(own, part, priors)) ** part.weight
    for candidate in candidates:
        candidate.unlike = 1.0 - left[candidate.id]
        candidate.fused *= left[candidate.id]
        candidate.relevance *= left[candidate.id]
    return sorted(candidates, key=worth, reverse=True)


def _probability(scores: Mapping[Channel, float], part: Unwanted, priors: Mapping[Channel, Sigmoid]) -> float:
    """The highest that a channel gives, as in `relevance`: picture and caption are two views of one visual."""
    if not part.spreads:
        return relevance(scores, priors)
    deviations = {
        channel: part.spreads[channel].standard(score) for channel, score in scores.items() if channel in part.spreads
    }
    return max((STANDOUT.probability(deviation) for deviation in deviations.values()), default=0.0)
