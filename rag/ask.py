"""The ask flow: a question in, an answer out that can be checked.

    question -> retrieve (image, caption, BM25; fused, filtered by the actor's rights)
             -> enough evidence? no: abstain
             -> prompt -> event written, durable -> LLM or extractive composer
             -> citations checked -> answer event -> answer

If the ledger cannot be written there is no answer: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.citations import CheckedText, check_citations
from rag.answering.extractive import NOTICE, ExtractiveComposer
from rag.answering.prompt_files import load_prompt
from rag.answering.prompting import build_prompt
from rag.audit.reading import coverage_of, differences, query_of
from rag.audit.recording import answer_draft, retrieval_draft
from rag.errors import BadQuery, NotFound, Rejected, Unavailable
from rag.media.derived import thumbnail_name
from rag.model import Actor, Answer, Dropped, Evidence, PageOf, Prompt, Query, Retrieval
from rag.ports import ChatModel, Services, Serving, Vector
from rag.retrieval.checking import check_page_size
from rag.retrieval.paging import NOT_OURS, event_number, order_of, page_of, position_after, token_of
from rag.retrieval.search import Reranking, Retriever

log = logging.getLogger(__name__)

ABSTENTION = "I found nothing in the library that answers this."


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
    retrieval = _retrieve(services, serving, actor, query)
    event = services.ledger.append(retrieval_draft(actor, door, retrieval))
    shown = len(retrieval.evidence)
    more = any(item.position is not None for item in retrieval.dropped)
    return replace(retrieval, event=event.seq, next_page=token_of(event, shown) if more else "")


def ask(services: Services, actor: Actor, query: Query, *, door: str, serving: Serving | None = None) -> Answer:
    """Answer a question from the library, or say that the library does not answer it.

    Args:
        serving: as for `search`.

    Raises:
        BadQuery, NotFound: see `Retriever.retrieve`.
        LedgerUnavailable: an event could not be written, so there is no answer.
    """
    if query.page:
        raise BadQuery("an answer has no pages; search has")
    if not query.words.strip():
        raise BadQuery("the question is empty: an answer needs words; search takes pictures alone")
    retrieval = relevant_only(_retrieve(services, serving, actor, query), services.settings.min_relevance)
    if not retrieval.evidence:
        return _abstain(services, actor, door, _recorded(services, actor, door, retrieval))
    chat = services.chat
    prompt = _prompt(services, chat, query.words, retrieval.evidence)
    retrieval = _recorded(services, actor, door, retrieval, prompt=prompt, chat=chat)
    started = time.perf_counter()
    text, composer, notices = compose(chat, prompt)
    checked = check_citations(text, {item.number for item in retrieval.evidence})
    answer = Answer(
        text=checked.text,
        citations=checked.citations,
        retrieval=retrieval,
        composer=composer.id,
        notices=(*notices, *_citation_notices(checked)),
    )
    return _released(
        services, actor, door, answer, removed=checked.removed, llm_ms=1000 * (time.perf_counter() - started)
    )


def relevant_only(retrieval: Retrieval, threshold: float) -> Retrieval:
    """Keep and renumber the evidence that is relevant enough to answer from; the rest is dropped, with the reason."""
    kept = [item for item in retrieval.evidence if item.relevance >= threshold]
    lost = [
        Dropped(item.visual.id, f"relevance {item.relevance:.2f} is below {threshold:.2f}", item.scores, item.relevance)
        for item in retrieval.evidence
        if item.relevance < threshold
    ]
    renumbered = tuple(replace(item, number=number) for number, item in enumerate(kept, start=1))
    return replace(retrieval, evidence=renumbered, dropped=(*lost, *retrieval.dropped))


def compose(chat: ChatModel, prompt: Prompt) -> tuple[str, ChatModel, tuple[str, ...]]:
    """The text, who wrote it, and what the reader must know. An LLM that fails is replaced by the composer."""
    if chat.extractive:
        return "".join(chat.stream(prompt)), chat, (NOTICE,)
    try:
        text = "".join(chat.stream(prompt)).strip()
        if text:
            return text, chat, ()
        trouble = f"the LLM {chat.id} returned nothing"
    except (Unavailable, Rejected) as error:
        log.warning("answering without the LLM: %s", error)
        trouble = str(error)
    composer = ExtractiveComposer()
    return "".join(composer.stream(prompt)), composer, (f"Put together from captions, because {trouble}.",)


def _retrieve(services: Services, serving: Serving | None, actor: Actor, query: Query) -> Retrieval:
    settings = services.settings
    serving = serving or services.serving()  # once: an encoder's question is asked of its own vectors

    def embed(content: bytes) -> Vector:
        return services.pipeline.embed(content, serving.encoder)  # opened only for queries that bring pictures

    retriever = Retriever(
        serving.store,
        serving.encoder,
        services.catalog,
        candidates=settings.candidates,
        longest_question=settings.max_question,
        embed=embed,
        reranking=_reranking(services),
    )
    return retriever.retrieve(actor, query)


def _reranking(services: Services) -> Reranking | None:
    reranker = services.reranker
    if reranker is None:
        return None
    return Reranking(reranker, services.settings.rerank_top, lambda evidence: _thumbnails(services, evidence))


def _further_page(services: Services, actor: Actor, query: Query, door: str) -> Retrieval:
    """The order that the first page's event recorded, from where the page before ended."""
    check_page_size(query)
    try:
        first = services.ledger.own(actor, event_number(query.page))
    except NotFound as error:
        raise BadQuery(NOT_OURS) from error
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


