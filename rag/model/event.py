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
        actor: who caused it; `erased` once he is.
        body: what happened, as JSON; images by hash, never as bytes. `{"erased": TIME}` stands where something was.
        previous, hash: lower-case hex SHA-256; `hash` covers everything here but itself.
        commitment: lower-case hex SHA-256, by which `hash` binds actor and body without telling them.
        version: how it does.
        erased_at: when the newest erasure of something in it was; None while all is there.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    library: str
    body: Json
    previous: str
    hash: str
    commitment: str = ""
    version: int = 1
    erased_at: datetime | None = None

    def entries(self, name: str) -> list[Json]:
        """The entries of a list in `body`, such as `evidence`, without those that were erased."""
        found = self.body.get(name)
        return [one for one in found if "erased" not in one] if isinstance(found, list) else []
