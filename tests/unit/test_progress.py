"""How fast a job goes, and how long it still takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from rag.model import AssetState, Job
from rag.progress import Pace

AT = datetime(2026, 1, 1, tzinfo=UTC)


def job(waiting: int, indexed: int, *, complete: bool = True) -> Job:
    counts = {AssetState.ACCEPTED: waiting, AssetState.INDEXED: indexed}
    return Job("job", "news", "local", AT, complete, counts)


def pace(*moments: float) -> Pace:
    times: Iterator[float] = iter(moments)
    return Pace(lambda: next(times))


def test_nothing_is_promised_before_something_moved() -> None:
    now = pace(0.0).look(job(10, 0))
    assert (now.done, now.total, now.rate, now.seconds_left) == (0, 10, 0.0, None)


def test_the_time_left_is_what_remains_at_the_present_rate() -> None:
    watch = pace(0.0, 2.0)
    watch.look(job(100, 0))
    now = watch.look(job(60, 40))
    assert now.rate == pytest.approx(20.0)
    assert now.seconds_left == pytest.approx(3.0)


def test_the_rate_forgets_what_was_long_ago() -> None:
    watch = pace(0.0, 1.0, 20.0, 31.0)
    for done in (0, 100, 100):
        watch.look(job(1000 - done, done))
    assert watch.look(job(890, 110)).rate == pytest.approx(10 / 11)


def test_while_files_still_come_the_source_says_how_many() -> None:
    watch = pace(0.0, 1.0, 2.0)
    watch.look(job(5, 0, complete=False), expected=100)
    now = watch.look(job(5, 10, complete=False), expected=100)
    assert now.total == 100
    assert now.seconds_left == pytest.approx(9.0)
    assert watch.look(job(5, 15, complete=False)).seconds_left is None


def test_a_job_that_is_done_takes_no_more_time() -> None:
    now = pace(0.0).look(job(0, 7), expected=9)
    assert (now.done, now.total, now.seconds_left) == (7, 7, 0.0)
