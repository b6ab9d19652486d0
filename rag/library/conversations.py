"""Conversations over SQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, delete, func, insert, or_, select, update

from rag.errors import NotFound
from rag.library.columns import storable, utc_now
from rag.library.tables import conversation_turns, conversations
from rag.library.transactions import reading, writing
from rag.model import Actor, Conversation, KeptTurn, Turn
from rag.ports import ERASED

LONGEST_TITLE = 200


class SqlConversations:
    """See `rag.ports.Conversations`. Safe to use from several threads and processes.

    Args:
        engine: from `open_database`, and migrated.
        clock: the time now, aware.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, actor: Actor, title: str, name: str = "") -> str:
        now, name = self._clock(), name or str(uuid.uuid4())
        row = {"id": name, "actor": actor.id, "title": title[:LONGEST_TITLE], "began_at": now, "changed_at": now}
        with writing(self._engine) as connection:
            connection.execute(insert(conversations), row)
        return name

    def history(self, actor: Actor, conversation: str, *, limit: int) -> list[Turn]:
        with reading(self._engine) as connection:
            _require(connection, actor, conversation)
            newest = _turns_of(conversation).order_by(conversation_turns.c.number.desc()).limit(limit)
            return [_turn(row) for row in reversed(connection.execute(newest).mappings().all())]

    def add(
        self, actor: Actor, conversation: str, turn: Turn, *, events: tuple[int, ...] = (), abstained: bool = False
    ) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            touched = update(conversations).where(*_own(actor, conversation)).values(changed_at=now)
            if not connection.execute(touched).rowcount:  # locks the row, so that turns are numbered one by one
                raise _unknown(conversation)
            row = {
                "conversation": conversation,
                "number": _next_number(connection, conversation),
                "at": now,
                "question": turn.question,
                "standalone": turn.standalone,
                "answer": turn.answer,
                "abstained": abstained,
                "events": {"events": list(events)},
            }
            connection.execute(insert(conversation_turns), row)

    def every(self, actor: Actor, *, limit: int = 50, before: tuple[datetime, str] | None = None) -> list[Conversation]:
        changed, name = conversations.c.changed_at, conversations.c.id
        page = _described().where(conversations.c.actor == storable(actor.id))
        if before is not None:
            at, last = before
            page = page.where(or_(changed < at, and_(changed == at, name < last)))
        page = page.order_by(changed.desc(), name.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [_conversation(row) for row in connection.execute(page).mappings()]

    def get(self, actor: Actor, conversation: str) -> Conversation:
        with reading(self._engine) as connection:
            row = connection.execute(_described().where(*_own(actor, conversation))).mappings().one_or_none()
        if row is None:
            raise _unknown(conversation)
        return _conversation(row)

    def turns(self, actor: Actor, conversation: str) -> list[KeptTurn]:
        with reading(self._engine) as connection:
            _require(connection, actor, conversation)
            rows = connection.execute(_turns_of(conversation).order_by(conversation_turns.c.number)).mappings()
            return [
                KeptTurn(_turn(row), row["at"], tuple(row["events"].get("events", ())), row["abstained"])
                for row in rows
            ]

    def recorded(self) -> list[int]:
        with reading(self._engine) as connection:
            found = connection.execute(select(conversation_turns.c.events)).scalars()
            return sorted({seq for events in found for seq in events.get("events", ())})

    def resting_on(self, events: Collection[int]) -> int:
        with reading(self._engine) as connection:
            return len(_resting_on(connection, events))

    def forget(self, events: Collection[int]) -> int:
        with writing(self._engine) as connection:
            gone = _resting_on(connection, events)
            for row in gone:
                turn = (
                    conversation_turns.c.conversation == row["conversation"],
                    conversation_turns.c.number == row["number"],
                )
                connection.execute(delete(conversation_turns).where(*turn))
                if row["number"] == 1:  # the title is its question
                    titled = update(conversations).where(conversations.c.id == row["conversation"])
                    connection.execute(titled.values(title=ERASED))
        return len(gone)

    def delete(self, actor: Actor, conversation: str) -> None:
        with writing(self._engine) as connection:
            if not connection.execute(delete(conversations).where(*_own(actor, conversation))).rowcount:
                raise _unknown(conversation)


def _resting_on(connection: Connection, events: Collection[int]) -> list[RowMapping]:
    wanted = set(events)
    rows = connection.execute(select(conversation_turns)).mappings().all()
    return [row for row in rows if wanted.intersection(row["events"].get("events", ()))]


def _own(actor: Actor, conversation: str) -> list[Any]:
    return [conversations.c.id == storable(conversation), conversations.c.actor == storable(actor.id)]


def _require(connection: Connection, actor: Actor, conversation: str) -> None:
    if connection.execute(select(conversations.c.id).where(*_own(actor, conversation))).first() is None:
        raise _unknown(conversation)


def _unknown(conversation: str) -> NotFound:
    return NotFound(f"there is no conversation {conversation!r} of yours")


def _turns_of(conversation: str) -> Select[Any]:
    return select(conversation_turns).where(conversation_turns.c.conversation == storable(conversation))


def _next_number(connection: Connection, conversation: str) -> int:
    newest = select(func.max(conversation_turns.c.number)).where(conversation_turns.c.conversation == conversation)
    return (connection.execute(newest).scalar() or 0) + 1


def _described() -> Select[Any]:
    same = conversation_turns.c.conversation == conversations.c.id
    counted = select(func.count()).select_from(conversation_turns).where(same).scalar_subquery()
    return select(conversations, counted.label("turns"))


def _conversation(row: RowMapping) -> Conversation:
    return Conversation(row["id"], row["title"], row["began_at"], row["changed_at"], row["turns"])


def _turn(row: RowMapping) -> Turn:
    return Turn(row["question"], row["answer"], row["standalone"])