def _prompt(services: Services, chat: ChatModel, question: str, evidence: Sequence[Evidence]) -> Prompt:
    pictures = _thumbnails(services, evidence) if chat.sees_images else {}
    return build_prompt(load_prompt("answer"), question, evidence, pictures)


def _thumbnails(services: Services, evidence: Sequence[Evidence]) -> dict[int, bytes]:
    pictures: dict[int, bytes] = {}
    for item in evidence:
        try:
            name = thumbnail_name(item.visual.locator)
            pictures[item.number] = services.blobs.get_derived(item.visual.asset_id, name)
        except NotFound:
            log.warning("evidence %s goes without its picture: no thumbnail is kept", item.visual.id)
    return pictures


def _recorded(
    services: Services,
    actor: Actor,
    door: str,
    retrieval: Retrieval,
    *,
    prompt: Prompt | None = None,
    chat: ChatModel | None = None,
) -> Retrieval:
    event = services.ledger.append(retrieval_draft(actor, door, retrieval, prompt=prompt, chat=chat))
    return replace(retrieval, event=event.seq)


def _abstain(services: Services, actor: Actor, door: str, retrieval: Retrieval) -> Answer:
    text = f"{ABSTENTION} I {retrieval.coverage}."
    answer = Answer(text=text, citations=(), retrieval=retrieval, composer="none", abstained=True)
    return _released(services, actor, door, answer)


def _released(
    services: Services, actor: Actor, door: str, answer: Answer, *, removed: tuple[int, ...] = (), llm_ms: float = 0.0
) -> Answer:
    """Write the answer event; only then may the answer be seen."""
    event = services.ledger.append(answer_draft(actor, door, answer, removed=removed, timings={"llm_ms": llm_ms}))
    asked = answer.retrieval.event
    return replace(answer, events=(event.seq,) if asked is None else (asked, event.seq))


def _citation_notices(checked: CheckedText) -> tuple[str, ...]:
    notices = []
    if checked.removed:
        labels = "".join(f"[{number}]" for number in checked.removed)
        notices.append(f"Citations that no evidence has were removed: {labels}.")
    if not checked.citations:
        notices.append("This answer cites no evidence.")
    return tuple(notices)
