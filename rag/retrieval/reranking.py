"""Evidence in the order of a reranker, with what it changed. A reranker that fails changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.errors import Rejected, Unavailable
from rag.model import Evidence, RankChange
from rag.ports import Reranked, Reranker

log = logging.getLogger(__name__)


def rerank(
    reranker: Reranker, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]
) -> tuple[tuple[Evidence, ...], tuple[RankChange, ...], tuple[str, ...]]:
    """Evidence in its new order and renumbered from 1; one change for each; notices for the reader.

    What the reranker left out follows in the order it had. If it fails, or places
    nothing, the order stays, there are no changes, and a notice says why.

    Args:
        evidence: the ones to be reranked, best first, each number once.
        pictures: evidence number -> encoded thumbnail; ignored by rerankers that see none.
    """
    if len(evidence) < 2:
        return tuple(evidence), (), ()
    placed, trouble = _placed(reranker, question, evidence, pictures)
    if trouble:
        return tuple(evidence), (), (f"Not reranked, because {trouble}.",)
    found = {item.number: item for item in placed}
    known = {item.number: item for item in evidence}
    order = [known[number] for number in found] + [item for item in evidence if item.number not in found]
    old_ranks = {item.number: rank for rank, item in enumerate(evidence, start=1)}
    changes = [
        _change(item, old_ranks[item.number], rank, found.get(item.number)) for rank, item in enumerate(order, start=1)
    ]
    renumbered = tuple(replace(item, number=rank) for rank, item in enumerate(order, start=1))
    return renumbered, tuple(changes), ()


def _placed(
    reranker: Reranker, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]
) -> tuple[list[Reranked], str]:
    """What the reranker placed, or what went wrong. Numbers that no evidence has never get through."""
    try:
        placed = reranker.rerank(question, evidence, pictures if reranker.sees_images else {})
    except (Unavailable, Rejected) as error:
        log.warning("answering in the order of retrieval: %s", error)
        return [], str(error)
    numbers = {item.number for item in evidence}
    kept = {item.number: item for item in reversed(placed) if item.number in numbers}
    in_order = [kept[number] for number in dict.fromkeys(item.number for item in placed) if number in kept]
    return in_order, "" if in_order else f"the reranker {reranker.id} placed none of the pictures"


def _change(item: Evidence, old_rank: int, new_rank: int, placed: Reranked | None) -> RankChange:
    if placed is None:
        return RankChange(item.visual.id, old_rank, new_rank, None)
    return RankChange(item.visual.id, old_rank, new_rank, placed.score, placed.reason)
