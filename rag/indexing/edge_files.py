"""The files beside Qdrant Edge's own: who owns the folder, small files replaced whole, the log forced to disk."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from rag.errors import StoreLocked, Unavailable


class FolderLock:
    """One process owns a folder, from here until `release` or its death."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreLocked or Unavailable."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise Unavailable(f"the vector folder {folder} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._file, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise StoreLocked(
                f"the vector folder {folder} belongs to process {owner}; stop it, or use its HTTP API instead"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Calling twice is harmless."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class WriteAheadLog:
    """Edge's log of one shard. Edge writes it through memory maps and never forces it to disk."""

    def __init__(self, shard: Path) -> None:
        self._folder = shard / "wal"
        self._full: set[str] = set()

    def sync(self) -> int:
        """Force what was written so far to disk.

        Returns:
            How many full segments have come since `flushed`; they keep their disk space until then.
        """
        names = os.listdir(self._folder)
        full = {name for name in names if name.startswith("closed-")}
        grown = full - self._full
        for name in [*(name for name in names if name.startswith("open-")), *grown]:
            sync_file(self._folder / name)
        if grown:
            sync_folder(self._folder)
        return len(grown)

    def flushed(self) -> None:
        """The shard has flushed: its full segments count as known."""
        self._full = {name for name in os.listdir(self._folder) if name.startswith("closed-")}


def read_when_opened(shard: Path) -> list[Path]:
    """The files of a shard that Edge may read from end to end when it is opened: all but its log."""
    return [path for path in shard.rglob("*") if path.is_file() and path.parent.name != "wal"]


def read_json(path: Path) -> dict[str, Any]:
    """The object in a small file; empty when there is no file."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a small file: whoever reads it, also after a crash, sees the old content or the new."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # Edge renamed it since it was listed; the next sync sees its new name
        return
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
