"""What a source hands to ingest: one entry a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from rag.errors import UnsupportedMedia
from rag.model import Caption
from rag.ports import Vector

LONGEST_CAPTION = 10_000
"""Characters that one caption may have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, not yet read, with what its source says about it.

    Attributes:
        name: for people: the path below the folder, or the uploaded name; untrusted.
        read: gives the bytes, or raises BadMedia with why not: this file is skipped and the rest goes on. Raises
            Unavailable where the store that holds all of the files does not answer: then the rest would not either.
        fingerprint: changes when the file does, so that a file known by it need not be read again; empty where
            nothing cheap is known.
        vector: an embedding of the picture that came along; shape (dim,), float32, unit length.
    """

    name: str
    read: Callable[[], bytes]
    captions: tuple[Caption, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    captured_at: datetime | None = None
    access_groups: tuple[str, ...] = ()
    fingerprint: str = ""
    vector: Vector | None = field(default=None, compare=False)


def unreadable(name: str, reason: str) -> Entry:
    """An entry that is known to be no use: it is skipped with `reason`, and the batch goes on."""

    def read() -> bytes:
        raise UnsupportedMedia(reason)

    return Entry(name, read)


def fingerprint(*known: object) -> str:
    """32 hex digits that stand for all of `known`: where a file is, its size, when it changed."""
    text = "\0".join(map(str, known))
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def printable(text: str) -> str:
    """The text without NULs and halves of surrogate pairs, which no database takes and no person wrote."""
    return text.encode(errors="replace").decode().replace("\0", "")


def moment(text: str) -> datetime:
    """An ISO 8601 date or time, taken as UTC when it names no zone. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
