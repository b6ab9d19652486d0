"""What a reranker changed."""

from __future__ import annotations

from dataclasses import dataclass

from rag.model.ids import VisualId


@dataclass(frozen=True, slots=True)
class RankChange:
    """Where one visual stood before and after reranking; also kept of those that stayed where they were.

    Attributes:
        old_rank, new_rank: 1-based.
        score: in [0, 1], as the reranker gave it; None where it left the visual out.
        reason: the reranker's, for people; untrusted.
    """

    visual: VisualId
    old_rank: int
    new_rank: int
    score: float | None
    reason: str = ""
