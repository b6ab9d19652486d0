"""Hits that differ: maximal marginal relevance, and a limit for each asset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rag.ports import Matrix, Vector, VectorStore
from rag.retrieval.fusion import Candidate, Worth, by_fused


def diversified(
    store: VectorStore, candidates: Sequence[Candidate], diversity: float, worth: Worth = by_fused
) -> list[Candidate]:
    """All candidates, reordered so that early ones differ in what they show; 0 changes nothing.

    A candidate whose point is gone keeps its place behind the others.
    """
    if not diversity or len(candidates) < 2:
        return list(candidates)
    points = store.fetch([candidate.id for candidate in candidates])
    there = [candidate for candidate in candidates if candidate.id in points]
    gone = [candidate for candidate in candidates if candidate.id not in points]
    if not there:
        return gone
    vectors = np.stack([points[candidate.id].image for candidate in there])
    order = mmr(_standing(there, worth), vectors, diversity)
    return [*(there[at] for at in order), *gone]


def mmr(standing: Vector, vectors: Matrix, diversity: float) -> list[int]:
    """Places in the order of maximal marginal relevance (Carbonell & Goldstein 1998).

    Next is argmax (1 - d) * standing - d * (largest cosine to one that is already placed);
    d = 0 gives the order of `standing`, d = 1 ignores it after the first.

    Args:
        standing: shape (n,), in [0, 1]; the higher, the better.
        vectors: shape (n, dim), unit length.
    """
    closest = np.zeros(len(standing), dtype=np.float32)
    left = np.ones(len(standing), dtype=bool)
    order: list[int] = []
    for _ in range(len(standing)):
        worth = (1 - diversity) * standing - diversity * closest
        chosen = int(np.argmax(np.where(left, worth, -np.inf))) if order else int(np.argmax(standing))
        order.append(chosen)
        left[chosen] = False
        closest = np.maximum(closest, vectors @ vectors[chosen])
    return order


def limited(candidates: Sequence[Candidate], per_asset: int) -> tuple[list[Candidate], list[Candidate]]:
    """Those within the limit of each asset, best first, and those beyond it; 0 is no limit."""
    if not per_asset:
        return list(candidates), []
    seen: Counter[tuple[str, str]] = Counter()
    within: list[Candidate] = []
    beyond: list[Candidate] = []
    for candidate in candidates:
        asset = (candidate.library, candidate.asset_id)
        seen[asset] += 1
        (within if seen[asset] <= per_asset else beyond).append(candidate)
    return within, beyond


def _standing(candidates: Sequence[Candidate], worth: Worth) -> Vector:
    """What they are ordered by, stretched over [0, 1]: cosines are on that scale, reciprocal ranks are not."""
    values = np.asarray([worth(candidate) for candidate in candidates], dtype=np.float32)
    width = float(np.ptp(values))
    stretched: Vector = (values - values.min()) / width if width > 0 else np.ones_like(values)
    return stretched
