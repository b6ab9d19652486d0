"""How small a picture may be made before it is encoded: no smaller than an encoder and a thumbnail can use.

From twice the encoder's edge, an embedding keeps a cosine of 0.9999 to the full decode. So the
short edge is kept at two to four times that edge (or that of a thumbnail, 336 pixels, where an
encoder sees less), except where a long strip would then be more than 64 times the encoder's square.
"""

from __future__ import annotations

import math

THUMBNAIL_SHORT_EDGE = 336
"""Pixels of the short edge of a 4:3 thumbnail."""


def kept_edge(wanted: int) -> int:
    """Pixels that the short edge keeps for an encoder that sees `wanted` pixels."""
    return max(2 * wanted, THUMBNAIL_SHORT_EDGE)


def most_pixels(wanted: int) -> int:
    """Pixels of the largest picture that leaves a decoder."""
    return (4 * kept_edge(wanted)) ** 2


def factor(width: int, height: int, wanted: int) -> int:
    """By which whole number both edges are divided; 1 leaves the picture as it is."""
    by_edge = min(width, height) // kept_edge(wanted)
    by_area = math.ceil(math.sqrt(width * height / most_pixels(wanted)))
    return max(1, by_edge, by_area)


def scaled(width: float, height: float, short_edge: float, wanted: int) -> tuple[int, int]:
    """The size with at most `short_edge` pixels on the short edge, within `most_pixels`; both at least 1."""
    scale = min(short_edge / min(width, height), math.sqrt(most_pixels(wanted) / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))
