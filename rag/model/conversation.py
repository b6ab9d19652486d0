"""What was asked and answered before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag.model.answer import Turn


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions of one person that follow one another.

    Attributes:
        title: its first question.
        turns: how many.
    """

    id: str
    title: str
    began_at: datetime
    changed_at: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One turn as it is kept.

    Attributes:
        events: ledger sequence numbers of its retrieval and its answer: the evidence stands there.
    """

    turn: Turn
    at: datetime
    events: tuple[int, ...]
    abstained: bool = False
