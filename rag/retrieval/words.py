"""BM25 scores of different questions -> one scale: how much of what the question says, the visual's words say too."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rag.ports import SparseVector

MOST_TERMS = 4_000
"""Terms whose frequency is kept; the rarest are left out and count as unknown, which they nearly are."""


@dataclass(frozen=True, slots=True)
class Words:
    """In how many of a sample of a library's visuals each term occurs.

    A BM25 score by itself means nothing: it grows with the number and rarity of the
    question's terms. Divided by the sum of their IDF, which is what a text of ordinary
    length that says all of it once would score, it becomes a share: 0 says nothing of
    the question, about 1 says all of it.
    """

    visuals: int = 0
    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[SparseVector]) -> Words:
        vectors = list(documents)
        counts = Counter(index for vector in vectors for index in vector.indices)
        kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]
        return cls(len(vectors), dict(kept))

    def idf(self, term: int) -> float:
        """ln(1 + (N - n + 0.5) / (n + 0.5)), as Qdrant has it; here N is the sample, not the collection."""
        found = self.counts.get(term, 0)
        return math.log(1 + (self.visuals - found + 0.5) / (found + 0.5))

    def most(self, query: SparseVector) -> float:
        """What a text of ordinary length that says everything once scores; 0 for a query without terms."""
        return sum(self.idf(term) for term in query.indices)

    def share(self, query: SparseVector, document: SparseVector) -> float:
        """What `document` says of `query`: 0 nothing, about 1 everything; more where it is short or repeats."""
        most = self.most(query)
        if not most:
            return 0.0
        weights = dict(zip(document.indices, document.values, strict=True))
        return sum(self.idf(term) * weights.get(term, 0.0) for term in query.indices) / most
