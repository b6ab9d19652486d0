"""Captions -> questions as people ask them, and captions as another person would have written them.

Questions differ from captions: they are shorter, and often wrapped in "which pictures
show …". And a caption always matches itself, while people use other words: where a
visual has one caption only, it is met with a third of its words left out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from rag.indexing.bm25 import document_vector, query_vector

ASKED = (
    "Which pictures show {}?",
    "Is there {}?",
    "show me {}",
    "pictures of {}",
    "Do we have a picture of {}?",
    "find {}",
    "photo of {}",
    "Where is {}?",
)
WHOLE, FRAGMENT = 0.4, 0.6
"""Shares of questions that say a whole caption, and a few words of one."""

LONGEST_FRAGMENT = 4
"""Words that carry meaning, stop words between them not counted."""

AS_QUESTION = 0.35
"""Share of questions that are put as one; only where captions are English."""

LEFT_OUT = 0.33
"""Of a caption's words, how many a second person would not have used. Two people who describe one photograph share
about half to two thirds of their content words."""


@dataclass(frozen=True, slots=True)
class Question:
    """Attributes:
    text: as asked.
    stated: what of it a visual must show, without the words of asking.
    """

    text: str
    stated: str


def question_from(caption: str, rng: random.Random, *, english: bool) -> Question:
    """What somebody who wants this picture might ask."""
    stated = caption if rng.random() < WHOLE else fragment(caption, rng)
    if not english or rng.random() >= AS_QUESTION:
        return Question(stated, stated)
    return Question(rng.choice(ASKED).format(_as_middle(stated)), stated)


def fragment(caption: str, rng: random.Random) -> str:
    """One to four words in a row that carry meaning, with the stop words between them; all where there are no more."""
    words = caption.rstrip(".!?").split()
    places = [at for at, word in enumerate(words) if query_vector(word).indices]
    if not places:
        return caption
    wanted = rng.randint(1, min(LONGEST_FRAGMENT, len(places)))
    start = rng.randrange(len(places) - wanted + 1)
    return " ".join(words[places[start] : places[start + wanted - 1] + 1]).strip(",;:")


def reworded(caption: str, rng: random.Random) -> str:
    """The caption with about a third of the words that carry meaning left out; at least one of them stays."""
    words = caption.split()
    carrying = [at for at, word in enumerate(words) if query_vector(word).indices]
    lost = {at for at in carrying if rng.random() < LEFT_OUT}
    if carrying and len(lost) == len(carrying):
        lost.discard(rng.choice(carrying))
    return " ".join(word for at, word in enumerate(words) if at not in lost)


def says(caption: str, stated: str) -> bool | None:
    """Whether a caption says what was asked for.

    Returns:
        True: all of its words, in their order. None: all, in another order, so nobody
        knows ("a red car beside a blue house" has the words of "a blue car beside a red
        house"). False: not all of them.
    """
    wanted, said = _terms(stated), _terms(caption)
    if not wanted or not set(wanted) <= set(said):
        return False
    rest = iter(said)
    return True if all(term in rest for term in wanted) else None


@lru_cache(maxsize=16_384)
def _terms(text: str) -> tuple[int, ...]:
    """The terms of a text in its order."""
    return tuple(index for word in text.split() for index in document_vector(word).indices)


def _as_middle(words: str) -> str:
    """Without the capital of a sentence's first word, unless more of the word is in capitals."""
    first, space, rest = words.rstrip(".").partition(" ")
    return (first.lower() if first[1:].islower() or len(first) == 1 else first) + space + rest
