"""The process that forks programs; see `tests.faults.nursery`. Runs as `python -m tests.faults.forking`.

It takes orders as JSON, one a line, and answers each with one line.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import sys
from collections.abc import Mapping
from typing import Any

HEAVY_PARTS = (
    "celery.bin.worker",
    "fastapi",
    "kombu.transport.redis",
    "open_clip",
    "psycopg",
    "qdrant_client",
    "sqlalchemy.dialects.postgresql.psycopg",
    "torch",
    "torchvision",
    "transformers",
    "typer",
    "uvicorn",
    "rag.ingest",
    "rag.wiring",
    "workers.starting",
)


def take_orders() -> dict[str, Any] | None:
    """Answer orders until there are no more. In a forked process: what it is to run."""
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            answer(exit_code(order["poll"]))
            continue
        pid = os.fork()
        if not pid:
            os.setpgid(0, 0)
            return dict(order)
        os.setpgid(pid, pid)  # whoever is first: a group that can be killed as soon as its number is known
        answer(pid)
    return None


def answer(value: int | None) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def exit_code(pid: int) -> int | None:
    """As `subprocess.Popen.poll` gives it."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def become(order: Mapping[str, Any]) -> None:
    """Be the program: with its environment, folder, arguments and output."""
    die_with_the_nursery()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_APPEND)
    for descriptor, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, descriptor)
    sys.argv = [order["module"], *order["arguments"]]
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


def die_with_the_nursery() -> None:
    """Or a killed test would leave it behind. See prctl(2); Python has no function for it."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


if __name__ == "__main__":
    for part in HEAVY_PARTS:
        importlib.import_module(part)
    if (program := take_orders()) is not None:
        become(program)
