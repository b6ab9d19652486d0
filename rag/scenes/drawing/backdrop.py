"""The place behind the things: sky, light and one painter per setting."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
from PIL import Image

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.indoors import INDOORS
from rag.scenes.drawing.landscapes import LANDSCAPES
from rag.scenes.drawing.palette import RGB, SNOW, mix
from rag.scenes.drawing.waterside import WATERSIDE
from rag.scenes.vocabulary import SETTINGS

_SKIES: dict[str, tuple[RGB, RGB, RGB]] = {
    "morning": ((146, 196, 232), (232, 226, 222), (255, 226, 190)),
    "noon": ((78, 160, 232), (140, 202, 244), (206, 234, 250)),
    "sunset": ((108, 82, 150), (238, 128, 110), (255, 200, 120)),
    "night": ((10, 14, 44), (24, 32, 82), (52, 62, 122)),
}


def backdrop(setting: str, time: str, rng: random.Random, side: int) -> Image.Image:
    """A fresh picture of the empty place, `side` pixels square."""
    if SETTINGS[setting].indoor:
        frame = Image.new("RGB", (side, side))
        INDOORS[setting](Canvas(frame, side), time, rng)
    else:
        frame = _sky(time, side).copy()
        canvas = Canvas(frame, side)
        _heavens(canvas, time, rng)
        (LANDSCAPES | WATERSIDE)[setting](canvas, time, rng)
    return frame


@lru_cache(maxsize=8)
def _sky(time: str, side: int) -> Image.Image:
    """A vertical gradient through three colours, down to 0.6 of the height."""
    stops = np.array(_SKIES[time], dtype=np.float64)  # (3, 3)
    y = np.minimum(np.arange(side) / (0.6 * side), 1.0)
    rows = np.stack([np.interp(y, (0.0, 0.5, 1.0), stops[:, i]) for i in range(3)], axis=1)  # (side, 3)
    pixels = np.repeat(np.rint(rows).astype(np.uint8)[:, None, :], side, axis=1)
    return Image.fromarray(np.ascontiguousarray(pixels))


def _heavens(c: Canvas, time: str, rng: random.Random) -> None:
    x = rng.choice((rng.uniform(0.1, 0.24), rng.uniform(0.76, 0.9)))
    if time == "night":
        _stars(c, rng)
        _moon(c, x, rng.uniform(0.1, 0.18))
        return
    y, r, fill = {
        "morning": (0.3, 0.06, (255, 244, 200)),
        "noon": (0.11, 0.06, (255, 240, 150)),
        "sunset": (0.36, 0.1, (255, 226, 140)),
    }[time]
    for grow, alpha in ((2.1, 34), (1.65, 44), (1.3, 60)):
        c.disc(x, y, r * grow, (*fill, alpha))
    c.disc(x, y, r, fill)
    tint = {"morning": SNOW, "noon": SNOW, "sunset": (255, 190, 170)}[time]
    for _ in range(rng.randint(2, 4)):
        _cloud(c, rng.uniform(0.0, 1.0), rng.uniform(0.06, 0.26), rng.uniform(0.05, 0.09), tint)


def _cloud(c: Canvas, x: float, y: float, s: float, tint: RGB) -> None:
    shade = mix(tint, (130, 150, 200), 0.18)
    for dx, dy, r, fill in (
        (-0.9, 0.1, 0.5, shade),
        (0.9, 0.12, 0.45, shade),
        (-0.4, -0.15, 0.7, tint),
        (0.35, -0.05, 0.6, tint),
    ):
        c.disc(x + dx * s, y + dy * s, r * s, fill)
    c.box(x - 1.35 * s, y + 0.1 * s, x + 1.35 * s, y + 0.58 * s, tint, 0.24 * s)


def _stars(c: Canvas, rng: random.Random) -> None:
    for _ in range(46):
        r = rng.choice((0.0022, 0.003, 0.0042))
        c.disc(rng.random(), rng.random() * 0.5, r, (255, 250, 220))


def _moon(c: Canvas, x: float, y: float) -> None:
    for r, alpha in ((0.13, 20), (0.1, 28)):
        c.disc(x, y, r, (230, 236, 255, alpha))
    c.disc(x, y, 0.062, (246, 242, 218))
    for dx, dy, r in ((-0.02, -0.015, 0.014), (0.022, 0.012, 0.011), (-0.005, 0.03, 0.008)):
        c.disc(x + dx, y + dy, r, (222, 216, 192))
