"""Appending: drafts become rows, numbered, dated, chained and sealed, within one transaction that is alone."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, text

from rag.audit.canonical import normal
from rag.audit.leaf import FIRST_PREVIOUS, VERSION, Leaf
from rag.audit.parts import Part, split
from rag.audit.rows import Row, event_with
from rag.audit.sealing import packed, seal
from rag.audit.subjects import SubjectKeys
from rag.audit.tables import erasures, events
from rag.audit.tiles import WIDTH, extend
from rag.audit.verifier import event_commitment
from rag.errors import LedgerUnavailable, Rejected
from rag.library.columns import among, storable
from rag.library.tables import visuals
from rag.library.transactions import translating
from rag.model import Event, Json
from rag.ports import Draft

APPEND_LOCK = zlib.crc32(b"picturedesk.ledger")
SKEW = timedelta(minutes=1)
MOST_REMEMBERED = 50_000

_ERASURES = select(erasures.c.count).scalar_subquery().label("erasures")
_MASTER = select(erasures.c.master).scalar_subquery().label("master")
_NEWEST = select(events.c.seq, events.c.at, events.c.hash, _ERASURES, _MASTER).order_by(events.c.seq.desc()).limit(1)
_INSERT = insert(events)
_DURABLY = text("SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(:key)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft as it can be stored; all that could be done without keeping others waiting."""

    kind: str
    actor: str
    library: str
    body: Json
    parts: tuple[Part, ...]


class Preparing:
    """Splits drafts into parts; knows which assets visuals belong to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._assets: dict[str, str] = {}

    def __call__(self, draft: Draft) -> Prepared:
        """Raises Rejected: the body is no JSON."""
        kind, actor, library = storable(draft.kind), storable(draft.actor), storable(draft.library)
        try:
            body, written = normal(draft.body)
        except (TypeError, ValueError) as error:
            raise Rejected(f"this {draft.kind} event cannot be recorded: {error}") from error
        return Prepared(kind, actor, library, body, tuple(split(actor, body, draft.about, self._asset_of, written)))

    def _asset_of(self, ids: Collection[str]) -> Mapping[str, str]:
        if missing := [one for one in ids if one not in self._assets]:
            if len(self._assets) > MOST_REMEMBERED:
                self._assets = {}
            with translating("the ledger", LedgerUnavailable), self._engine.connect() as connection:
                condition = among(visuals.c.id, "ids", connection.dialect.name)
                found = connection.execute(select(visuals.c.id, visuals.c.asset_id).where(condition), {"ids": missing})
                self._assets.update({row[0]: row[1] for row in found})
        return {one: self._assets[one] for one in ids if one in self._assets}


class Writer:
    """Writes prepared drafts.

    Args:
        clock: the time now, aware.
    """

    def __init__(self, subjects: SubjectKeys, clock: Callable[[], datetime]) -> None:
        self._subjects = subjects
        self._clock = clock

    def write(self, connection: Connection, drafts: Sequence[Prepared]) -> list[Event]:
        """For a transaction that has its turn: see `take_turn`. Durable once that is committed."""
        newest: Row | None = newest_of(connection)
        before = 0 if newest is None else newest["seq"] + 1
        size = before + len(drafts)
        rows: list[dict[str, Any]] = []
        found: list[Event] = []
        now = self._clock().astimezone(UTC)
        keys = self._keys(connection, drafts, now, newest)
        for draft in drafts:
            rows.append(self._row(newest, draft, now, keys))
            newest = rows[-1]
            found.append(event_with(newest, draft.actor, draft.body))
        connection.execute(_INSERT, rows if len(rows) > 1 else rows[0])
        if before // WIDTH != size // WIDTH:
            extend(connection, size)
        return found

    def _keys(
        self, connection: Connection, drafts: Sequence[Prepared], now: datetime, newest: Row | None
    ) -> Mapping[str, tuple[int, bytes]]:
        at = dated(now, newest)
        names = {name for draft in drafts for part in draft.parts for name in part.subjects}
        names |= {period(draft.library, at) for draft in drafts}
        state = None if newest is None else (newest["erasures"], newest["master"])
        return self._subjects.of(connection, sorted(names), at, state=state)

    def _row(
        self, newest: Row | None, draft: Prepared, now: datetime, keys: Mapping[str, tuple[int, bytes]]
    ) -> dict[str, Any]:
        at, seq = dated(now, newest), 0 if newest is None else newest["seq"] + 1
        previous = FIRST_PREVIOUS if newest is None else newest["hash"]
        month = keys[period(draft.library, at)]
        parts = [seal(part.content, [month, *(keys[name] for name in part.subjects)]) for part in draft.parts]
        commitment = event_commitment(VERSION, [part.commitment for part in parts]).hex()
        return {
            "seq": seq,
            "at": at,
            "kind": draft.kind,
            "actor": str(keys[f"actor:{draft.actor}"][0]),
            "library": draft.library,
            "payload": "",
            "salt": None,
            "commitment": commitment,
            "previous": previous,
            "hash": Leaf(seq, at, draft.kind, draft.library, commitment, previous).hash,
            "v": VERSION,
            "sealed": packed(parts),
        }


def take_turn(connection: Connection) -> None:
    """Wait until no other append is under way. On SQLite, BEGIN IMMEDIATE has waited already."""
    if connection.dialect.name == "postgresql":
        connection.execute(_DURABLY, {"key": APPEND_LOCK})


def newest_of(connection: Connection) -> RowMapping | None:
    """With how many erasures there were, and under which master key: who appends needs both, and one look for all."""
    return connection.execute(_NEWEST).mappings().one_or_none()


def period(library: str, at: datetime) -> str:
    """The subject whose key every part recorded of a library in one month needs."""
    return f"period:{library}/{at:%Y-%m}"


def dated(now: datetime, newest: Row | None) -> datetime:
    """The time of the next event: never a little before its predecessor."""
    if newest is not None and timedelta(0) < newest["at"] - now <= SKEW:
        at: datetime = newest["at"]
        return at
    return now
