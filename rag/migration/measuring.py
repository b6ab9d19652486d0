"""Figures that compare two rankings of the same library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2_000


def overlap_at_k(one: Sequence[str], other: Sequence[str], k: int) -> float:
    """Common share of the first k of two rankings: |A ∩ B| / max(|A|, |B|), in [0, 1]; 1 for two empty ones."""
    first, second = set(one[:k]), set(other[:k])
    longest = max(len(first), len(second))
    return len(first & second) / longest if longest else 1.0


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], p: float = 0.9) -> float:
    """How much two rankings agree, the top counting most, in [0, 1]; 1 for the same, and for two empty ones.

    RBO = (1 - p) / (1 - p^n) * sum over d = 1..n of p^(d-1) * |A_d ∩ B_d| / d  (Webber et al. 2010, eq. 3, cut at
    the longer list's n and scaled so that two same lists give 1).
    """
    n = max(len(one), len(other))
    if not n:
        return 1.0
    weights = [p ** (depth - 1) for depth in range(1, n + 1)]
    shared = [len(set(one[:depth]) & set(other[:depth])) / depth for depth in range(1, n + 1)]
    return sum(weight * part for weight, part in zip(weights, shared, strict=True)) / sum(weights)


def ndcg(ranking: Sequence[str], grades: Mapping[str, float], k: int = 10) -> float:
    """nDCG@k with gains 2^grade - 1 and discounts log2(1 + rank) (Burges et al. 2005); 0 where nothing is relevant."""
    gains = [2 ** grades.get(one, 0.0) - 1 for one in ranking[:k]]
    best = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:k]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, float], k: int = 10) -> float:
    """Share of what is relevant that is among the first k; 0 where nothing is."""
    relevant = {one for one, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def compared(old: Sequence[float], new: Sequence[float], *, seed: int = 0) -> dict[str, float]:
    """Both means, their difference, and its 95% interval by a bootstrap over queries, the same ones for both.

    Percentile interval of 2,000 resamples (Efron & Tibshirani 1993, ch. 13).

    Args:
        old, new: one figure a query, in the same order; at least one.
    """
    before, after = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
    differences = after - before
    chosen = np.random.default_rng(seed).integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.percentile(differences[chosen].mean(axis=1), [2.5, 97.5])
    return {
        "old": round(float(before.mean()), 4),
        "new": round(float(after.mean()), 4),
        "difference": round(float(differences.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def _discounted(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(rank + 1) for rank, gain in enumerate(gains, start=1)))
