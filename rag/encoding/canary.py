"""A picture whose vector is known: an encoder that embeds it differently must not take work."""

from __future__ import annotations

import numpy as np
from PIL import Image

from rag.errors import EncoderBroken
from rag.ports import Encoder, Vector

SIDE = 256
LEAST_COSINE = 0.995
"""One bound for all precisions, because a record does not say in which it was made: of one model, bf16 and fp32 agree
to 0.9999 and int8 to 0.995 at the least; other weights, or other preprocessing, fall below 0.99."""


def canary_picture() -> Image.Image:
    """The same pixels everywhere: gradients, rings and a checkerboard, in integer arithmetic.

    Returns:
        RGB, 256 by 256.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.int64)
    rings = ((x - 96) ** 2 + (y - 144) ** 2) // 96 % 256
    board = ((x // 32 + y // 32) % 2) * 160 + 40
    red = np.where(x > y, x, rings)
    green = np.where(x + y < SIDE, board, 255 - y)
    blue = (3 * x + 5 * y) // 8
    return Image.fromarray(np.stack([red, green, blue], axis=-1).astype(np.uint8))


def canary_vector(encoder: Encoder) -> Vector:
    """The canary's vector: shape (dim,), float32, unit length."""
    vector: Vector = encoder.images([canary_picture()])[0]
    return vector


def check_canary(encoder: Encoder, expected: Vector) -> None:
    """Compare with the vector recorded when this encoder id was first used.

    Args:
        expected: shape (dim,), float32, unit length.

    Raises:
        EncoderBroken: another length, or a cosine below 0.995.
    """
    found = canary_vector(encoder)
    if found.shape != expected.shape:
        raise EncoderBroken(
            f"Encoder {encoder.id} gives vectors of length {len(found)}, its record says {len(expected)}: "
            "its weights or settings changed"
        )
    cosine = float(found @ expected)
    if cosine < LEAST_COSINE:
        raise EncoderBroken(
            f"Encoder {encoder.id} sees the canary picture differently than before (cosine {cosine:.4f}): "
            "check its weights, its libraries and the machine's precision"
        )
