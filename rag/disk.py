"""Room on disk: writing stops while enough is left to index, search and record with.

A database or a file says that the disk is full, and nothing is lost. Files that are mapped
into memory cannot say it: who writes where the disk has no block left is ended by SIGBUS.
So nothing here runs a disk to its last byte. Accepting stops first, indexing later, and
deleting, which makes room, last.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from errno import EDQUOT, ENOSPC, ENXIO
from pathlib import Path

from rag.errors import DiskFull

MIB = 1024 * 1024

KEPT_WHEN_ACCEPTING = 128 * MIB
KEPT_WHEN_INDEXING = 64 * MIB
KEPT_ALWAYS = 16 * MIB
"""Bytes left free, each for what comes after it; the last for deleting, opening and the ledger."""

IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def require_room(folder: Path, size: int, *, kept: int) -> None:
    """Raises DiskFull where `size` more bytes in `folder`, which exists, would leave fewer than `kept` free."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free - size < kept:
        raise DiskFull(
            f"the disk is full: {free // MIB:,} MiB are free at {folder}, {-(-(kept + size) // MIB):,} are needed; "
            "free some space, and what waits goes on"
        )


def says_full(error: Exception) -> bool:
    """Whether an error of the system or of a library is about room on disk."""
    return getattr(error, "errno", None) in (ENOSPC, EDQUOT) or "os error 28)" in str(error)


def room_for_holes(folder: Path, files: Iterable[Path]) -> int:
    """Bytes that reading sparse files in `folder` takes: on a disk in memory each page that is looked at."""
    if _kind_of_disk(folder) not in IN_MEMORY:
        return 0
    found = [path.stat() for path in files]
    return sum(max(0, file.st_size - file.st_blocks * 512) for file in found)


def copy_with_holes(source: str, target: str) -> str:
    """Copy a file; what was never written in it takes no room in the copy, either.

    For `shutil.copytree`, which fills holes: a collection of one visual is 1 MiB on disk, and its copy 357.
    """
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        size, end = os.fstat(read.fileno()).st_size, 0
        while (start := _next_data(read.fileno(), end)) is not None:
            end = os.lseek(read.fileno(), start, os.SEEK_HOLE)
            os.lseek(written.fileno(), start, os.SEEK_SET)
            while start < end:
                start += os.sendfile(written.fileno(), read.fileno(), start, end - start)
        written.truncate(size)
    return target


def room_of_copy(folder: Path) -> int:
    """Bytes on disk that files in `folder` take, and copies of them with their holes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _next_data(file: int, offset: int) -> int | None:
    """Where something was written at or after `offset`; None where nothing was."""
    try:
        return os.lseek(file, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == ENXIO:
            return None
        raise


def _kind_of_disk(folder: Path) -> str:
    """The type of file system, by the kernel's list of mounts; empty where it does not say."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kinds = (line.partition(" - ")[2].split(" ")[0] for line in mounts if line.split(" ")[2] == wanted)
    return next(kinds, "")
