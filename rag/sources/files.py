"""Files of this machine: read within a limit, never waited for, never outside of their folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from rag.errors import UnsupportedMedia
from rag.sources.entry import fingerprint

SPECIAL = "it is not a regular file; pipes, sockets, devices and folders are never opened"


def file_reader(path: Path, max_bytes: int, *, inside: Path | None = None) -> Callable[[], bytes]:
    """Reads a regular file of at most `max_bytes`, when called.

    Args:
        inside: a folder, resolved, that no link may lead out of; looked at when the file is read.
    """

    def read() -> bytes:
        try:
            if inside is not None and not path.resolve().is_relative_to(inside):
                raise UnsupportedMedia("it is a link that leads out of its folder")
            return read_regular(path, max_bytes)
        except FileNotFoundError as error:
            raise UnsupportedMedia("there is no such file") from error
        except (OSError, ValueError, RuntimeError) as error:  # a NUL in a name out of a manifest; links in a circle
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UnsupportedMedia(f"it cannot be read: {why}") from error

    return read


def read_regular(path: Path, max_bytes: int) -> bytes:
    """All of a regular file.

    Raises:
        UnsupportedMedia: it is a pipe, a socket, a device or a folder, none of which is opened; or it is too large.
        OSError: it is missing or cannot be read.
    """
    _require_regular(path.stat())
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe that took its place cannot hang us
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        _require_regular(status)
        if status.st_size > max_bytes:
            raise UnsupportedMedia(f"{status.st_size:,} bytes are over the limit of {max_bytes:,}")
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise UnsupportedMedia(f"it grew over the limit of {max_bytes:,} bytes while it was read")
    return content


def file_fingerprint(path: Path) -> str:
    """Of a file's path, size and time of change; empty when it is no regular file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ""
    if not stat.S_ISREG(status.st_mode):
        return ""
    return fingerprint("file", path.absolute(), status.st_size, status.st_mtime_ns)


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedMedia(SPECIAL)
