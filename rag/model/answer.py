"""What is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.model.evidence import Evidence, Retrieval


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an LLM.

    Attributes:
        images: evidence numbers whose pictures stand in this message, each behind its label.
    """

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of a chat model: the messages, and the evidence they were rendered from."""

    id: str
    hash: str
    question: str
    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    pictures: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Text whose citations all resolve to evidence of its own retrieval.

    Attributes:
        composer: `extractive`, or the LLM's id.
        notices: what the reader must know: no LLM configured, citations removed, …
        events: ledger sequence numbers: the retrieval and, once complete, the answer.
    """

    text: str
    citations: tuple[int, ...]
    retrieval: Retrieval
    composer: str
    abstained: bool = False
    notices: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
