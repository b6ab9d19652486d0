"""Captions that assets got after they were indexed: from the catalog into every written collection.

Catalog and vector store share no transaction. The catalog comes first; what fails afterwards is found by `lagging`
and written by a second call. Vectors of the pictures stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.batching import in_batches
from rag.indexing.points import point_for, searchable_captions
from rag.model import LOCAL_OWNER, Asset, Visual, VisualId
from rag.pipeline.filling import remove_strays
from rag.ports import Captioned, Encoder, Matrix, Point, Services, VectorStore

POINTS_AT_ONCE = 256

LOOKS = 5
"""How often captions that others change at the same time are followed."""

Known = dict[VisualId, tuple[Visual, Asset]]


def refresh_captions(services: Services, ids: Sequence[VisualId]) -> None:
    """Give the points of visuals, in every written collection, the captions that the catalog has now.

    Calling twice is harmless. Points that are not there yet are left to whoever writes them.

    Raises:
        Retryable: a part did not answer; some may be written.
    """
    for some in in_batches(ids, POINTS_AT_ONCE):
        for serving in services.written():
            _refresh(services, serving.store, serving.encoder, some)


def lagging(services: Services, store: VectorStore, ids: Sequence[VisualId]) -> list[VisualId]:
    """Of visuals with points in a collection, those whose captions there are not those of the catalog."""
    known = _known(services, ids)
    indexed = store.captions(list(known))
    return [one for one, (visual, asset) in known.items() if one in indexed and _differs(visual, asset, indexed[one])]


def _refresh(services: Services, store: VectorStore, encoder: Encoder, ids: Sequence[VisualId]) -> None:
    """What was written is compared with the catalog afterwards, until nobody has changed it meanwhile."""
    stale = list(ids)
    for _ in range(LOOKS):
        known = _known(services, stale)
        points = store.fetch(list(known))
        if not points:
            return
        store.upsert([_with_captions(point, *known[point.id], encoder) for point in points.values()])
        remove_strays(services, store, [known[one][0] for one in points])
        stale = lagging(services, store, list(points))
        if not stale:
            return


def _known(services: Services, ids: Sequence[VisualId]) -> Known:
    return services.catalog.visuals(LOCAL_OWNER, ids)  # upkeep, whoever may see them


def _with_captions(point: Point, visual: Visual, asset: Asset, encoder: Encoder) -> Point:
    texts = [caption.text for caption in searchable_captions(asset, visual)]
    rows: Matrix = encoder.texts(texts) if texts else np.zeros((0, encoder.dim), dtype=np.float32)
    return point_for(asset, visual, point.image, rows)


def _differs(visual: Visual, asset: Asset, indexed: Captioned) -> bool:
    wanted = [(caption.text, caption.origin.value) for caption in searchable_captions(asset, visual)]
    return wanted != [(said["text"], said["origin"]) for said in indexed.said] or len(indexed.vectors) != len(wanted)
