"""From the environment to a worker's app, and the command that runs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from celery import Celery
from pydantic import ValidationError

from rag.dispatch.app import QUEUES, make_celery
from rag.settings import Settings
from rag.wiring import WiredServices
from workers.lifecycle import Lifecycle


def worker_app() -> Celery:
    """The app of a worker process, with its lifecycle. Exits with one line when a setting cannot work."""
    settings = worker_settings()
    app = make_celery(settings)
    Lifecycle(app, WiredServices(settings)).connect()
    return app


def worker_settings() -> Settings:
    """The settings from the environment. Exits where there is no broker that another process could reach."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise SystemExit(f"error: PICTUREDESK_{str(first['loc'][0]).upper()}: {first['msg']}") from error
    if settings.broker.startswith("memory:"):
        raise SystemExit("error: with PICTUREDESK_BROKER=memory:// the worker runs inside the process; set redis://…")
    return settings


def command(arguments: Sequence[str]) -> list[str]:
    """The command line of a worker: our defaults, then `arguments` as `celery worker` takes them.

    Args:
        arguments: `--threads N` besides, for the number of tasks at a time; `--queues` leaves some to other workers.
    """
    parser = argparse.ArgumentParser(prog="python -m workers", add_help=False, allow_abbrev=False)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--queues", default=",".join(QUEUES))
    ours, theirs = parser.parse_known_args(arguments)
    return [
        *(sys.executable, "-m", "celery", "-A", "workers", "worker"),
        *("--pool", "threads", "--queues", ours.queues),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        *(("--concurrency", str(ours.threads)) if ours.threads else ()),
        *theirs,
    ]
