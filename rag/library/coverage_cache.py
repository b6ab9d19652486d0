"""Coverage that was counted a moment ago. Every search tells it, and counting a large library takes a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from rag.model import Coverage

WORTH_KEEPING = 0.002
"""Seconds; what is counted faster than this is counted anew each time, so that a small library's is exact."""
REUSED = 50
"""Kept so many times as long as counting took: then searches spend at most 1/51 of their time on it."""
OLDEST = 2.0
"""Seconds, from when it was counted."""
MOST = 256
"""Entries; then the one that was counted longest ago goes."""


@dataclass(frozen=True, slots=True)
class _Kept:
    coverage: Coverage
    until: float


class CoverageCache:
    """Safe to use from several threads.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._cleared = 0

    def get(self, key: Hashable, count: Callable[[], Coverage]) -> Coverage:
        """What is kept for `key`, else what `count` says now. `key` holds all that decides what is counted."""
        started = self._clock()
        with self._lock:
            cleared = self._cleared
            kept = self._kept.get(key)
        if kept is not None and started < kept.until:
            return kept.coverage
        coverage = count()
        finished = self._clock()
        took = finished - started
        if took >= WORTH_KEEPING:
            self._keep(key, _Kept(coverage, finished + min(REUSED * took, OLDEST)), cleared)
        return coverage

    def clear(self) -> None:
        """Forget everything, also what is being counted at this moment."""
        with self._lock:
            self._cleared += 1
            self._kept.clear()

    def _keep(self, key: Hashable, kept: _Kept, cleared: int) -> None:
        with self._lock:
            if cleared != self._cleared:
                return
            self._kept.pop(key, None)
            while len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = kept
