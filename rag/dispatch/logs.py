"""What every line of a log says about the task that wrote it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_context: ContextVar[str] = ContextVar("context", default="")

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(context)s"
"""For handlers that have a `ContextFilter`."""


@contextmanager
def logging_context(**fields: object) -> Iterator[None]:
    """Bind `fields` to each line that this thread logs inside the block; nested blocks add to each other."""
    token = _context.set(_context.get() + "".join(f" {name}={value}" for name, value in fields.items()))
    try:
        yield
    finally:
        _context.reset(token)


class ContextFilter(logging.Filter):
    """Gives records the attribute `context`: ` task=… batch=…` inside a task, empty outside. Lets all pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.context = _context.get()
        return True
