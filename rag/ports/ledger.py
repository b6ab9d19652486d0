"""What keeps the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rag.model import Actor, Event, Json


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before the ledger has numbered, dated and chained it.

    Attributes:
        about: ids of assets that its words may be about although `body` does not name them: should one of them
            be erased, those words go, too.
    """

    kind: str
    actor: str
    library: str
    body: Json
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the whole ledger found.

    Attributes:
        fault: the first thing that is not as it was written, and why; None when the ledger holds.
        events: how many were looked at.
        erased: parts of events that can no longer be read, because somebody or something was erased.
        checkpoints: how many agree with it, those given included.
        notices: what is no fault, and worth knowing: a clock that was set back.
    """

    fault: str | None
    events: int = 0
    erased: int = 0
    checkpoints: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """What must not be erased: all that was recorded of `library`, or the events from `first` to `last`, a case."""

    name: str
    library: str | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Attributes:
    key: the verifier key of what signs now.
    signed, signed_at: events in the newest checkpoint.
    unpublished: checkpoints that are to be published and are not yet; 0 where that is not asked for.
    problem: why not.
    """

    events: int
    key: str
    signed: int
    signed_at: datetime | None
    unpublished: int
    problem: str


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an event is in the ledger, for somebody who has only its checkpoint's key.

    Attributes:
        leaf: the exact text whose hash is in the tree.
        hashes: of RFC 9162, section 2.1.3; 32 bytes each.
        size, root: of the tree that they lead to.
        checkpoint: signed note over that tree.
    """

    seq: int
    leaf: str
    hashes: tuple[bytes, ...]
    size: int
    root: bytes
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the ledger of `new` events begins with the `old` events that it once had (RFC 9162, section 2.1.4)."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    hashes: tuple[bytes, ...]


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
        """Check the whole ledger; None when it holds, else the first event that does not and why."""

    def verify(self, *, outside: str = "", on_events: Callable[[int], None] = lambda count: None) -> Verification:
        """Check every event, the tree and the checkpoints.

        Args:
            outside: signed checkpoints that were kept elsewhere: only they show what was cut off or written anew
                by somebody who has the signing key.
            on_events: called now and then with how many events were looked at.
        """

    def checkpoint(self, actor: Actor) -> str:
        """The newest checkpoint, a signed note; made now where events came since. Raises NotFound, NotAllowed."""

    def proof(self, actor: Actor, seq: int) -> InclusionProof:
        """That an event which `actor` may read is in the ledger. Raises NotFound, NotAllowed."""

    def tile(self, actor: Actor, level: int, number: int, width: int) -> bytes:
        """The first `width` hashes of a tile of the tree, 32 bytes each (c2sp.org/tlog-tiles).

        A full tile, of 256, never changes.

        Raises:
            NotAllowed: `actor` is no auditor.
            NotFound: the tree has not as many there.
        """

    def entries(self, actor: Actor, number: int, width: int) -> bytes:
        """The leaves under the first `width` hashes of tile 0/`number`, each behind its length (2 bytes, big-endian).

        Raises:
            NotAllowed: `actor` is no auditor of all libraries.
            NotFound: as `tile`.
        """

    def export(
        self,
        actor: Actor,
        target: Path,
        events: Sequence[int],
        *,
        files: Iterable[tuple[str, bytes]] = (),
        outside: str = "",
    ) -> int:
        """Write a bundle (`rag.audit.bundles`): events with all that proves them, signed.

        The caller records it.

        Args:
            events: their numbers; those that `actor` may not read are left out.
            files: names and contents; `images/SHA-256` for pictures.
            outside: signed checkpoints that somebody kept; the bundle proves that it continues them.

        Returns:
            How many events are in it.

        Raises:
            NotAllowed: `actor` is no auditor.
            Unavailable: `target` cannot be written.
            NotFound: the ledger is empty.
        """

    def accessed(self, actor: Actor, door: str, what: Json) -> None:
        """Record that `actor` read what was recorded, before it is shown to him; once in ten minutes for the same.

        Raises:
            LedgerUnavailable: show nothing.
        """

    def erase(self, actor: Actor, subjects: Collection[str], body: Json) -> Event:
        """Destroy key and salt of all that was recorded of the subjects, and record that. Proofs still hold.

        Args:
            subjects: `actor:NAME`, `asset:SHA-256`, `visual:ID`; what nothing was recorded of is passed over.
            body: of the event `erasure`; it must not name them.

        Raises:
            NotAllowed: `actor` is no owner, or a legal hold keeps some of it.
        """

    def concerning(self, subjects: Collection[str], events: Collection[int]) -> set[int]:
        """Which of the events, by their numbers, say something of the subjects: to ask before erasing them."""

    def keep(self, actor: Actor, library: str, days: int | None, body: Json) -> Event:
        """Forget what is recorded of a library after `days`, or up to a month later; None: never.

        Raises:
            NotAllowed: `actor` is no owner.
            BadQuery: fewer days than the installation keeps at least.
        """

    def kept_days(self) -> Mapping[str, int]:
        """How long what is recorded is kept, for each library that has a limit."""

    def hold(self, actor: Actor, hold: Hold, body: Json) -> Event:
        """Erase nothing of what it names until it is lifted. Raises NotAllowed, BadQuery: a name that is taken."""

    def lift(self, actor: Actor, name: str, body: Json) -> Event:
        """End a legal hold. Raises NotAllowed, NotFound."""

    def holds(self) -> list[Hold]:
        """By name."""

    def rebuild(self, on_leaves: Callable[[int], None] = lambda count: None) -> None:
        """Make the Merkle tree's tiles anew from the events; appends wait meanwhile."""

    def signers(self) -> list[str]:
        """The verifier keys of what signed its checkpoints, the first one first."""

    def state(self) -> LedgerState:
        """How large it is, and how far signed and published. Shows nothing of what was recorded."""

    def tend(self) -> None:
        """Do what is due: sign, publish, and forget what was kept long enough. Raises LedgerUnavailable."""

    def close(self) -> None:
        """Sign what came since, if a checkpoint is due. Calling twice is harmless."""

    def consistency(self, actor: Actor, old: int, new: int) -> ConsistencyProof:
        """That the first `new` events begin with the first `old` ones. Raises BadQuery, NotAllowed."""
