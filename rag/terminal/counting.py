"""One bar on stderr while something long goes over many of a kind; nothing where nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rag.terminal.text import errors


@contextmanager
def counting(what: str, total: int, *, silent: bool) -> Iterator[Callable[[int], None]]:
    """Yields what to call with how many are done."""
    with counting_up(what, silent=silent) as show:
        yield lambda done: show(done, total)


@contextmanager
def counting_up(what: str, *, silent: bool) -> Iterator[Callable[[int, int], None]]:
    """As `counting`, where the total shows on the way. Yields what to call with how many are done, of how many."""
    if silent or not errors.is_terminal:
        yield lambda done, total: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
