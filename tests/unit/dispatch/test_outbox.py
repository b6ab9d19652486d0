"""What waits in the outbox is sent again: in which batches, after how long, and with what patience."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from rag.dispatch.outbox import WITH_BACKLOG, Reconciler, resend
from rag.errors import Unavailable
from rag.library.catalog import SqlCatalog
from rag.library.database import open_database
from rag.model import LOCAL_OWNER, Asset, AssetId, AssetRef
from rag.ports import Acceptance
from rag.settings import Settings
from tests.flows.processes import eventually


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class RememberingQueue:
    """Keeps what is sent; can be away, as a broker can, and can have a backlog."""

    def __init__(self) -> None:
        self.sent: list[list[AssetRef]] = []
        self.alone: list[AssetRef] = []
        self.backlog = 0
        self.error: Exception | None = None
        self.asked = 0

    def send(self, refs: Sequence[AssetRef], *, urgent: bool = False, alone: bool = False) -> None:
        assert not urgent
        self.sent.append(list(refs))
        self.alone += refs if alone else ()

    def advance(self, number: int) -> None: ...

    def waiting(self) -> int:
        self.asked += 1
        if self.error:
            raise self.error
        return self.backlog

    def ping(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(sqlite_url: str, clock: Clock) -> Iterator[SqlCatalog]:
    engine = open_database(sqlite_url)
    catalog = SqlCatalog(engine, clock)
    catalog.start_job("job", "news", LOCAL_OWNER)
    yield catalog
    catalog.close()
    engine.dispose()


@pytest.fixture
def queue() -> RememberingQueue:
    return RememberingQueue()


def accepted(catalog: SqlCatalog, count: int) -> list[AssetRef]:
    assets = [Asset("news", AssetId(f"{number:064x}"), f"{number}.jpg", "image/jpeg", 1) for number in range(count)]
    return catalog.accept("job", [Acceptance(asset.name, asset) for asset in assets])


def test_what_was_never_sent_is_sent_in_batches_and_then_marked(catalog: SqlCatalog, queue: RememberingQueue) -> None:
    refs = accepted(catalog, 5)
    assert resend(catalog, queue, batch=2, older_than=600) == 5
    assert queue.sent == [refs[:2], refs[2:4], refs[4:]]
    assert resend(catalog, queue, batch=2, older_than=600) == 0


def test_what_was_sent_is_sent_again_once_it_is_old_enough(
    catalog: SqlCatalog, queue: RememberingQueue, clock: Clock
) -> None:
    refs = accepted(catalog, 2)
    catalog.mark_sent(refs)
    clock.forward(599)
    assert resend(catalog, queue, batch=2, older_than=600) == 0
    clock.forward(2)
    assert resend(catalog, queue, batch=2, older_than=600) == 2
    assert queue.sent == [refs]


def test_an_asset_before_its_last_attempt_travels_and_is_indexed_alone(
    catalog: SqlCatalog, queue: RememberingQueue
) -> None:
    refs = accepted(catalog, 6)
    for _ in range(2):
        catalog.begin(refs[1:3], attempts_allowed=3)
    assert resend(catalog, queue, batch=10, older_than=0, attempts=3) == 6
    assert queue.sent == [[refs[0], *refs[3:]], [refs[1]], [refs[2]]]
    assert queue.alone == refs[1:3]


def test_what_failed_through_no_fault_of_its_own_is_sent_again_without_waiting(
    catalog: SqlCatalog, queue: RememberingQueue
) -> None:
    refs = accepted(catalog, 2)
    catalog.mark_sent(refs)
    catalog.begin(refs, attempts_allowed=3)
    catalog.release(refs)
    assert resend(catalog, queue, batch=2, older_than=600) == 2
    assert queue.sent == [refs]


def reconciler(catalog: SqlCatalog, queue: RememberingQueue, *, forgetful: bool = False) -> Reconciler:
    return Reconciler(catalog, queue, Settings(resend_after=600), forgetful=forgetful)


def look_once(reconciler: Reconciler) -> None:
    reconciler.start()
    reconciler.stop()


def test_with_a_backlog_in_the_broker_nothing_counts_as_lost_for_a_day(
    catalog: SqlCatalog, queue: RememberingQueue, clock: Clock
) -> None:
    refs = accepted(catalog, 2)
    catalog.mark_sent(refs[:1])
    queue.backlog = 1
    clock.forward(WITH_BACKLOG - 1)
    look_once(reconciler(catalog, queue))
    assert queue.sent == [refs[1:]]
    queue.backlog = 0
    look_once(reconciler(catalog, queue))
    assert queue.sent == [refs[1:], refs[:1]]


def test_what_a_broker_that_starts_empty_had_is_sent_at_once(catalog: SqlCatalog, queue: RememberingQueue) -> None:
    refs = accepted(catalog, 2)
    catalog.mark_sent(refs)
    look_once(reconciler(catalog, queue))
    assert queue.sent == []
    look_once(reconciler(catalog, queue, forgetful=True))
    assert queue.sent == [refs]


@pytest.mark.parametrize(
    ("error", "expected"),
    [(Unavailable("the broker is away"), "the outbox waits: the broker is away"), (RuntimeError("a bug"), "a bug")],
)
def test_a_failure_is_logged_and_tried_again(
    catalog: SqlCatalog,
    queue: RememberingQueue,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    expected: str,
) -> None:
    refs = accepted(catalog, 1)
    queue.error = error
    loop = Reconciler(catalog, queue, Settings(resend_after=0.02))
    with caplog.at_level(logging.WARNING):
        loop.start()
        eventually(lambda: queue.asked >= 2)
        queue.error = None
        eventually(lambda: queue.sent)
        loop.stop()
    assert queue.sent[0] == refs
    assert expected in caplog.text


def test_stopping_twice_or_before_the_start_is_harmless(catalog: SqlCatalog, queue: RememberingQueue) -> None:
    reconciler(catalog, queue).stop()
    loop = reconciler(catalog, queue)
    loop.start()
    loop.stop()
    loop.stop()
