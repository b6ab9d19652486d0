"""Erasing subjects, keeping for a time only, and holding what must not go. Each within an append's transaction.

What is erased is a key: see `rag.audit.sealing`. No event is touched.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select

from rag.audit.canonical import normal
from rag.audit.parts import split
from rag.audit.sealing import unpacked
from rag.audit.subjects import destroy, numbers_of
from rag.audit.tables import events, holds, retention, subjects
from rag.audit.writing import Prepared, Writer, take_turn
from rag.errors import BadQuery, LedgerUnavailable, NotAllowed, NotFound
from rag.library.columns import storable
from rag.library.transactions import translating, write_transaction
from rag.model import Actor, Event, Json
from rag.ports import Draft, Hold

ERASURE = "erasure"
RETENTION = "retention"
LEGAL_HOLD = "legal-hold"
ROWS_AT_A_TIME = 500


class Erasing:
    """What `SqlLedger` does besides appending and reading. Each step records itself in the same transaction."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer

    def erase(self, actor: Actor, names: Collection[str], body: Json) -> Event:
        """Destroy the keys of the subjects; those that nothing was recorded of are passed over.

        Raises:
            NotAllowed: `actor` is no owner, or a legal hold keeps something that was recorded of them.
        """
        _require_owner(actor, "erase what was recorded")
        with self._turn() as connection:
            numbers = numbers_of(connection, names)
            for hold in _every_hold(connection):
                if _is_recorded(connection, numbers, _held_by(hold)):
                    raise NotAllowed(f"the legal hold {hold.name!r} keeps what was recorded of it: lift that first")
            return self._destroyed(connection, numbers, Draft(ERASURE, actor.id, "", {**body, "subjects": numbers}))

    def concerning(self, names: Collection[str], seqs: Collection[int]) -> set[int]:
        wanted, found = sorted(seqs), set()
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            numbers = set(numbers_of(connection, names))
            for start in range(0, len(wanted), ROWS_AT_A_TIME):
                some = events.c.seq.in_(wanted[start : start + ROWS_AT_A_TIME])
                for seq, sealed in connection.execute(select(events.c.seq, events.c.sealed).where(some)):
                    if any(numbers.intersection(part.subjects) for part in unpacked(sealed or b"")):
                        found.add(seq)
        return found

    def keep(self, actor: Actor, library: str, days: int | None, body: Json) -> Event:
        """Keep what is recorded of `library` for `days` and at most a month longer; None: for ever."""
        _require_owner(actor, "say how long what was recorded is kept")
        with self._turn() as connection:
            connection.execute(delete(retention).where(retention.c.library == library))
            if days is not None:
                connection.execute(insert(retention), {"library": library, "days": days})
            return self._recorded(connection, Draft(RETENTION, actor.id, library, {**body, "days": days}))

    def hold(self, actor: Actor, hold: Hold, body: Json) -> Event:
        """Raises BadQuery: there is one of that name."""
        _require_owner(actor, "place a legal hold")
        with self._turn() as connection:
            if connection.execute(select(holds.c.name).where(holds.c.name == hold.name)).first():
                raise BadQuery(f"there is a legal hold {hold.name!r} already")
            values = {"name": hold.name, "library": hold.library, "first": hold.first, "last": hold.last}
            connection.execute(insert(holds), {**values, "placed_at": datetime.now(UTC)})
            said = {**body, "step": "placed", **values}
            return self._recorded(connection, Draft(LEGAL_HOLD, actor.id, hold.library or "", said))

    def lift(self, actor: Actor, name: str, body: Json) -> Event:
        """Raises NotFound."""
        _require_owner(actor, "lift a legal hold")
        with self._turn() as connection:
            if not connection.execute(delete(holds).where(holds.c.name == name)).rowcount:
                raise NotFound(f"there is no legal hold {name!r}")
            return self._recorded(connection, Draft(LEGAL_HOLD, actor.id, "", {**body, "step": "lifted", "name": name}))

    def every_hold(self) -> list[Hold]:
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            return _every_hold(connection)

    def kept_days(self) -> dict[str, int]:
        """For each library that has a limit."""
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            rows = connection.execute(select(retention.c.library, retention.c.days))
            return {row[0]: row[1] for row in rows}

    def retire(self, now: datetime) -> list[Event]:
        """Forget the months that were kept for long enough and that no hold keeps."""
        return [
            event
            for library, days in self.kept_days().items()
            if (event := self._retired(library, days, now)) is not None
        ]

    def _retired(self, library: str, days: int, now: datetime) -> Event | None:
        with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
            over = _months_over(connection, library, now - timedelta(days=days))
            held = [hold for hold in _every_hold(connection) if hold.library in (None, library)]
            going = [
                name
                for name, month in over
                if not any(hold.library == library or _overlaps(connection, hold, library, month) for hold in held)
            ]
        if not going:
            return None
        with self._turn() as connection:
            numbers = numbers_of(connection, going)
            body: Json = {"days": days, "subjects": numbers, "months": [name.rpartition("/")[2] for name in going]}
            return self._destroyed(connection, numbers, Draft(RETENTION, "picturedesk", library, body))

    def _destroyed(self, connection: Connection, numbers: Sequence[int], draft: Draft) -> Event:
        """Recorded first, so that no key goes without its event; both or neither are there in the end."""
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is freed is overwritten
        event = self._recorded(connection, draft)
        if numbers:
            destroy(connection, numbers, event.at, event.seq)
        return event

    def _recorded(self, connection: Connection, draft: Draft) -> Event:
        actor = storable(draft.actor)
        body, written = normal(draft.body)
        parts = tuple(split(actor, body, (), lambda ids: {}, written))
        return self._writer.write(connection, [Prepared(draft.kind, actor, storable(draft.library), body, parts)])[0]

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        with translating("the ledger", LedgerUnavailable), write_transaction(self._engine) as connection:
            take_turn(connection)
            yield connection


