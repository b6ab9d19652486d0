"""Pictures to measure ingest with: drawn scenes with the grain of a sensor, as many bytes as a camera's JPEGs have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from rag.scenes import draw, sample_scene

SCENES = 6
GRAIN = 3.0
"""Standard deviation of the noise in levels of 255: 12 megapixels come to 1.9 MB at quality 90, as calm photographs do.

Bytes decide what decoding costs, as every one is read whatever the scale: 27 ms for these,
46 ms for 3.6 MB of the same picture (grain 7), 8 ms without grain (0.5 MB).
"""


def write_photographs(folder: Path, count: int, size: tuple[int, int], *, seed: int = 0) -> list[Path]:
    """`count` different JPEGs of `size` pixels (width, height).

    A few scenes are drawn and grained; the others are shifted and mirrored copies of
    them, so that no two files are alike and decoding each costs the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [_grained(random.Random(seed + number), size) for number in range(min(SCENES, count))]
    paths = []
    for number, picture in enumerate(_varied(scenes, count)):
        path = folder / f"{number:05}.jpg"
        picture.save(path, quality=90)
        paths.append(path)
    return paths


def write_small(folder: Path, count: int, *, edge: int = 160, seed: int = 0) -> None:
    """`count` different small JPEGs: twenty scenes, each with a patch of its own number's noise."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    scenes = [np.asarray(draw(sample_scene(rng), edge).convert("RGB")) for _ in range(20)]
    noise = np.random.default_rng(seed)
    for number in range(count):
        pixels = scenes[number % len(scenes)].copy()
        pixels[:32, :32] = noise.integers(0, 255, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:06}.jpg", quality=85)


def _grained(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    scene = draw(sample_scene(rng), 512).convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, GRAIN, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.asarray(scene, dtype=np.float32) + noise, 0, 255).astype(np.uint8))


def _varied(scenes: list[Image.Image], count: int) -> Iterator[Image.Image]:
    for number in range(count):
        turn, scene = divmod(number, len(scenes))
        pixels = np.roll(np.asarray(scenes[scene]), (37 * turn, 61 * turn), axis=(0, 1))
        yield Image.fromarray(pixels[:, ::-1] if turn % 2 else pixels)
