"""Every line that a task logs says which task it was."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator

import pytest

from rag.dispatch.logs import FORMAT, ContextFilter, logging_context


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger named `task` writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(ContextFilter())
    handler.setFormatter(logging.Formatter(FORMAT))
    logger = logging.getLogger("task")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_fields_stand_behind_each_line_inside_the_block_and_only_there(lines: io.StringIO) -> None:
    log = logging.getLogger("task")
    log.warning("before")
    with logging_context(task="t1", batch=32):
        log.warning("in")
        with logging_context(asset="a"):
            log.warning("deeper")
    log.warning("after")
    ends = [line.split("task: ")[1] for line in lines.getvalue().splitlines()]
    assert ends == ["before", "in task=t1 batch=32", "deeper task=t1 batch=32 asset=a", "after"]


def test_another_thread_has_a_context_of_its_own(lines: io.StringIO) -> None:
    with logging_context(task="t1"):
        other = threading.Thread(target=logging.getLogger("task").warning, args=("elsewhere",))
        other.start()
        other.join()
    assert lines.getvalue().endswith("elsewhere\n")
