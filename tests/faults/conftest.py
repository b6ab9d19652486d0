"""What the fault tests share: programs that start fast, and an installation of the services profile."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.wiring import opened
from tests.faults.installation import Installation, settings_of
from tests.faults.nursery import Nursery, Programs
from tests.faults.pictures import Pictures
from tests.services.redis import RedisServer

REDIS_DATABASE = 3
BATCH = 2
RESEND_AFTER = 1


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One for the whole run."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def programs(nursery: Nursery, tmp_path: Path) -> Iterator[Programs]:
    """Programs of this test, ended with it, whether it passes or fails."""
    folder = tmp_path / "programs"
    folder.mkdir()
    programs = Programs(folder, nursery=nursery)
    try:
        yield programs
    finally:
        programs.stop()


@pytest.fixture
def rng() -> random.Random:
    """Where faults fall. The seed is printed; `PICTUREDESK_TEST_SEED` sets it."""
    seed = int(os.environ.get("PICTUREDESK_TEST_SEED") or time.time_ns() % 1_000_000)
    print(f"PICTUREDESK_TEST_SEED={seed}")  # noqa: T201
    return random.Random(seed)


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
def services_profile(redis_server: RedisServer, postgres_url: str, qdrant_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation of this test's own, on empty stores."""
    return {
        "PICTUREDESK_BROKER": redis_server.empty_database(REDIS_DATABASE),
        "PICTUREDESK_DATABASE": postgres_url,
        "PICTUREDESK_LEDGER_KEY": str(tmp_path / "ledger.key"),
        "PICTUREDESK_VECTORS": qdrant_url,
        "PICTUREDESK_BLOBS": f"file://{tmp_path / 'blobs'}",
        "PICTUREDESK_DATA": str(tmp_path / "data"),
        "PICTUREDESK_BATCH": str(BATCH),
        "PICTUREDESK_RESEND_AFTER": str(RESEND_AFTER),
    }


@pytest.fixture
def installation(services_profile: dict[str, str], programs: Programs) -> Iterator[Installation]:
    """Its programs are started by the test; all of them end before its stores do."""
    with opened(settings_of(services_profile)) as services:
        yield Installation(services_profile, programs, services)
