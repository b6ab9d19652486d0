"""Retrieval: a query and an actor in, numbered evidence out, with everything that was dropped and why.

check -> compose -> channels -> fuse, complete, rank -> lower what is unwanted
      -> admit (exists, phrases, per asset) -> diversify -> explain and number -> rerank
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.errors import BadQuery
from rag.indexing.points import payload_for
from rag.model import (
    Actor,
    And,
    Asset,
    Channel,
    Dropped,
    Evidence,
    Filter,
    Json,
    Query,
    RankChange,
    Retrieval,
    Visual,
    VisualId,
)
from rag.ports import Captioned, Catalog, Encoder, Nearest, Reranker, Scored, VectorStore
from rag.retrieval.checking import check_query
from rag.retrieval.composing import Composed, Composer, Embed
from rag.retrieval.diversity import diversified, limited
from rag.retrieval.explaining import conditions, matched_caption, shown_caption
from rag.retrieval.fusion import Candidate, Worth, by_fused, by_relevance, reciprocal_rank_fusion
from rag.retrieval.phrases import unsaid
from rag.retrieval.present import present_calibrations
from rag.retrieval.ranking import QueryShape, Ranker
from rag.retrieval.reranking import rerank
from rag.retrieval.rights import readable_libraries, visible_to
from rag.retrieval.unlike import lower_unlike

PHRASE_CANDIDATES = 5
"""With a phrase, so many times the candidates by words: those that say it are among them."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """The last word on the first `top` pictures. `thumbnails` loads what the reranker looks at."""

    reranker: Reranker
    top: int
    thumbnails: Callable[[Sequence[Evidence]], Mapping[int, bytes]]


class Retriever:
    """Searches one collection with one encoder for visuals that the catalog knows."""

    def __init__(
        self,
        store: VectorStore,
        encoder: Encoder,
        catalog: Catalog,
        *,
        candidates: int,
        longest_question: int,
        embed: Embed | None = None,
        reranking: Reranking | None = None,
    ) -> None:
        """
        Args:
            embed: the vector of an encoded picture; without it, queries have no pictures of their own.
        """
        self._store = store
        self._encoder = encoder
        self._catalog = catalog
        self._composer = Composer(store, encoder, catalog, embed)
        self._candidates = candidates
        self._longest_question = longest_question
        self._reranking = reranking

    def retrieve(self, actor: Actor, query: Query) -> Retrieval:
        """The `top_k` visuals closest to the query, best first, among those that the actor may see.

        Raises:
            BadQuery: nothing wanted, a picture that cannot be decoded, or a value out of range; see `check_query`.
            NotFound: a library or a visual that is not there for this actor.
            Unavailable: catalog or store did not answer.
        """
        check_query(query, self._longest_question)
        started = time.perf_counter()
        libraries = readable_libraries(actor, query.libraries, self._catalog.libraries(actor))
        visible = visible_to(actor, libraries)
        composed = self._composer.compose(actor, query, visible)
        encoded = time.perf_counter()
        where = visible if query.where is None else And((visible, query.where))
        rankings = self._rankings(query, composed, where)
        shape = self._shape(query, composed, libraries)
        candidates, gone = self._seen(actor, reciprocal_rank_fusion(rankings))
        calibrations = present_calibrations(self._catalog, self._encoder, libraries)
        ranker = Ranker(calibrations.__getitem__)
        ranked, worth = self._ranked(candidates, composed, shape, ranker)
        admitted, refused = self._admitted(actor, ranked, query, composed)
        ordered = diversified(self._store, admitted, query.diversity, worth)
        found = time.perf_counter()
        evidence, changes, notices = self._reranked(query, self._evidence(actor, query, composed, ordered))
        numbered = {item.visual.id for item in evidence}
        below = [candidate for candidate in ordered if candidate.id not in numbered]
        finished = time.perf_counter()
        return Retrieval(
            query=replace(query, libraries=tuple(libraries)),
            evidence=evidence[: query.top_k],
            dropped=(*_below_page(evidence[query.top_k :]), *_below(below, len(evidence)), *refused, *gone),
            coverage=self._catalog.coverage(actor, libraries),
            encoder_id=self._encoder.id,
            collection=self._store.name,
            calibrations=ranker.used(shape),
            timings={
                "encode_ms": 1000 * (encoded - started),
                "search_ms": 1000 * (found - encoded),
                "explain_ms": 1000 * (finished - found),
            },
            reranked_by=self._reranking.reranker.id if self._reranking and changes else "",
            notices=notices,
        )

    def _rankings(self, query: Query, composed: Composed, where: Filter) -> Mapping[Channel, Sequence[Scored]]:
        """One list a channel, in one round trip."""
        asked = query.channels or tuple(Channel)
        requests = [
            Nearest(channel, vector, self._candidates, where)
            for channel, vector in composed.vectors.items()
            if channel in asked
        ]
        if Channel.BM25 in asked and composed.terms.indices:
            limit = self._candidates * (PHRASE_CANDIDATES if query.phrases else 1)
            requests.append(Nearest(Channel.BM25, composed.terms, limit, where))
        if not requests:
            raise BadQuery("channels: bm25 alone compares words, and the query has none; add words or another channel")
        hits = self._store.search(requests)
        return {request.channel: found for request, found in zip(requests, hits, strict=True)}

    def _seen(self, actor: Actor, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Dropped]]:
        """Candidates with what the catalog knows of them, and those that it does not show this actor.

        The catalog has the last word on what exists, so a visual that was deleted
        a moment ago is dropped even while its point is still there.
        """
        seen = self._catalog.seen(actor, [candidate.id for candidate in candidates])
        there = [candidate for candidate in candidates if candidate.id in seen]
        for candidate in there:
            candidate.library, candidate.asset_id = seen[candidate.id].library, seen[candidate.id].asset_id
        return there, [_dropped(one, GONE) for one in candidates if one.id not in seen]

    def _shape(self, query: Query, composed: Composed, libraries: Sequence[str]) -> QueryShape:
        read = composed.plain_scores if composed.scales else None
        return QueryShape(tuple(libraries), composed.terms, query.channels or tuple(Channel), read)

    def _ranked(
        self, candidates: Sequence[Candidate], composed: Composed, shape: QueryShape, ranker: Ranker
    ) -> tuple[list[Candidate], Worth]:
        """Candidates best first, each with its exact cosine in both dense channels; and what they are ordered by."""
        known = {channel: {one.id for one in candidates if channel in one.scores} for channel in composed.vectors}
        exact = self._store.scores([candidate.id for candidate in candidates], composed.vectors, known=known)
        for candidate in candidates:
            candidate.scores |= {
                channel: found[candidate.id] for channel, found in exact.items() if candidate.id in found
            }
        ranked = ranker.rank(candidates, shape)
        worth = by_relevance if ranker.by_relevance(ranked, shape) else by_fused
        return lower_unlike(self._store, ranked, composed.unwanted, self._encoder.priors, worth), worth

    def _admitted(
        self, actor: Actor, candidates: Sequence[Candidate], query: Query, composed: Composed
    ) -> tuple[list[Candidate], list[Dropped]]:
        """Those that may be shown, best first, and the others with the reason."""
        said = self._payloads(actor, candidates) if query.phrases else {}
        reasons = {one.id: _refusal(one, query, composed, said.get(one.id, {})) for one in candidates}
        fit = [candidate for candidate in candidates if not reasons[candidate.id]]
        within, beyond = limited(fit, query.per_asset)
        limit = f"beyond per_asset: {query.per_asset} of its asset rank higher"
        refused = [_dropped(one, reasons[one.id]) for one in candidates if reasons[one.id]]
        return within, [*(_dropped(one, limit) for one in beyond), *refused]

    def _payloads(self, actor: Actor, candidates: Sequence[Candidate]) -> Mapping[VisualId, Json]:
        known = self._catalog.visuals(actor, [candidate.id for candidate in candidates])
        return {id_: payload_for(asset, visual) for id_, (visual, asset) in known.items()}

    def _evidence(
        self, actor: Actor, query: Query, composed: Composed, ordered: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        """The first ones, numbered and explained: the page, and what a reranker may lift onto it."""
        most = max(query.top_k, self._reranking.top if self._reranking else 0)
        ids = [candidate.id for candidate in ordered[:most]]
        known, indexed = self._catalog.visuals(actor, ids), self._store.captions(ids)
        shown = [candidate for candidate in ordered[:most] if candidate.id in known]
        return tuple(
            _explained(
                number,
                candidate=candidate,
                known=known[candidate.id],
                query=query,
                composed=composed,
                indexed=indexed.get(candidate.id),
            )
            for number, candidate in enumerate(shown, start=1)
        )

    def _reranked(
        self, query: Query, evidence: tuple[Evidence, ...]
    ) -> tuple[tuple[Evidence, ...], tuple[RankChange, ...], tuple[str, ...]]:
        """The reranker's order of the first ones; without words there is nothing for it to compare with."""
        if self._reranking is None or not query.words:
            return evidence, (), ()
        first, rest = evidence[: self._reranking.top], evidence[self._reranking.top :]
        reranker = self._reranking.reranker
        pictures = self._reranking.thumbnails(first) if reranker.sees_images else {}
        order, changes, notices = rerank(reranker, query.words, first, pictures)
        by_visual = {change.visual: change for change in changes}
        changed = tuple(replace(item, change=by_visual.get(item.visual.id)) for item in order)
        return (*changed, *rest), changes, notices


