"""Publishing checkpoints where whoever owns the database cannot take them back: a file, a URL, or a command.

    /mnt/worm/checkpoints, file:///…      appended to the file, synced
    https://witness.example/checkpoints   POST, text/plain
    command:submit-checkpoint --log desk  on its standard input; exit code 0 means done

What fails is tried again with the next one, oldest first, and shown by `picturedesk status`; nothing waits for it.
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from rag.audit.checkpoints import Checkpoints
from rag.errors import BadSettings, PictureDeskError, Unavailable

log = logging.getLogger(__name__)

PATIENCE = 30.0
COMMAND = "command:"


def check_target(target: str) -> None:
    """Raises BadSettings for what is none of the three."""
    scheme, colon, _ = target.partition("://")
    if colon and scheme not in ("file", "http", "https"):
        raise BadSettings(f"PICTUREDESK_CHECKPOINT_TO={target} is no file, no http(s):// address and no command:…")


def publish(note: str, target: str) -> None:
    """Returns when the checkpoint is there. It may come twice. Raises Unavailable."""
    try:
        if target.startswith(COMMAND):
            _run(note, shlex.split(target.removeprefix(COMMAND)))
        elif target.startswith(("http://", "https://")):
            _post(note, target)
        else:
            _append(note, Path(target.removeprefix("file://")))
    except (OSError, ValueError, subprocess.SubprocessError, httpx.HTTPError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unavailable(f"the checkpoint could not be published: {reason}") from error


def _append(note: str, path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(note + "\n")
        file.flush()
        os.fsync(file.fileno())


def _post(note: str, url: str) -> None:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    httpx.post(url, content=note.encode(), headers=headers, timeout=PATIENCE).raise_for_status()


def _run(note: str, command: list[str]) -> None:
    done = subprocess.run(command, input=note, text=True, capture_output=True, timeout=PATIENCE, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Unavailable(f"the command for checkpoints ended with {done.returncode}: {said}")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When checkpoints are made, and where they go.

    Attributes:
        seconds: one at least so often, while events come.
        events: one whenever so many came.
        target: see above; empty: nowhere.
        fewest_days: that a library's events can be kept for.
    """

    seconds: float = 300.0
    events: int = 1000
    target: str = ""
    fewest_days: int = 183


NEVER = Schedule(seconds=float("inf"), events=2**63)


class Notary:
    """Makes checkpoints when they are due, and publishes them. Never in the way of an append."""

    def __init__(self, checkpoints: Checkpoints, schedule: Schedule, clock: Callable[[], datetime]) -> None:
        check_target(schedule.target)
        self._checkpoints = checkpoints
        self._seconds = schedule.seconds
        self._target = schedule.target
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def look(self) -> None:
        """For whoever comes by every now and then. Raises LedgerUnavailable; what is not published is logged."""
        if self._is_due():
            self._checkpoints.make()
        self.publish()

    def now(self) -> None:
        """Make one of all that is there, and publish it. Raises LedgerUnavailable."""
        self._checkpoints.make()
        self.publish()

    def soon(self) -> None:
        """`now`, on a thread of its own; failures are logged, and left to `look`."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._quietly, args=(self.now,), name="notary", daemon=True)
                self._thread.start()

    def publish(self) -> None:
        """Publish what is not published yet, oldest first; stops at the first that fails."""
        if not self._target:
            return
        for kept in self._checkpoints.unpublished():
            try:
                publish(kept.note, self._target)
            except Unavailable as error:
                log.warning("%s; it is tried again", error)
                self._checkpoints.not_published(kept, str(error))
                return
            self._checkpoints.published(kept)

    def close(self, *, written: bool) -> None:
        """Wait for what `soon` began. Calling twice is harmless.

        Args:
            written: there may be events that nobody else will sign for soon; publishing waits, unless to a file.
        """
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        if written:
            self._quietly(self._last)

    def _last(self) -> None:
        if self._is_due():
            self._checkpoints.make()
            if not self._target.startswith((COMMAND, "http://", "https://")):
                self.publish()

    def _is_due(self) -> bool:
        newest = self._checkpoints.newest()
        if newest is None:
            return self._seconds != float("inf")
        return (self._clock() - newest.at).total_seconds() >= self._seconds

    def _quietly(self, step: Callable[[], None]) -> None:
        try:
            step()
        except PictureDeskError as error:
            log.warning("no checkpoint was made: %s; it is tried again", error)
