"""Films, opened by FFmpeg through PyAV. Sound is never decoded, and nothing that a film refers to is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import av
import av.logging
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from rag.errors import BrokenMedia, UnsupportedMedia
from rag.media.derived import visual_of
from rag.media.frames import Frame
from rag.media.keyframes import Film, FirstFrames, Keyframes
from rag.media.limits import Limits
from rag.media.medium import Content, Opened, check_size, file_of, translating
from rag.media.metadata.films import film_metadata
from rag.media.sniffing import FILMS
from rag.media.visuals import DecodedVisual

BUFFER = 1024 * 1024
"""Bytes that FFmpeg asks for at once: each request goes through Python."""


@contextmanager
def open_film(content: Content, media_type: str, wanted: int, limits: Limits) -> Iterator[Opened]:
    """A film of one of the types in `FILMS`, with at least one visual.

    Raises:
        UnsupportedMedia: no picture in it, or one beyond the limits.
        BrokenMedia: see `rag.media.reading.read`.
    """
    av.logging.set_level(av.logging.PANIC)
    with translating("a film"):
        container = _open(content, FILMS[media_type])
    with container:
        with translating("a film"):
            film = Film(container, _stream(container, limits), wanted, limits)
            metadata = film_metadata(container.metadata, film.stream.metadata, keep_personal=limits.keep_personal)
        left_out: list[str] = []
        yield Opened(media_type, metadata, _visuals(film, left_out), left_out)


def _open(content: Content, demuxer: str) -> InputContainer:
    return av.open(
        file_of(content),
        "r",
        format=demuxer,
        io_open=_refuse,
        options={"format_whitelist": ",".join(sorted(set(FILMS.values()))), "protocol_whitelist": "none"},
        metadata_errors="replace",
        buffer_size=BUFFER,
    )


def _refuse(url: str, flags: int, options: dict[str, str]) -> object:
    raise UnsupportedMedia("it refers to other files, which are never opened")


def _stream(container: InputContainer, limits: Limits) -> VideoStream:
    """The film itself, of all that the container holds, set up to decode one keyframe at a time."""
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        raise UnsupportedMedia("there is no film in it, only sound or data")
    context = stream.codec_context
    if not context:
        raise UnsupportedMedia("its codec is not known")
    check_size(context.width, context.height, limits.pixels)
    context.options = {"max_pixels": str(limits.pixels)}
    context.thread_count = 1  # processes decode side by side, and the time of all threads would be counted
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    return stream


def _visuals(film: Film, left_out: list[str]) -> Iterator[DecodedVisual | None]:
    found = 0
    for frame in _translated(Keyframes(film, left_out)):
        found += frame is not None
        yield _visual(frame)
    if found:
        return
    best: Frame | None = None
    for frame in _translated(FirstFrames(film)):
        best = frame or best
        yield None
    if best is None:
        raise BrokenMedia("none of its frames can be decoded")
    yield _visual(best)


def _translated(frames: Iterable[Frame | None]) -> Iterator[Frame | None]:
    with translating("a film"):
        yield from frames


def _visual(frame: Frame | None) -> DecodedVisual | None:
    if frame is None:
        return None
    return visual_of(frame.image, width=frame.width, height=frame.height, locator=f"t={frame.seconds:.3f}")
