"""How old a coverage may be that a search tells."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

from rag.library.coverage_cache import MOST, CoverageCache
from rag.model import Coverage


class Library:
    """Counts its visuals slowly, on a clock that moves only while it counts."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.visuals = 0
        self.counted = 0
        self._seconds = seconds
        self.cache = CoverageCache(lambda: self.now)

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


def test_searching_a_large_library_spends_at_most_two_percent_of_the_time_on_counting() -> None:
    library = Library(seconds=0.03)
    while library.now < 300:
        library.searched()
        library.now += 0.01
    assert 0.03 * library.counted < 0.02 * library.now


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
