"""What every Generations promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from rag.errors import BadRequest, NotFound
from rag.library.generations import SqlGenerations
from rag.model import GenerationState
from rag.ports import Generations
from rag.ports.generations import QUEUED

LIVE, READY, PREVIOUS = GenerationState.LIVE, GenerationState.READY, GenerationState.PREVIOUS
DROPPED, WANTED = GenerationState.DROPPED, GenerationState.WANTED


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def generations(engine: Engine, clock: Clock) -> Generations:
    return SqlGenerations(engine, clock)


def states(generations: Generations) -> list[GenerationState]:
    return [one.state for one in generations.every()]


def complete(generations: Generations, encoder: str) -> int:
    """Another encoder, up to where it can be switched to."""
    number = generations.want(encoder).number
    generations.describe(number, encoder, f"{encoder}@1", f"visuals_{encoder}", {})
    generations.fill(number)
    generations.ready(number, {"queries": 3})
    return number


def test_the_first_encoder_is_live_and_whoever_comes_later_finds_it(generations: Generations) -> None:
    first = generations.found("demo", "demo@1", "visuals_demo")
    assert (first.number, first.state) == (1, LIVE)
    assert generations.found("other", "other@1", "visuals_other") == first


def test_processes_that_start_together_agree_on_one(generations: Generations) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: generations.found(name, f"{name}@1", f"visuals_{name}"), "abcdefgh"))
    assert len({one.encoder for one in found}) == 1
    assert states(generations) == [LIVE]


def test_a_switch_and_the_way_back_swap_two_generations(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    new = complete(generations, "new")
    assert generations.get(new).report == {"queries": 3}
    generations.switch(new)
    assert states(generations) == [PREVIOUS, LIVE]
    generations.switch(new)
    assert states(generations) == [PREVIOUS, LIVE]
    generations.switch(1)
    assert states(generations) == [LIVE, PREVIOUS]


def test_only_what_is_complete_becomes_live(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    number = generations.want("new").number
    for _ in range(2):
        with pytest.raises(BadRequest, match="only a complete one"):
            generations.switch(number)
        generations.fill(number)
    with pytest.raises(NotFound, match="generation 9"):
        generations.switch(9)


def test_one_at_a_time_is_on_its_way(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    generations.want("new")
    with pytest.raises(BadRequest, match=r"generation 2 \(new\) is wanted already"):
        generations.want("newer")
    generations.give_up(2, "no such model")
    assert (generations.get(2).state, generations.get(2).trouble) == (DROPPED, "no such model")
    assert generations.want("newer").number == 3


def test_the_next_wish_lets_the_previous_one_go(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    generations.switch(complete(generations, "new"))
    generations.want("newer")
    assert states(generations) == [DROPPED, LIVE, WANTED]


def test_the_live_one_is_neither_dropped_nor_given_up(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    with pytest.raises(BadRequest, match="is live"):
        generations.drop(1)
    generations.give_up(1, "never mind")
    assert states(generations) == [LIVE]


def test_what_was_dropped_does_not_come_back(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    number = complete(generations, "new")
    generations.drop(number)
    generations.fill(number)
    generations.ready(number, {})
    with pytest.raises(BadRequest, match="dropped"):
        generations.switch(number)
    generations.removed(number)
    assert generations.get(number).collection == ""


def test_one_worker_at_a_time_and_another_when_it_is_gone(generations: Generations, clock: Clock) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    number = generations.want("new").number
    assert generations.lease(number, "a", 15)
    assert not generations.lease(number, "b", 15)
    clock.passes(10)
    assert generations.lease(number, "a", 15)
    assert generations.get(number).leased
    clock.passes(10)
    assert not generations.lease(number, "b", 15)
    clock.passes(6)
    assert generations.lease(number, "b", 15)
    generations.release(number, "a")
    assert generations.get(number).leased
    generations.release(number, "b")
    assert generations.lease(number, "a", 15)


def test_a_task_is_sent_once_and_its_worker_takes_over(generations: Generations, clock: Clock) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    number = generations.want("new").number
    assert generations.lease(number, QUEUED, 60)
    assert not generations.lease(number, QUEUED, 60)
    assert not generations.get(number).leased
    assert generations.lease(number, "a", 15)
    assert not generations.lease(number, QUEUED, 60)
    clock.passes(16)
    assert generations.lease(number, QUEUED, 60)


def test_what_needs_no_work_is_not_leased(generations: Generations) -> None:
    generations.found("demo", "demo@1", "visuals_demo")
    number = complete(generations, "new")
    assert not generations.lease(number, "a", 15)
    assert not generations.lease(1, "a", 15)


def test_progress_clears_the_trouble_there_was(generations: Generations) -> None:
    number = generations.want("new").number
    generations.stumble(number, "Qdrant did not answer")
    assert generations.get(number).trouble == "Qdrant did not answer"
    generations.progress(number, 3, 10)
    found = generations.get(number)
    assert (found.done, found.total, found.trouble) == (3, 10, "")
