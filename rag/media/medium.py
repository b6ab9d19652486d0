"""What every decoder hands out, and how it words what went wrong."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from PIL import UnidentifiedImageError

from rag.errors import BadMedia, BrokenMedia, UnsupportedMedia
from rag.media.visuals import DecodedVisual, Metadata

SMALLEST = 8
"""Pixels; below this an edge holds nothing that an encoder could see."""

Content = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose header has been read.

    Attributes:
        visuals: decoded one by one as they are taken; None stands for a step that gave no picture.
        left_out: which of its pictures were not taken, and why; complete once `visuals` is at its end.
    """

    media_type: str
    metadata: Metadata
    visuals: Iterator[DecodedVisual | None]
    left_out: list[str]


def file_of(content: Content) -> IO[bytes]:
    """A readable, seekable file over the bytes; a mapping is read in place, not copied."""
    return io.BytesIO(content) if isinstance(content, bytes) else cast(IO[bytes], content)


def check_size(width: float, height: float, most_pixels: int) -> None:
    """Raises UnsupportedMedia when a picture is too large to decode, or too small to show anything."""
    if width * height > most_pixels:
        raise UnsupportedMedia(f"{width:g}×{height:g} is over the limit of {most_pixels:,} pixels")
    if min(width, height) < SMALLEST:
        raise UnsupportedMedia(
            f"{width:g}×{height:g} is too small to show anything (at least {SMALLEST} pixels an edge)"
        )


@contextmanager
def translating(kind: str) -> Iterator[None]:
    """Any error of a decoder becomes one of ours. Decoders raise whatever their bytes lead them to."""
    try:
        yield
    except BadMedia:
        raise
    except MemoryError as error:
        raise UnsupportedMedia("there is not enough memory to decode it") from error
    except Exception as error:
        raise BrokenMedia(f"it cannot be decoded as {kind}: {one_line(error)}") from error


def taken_each(
    locators: Iterable[str], decode: Callable[[int], DecodedVisual], left_out: list[str]
) -> Iterator[DecodedVisual | None]:
    """The visual of each number from 0; one that cannot be decoded is left out, unless that leaves none at all.

    Raises:
        BadMedia: the first one's, when there is no visual at all.
    """
    first: BadMedia | None = None
    found = 0
    for number, locator in enumerate(locators):
        try:
            visual = decode(number)
        except BadMedia as error:
            first = first or error
            left_out.append(f"{locator}: {error}")
            yield None
        else:
            found += 1
            yield visual
    if first is not None and not found:
        raise first


def one_line(error: BaseException) -> str:
    """The error's own words on one line, at most 200 characters; its type when it has none."""
    if isinstance(error, UnidentifiedImageError):
        return "its header is damaged"  # Pillow's words name an object in memory
    words = getattr(error, "strerror", None) or str(error)
    return " ".join(str(words).split())[:200] or type(error).__name__
