"""Checkpoints: the ledger's size and root, signed, kept in the database and published elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from rag.audit.keys import LedgerKeys
from rag.audit.merkle import root
from rag.audit.notes import checkpoint_text, signer_of
from rag.audit.tables import checkpoints, events, signers
from rag.audit.tiles import WIDTH, TileReader, extend, full_tiles
from rag.audit.verifier import Checkpoint, Note, VerifierKey, Wrong
from rag.audit.writing import take_turn
from rag.errors import LedgerUnavailable
from rag.library.transactions import translating, write_transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is stored.

    Attributes:
        note: signed.
        published_at: None until it is.
        problem: why it could not be published so far.
    """

    size: int
    at: datetime
    note: str
    published_at: datetime | None = None
    problem: str = ""


class Checkpoints:
    """Makes checkpoints and keeps them. Safe to use from several threads and processes.

    Args:
        keys: what signs; None: nothing can be signed here, only read.
        clock: the time now, aware.
    """

    def __init__(self, engine: Engine, keys: LedgerKeys, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock

    def make(self) -> Kept | None:
        """A checkpoint of all events there are; the newest one where nothing came since, None of an empty ledger.

        Raises:
            LedgerUnavailable: retryable.
        """
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            size, newest = size_of(connection), newest_in(connection)
            if size == 0 or (newest is not None and newest.size >= size):
                return newest
            if full_tiles(connection) < size // WIDTH:  # events from before there was a tree
                take_turn(connection)
                extend(connection, size)
            return self._signed(connection, size)

    def newest(self) -> Kept | None:
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            return newest_in(connection)

    def unpublished(self, limit: int = 1000) -> list[Kept]:
        """The oldest first."""
        wanted = select(checkpoints).where(checkpoints.c.published_at.is_(None)).order_by(checkpoints.c.size)
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            return [_kept(row) for row in connection.execute(wanted.limit(limit)).mappings()]

    def published(self, kept: Kept) -> None:
        self._note(kept, published_at=self._clock(), problem=None)

    def not_published(self, kept: Kept, problem: str) -> None:
        self._note(kept, problem=problem)

    def signers(self) -> list[VerifierKey]:
        """All keys that signed, the first one first. Raises Wrong as `trusted_keys`."""
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            return trusted_keys(connection, self._keys)

    def hand_over(self, new: LedgerKeys) -> None:
        """Endorse another signing key, once a checkpoint by the present one holds the event that records it."""
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            _add_signer(connection, new.signing.public, self._clock(), endorsement(self._keys, new))

    def _signed(self, connection: Connection, size: int) -> Kept:
        at, signing = self._clock(), self._keys.signing
        if connection.execute(select(signers.c.number).limit(1)).first() is None:
            _add_signer(connection, signing.public, at, "")
        checkpoint = Checkpoint(signing.name, size, root(TileReader(connection).node, size))
        kept = Kept(size, at, signing.sign(checkpoint_text(checkpoint)))
        insert_ = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = {"size": size, "at": at, "note": kept.note}
        connection.execute(insert_(checkpoints).on_conflict_do_nothing(), row)
        return kept

    def _note(self, kept: Kept, **values: object) -> None:
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            connection.execute(update(checkpoints).where(checkpoints.c.size == kept.size).values(**values))


def endorsement(old: LedgerKeys, new: LedgerKeys) -> str:
    """A note, signed by the old key, that says which key comes after it."""
    return old.signing.sign(f"{old.signing.name}/next-key\n{new.signing.public}\n")


def size_of(connection: Connection) -> int:
    newest = connection.execute(select(func.max(events.c.seq))).scalar()
    return 0 if newest is None else int(newest) + 1


def newest_in(connection: Connection, *, beyond: int = 0) -> Kept | None:
    """The newest checkpoint, of more than `beyond` events."""
    wanted = select(checkpoints).where(checkpoints.c.size > beyond).order_by(checkpoints.c.size.desc()).limit(1)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else _kept(row)


def every(connection: Connection) -> list[Kept]:
    return [_kept(row) for row in connection.execute(select(checkpoints).order_by(checkpoints.c.size)).mappings()]


def trusted_keys(connection: Connection, own: LedgerKeys) -> list[VerifierKey]:
    """The keys that signed here, each but the first endorsed by one before it; ours must be one of them.

    Raises:
        Wrong: one is not endorsed, or ours never signed here.
    """
    known: list[VerifierKey] = []
    for row in connection.execute(select(signers).order_by(signers.c.number)).mappings():
        key = VerifierKey.read(row["key"])
        if known:
            note = Note.read(row["endorsement"])
            signer_of(note, known)
            if str(key) not in note.text.splitlines():
                raise Wrong(f"the key {key} is not the one that was endorsed")
        known.append(key)
    ours = own.signing.public
    if known and ours not in known:
        raise Wrong(f"the ledger's checkpoints were signed by {known[-1]}, and the key here is {ours}")
    return known or [ours]


def signed_checkpoints(kept: Sequence[Kept], keys: Sequence[VerifierKey]) -> list[tuple[str, Checkpoint]]:
    """For `rag.audit.checking`. Raises Wrong, naming the first whose signature is false."""
    found = []
    for one in kept:
        try:
            checkpoint = read_signed(one.note, keys)
        except Wrong as error:
            raise Wrong(f"the checkpoint of {one.size} events is not genuine: {error}") from error
        if checkpoint.size != one.size:
            raise Wrong(f"the checkpoint of {one.size} events was replaced by one of {checkpoint.size}")
        found.append(("the checkpoint", checkpoint))
    return found


def read_signed(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Raises Wrong."""
    read = Note.read(note)
    signer, checkpoint = signer_of(read, list(keys)), Checkpoint.read(read.text)
    if checkpoint.origin != signer.name:
        raise Wrong(f"it is of another ledger: {checkpoint.origin}")
    return checkpoint


def _add_signer(connection: Connection, key: VerifierKey, at: datetime, endorsed: str) -> None:
    number = connection.execute(select(func.count()).select_from(signers)).scalar_one()
    connection.execute(insert(signers), {"number": number, "at": at, "key": str(key), "endorsement": endorsed})


def _kept(row: RowMapping) -> Kept:
    return Kept(row["size"], row["at"], row["note"], row["published_at"], row["problem"] or "")
