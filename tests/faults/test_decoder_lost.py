"""Decoder processes are killed, or stand still, while they decode: that file is refused, and nothing else suffers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from rag.model import Asset, AssetState
from tests.faults.installation import Installation, Running, descendants
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost
from tests.faults.pictures import Pictures, slow_to_decode
from tests.flows.processes import Child, eventually

SIDE = 12_000
"""Pixels an edge: a second or more of a CPU, within every limit."""

AT_WORK = 0.2
"""Seconds of a CPU that a decoder spends on nothing but the large picture."""

PICTURES = 8
BIG = "big.png"


@pytest.fixture
def services_profile(services_profile: dict[str, str]) -> dict[str, str]:
    return {**services_profile, "PICTUREDESK_RESEND_AFTER": "600", "PICTUREDESK_DECODE_SECONDS": "3"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hangs"])
def test_a_picture_whose_decoder_is_lost_is_refused_and_the_rest_of_the_batch_is_indexed(
    installation: Installation, pictures: Pictures, blow: signal.Signals
) -> None:
    worker = installation.ready_worker()
    installation.wait_until_done(installation.accept(pictures.take(PICTURES)))
    job = installation.accept({BIG: slow_to_decode(SIDE), **pictures.take(PICTURES)})
    os.kill(decoder_at_work(worker).pid, blow)
    installation.wait_until_done(job)
    ends = {asset.name: asset for asset in installation.assets_of(job)}
    assert_refused(ends.pop(BIG), blow)
    assert [asset.state for asset in ends.values()] == [AssetState.INDEXED] * PICTURES

    assert worker.process.poll() is None, "the worker died with its decoder"
    after = installation.wait_until_done(installation.accept(pictures.take(PICTURES)))
    assert after.counts == {AssetState.INDEXED: PICTURES}
    assert_nothing_lost(installation.services)
    assert_doctor_agrees(installation.programs, installation.environment)


def assert_refused(asset: Asset, blow: signal.Signals) -> None:
    """A file whose decoder dies is broken; one that goes over a limit is declined."""
    expected = AssetState.QUARANTINED if blow is signal.SIGKILL else AssetState.SKIPPED
    assert asset.state is expected, asset.reason
    assert asset.reason
    assert "\n" not in asset.reason


def decoder_at_work(worker: Child) -> Running:
    """The decoder that has the large picture before it."""
    before = {one.pid: one.cpu_seconds for one in decoders(worker)}

    def busy(one: Running) -> bool:
        return one.cpu_seconds - before.get(one.pid, 0.0) > AT_WORK

    found: Callable[[], Running | None] = lambda: next((one for one in decoders(worker) if busy(one)), None)  # noqa: E731
    return eventually(found, deadline=60)


def decoders(worker: Child) -> list[Running]:
    return [one for one in descendants(worker) if "rag.media.child" in one.command]
