"""Server-sent events out of bytes, however they are cut."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
"""A carriage return at the end of what has come may be half of one."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name, and its data as JSON."""

    name: str
    data: str

    @property
    def value(self) -> Any:
        """Raises ValueError when it is no JSON."""
        return json.loads(self.data)


class EventDecoder:
    """Takes bytes as they come and gives the events that are complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[ServerEvent]:
        *lines, self._rest = LINE_END.split(self._rest + piece)
        found = (self._line(line.decode("utf-8", "replace")) for line in lines)
        return [event for event in found if event is not None]

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._ended()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None

    def _ended(self) -> ServerEvent | None:
        event = ServerEvent(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data = "", []
        return event
