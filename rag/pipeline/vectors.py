"""Vectors that come along with files: kept beside their bytes, and trusted only when they are our own encoder's."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np

from rag.errors import BadMedia, NotFound
from rag.model import Asset, AssetId
from rag.ports import Blobs, Encoder, Services, Vector

EMBEDDING = "embedding.npy"
"""One row, float32, in numpy's own format."""

LEAST_COSINE = 0.98
"""Another tool decodes and rounds in its own way and stays above 0.99; another model falls below 0.9."""


def keep_vector(blobs: Blobs, asset_id: AssetId, vector: Vector) -> None:
    """Keep a vector beside the bytes it came with."""
    buffer = io.BytesIO()
    np.save(buffer, vector.astype(np.float32), allow_pickle=False)
    blobs.put_derived(asset_id, EMBEDDING, buffer.getvalue())


def kept_vector(blobs: Blobs, asset: Asset, encoder: Encoder) -> Vector | None:
    """The vector that came along, shape (dim,); None unless it is of this very encoder."""
    if asset.embedded_by != encoder.id:
        return None
    try:
        kept = blobs.get_derived(asset.id, EMBEDDING)
    except NotFound:
        return None
    vector: Vector = np.load(io.BytesIO(kept), allow_pickle=False)
    return vector if vector.shape == (encoder.dim,) else None


def from_encoder(services: Services, encoder: Encoder, samples: Iterable[tuple[bytes, Vector]]) -> bool:
    """Whether an encoder gives the same vectors for these files. False when none of them can be decoded.

    Args:
        samples: bytes, and the vector that came with them: shape (dim,), unit length.
    """
    cosines = []
    for content, theirs in samples:
        try:
            ours = services.pipeline.embed(content, encoder)
        except BadMedia:
            continue
        cosines.append(float(ours @ theirs) if ours.shape == theirs.shape else -1.0)
    return bool(cosines) and min(cosines) >= LEAST_COSINE
