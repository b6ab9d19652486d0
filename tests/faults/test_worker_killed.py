"""Workers are killed in mid-batch, again and again: everything is indexed once."""

from __future__ import annotations

import os
import random
import time

import pytest

from rag.model import AssetState
from tests.faults.installation import Installation, descendants, kill_alone, still_running, tasks_in_hand
from tests.faults.invariants import assert_accounted_for, assert_doctor_agrees, assert_nothing_lost
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually

ROUNDS = int(os.environ.get("PICTUREDESK_TEST_ROUNDS") or 50)
SECONDS_A_ROUND = 40
"""Two to four where the test has the machine to itself."""

PICTURES = 6
ENOUGH_ATTEMPTS = "10"
"""On a slow machine tasks are sent again while they run, and each delivery counts: what is tested is not that."""


@pytest.mark.timeout(60 + ROUNDS * SECONDS_A_ROUND)
def test_workers_are_killed_in_mid_batch_and_every_picture_is_indexed_once(
    installation: Installation, pictures: Pictures, rng: random.Random
) -> None:
    installation.environment |= {"PICTUREDESK_ATTEMPTS": ENOUGH_ATTEMPTS, "PICTUREDESK_RESEND_AFTER": "0.5"}
    working, other = installation.ready_workers(2)
    typical = seconds_for(installation, pictures)
    in_mid_task = unfinished = 0
    for number in range(ROUNDS):
        job = installation.accept(pictures.take(PICTURES))
        installation.wait_until_begun(job)
        time.sleep(rng.uniform(0, typical))
        family = descendants(working)
        kill_alone(working) if number % 2 else working.kill()
        unfinished += installation.counts(job).get(AssetState.ACCEPTED, 0)
        in_mid_task += tasks_in_hand(working) > 0
        working, other = other, installation.worker()
        assert installation.wait_until_done(job).counts == {AssetState.INDEXED: PICTURES}
        assert_accounted_for(installation.services)
        eventually(lambda family=family: not still_running(family), deadline=60)  # type: ignore[misc]
        working.wait_for("ready.")
    print(f"{ROUNDS} kills, {in_mid_task} in mid-task, {unfinished} of {ROUNDS * PICTURES} pictures unfinished")  # noqa: T201
    assert in_mid_task >= ROUNDS // 4, "the kills came too late to prove anything"
    assert_nothing_lost(installation.services)
    assert_doctor_agrees(installation.programs, installation.environment)


def seconds_for(installation: Installation, pictures: Pictures) -> float:
    """How long one round's pictures take when nobody is killed, from the first attempt on."""
    took = []
    for _ in range(2):
        job = installation.accept(pictures.take(PICTURES))
        installation.wait_until_begun(job)
        started = time.perf_counter()
        installation.wait_until_done(job)
        took.append(time.perf_counter() - started)
    return min(took)


@pytest.mark.timeout(300)
def test_a_picture_that_takes_its_worker_down_each_time_is_quarantined_and_no_other_with_it(
    installation: Installation, pictures: Pictures
) -> None:
    """The worker is killed whenever it has begun this picture, alone or with others, as memory running out would."""
    installation.environment["PICTUREDESK_RESEND_AFTER"] = "2"
    files = pictures.take(5)
    job = installation.accept(files)
    poison = installation.assets_of(job)[1].ref
    attempts = 0
    while attempts < 3:
        worker = installation.worker()
        eventually(lambda seen=attempts: attempts_at(installation, poison) > seen)  # type: ignore[misc]
        worker.kill()
        attempts = attempts_at(installation, poison)
    installation.worker()
    installation.wait_until_done(job)
    ends = {asset.ref: asset for asset in assert_nothing_lost(installation.services)}
    assert ends[poison].state is AssetState.QUARANTINED
    assert "indexing failed 3 times" in ends[poison].reason
    others = [asset.state for ref, asset in ends.items() if ref != poison]
    assert others == [AssetState.INDEXED] * 4


def attempts_at(installation: Installation, ref: object) -> int:
    (asset,) = (one for one in installation.services.catalog.every_asset(limit=100) if one.ref == ref)
    return asset.attempts
