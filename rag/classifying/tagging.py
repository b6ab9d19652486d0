"""Tags of classifications: into the catalog, and from there into searches, and back out.

Catalog and vector store share no transaction. The catalog comes first; whatever fails
afterwards, a second call finds what the points lack and writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.batching import in_batches
from rag.classifying.results import Classified
from rag.indexing.points import point_for
from rag.model import Actor, And, Asset, AssetRef, AssetState, Eq, GeneratedTag, Visual, VisualId
from rag.ports import Point, Services, VectorStore

POINTS_AT_ONCE = 256

LOOKS = 5
"""How often tags that others change at the same time are followed."""

Known = dict[VisualId, tuple[Visual, Asset]]


def give_tags(services: Services, actor: Actor, results: Sequence[Classified], event: int) -> int:
    """Give assets the tags that were decided. Calling twice changes nothing the second time.

    Returns:
        How many assets got a tag that they had not.

    Raises:
        Unavailable: retryable.
    """
    tags = {
        result.asset: [GeneratedTag(label, confidence, event) for label, confidence in result.tags]
        for result in results
        if result.asset is not None and result.tags
    }
    changed = services.catalog.add_generated_tags(actor, tags)
    refresh_points(services, actor, list(tags))
    return len(changed)


def take_back(services: Services, actor: Actor, library: str, name: str) -> int:
    """Take a generated tag from all of a library. Raises as `give_tags`.

    Returns:
        How many assets lost it.
    """
    lost = 0
    while refs := services.catalog.remove_generated_tag(actor, library, name, limit=POINTS_AT_ONCE):
        refresh_points(services, actor, refs)
        lost += len(refs)
    _refresh_left_over(services, actor, And((Eq("library", library), Eq("generated_tags", name))))
    return lost


def refresh_points(services: Services, actor: Actor, refs: Sequence[AssetRef]) -> None:
    """Give the points of assets, in every collection, what the catalog has of them. Vectors stay as they are.

    What was written is compared with the catalog afterwards: points of assets that were
    deleted meanwhile go again, and what somebody else changed is written once more.
    """
    for visuals in in_batches(services.catalog.visuals_of(refs), POINTS_AT_ONCE):
        _refresh(services, actor, [visual.id for visual in visuals])


def _refresh_left_over(services: Services, actor: Actor, where: And) -> None:
    """Points that an earlier call, cut short, left with a tag that the catalog took back."""
    for store in services.collections.every():
        after: VisualId | None = None
        while ids := store.ids(where, limit=POINTS_AT_ONCE, after=after):
            _refresh(services, actor, ids)
            after = ids[-1]


def _refresh(services: Services, actor: Actor, ids: Sequence[VisualId]) -> None:
    stores = services.collections.every()
    known = services.catalog.visuals(actor, ids)
    stale = set(known)
    for _ in range(LOOKS):
        for store in stores:
            _write(store, known, stale)
        now = services.catalog.visuals(actor, ids)
        gone = _deleted(services, known)
        for store in stores if gone else ():
            store.delete(gone)
        stale = {one for one in now if one not in known or _differ(now[one][1], known[one][1])}
        known = now
        if not stale:
            return


def _differ(asset: Asset, before: Asset) -> bool:
    """In what changes after indexing and stands in points."""
    return asset.all_tags != before.all_tags or asset.moderation is not before.moderation


def _deleted(services: Services, known: Known) -> list[VisualId]:
    states = services.catalog.states(list({asset.ref for _, asset in known.values()}))
    return [one for one, (_, asset) in known.items() if states.get(asset.ref) in (None, AssetState.DELETED)]


def _write(store: VectorStore, known: Known, stale: set[VisualId]) -> None:
    points = store.fetch(sorted(stale))
    fresh = [_with_tags(point, *known[point.id]) for point in points.values()]
    changed = [point for point in fresh if point.payload != points[point.id].payload]
    if changed:
        store.upsert(changed)


def _with_tags(point: Point, visual: Visual, asset: Asset) -> Point:
    fresh = point_for(asset, visual, point.image, point.captions)
    return replace(point, bm25=fresh.bm25, payload=fresh.payload)
