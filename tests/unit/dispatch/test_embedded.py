"""A worker on a thread, beside another worker of its process."""

from __future__ import annotations

import pytest
from celery.worker import state
from kombu.asynchronous import get_event_loop

from rag.dispatch.app import make_celery
from rag.dispatch.embedded import WorkerThread, express_lane
from rag.settings import Settings
from tests.flows.processes import eventually


def test_a_worker_on_a_thread_leaves_the_event_loop_of_its_process_to_others(redis_url: str) -> None:
    """Celery has one event loop a process: two workers on it close each other's sockets."""
    worker = ready_worker(redis_url)
    loop = get_event_loop()
    worker.stop()
    assert loop is None
    assert not worker.is_alive()


def test_told_to_stop_while_it_stops_already_it_ends_quietly(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM tells every worker of the process, and what was left to do is done as the worker ends."""
    worker = ready_worker(redis_url)
    monkeypatch.setattr(state, "should_stop", 0)  # what Celery's handler of SIGTERM does
    eventually(lambda: not worker.is_alive(), deadline=60)
    worker.stop()
    assert worker._consumer is not None
    worker._consumer.perform_pending_operations()


def ready_worker(redis_url: str) -> WorkerThread:
    worker = WorkerThread(express_lane(make_celery(Settings(broker=redis_url))))
    worker.start()
    eventually(lambda: worker.ready, deadline=60)
    return worker
