"""The generations over SQL. Changes take turns, so that there is never more than one live."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, false, func, insert, select, text, update

from rag.errors import BadRequest, NotFound
from rag.library.columns import utc_now
from rag.library.tables import generations
from rag.library.transactions import reading, writing
from rag.model import COMING, COMPLETE, Generation, GenerationState
from rag.ports.generations import QUEUED

TURN = zlib.crc32(b"picturedesk.generations")

WORKED_ON = frozenset({GenerationState.WANTED, GenerationState.FILLING})


class SqlGenerations:
    """See `rag.ports.Generations`. Safe to use from several threads and processes.

    Args:
        engine: from `open_database`, and migrated.
        clock: the time now, aware.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def every(self) -> list[Generation]:
        with reading(self._engine) as connection:
            return self._every(connection)

    def get(self, number: int) -> Generation:
        with reading(self._engine) as connection:
            return self._get(connection, number)

    def found(self, encoder: str, encoder_id: str, collection: str) -> Generation:
        with self._changing() as connection:
            live = _in_state(self._every(connection), GenerationState.LIVE)
            state = GenerationState.LIVE
            return live or self._add(connection, encoder, state, encoder_id=encoder_id, collection=collection)

    def want(
        self, encoder: str, *, based_on: int | None = None, options: Mapping[str, Any] | None = None
    ) -> Generation:
        with self._changing() as connection:
            every = self._every(connection)
            if coming := next((one for one in every if one.state in COMING), None):
                raise BadRequest(
                    f"generation {coming.number} ({coming.encoder or 'an adapter'}) is {coming.state.value} already: "
                    f"picturedesk encoder switch, or picturedesk encoder drop {coming.number}"
                )
            if previous := _in_state(every, GenerationState.PREVIOUS):
                self._set(connection, previous.number, state=GenerationState.DROPPED)
            given = json.dumps(dict(options or {}))
            return self._add(connection, encoder, GenerationState.WANTED, based_on=based_on, options=given)

    def describe(self, number: int, encoder: str, encoder_id: str, collection: str, report: Mapping[str, Any]) -> None:
        found = {"encoder": encoder, "encoder_id": encoder_id, "collection": collection}
        with self._changing() as connection:
            self._set(connection, number, **found, report=json.dumps(dict(report)))

    def fill(self, number: int) -> None:
        with self._changing() as connection:
            if self._get(connection, number).state is GenerationState.WANTED:
                self._set(connection, number, state=GenerationState.FILLING)

    def progress(self, number: int, done: int, total: int) -> None:
        with writing(self._engine) as connection:
            self._set(connection, number, done=done, total=total, trouble="")

    def ready(self, number: int, report: Mapping[str, Any]) -> None:
        with self._changing() as connection:
            if self._get(connection, number).state is GenerationState.FILLING:
                self._set(connection, number, state=GenerationState.READY, report=json.dumps(dict(report)), trouble="")

    def give_up(self, number: int, trouble: str) -> None:
        with self._changing() as connection:
            if self._get(connection, number).state in COMING:
                self._set(connection, number, state=GenerationState.DROPPED, trouble=trouble)

    def stumble(self, number: int, trouble: str) -> None:
        with writing(self._engine) as connection:
            self._set(connection, number, trouble=trouble)

    def switch(self, number: int) -> Generation:
        with self._changing() as connection:
            wanted = self._get(connection, number)
            if wanted.state is GenerationState.LIVE:
                return wanted
            if wanted.state not in COMPLETE:
                raise BadRequest(f"generation {number} is {wanted.state.value}; only a complete one can become live")
            every = self._every(connection)
            for one in every:
                if one.state is GenerationState.PREVIOUS and one.number != number:
                    self._set(connection, one.number, state=GenerationState.DROPPED)
            if live := _in_state(every, GenerationState.LIVE):
                self._set(connection, live.number, state=GenerationState.PREVIOUS)
            self._set(connection, number, state=GenerationState.LIVE, trouble="")
            return self._get(connection, number)

    def drop(self, number: int) -> Generation:
        with self._changing() as connection:
            found = self._get(connection, number)
            if found.state is GenerationState.LIVE:
                raise BadRequest(f"generation {number} is live; picturedesk encoder rollback, or migrate, goes before")
            if found.state is not GenerationState.DROPPED:
                self._set(connection, number, state=GenerationState.DROPPED)
            return self._get(connection, number)

    def removed(self, number: int) -> None:
        with self._changing() as connection:
            self._set(connection, number, collection="")

    def lease(self, number: int, owner: str, seconds: float) -> bool:
        now = self._clock()
        mine = false() if owner == QUEUED else generations.c.leased_by.in_((owner, QUEUED))
        free = (generations.c.leased_until <= now) | mine
        wanted = (generations.c.number == number) & generations.c.state.in_(WORKED_ON)
        change = update(generations).where(wanted, free)
        with writing(self._engine) as connection:
            taken = connection.execute(change.values(leased_by=owner, leased_until=now + timedelta(seconds=seconds)))
            return taken.rowcount > 0

    def release(self, number: int, owner: str) -> None:
        mine = (generations.c.number == number) & (generations.c.leased_by == owner)
        with writing(self._engine) as connection:
            connection.execute(update(generations).where(mine).values(leased_by="", leased_until=self._clock()))

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN})
            yield connection

    def _every(self, connection: Connection) -> list[Generation]:
        rows = connection.execute(select(generations).order_by(generations.c.number)).mappings()
        return [_generation(row, self._clock()) for row in rows]

    def _get(self, connection: Connection, number: int) -> Generation:
        row = connection.execute(select(generations).where(generations.c.number == number)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no generation {number}; picturedesk encoder list shows them")
        return _generation(row, self._clock())

    def _add(self, connection: Connection, encoder: str, state: GenerationState, **values: object) -> Generation:
        now = self._clock()
        number = (connection.execute(select(func.max(generations.c.number))).scalar() or 0) + 1
        row = {
            **dict.fromkeys(("encoder_id", "collection", "trouble", "leased_by"), ""),
            **dict.fromkeys(("created_at", "changed_at", "leased_until"), now),
            **dict.fromkeys(("options", "report"), "{}"),
            "number": number,
            "encoder": encoder,
            "state": state,
            "done": 0,
            "total": 0,
            **values,
        }
        connection.execute(insert(generations), row)
        return self._get(connection, number)

    def _set(self, connection: Connection, number: int, **values: object) -> None:
        if "state" in values:
            values["changed_at"] = self._clock()
        connection.execute(update(generations).where(generations.c.number == number).values(**values))


def _in_state(every: list[Generation], state: GenerationState) -> Generation | None:
    return next((one for one in every if one.state is state), None)


def _generation(row: RowMapping, now: datetime) -> Generation:
    return Generation(
        number=row["number"],
        encoder=row["encoder"],
        state=GenerationState(row["state"]),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        encoder_id=row["encoder_id"],
        collection=row["collection"],
        based_on=row["based_on"],
        done=row["done"],
        total=row["total"],
        trouble=row["trouble"],
        options=json.loads(row["options"]),
        report=json.loads(row["report"]),
        leased=row["leased_by"] not in ("", QUEUED) and row["leased_until"] > now,
    )
