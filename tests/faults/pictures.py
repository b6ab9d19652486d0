"""Small pictures, no two alike: drawn once, then varied by a pixel."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from rag.scenes import draw, sample_scene
from rag.sources.entry import Entry

SIZE = 96
SCENES = 6


class Pictures:
    """An endless supply of PNG files; each is its own asset."""

    def __init__(self, seed: int = 7) -> None:
        rng = random.Random(seed)
        self._scenes = [draw(sample_scene(rng), SIZE) for _ in range(SCENES)]
        self._numbers = itertools.count()

    def take(self, count: int) -> dict[str, bytes]:
        """Files by name."""
        return dict(itertools.islice(self._stream(), count))

    def write(self, folder: Path, count: int) -> list[Path]:
        """Files in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, content in self.take(count).items():
            paths.append(folder / name)
            paths[-1].write_bytes(content)
        return paths

    def _stream(self) -> Iterator[tuple[str, bytes]]:
        for number in self._numbers:
            picture = self._scenes[number % SCENES].copy()
            colour = (number % 256, number // 256 % 256, number // 65536 % 256)
            picture.putpixel((0, 0), colour)
            yield f"{number:06d}.png", png(picture)


def png(picture: Image.Image, compress_level: int = 1) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=compress_level)
    return buffer.getvalue()


def slow_to_decode(side: int) -> bytes:
    """A small file of a large picture of one colour: PNG has no scaled decode, so a decoder is at it for a while."""
    return png(Image.new("RGB", (side, side), (200, 120, 40)), compress_level=9)


def entries(files: dict[str, bytes]) -> Iterator[Entry]:
    """What the ingest flow takes in."""
    for name, content in files.items():
        yield Entry(name, partial(bytes, content))


def noisy(side: int, seed: int) -> Image.Image:
    """A picture that nothing compresses: three bytes a pixel."""
    return Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(3 * side * side))
