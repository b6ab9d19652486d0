"""How far the evidence bears a sentence out: by the words of captions and metadata, and by what the pictures show.

    score = 1 - (1 - similarity) * (1 - overlap^8)

Captions and picture are two views of one visual, and one that bears the sentence out is
enough. A word that no caption has counts much: in a sentence of seven it is the wrong
colour as often as a synonym, hence the power. What this tells apart is measured by
`benchmarks/answer_support.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.answering.citations import cited_in, without_citations
from rag.indexing.bm25 import document_vector, query_vector
from rag.model import Channel, Evidence, Support, VisualId
from rag.ports import Serving

SHARPNESS = 8
ENOUGH = 0.5
"""Score from which a sentence counts as supported."""

MOST_SENTENCES = 60
"""Sentences of one answer that are compared; six are asked for, and what is beyond these counts as unsupported."""


class SupportScorer:
    """Compares sentences with the evidence that they cite.

    Args:
        serving: whose encoder and collection found the evidence.
    """

    def __init__(self, serving: Serving, evidence: Sequence[Evidence]) -> None:
        self._serving = serving
        self._evidence = {item.number: item for item in evidence}
        self._terms = {item.number: frozenset(document_vector(_said(item)).indices) for item in evidence}

    def score(self, sentences: Sequence[str]) -> list[Support]:
        """One for each sentence, in order; texts without words are supported by nothing and need no support."""
        compared, beyond = sentences[:MOST_SENTENCES], sentences[MOST_SENTENCES:]
        plain = [" ".join(without_citations(sentence).split()) for sentence in compared]
        if not plain:
            return []
        vectors = self._serving.encoder.texts(plain)
        ids = [item.visual.id for item in self._evidence.values()]
        found = [self._serving.store.scores(ids, {Channel.IMAGE: vector})[Channel.IMAGE] for vector in vectors]
        scored = [self._support(*each) for each in zip(compared, plain, found, strict=True)]
        return [
            *scored,
            *(Support(sentence.strip(), self._cited(sentence), 0.0, 0.0, 0.0, False) for sentence in beyond),
        ]

    def _support(self, sentence: str, plain: str, cosines: Mapping[VisualId, float]) -> Support:
        cited = self._cited(sentence)
        numbers = cited or tuple(self._evidence)
        overlap = self._overlap(plain, numbers)
        similarity = self._similarity(numbers, cosines)
        score = 1 - (1 - similarity) * (1 - overlap**SHARPNESS)
        supported = bool(cited) and score >= ENOUGH
        return Support(sentence.strip(), cited, overlap, similarity, score, supported)

    def _cited(self, sentence: str) -> tuple[int, ...]:
        return tuple(number for number in cited_in(sentence) if number in self._evidence)

    def _overlap(self, plain: str, numbers: Iterable[int]) -> float:
        """Share of the sentence's different stems, stop words left out, that the evidence has; 0 without any."""
        terms = set(query_vector(plain).indices)
        said = frozenset[int]().union(*(self._terms[number] for number in numbers))
        return len(terms & said) / len(terms) if terms else 0.0

    def _similarity(self, numbers: Iterable[int], cosines: Mapping[VisualId, float]) -> float:
        """The highest of the pictures', by the encoder's prior."""
        prior = self._serving.encoder.priors.get(Channel.IMAGE)
        if prior is None:
            return 0.0
        ids = (self._evidence[number].visual.id for number in numbers)
        return max((prior.probability(cosines[id_]) for id_ in ids if id_ in cosines), default=0.0)


def _said(item: Evidence) -> str:
    """All words that the library has of a visual."""
    captions = [caption.text for caption in (item.caption, item.matched) if caption]
    return " ".join(
        [*captions, *item.tags, *item.generated_tags, item.source, item.licence, item.captured_at, item.name]
    )
