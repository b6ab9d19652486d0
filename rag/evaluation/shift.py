"""Whether two samples come from one distribution. Pure functions of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

PERMUTATIONS = 200
BINS = 10
LEAST_SHARE = 1e-4
"""Stands for an empty bin in PSI, which would be infinite otherwise."""

Rows = NDArray[np.float32]


def maximum_mean_discrepancy(
    one: Rows, other: Rows, *, seed: int = 0, permutations: int = PERMUTATIONS
) -> tuple[float, float]:
    """Unbiased MMD² of two samples of vectors under a Gaussian kernel, and its permutation p-value.

    Gretton et al. 2012. The kernel's width is the median distance of the pooled sample. MMD² is about 0 for samples of
    one distribution (and may fall below), p is uniform on (0, 1] then.

    Args:
        one: shape (m, dim), m >= 2.
        other: shape (n, dim), n >= 2.

    Raises:
        ValueError: fewer than two vectors on a side.
    """
    if len(one) < 2 or len(other) < 2:
        raise ValueError(f"{len(one)} and {len(other)} vectors: a comparison takes two or more on each side")
    kernel = _gaussian_kernel(np.concatenate([one, other]).astype(np.float64))
    labels = np.arange(len(kernel)) < len(one)
    found = _mmd(kernel, labels)
    rng = np.random.default_rng(seed)
    as_large = sum(_mmd(kernel, rng.permutation(labels)) >= found for _ in range(permutations))
    return found, (1 + as_large) / (1 + permutations)


def population_stability_index(reference: ArrayLike, new: ArrayLike, bins: int = BINS) -> float:
    """PSI = sum_b (new_b - old_b) ln(new_b / old_b) over bins of equal mass in the reference, at least 0.

    Siddiqi 2006. By the rule of thumb, below 0.1 nothing happened, above 0.25 something did.

    Raises:
        ValueError: a side has fewer values than bins.
    """
    before, after = np.asarray(reference, dtype=np.float64), np.asarray(new, dtype=np.float64)
    if min(len(before), len(after)) < bins:
        raise ValueError(f"{len(before)} and {len(after)} values: {bins} bins take at least as many on each side")
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    old = _shares(before, edges)
    now = _shares(after, edges)
    return float(np.sum((now - old) * np.log(now / old)))


def _gaussian_kernel(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = (rows**2).sum(axis=1)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * rows @ rows.T, 0.0)
    median = float(np.median(squared[np.triu_indices(len(rows), 1)]))
    kernel: NDArray[np.float64] = np.exp(-squared / (2 * max(median, 1e-12)))
    np.fill_diagonal(kernel, 0.0)
    return kernel


def _mmd(kernel: NDArray[np.float64], first: NDArray[np.bool_]) -> float:
    """From a kernel without its diagonal: means within either sample, less twice the mean between them."""
    m, n = int(first.sum()), int((~first).sum())
    rows = kernel @ first
    within, total = float(rows[first].sum()), float(kernel.sum())
    between = float(rows[~first].sum())
    other = total - within - 2 * between
    return within / (m * (m - 1)) + other / (n * (n - 1)) - 2 * between / (m * n)


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.maximum(counts / len(values), LEAST_SHARE)
