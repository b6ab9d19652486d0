"""Which frames of a film are taken: keyframes at which the scene changes.

Only keyframes are decoded, each by itself. One is taken when it differs enough from the one taken
before. Two are at least 60 / `frames_per_minute` seconds apart, further in a film that would else
give more than `visuals`; a cut within the pause is seen when the pause is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from rag.media.frames import UNIFORM, Frame, frame_of
from rag.media.limits import Limits
from rag.media.medium import one_line

LOOK_EVERY = 1.0
"""Seconds of film between two keyframes that are looked at: in some codecs every frame is one."""
FIRST_FRAMES = 300
"""Frames that are searched for one that shows something, where no keyframe does."""
LONGEST_FILM = 30 * 24 * 3600.0
"""Seconds; what claims to last longer, or to come later, is not believed."""
PACKETS_A_STEP = 1000
MICROSECONDS = 1_000_000
"""In these FFmpeg counts the time of a container."""


@dataclass(frozen=True, slots=True)
class Film:
    """An opened film and what is wanted of it."""

    container: InputContainer
    stream: VideoStream
    wanted: int
    limits: Limits

    @property
    def pause(self) -> float:
        """Seconds between two frames that are taken, at least."""
        claimed = (self.container.duration or 0) / MICROSECONDS
        duration = claimed if claimed < LONGEST_FILM else 0.0
        return max(60 / max(1, self.limits.frames_per_minute), duration / max(1, self.limits.visuals))

    def seconds(self, timestamp: int | None, otherwise: float) -> float:
        """A timestamp of the stream as seconds from its beginning; `otherwise` when there is none that can be."""
        if timestamp is None or not self.stream.time_base:
            return otherwise
        seconds = float((timestamp - (self.stream.start_time or 0)) * self.stream.time_base)
        return max(0.0, seconds) if seconds < LONGEST_FILM else otherwise

    def frames(self, packet: Packet[VideoStream] | None, otherwise: float) -> list[Frame]:
        """What a packet decodes to, usually one frame; with None, what the decoder still holds."""
        aspect = float(self.stream.sample_aspect_ratio or 1)
        return [
            frame_of(
                frame,
                seconds=self.seconds(frame.pts, otherwise),
                pixel_aspect=aspect if 0.1 < aspect < 10 else 1.0,
                wanted=self.wanted,
                most_pixels=self.limits.pixels,
            )
            for frame in self.stream.decode(packet)
        ]

    def frames_at_once(self, packet: Packet[VideoStream], otherwise: float) -> list[Frame]:
        """The same for a keyframe alone, without waiting for the packets that follow it."""
        context = self.stream.codec_context
        try:
            return self.frames(packet, otherwise) + self.frames(None, otherwise)
        finally:
            context.flush_buffers()


class Keyframes:
    """Iterates over the frames that are taken; None is a sign of life. What was not is added to `left_out`."""

    def __init__(self, film: Film, left_out: list[str]) -> None:
        self._film = film
        self._left_out = left_out
        self._taken: Frame | None = None
        self._due = 0.0
        self._count = self._broken = 0

    def __iter__(self) -> Iterator[Frame | None]:
        self._film.stream.codec_context.skip_frame = "NONKEY"
        try:
            for number, packet in enumerate(self._film.container.demux(self._film.stream)):
                seconds = self._film.seconds(packet.pts, self._due)
                if packet.is_keyframe and packet.size and seconds >= self._due:
                    yield self._take(packet, seconds)
                elif number % PACKETS_A_STEP == 0:
                    yield None
                if self._count == self._film.limits.visuals:
                    break
        except FFmpegError as error:
            self._left_out.append(f"what comes after t={self._due:.3f}: {one_line(error)}")
        if self._broken:
            self._left_out.append(f"{self._broken} keyframes that cannot be decoded")

    def _take(self, packet: Packet[VideoStream], seconds: float) -> Frame | None:
        self._due = seconds + LOOK_EVERY
        try:
            frames = self._film.frames_at_once(packet, seconds)
        except FFmpegError:
            frames = []
        self._broken += not frames
        for frame in frames:
            if frame.shows_something and frame.shows_another_scene(self._taken):
                self._taken = replace(frame, seconds=seconds)  # the packet's, which only grows: no two are alike
                self._count += 1
                self._due = seconds + self._film.pause
                return self._taken
        return None


class FirstFrames:
    """Iterates over the first frames, of which each shows more than the one before; None is a sign of life."""

    def __init__(self, film: Film) -> None:
        self._film = film

    def __iter__(self) -> Iterator[Frame | None]:
        film, best = self._film, -1.0
        film.container.seek(0)
        film.stream.codec_context.skip_frame = "DEFAULT"
        for number, packet in enumerate(film.container.demux(film.stream)):
            for frame in self._decoded(packet):
                if frame.contrast > best:
                    best = frame.contrast
                    yield frame
            yield None
            if number >= FIRST_FRAMES or best >= UNIFORM:
                return

    def _decoded(self, packet: Packet[VideoStream]) -> list[Frame]:
        try:
            return self._film.frames(packet, 0.0)
        except FFmpegError:
            return []
