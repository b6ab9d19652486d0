"""The "more like this" flow: one picture in, pictures like it out, each with what it shares and where it differs.

    a visual | a file -> retrieve by picture and caption (filtered by the actor's rights and the wish)
             -> copies of the given one left out -> mixed, numbered
             -> profiles (tags, captions, labels read zero-shot, colours, the file) -> facts -> composed sentences
             -> event written, durable -> an LLM words the facts, where there is one; each sentence checked -> event

If the ledger cannot be written nothing is returned: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.audit.recording import library_of, retrieval_draft
from rag.describing.attributes import Attributes, default_attributes, load_attributes
from rag.describing.composing import Composer
from rag.describing.facts import compared
from rag.describing.given import Given, given_of, profiles_of
from rag.describing.results import COPY, NEAR_COPY, Described, Similar, Wish, facets_of
from rag.describing.writing import similar_prompt, written
from rag.duplicates import COSINE, DISTANCE
from rag.errors import Rejected, Unavailable
from rag.model import Actor, Channel, Dropped, Evidence, Json, Part, Prompt, Query, Retrieval, Visual
from rag.ports import Draft, Services, Serving
from rag.retrieval.checking import MOST_TOP_K
from rag.retrieval.diversity import mmr
from rag.retrieval.opening import retriever_of
from rag.retrieval.rights import readable_libraries
from rag.retrieval.search import BELOW

log = logging.getLogger(__name__)

SPARE = 40
"""Hits fetched beyond those wanted: copies are left out of them, and the rest is mixed."""


def similar(services: Services, actor: Actor, wish: Wish, *, door: str, serving: Serving | None = None) -> Similar:
    """Pictures like a given one, described. Recorded in the ledger before they are returned.

    Args:
        serving: the encoder and collection to use; the live ones of this moment where none are given.

    Raises:
        BadQuery: see `Wish.checked` and `Retriever.retrieve`; or the file is no picture.
        NotFound: the visual, or a library, is not there for this actor.
        LedgerUnavailable: an event could not be written, so nothing is returned.
    """
    wish = wish.checked()
    serving = serving or services.serving()
    attributes = load_attributes(wish.attributes or default_attributes(serving.encoder))
    given = given_of(services, actor, serving, wish, attributes)
    retrieval = _retrieved(services, actor, serving, wish, given)
    composer = Composer(wish.language, attributes.german)
    described = []
    for item, profile in profiles_of(services, actor, serving, attributes, retrieval.evidence):
        facts = compared(given.profile, profile)
        described.append(Described(item, facts, composer.sentence(facts)))
    retrieval = replace(retrieval, evidence=tuple(one.evidence for one in described))
    result = Similar(given.evidence, retrieval, tuple(described), facets_of(retrieval.evidence), wish.language)
    return _released(services, actor, door, result, attributes=attributes, composer=composer)


def _retrieved(services: Services, actor: Actor, serving: Serving, wish: Wish, given: Given) -> Retrieval:
    """The hits of the wish, copies left out, mixed and numbered."""
    retriever = retriever_of(services, serving, embed=lambda content: given.vector)
    query = _query(services, actor, wish, given)
    wide = retriever.retrieve(actor, replace(query, top_k=min(MOST_TOP_K, wish.top_k + SPARE), diversity=0.0))
    left, copies = (wide.evidence, []) if wish.duplicates else _without_copies(serving, given, wide.evidence)
    mixed = _mixed(serving, left, wish.diversity)
    kept = tuple(replace(item, number=number) for number, item in enumerate(mixed[: wish.top_k], start=1))
    below = [Dropped(item.visual.id, BELOW, item.scores, item.relevance) for item in mixed[wish.top_k :]]
    gone = [replace(one, position=None) for one in wide.dropped]  # there are no further pages
    asked = replace(wide.query, top_k=wish.top_k, diversity=wish.diversity)
    return replace(wide, query=asked, evidence=kept, dropped=(*copies, *below, *gone))


def _query(services: Services, actor: Actor, wish: Wish, given: Given) -> Query:
    libraries = wish.libraries or ((given.evidence.visual.library,) if given.evidence else ())
    part = Part(visual=wish.visual) if wish.visual else Part(image=given.content)
    return Query(
        text=wish.words,
        libraries=tuple(readable_libraries(actor, libraries, services.catalog.libraries(actor))),
        where=wish.where,
        wanted=(part,),
        channels=(Channel.IMAGE, Channel.CAPTION),
        diversity=wish.diversity,
        per_asset=wish.per_asset,
        pictures={given.content: wish.content} if wish.content else {},
    )


def _without_copies(
    serving: Serving, given: Given, evidence: Sequence[Evidence]
) -> tuple[tuple[Evidence, ...], list[Dropped]]:
    """Those that are neither the given picture's bytes nor nearly its pixels, and the others with the reason."""
    near = [item.visual.id for item in evidence if _near(item.visual, given)]
    points = serving.store.fetch(near) if near else {}
    close = {one for one in points if float(points[one].image @ given.vector) >= COSINE}
    reasons = {
        item.visual.id: COPY if _same(item.visual, given) else NEAR_COPY if item.visual.id in close else ""
        for item in evidence
    }
    left = tuple(item for item in evidence if not reasons[item.visual.id])
    copies = [
        Dropped(item.visual.id, reasons[item.visual.id], item.scores, item.relevance)
        for item in evidence
        if reasons[item.visual.id]
    ]
    return left, copies


