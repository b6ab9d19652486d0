"""Programs that are measured from outside: what they print, and the memory of all their processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
EVERY = 0.25
"""Seconds between two looks at memory."""


class Memory(NamedTuple):
    """Bytes of a process and its children; pages that several of them share are counted once."""

    all: int
    """With mapped files: programs, weights and the index. The kernel may take those pages back (PSS)."""

    private: int
    """What the processes hold themselves, and nobody can take back (anonymous PSS)."""


def measured(module: str, *arguments: str) -> tuple[dict[str, Any], Memory]:
    """Run `python -m module` to its end.

    Returns:
        The JSON of its last line, and the peak memory of it and its children.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = Peak(process.pid)
    peak.start()
    out, errors = process.communicate()
    peak.stop()
    if process.returncode:
        raise RuntimeError(f"{module} ended with status {process.returncode}: {errors.strip()[-2000:]}")
    result: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return result, peak.memory


class Peak:
    """Looks at a process tree's memory now and then."""

    def __init__(self, pid: int) -> None:
        self.memory = Memory(0, 0)
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            now = [_memory(pid) for pid in _tree(self._pid)]
            self.memory = Memory(
                max(self.memory.all, sum(one.all for one in now)),
                max(self.memory.private, sum(one.private for one in now)),
            )


def _tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [one for child in task.read_text().split() for one in _tree(int(child))]
        except OSError:  # it ended meanwhile
            continue
    return found


def _memory(pid: int) -> Memory:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended meanwhile
        return Memory(0, 0)
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
    return Memory(1024 * kib.get("Pss", 0), 1024 * kib.get("Pss_Anon", 0))
