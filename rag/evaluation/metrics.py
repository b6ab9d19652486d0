"""Figures of retrieval and fairness, each with its formula and source. Pure functions of ranks and labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Item = TypeVar("Item", bound=Hashable)

RESAMPLES = 1000
LEAST_SHARE = 1e-9
"""Stands for a share of zero inside a logarithm, so that a group left out altogether gives a finite figure."""


def recall_at_k(ranked: Sequence[Item], relevant: Set[Item], k: int) -> float:
    """Share of what could be found among the first `k` that was found, in [0, 1].

    |relevant among the first k| / min(k, |relevant|): the capped recall of BEIR (Thakur et al.
    2021). With one relevant item it is the usual hit rate; with more than `k` of them, 1 can
    still be reached.

    Raises:
        ValueError: nothing is relevant, or k < 1.
    """
    _check(relevant, k)
    return len(set(ranked[:k]) & relevant) / min(k, len(relevant))


def reciprocal_rank(ranked: Sequence[Item], relevant: Set[Item]) -> float:
    """1 / rank of the first relevant item, 0 when there is none; its mean is the MRR (Voorhees 1999)."""
    return next((1.0 / rank for rank, item in enumerate(ranked, start=1) if item in relevant), 0.0)


def ndcg_at_k(ranked: Sequence[Item], grades: Mapping[Item, float], k: int) -> float:
    """Normalised discounted cumulative gain, in [0, 1].

    DCG = sum_i (2^grade_i - 1) / log2(i + 1) over the first k, divided by the same of the best
    order (Burges et al. 2005). Items without a grade gain nothing; a repeated item gains once.

    Raises:
        ValueError: no grade is positive, or k < 1.
    """
    _check({item for item, grade in grades.items() if grade > 0}, k)
    unique = list(dict.fromkeys(ranked))
    gained = _discounted([grades.get(item, 0.0) for item in unique[:k]])
    return gained / _discounted(sorted(grades.values(), reverse=True)[:k])


def max_skew(groups: Sequence[str], desired: Mapping[str, float], k: int) -> float:
    """MaxSkew@k: the largest ln(share of a group among the first k / its desired share) (Geyik et al. 2019, eq. 3).

    0 when the first `k` are as desired; ln 2 = 0.69 when some group is there twice as often as it should be.

    Args:
        groups: of the ranked items, best first.
        desired: share of each group, in (0, 1].

    Raises:
        ValueError: fewer than `k` items, k < 1, or a desired share that is not positive.
    """
    if not 1 <= k <= len(groups):
        raise ValueError(f"k is {k}; it must lie between 1 and the {len(groups)} items ranked")
    shares = _shares(groups[:k], desired)
    return max(math.log(max(shares[group], LEAST_SHARE) / share) for group, share in desired.items())


def ndkl(groups: Sequence[str], desired: Mapping[str, float]) -> float:
    """Normalised discounted cumulative Kullback-Leibler divergence, at least 0 (Geyik et al. 2019, eq. 4 and 5).

    NDKL = 1/Z sum_i KL(shares among the first i || desired) / log2(i + 1), Z = sum_i 1 / log2(i + 1),
    natural logarithm in KL. 0 only when every prefix is as desired, so that short lists are never at 0.

    Raises:
        ValueError: nothing is ranked, or a desired share is not positive.
    """
    if not groups:
        raise ValueError("nothing is ranked")
    weights = [1.0 / math.log2(place + 1) for place in range(1, len(groups) + 1)]
    divergences = [_divergence(_shares(groups[:place], desired), desired) for place in range(1, len(groups) + 1)]
    return sum(w * d for w, d in zip(weights, divergences, strict=True)) / sum(weights)


def bootstrap(
    n: int,
    statistic: Callable[[NDArray[np.intp]], float],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile interval of a statistic over `n` questions drawn again with replacement (Efron 1979).

    Args:
        statistic: of the rows that it is given, shape (n,), each in [0, n).

    Returns:
        The ends of the interval; of one question alone, they are the same.

    Raises:
        ValueError: n < 1.
    """
    if n < 1:
        raise ValueError("there is nothing to draw from")
    rng = np.random.default_rng(seed)
    found = [statistic(rng.integers(0, n, n)) for _ in range(resamples)]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def mean_interval(
    values: Sequence[float] | Floats, *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """The mean of `values`, and the ends of its bootstrap interval. Raises ValueError on none."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        raise ValueError("there is nothing to draw from")
    rng = np.random.default_rng(seed)
    means = [float(array[rng.integers(0, len(array), len(array))].mean()) for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(array.mean()), float(low), float(high)


def _check(relevant: Set[Item], k: int) -> None:
    if not relevant:
        raise ValueError("nothing is relevant: the figure means nothing")
    if k < 1:
        raise ValueError(f"k is {k}; it must be 1 or more")


def _discounted(grades: Sequence[float]) -> float:
    return sum(
        ((math.pow(2.0, grade) - 1.0) / math.log2(place + 1) for place, grade in enumerate(grades, start=1)), 0.0
    )


def _shares(groups: Sequence[str], desired: Mapping[str, float]) -> dict[str, float]:
    if any(share <= 0 for share in desired.values()):
        raise ValueError("every desired share must be positive")
    return {group: groups.count(group) / len(groups) for group in desired}


def _divergence(shares: Mapping[str, float], desired: Mapping[str, float]) -> float:
    return sum(share * math.log(share / desired[group]) for group, share in shares.items() if share > 0)
