"""Messages between a process and its decoder: JSON, each behind four bytes of length, over two pipes.

Never pickle: what a decoder sends is believed no more than the file that it reads.
"""

from __future__ import annotations

import json
import os
import select
import struct
from typing import Any

Message = dict[str, Any]
LENGTH = struct.Struct("<I")
LONGEST = 8 * 1024 * 1024
"""Bytes of a message; the longest captions and keywords of a file are a tenth of it."""
PIPE = 64 * 1024


class Channel:
    """Both ends use it. One reader and one writer at a time."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads, self._writes = reads, writes
        self._received = bytearray()
        self._arrival = select.poll()
        self._arrival.register(reads, select.POLLIN)

    def send(self, message: Message) -> None:
        """Raises OSError when the other end is gone."""
        body = json.dumps(message, separators=(",", ":")).encode()
        rest = memoryview(LENGTH.pack(len(body)) + body)
        while rest:
            rest = rest[os.write(self._writes, rest) :]

    def receive(self, seconds: float | None = None) -> Message | None:
        """The next message; None when none has come within `seconds`.

        Raises:
            EOFError: the other end is gone.
            ValueError: what came is no message.
        """
        while (message := self._complete()) is None:
            if seconds is not None and not self._arrival.poll(max(0, round(seconds * 1000))):
                return None
            received = os.read(self._reads, PIPE)
            if not received:
                raise EOFError
            self._received += received
        return message

    def _complete(self) -> Message | None:
        if len(self._received) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._received)
        if length > LONGEST:
            raise ValueError("a message is too long")
        end = LENGTH.size + length
        if len(self._received) < end:
            return None
        message = json.loads(self._received[LENGTH.size : end])
        del self._received[:end]
        if not isinstance(message, dict):
            raise ValueError("a message is no object")
        return message

    def close(self) -> None:
        """Calling twice is a mistake: the numbers may belong to others by then."""
        os.close(self._reads)
        os.close(self._writes)
