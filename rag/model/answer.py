"""What is asked and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.model.evidence import Evidence, Retrieval
from rag.model.query import Query

NEW = "new"
"""Instead of the id of a conversation: begin one."""


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
    """What is asked of a chat model: the messages, and the evidence they were rendered from.

    Attributes:
        language: ISO 639-1 code of the language to answer in; empty means that of the question.
    """

    id: str
    hash: str
    question: str
    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation, and what was answered.

    Attributes:
        standalone: the question as it was searched; empty where it was searched as asked.
    """

    question: str
    answer: str
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, after what was said before.

    Attributes:
        query: its text is the question as asked.
        history: earlier turns, oldest first; those of a stored conversation need not be given.
        strict: sentences without support are withheld, and an LLM that fails is an error.
        conversation: id of a stored one to go on with, or `NEW`; empty: nothing is stored.
    """

    query: Query
    history: tuple[Turn, ...] = ()
    strict: bool = False
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """How far the evidence that a sentence cites bears it out.

    Attributes:
        citations: evidence numbers that stand in it; none means it was compared with all of the evidence.
        overlap: share of its words that stand in captions and metadata of that evidence, in [0, 1].
        similarity: probability in [0, 1] that the sentence fits a picture of that evidence, by the encoder.
        score: both together, in [0, 1]; see `rag.answering.support`.
    """

    sentence: str
    citations: tuple[int, ...]
    overlap: float
    similarity: float
    score: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Text whose citations all resolve to evidence of its own retrieval. The last step of every answer.

    Attributes:
        composer: `extractive`, the LLM's id, or `none` for an abstention.
        notices: what the reader must know: no LLM configured, citations removed, …
        events: ledger sequence numbers: the retrieval and, once complete, the answer.
        support: of each sentence, in order; those withheld are not among them.
        standalone: the question as it was searched; empty where it was searched as asked.
        language: ISO 639-1 code of the question's language; empty where it cannot be told.
        stopped: whether whoever asked hung up before its end.
        cut_off: whether the LLM came to a limit of length or time in the midst of it.
        withheld: sentences that strict mode left out.
        removed: numbers that the LLM cited and that no evidence has.
        timings: milliseconds by step.
        conversation: id of the stored conversation that it belongs to.
        question: as asked.
    """

    text: str
    citations: tuple[int, ...]
    retrieval: Retrieval
    composer: str
    abstained: bool = False
    notices: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    support: tuple[Support, ...] = ()
    standalone: str = ""
    language: str = ""
    stopped: bool = False
    cut_off: bool = False
    withheld: int = 0
    removed: tuple[int, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    conversation: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The first step of an answer: what it will rest on, recorded."""

    retrieval: Retrieval


@dataclass(frozen=True, slots=True)
class Piece:
    """A step of an answer: more of its text, its citations checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """A step of an answer: the pieces so far are void, because the LLM broke off; others follow."""

    reason: str


Step = Retrieved | Piece | Restarted | Answer
