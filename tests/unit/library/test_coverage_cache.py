"""How old a coverage may be that a search tells."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

from rag.errors import Unavailable
from rag.library.coverage_cache import MOST, RECOUNTED, REUSED, CoverageCache, Run
from rag.model import Coverage


class Library:
    """Counts its visuals slowly, on a clock that moves only while it counts."""

    def __init__(self, seconds: float, beside: Run = lambda work: None) -> None:
        self.now = 0.0
        self.visuals = 0
        self.counted = 0
        self._seconds = seconds
        self.cache = CoverageCache(lambda: self.now, beside)

    def searched(self, key: Hashable = "ann", meanwhile: Callable[[], None] = lambda: None) -> int:
        return self.cache.get(key, lambda: self._count(meanwhile)).searched

    def _count(self, meanwhile: Callable[[], None]) -> Coverage:
        found = Coverage(self.visuals, 0, 0, 0)
        meanwhile()
        self.counted += 1
        self.now += self._seconds
        return found


def test_a_small_library_is_counted_anew_by_every_search() -> None:
    library = Library(seconds=0.0019)
    for visuals in range(5):
        library.visuals = visuals
        assert library.searched() == visuals


@pytest.mark.parametrize(
    ("seconds", "oldest"),
    [(0.004, 0.2), (0.02, 1.0), (0.04, 2.0), (1.0, 2.0)],
    ids=["4 ms", "20 ms", "40 ms", "a second"],
)
def test_a_large_library_is_counted_again_after_50_times_as_long_and_after_2_seconds(
    seconds: float, oldest: float
) -> None:
    library = Library(seconds)
    assert library.searched() == 0
    library.visuals = 7
    library.now = seconds + oldest - 0.0001
    assert library.searched() == 0
    library.now = seconds + oldest + 0.0001
    assert library.searched() == 7


def test_counting_a_large_library_takes_at_most_four_percent_of_the_time() -> None:
    library = Library(seconds=0.03, beside=lambda work: work())
    while library.now < 300:
        library.searched()
        library.now += 0.01
    assert 0.03 * library.counted < 0.04 * library.now


def test_while_searches_come_steadily_none_waits_for_a_count_but_the_first() -> None:
    waiting: list[Callable[[], object]] = []
    library = Library(seconds=0.04, beside=waiting.append)
    library.searched()
    for visuals in range(1, 6):
        library.visuals = visuals
        library.now += 1.1 * RECOUNTED * REUSED * 0.04
        before = library.now
        assert library.searched() == visuals - 1
        assert library.searched() == visuals - 1
        assert library.now == before
        (recount,) = waiting
        waiting.clear()
        recount()
        assert library.searched() == visuals


def test_a_recount_that_fails_is_done_again_by_the_search_that_needs_it() -> None:
    waiting: list[Callable[[], object]] = []
    library = Library(seconds=1, beside=waiting.append)
    library.searched()
    library.now += 1.5

    def fail() -> None:
        raise Unavailable("the database is away")

    library.cache.get("ann", lambda: library._count(fail))
    with pytest.raises(Unavailable):
        waiting.pop()()
    library.visuals = 4
    library.now += 0.1
    assert library.searched() == 0
    waiting.pop()()
    assert library.searched() == 4


def test_what_this_process_writes_shows_in_the_next_search() -> None:
    library = Library(seconds=1)
    library.searched()
    library.visuals = 3
    library.cache.clear()
    assert library.searched() == 3


def test_what_was_counted_while_something_was_written_is_not_kept() -> None:
    library = Library(seconds=1)

    def write() -> None:
        library.visuals = 3
        library.cache.clear()

    assert library.searched(meanwhile=write) == 0
    assert library.searched() == 3


def test_actors_with_other_rights_never_share_a_count() -> None:
    library = Library(seconds=1)
    library.searched("ann")
    library.visuals = 3
    assert (library.searched("eve"), library.searched("ann")) == (3, 0)


def test_memory_stays_bounded_and_the_oldest_count_goes_first() -> None:
    library = Library(seconds=0.1)
    keys = [f"ann {number}" for number in range(MOST + 1)]
    for key in keys:
        library.searched(key)
        library.now -= 0.1
    assert library.counted == MOST + 1
    library.searched(keys[1])
    assert library.counted == MOST + 1
    library.searched(keys[0])
    assert library.counted == MOST + 2
