"""The ledger over SQL: numbers events, dates them, chains them, and gives them back to auditors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, and_, or_, select

from rag.audit import monitoring
from rag.audit.access import Accesses, access_draft
from rag.audit.batching import GroupCommit
from rag.audit.bundles import BundleWriter
from rag.audit.checking import Check
from rag.audit.checkpoints import Checkpoints, every, newest_in, read_signed, signed_checkpoints, size_of, trusted_keys
from rag.audit.erasing import Erasing, wipe
from rag.audit.keys import LedgerKeys
from rag.audit.proofs import consistency_proof, inclusion_proof
from rag.audit.publishing import NEVER, Notary, Schedule
from rag.audit.rows import events_of
from rag.audit.subjects import SubjectKeys, numbers_of
from rag.audit.tables import events as ledger_events
from rag.audit.tiles import rebuild
from rag.audit.verifier import Checkpoint, Wrong, notes_of
from rag.audit.writing import Prepared, Preparing, Writer, take_turn
from rag.errors import BadQuery, LedgerUnavailable, NotAllowed, NotFound, Unavailable
from rag.library.columns import storable, utc_now
from rag.library.rights import readable_by
from rag.library.transactions import reading, translating, write_transaction
from rag.model import ALL_LIBRARIES, Actor, Event, Json
from rag.ports import ConsistencyProof, Draft, Hold, InclusionProof, LedgerState, Verification

log = logging.getLogger(__name__)


class SqlLedger:
    """A `Ledger` in SQLite or PostgreSQL. Safe to use from several threads and processes.

    Beyond the port's promises:
    - Appends take turns (a lock of the database, held for one transaction), so `seq` has no gaps. Those that
      come at the same time in one process go in one transaction.
    - The database itself refuses to change or remove events, by triggers.
    - Actor and body are encrypted, with keys of those whom they are about (`rag.audit.sealing`).
    - Times do not run backwards while clocks agree within a minute: an event that would be
      dated before its predecessor gets the predecessor's time. A clock further behind is
      recorded as it reads, so that one that ran ahead once does not date all that follows.
      The order of events is `seq`, never `at`.
    - Lone surrogates become U+FFFD, and NUL too outside the body.
    - Auditors see events of the libraries they may read; events of no single library
      are for those who may read all.

    Args:
        engine: from `open_database`, and migrated.
        clock: the time now, aware.
        reread: gives the keys anew, when another process has put another master key in use.
    """

    def __init__(
        self,
        engine: Engine,
        keys: LedgerKeys,
        clock: Callable[[], datetime] = utc_now,
        schedule: Schedule = NEVER,
        reread: Callable[[], LedgerKeys] | None = None,
    ) -> None:
        self._engine = engine
        self._keys = keys
        masters = None if reread is None else lambda: reread().masters
        self.subjects = SubjectKeys(*keys.masters, reread=masters)
        self.checkpoints = Checkpoints(engine, keys, clock)
        self.writer = Writer(self.subjects, clock)
        self._prepared = Preparing(engine)
        self._commits: GroupCommit[Prepared, Event] = GroupCommit(self._write)
        self._clock = clock
        self._accesses = Accesses(clock)
        self._erasing = Erasing(engine, self.writer)
        self._schedule, self._written = schedule, False
        self.notary = Notary(self.checkpoints, schedule, clock)

    def append(self, draft: Draft) -> Event:
        """Also raises Rejected when the body is no JSON (NaN, bytes, …): nothing is written."""
        return self._commits.submit(self._prepared(draft))

    def append_with(self, draft: Draft, step: Callable[[Connection], None]) -> Event:
        """As `append`, after `step` in the same transaction: both are there, or neither."""
        prepared = self._prepared(draft)
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            take_turn(connection)
            step(connection)
            found = self.writer.write(connection, [prepared])
        self._written = True
        return found[0]

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
        asked = (
            (kind, ledger_events.c.kind.__eq__),
            (library, ledger_events.c.library.__eq__),
            (since, ledger_events.c.at.__ge__),
            (before, ledger_events.c.seq.__lt__),
        )
        conditions = [compare(value) for value, compare in asked if value is not None]
        with self._auditing(actor) as (connection, allowed):
            wanted = select(ledger_events).where(allowed, *conditions).order_by(ledger_events.c.seq.desc()).limit(limit)
            return self._read(connection, wanted)

    def event(self, actor: Actor, seq: int) -> Event:
        with self._auditing(actor) as (connection, allowed):
            found = self._read(connection, select(ledger_events).where(allowed, ledger_events.c.seq == seq))
        if not found:
            raise NotFound(f"there is no event {seq}")
        return found[0]

    def own(self, actor: Actor, seq: int) -> Event:
        name = storable(actor.id)
        with reading(self._engine) as connection:
            numbers = [str(number) for number in numbers_of(connection, [f"actor:{name}"])]
            early = and_(ledger_events.c.sealed.is_(None), ledger_events.c.actor == name)
            his = or_(and_(ledger_events.c.sealed.is_not(None), ledger_events.c.actor.in_(numbers)), early)
            found = self._read(connection, select(ledger_events).where(ledger_events.c.seq == seq, his))
        if not found:
            raise NotFound(f"there is no event {seq} of yours")
        return found[0]

    def first_fault(self) -> str | None:
        return self.verify().fault

    def verify(self, *, outside: str = "", on_events: Callable[[int], None] = lambda count: None) -> Verification:
        """Reads everything, a few hundred events at a time, as it is at this moment; appends go on meanwhile."""
        with translating("the ledger", LedgerUnavailable), self._snapshot() as connection:
            try:
                keys = trusted_keys(connection, self._keys)
                expected = signed_checkpoints(every(connection), keys)
                expected += _given(outside, keys)
            except Wrong as error:
                return Verification(str(error))
            return Check(connection, self.subjects, expected, on_events).run()

    def checkpoint(self, actor: Actor) -> str:
        _require_auditor(actor)
        made = self.checkpoints.make()
        if made is None:
            raise NotFound("the ledger is empty: there is nothing to sign yet")
        return made.note

    def proof(self, actor: Actor, seq: int) -> InclusionProof:
        with self._auditing(actor) as (connection, allowed):
            row = self._row(connection, allowed, seq)
            kept = newest_in(connection, beyond=seq)
        kept = kept or self.checkpoints.make()
        assert kept is not None
        with reading(self._engine) as connection:
            return inclusion_proof(connection, row, kept)

    def consistency(self, actor: Actor, old: int, new: int) -> ConsistencyProof:
        _require_auditor(actor)
        self.checkpoints.make()
        with reading(self._engine) as connection:
            size = size_of(connection)
            if not 0 < old <= new <= size:
                raise BadQuery(f"the ledger has {size} events: no proof leads from {old} to {new}")
            return consistency_proof(connection, old, new)

    def tile(self, actor: Actor, level: int, number: int, width: int) -> bytes:
        _require_auditor(actor)
        with reading(self._engine) as connection:
            return monitoring.tile(connection, level, number, width)

    def entries(self, actor: Actor, number: int, width: int) -> bytes:
        _require_auditor(actor)
        if ALL_LIBRARIES not in actor.libraries:
            raise NotAllowed(f"{actor.id} may not read leaves of all libraries: that takes all of them")
        with reading(self._engine) as connection:
            return monitoring.entries(connection, number, width)

    def export(
        self,
        actor: Actor,
        target: Path,
        events: Sequence[int],
        *,
        files: Iterable[tuple[str, bytes]] = (),
        outside: str = "",
    ) -> int:
        _require_auditor(actor)
        kept = self.checkpoints.make()
        if kept is None:
            raise NotFound("the ledger is empty: there is nothing to export yet")
        allowed = and_(readable_by(actor, ledger_events.c.library), ledger_events.c.seq < kept.size)
        options: dict[str, Any] = {"signing": self._keys.signing, "keys": self.checkpoints.signers()}
        try:
            with translating("the ledger", LedgerUnavailable), self._snapshot() as connection:
                writer = BundleWriter(connection, self.subjects, kept)
                return writer.write(target, events, allowed, files=files, outside=outside, **options)
        except OSError as error:
            raise Unavailable(f"the bundle cannot be written to {target}: {error.strerror}") from error

    def accessed(self, actor: Actor, door: str, what: Json) -> None:
        if self._accesses.is_news(actor.id, what):
            self.append(access_draft(actor, door, what))
            self._accesses.recorded(actor.id, what)

    def erase(self, actor: Actor, subjects: Collection[str], body: Json) -> Event:
        event = self._erasing.erase(actor, subjects, body)
        self._wipe()
        return event

    def concerning(self, subjects: Collection[str], events: Collection[int]) -> set[int]:
        return self._erasing.concerning(subjects, events)

    def keep(self, actor: Actor, library: str, days: int | None, body: Json) -> Event:
        if days is not None and days < self._schedule.fewest_days:
            raise BadQuery(f"what was recorded is kept for at least {self._schedule.fewest_days} days, not {days}")
        return self._erasing.keep(actor, library, days, body)

    def kept_days(self) -> Mapping[str, int]:
        return self._erasing.kept_days()

    def hold(self, actor: Actor, hold: Hold, body: Json) -> Event:
        return self._erasing.hold(actor, hold, body)

    def lift(self, actor: Actor, name: str, body: Json) -> Event:
        return self._erasing.lift(actor, name, body)

    def holds(self) -> list[Hold]:
        return self._erasing.every_hold()

    def rebuild(self, on_leaves: Callable[[int], None] = lambda count: None) -> None:
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            take_turn(connection)
            rebuild(connection, size_of(connection), on_leaves)

    def signers(self) -> list[str]:
        return [str(key) for key in self.checkpoints.signers()]

    def state(self) -> LedgerState:
        with reading(self._engine) as connection:
            events_there, newest = size_of(connection), newest_in(connection)
        waiting = self.checkpoints.unpublished() if self._schedule.target else []
        problem = next((one.problem for one in waiting if one.problem), "")
        size, at = (0, None) if newest is None else (newest.size, newest.at)
        return LedgerState(events_there, str(self._keys.signing.public), size, at, len(waiting), problem)

    def tend(self) -> None:
        self.notary.look()
        if self._erasing.retire(self._clock()):
            self._wipe()

    def close(self) -> None:
        self.notary.close(written=self._written)
        self._written = False

    def _wipe(self) -> None:
        try:
            wipe(self._engine)
        except LedgerUnavailable as error:
            log.warning("the keys are destroyed; that no trace of them is left in the files is not sure: %s", error)

    def _write(self, drafts: Sequence[Prepared]) -> Sequence[Event]:
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            take_turn(connection)
            found = self.writer.write(connection, drafts)
        self._written = True
        if found[0].seq // self._schedule.events != (found[-1].seq + 1) // self._schedule.events:
            self.notary.soon()
        return found

    def _read(self, connection: Connection, wanted: Select[Any]) -> list[Event]:
        return events_of(connection, connection.execute(wanted).mappings().all(), self.subjects)

    def _row(self, connection: Connection, allowed: ColumnElement[bool], seq: int) -> RowMapping:
        row = (
            connection.execute(select(ledger_events).where(allowed, ledger_events.c.seq == seq))
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise NotFound(f"there is no event {seq}")
        return row

    @contextmanager
    def _auditing(self, actor: Actor) -> Iterator[tuple[Connection, ColumnElement[bool]]]:
        """A connection, and the condition of events that `actor` may read. Raises NotAllowed."""
        _require_auditor(actor)
        with reading(self._engine) as connection:
            yield connection, readable_by(actor, ledger_events.c.library)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        level = {"isolation_level": "REPEATABLE READ"} if self._engine.dialect.name == "postgresql" else {}
        with self._engine.connect() as connection:
            yield connection.execution_options(**level)


def _require_auditor(actor: Actor) -> None:
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not read the ledger: that takes the role auditor")


def _given(outside: str, keys: Sequence[Any]) -> list[tuple[str, Checkpoint]]:
    found = []
    for note in notes_of(outside):
        try:
            found.append(("your checkpoint", read_signed(note, keys)))
        except Wrong as error:
            raise Wrong(f"your checkpoint is not one of this ledger: {error}") from error
    if outside and not found:
        raise Wrong("there is no signed checkpoint in what was given")
    return found
