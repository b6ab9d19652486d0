"""That somebody read the ledger is recorded in it: once in a while for the same, so that reading does not flood it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from rag.audit.actors import who
from rag.audit.canonical import canonical
from rag.model import Actor, Json
from rag.ports import Draft

KIND = "ledger-access"
AGAIN_AFTER = timedelta(minutes=10)
MOST_REMEMBERED = 10_000


class Accesses:
    """Which readings this process has recorded lately."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._recorded: dict[tuple[str, str], datetime] = {}

    def is_news(self, actor: str, what: Json) -> bool:
        """Whether this is to be recorded now. Paging on through the same is the same: leave the page out of `what`."""
        before = self._recorded.get((actor, canonical(what)))
        return before is None or not timedelta(0) <= self._clock() - before < AGAIN_AFTER

    def recorded(self, actor: str, what: Json) -> None:
        """It is, durably."""
        if len(self._recorded) >= MOST_REMEMBERED:
            self._recorded = {}
        self._recorded[actor, canonical(what)] = self._clock()


def access_draft(actor: Actor, door: str, what: Json) -> Draft:
    return Draft(KIND, actor.id, "", {**who(actor, door), "read": what})
