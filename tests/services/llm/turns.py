"""What the test LLM does with one request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Request = dict[str, Any]

ANSWER = ("The red car ", "is on the ", "beach [1]. ", "It was sold [99].")

AS_ASKED = {"message": "as asked", "type": "test"}


@dataclass(frozen=True)
class Turn:
    """One answer, or one failure.

    Attributes:
        status: an HTTP status other than 200 is answered with `error`.
        pieces: the text, in chunks; may be endless.
        tool_calls: of the message, in OpenAI's form.
        finish: the finish reason; None: the stream ends without one and without [DONE], and the line is cut.
        before: seconds before the headers.
        between: seconds before each chunk.
        pings: comments that keep the line open, sent before each chunk.
        garbage: bytes sent in the stream after the first piece.
        hangs: the line stays open after the last piece, in silence.
        cut: the line is closed without an answer.
    """

    status: int = 200
    error: dict[str, Any] = field(default_factory=lambda: dict(AS_ASKED))
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Sequence[str] | Callable[[], Iterator[str]] = ()
    tool_calls: Sequence[dict[str, Any]] = ()
    finish: str | None = "stop"
    before: float = 0.0
    between: float = 0.0
    pings: int = 0
    garbage: bytes = b""
    hangs: bool = False
    cut: bool = False

    def texts(self) -> Iterator[str]:
        yield from self.pieces() if callable(self.pieces) else self.pieces


def text(*pieces: str, **how: Any) -> Turn:
    """An answer."""
    return Turn(pieces=pieces, **how)


def status(http_status: int, /, *, retry_after: float | str | None = None, **error: Any) -> Turn:
    """A failure, as `status(429, retry_after=1, code="insufficient_quota")`."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Turn(status=http_status, headers=headers, error={**AS_ASKED, **error})


def raw(garbage: bytes, **how: Any) -> Turn:
    """An answer with bytes in it that do not belong there."""
    return Turn(pieces=ANSWER, garbage=garbage, **how)


def endless(piece: str = "and so on ") -> Callable[[], Iterator[str]]:
    """Pieces without an end."""

    def pieces() -> Iterator[str]:
        while True:
            yield piece

    return pieces


def silent(seconds: float = 60.0, piece: str = "late") -> Callable[[], Iterator[str]]:
    """A piece, then silence, then another one."""

    def pieces() -> Iterator[str]:
        yield "It begins "
        time.sleep(seconds)
        yield piece

    return pieces


def event(value: Any) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()
