"""What is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag.model.ids import Json


@dataclass(frozen=True, slots=True)
class Event:
    """One audit record, as the ledger keeps it.

    Attributes:
        seq: 0, 1, 2, … without gaps.
        kind: `retrieval`, `answer`, …
        body: what happened, as JSON; images by hash, never as bytes.
        previous, hash: lower-case hex SHA-256; `hash` covers everything here but itself.
        salt: 32 hex digits; without it, `hash` tells nothing about actor and body once they are erased.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    library: str
    body: Json
    previous: str
    hash: str
    salt: str = ""
