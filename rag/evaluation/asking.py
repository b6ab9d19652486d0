"""Asks the real Retriever many questions, and listens to what each channel offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from rag.evaluation.cases import FUSED, Case, Result
from rag.model import LOCAL_OWNER, Actor, Query, VisualId
from rag.ports import Encoder, Matrix, Nearest, Scored, Services, VectorStore
from rag.retrieval.search import Retriever

DEPTH = 50
"""Hits taken of each question: enough for every figure but the fairness suite's, which asks deeper."""

TEXTS_AT_ONCE = 64

Progress = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, and of how much."""


def quietly(what: str, done: int, total: int) -> None:
    """A `Progress` that nobody watches."""


class ListeningStore:
    """A vector store that remembers, per channel, what its last search returned."""

    def __init__(self, store: VectorStore) -> None:
        self._store = store
        self.heard: dict[str, tuple[VisualId, ...]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        found = self._store.search(requests)
        for request, hits in zip(requests, found, strict=True):
            self.heard.setdefault(request.channel.value, tuple(hit.id for hit in hits))
        return found


class RememberingEncoder:
    """An encoder that was told all questions beforehand, because a batch of texts costs little more than one."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Matrix] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def learn(self, texts: Sequence[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for at in range(0, len(new), TEXTS_AT_ONCE):
            some = new[at : at + TEXTS_AT_ONCE]
            self._known.update(zip(some, self._encoder.texts(some), strict=True))

    def texts(self, texts: Sequence[str]) -> Matrix:
        self.learn(texts)
        return np.stack([self._known[text] for text in texts])


class Asker:
    """Asks one collection, as `rag.ask` does, without recording anything.

    Args:
        store: the collection; by default the installation's own.
        depth: hits taken of each question.
    """

    def __init__(
        self,
        services: Services,
        *,
        store: VectorStore | None = None,
        actor: Actor = LOCAL_OWNER,
        depth: int = DEPTH,
    ) -> None:
        self._actor = actor
        self._depth = depth
        self._listening = ListeningStore(store or services.store)
        self._remembering = RememberingEncoder(services.encoder)
        self._retriever = Retriever(
            cast("VectorStore", self._listening),
            cast("Encoder", self._remembering),
            services.catalog,
            candidates=max(services.settings.candidates, depth),
            longest_question=services.settings.max_question,
        )

    def ask(self, cases: Sequence[Case]) -> Iterator[Result]:
        """One result per case, in order. Raises what the Retriever raises."""
        self._remembering.learn([case.text for case in cases])
        for case in cases:
            yield self._asked(case)

    def _asked(self, case: Case) -> Result:
        self._listening.heard.clear()
        query = Query(case.text, libraries=case.libraries, top_k=self._depth)
        evidence = self._retriever.retrieve(self._actor, query).evidence
        offered = {channel: ids for channel, ids in self._listening.heard.items() if ids}
        ranked = offered | {FUSED: tuple(item.visual.id for item in evidence)}
        return Result(case, ranked, tuple(item.relevance for item in evidence))