GONE = "no longer in the catalog, or not visible"


def _refusal(candidate: Candidate, query: Query, composed: Composed, said: Json) -> str:
    if candidate.id in composed.given:
        return "given in the query itself"
    missing = unsaid(query.phrases, said)
    return f'no caption, tag or name says "{missing}"' if missing else ""


def _explained(
    number: int,
    *,
    candidate: Candidate,
    known: tuple[Visual, Asset],
    query: Query,
    composed: Composed,
    indexed: Captioned | None,
) -> Evidence:
    visual, asset = known
    return replace(
        evidence_of(number, visual, asset),
        relevance=candidate.relevance,
        scores=candidate.scores,
        ranks=candidate.ranks,
        fused=candidate.fused,
        reasons=candidate.reasons,
        unlike=candidate.unlike,
        matched=matched_caption(indexed, composed.vectors.get(Channel.CAPTION)),
        conditions=conditions(query.where, payload_for(asset, visual)),
    )


def evidence_of(number: int, visual: Visual, asset: Asset) -> Evidence:
    """What the catalog says of a visual, before it has scores."""
    return Evidence(
        number=number,
        visual=visual,
        caption=shown_caption(asset, visual),
        relevance=0.0,
        scores={},
        ranks={},
        tags=asset.tags,
        generated_tags=tuple(tag.name for tag in asset.generated_tags),
        source=asset.source,
        licence=asset.licence,
        captured_at=asset.captured_at.date().isoformat() if asset.captured_at else "",
        name=asset.name,
        media_type=asset.media_type,
        moderation=asset.moderation,
    )


BELOW = "ranked below top_k"


def _below_page(evidence: Sequence[Evidence]) -> list[Dropped]:
    return [
        Dropped(item.visual.id, BELOW, item.scores, item.relevance, item.number, item.ranks, item.fused, item.unlike)
        for item in evidence
    ]


def _below(candidates: Sequence[Candidate], before: int) -> list[Dropped]:
    return [_dropped(one, BELOW, position) for position, one in enumerate(candidates, start=before + 1)]


def _dropped(one: Candidate, reason: str, position: int | None = None) -> Dropped:
    return Dropped(one.id, reason, one.scores, one.relevance, position, one.ranks, one.fused, one.unlike)
