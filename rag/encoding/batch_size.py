"""How many pictures a device likes to have in one pass, found by trying."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

FIRST = 8
MOST = 512
LEAST_GAIN = 1.05
"""A batch twice as large must be this much faster: beyond, it costs memory and waiting for nothing."""

Rate = Callable[[int], float]
"""Pictures a second in batches of a size; raises `torch.OutOfMemoryError` where they do not fit."""


def best_batch(rate: Rate, *, first: int = FIRST, most: int = MOST) -> int:
    """Double the batch while that makes it faster and memory lasts.

    Returns:
        at least `first`, at most `most`, and half of what no longer fitted.

    Raises:
        torch.OutOfMemoryError: not even `first` pictures fit.
    """
    best, fastest = first, rate(first)
    while best * 2 <= most:
        try:
            found = rate(best * 2)
        except torch.OutOfMemoryError:
            break
        if found < fastest * LEAST_GAIN:
            break
        best, fastest = best * 2, found
    return best


def measured_rate(run: Callable[[int], object], *, times: int = 3) -> Rate:
    """Pictures a second of `run`, which encodes that many and returns when they are done.

    The first run of a size prepares kernels and memory, so it does not count.
    """

    def rate(batch: int) -> float:
        run(batch)
        started = time.perf_counter()
        for _ in range(times):
            run(batch)
        return times * batch / (time.perf_counter() - started)

    return rate
