"""The last stage: points of complete assets, upserted together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rag.errors import Retryable
from rag.pipeline.encoding import Ready, give_back
from rag.ports import Point, VectorStore

__all__ = ["Ready", "store"]


def store(ready: Sequence[Ready]) -> None:
    """Upsert the points of many assets, each collection's in one go; each asset's own go together. Ends the works."""
    if not ready:
        return
    try:
        for collection, points in _by_collection(ready):
            collection.upsert(points)
    except Exception as error:
        if len(ready) > 1 and not isinstance(error, Retryable):
            for one in ready:
                store([one])
            return
        for one in ready:
            give_back(one.work, error)
        return
    for one in ready:
        one.work.finish()


def _by_collection(ready: Sequence[Ready]) -> list[tuple[VectorStore, list[Point]]]:
    stores: dict[str, VectorStore] = {}
    points: dict[str, list[Point]] = defaultdict(list)
    for one in ready:
        for target, some in one.points:
            stores[target.store.name] = target.store
            points[target.store.name] += some
    return [(stores[name], points[name]) for name in stores]
