"""Programs that start fast: forked from a process that has imported their heavy parts already.

Importing torch and the rest takes a worker six seconds of a CPU, and a fault test starts
a hundred. What is forked runs the same main module with the same arguments as the command
would; only the imports are shared.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flows.processes import Child, Processes, environment

LIVELY = 0.02
"""Seconds between two looks at whether a program has ended."""


class Nursery:
    """The process that forks. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", sys.executable, "-m", "tests.faults.forking"],
            env=environment({"OPENBLAS_NUM_THREADS": "1"}),  # a process to be forked has one thread
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, module: str, arguments: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> Forked:
        order = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(env),
            "folder": str(folder),
            "log": str(log),
        }
        return Forked(self, self.ask(order))

    def ask(self, order: Mapping[str, Any]) -> Any:
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


class Forked:
    """A forked program, as `subprocess.Popen` would show it."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(LIVELY)
        return code

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


@dataclass
class Programs(Processes):
    """The product's programs in one folder; `stop` ends them all, the last one first."""

    nursery: Nursery = field(kw_only=True)

    def worker(self, name: str, env: Mapping[str, str], *arguments: str) -> Child:
        """What `python -m workers` becomes."""
        from workers.starting import command

        _, _, module, *words = command(arguments)
        return self._fork(name, module, words, env)

    def picturedesk(self, name: str, env: Mapping[str, str], *arguments: str) -> Child:
        """`picturedesk …`"""
        return self._fork(name, "rag.cli", arguments, env)

    def _fork(self, name: str, module: str, arguments: Sequence[str], env: Mapping[str, str]) -> Child:
        path = self.log(name)
        path.touch()
        child = Child(name, self.nursery.start(module, arguments, environment(env), self.folder, path), path)
        self.children.append(child)
        return child
