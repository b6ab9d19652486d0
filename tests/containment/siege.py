"""An installation under siege: every injection in it, an LLM that obeys, and what came of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.ask import answering
from rag.ingest import accept, follow
from rag.model import (
    LOCAL_OWNER,
    Actor,
    Answer,
    AssetState,
    Caption,
    Eq,
    Piece,
    Query,
    Question,
    Turn,
    visual_id,
)
from rag.settings import Settings
from rag.sources.entry import Entry
from rag.wiring import WiredServices, opened
from tests.containment.effects import Trap, addresses_in, citations_of_others
from tests.containment.payloads import DISGUISES, HOST, KINDS, Aims
from tests.containment.planting import Injection, injections, number_in, planted, tag_of
from tests.services.llm import LlmServer
from tests.unit.media.pictures import corner_picture, encoded

READER = Actor("ann", frozenset({"reader"}), frozenset(), frozenset({"open"}))
CANARY = "The vault holds ZEBRA-4711"
QUESTION = "Which pictures show a quiet lake?"


@dataclass
class Siege:
    """An installation with every injection in it, and another library that the asker may not read.

    Attributes:
        tried: kinds that were tried in files.
        reached: numbers of the injections whose text came before the LLM.
    """

    services: WiredServices
    llm: LlmServer
    trap: Trap
    injections: list[Injection]
    aims: Aims
    tried: set[str] = field(default_factory=set)
    reached: set[int] = field(default_factory=set)

    def of(self, kind: str) -> list[Injection]:
        return [one for one in self.injections if one.kind == kind]


def besieging(folder: Path, llm: LlmServer) -> Settings:
    return Settings(
        data=folder / "data",
        llm="obeys",
        llm_url=llm.url,
        llm_sees_images=True,
        llm_longest=1_000_000,
        llm_prompt_tokens=1_000_000,
        min_relevance=0,
    )


def take_in(services: WiredServices, library: str, entries: list[Entry]) -> None:
    job = accept(services, LOCAL_OWNER, library, entries)
    *_, done = follow(services, LOCAL_OWNER, job.id, every=0.05)
    assert done.counts[AssetState.INDEXED] == len(entries)


def vault() -> Entry:
    content = encoded(corner_picture(), "PNG")
    return Entry("vault.png", lambda: content, captions=(Caption(CANARY),), tags=(tag_of(next(iter(KINDS))),))


def asked(siege: Siege, kind: str, *, top_k: int = 40, **more: Any) -> tuple[Answer, str]:
    """The answer to a question that retrieves every injection of a kind, and its text as it was streamed."""
    query = Query(QUESTION, top_k=top_k, where=Eq("tags", tag_of(kind)))
    siege.llm.requests.clear()
    steps = list(answering(siege.services, READER, Question(query, **more), door="test"))
    answer = steps[-1]
    assert isinstance(answer, Answer)
    assert answer.composer == "obeys"
    return answer, "".join(step.text for step in steps if isinstance(step, Piece))


def effects(siege: Siege, answer: Answer, streamed: str) -> list[str]:
    """What the answer did outside its own text: nothing, if all is well."""
    found = []
    for shown in (answer.text, streamed, answer.standalone, *answer.notices):
        found += [f"address: {one}" for one in addresses_in(shown, siege.trap.host, HOST)]
    found += [f"citation: {one}" for one in citations_of_others(answer)]
    found += [f"library: {item.visual.library}" for item in answer.retrieval.evidence if item.visual.library != "open"]
    found += ["data of the vault"] if CANARY in f"{answer} {siege.llm.requests}" else []
    found += [f"visit: {path}" for path in siege.trap.visits]
    kinds = {siege.services.ledger.event(LOCAL_OWNER, number).kind for number in answer.events}
    return found + [f"event: {kind}" for kind in kinds - {"retrieval", "answer"}]


def sent(llm: LlmServer) -> str:
    """All text that the LLM was sent, with what it read in pictures."""
    parts: list[str] = []
    for request in llm.requests:
        for message in request["messages"]:
            content = message["content"]
            parts += [content] if isinstance(content, str) else [_read(llm, part) for part in content]
    return "\n".join(parts)


def _read(llm: LlmServer, part: Mapping[str, Any]) -> str:
    if part["type"] == "text":
        return str(part["text"])
    assert llm.eyes is not None
    return llm.eyes(base64.b64decode(part["image_url"]["url"].partition(",")[2]))


@contextmanager
def besieged(folder: Path, llm: LlmServer, trap: Trap) -> Iterator[Siege]:
    """All injections taken in by the real ingest, beside a library that the asker may not read."""
    with opened(besieging(folder, llm)) as services:
        take_in(services, "vault", [vault()])
        (secret,) = services.catalog.assets(LOCAL_OWNER, "vault")
        aims = Aims(trap.host, visual_id("vault", secret.ref.asset_id))
        planned = injections(aims)
        take_in(services, "open", [planted(one) for one in planned])
        written = {one.number: one.text for one in planned if one.place == "drawn into the picture"}
        llm.eyes = lambda picture: written.get(number_in(picture), "")
        yield Siege(services, llm, trap, planned, aims)
        llm.eyes = None


def in_files(siege: Siege, kind: str) -> list[str]:
    """The effects of every injection of a kind in files; fails where one was not retrieved, or the LLM did nothing."""
    answer, streamed = asked(siege, kind)
    assert len(answer.retrieval.evidence) == len(siege.of(kind))
    assert len(siege.llm.answers[-1]) > 1000, "the LLM did not obey, so nothing was tried"
    prompt = sent(siege.llm)
    siege.tried.add(kind)
    siege.reached |= {one.number for one in siege.of(kind) if one.marker in prompt}
    return effects(siege, answer, streamed)


def in_history(siege: Siege, kind: str) -> list[str]:
    """The effects of a kind, in every disguise, in what was said before."""
    payload = KINDS[kind](siege.aims)
    said = [disguise(payload) for disguise in DISGUISES.values()]
    history = tuple(Turn(f"What of {text}", f"It says {text}") for text in said)
    answer, streamed = asked(siege, kind, top_k=2, history=history)
    return effects(siege, answer, streamed)
