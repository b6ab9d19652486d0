"""Child processes of tests: each in a group of its own, its output in a file, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
STOP_TIMEOUT_S = 60
DEADLINE_S = 600
LINES_SHOWN = 60

T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, deadline: float = DEADLINE_S) -> T:
    """What `look` gives, as soon as that is true of anything. Fails after `deadline` seconds."""
    end = time.monotonic() + deadline
    while not (found := look()):
        assert time.monotonic() < end, f"not within {deadline:.0f} s"
        time.sleep(0.05)
    return found


class Process(Protocol):
    """What `subprocess.Popen` offers of a program; see there."""

    pid: int

    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...
    def send_signal(self, sig: int) -> None: ...


@dataclass
class Child:
    """A running program and what it has written so far."""

    name: str
    process: Process
    log: Path

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        """Return once `text` stands in the output; fail when the program ends before."""

        def look() -> bool:
            ended = self.process.poll() is not None
            found = text in self.output()
            assert found or not ended, f"{self.name} ended before it said {text!r}:\n{self.output()}"
            return found

        eventually(look)

    def wait(self) -> int:
        """The exit code."""
        return self.process.wait(timeout=DEADLINE_S)

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=STOP_TIMEOUT_S)

    def stop(self) -> int:
        """SIGTERM, and SIGKILL for what does not end. Calling twice is harmless.

        Returns:
            The exit code.
        """
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=STOP_TIMEOUT_S)
        self.kill()
        return self.process.wait()


@dataclass
class Processes:
    """Starts children in a folder; `stop` ends them all, the last one first."""

    folder: Path
    children: list[Child] = field(default_factory=list)

    def python(self, name: str, *arguments: str, env: Mapping[str, str] | None = None) -> Child:
        """Run this Python with `arguments`, on the repository's code and with no settings but `env`."""
        path = self.log(name)
        with path.open("wb") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", sys.executable, *arguments],
                cwd=self.folder,
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        child = Child(name, process, path)
        self.children.append(child)
        return child

    def log(self, name: str) -> Path:
        """Where the next child's output goes."""
        return self.folder / f"{len(self.children)}-{name}.log"

    def stop(self) -> None:
        """End every child and print the end of its output, which pytest shows where a test failed."""
        for child in reversed(self.children):
            child.stop()
        for child in self.children:
            tail = "\n".join(child.output().splitlines()[-LINES_SHOWN:])
            sys.stdout.write(f"--- {child.name}, exit code {child.process.returncode}\n{tail}\n")


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child: this one's, the repository's code, and no settings but these."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PICTUREDESK_")}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(settings or {})}


@contextmanager
def running(folder: Path) -> Iterator[Processes]:
    """Children that end with the block, however it ends."""
    processes = Processes(folder)
    try:
        yield processes
    finally:
        processes.stop()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Children of this test, ended with it, whether it passes or fails."""
    folder = tmp_path / "processes"
    folder.mkdir()
    with running(folder) as processes:
        yield processes
