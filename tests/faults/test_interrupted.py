"""Ctrl-C in the middle of `picturedesk ingest`, then the same command again."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from rag.model import LOCAL_OWNER, AssetState
from rag.wiring import opened
from tests.faults.installation import LIBRARY, settings_of
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost, every_asset
from tests.faults.nursery import Programs
from tests.faults.pictures import Pictures
from tests.flows.processes import eventually

ROUNDS = 4
PICTURES = 80
SPAN = 0.6
"""Seconds after the first new picture is safe within which Ctrl-C comes."""

INTERRUPTED = 130


@pytest.mark.timeout(300)
def test_an_ingest_stopped_with_ctrl_c_goes_on_when_it_is_run_again(
    programs: Programs, pictures: Pictures, rng: random.Random, tmp_path: Path
) -> None:
    embedded = {"PICTUREDESK_DATA": str(tmp_path / "data"), "PICTUREDESK_BATCH": "4"}
    folder = tmp_path / "pictures"
    pictures.write(folder, PICTURES)
    command = ("ingest", str(folder), "--library", LIBRARY)
    stopped = 0
    with opened(settings_of(embedded)) as looking:
        for number in range(ROUNDS):
            before = sum(1 for _ in every_asset(looking))
            ingest = programs.picturedesk(f"ingest-{number}", embedded, *command)
            eventually(
                lambda seen=before, child=ingest: (  # type: ignore[misc]
                    child.process.poll() is not None or sum(1 for _ in every_asset(looking)) > seen
                )
            )
            time.sleep(rng.uniform(0, SPAN))
            ingest.process.send_signal(signal.SIGINT)
            code = ingest.wait()
            assert code in (0, INTERRUPTED), ingest.output()
            assert "Traceback" not in ingest.output()
            if code == INTERRUPTED:
                stopped += 1
                assert "Run the same command to go on" in ingest.output().splitlines()[-1]
        assert all(job.complete for job in looking.catalog.jobs(LOCAL_OWNER, limit=100))
    print(f"{stopped} of {ROUNDS} runs stopped with Ctrl-C")  # noqa: T201
    assert stopped, "no run was stopped"

    last = programs.picturedesk("ingest-last", embedded, *command)
    assert last.wait() == 0, last.output()
    with opened(settings_of(embedded)) as services:
        ends = assert_nothing_lost(services)
    assert [asset.state for asset in ends] == [AssetState.INDEXED] * PICTURES
    assert {asset.attempts for asset in ends} <= {1, 2}, "a stop is no failure of the pictures"
    assert_doctor_agrees(programs, embedded)
