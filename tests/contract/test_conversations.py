"""What every Conversations promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from rag.errors import NotFound
from rag.library.conversations import SqlConversations
from rag.model import Actor, Turn
from rag.ports import Conversations

ANN, BOB = (Actor(name, frozenset({"reader"})) for name in ("ann", "bob"))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def conversations(engine: Engine) -> Conversations:
    return SqlConversations(engine, Clock())


def test_turns_come_back_in_order_with_their_events(conversations: Conversations) -> None:
    one = conversations.begin(ANN, "red cars")
    conversations.add(ANN, one, Turn("red cars", "Two fit [1][2]."), events=(3, 4))
    conversations.add(ANN, one, Turn("and at night?", "None.", "red cars at night"), events=(5, 6), abstained=True)
    first, second = conversations.turns(ANN, one)
    assert (first.turn.question, first.events, first.abstained) == ("red cars", (3, 4), False)
    assert (second.turn.standalone, second.events, second.abstained) == ("red cars at night", (5, 6), True)
    assert first.at < second.at
    assert conversations.get(ANN, one).turns == 2


def test_the_history_is_the_last_turns_oldest_first(conversations: Conversations) -> None:
    one = conversations.begin(ANN, "0")
    for number in range(5):
        conversations.add(ANN, one, Turn(str(number), "x"))
    assert [turn.question for turn in conversations.history(ANN, one, limit=3)] == ["2", "3", "4"]


def test_those_that_changed_last_come_first_page_by_page(conversations: Conversations) -> None:
    ids = [conversations.begin(ANN, str(number)) for number in range(5)]
    conversations.add(ANN, ids[0], Turn("again", "x"))
    first = conversations.every(ANN, limit=2)
    assert [one.id for one in first] == [ids[0], ids[4]]
    after = first[-1].changed_at, first[-1].id
    assert [one.id for one in conversations.every(ANN, limit=9, before=after)] == [ids[3], ids[2], ids[1]]


def test_nobody_else_reads_continues_or_deletes_one(conversations: Conversations) -> None:
    one = conversations.begin(ANN, "secret")
    conversations.add(ANN, one, Turn("secret", "x"))
    assert conversations.every(BOB) == []
    owner = Actor("owner", frozenset({"owner"}), libraries=frozenset({"*"}))
    for stranger in (BOB, owner):
        with pytest.raises(NotFound, match="no conversation"):
            conversations.turns(stranger, one)
        with pytest.raises(NotFound):
            conversations.add(stranger, one, Turn("mine", "x"))
        with pytest.raises(NotFound):
            conversations.delete(stranger, one)
    assert len(conversations.turns(ANN, one)) == 1


def test_a_deleted_one_is_gone_with_its_turns(conversations: Conversations) -> None:
    one = conversations.begin(ANN, "gone")
    conversations.add(ANN, one, Turn("gone", "x"))
    conversations.delete(ANN, one)
    for read in (conversations.get, conversations.turns, conversations.delete):
        with pytest.raises(NotFound):
            read(ANN, one)
    with pytest.raises(NotFound):
        conversations.add(ANN, one, Turn("late", "x"))
    assert conversations.every(ANN) == []


def test_turns_added_at_once_are_all_kept(conversations: Conversations) -> None:
    one = conversations.begin(ANN, "busy")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: conversations.add(ANN, one, Turn(str(number), "x")), range(24)))
    assert sorted(int(turn.turn.question) for turn in conversations.turns(ANN, one)) == list(range(24))


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 10_000, "emoji 🚗 漢字"])
def test_any_text_can_be_asked(conversations: Conversations, text: str) -> None:
    one = conversations.begin(ANN, text)
    conversations.add(ANN, one, Turn(text, text))
    kept = conversations.turns(ANN, one)[0].turn.question
    assert kept == text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def test_one_that_never_was_is_not_there(conversations: Conversations) -> None:
    for name in ("", "new", "\x00", "x" * 5_000):
        with pytest.raises(NotFound):
            conversations.history(ANN, name, limit=3)
