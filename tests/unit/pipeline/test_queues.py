"""Queues between the stages: order, bounds, and how they end."""

from __future__ import annotations

import threading

from rag.pipeline.queues import StageQueue


def test_urgent_items_go_before_all_others_and_each_kind_keeps_its_order() -> None:
    queue: StageQueue[str] = StageQueue()
    for item in ("a", "b"):
        queue.put(item)
    for item in ("x", "y"):
        queue.put(item, urgent=True)
    assert [queue.take() for _ in range(4)] == ["x", "y", "a", "b"]


def test_the_end_comes_after_everything_and_reaches_every_taker() -> None:
    queue: StageQueue[int] = StageQueue()
    queue.end()
    queue.put(1)
    assert queue.take() == 1
    assert [queue.take(), queue.take()] == [None, None]
    assert queue.take_some(8, wait=60) == []


def test_a_batch_is_filled_with_what_is_there() -> None:
    queue: StageQueue[int] = StageQueue()
    for item in range(5):
        queue.put(item)
    assert queue.take_some(3) == [0, 1, 2]
    assert queue.take_some(3) == [3, 4]


def test_an_unfinished_batch_waits_for_more() -> None:
    queue: StageQueue[int] = StageQueue()
    queue.put(1)
    late = threading.Timer(0.05, queue.put, [2])
    late.start()
    assert queue.take_some(2, wait=60) == [1, 2]
    late.join()


def test_an_urgent_item_waits_for_nobody() -> None:
    queue: StageQueue[int] = StageQueue()
    queue.put(1, urgent=True)
    assert queue.take_some(2, wait=3600) == [1]


def test_the_last_batch_does_not_wait() -> None:
    queue: StageQueue[int] = StageQueue()
    queue.put(1)
    queue.end()
    assert queue.take_some(2, wait=3600) == [1]
    assert queue.take_some(2) == []


def test_a_full_queue_holds_up_the_stage_before_it() -> None:
    queue: StageQueue[int] = StageQueue(2)
    put = threading.Semaphore(0)

    def fill() -> None:
        for item in range(4):
            queue.put(item)
            put.release()

    thread = threading.Thread(target=fill)
    thread.start()
    assert put.acquire(timeout=60)
    assert put.acquire(timeout=60)
    assert not put.acquire(timeout=0.1)
    assert [queue.take() for _ in range(4)] == [0, 1, 2, 3]
    thread.join()
