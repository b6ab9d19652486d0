"""Pixels -> the names of their colours, each with its share.

Decided in OKLab (Ottosson 2020), where equal distances look equally different; in sRGB a dark red is nearer to
black than to red. What has next to no chroma is black, grey or white; all else goes by the example nearest
in lightness, chroma and hue, where hue weighs the most, or each muted colour would be called grey.
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

EDGE = 64
"""Pixels of the longer edge that are looked at: names do not change with more."""

LEAST_SHARE = 0.02

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "black": ("000000", "1c1c1c", "2b2b30"),
    "grey": ("555555", "808080", "a9a9a9", "c4c4c4"),
    "white": ("ffffff", "f2f2f2", "e6e6e6"),
    "red": ("d62828", "ff0000", "a01010", "ef4040"),
    "orange": ("f58220", "ff9a3c", "e06a10"),
    "yellow": ("ffd92f", "ffee58", "d9b800"),
    "green": ("2e9e4f", "1b5e20", "66bb6a", "8bc34a", "a5d67b"),
    "turquoise": ("1abc9c", "40e0d0", "008080"),
    "blue": ("2868d6", "0d3b8c", "64b5f6", "90caf9", "1a237e"),
    "purple": ("8640b4", "5e2a84", "b388dd"),
    "pink": ("f884b8", "ff4fa0", "f8bbd0"),
    "brown": ("84502c", "5d3a1a", "a0703c"),
    "beige": ("e8d5b0", "d9c39a", "f0e2c8"),
}
"""Some colours that go by each name, in sRGB."""

NEUTRALS = ("black", "grey", "white")
NEUTRAL = 0.03
"""Chroma below which a colour is seen as none."""
LIGHTNESS, HUE = 0.6, 0.2
"""Weights beside chroma, which weighs 1."""

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(srgb: Floats) -> Floats:
    """Args: srgb: shape (n, 3), in [0, 1]. Returns: L, a, b, shape (n, 3)."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    found: Floats = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return found


def named(srgb: Floats) -> list[str]:
    """The name of each colour. Args: srgb: shape (n, 3), in [0, 1]."""
    lab = oklab(srgb)
    features, neutral = _features(lab), np.hypot(lab[:, 1], lab[:, 2]) < NEUTRAL
    apart = np.square(features[:, None] - FEATURES[None]).sum(axis=2)  # (n, examples)
    apart[neutral[:, None] != ARE_NEUTRAL[None]] = np.inf
    return [NAMES[place] for place in apart.argmin(axis=1)]


def _features(lab: Floats) -> Floats:
    """Lightness, chroma, and hue as a direction, each by its weight. shape (n, 4)"""
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    direction = lab[:, 1:] / np.maximum(chroma, 1e-6)[:, None]
    found: Floats = np.column_stack([LIGHTNESS * lab[:, 0], chroma, HUE * direction])
    return found


def _examples() -> tuple[tuple[str, ...], Floats]:
    names = tuple(name for name, colours in EXAMPLES.items() for _ in colours)
    codes = [bytes.fromhex(code) for colours in EXAMPLES.values() for code in colours]
    return names, _features(oklab(np.array([list(code) for code in codes]) / 255))


NAMES, FEATURES = _examples()
ARE_NEUTRAL = np.array([name in NEUTRALS for name in NAMES])


def colour_shares(picture: bytes) -> Mapping[str, float]:
    """Names of a picture's colours with their shares, the largest first; those below 2 % are left out.

    Args:
        picture: a thumbnail of ours. Empty where it cannot be read: then nothing is said of colours.
    """
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(picture)) as image:
            warnings.simplefilter("ignore")
            image.draft("RGB", (EDGE, EDGE))
            small = image.convert("RGB")
            small.thumbnail((EDGE, EDGE), Image.Resampling.BOX)
    except (OSError, ValueError):
        return {}
    pixels = np.asarray(small, dtype=np.float64).reshape(-1, 3) / 255
    counts = Counter(named(pixels)).most_common()
    return {name: count / len(pixels) for name, count in counts if count >= LEAST_SHARE * len(pixels)}
