"""Whether one event is as it was written: worked out again from what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from rag.audit.leaf import FIRST_PREVIOUS, LEAF_PREFIX, leaf_bytes
from rag.errors import NotFound
from rag.model import LOCAL_OWNER, Event
from rag.ports import Ledger


@dataclass(frozen=True, slots=True)
class Proof:
    """Attributes:
    holds: None where it cannot be told, because what was hashed is erased.
    """

    holds: bool | None
    said: str


def proof_of(ledger: Ledger, event: Event) -> Proof:
    """Compares an event with its own hash, and with the event before it. The whole log: picturedesk ledger verify."""
    if not event.salt:
        return Proof(None, "its readable part was erased; picturedesk ledger verify checks what remains")
    if sha256(LEAF_PREFIX + leaf_bytes(event)).hexdigest() != event.hash:
        return Proof(False, "it was changed: it does not match its hash")
    if event.previous != _hash_before(ledger, event.seq):
        return Proof(False, f"it does not follow event {event.seq - 1}, which was replaced or removed")
    return Proof(True, "it matches its hash, and follows the event before it")


def _hash_before(ledger: Ledger, seq: int) -> str:
    if seq == 0:
        return FIRST_PREVIOUS
    try:
        return ledger.event(LOCAL_OWNER, seq - 1).hash
    except NotFound:
        return ""
