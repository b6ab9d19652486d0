"""A job while it goes on: one live region on stderr, a line now and then where nobody watches, or JSON lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rag.progress import Progress
from rag.terminal.text import errors, print_json
from rag.terminal.words import counts_json, counts_of, pace_of

LINE_EVERY = 30.0
"""Seconds between two lines where stderr is a file."""


class View(Protocol):
    """What a job is shown on."""

    def show(self, progress: Progress) -> None: ...

    def say(self, line: str) -> None:
        """Something besides, at once. Nothing is shown after it."""


@contextmanager
def shown(as_json: bool) -> Iterator[View]:
    """Nothing appears before the first `show`: what cannot begin is one line."""
    if as_json:
        yield JsonLines()
        return
    if not errors.is_terminal:
        yield SomeLines()
        return
    region = Region()
    try:
        yield region
    finally:
        region.end()


class Region:
    """A bar with its figures, and the counts below it."""

    def __init__(self) -> None:
        self._live = Live(console=errors, auto_refresh=False, transient=True)

    def show(self, progress: Progress) -> None:
        self._live.start()
        self._live.update(drawn(progress), refresh=True)

    def say(self, line: str) -> None:
        self.end()
        errors.print(line, highlight=False)

    def end(self) -> None:
        self._live.stop()


def drawn(progress: Progress) -> Group:
    """The live region of one moment."""
    line = Table.grid(padding=(0, 2), expand=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    bar = ProgressBar(total=progress.total or None, completed=progress.done, pulse=not progress.total)
    line.add_row(bar, f"{progress.done:,} of {progress.total:,} files{pace_of(progress)}")
    return Group(line, Text(counts_of(progress.job), style="dim"))


class SomeLines:
    """For logs: a line every `LINE_EVERY` seconds, none for what ends sooner."""

    def __init__(self) -> None:
        self._next = time.monotonic() + LINE_EVERY

    def show(self, progress: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LINE_EVERY
        figures = f"{progress.done:,} of {progress.total:,} files{pace_of(progress)}"
        errors.print(f"{figures}: {counts_of(progress.job)}", highlight=False)

    def say(self, line: str) -> None:
        errors.print(line, highlight=False)


class JsonLines:
    """Events: `started` once, `accepted` and `progress` whenever something changed."""

    def __init__(self) -> None:
        self._accepted = -1
        self._done = -1
        self._started = False

    def show(self, progress: Progress) -> None:
        job = progress.job
        if not self._started:
            self._started = True
            print_json({"event": "started", "job": job.id, "library": job.library})
        if job.total != self._accepted:
            self._accepted = job.total
            print_json({"event": "accepted", "files": job.total})
        if progress.done != self._done:
            self._done = progress.done
            print_json({"event": "progress", **progress_json(progress)})

    def say(self, line: str) -> None:
        errors.print(line, highlight=False)


def progress_json(progress: Progress) -> dict[str, Any]:
    left = progress.seconds_left
    return {
        "done": progress.done,
        "total": progress.total,
        "rate": round(progress.rate, 2),
        "seconds_left": None if left is None else round(left, 1),
        "counts": counts_json(progress.job),
    }
