"""Redis is killed and comes back empty, or is away while pictures come in: Redis holds nothing that cannot be lost."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.model import LOCAL_OWNER, AssetState
from tests.faults.installation import Installation
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually
from tests.services.redis import RedisServer, start_redis

ROUNDS = 3
PICTURES = 12


class MortalRedis:
    """A Redis server of the test's own, which it kills, and starts again on the same port with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir()
        self.server = start_redis(folder)

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2].partition("/")[0])

    def kill(self) -> None:
        self.server.stop()

    def start_empty(self) -> None:
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        self.server = start_redis(self._folder, self.port)


@pytest.fixture
def redis(redis_server: RedisServer, tmp_path: Path) -> Iterator[MortalRedis]:
    """`redis_server` decides whether Redis is there at all: it skips on a laptop without, and fails in CI."""
    redis = MortalRedis(tmp_path / "redis")
    yield redis
    redis.kill()


@pytest.fixture
def services_profile(services_profile: dict[str, str], redis: MortalRedis) -> dict[str, str]:
    return {**services_profile, "PICTUREDESK_BROKER": redis.server.url, "PICTUREDESK_ATTEMPTS": "10"}


def supervised(installation: Installation, look: Callable[[], bool]) -> None:
    """Wait for something to hold. A worker that has ended is started again."""

    def look_after_the_worker() -> bool:
        if installation.workers[-1].process.poll() is not None:
            installation.worker()
        return look()

    eventually(look_after_the_worker, deadline=240)


@pytest.mark.timeout(900)
def test_redis_is_killed_in_mid_work_and_comes_back_empty(
    installation: Installation, pictures: Pictures, redis: MortalRedis, rng: random.Random
) -> None:
    """A worker that acknowledges a task while its broker goes may end; it is started again, as a supervisor does it."""
    installation.ready_worker()
    for _ in range(ROUNDS):
        job = installation.accept(pictures.take(PICTURES))
        supervised(installation, lambda job=job: any(one.attempts for one in installation.assets_of(job)))  # type: ignore[misc]
        time.sleep(rng.uniform(0, 0.3))
        redis.kill()
        redis.start_empty()
        supervised(installation, lambda job=job: installation.services.catalog.job(LOCAL_OWNER, job.id).done)  # type: ignore[misc]
        assert installation.counts(job) == {AssetState.INDEXED: PICTURES}
    assert_nothing_lost(installation.services)
    assert_doctor_agrees(installation.programs, installation.environment)


@pytest.mark.timeout(300)
def test_what_is_accepted_while_redis_is_away_waits_in_the_outbox_and_is_indexed_when_it_is_back(
    installation: Installation, pictures: Pictures, redis: MortalRedis
) -> None:
    worker = installation.ready_worker()
    redis.kill()
    job = installation.accept(pictures.take(PICTURES))
    assert installation.counts(job) == {AssetState.ACCEPTED: PICTURES}
    assert len(installation.services.catalog.unsent(limit=100)) == PICTURES
    redis.start_empty()
    assert installation.wait_until_done(job).counts == {AssetState.INDEXED: PICTURES}
    assert worker.process.poll() is None, "the worker ended with its broker"
    assert_nothing_lost(installation.services)
