"""The search flow: a query in, numbered evidence out, recorded before anybody sees it.

    query -> retrieve (image, caption, BM25; fused, calibrated, filtered by the actor's rights)
          -> event written, durable -> evidence

If the ledger cannot be written nothing is found: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from rag.audit.reading import coverage_of, differences, query_of
from rag.audit.recording import retrieval_draft
from rag.errors import BadQuery, NotFound
from rag.model import Actor, Evidence, PageOf, Query, Retrieval
from rag.moderation.pictures import prompt_thumbnail
from rag.ports import Services, Serving, Vector
from rag.retrieval.checking import check_page_size
from rag.retrieval.opening import retriever_of
from rag.retrieval.paging import NOT_OURS, event_number, order_of, page_of, position_after, token_of
from rag.retrieval.search import Reranking

log = logging.getLogger(__name__)


def search(services: Services, actor: Actor, query: Query, *, door: str, serving: Serving | None = None) -> Retrieval:
    """The evidence for a query, without an answer; recorded in the ledger before it is returned.

    With `query.page`, a further page of an earlier search of this actor: see `rag.retrieval.paging`.

    Args:
        serving: the encoder and collection to use; the live ones of this moment where none are given.

    Raises:
        BadQuery, NotFound: see `Retriever.retrieve`; or the page is none of this actor and query.
        LedgerUnavailable: the retrieval could not be recorded, so nothing is returned.
    """
    if query.page:
        return _further_page(services, actor, query, door)
    retrieval = retrieve(services, serving, actor, query)
    event = services.ledger.append(retrieval_draft(actor, door, retrieval))
    shown = len(retrieval.evidence)
    more = any(item.position is not None for item in retrieval.dropped)
    return replace(retrieval, event=event.seq, next_page=token_of(event, shown) if more else "")


def retrieve(
    services: Services, serving: Serving | None, actor: Actor, query: Query, *, reranked: bool = True
) -> Retrieval:
    """What a search finds, before it is recorded: for flows that record more than that. Raises as `search`.

    Args:
        reranked: whether the configured reranker, if there is one, has the last word.
    """
    serving = serving or services.serving()  # once: an encoder's question is asked of its own vectors

    def embed(content: bytes) -> Vector:
        return services.pipeline.embed(content, serving.encoder)  # opened only for queries that bring pictures

    reranking = _reranking(services) if reranked else None
    return retriever_of(services, serving, embed=embed, reranking=reranking).retrieve(actor, query)


def thumbnails(services: Services, evidence: Sequence[Evidence]) -> dict[int, bytes]:
    """Pictures of evidence for an LLM, by number: blurred ones where that is how they are shown.

    What is blocked, or has no thumbnail, is left out.
    """
    pictures: dict[int, bytes] = {}
    for item in evidence:
        picture = prompt_thumbnail(services.blobs, item.visual, item.moderation)
        if picture is None:
            log.warning("evidence %s goes without its picture", item.visual.id)
        else:
            pictures[item.number] = picture
    return pictures


def _reranking(services: Services) -> Reranking | None:
    reranker = services.reranker
    if reranker is None:
        return None
    return Reranking(reranker, services.settings.rerank_top, lambda evidence: thumbnails(services, evidence))


def _further_page(services: Services, actor: Actor, query: Query, door: str) -> Retrieval:
    """The order that the first page's event recorded, from where the page before ended."""
    check_page_size(query)
    try:
        first = services.ledger.own(actor, event_number(query.page))
    except NotFound as error:
        raise BadQuery(NOT_OURS) from error
    if "erased" in first.body.get("query", first.body):
        raise BadQuery("what this page belongs to was erased: search again without page")
    after = position_after(query.page, first)
    asked = query_of(first)
    differing = differences(query, first) if query.parts or query.unwanted or query.where else []
    if differing:
        raise BadQuery(
            f"page belongs to another query: {', '.join(differing)} differ; send the same query, or page alone"
        )
    order = order_of(first)
    evidence, gone, last = page_of(services.catalog, actor, replace(asked, top_k=query.top_k), order, after)
    retrieval = Retrieval(
        query=replace(asked, top_k=query.top_k, page=query.page),
        evidence=evidence,
        dropped=gone,
        coverage=coverage_of(first),
        encoder_id=first.body["encoder"],
        collection=first.body["collection"],
        calibrations=first.body["calibrations"],
        page=PageOf(first.seq, after),
    )
    event = services.ledger.append(retrieval_draft(actor, door, retrieval))
    more = any(one.position > last for one in order)
    return replace(retrieval, event=event.seq, next_page=token_of(first, last) if more else "")
