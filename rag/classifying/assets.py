"""Whole assets by the stored vectors of their visuals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rag.batching import in_batches
from rag.classifying.classifier import Classifier, surest
from rag.classifying.confidence import Floats
from rag.classifying.results import Classified, Wanted
from rag.model import Actor, Asset, AssetRef, AssetState, Visual
from rag.ports import Matrix, Services, VectorStore

ASSETS_AT_ONCE = 200
VISUALS_AT_ONCE = 500

Seen = list[tuple[Visual, Floats]]


def indexed_assets(services: Services, actor: Actor, library: str) -> Iterator[list[Asset]]:
    """All that `actor` may see, page by page by their ids, which are hashes: any first part is a sample."""
    after = ""
    while page := services.catalog.assets(actor, library, state=AssetState.INDEXED, limit=ASSETS_AT_ONCE, after=after):
        yield page
        after = page[-1].id


def stored_vectors(
    services: Services, store: VectorStore, assets: Sequence[Asset]
) -> Iterator[tuple[list[Visual], Matrix]]:
    """The visuals of `assets` that are in the store, some at a time, with their vectors: shape (n, dim)."""
    for visuals in in_batches(services.catalog.visuals_of([asset.ref for asset in assets]), VISUALS_AT_ONCE):
        points = store.fetch([visual.id for visual in visuals])
        there = [visual for visual in visuals if visual.id in points]
        if there:
            yield there, np.stack([points[visual.id].image for visual in there])


def decided(
    services: Services, classifier: Classifier, assets: Sequence[Asset], wanted: Wanted
) -> dict[AssetRef, Classified]:
    """What is said of each of `assets`, in their order; those without a stored visual are left out."""
    seen: dict[AssetRef, Seen] = {}
    for visuals, vectors in stored_vectors(services, classifier.serving.store, assets):
        for visual, row in zip(visuals, classifier.probabilities(vectors), strict=True):
            seen.setdefault(visual.asset_ref, []).append((visual, row))
    return {asset.ref: _spoken_for(classifier, asset, seen[asset.ref], wanted) for asset in assets if asset.ref in seen}


def _spoken_for(classifier: Classifier, asset: Asset, seen: Seen, wanted: Wanted) -> Classified:
    """The surest visual gives the verdict; a tag needs one visual, whichever, that is sure enough of it."""
    rows = np.stack([row for _, row in seen])
    best = surest(rows)
    tags = classifier.reaching(rows.max(axis=0), wanted.min_confidence) if wanted.tag else []
    return Classified(asset.name, classifier.verdict(rows[best]), asset.ref, seen[best][0], len(seen), tuple(tags))
