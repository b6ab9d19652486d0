"""A small library with an LLM at hand that does as a test tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.model import LOCAL_OWNER, Actor, Answer, Piece, Query, Question, Step
from rag.scenes import Group, Scene, draw
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.wiring import WiredServices
    from tests.services.llm import LlmServer

SCENES = {
    "A red car on a beach at noon": Scene((Group("car", "red"),), setting="beach", time_of_day="noon"),
    "A red car on a farm at night": Scene((Group("car", "red"),), setting="farm", time_of_day="night"),
    "A blue lighthouse on a beach at noon": Scene((Group("lighthouse", "blue"),), setting="beach", time_of_day="noon"),
    "A yellow cake in a kitchen": Scene((Group("cake", "yellow"),), setting="kitchen"),
}


@dataclass
class Room:
    """The library `desk`, the services over it, and the LLM.

    Attributes:
        captions: of its pictures.
    """

    services: WiredServices
    llm: LlmServer
    captions: tuple[str, ...] = field(default=tuple(SCENES))

    def says(self, *turns: Any) -> None:
        self.llm.script = list(turns)
        self.llm.requests.clear()

    def steps(self, text: str, *, actor: Actor = LOCAL_OWNER, **how: Any) -> list[Step]:
        from rag.ask import answering

        return list(answering(self.services, actor, Question(Query(text, top_k=4), **how), door="test"))

    def answer(self, text: str, **how: Any) -> Answer:
        answer = self.steps(text, **how)[-1]
        assert isinstance(answer, Answer)
        return answer

    def prompt(self, number: int = -1) -> str:
        """The texts of the messages that the LLM was sent."""
        messages = self.llm.requests[number]["messages"]
        return "\n".join(message["content"] for message in messages)

    def event(self, seq: int) -> dict[str, Any]:
        return self.services.ledger.event(LOCAL_OWNER, seq).body


def shown(steps: list[Step]) -> str:
    return "".join(step.text for step in steps if isinstance(step, Piece))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number, (caption, scene) in enumerate(SCENES.items()):
        draw(scene, 200).save(folder / f"{number}.jpg", quality=90)
        (folder / f"{number}.txt").write_text(caption)
    return folder


def opened_room(settings: Settings, pictures: Path) -> Iterator[WiredServices]:
    from rag.ingest import accept, entries_of, follow
    from rag.wiring import opened

    with opened(settings) as services:
        job = accept(services, LOCAL_OWNER, "desk", entries_of(services, pictures))
        list(follow(services, LOCAL_OWNER, job.id, every=0.05))
        yield services


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, pictures: Path, shared_llm: LlmServer) -> Iterator[Room]:
    settings = Settings(
        data=tmp_path_factory.mktemp("room"),
        llm="scripted",
        llm_url=shared_llm.url,
        llm_timeout=20,
        llm_retries=0,
        min_relevance=0.05,
    )
    for services in opened_room(settings, pictures):
        yield Room(services, shared_llm)
    shared_llm.script = []


@pytest.fixture(scope="module")
def plain_room(tmp_path_factory: pytest.TempPathFactory, pictures: Path, shared_llm: LlmServer) -> Iterator[Room]:
    """The same without an LLM."""
    for services in opened_room(Settings(data=tmp_path_factory.mktemp("plain")), pictures):
        yield Room(services, shared_llm)