def _same(visual: Visual, given: Given) -> bool:
    return (visual.asset_id, visual.locator) == (given.content, given.locator)


def _near(visual: Visual, given: Given) -> bool:
    """Few different bits, as `rag.duplicates` has it; pages of one document are alike by nature."""
    one, other = (int(digits or "0", 16) for digits in (visual.perceptual_hash, given.perceptual_hash))
    return bool(one and other) and visual.asset_id != given.content and (one ^ other).bit_count() <= DISTANCE


def _mixed(serving: Serving, evidence: Sequence[Evidence], diversity: float) -> list[Evidence]:
    """Reordered so that early ones differ from each other; 0 changes nothing."""
    if not diversity or len(evidence) < 2:
        return list(evidence)
    points = serving.store.fetch([item.visual.id for item in evidence])
    there = [item for item in evidence if item.visual.id in points]
    vectors = np.stack([points[item.visual.id].image for item in there])
    standing = np.linspace(1.0, 0.0, len(there), dtype=np.float32)  # by rank: what orders them differs by library
    return [there[place] for place in mmr(standing, vectors, diversity)]


def _released(
    services: Services, actor: Actor, door: str, result: Similar, *, attributes: Attributes, composer: Composer
) -> Similar:
    """Recorded; then worded by the LLM, where there is one, and recorded again. Only then may it be seen."""
    chat = services.chat
    facts = {one.evidence.number: one.facts for one in result.described}
    prompt = None if chat.extractive or not facts else similar_prompt(facts, composer, result.language)
    draft = retrieval_draft(actor, door, result.retrieval, prompt=prompt, chat=chat)
    said = {"attributes": {"id": attributes.id, "hash": attributes.hash}, "language": result.language}
    body = {**draft.body, "similar": {**said, "described": [one.as_json() for one in result.described]}}
    event = services.ledger.append(replace(draft, body=body)).seq
    result = replace(result, retrieval=replace(result.retrieval, event=event), events=(event,))
    return result if prompt is None else _worded(services, actor, door, result, composer=composer, prompt=prompt)


def _worded(
    services: Services, actor: Actor, door: str, result: Similar, *, composer: Composer, prompt: Prompt
) -> Similar:
    """The LLM's sentences where they passed the check, the composed ones elsewhere."""
    chat, described, notices = services.chat, result.described, []
    facts = {one.evidence.number: one.facts for one in described}
    try:
        seconds = services.settings.llm_timeout
        sentences = written(chat, prompt, facts, composer, language=result.language, seconds=seconds)
        if missing := len(described) - len(sentences):
            notices = [f"{missing} of {len(described)} descriptions are composed: the LLM's did not keep to the facts."]
    except (Unavailable, Rejected) as error:
        log.warning("describing without the LLM: %s", error)
        sentences, notices = {}, [f"The descriptions are composed, because {error}."]
    described = tuple(
        replace(one, sentence=sentences[one.evidence.number], writer=chat.id)
        if one.evidence.number in sentences
        else one
        for one in described
    )
    body: Json = {
        "door": door,
        "retrieval": result.retrieval.event,
        "described": [
            {"number": one.evidence.number, "sentence": one.sentence, "writer": one.writer} for one in described
        ],
        "notices": notices,
    }
    event = services.ledger.append(Draft("description", actor.id, library_of(result.retrieval), body)).seq
    return replace(result, described=described, notices=tuple(notices), events=(*result.events, event))
