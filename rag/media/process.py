"""One decoder process, seen from its parent: asked, watched, and ended when it must be."""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress
from dataclasses import asdict

from rag.errors import BadMedia, BrokenMedia, PictureDeskError, Unavailable, UnsupportedMedia
from rag.media.arena import put, trim
from rag.media.channel import Message
from rag.media.limits import Limits
from rag.media.patience import Patience
from rag.media.starting import Started, is_ready
from rag.media.visuals import DecodedVisual, Metadata
from rag.media.wire import media_type_of_message, metadata_of, visual_of_message

DIES_WITHIN = 1.0
"""Seconds from the end of its pipe to the end of a process that has not been killed."""
MALFORMED = (ValueError, KeyError, TypeError, AttributeError)
"""What reading a message raises that no honest decoder sent."""


class DecoderProcess:
    """Decodes one file at a time for one thread at a time. Only `end` may be called from another."""

    def __init__(self, started: Started, *, wanted: int) -> None:
        self._started = started
        self.wanted = wanted
        self._limits = Limits()
        self._spent = 0.0
        self._busy = False
        self._told_to_end = False
        self._prepared: set[str] = set()

    @property
    def pid(self) -> int:
        return self._started.process.pid

    @property
    def usable(self) -> bool:
        """Whether it can take another file."""
        return not self._busy and not self._told_to_end and self._started.process.poll() is None

    def prepare(self, media_type: str) -> None:
        """Have it import what the type needs, before any file is held to its limits. Twice costs nothing.

        Raises:
            Unavailable: it ended over it, or was ended.
        """
        if media_type not in self._prepared:
            self._send({"prepare": media_type})
            if not is_ready(self._started.channel):
                self.end()
                raise Unavailable(f"a decoder process did not get ready for {media_type}; try again")
            self._prepared.add(media_type)

    def begin(self, content: bytes | memoryview, limits: Limits) -> tuple[str, Metadata]:
        """Hand a file over; its media type and metadata, once its header has been read.

        Raises:
            UnsupportedMedia, BrokenMedia: see `rag.media.reading.read`; also when the process did not survive it.
            Unavailable: `end` was called.
        """
        self._limits, self._spent, self._busy = limits, 0.0, True
        put(self._started.content, content)
        self._send({"read": len(content), "limits": asdict(limits)})
        message = self._answer()
        try:
            return media_type_of_message(message["opened"]), metadata_of(message["metadata"])
        except MALFORMED as error:
            raise self._nonsense() from error

    def next_visual(self) -> DecodedVisual | list[str]:
        """The next visual, copied out; after the last one, what was left out. Raises as `begin` does."""
        message = self._answer()
        try:
            if "left_out" in message:
                self._finish()
                return [str(line) for line in message["left_out"]]
            visual = visual_of_message(message["visual"], self._started.arena, self.wanted)
        except MALFORMED as error:
            raise self._nonsense() from error
        self._send({"taken": True})
        return visual

    def abandon(self) -> None:
        """Take no more of this file; harmless when there is nothing more."""
        if self._busy and not self._told_to_end:
            with suppress(BadMedia, Unavailable):
                self._send({"stop": True})
                while "left_out" not in self._answer():
                    pass
                self._finish()

    def end(self) -> None:
        """End the process. Who waits for it gets Unavailable. Calling twice is harmless."""
        self._told_to_end = True
        self._started.process.kill()

    def release(self) -> None:
        """End it and give back what it held. Not to be called twice, and only by the thread that has it."""
        self.end()
        self._started.process.wait()
        self._started.release()

    def _finish(self) -> None:
        self._busy = False
        trim(self._started.content)

    def _send(self, message: Message) -> None:
        with suppress(BrokenPipeError):  # what became of it is seen when its answer is waited for
            self._started.channel.send(message)

    def _answer(self) -> Message:
        """The next message that says something; raises the error that it stands for."""
        message = self._next_message()
        while "step" in message:
            message = self._next_message()
        if "error" in message:
            self._finish()
            kind = BrokenMedia if message["error"] == BrokenMedia.type else UnsupportedMedia
            raise kind(" ".join(str(message.get("message")).split())[:500])
        return message

    def _next_message(self) -> Message:
        patience = Patience(self.pid, self._limits.seconds)
        try:
            while True:
                in_all = self._limits.media_seconds - self._spent - patience.spent
                message = self._started.channel.receive(min(patience.left, max(0.0, in_all)))
                if message is not None:
                    return message
                if in_all <= 0:
                    raise self._too_slow(f"{self._limits.media_seconds:g} s to decode all of it")
                if not patience.left:
                    raise self._too_slow(f"{self._limits.seconds:g} s to decode a picture of it: it hangs")
        except EOFError as error:
            raise self._death() from error
        except ValueError as error:
            raise self._nonsense() from error
        finally:
            self._spent += patience.spent

    def _too_slow(self, limit: str) -> PictureDeskError:
        self._started.process.kill()
        return UnsupportedMedia(f"it takes more than {limit}")

    def _nonsense(self) -> PictureDeskError:
        self._started.process.kill()
        return BrokenMedia("the decoder lost its way on it: what it answered makes no sense")

    def _death(self) -> PictureDeskError:
        """Why its pipe has ended."""
        try:
            code = self._started.process.wait(DIES_WITHIN)
        except subprocess.TimeoutExpired:
            self._started.process.kill()
            code = self._started.process.wait()
        if self._told_to_end:
            return Unavailable("the decoders have been closed")
        if code == -signal.SIGPROF:
            return UnsupportedMedia(
                f"it takes more than {self._limits.seconds:g} s of computing to decode a picture of it"
            )
        return BrokenMedia(f"the decoder ended on it ({f'signal {-code}' if code < 0 else f'status {code}'})")
