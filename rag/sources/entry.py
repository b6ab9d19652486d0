"""Where files come from: what a folder, a manifest or an upload hands to ingest, one entry a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import UnsupportedMedia
from rag.model import Caption

LONGEST_CAPTION = 10_000
"""Characters that one caption may have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, not yet read, with what its source says about it.

    Attributes:
        name: for people: the path below the folder, or the uploaded name; untrusted.
        read: gives the bytes, or raises BadMedia with why not.
    """

    name: str
    read: Callable[[], bytes]
    captions: tuple[Caption, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    captured_at: datetime | None = None
    access_groups: tuple[str, ...] = ()


def unreadable(name: str, reason: str) -> Entry:
    """An entry that is known to be no use: it is skipped with `reason`, and the batch goes on."""

    def read() -> bytes:
        raise UnsupportedMedia(reason)

    return Entry(name, read)


def file_reader(path: Path, max_bytes: int) -> Callable[[], bytes]:
    """Reads a regular file of at most `max_bytes`, when called."""

    def read() -> bytes:
        try:
            if not path.is_file():
                raise UnsupportedMedia("there is no such file" if not path.exists() else "it is not a regular file")
            size = path.stat().st_size
            if size > max_bytes:
                raise UnsupportedMedia(f"{size:,} bytes are over the limit of {max_bytes:,}")
            return path.read_bytes()
        except OSError as error:
            raise UnsupportedMedia(f"it cannot be read: {error.strerror or error}") from error

    return read


def moment(text: str) -> datetime:
    """An ISO 8601 date or time, taken as UTC when it names no zone. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
