"""PostgreSQL is stopped in immediate mode in mid-work, and starts again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from rag.errors import Unavailable
from rag.model import AssetState, Job
from tests.faults.installation import Installation
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually
from tests.services.postgres import PostgresServer, start_postgres

ROUNDS = 5
PICTURES = 12


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server of the test's own. `postgres_server` decides whether there is PostgreSQL at all."""
    server = start_postgres()
    server.create_database("catalog")
    yield server
    server.stop()


@pytest.fixture
def services_profile(services_profile: dict[str, str], database: PostgresServer) -> dict[str, str]:
    return {
        **services_profile,
        "PICTUREDESK_DATABASE": database.url("catalog"),
        "PICTUREDESK_ATTEMPTS": "10",
    }


@pytest.mark.timeout(300)
def test_postgresql_restarts_in_mid_work_and_every_picture_is_indexed_once(
    installation: Installation, pictures: Pictures, database: PostgresServer, rng: random.Random
) -> None:
    workers = installation.ready_workers(2)
    for _ in range(ROUNDS):
        job = installation.accept(pictures.take(PICTURES))
        time.sleep(rng.uniform(0, 0.3))
        database.restart()
        eventually(lambda job=job: is_done(installation, job), deadline=120)  # type: ignore[misc]
        assert installation.counts(job) == {AssetState.INDEXED: PICTURES}
    assert all(worker.process.poll() is None for worker in workers), "a worker ended with its database"
    assert_nothing_lost(installation.services)
    assert_doctor_agrees(installation.programs, installation.environment)


def is_done(installation: Installation, job: Job) -> bool:
    try:
        return not installation.counts(job).get(AssetState.ACCEPTED, 0)
    except Unavailable:  # this process's connections broke as well
        return False
