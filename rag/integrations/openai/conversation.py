"""The messages of a chat -> the question, its pictures, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.errors import BadQuery
from rag.integrations.openai.footnotes import without_footnotes
from rag.model import Turn
from rag.retrieval.checking import MOST_PARTS

PERSON, DESK = "user", "assistant"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message.

    Attributes:
        role: `user` and `assistant` count; what others say is no part of a question to a library.
        images: URLs, in order.
    """

    role: str
    words: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chat comes to.

    Attributes:
        place: which message it is, counted from 0, for errors.
        images: URLs of pictures to search by.
        history: earlier questions that were answered, oldest first.
    """

    place: int
    words: str
    images: tuple[str, ...]
    history: tuple[Turn, ...]


def asked(messages: Sequence[ChatMessage]) -> Asked:
    """The last message as a question, the earlier ones as its history; pictures of earlier ones are past.

    Raises:
        BadQuery: the last message is not the person's, is empty, or has too many pictures.
    """
    spoken = [(place, one) for place, one in enumerate(messages) if one.role in (PERSON, DESK)]
    if not spoken or spoken[-1][1].role != PERSON:
        raise BadQuery("messages must end with one of the role user: it is the question")
    place, last = spoken[-1]
    if not last.words.strip() and not last.images:
        raise BadQuery(f"messages.{place} is empty: ask something, or send a picture to search by")
    if len(last.images) > MOST_PARTS:
        raise BadQuery(f"messages.{place} has {len(last.images)} pictures; at most {MOST_PARTS} fit")
    return Asked(place, last.words.strip(), last.images, _turns([one for _, one in spoken[:-1]]))


def _turns(messages: Sequence[ChatMessage]) -> tuple[Turn, ...]:
    """Each question with the answer right behind it; one without an answer was never answered, and is left out."""
    turns = []
    for question, answer in pairwise(messages):
        if question.role == PERSON and answer.role == DESK and question.words.strip():
            turns.append(Turn(question.words.strip(), without_footnotes(answer.words)))
    return tuple(turns)
