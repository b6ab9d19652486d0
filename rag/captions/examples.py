"""Captions of pictures like this one, found by a search that the ledger has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rag.captions.subject import Subject
from rag.indexing.points import searchable_captions
from rag.model import Actor, Asset, Caption, CaptionOrigin, CaptionStatus, Example, Visual
from rag.ports import Services, Serving
from rag.search import search

LOOKED_AT = 40
"""Pictures that the search brings: some have no caption."""

MOST = 24
"""Captions of those."""

IN_A_PROMPT = 6


def find_examples(
    services: Services, actor: Actor, serving: Serving, subject: Subject, libraries: Sequence[str], *, door: str
) -> tuple[tuple[Example, ...], int]:
    """Approved captions of similar pictures, the nearest first, and the ledger's number of the search.

    One a picture. Words read off a picture are none; generated ones come behind those of people and files.

    Raises:
        NotFound: a library that is not there for this actor.
        LedgerUnavailable: nothing is returned.
    """
    query = replace(subject.like(), libraries=tuple(libraries), top_k=LOOKED_AT)
    found = search(services, actor, query, door=door, serving=serving)
    known = services.catalog.visuals(actor, [item.visual.id for item in found.evidence])
    examples = [
        Example(item.visual.id, caption.text, round(item.relevance, 4), caption.origin, caption.language)
        for item in found.evidence
        if item.visual.id in known and (caption := _approved(*known[item.visual.id])) is not None
    ]
    by_people_first = sorted(examples, key=lambda example: example.origin is CaptionOrigin.GENERATED)
    return tuple(by_people_first[:MOST]), -1 if found.event is None else found.event


def language_of(examples: Sequence[Example]) -> str:
    """The one that most examples are in; empty where none says."""
    said = Counter(example.language for example in examples if example.language)
    return said.most_common(1)[0][0] if said else ""


def _approved(visual: Visual, asset: Asset) -> Caption | None:
    captions = [
        caption
        for caption in searchable_captions(asset, visual)
        if caption.status is CaptionStatus.APPROVED and caption.origin is not CaptionOrigin.OCR
    ]
    own = sorted(captions, key=lambda caption: (caption.origin is CaptionOrigin.GENERATED, not caption.locator))
    return own[0] if own else None
