"""The ledger over SQL: numbers events, dates them, chains them, and gives them back to auditors."""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select, text

from rag.audit.canonical import canonical, parsed
from rag.audit.chain import first_fault
from rag.audit.leaf import FIRST_PREVIOUS, SALT_BYTES, Leaf, commitment
from rag.audit.tables import events
from rag.errors import LedgerUnavailable, NotAllowed, NotFound, Rejected
from rag.library.columns import storable, utc_now
from rag.library.rights import readable_by
from rag.library.transactions import reading, translating, write_transaction
from rag.model import Actor, Event, Json
from rag.ports import Draft

APPEND_LOCK = zlib.crc32(b"picturedesk.ledger")
SKEW = timedelta(minutes=1)
ROWS_AT_A_TIME = 500

_SURROGATES = re.compile("[\ud800-\udfff]")


class SqlLedger:
    """A `Ledger` in SQLite or PostgreSQL. Safe to use from several threads and processes.

    Beyond the port's promises:
    - Appends take turns (a lock of the database, held for one transaction), so `seq` has no gaps.
    - The database itself refuses to change or remove events, by triggers.
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
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock
        self._turn = Lock()  # threads queue here rather than at the database, which wakes sleepers late

    def append(self, draft: Draft) -> Event:
        """Also raises Rejected when the body is no JSON (NaN, bytes, …): nothing is written."""
        payload = _payload(draft)
        with self._turn, translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            _take_turn(connection)
            row = self._next_row(_newest(connection), draft, payload)
            connection.execute(insert(events), row)
        return _event_of(row)

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
            (kind, events.c.kind.__eq__),
            (library, events.c.library.__eq__),
            (since, events.c.at.__ge__),
            (before, events.c.seq.__lt__),
        )
        conditions = [compare(value) for value, compare in asked if value is not None]
        with _auditing(self._engine, actor) as (connection, allowed):
            wanted = select(events).where(allowed, *conditions).order_by(events.c.seq.desc()).limit(limit)
            return [_event_of(row) for row in connection.execute(wanted).mappings()]

    def event(self, actor: Actor, seq: int) -> Event:
        with _auditing(self._engine, actor) as (connection, allowed):
            wanted = select(events).where(allowed, events.c.seq == seq)
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no event {seq}")
        return _event_of(row)

    def own(self, actor: Actor, seq: int) -> Event:
        with reading(self._engine) as connection:
            wanted = select(events).where(events.c.seq == seq, events.c.actor == storable(actor.id))
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no event {seq} of yours")
        return _event_of(row)

    def first_fault(self) -> str | None:
        """Reads the whole chain, a few hundred events at a time; appends go on meanwhile."""
        with reading(self._engine) as connection:
            everything = select(events).order_by(events.c.seq)
            with closing(connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(everything)) as rows:
                return first_fault(rows.mappings())

    def _next_row(self, newest: RowMapping | None, draft: Draft, payload: str) -> dict[str, Any]:
        seq, at, previous = 0, self._clock().astimezone(UTC), FIRST_PREVIOUS
        if newest is not None:
            seq, previous = newest["seq"] + 1, newest["hash"]
            at = newest["at"] if timedelta(0) < newest["at"] - at <= SKEW else at
        kind, actor, library = storable(draft.kind), storable(draft.actor), storable(draft.library)
        salt = secrets.token_hex(SALT_BYTES)
        leaf = Leaf(seq, at, kind, library, commitment(salt, actor, payload), previous)
        return {
            "seq": seq,
            "at": at,
            "kind": kind,
            "actor": actor,
            "library": library,
            "payload": payload,
            "salt": salt,
            "commitment": leaf.commitment,
            "previous": previous,
            "hash": leaf.hash,
        }


@contextmanager
def _auditing(engine: Engine, actor: Actor) -> Iterator[tuple[Connection, ColumnElement[bool]]]:
    """A connection, and the condition of events that `actor` may read. Raises NotAllowed."""
    if not actor.has("auditor"):
        raise NotAllowed(f"{actor.id} may not read the ledger: that takes the role auditor")
    with reading(engine) as connection:
        yield connection, readable_by(actor, events.c.library)


def _take_turn(connection: Connection) -> None:
    """Wait until no other append is under way. On SQLite, BEGIN IMMEDIATE has waited already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL synchronous_commit = on"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPEND_LOCK})


def _newest(connection: Connection) -> RowMapping | None:
    newest = select(events.c.seq, events.c.at, events.c.hash).order_by(events.c.seq.desc()).limit(1)
    return connection.execute(newest).mappings().one_or_none()


def _event_of(row: RowMapping | dict[str, Any]) -> Event:
    return Event(
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        actor=row["actor"],
        library=row["library"],
        body=_body(row["payload"]),
        previous=row["previous"],
        hash=row["hash"],
        salt=row["salt"] or "",
    )


def _body(payload: str) -> Json:
    """The body; what a tamperer left there is shown as text, for `first_fault` to name."""
    try:
        body = parsed(payload)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"unreadable": payload}


def _payload(draft: Draft) -> str:
    try:
        return canonical(_encodable(draft.body))
    except (TypeError, ValueError) as error:
        raise Rejected(f"this {draft.kind} event cannot be recorded: {error}") from error


def _encodable(value: Any) -> Any:
    """`value` with U+FFFD for lone surrogates, which stand in undecodable file names and have no UTF-8."""
    match value:
        case str():
            return _SURROGATES.sub("\ufffd", value)
        case list() | tuple():
            return [_encodable(item) for item in value]
        case Mapping():
            return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value
