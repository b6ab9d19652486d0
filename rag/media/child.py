"""The life of a decoder process: files in, visuals out, until its parent closes the pipe.

Run as `python -m rag.media.child PARENT CONTENT ARENA WANTED PIXELS`, with a `Channel` on its standard input and
output and two shared files inherited; `rag.media.process` is the other end. Messages in:

    {"prepare": media type}                          import what it takes, and be `ready`
    {"read": bytes of the file, "limits": {…}}       decode what is in CONTENT
    {"taken": true}                                  the visual in ARENA has been copied
    {"stop": true}                                   the rest is not wanted

and out: `ready` at the start; for each file `opened`, any number of `visual` and `step`, and at the end `left_out`,
or `error`. The next visual is decoded while the parent takes one.
"""

from __future__ import annotations

import mmap
import os
import sys
import time
from contextlib import suppress

from rag.errors import BadMedia
from rag.media.arena import mapped
from rag.media.channel import Channel, Message
from rag.media.confinement import allow_memory, allow_seconds, settle
from rag.media.limits import Limits
from rag.media.reading import prepare, read
from rag.media.visuals import DecodedVisual
from rag.media.wire import arena_size, metadata_message, put_visual

SIGN_OF_LIFE = 0.5
"""Seconds between two messages about steps that gave no visual, at least."""


class Stopped(Exception):
    """The parent wants no more of this file."""


class Desk:
    """Where one process decodes one file after another."""

    def __init__(self, channel: Channel, content: int, arena: mmap.mmap, wanted: int) -> None:
        self._channel = channel
        self._content = content
        self._arena = arena
        self._wanted = wanted
        self._free = True
        self._said = 0.0

    def work(self) -> None:
        """Until the parent is gone."""
        self._channel.send({"ready": True})
        while True:
            message = self._wait()
            if "prepare" in message:
                prepare(message["prepare"])
                self._channel.send({"ready": True})
            elif "read" in message:
                self._decode(message["read"], Limits(**message["limits"]))

    def _decode(self, length: int, limits: Limits) -> None:
        self._free = True
        with mapped(self._content, length) as content:
            allow_memory(limits.memory)
            try:
                answer = self._decoded(content, limits)
            except Stopped:
                answer = {"left_out": []}
            except BadMedia as error:
                answer = _refusal(error, limits)
            finally:
                allow_seconds(0)
                allow_memory(None)
        self._channel.send(answer)

    def _decoded(self, content: mmap.mmap, limits: Limits) -> Message:
        allow_seconds(limits.seconds)
        with read(content, wanted=self._wanted, limits=limits) as opened:
            metadata = metadata_message(opened.metadata)
            self._channel.send({"opened": opened.media_type, "metadata": metadata})
            for visual in opened.visuals:
                allow_seconds(limits.seconds)
                self._hand_over(visual)
            return {"left_out": opened.left_out}

    def _hand_over(self, visual: DecodedVisual | None) -> None:
        if visual is not None:
            self._wait_until_free()
            self._channel.send({"visual": put_visual(visual, self._arena)})
            self._free = False
        elif time.monotonic() - self._said < SIGN_OF_LIFE:
            return
        else:
            self._channel.send({"step": True})
        self._said = time.monotonic()

    def _wait_until_free(self) -> None:
        while not self._free:
            message = self._wait()
            self._free = "taken" in message
            if "stop" in message:
                raise Stopped

    def _wait(self) -> Message:
        message = self._channel.receive()
        if message is None:
            raise EOFError
        return message


def _refusal(error: BadMedia, limits: Limits) -> Message:
    message = str(error)
    if isinstance(error.__cause__, MemoryError):
        message = f"it takes more than {limits.memory / 1024**3:.3g} GiB to decode"
    return {"error": error.type, "message": message}


def main(arguments: list[str]) -> None:
    """The process. Its standard streams become nothing: whatever a library prints would spoil the channel."""
    parent, content, arena, wanted, most_pixels = map(int, arguments)
    settle(parent, most_pixels)
    channel = Channel(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    desk = Desk(channel, content, mapped(arena, arena_size(wanted), writable=True), wanted)
    with suppress(EOFError, BrokenPipeError):
        desk.work()


if __name__ == "__main__":
    main(sys.argv[1:])
