"""A sentence about a picture, built up from pieces of captions by what raises its likeness to the picture.

Things first, then their qualities, then circumstances of the nearest captions, as long as each makes the sentence
closer to the picture. Where people tagged the picture, pieces that their tags bear out are preferred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from rag.captions.composing.vocabulary import Vocabulary, circumstances, said
from rag.captions.phrases import content_words, known_among
from rag.captions.sight import Sight
from rag.classifying.confidence import Floats
from rag.model import Example

THINGS = 6
"""Of the likeliest things, those whose qualities are looked at."""

HEADS = 3
"""Beginnings that are carried on to a whole sentence."""

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
        self._tags = {word for tag in tags for word in content_words(tag)}
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._told: defaultdict[str, list[Example]] = defaultdict(list)
        for example in examples:
            for piece, behind in circumstances(example.text, example.language):
                self._places[piece].append(behind)
                self._told[piece].append(example)

    def sentences(self) -> list[Seen]:
        """The best first, no two alike; none where the library's words are not understood."""
        found = [self._carried_on(head, score) for head, score in self._heads()]
        return sorted({one.text: one for one in found}.values(), key=lambda one: -one.score)

    def labels(self, most: int) -> list[str]:
        """Zero-shot tags: of the library's tags, those that the picture itself supports, the surest first."""
        tags = list(self._vocabulary.tags)
        fits = self._sight.fits([said("a", "", tag) for tag in tags]) if tags else np.zeros(0)
        order = sorted(range(len(tags)), key=lambda at: -fits[at])
        return [tags[at] for at in order[:most] if fits[at] >= 0.5]

    def _heads(self) -> list[tuple[str, float]]:
        things = self._vocabulary.things
        if not things:
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

    def _carried_on(self, head: str, score: float) -> Seen:
        used: list[str] = []
        while len(used) < LONGEST:
            further = [piece for piece in self._places if piece not in used and not self._doubles(piece, used)]
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
        """Two that begin alike and stand in the same place say where, or when, twice."""
        first, place = piece.split(maxsplit=1)[0].lower(), fmean(self._places[piece])
        return any(first == one.split()[0].lower() and abs(fmean(self._places[one]) - place) < 0.3 for one in used)

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
