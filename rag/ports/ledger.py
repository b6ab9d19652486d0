"""What keeps the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rag.model import Actor, Event, Json


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before the ledger has numbered, dated and chained it."""

    kind: str
    actor: str
    library: str
    body: Json


class Ledger(Protocol):
    """The append-only, tamper-evident log of events."""

    def append(self, draft: Draft) -> Event:
        """Write one event. Durable when it returns; concurrent callers never fork or skip.

        Raises:
            LedgerUnavailable: it is not written; release nothing that it was to record.
            Rejected: the body is no JSON (NaN, bytes); nothing is written.
        """

    def events(
        self,
        actor: Actor,
        *,
        kind: str | None = None,
        library: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Event]:
        """The newest events that match, newest first; `before` is a sequence number, exclusive.

        Only events of libraries that `actor` may read; those of no single library take `"*"`.

        Raises:
            NotAllowed: `actor` is neither owner nor auditor.
        """

    def event(self, actor: Actor, seq: int) -> Event:
        """Raises NotFound or NotAllowed."""

    def own(self, actor: Actor, seq: int) -> Event:
        """An event that `actor` caused, whatever roles he has. Raises NotFound for all others, and for none."""

    def first_fault(self) -> str | None:
        """Check the whole chain; None when it holds, else the first event that does not and why."""
