"""An adapter from the library's own pairs of picture and caption, kept when it is worth having."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.batching import in_batches
from rag.encoding.adapter import Adapter, to_bytes
from rag.errors import BadRequest
from rag.migration.measuring import compared, ndcg
from rag.model import AssetRef, AssetState, CaptionOrigin, Generation, Visual
from rag.ports import Matrix, Services, Vector, VectorStore

if TYPE_CHECKING:
    from rag.encoding.adapting import Pairs

LEAST = 100
"""Different captions below which there is nothing to learn, and nothing left to test on."""

MOST = 50_000
"""Pairs that are trained on: 100 MB of vectors of 256 floats."""

PAGE = 500
K = 10


def adapter_for(services: Services, generation: Generation) -> tuple[str, dict[str, Any]]:
    """Train an adapter on the vectors of the generation it is based on.

    Returns:
        The name of the adapted encoder, and how it and the unadapted one did on what was held out.

    Raises:
        BadRequest: too few captions, or no better than without.
    """
    from rag.encoding.adapting import parted, train

    based_on = services.generations.get(int(generation.based_on or 0))
    base = services.opened(based_on)
    pairs = _pairs(services, base.store)
    different = len(np.unique(pairs.groups)) if len(pairs) else 0
    if different < LEAST:
        raise BadRequest(
            f"an adapter takes at least {LEAST} different captions that people wrote; there are {different}"
        )
    parts = parted(pairs)
    adapter = train(parts, base.encoder.id)
    figures = held_out_figures(parts.held_out, adapter)
    if figures["low"] <= 0:
        raise BadRequest(
            f"an adapter is not worth having here: nDCG@{K} of held-out captions is {figures['old']:.3f} without and "
            f"{figures['new']:.3f} with it (95% interval of the difference: {figures['low']:+.3f} to "
            f"{figures['high']:+.3f})"
        )
    weights = services.blobs.put(to_bytes(adapter))
    report = {"pairs": len(pairs), "held_out": len(parts.held_out), "held_out_ndcg_at_k": figures}
    return f"{based_on.encoder}+adapter:{weights}", report


def held_out_figures(pairs: Pairs, adapter: Adapter) -> dict[str, float]:
    """nDCG@10 of finding each caption's picture among those held out, without and with the adapter."""
    plain = _ndcgs(pairs, pairs.texts, pairs.images)
    return compared(plain, _ndcgs(pairs, adapter.text(pairs.texts), adapter.image(pairs.images)))


def _ndcgs(pairs: Pairs, texts: Matrix, images: Matrix) -> list[float]:
    """Pairs of one group answer each other's captions."""
    order = np.argsort(-(texts @ images.T), axis=1)[:, :K]
    names = [str(place) for place in range(len(pairs))]
    found = []
    for row, group in zip(order, pairs.groups, strict=True):
        grades = {names[place]: 1.0 for place in np.flatnonzero(pairs.groups == group)}
        found.append(ndcg([names[place] for place in row], grades, K))
    return found


def _pairs(services: Services, store: VectorStore) -> Pairs:
    """The first caption that a person wrote for each picture, as the vectors of both are stored."""
    from rag.encoding.adapting import Pairs

    images: list[Vector] = []
    texts: list[Vector] = []
    groups: list[int] = []
    for visuals in _visuals(services):
        points = store.fetch([visual.id for visual in visuals])
        for point in points.values():
            written = zip(point.captions, point.payload.get("captions", ()), strict=False)
            mine = ((row, one["text"]) for row, one in written if one["origin"] == CaptionOrigin.HUMAN.value)
            # One a picture: else it could be trained on with one caption and held out with another.
            for row, text in islice(mine, 1 if len(groups) < MOST else 0):
                images.append(point.image)
                texts.append(row)
                groups.append(zlib.crc32(text.encode()))
    if not groups:
        return Pairs(np.zeros((0, store.dim), np.float32), np.zeros((0, store.dim), np.float32), np.zeros(0, np.int64))
    return Pairs(np.stack(images), np.stack(texts), np.array(groups, dtype=np.int64))


def _visuals(services: Services) -> Iterator[list[Visual]]:
    after: AssetRef | None = None
    while page := services.catalog.every_asset(limit=PAGE, after=after):
        indexed = [asset.ref for asset in page if asset.state is AssetState.INDEXED]
        yield from in_batches(services.catalog.visuals_of(indexed), PAGE)
        after = page[-1].ref
