"""Bytes in, pictures out, in this very process. `rag.media.decoders` runs this in processes of its own."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module

from rag.media.limits import Limits
from rag.media.medium import Opened
from rag.media.sniffing import FILMS, PDF, require_readable

LIBRARIES = {**dict.fromkeys(FILMS, "av"), PDF: "pypdfium2", "image/heic": "pillow_heif"}
"""What is imported only when a file needs it."""


@contextmanager
def read(content: bytes | mmap.mmap, *, wanted: int, limits: Limits) -> Iterator[Opened]:
    """Open a picture, film or PDF for an encoder that sees `wanted` pixels; its visuals come as they are decoded.

    Holds the process to none of the limits of time and memory: that is for a process made for it.

    Raises:
        UnsupportedMedia: understood and declined; also while its visuals are taken.
        BrokenMedia: it claims to be what it is not; also while its visuals are taken.
    """
    head = content[:1024]
    media_type = require_readable(head)
    with _reader(media_type, content, wanted, limits) as opened:
        yield opened


def prepare(media_type: str) -> None:
    """Import what this type needs, so that it is not counted against a file. What is missing shows when it is used."""
    with suppress(ImportError):
        import_module(LIBRARIES.get(media_type, "PIL.Image"))


def _reader(media_type: str, content: bytes | mmap.mmap, wanted: int, limits: Limits) -> AbstractContextManager[Opened]:
    if media_type in FILMS:
        from rag.media.films import open_film

        return open_film(content, media_type, wanted, limits)
    if media_type == PDF:
        from rag.media.documents import open_document

        return open_document(content, wanted, limits)
    from rag.media.pictures import open_picture

    return open_picture(content, media_type, wanted, limits)
