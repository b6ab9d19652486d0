"""What a broker may do to tasks: deliver them several times, in parallel, and again while they still run."""

from __future__ import annotations

import re
import time

import pytest
import redis
from sqlalchemy import text

from rag.batching import in_batches
from rag.model import AssetState
from tests.faults.conftest import BATCH
from tests.faults.installation import Installation, run_on, stop_running, tasks_in_hand
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost
from tests.faults.pictures import Pictures
from tests.flows.processes import Child, eventually

PICTURES = 12
NEVER = "3600"
SHORT = "2"


@pytest.fixture
def patient(installation: Installation) -> Installation:
    """An installation whose outbox sends nothing again while a test runs."""
    installation.environment["PICTUREDESK_RESEND_AFTER"] = NEVER
    return installation


@pytest.mark.timeout(300)
def test_a_job_delivered_three_times_in_parallel_is_indexed_once(patient: Installation, pictures: Pictures) -> None:
    workers = patient.ready_workers(2)
    for worker in workers:
        stop_running(worker)
    job = patient.accept(pictures.take(PICTURES))
    refs = [asset.ref for asset in patient.assets_of(job)]
    for _ in range(2):
        for some in in_batches(refs, BATCH):
            patient.services.queue.send(some)
    for worker in workers:
        run_on(worker)
    assert patient.wait_until_done(job).counts == {AssetState.INDEXED: PICTURES}
    eventually(lambda: sum(worker.output().count("] succeeded") for worker in workers) == 3 * PICTURES / BATCH)
    assert all(asset.state is AssetState.INDEXED for asset in assert_nothing_lost(patient.services))
    assert_doctor_agrees(patient.programs, patient.environment)


@pytest.mark.timeout(300)
def test_a_task_that_redis_delivers_again_while_it_still_runs_is_indexed_once(
    patient: Installation, pictures: Pictures
) -> None:
    """The first worker stands still for longer than the visibility timeout, with tasks in its hands."""
    patient.environment["PICTUREDESK_VISIBILITY_TIMEOUT"] = SHORT
    slow = patient.ready_worker()
    job = patient.accept(pictures.take(PICTURES))
    stop_with_tasks_in_hand(patient, slow)
    in_hand = tasks_of(slow)
    wait_until_invisible_no_more(patient)
    quick = patient.worker()  # it looks for lost tasks when it starts
    patient.wait_until_done(job)
    again = in_hand & tasks_of(quick)
    assert again, "Redis delivered no task a second time"
    run_on(slow)
    eventually(lambda: tasks_in_hand(slow) == 0)
    ends = assert_nothing_lost(patient.services)
    assert [asset.state for asset in ends] == [AssetState.INDEXED] * PICTURES
    assert_doctor_agrees(patient.programs, patient.environment)


def stop_with_tasks_in_hand(installation: Installation, worker: Child) -> None:
    """Not in the middle of a transaction: who stands still there holds locks that everybody waits for."""

    def look() -> bool:
        if not tasks_in_hand(worker):
            return False
        stop_running(worker)
        if tasks_in_hand(worker) and not open_transactions(installation):
            return True
        run_on(worker)
        return False

    eventually(look)


def open_transactions(installation: Installation) -> int:
    """How many sessions of the database, beside the one that asks, are inside a transaction."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
    )
    with installation.services.engine.connect() as connection:
        return int(connection.execute(asked).scalar_one())


def wait_until_invisible_no_more(installation: Installation) -> None:
    """All that Redis handed out and nobody ended has been out for longer than the visibility timeout."""
    with redis.Redis.from_url(installation.environment["PICTUREDESK_BROKER"]) as client:

        def look() -> bool:
            handed_out = [at for _, at in client.zrange("unacked_index", 0, -1, withscores=True)]
            return bool(handed_out) and max(handed_out) + float(SHORT) < time.time()

        eventually(look, deadline=60)


def tasks_of(worker: Child) -> set[str]:
    """Ids of the tasks that a worker was given, by its log."""
    return set(re.findall(r"Task ingest\.index\[([0-9a-f-]+)\] received", worker.output()))
