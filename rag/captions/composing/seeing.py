"""A sentence about a picture, built up from pieces of captions by what raises its likeness to the picture.

Things first, then their qualities, then circumstances of the nearest captions, as long as each makes the sentence
closer to the picture. Where people tagged the picture, pieces that their tags bear out are preferred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from rag.captions.composing.vocabulary import Vocabulary, circumstances, nameless, said
from rag.captions.phrases import content_words, known_among
from rag.captions.sight import Sight, asked
from rag.classifying.confidence import Floats
from rag.model import Example

THINGS = 6
"""Of the likeliest things, those whose qualities are looked at."""

HEADS = 3
"""Beginnings that are carried on to a whole sentence."""

PIECES = 12
"""Circumstances that are tried behind each beginning."""

LONGEST = 3
"""Circumstances in one sentence."""

LEAST_GAIN = 0.01
"""By which a further piece must raise the score."""

TRUST = 0.2
"""What it is worth that people's tags bear out every word; right and wrong phrases differ by about as much."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence, and the captions whose pieces it has."""

    text: str
    score: float
    examples: tuple[Example, ...] = ()


class Observer:
    """Says what one picture shows, in a library's words."""

    def __init__(
        self, sight: Sight, vocabulary: Vocabulary, examples: Sequence[Example], tags: Sequence[str] = ()
    ) -> None:
        self._sight = sight
        self._vocabulary = vocabulary
        self._own_tags = tags
        self._tags = {word for tag in tags for word in content_words(tag)}
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._told: defaultdict[str, list[Example]] = defaultdict(list)
        for example in examples:
            for piece, behind in circumstances(example.text, example.language):
                self._places[piece].append(behind)
                self._told[piece].append(example)

    def sentences(self, most: int = HEADS) -> list[Seen]:
        """The best first, no two alike; none where the library's words are not understood."""
        pieces = self._likely_pieces()
        found = [self._carried_on(head, score, pieces) for head, score in self._heads()[:most]]
        return sorted({one.text: one for one in found}.values(), key=lambda one: -one.score)

    def labels(self, most: int) -> list[str]:
        """Zero-shot tags: of the library's tags, those that the picture itself supports, the surest first."""
        tags = list(self._vocabulary.tags)
        fits = self._sight.fits([said("a", "", tag) for tag in tags]) if tags else np.zeros(0)
        order = sorted(range(len(tags)), key=lambda at: -fits[at])
        return [tags[at] for at in order[:most] if fits[at] >= 0.5]

    def _heads(self) -> list[tuple[str, float]]:
        things = (*self._tagged_things(), *self._vocabulary.things)
        if not self._vocabulary.things:
            return []
        plain = [said(determiner, "", noun) for determiner, noun in things]
        order = np.argsort(-self._scores(plain), kind="stable")[:THINGS]
        heads = [plain[int(at)] for at in order]
        for at in order:
            determiner, noun = things[int(at)]
            heads += [said(determiner, quality, noun) for quality in self._vocabulary.qualities_of(noun)]
        scores = self._scores(heads)
        best = np.argsort(-scores, kind="stable")[:HEADS]
        return [(heads[int(at)], float(scores[at])) for at in best]

    def _tagged_things(self) -> Iterator[tuple[str, str]]:
        """What people tagged it with and no caption speaks of yet, but for qualities, and for where and when."""
        elsewhere = {word for piece in self._places for word in content_words(piece)}
        for tag in self._own_tags:
            words = content_words(tag)
            if (
                words
                and nameless(tag)
                and elsewhere.isdisjoint(words)
                and tag not in (self._vocabulary.qualities or {})
            ):
                yield "a", tag

    def _likely_pieces(self) -> list[str]:
        """Circumstances that fit the picture by themselves: whole sentences with each of all would take longer."""
        pieces = list(self._places)
        if not pieces:
            return []
        borne_out = TRUST * np.array([self._borne_out(piece) for piece in pieces])
        order = np.argsort(-(self._sight.cosines([asked(piece) for piece in pieces]) + borne_out), kind="stable")
        return [pieces[int(at)] for at in order[:PIECES]]

    def _carried_on(self, head: str, score: float, pieces: Sequence[str]) -> Seen:
        used: list[str] = []
        while len(used) < LONGEST:
            further = [piece for piece in pieces if piece not in used and not self._doubles(piece, used)]
            if not further:
                break
            scores = self._scores([self._built(head, [*used, piece]) for piece in further])
            best = int(np.argmax(scores))
            if scores[best] <= score + LEAST_GAIN:
                break
            score = float(scores[best])
            used.append(further[best])
        examples = dict.fromkeys(self._told[piece][0] for piece in used)
        return Seen(self._built(head, used), score, tuple(examples))

    def _doubles(self, piece: str, used: Sequence[str]) -> bool:
        """Two that stand in the same place of captions say where, or when, twice."""
        place = fmean(self._places[piece])
        return any(abs(fmean(self._places[one]) - place) < 0.3 for one in used)

    def _built(self, head: str, pieces: Sequence[str]) -> str:
        return " ".join([head, *sorted(pieces, key=lambda piece: -fmean(self._places[piece]))])

    def _scores(self, texts: Sequence[str]) -> Floats:
        borne_out = np.array([self._borne_out(text) for text in texts])
        return self._sight.cosines(texts) + TRUST * borne_out

    def _borne_out(self, text: str) -> float:
        """Share of a text's words that the tags have, and a tenth for each such word."""
        words = set(content_words(text))
        if not self._tags or not words:
            return 0.0
        known = sum(known_among(word, self._tags) for word in words)
        return known / len(words) + 0.1 * known
