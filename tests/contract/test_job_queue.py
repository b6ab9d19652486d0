"""What every JobQueue promises: a worker inside the process, and worker processes on Redis."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.dispatch.app import make_celery
from rag.dispatch.embedded import EmbeddedQueue
from rag.dispatch.outbox import Reconciler
from rag.dispatch.queue import open_queue
from rag.dispatch.sender import CeleryQueue
from rag.errors import Unavailable
from rag.library.catalog import SqlCatalog
from rag.library.database import open_database
from rag.model import LOCAL_OWNER, Asset, AssetId, AssetRef
from rag.ports import Acceptance, JobQueue
from rag.settings import Settings
from tests.contract.recorder import Recorder
from tests.flows.processes import Child, Processes, eventually, running
from tests.services.redis import RedisServer

WORKER = ("-m", "celery", "-A", "tests.contract.recording_worker", "worker", "-c", "1", "--without-mingle")


@dataclass
class Desk:
    """A queue, and the record of what its worker did."""

    queue: JobQueue
    record: Recorder

    def wait_until_ended(self, *batches: list[AssetRef]) -> list[list[str]]:
        """The ids of `batches` in the order in which they ended."""
        wanted = [names(batch) for batch in batches]
        eventually(lambda: all(batch in self.record.ended for batch in wanted))
        return [batch for batch in self.record.ended if batch in wanted]


def refs(*ids: str) -> list[AssetRef]:
    return [AssetRef("news", AssetId(name)) for name in ids]


def names(batch: list[AssetRef]) -> list[str]:
    return [str(ref) for ref in batch]


def start_worker(processes: Processes, broker: str, folder: Path) -> Child:
    worker = processes.python(
        "worker", *WORKER, "--loglevel", "INFO", env={"PICTUREDESK_BROKER": broker, "RECORDER": str(folder)}
    )
    worker.wait_for("ready.")
    return worker


@pytest.fixture(scope="module")
def embedded_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = Recorder(tmp_path_factory.mktemp("embedded"))
    queue = EmbeddedQueue(make_celery(Settings(worker_threads=1), record.as_services()))
    yield Desk(queue, record)
    record.release()
    queue.close()


@pytest.fixture(scope="module")
def redis_desk(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    broker = redis_server.empty_database(1)
    record = Recorder(folder := tmp_path_factory.mktemp("redis-desk"))
    queue = CeleryQueue(make_celery(Settings(broker=broker)))
    with running(folder) as processes:
        start_worker(processes, broker, folder)
        yield Desk(queue, record)
        record.release()
    queue.close()


@pytest.fixture(params=["embedded_desk", "redis_desk"], ids=["embedded", "redis"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    desk: Desk = request.getfixturevalue(request.param)
    yield desk
    desk.record.release()


def test_a_task_runs_with_exactly_the_ids_that_were_sent(desk: Desk) -> None:
    batch = refs("b2", "a1", "c3")
    desk.queue.send(batch)
    assert desk.wait_until_ended(batch) == [names(batch)]


def test_what_is_sent_twice_runs_twice_and_no_more(desk: Desk) -> None:
    twice, after = refs("twice"), refs("after-twice")
    for batch in (twice, twice, after):
        desk.queue.send(batch)
    assert desk.wait_until_ended(twice, after) == [names(twice), names(twice), names(after)]


def test_urgent_work_overtakes_a_backlog(desk: Desk) -> None:
    backlog = [refs(f"bulk-{number}") for number in range(5)]
    urgent = refs("urgent")
    desk.record.hold()
    for batch in backlog:
        desk.queue.send(batch)
    eventually(lambda: names(backlog[0]) in desk.record.begun)
    desk.queue.send(urgent, urgent=True)
    desk.record.release()
    order = desk.wait_until_ended(urgent, *backlog)
    assert sorted(order[:2]) == sorted([names(backlog[0]), names(urgent)])  # these two end side by side
    assert order[2:] == [names(batch) for batch in backlog[1:]]


def test_waiting_counts_what_no_worker_has_taken(desk: Desk) -> None:
    assert desk.queue.waiting() == 0
    desk.record.hold()
    batches = [refs("taken"), refs("waiting-1"), refs("waiting-2")]
    for batch in batches:
        desk.queue.send(batch)
    eventually(lambda: names(batches[0]) in desk.record.begun)
    assert desk.queue.waiting() == 2
    desk.record.release()
    desk.wait_until_ended(*batches)
    assert desk.queue.waiting() == 0


def test_many_threads_may_send_at_once(desk: Desk) -> None:
    batches = [refs(f"thread-{number}") for number in range(16)]
    senders = [threading.Thread(target=desk.queue.send, args=(batch,)) for batch in batches]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(desk.wait_until_ended(*batches)) == 16


def test_a_queue_that_answers_is_well(desk: Desk) -> None:
    desk.queue.ping()


# The worker inside the process


def test_close_lets_the_current_task_end_and_takes_no_other(tmp_path: Path) -> None:
    record = Recorder(tmp_path)
    queue = EmbeddedQueue(make_celery(Settings(worker_threads=1), record.as_services()))
    record.hold()
    current, other = refs("current"), refs("other")
    queue.send(current)
    queue.send(other)
    eventually(lambda: record.begun)
    closing = threading.Thread(target=queue.close)
    closing.start()
    record.release()
    closing.join()
    assert record.ended == [names(current)]
    queue.close()
    with pytest.raises(Unavailable, match="was closed"):
        queue.send(other)


def test_a_queue_that_was_never_used_closes_at_once() -> None:
    queue = EmbeddedQueue(make_celery(Settings()))
    queue.ping()
    queue.close()


def test_queues_of_one_process_share_nothing(tmp_path: Path) -> None:
    records = [Recorder(tmp_path / name) for name in ("one", "two")]
    queues = []
    for record, name in zip(records, ("one", "two"), strict=True):
        (tmp_path / name).mkdir()
        queues.append(EmbeddedQueue(make_celery(Settings(worker_threads=1), record.as_services())))
    for number in range(4):
        queues[number % 2].send(refs(str(number)))
    eventually(lambda: all(len(record.ended) == 2 for record in records))
    for queue in queues:
        queue.close()
    assert [record.ended for record in records] == [[["news/0"], ["news/2"]], [["news/1"], ["news/3"]]]


# A broker that does not answer, workers that die


def test_closing_one_queue_leaves_others_on_the_broker_open(redis_url: str) -> None:
    one, other = (CeleryQueue(make_celery(Settings(broker=redis_url))) for _ in range(2))
    one.send(refs("a"))
    one.close()
    other.send(refs("b"))
    assert other.waiting() == 2
    other.close()


@pytest.mark.parametrize("call", ["send", "ping", "waiting"])
def test_a_broker_that_is_not_there_is_one_line_without_the_password(call: str, tmp_path: Path) -> None:
    settings = Settings(broker="redis://:geheim@127.0.0.1:1/3")
    queue = open_queue(settings, Recorder(tmp_path).as_services())
    with pytest.raises(Unavailable) as caught:
        queue.send(refs("a")) if call == "send" else getattr(queue, call)()
    queue.close()
    message = str(caught.value)
    assert message.startswith("the broker at redis://127.0.0.1:1/3 did not answer: ")
    assert "geheim" not in message
    assert "\n" not in message


def test_a_broker_that_accepts_and_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        app = make_celery(Settings(broker=f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        app.conf.broker_transport_options["socket_timeout"] = 0.2
        queue = CeleryQueue(app)
        with pytest.raises(Unavailable, match="did not answer: Timeout"):
            queue.send(refs("a"))
        queue.close()


def test_a_worker_that_is_told_to_stop_ends_its_task(redis_url: str, processes: Processes, tmp_path: Path) -> None:
    record = Recorder(tmp_path)
    queue = CeleryQueue(make_celery(Settings(broker=redis_url)))
    worker = start_worker(processes, redis_url, tmp_path)
    record.hold()
    queue.send(refs("current"))
    eventually(lambda: record.begun)
    worker.process.terminate()
    worker.wait_for("Warm shutdown")
    record.release()
    assert worker.wait() == 0
    assert record.ended == [["news/current"]]
    assert queue.waiting() == 0
    queue.close()


def test_what_a_killed_worker_held_is_sent_again_from_the_outbox(
    redis_url: str, sqlite_url: str, processes: Processes, tmp_path: Path
) -> None:
    record = Recorder(tmp_path)
    queue = CeleryQueue(make_celery(Settings(broker=redis_url)))
    catalog = SqlCatalog(open_database(sqlite_url))
    catalog.start_job("job", "news", LOCAL_OWNER)
    batch = catalog.accept("job", [Acceptance(name, some_asset(name)) for name in ("0", "1")])
    killed = start_worker(processes, redis_url, tmp_path)
    record.hold()
    queue.send(batch)
    catalog.mark_sent(batch)
    eventually(lambda: record.begun)
    killed.kill()
    record.release()
    start_worker(processes, redis_url, tmp_path)
    reconciler = Reconciler(catalog, queue, Settings(resend_after=0.5))
    reconciler.start()
    eventually(lambda: record.ended)
    reconciler.stop()
    assert record.ended[0] == names(batch)
    queue.close()
    catalog.close()


def some_asset(name: str) -> Asset:
    return Asset("news", AssetId(name * 64), f"{name}.jpg", "image/jpeg", 1)
