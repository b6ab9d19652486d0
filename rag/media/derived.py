"""What is made once from a picture and kept: its thumbnail and its perceptual hash."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

THUMBNAIL = "thumbnail.webp"
THUMBNAIL_TYPE = "image/webp"
THUMBNAIL_EDGE = 448
"""Pixels of the longer edge: sharp on a phone at two pixels per point, about 15 kB."""


def thumbnail(image: Image.Image) -> bytes:
    """A WebP of at most `THUMBNAIL_EDGE` pixels an edge, without metadata."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=82, method=2)
    return buffer.getvalue()


def difference_hash(image: Image.Image) -> str:
    """64-bit difference hash, 16 hex digits: is each pixel of a 9x8 grey miniature darker than its right neighbour?

    Near duplicates differ in few bits (Krawetz 2013).
    """
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)  # (8, 9)
    bits = grey[:, :-1] < grey[:, 1:]  # (8, 8)
    return np.packbits(bits).tobytes().hex()
