"""Retrieval: a query and an actor in, numbered evidence out, with everything that was dropped and why."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rag.errors import BadQuery
from rag.indexing.bm25 import query_vector
from rag.indexing.points import searchable_captions
from rag.model import (
    Actor,
    And,
    Asset,
    Caption,
    Channel,
    Coverage,
    Dropped,
    Evidence,
    Filter,
    Query,
    Retrieval,
    Visual,
    VisualId,
)
from rag.ports import Catalog, Encoder, Nearest, Point, Scored, Sigmoid, Vector, VectorStore
from rag.retrieval.fusion import Candidate, reciprocal_rank_fusion
from rag.retrieval.relevance import relevance
from rag.retrieval.rights import readable_libraries, visible_to

MOST_TOP_K = 100


class Retriever:
    """Searches one collection with one encoder for visuals that the catalog knows."""

    def __init__(
        self, store: VectorStore, encoder: Encoder, catalog: Catalog, *, candidates: int, longest_question: int
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._catalog = catalog
        self._candidates = candidates
        self._longest_question = longest_question

    def retrieve(self, actor: Actor, query: Query) -> Retrieval:
        """The `top_k` visuals closest to the query, best first, among those that the actor may see.

        Raises:
            BadQuery: no text, too much of it, or a `top_k` out of range.
            NotFound: a library that is not there for this actor.
            Unavailable: catalog or store did not answer.
        """
        self._check(query)
        started = time.perf_counter()
        libraries = readable_libraries(actor, query.libraries, self._catalog.libraries(actor))
        vector = self._encoder.texts([query.text])[0]
        encoded = time.perf_counter()
        rankings = self._rankings(query.text, vector, _where(actor, libraries, query.where))
        evidence, dropped = self._choose(actor, query.top_k, vector, reciprocal_rank_fusion(rankings))
        finished = time.perf_counter()
        return Retrieval(
            query=replace(query, libraries=tuple(libraries)),
            evidence=evidence,
            dropped=dropped,
            coverage=self._coverage(actor, libraries),
            encoder_id=self._encoder.id,
            collection=self._store.name,
            timings={"encode_ms": 1000 * (encoded - started), "search_ms": 1000 * (finished - encoded)},
        )

    def _check(self, query: Query) -> None:
        if not query.text.strip():
            raise BadQuery("the question is empty; ask something")
        if len(query.text) > self._longest_question:
            raise BadQuery(f"the question has {len(query.text):,} characters; at most {self._longest_question:,} fit")
        if not 1 <= query.top_k <= MOST_TOP_K:
            raise BadQuery(f"top_k is {query.top_k}; it must lie between 1 and {MOST_TOP_K}")

    def _rankings(self, text: str, vector: Vector, where: Filter) -> Mapping[Channel, Sequence[Scored]]:
        requests = [
            Nearest(Channel.IMAGE, vector, self._candidates, where),
            Nearest(Channel.CAPTION, vector, self._candidates, where),
        ]
        terms = query_vector(text)
        if terms.indices:
            requests.append(Nearest(Channel.BM25, terms, self._candidates, where))
        hits = self._store.search(requests)
        return {request.channel: found for request, found in zip(requests, hits, strict=True)}

    def _choose(
        self, actor: Actor, top_k: int, vector: Vector, candidates: list[Candidate]
    ) -> tuple[tuple[Evidence, ...], tuple[Dropped, ...]]:
        """Split candidates into numbered evidence and what was dropped.

        The catalog has the last word on what exists, so a visual that was deleted
        a moment ago is dropped even while its point is still there.
        """
        visible = self._catalog.visible(actor, [candidate.id for candidate in candidates])
        first = [candidate for candidate in candidates if candidate.id in visible][:top_k]
        known = self._catalog.visuals(actor, [candidate.id for candidate in first])
        kept = [candidate for candidate in first if candidate.id in known]  # one may have gone in between
        points = self._store.fetch([candidate.id for candidate in kept])
        evidence: list[Evidence] = []
        for candidate in kept:
            _complete_scores(candidate, points.get(candidate.id), vector)
            evidence.append(_evidence(len(evidence) + 1, candidate, *known[candidate.id], self._encoder.priors))
        chosen = {item.visual.id for item in evidence}
        return tuple(evidence), tuple(_dropped(candidates, chosen, visible))

    def _coverage(self, actor: Actor, libraries: Sequence[str]) -> Coverage:
        return self._catalog.coverage(actor, libraries)


def _where(actor: Actor, libraries: Sequence[str], wanted: Filter | None) -> Filter:
    rights = visible_to(actor, libraries)
    return rights if wanted is None else And((rights, wanted))


def _complete_scores(candidate: Candidate, point: Point | None, vector: Vector) -> None:
    """Give a candidate the exact cosine of each dense channel, also where that channel's list did not reach it."""
    if point is None:
        return
    candidate.scores[Channel.IMAGE] = float(point.image @ vector)
    if len(point.captions):
        candidate.scores[Channel.CAPTION] = float(np.max(point.captions @ vector))


def _evidence(
    number: int, candidate: Candidate, visual: Visual, asset: Asset, priors: Mapping[Channel, Sigmoid]
) -> Evidence:
    return Evidence(
        number=number,
        visual=visual,
        caption=_shown_caption(asset, visual),
        relevance=relevance(candidate.scores, priors),
        scores=candidate.scores,
        ranks=candidate.ranks,
        fused=candidate.fused,
        tags=asset.tags,
        source=asset.source,
        licence=asset.licence,
        captured_at=asset.captured_at.date().isoformat() if asset.captured_at else "",
        name=asset.name,
        media_type=asset.media_type,
    )


def _shown_caption(asset: Asset, visual: Visual) -> Caption | None:
    """What is said of this very picture, a page's own text say, before what is said of the whole file."""
    captions = searchable_captions(asset, visual)
    return next((caption for caption in captions if caption.locator), captions[0] if captions else None)


def _dropped(candidates: Sequence[Candidate], chosen: set[VisualId], visible: set[VisualId]) -> list[Dropped]:
    return [
        Dropped(
            candidate.id,
            reason="ranked below top_k" if candidate.id in visible else "no longer in the catalog, or not visible",
            scores=candidate.scores,
        )
        for candidate in candidates
        if candidate.id not in chosen
    ]
