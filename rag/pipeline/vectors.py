"""Vectors that come along with files: kept beside their bytes, and trusted only when they are our own encoder's."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np

from rag.errors import BadMedia, NotFound
from rag.model import Asset, AssetId
from rag.ports import Services, Vector

EMBEDDING = "embedding.npy"
"""One row, float32, in numpy's own format."""

LEAST_COSINE = 0.98
"""Another tool decodes and rounds in its own way and stays above 0.99; another model falls below 0.9."""


def keep_vector(services: Services, asset_id: AssetId, vector: Vector) -> str:
    """Keep a vector beside the bytes it came with; gives the id of the encoder it is taken for."""
    buffer = io.BytesIO()
    np.save(buffer, vector.astype(np.float32), allow_pickle=False)
    services.blobs.put_derived(asset_id, EMBEDDING, buffer.getvalue())
    return services.encoder.id


def kept_vector(services: Services, asset: Asset) -> Vector | None:
    """The vector that came along, shape (dim,); None unless it is of this very encoder."""
    if asset.embedded_by != services.encoder.id:
        return None
    try:
        kept = services.blobs.get_derived(asset.id, EMBEDDING)
    except NotFound:
        return None
    vector: Vector = np.load(io.BytesIO(kept), allow_pickle=False)
    return vector if vector.shape == (services.encoder.dim,) else None


def from_our_encoder(services: Services, samples: Iterable[tuple[bytes, Vector]]) -> bool:
    """Whether our encoder gives the same vectors for these files. False when none of them can be decoded.

    Args:
        samples: bytes, and the vector that came with them: shape (dim,), unit length.
    """
    cosines = []
    for content, theirs in samples:
        try:
            ours = services.pipeline.embed(content)
        except BadMedia:
            continue
        cosines.append(float(ours @ theirs) if ours.shape == theirs.shape else -1.0)
    return bool(cosines) and min(cosines) >= LEAST_COSINE