def wipe(engine: Engine) -> None:
    """Overwrite what the destroyed keys left in the database's files, as far as that can be done from here."""
    statement = "PRAGMA wal_checkpoint(TRUNCATE)" if engine.dialect.name == "sqlite" else "VACUUM ledger_subjects"
    with translating("the ledger", LedgerUnavailable), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)


def _require_owner(actor: Actor, what: str) -> None:
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not {what}: that takes the role owner")


def _every_hold(connection: Connection) -> list[Hold]:
    rows = connection.execute(select(holds).order_by(holds.c.name)).mappings()
    return [Hold(row["name"], row["library"], row["first"], row["last"]) for row in rows]


def _held_by(hold: Hold) -> ColumnElement[bool]:
    if hold.library is not None:
        return events.c.library == hold.library
    return events.c.seq.between(hold.first, hold.last)


def _is_recorded(connection: Connection, numbers: Collection[int], where: ColumnElement[bool]) -> bool:
    """Whether any event there is about one of the subjects."""
    wanted, after = set(numbers), -1
    while wanted:
        page = connection.execute(
            select(events.c.seq, events.c.sealed)
            .where(where, events.c.seq > after, events.c.sealed.is_not(None))
            .order_by(events.c.seq)
            .limit(ROWS_AT_A_TIME)
        ).all()
        if not page:
            return False
        if any(wanted.intersection(part.subjects) for _, sealed in page for part in unpacked(sealed)):
            return True
        after = page[-1][0]
    return False


def _months_over(connection: Connection, library: str, until: datetime) -> list[tuple[str, datetime]]:
    """The months of a library that ended before `until` and are not forgotten yet, with their first moment."""
    prefix = f"period:{library}/"
    wanted = select(subjects.c.name).where(subjects.c.name.startswith(prefix, autoescape=True))
    found = []
    for name in connection.execute(wanted.order_by(subjects.c.name)).scalars():
        first = datetime.strptime(name.removeprefix(prefix), "%Y-%m").replace(tzinfo=UTC)
        if _end(first) <= until:
            found.append((name, first))
    return found


def _end(month: datetime) -> datetime:
    return month + timedelta(days=monthrange(month.year, month.month)[1])


def _overlaps(connection: Connection, hold: Hold, library: str, month: datetime) -> bool:
    there = (events.c.library == library, events.c.at >= month, events.c.at < _end(month))
    return connection.execute(select(events.c.seq).where(_held_by(hold), *there).limit(1)).first() is not None
