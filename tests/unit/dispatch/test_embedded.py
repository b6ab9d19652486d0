"""A worker on a thread, beside another worker of its process."""

from __future__ import annotations

from kombu.asynchronous import get_event_loop

from rag.dispatch.app import make_celery
from rag.dispatch.embedded import WorkerThread, express_lane
from rag.settings import Settings
from tests.flows.processes import eventually


def test_a_worker_on_a_thread_leaves_the_event_loop_of_its_process_to_others(redis_url: str) -> None:
    """Celery has one event loop a process: two workers on it close each other's sockets."""
    worker = WorkerThread(express_lane(make_celery(Settings(broker=redis_url))))
    worker.start()
    eventually(lambda: worker.ready, deadline=60)
    loop = get_event_loop()
    worker.stop()
    assert loop is None
    assert not worker.is_alive()
