"""What people asked before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from rag.model import Actor, Conversation, KeptTurn, Turn


class Conversations(Protocol):
    """Each belongs to the actor who began it: nobody else reads, continues or deletes it, whatever their role."""

    def begin(self, actor: Actor, title: str, name: str = "") -> str:
        """A new one without turns. Returns its id.

        Args:
            name: its id, a UUID of the caller's making; empty: one is made.
        """

    def history(self, actor: Actor, conversation: str, *, limit: int) -> list[Turn]:
        """Its last turns, oldest first. Raises NotFound."""

    def add(
        self, actor: Actor, conversation: str, turn: Turn, *, events: tuple[int, ...] = (), abstained: bool = False
    ) -> None:
        """Put a turn at its end. Raises NotFound: it was deleted meanwhile."""

    def every(self, actor: Actor, *, limit: int = 50, before: tuple[datetime, str] | None = None) -> list[Conversation]:
        """A page of them, newest change first; `before` is `changed_at` and `id` of the last one of the page before."""

    def get(self, actor: Actor, conversation: str) -> Conversation:
        """Raises NotFound."""

    def turns(self, actor: Actor, conversation: str) -> list[KeptTurn]:
        """All of its turns, oldest first. Raises NotFound."""

    def recorded(self) -> list[int]:
        """The ledger's numbers of every turn, whoever's: for erasure."""

    def resting_on(self, events: Collection[int]) -> int:
        """How many turns, whoever's, `forget` would remove."""

    def forget(self, events: Collection[int]) -> int:
        """Remove the turns, whoever's, that the ledger has under one of these numbers. Returns how many."""

    def delete(self, actor: Actor, conversation: str) -> None:
        """Remove it with its turns; what the ledger recorded stays. Raises NotFound."""
