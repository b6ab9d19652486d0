"""What looks at the first pictures once more and puts them in a better order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.model import Evidence


@dataclass(frozen=True, slots=True)
class Reranked:
    """One piece of evidence as a reranker placed it.

    Attributes:
        number: the evidence number it had when it was handed over.
        score: in [0, 1], how well it answers the question; comparable within one call only.
        reason: in a few words for people, why; untrusted where an LLM wrote it.
    """

    number: int
    score: float
    reason: str = ""


class Reranker(Protocol):
    """Orders evidence by how well it answers the question. Safe to call from several threads.

    Attributes:
        id: what the ledger and the reader see.
        sees_images: whether it looks at `pictures`; where it does not, none need to be loaded.
    """

    id: str
    sees_images: bool

    def rerank(self, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]) -> list[Reranked]:
        """Those of `evidence` that it placed, best first; each number at most once, and only numbers of `evidence`.

        What it left out keeps its order behind the others. Nothing placed means that it made no sense of them.

        Args:
            pictures: evidence number -> encoded thumbnail; evidence may lack one.

        Raises:
            Unavailable: retryable; what it runs on did not answer in time.
            Rejected: it refused: key, model name, context length.
        """
