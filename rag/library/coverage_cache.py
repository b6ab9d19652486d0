"""Coverage that was counted a moment ago. Every search tells it, and counting a large library takes a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from rag.errors import PictureDeskError
from rag.model import Coverage

log = logging.getLogger(__name__)

WORTH_KEEPING = 0.002
"""Seconds; what is counted faster than this is counted anew each time, so that a small library's is exact."""
REUSED = 50
"""Kept so many times as long as counting took: then at most 1/26 of the time is spent on it."""
OLDEST = 2.0
"""Seconds, from when it was counted."""
RECOUNTED = 0.5
"""The share of its time after which the next search has it counted anew, and does not wait for that."""
MOST = 256
"""Entries; then the one that was counted longest ago goes."""


@dataclass(frozen=True, slots=True)
class _Kept:
    coverage: Coverage
    recount: float
    until: float


Run = Callable[[Callable[[], object]], object]
"""Has something done, at once or later."""


def in_a_thread(work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        except PictureDeskError as error:  # the search that has to wait for the next count says so too
            log.info("coverage was not counted: %s", error)

    threading.Thread(target=run, name="coverage", daemon=True).start()


class CoverageCache:
    """Safe to use from several threads. While searches come steadily, none of them waits for a count.

    Args:
        clock: seconds, monotonic.
        beside: how a recount is done beside the searches.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, beside: Run = in_a_thread) -> None:
        self._clock = clock
        self._beside = beside
        self._recounting: set[Hashable] = set()
        self._lock = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._cleared = 0

    def get(self, key: Hashable, count: Callable[[], Coverage]) -> Coverage:
        """What is kept for `key`, else what `count` says now. `key` holds all that decides what is counted."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            due = kept is not None and now >= kept.recount and key not in self._recounting
            if due:
                self._recounting.add(key)
        if kept is None or now >= kept.until:
            return self._counted(key, count)
        if due:
            self._beside(lambda: self._counted(key, count))
        return kept.coverage

    def clear(self) -> None:
        """Forget everything, also what is being counted at this moment."""
        with self._lock:
            self._cleared += 1
            self._kept.clear()

    def _counted(self, key: Hashable, count: Callable[[], Coverage]) -> Coverage:
        with self._lock:
            cleared = self._cleared
        started = self._clock()
        try:
            coverage = count()
        finally:
            with self._lock:
                self._recounting.discard(key)
        finished = self._clock()
        took = finished - started
        if took >= WORTH_KEEPING:
            kept = min(REUSED * took, OLDEST)
            self._keep(key, _Kept(coverage, finished + RECOUNTED * kept, finished + kept), cleared)
        return coverage

    def _keep(self, key: Hashable, kept: _Kept, cleared: int) -> None:
        with self._lock:
            if cleared != self._cleared:
                return
            self._kept.pop(key, None)
            while len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = kept
