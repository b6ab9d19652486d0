"""Decoding in the tests' own process, where its every line can be seen."""

from __future__ import annotations

from rag.media.limits import Limits
from rag.media.reading import read
from rag.media.visuals import DecodedVisual, Metadata


def visuals(content: bytes, *, wanted: int = 64, limits: Limits | None = None) -> list[DecodedVisual]:
    """Every visual of a file."""
    with read(content, wanted=wanted, limits=limits or Limits()) as opened:
        return [visual for visual in opened.visuals if visual is not None]


def only(content: bytes, *, wanted: int = 64, limits: Limits | None = None) -> DecodedVisual:
    """The visual of a file that has one."""
    (visual,) = visuals(content, wanted=wanted, limits=limits)
    return visual


def left_out(content: bytes, *, limits: Limits) -> list[str]:
    """What was not taken of a file, and why."""
    with read(content, wanted=64, limits=limits) as opened:
        for _ in opened.visuals:
            pass
        return opened.left_out


def metadata(content: bytes, *, keep_personal: bool = False) -> Metadata:
    with read(content, wanted=64, limits=Limits(keep_personal=keep_personal)) as opened:
        return opened.metadata
