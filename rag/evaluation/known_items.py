"""Questions from a library's own captions: is the picture found that its caption was written for?

A question that stands word for word on the picture it looks for would be found by its own
words, and the figure would mean nothing. So each caption that becomes a question is taken off
its picture first, in a copy of the collection: captions on all other pictures stay, so do
this picture's other captions and its tags. In turns, because a library whose captions were
all taken off at once would not be the library any more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.errors import BadQuery
from rag.evaluation.asking import Asker, Progress, quietly
from rag.evaluation.cases import Case, Result
from rag.indexing.points import point_for, searchable_captions
from rag.indexing.schema import collection_name
from rag.model import LOCAL_OWNER, Actor, Asset, Eq, Visual, VisualId
from rag.ports import Collections, Point, Services, VectorStore

TURNS = 10
"""At most one tenth of the captioned pictures are without a caption at a time."""

PAGE = 500
SHORTEST = 3
"""Words of a caption that can be a question: "dog" is true of many pictures."""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A picture, and the caption that is taken off it."""

    visual: Visual
    asset: Asset
    caption: int
    text: str


def copied(services: Services, library: str, scratch: Collections, progress: Progress = quietly) -> VectorStore:
    """The library's points in a collection of their own, which may be changed at will.

    Raises:
        NotFound: no such library for this actor.
        Unavailable: a store did not answer.
    """
    store = scratch.open(collection_name(f"evaluation {services.encoder.id}"), services.encoder.dim)
    wanted = services.store.count(Eq("library", library))
    for done, page in enumerate(pages(services.store, library)):
        progress(f"copy {library}", done * PAGE, wanted)
        store.upsert(list(services.store.fetch(page).values()))
    store.optimize()
    progress(f"copy {library}", wanted, wanted)
    return store


def pages(store: VectorStore, library: str) -> Iterator[list[VisualId]]:
    """The ids of a library's points, some at a time."""
    after: VisualId | None = None
    while page := store.ids(Eq("library", library), limit=PAGE, after=after):
        yield page
        after = page[-1]


def known_items(
    services: Services, library: str, *, most: int, seed: int = 1, actor: Actor = LOCAL_OWNER
) -> list[KnownItem]:
    """A picture for each question, drawn without replacement among the captioned ones.

    Of captions that stand on several pictures, none is taken: nobody could say which picture they ask for.

    Raises:
        BadQuery: no picture here has a caption of `SHORTEST` words that is its own.
    """
    found = [item for page in pages(services.store, library) for item in _items(services, actor, page)]
    said: dict[str, int] = {}
    for item in found:
        said[_folded(item.text)] = said.get(_folded(item.text), 0) + 1
    own = [item for item in found if said[_folded(item.text)] == 1]
    if not own:
        raise BadQuery(
            f"no picture in {library!r} has a caption of {SHORTEST} words or more that is its own; "
            "give --judgements and --questions instead"
        )
    rng = random.Random(f"known items {seed}")
    one_each = {item.visual.id: item for item in rng.sample(own, len(own))}
    return rng.sample(list(one_each.values()), min(most, len(one_each)))


def ask_known_items(
    asker: Asker, store: VectorStore, items: Sequence[KnownItem], captioned: int, progress: Progress = quietly
) -> list[Result]:
    """Ask for each picture by the caption that is taken off it meanwhile; the copy is as before at the end.

    Args:
        store: the copy that `asker` asks.
        captioned: pictures of the library that have captions.
    """
    share = max(1, captioned // TURNS)
    results: list[Result] = []
    for at in range(0, len(items), share):
        turn = items[at : at + share]
        before = store.fetch([item.visual.id for item in turn])
        there = [item for item in turn if item.visual.id in before]
        store.upsert([without_caption(before[item.visual.id], item) for item in there])
        for result in asker.ask([_case(item) for item in there]):
            progress("ask for known pictures", len(results), len(items))
            results.append(result)
        store.upsert(list(before.values()))
    progress("ask for known pictures", len(items), len(items))
    return results


def without_caption(point: Point, item: KnownItem) -> Point:
    """The point as if the caption had never been written: its vector, its terms and its payload go.

    Generated captions go along: they may say the same, in the words that they were made from.
    """
    said = searchable_captions(item.asset, item.visual)
    gone = [n for n, caption in enumerate(said) if n == item.caption or not caption.is_truth]
    asset = replace(item.asset, captions=tuple(caption for n, caption in enumerate(said) if n not in gone))
    return point_for(asset, item.visual, point.image, np.delete(point.captions, gone, axis=0))


def _items(services: Services, actor: Actor, page: Sequence[VisualId]) -> Iterator[KnownItem]:
    for visual, asset in services.catalog.visuals(actor, page).values():
        for n, caption in enumerate(searchable_captions(asset, visual)):
            if not caption.is_truth:
                continue
            if len(caption.text.split()) >= SHORTEST and len(caption.text) <= services.settings.max_question:
                yield KnownItem(visual, asset, n, caption.text)


def _case(item: KnownItem) -> Case:
    group = "has another caption" if _others(item) else "has no other caption"
    return Case(item.text, {item.visual.id: 1.0}, group, (item.asset.library,))


def _others(item: KnownItem) -> int:
    return sum(caption.is_truth for caption in searchable_captions(item.asset, item.visual)) - 1


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
