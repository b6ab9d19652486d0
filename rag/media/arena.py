"""Memory that a process shares with its decoder: the file's bytes one way, pixels the other.

On Linux an anonymous file in memory, elsewhere a nameless temporary file.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile

KEPT = 16 * 1024 * 1024
"""Bytes that stay allocated between two files; warm pages are written three times as fast."""


def shared_file(name: str) -> int:
    """The descriptor of a new empty file that has no name in any folder."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def never_smaller(descriptor: int) -> None:
    """Seal a file's size against the other side: a mapping of what is cut off would end the process that reads it."""
    if hasattr(fcntl, "F_ADD_SEALS"):
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)


def put(descriptor: int, content: bytes | memoryview) -> None:
    """Write `content` at the beginning of a shared file."""
    rest, at = memoryview(content).cast("B"), 0
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written


def trim(descriptor: int) -> None:
    """Give back what a large file took."""
    if os.fstat(descriptor).st_size > KEPT:
        os.ftruncate(descriptor, 0)


def mapped(descriptor: int, length: int, *, writable: bool = False) -> mmap.mmap:
    """The first `length` bytes of a shared file, in place."""
    return mmap.mmap(descriptor, length, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
