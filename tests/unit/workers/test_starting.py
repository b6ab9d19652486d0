"""The command line of a worker, and what keeps one from starting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from celery.concurrency import ALIASES, get_implementation

from workers.lifecycle import require_threads
from workers.starting import command, worker_app, worker_settings


def test_a_worker_takes_from_both_queues_on_threads() -> None:
    assert command([]) == [
        *(sys.executable, "-m", "celery", "-A", "workers", "worker"),
        *("--pool", "threads", "--queues", "interactive,bulk"),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def test_threads_are_celerys_concurrency_and_the_rest_is_passed_on() -> None:
    words = command(["--threads", "4", "--loglevel", "DEBUG", "--hostname", "w1@%h"])
    assert words[-6:] == ["--concurrency", "4", "--loglevel", "DEBUG", "--hostname", "w1@%h"]


def test_a_worker_can_be_kept_free_for_uploads() -> None:
    words = command(["--queues", "interactive"])
    assert words.count("--queues") == 1
    assert words[words.index("--queues") + 1] == "interactive"


@pytest.mark.parametrize("pool", ["threads", "solo"])
def test_pools_within_the_process_are_taken(pool: str) -> None:
    require_threads(pool)
    require_threads(get_implementation(pool))


@pytest.mark.parametrize("pool", ["prefork", "processes", "gevent", get_implementation("prefork")])
def test_any_other_pool_is_refused_in_one_line(pool: type | str) -> None:
    assert isinstance(pool, type) or pool in ALIASES
    with pytest.raises(SystemExit, match=r"^error: workers run on --pool threads or --pool solo, not .*$"):
        require_threads(pool)


def test_without_a_broker_that_others_can_reach_it_exits() -> None:
    with pytest.raises(SystemExit, match="error: with PICTUREDESK_BROKER=memory:// the worker runs inside"):
        worker_app()


def test_a_setting_that_cannot_work_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTUREDESK_WORKER_THREADS", "many")
    with pytest.raises(SystemExit, match=r"^error: PICTUREDESK_WORKER_THREADS: Input should be a valid integer"):
        worker_settings()


def test_importing_the_package_does_nothing() -> None:
    program = "import sys, workers; print([name for name in ('celery', 'rag', 'torch') if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, cwd=Path.cwd()
    )
    assert run.stdout.strip() == "[]"
