"""What the ledger hashes: an event's commitment, its leaf, and the leaf's hash. Anyone can work these out again.

    part       = SHA-256( salt (16 bytes) ‖ content )            content: canonical JSON, see `rag.audit.parts`
    commitment = SHA-256( "picturedesk event v2\n" ‖ part 0 ‖ part 1 ‖ … )
    leaf       = canonical({"at": …, "commitment": …, "kind": …, "library": …, "previous": …, "seq": …, "v": 2})
    hash       = SHA-256( 0x00 ‖ leaf )          the leaf hash of RFC 6962, section 2.1
    previous   = `hash` of the event before; 64 zeros for the first

What may hold personal data, actor and body, stands in the leaf only as salted commitments: once
content and salt of a part are erased nobody can guess them back, and chain, tree and every proof still
verify. `hash` serves the Merkle tree as its leaf hash as it is.

Early events are of version 1: their commitment is that of one part, canonical({"actor": …, "body": …}).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from rag.audit.canonical import canonical
from rag.audit.verifier import leaf_hash
from rag.model import Event

FIRST_PREVIOUS = "0" * 64
VERSION = 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """The part of an event that is never erased."""

    seq: int
    at: datetime
    kind: str
    library: str
    commitment: str
    previous: str
    version: int = VERSION

    def encoded(self) -> bytes:
        """The bytes that are hashed."""
        return canonical(
            {
                "v": self.version,
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
        return leaf_hash(self.encoded()).hex()


def leaf_bytes(event: Event) -> bytes:
    """The leaf of an event, also of an erased one."""
    return Leaf(
        event.seq, event.at, event.kind, event.library, event.commitment, event.previous, event.version
    ).encoded()


def early_content(actor: str, payload: str) -> str:
    """The one part of an event of version 1; `payload` is its body as canonical JSON."""
    return f'{{"actor":{canonical(actor)},"body":{payload}}}'


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals: 2026-01-31T12:00:00.000000Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
