"""Checking a live ledger: every event as it was written, each after the one it names, and the tree as it was signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from rag.audit.leaf import FIRST_PREVIOUS, Leaf, early_content, instant
from rag.audit.merkle import Growing
from rag.audit.sealing import Sealed, unpacked, unseal
from rag.audit.subjects import SubjectKeys, erased_by
from rag.audit.tables import events
from rag.audit.tiles import TileCheck
from rag.audit.verifier import Checkpoint, content_hash, event_commitment
from rag.audit.writing import SKEW
from rag.ports import Verification

ROWS_AT_A_TIME = 500
MOST_NOTICES = 20
ERASING = ("erasure", "retention")


class Check:
    """One pass over the ledger, in one snapshot of the database.

    Args:
        expected: what checkpoint says what root, each with words for it: "the checkpoint of …".
        on_events: called with how many events were looked at, every few hundred.
    """

    def __init__(
        self,
        connection: Connection,
        subjects: SubjectKeys,
        expected: Sequence[tuple[str, Checkpoint]],
        on_events: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._connection = connection
        self._subjects = subjects
        self._expected: dict[int, list[tuple[str, Checkpoint]]] = defaultdict(list)
        for what, checkpoint in expected:
            self._expected[checkpoint.size].append((what, checkpoint))
        self._on_events = on_events
        self._tree, self._tiles = Growing(), TileCheck(connection)
        self._previous = FIRST_PREVIOUS
        self._newest: datetime | None = None
        self._agreed = self._erased = 0
        self._gone: dict[int, set[int]] = defaultdict(set)
        self._notices: list[str] = []

    def run(self) -> Verification:
        fault = self._events() or self._tiles.end() or self._beyond() or self._erasures()
        checkpoints = sum(len(some) for size, some in self._expected.items() if size <= self._agreed)
        return Verification(fault, self._tree.size, self._erased, checkpoints, tuple(self._notices))

    def _events(self) -> str | None:
        for page in self._pages():
            parts = [_parts(row) for row in page]
            numbers = {number for some in parts for part in some or () for number in part.subjects}
            keys = self._subjects.keys(self._connection, numbers)
            gone = erased_by(self._connection, numbers - keys.keys())
            for row, some in zip(page, parts, strict=True):
                if fault := self._link(row) or self._content(row, some, keys, gone) or self._grow(row):
                    return fault
            self._on_events(self._tree.size)
        return None

    def _pages(self) -> Iterator[Sequence[RowMapping]]:
        newest = self._connection.execute(select(func.max(events.c.seq))).scalar()
        after = None
        while newest is not None and (after is None or after < newest):
            wanted = select(events).order_by(events.c.seq).limit(ROWS_AT_A_TIME)
            wanted = wanted if after is None else wanted.where(events.c.seq > after)
            page = self._connection.execute(wanted).mappings().all()
            yield page
            after = page[-1]["seq"]

    def _link(self, row: RowMapping) -> str | None:
        seq, expected = row["seq"], self._tree.size
        if seq != expected:
            return f"event {expected} is missing: the next one kept is event {seq}"
        if _leaf(row).hash != row["hash"]:
            return (
                f"event {seq} was changed: its number, time, kind, library, commitment or link does not match its hash"
            )
        if row["previous"] != self._previous:
            return f"event {seq} does not follow the event before it: that one was replaced, or events changed places"
        self._notice_clock(row["at"], seq)
        self._previous, self._newest = row["hash"], row["at"]
        return None

    def _notice_clock(self, at: datetime, seq: int) -> None:
        if self._newest is not None and self._newest - at > SKEW and len(self._notices) < MOST_NOTICES:
            self._notices.append(
                f"event {seq} is dated {instant(at)}, before event {seq - 1} of {instant(self._newest)}: "
                "a clock was set back, or had run ahead; the order is that of the numbers"
            )

    def _content(
        self,
        row: RowMapping,
        parts: Sequence[Sealed] | None,
        keys: Mapping[int, bytes],
        gone: Mapping[int, int | None],
    ) -> str | None:
        changed = f"event {row['seq']} was changed: its actor or body is not what was committed to"
        if row["sealed"] is None:
            return None if _keeps_early(row) else changed
        if not parts or not _as_written(row, parts):
            return changed
        if event_commitment(row["v"], [part.commitment for part in parts]).hex() != row["commitment"]:
            return changed
        for part in parts:
            missing = [number for number in part.subjects if number not in keys]
            for number in missing:
                event = gone.get(number)
                if event is None:
                    return f"event {row['seq']} cannot be read: a key is gone, and no erasure is recorded"
                self._gone[event].add(number)
            if not missing and not _opens(part, keys):
                return changed
            self._erased += bool(missing)
        return None

    def _grow(self, row: RowMapping) -> str | None:
        leaf_hash = bytes.fromhex(row["hash"])
        self._tree.add(leaf_hash)
        if fault := self._tiles.add(leaf_hash):
            return fault
        for what, checkpoint in self._expected.get(self._tree.size, ()):
            if checkpoint.root != self._tree.root():
                return (
                    f"{what} of {checkpoint.size} events was signed over others: of the events from {self._agreed} to "
                    f"{checkpoint.size - 1} some were written anew since"
                )
            self._agreed = self._tree.size
        return None

    def _beyond(self) -> str | None:
        for size in sorted(self._expected):
            if size > self._tree.size:
                return (
                    f"event {self._tree.size} is missing: {self._expected[size][0][0]} has {size} events, and "
                    f"there are {self._tree.size}; the newest were cut off, or an old backup was restored"
                )
        return None

    def _erasures(self) -> str | None:
        wanted = select(events.c.seq).where(events.c.kind.in_(ERASING), events.c.seq.in_(sorted(self._gone)))
        recorded = set(self._connection.execute(wanted).scalars())
        if missing := sorted(self._gone.keys() - recorded):
            return f"event {missing[0]} is said to record an erasure, and does not"
        return None


def _parts(row: RowMapping) -> list[Sealed] | None:
    """None where they are torn."""
    try:
        return unpacked(bytes(row["sealed"] or b""))
    except ValueError:
        return None


def _leaf(row: RowMapping) -> Leaf:
    return Leaf(row["seq"], row["at"], row["kind"], row["library"], row["commitment"], row["previous"], row["v"])


def _keeps_early(row: RowMapping) -> bool:
    """Of an event that is not sealed: only those of version 1 may be so."""
    try:
        salt, content = bytes.fromhex(row["salt"] or ""), early_content(row["actor"], row["payload"]).encode()
    except ValueError:
        return False  # a salt that is no hex, text that is no Unicode: nothing that we wrote
    return row["v"] == 1 and content_hash(salt, content).hex() == str(row["commitment"])


def _as_written(row: RowMapping, parts: Sequence[Sealed]) -> bool:
    """What is not hashed, and must be as we write it."""
    whose = parts[min(1, len(parts) - 1)].subjects
    return row["payload"] == "" and row["salt"] is None and row["actor"] in map(str, whose[1:])


def _opens(part: Sealed, keys: Mapping[int, bytes]) -> bool:
    try:
        opened = unseal(part, keys)
    except ValueError:
        return False
    return opened is not None and content_hash(opened.salt, opened.content.encode()) == part.commitment
