"""Several ranked lists -> one, without comparing scores that cannot be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rag.model import Channel, VisualId
from rag.ports import Scored

RRF_K = 60
"""The constant of Cormack, Clarke and Büttcher 2009; the order hardly depends on it."""


@dataclass(slots=True)
class Candidate:
    """A visual that at least one channel found.

    Attributes:
        fused: the score it is ordered by; comparable within one query only.
        ranks: 1-based, per channel that found it.
        relevance: probability in [0, 1] that it answers the question, once it is ranked.
        reasons: what adds to the logit of `relevance`: by channel, `lead` over the others, `base` without any score.
        unlike: probability in [0, 1] that it shows something unwanted; `fused` and `relevance` are lowered by it.
        library, asset_id: whose it is, once the catalog was asked.
    """

    id: VisualId
    fused: float = 0.0
    scores: dict[Channel, float] = field(default_factory=dict)
    ranks: dict[Channel, int] = field(default_factory=dict)
    relevance: float = 0.0
    reasons: Mapping[str, float] = field(default_factory=dict)
    unlike: float = 0.0
    library: str = ""
    asset_id: str = ""


Worth = Callable[[Candidate], float]
"""What candidates are ordered by, the higher the better."""


def by_fused(candidate: Candidate) -> float:
    return candidate.fused


def by_relevance(candidate: Candidate) -> float:
    return candidate.relevance


def reciprocal_rank_fusion(rankings: Mapping[Channel, Sequence[Scored]], k: int = RRF_K) -> list[Candidate]:
    """Candidates by descending sum of 1 / (k + rank) over the channels that found them; ties by id."""
    candidates: dict[VisualId, Candidate] = {}
    for channel, hits in rankings.items():
        for rank, hit in enumerate(hits, start=1):
            candidate = candidates.setdefault(hit.id, Candidate(hit.id))
            candidate.fused += 1.0 / (k + rank)
            candidate.scores[channel] = hit.score
            candidate.ranks[channel] = rank
    return sorted(candidates.values(), key=lambda candidate: (-candidate.fused, candidate.id))
