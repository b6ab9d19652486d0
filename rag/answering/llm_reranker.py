"""Reranker over an LLM that sees the pictures: it is shown all of them at once and answers with one ranking.

Nothing it writes is trusted: the answer must be a ranking, only our numbers
count, and a reason is cut to one plain line without citations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag.answering.citations import check_citations
from rag.answering.plain_text import plain_text
from rag.answering.prompt_files import PromptFile, load_prompt
from rag.answering.prompting import as_data, build_prompt
from rag.answering.structured import json_object, whole_answer
from rag.errors import Unavailable
from rag.model import Evidence
from rag.ports import ChatModel, Reranked

LONGEST_REASON = 160


class Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    number: int
    score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    reason: str = ""


class Ranking(BaseModel):
    """What the prompt asks for."""

    model_config = ConfigDict(extra="ignore", strict=True)
    ranking: list[Entry]


class LlmReranker:
    """See `rag.ports.Reranker`.

    Args:
        chat: an LLM that takes pictures.
        seconds: for the whole answer; an LLM that drips is given up.
    """

    sees_images = True

    def __init__(self, chat: ChatModel, *, seconds: float, prompt: PromptFile | None = None) -> None:
        self._chat = chat
        self._seconds = seconds
        self._prompt = prompt or load_prompt("rerank")
        self.id = f"llm:{chat.id} {self._prompt.id}@{self._prompt.version}.{self._prompt.hash[:12]}"

    def rerank(self, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]) -> list[Reranked]:
        prompt = build_prompt(self._prompt, question, evidence, pictures)
        text = whole_answer(self._chat, prompt, self._seconds, "the ranking of the pictures")
        ranking = read_ranking(text, {item.number for item in evidence})
        if not ranking:
            raise Unavailable(f"the LLM {self._chat.id} answered with no ranking of these pictures")
        return ranking


def read_ranking(text: str, known: Collection[int]) -> list[Reranked]:
    """The ranking in an LLM's answer, best first by its scores; numbers not in `known` and repeats are dropped.

    Empty when the answer holds no ranking. Words around the JSON object, such as a code fence, do no harm.
    """
    found = json_object(text, Ranking)
    if found is None:
        return []
    first: dict[int, Entry] = {}
    for entry in found.ranking:
        if entry.number in known:
            first.setdefault(entry.number, entry)
    best_first = sorted(first.values(), key=lambda entry: -entry.score)
    return [Reranked(entry.number, entry.score, _plain(entry.reason)) for entry in best_first]


def _plain(reason: str) -> str:
    """One line without links; what looks like a citation goes, for the numbers change with the order."""
    return as_data(plain_text(check_citations(reason, ()).text), LONGEST_REASON)
