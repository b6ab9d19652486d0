"""What the ledger hashes: an event's commitment, its leaf, and the leaf's hash. Anyone can work these out again.

    commitment = SHA-256( salt (16 bytes) ‖ canonical({"actor": …, "body": …}) )
    leaf       = canonical({"at": …, "commitment": …, "kind": …, "library": …, "previous": …, "seq": …, "v": 1})
    hash       = SHA-256( 0x00 ‖ leaf )          the leaf hash of RFC 6962, section 2.1
    previous   = `hash` of the event before; 64 zeros for the first

What may hold personal data, actor and body, stands in the leaf only as a salted
commitment: once body and salt are erased nobody can guess them back, and chain, tree
and every proof still verify. `hash` serves the Merkle tree as its leaf hash as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from rag.audit.canonical import canonical
from rag.model import Event

FIRST_PREVIOUS = "0" * 64
LEAF_PREFIX = b"\x00"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Leaf:
    """The part of an event that is never erased."""

    seq: int
    at: datetime
    kind: str
    library: str
    commitment: str
    previous: str

    def encoded(self) -> bytes:
        """The bytes that are hashed."""
        return canonical(
            {
                "v": 1,
                "seq": self.seq,
                "at": instant(self.at),
                "kind": self.kind,
                "library": self.library,
                "commitment": self.commitment,
                "previous": self.previous,
            }
        ).encode()

    @property
    def hash(self) -> str:
        return sha256(LEAF_PREFIX + self.encoded()).hexdigest()


def leaf_bytes(event: Event) -> bytes:
    """The leaf of an event that still has its body and salt."""
    sealed = commitment(event.salt, event.actor, canonical(event.body))
    return Leaf(event.seq, event.at, event.kind, event.library, sealed, event.previous).encoded()


def commitment(salt: str, actor: str, payload: str) -> str:
    """Binds actor and body without telling them.

    Args:
        salt: 32 hex digits.
        payload: the body as canonical JSON.
    """
    sealed = f'{{"actor":{canonical(actor)},"body":{payload}}}'
    return sha256(bytes.fromhex(salt) + sealed.encode()).hexdigest()


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals: 2026-01-31T12:00:00.000000Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
