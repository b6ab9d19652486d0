"""Who waits for whom: real threads, and no clock."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from rag.encoding.passes import Passes


def started(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def waiting(passes: Passes, count: int) -> None:
    """Return once so many threads wait for a turn."""
    while len(passes._changed._waiters) < count:  # type: ignore[attr-defined]
        threading.Event().wait(0.001)


def test_a_query_goes_before_the_pictures_that_waited_longer() -> None:
    passes, order = Passes(), list[str]()

    def take(name: str, urgent: bool) -> None:
        with passes.turn(urgent=urgent):
            order.append(name)

    with passes.turn():
        threads = []
        for count, (name, urgent) in enumerate([("pictures", False), ("more pictures", False), ("query", True)], 1):
            threads.append(started(lambda name=name, urgent=urgent: take(name, urgent)))  # type: ignore[misc]
            waiting(passes, count)
    for thread in threads:
        thread.join(10)
    assert order[0] == "query"
    assert sorted(order[1:]) == ["more pictures", "pictures"]


def test_there_is_one_turn() -> None:
    passes, inside, most = Passes(), [0], [0]

    def take(urgent: bool) -> None:
        for _ in range(200):
            with passes.turn(urgent=urgent):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [started(lambda urgent=number % 2 == 0: take(urgent)) for number in range(6)]  # type: ignore[misc]
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert most == [1]


def test_a_pass_that_fails_gives_its_turn_back() -> None:
    passes = Passes()
    with pytest.raises(RuntimeError), passes.turn():
        raise RuntimeError
    with passes.turn():
        pass
