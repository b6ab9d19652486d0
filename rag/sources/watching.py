"""A hot folder: what is there, and then what comes, once it has stopped growing."""

from __future__ import annotations

import logging
import stat
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import watchfiles

from rag.batching import in_batches
from rag.errors import BadSource
from rag.sources.entry import Entry
from rag.sources.folders import IGNORED, below, file_entry
from rag.sources.sidecars import SUFFIXES, sidecars_of

log = logging.getLogger(__name__)

SETTLE = 2.0
"""Seconds that a file has to be unchanged; a copy over a network pauses, but seldom for as long."""
BATCH = 256
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", "~")
"""How programs name what they have not finished; the file is taken when it has got its name."""

State = tuple[int, int, int]
"""Inode, size and time of change in nanoseconds."""


def watch(
    folder: Path, *, max_bytes: int, stop: Event, settle: float = SETTLE, polling: bool = False
) -> Iterator[list[Entry]]:
    """Batches of files: first all that the folder holds, then those that come or change, until `stop` is set.

    A file is handed out when its size and time of change have stayed the same for `settle` seconds, so that a
    half-copied one is not taken; one that is renamed into its place is taken as a whole. A sidecar counts when it is
    there by then. Deleted files are ignored. A file that changes again is handed out again.

    Args:
        polling: look through the folder again and again instead of being told; for network file systems that tell
            nobody. Holds the paths of all files. Done anyway when the system does not tell.

    Raises:
        BadSource: the folder is missing, or goes.
    """
    if not folder.is_dir():
        raise BadSource(f"there is no folder {folder}; give one to watch")
    folder = folder.absolute()
    hot = _HotFolder(folder, folder.resolve(), max_bytes, settle)
    started = False
    for changed in _changes(folder, stop, settle, polling):
        if not started:  # only now, when nothing can come unnoticed any more
            started = True
            yield from hot.present()
        hot.look_at(changed)
        yield from hot.settled()


def _changes(folder: Path, stop: Event, settle: float, polling: bool) -> Iterator[list[Path]]:
    """What has changed, and an empty list several times within `settle` seconds."""
    if polling:
        yield from _looked_for(folder, stop, settle, known=_states(folder))
        return
    try:
        yield from _told(folder, stop, settle)
    except (OSError, RuntimeError) as error:  # more folders than the system tells of
        log.warning("the system does not tell of changes in %s, so they are looked for: %s", folder, error)
        yield from _looked_for(folder, stop, settle, known={})


def _told(folder: Path, stop: Event, settle: float) -> Iterator[list[Path]]:
    tick = max(20, min(500, int(settle * 250)))  # milliseconds
    changes = watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=tick,
        step=min(50, tick),
        stop_event=stop,
        rust_timeout=tick,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    for batch in changes:
        yield [path for change, name in batch if _matters(change, path := Path(name))]


def _looked_for(folder: Path, stop: Event, settle: float, known: dict[Path, State]) -> Iterator[list[Path]]:
    yield []
    while not stop.is_set():
        time.sleep(settle / 4)  # not stop.wait: a signal that sets it must find its lock free
        found = _states(folder)
        yield [path for path, state in found.items() if known.get(path) != state]
        known = found


def _states(folder: Path) -> dict[Path, State]:
    found: dict[Path, State] = {}

    def note(path: Path) -> bool:
        if (state := _state(path)) is not None:
            found[path] = state
        return False

    deque(below(folder, max_bytes=0, take=note), maxlen=0)
    return found


def _matters(change: watchfiles.Change, path: Path) -> bool:
    """A folder matters when it is new; whenever something in it changes, it changes too."""
    if change == watchfiles.Change.modified:
        return not path.is_dir()
    return change == watchfiles.Change.added


@dataclass(slots=True)
class _HotFolder:
    """Which files have come, how each looked when it was looked at last, and when that was."""

    folder: Path
    root: Path
    max_bytes: int
    settle: float
    waiting: dict[Path, tuple[State, float]] = field(default_factory=dict)

    def present(self) -> Iterator[list[Entry]]:
        """All that is there; what has changed only now has to wait like what comes."""
        return in_batches(below(self.folder, max_bytes=self.max_bytes, take=self._is_quiet), BATCH)

    def look_at(self, changed: Iterable[Path]) -> None:
        for path in changed:
            if not self._is_wanted(path):
                continue
            if path.is_dir():  # its files may have come before anybody could be told of them
                deque(below(self.folder, max_bytes=self.max_bytes, start=path, take=self._wait_for), maxlen=0)
            elif path.suffix.lower() in SUFFIXES:
                self._wait_again(path)
            else:
                self._wait_for(path)

    def settled(self) -> Iterator[list[Entry]]:
        """What has stayed the same for long enough, with the sidecars that are there now."""
        ready = [path for path in sorted(self.waiting) if self._has_settled(path)]
        return in_batches((self._entry(path) for path in ready), BATCH)

    def _is_quiet(self, path: Path) -> bool:
        state = _state(path)
        if state is None or abs(time.time() - state[2] / 1e9) > self.settle:
            return not path.name.endswith(UNFINISHED)
        return self._wait_for(path)

    def _wait_for(self, path: Path) -> bool:
        """Begin to wait for a file, unless it is one that nobody has finished. Always False: it is not taken now."""
        state = _state(path)
        if state is not None and not path.name.endswith(UNFINISHED) and path.suffix.lower() not in SUFFIXES:
            self.waiting[path] = (state, time.monotonic())
        return False

    def _wait_again(self, sidecar: Path) -> None:
        """A sidecar that is being written keeps its picture waiting."""
        described = sidecar.with_suffix("")
        for path, (state, _) in self.waiting.items():
            if described in (path, path.with_suffix("")):
                self.waiting[path] = (state, time.monotonic())

    def _is_wanted(self, path: Path) -> bool:
        """Neither hidden, nor reached through a link to a folder."""
        below_folder = path.relative_to(self.folder)
        if path.name in IGNORED or any(part.startswith(".") for part in below_folder.parts):
            return False
        try:
            direct = path.parent.resolve() == (self.root / below_folder).parent
        except (OSError, RuntimeError):  # links in a circle
            return False
        return direct and not (path.is_symlink() and path.is_dir())

    def _has_settled(self, path: Path) -> bool:
        state, since = self.waiting[path]
        now = time.monotonic()
        if now - since < self.settle:
            return False
        found = _state(path)
        if found is not None and found != state:
            self.waiting[path] = (found, now)
            return False
        del self.waiting[path]
        return found is not None

    def _entry(self, path: Path) -> Entry:
        stems = (path.with_suffix(""), path)
        beside = [f"{stem.name}{suffix}" for stem in stems for suffix in (*SUFFIXES, *map(str.upper, SUFFIXES))]
        there = [name for name in dict.fromkeys(beside) if path.with_name(name).exists()]
        _, sidecars = sidecars_of([path.name, *there])
        return file_entry(self.folder, path, sidecars.get(path.name, ()), root=self.root, max_bytes=self.max_bytes)


def _state(path: Path) -> State | None:
    """None for what is gone, and for what is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None
