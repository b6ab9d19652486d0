"""Assets are deleted while a worker indexes them: nothing of them is left, and nothing else is touched."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from rag.ingest import delete
from rag.model import LOCAL_OWNER, AssetRef, AssetState, Query, visual_id
from rag.search import search
from tests.faults.installation import LIBRARY, Installation, tasks_in_hand
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost, files_below
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually

ROUNDS = 20
PICTURES = 6
SPAN = 0.5
"""Seconds within which the deletion begins."""


@pytest.mark.timeout(300)
def test_what_is_deleted_while_it_is_indexed_is_never_found_again_and_leaves_nothing(
    installation: Installation, pictures: Pictures, rng: random.Random, tmp_path: Path
) -> None:
    installation.environment["PICTUREDESK_RESEND_AFTER"] = "60"  # what is sent again would hide what is left behind
    worker = installation.ready_worker()
    deleted: set[AssetRef] = set()
    kept = before_the_end = 0
    for _ in range(ROUNDS):
        job = installation.accept(pictures.take(PICTURES))
        refs = [asset.ref for asset in installation.assets_of(job)]
        leaving = rng.sample(refs, PICTURES // 2)
        time.sleep(rng.uniform(0, SPAN))
        before_the_end += bool(installation.counts(job).get(AssetState.ACCEPTED))
        assert set(delete(installation.services, LOCAL_OWNER, leaving)) == set(leaving)
        deleted.update(leaving)
        kept += len(refs) - len(leaving)
        assert_never_found(installation, deleted)
        installation.wait_until_done(job)
    print(f"{ROUNDS} rounds, {before_the_end} deleted before the end of their job")  # noqa: T201
    assert before_the_end >= ROUNDS // 4, "the deletions came too late to prove anything"
    eventually(lambda: tasks_in_hand(worker) == 0)
    assert_never_found(installation, deleted)
    assert_nothing_left(installation, deleted, tmp_path / "blobs")
    ends = assert_nothing_lost(installation.services)
    assert [asset.state for asset in ends] == [AssetState.INDEXED] * kept
    assert_doctor_agrees(installation.programs, installation.environment)


def assert_never_found(installation: Installation, deleted: set[AssetRef]) -> None:
    everything = Query("a picture", libraries=(LIBRARY,), top_k=100)
    found = search(installation.services, LOCAL_OWNER, everything, door="test").evidence
    assert not {one.visual.asset_id for one in found} & {ref.asset_id for ref in deleted}


def assert_nothing_left(installation: Installation, deleted: set[AssetRef], blobs: Path) -> None:
    """No row, no point in any collection, no byte, no thumbnail."""
    assert not installation.services.catalog.states(list(deleted))
    for store in installation.services.collections.every():
        assert not store.present([visual_id(ref.library, ref.asset_id) for ref in deleted])
    left = {path for path in files_below(blobs) for ref in deleted if ref.asset_id in path}
    assert not left
