"""Small scenery that several places share: tufts, trees, hills, windows."""

# Coordinates are positional, as in every drawing interface.
# ruff: noqa: PLR0917
from __future__ import annotations

import random
from collections.abc import Sequence

from rag.scenes.drawing.canvas import Canvas, Point
from rag.scenes.drawing.palette import RGB, lit, mix


def land(c: Canvas, ridge: Sequence[Point], fill: RGB) -> None:
    """Everything below a smooth ridge line that runs from x = 0 to 1."""
    points = [(-0.1, ridge[0][1]), *ridge, (1.1, ridge[-1][1])]
    c.blob([*points, (1.3, 1.2), (-0.3, 1.2)], fill)


def ground(c: Canvas, top: float, fill: RGB, *, steps: int = 6) -> None:
    """A floor from `top` to the lower edge, brighter towards the viewer."""
    for i in range(steps):
        y = top + (1 - top) * i / steps
        c.box(-0.1, y, 1.1, 1.1, mix(fill, (255, 255, 255), 0.02 * i))


def tufts(c: Canvas, rng: random.Random, top: float, count: int, fill: RGB) -> None:
    """Grass tufts, larger towards the viewer."""
    for _ in range(count):
        x, y = rng.random(), rng.uniform(top, 0.99)
        h = 0.014 + 0.03 * (y - top) / (1 - top)
        c.poly([(x - h * 0.6, y), (x - h * 0.5, y - h * 0.8), (x - h * 0.1, y - h * 0.2), (x, y - h * 1.2),
                (x + h * 0.15, y - h * 0.2), (x + h * 0.6, y - h * 0.8), (x + h * 0.6, y)], fill)  # fmt: skip


def blossoms(c: Canvas, rng: random.Random, top: float, count: int, time: str) -> None:
    """Dots of flowers in a lawn."""
    for _ in range(count):
        x, y = rng.random(), rng.uniform(top, 0.98)
        r = 0.004 + 0.006 * (y - top) / (1 - top)
        fill = lit(rng.choice(((255, 252, 240), (252, 226, 140), (250, 190, 214), (196, 180, 240))), time)
        for dx, dy in ((r, 0.0), (-r, 0.0), (0.0, r), (0.0, -r)):
            c.disc(x + dx, y + dy, r * 0.8, fill)
        c.disc(x, y, r * 0.6, lit((240, 180, 80), time))


def pine(c: Canvas, x: float, base: float, h: float, fill: RGB, trunk: RGB, snow: RGB | None = None) -> None:
    """A fir of three tiers, `h` high."""
    c.box(x - h * 0.04, base - h * 0.16, x + h * 0.04, base, trunk)
    for i, width in enumerate((0.3, 0.24, 0.16)):
        y = base - h * (0.12 + 0.27 * i)
        top = y - h * 0.36
        c.poly([(x - h * width, y), (x, top), (x + h * width, y)], mix(fill, (255, 255, 255), 0.05 * i))
        if snow:
            c.poly([(x - h * width * 0.4, top + h * 0.15), (x, top), (x + h * width * 0.4, top + h * 0.15)], snow)


def bush(c: Canvas, x: float, base: float, r: float, fill: RGB) -> None:
    """A round clump on the ground."""
    for dx, dy, k in ((-0.8, -0.4, 0.62), (0.8, -0.4, 0.62), (0.0, -0.6, 0.85)):
        c.disc(x + dx * r, base + dy * r, r * k, fill)
    c.disc(x - r * 0.25, base - r * 0.85, r * 0.42, mix(fill, (255, 255, 255), 0.1))


def round_tree(c: Canvas, x: float, base: float, h: float, fill: RGB, trunk: RGB) -> None:
    """A broad-leaved tree, `h` high."""
    c.box(x - h * 0.04, base - h * 0.5, x + h * 0.04, base, trunk)
    for dx, dy, r in ((-0.15, 0.55, 0.2), (0.15, 0.55, 0.2), (0.0, 0.72, 0.24)):
        c.disc(x + dx * h, base - dy * h, r * h, fill)
    c.disc(x - 0.06 * h, base - 0.78 * h, 0.12 * h, mix(fill, (255, 255, 255), 0.12))


def ripples(c: Canvas, rng: random.Random, top: float, bottom: float, count: int, fill: RGB) -> None:
    """Short bright lines on water, longer towards the viewer."""
    for _ in range(count):
        y = rng.uniform(top + 0.01, bottom)
        near = (y - top) / max(0.01, bottom - top)
        x, half = rng.random(), 0.015 + 0.03 * near
        c.line([(x - half, y), (x + half, y)], 0.0035 + 0.003 * near, fill)


def panes(
    c: Canvas, rng: random.Random, spot: tuple[float, float, float, float], lit_share: float, fills: tuple[RGB, RGB]
) -> None:
    """Rows of small windows in the rectangle `spot`; a share of them shines."""
    left, top, right, bottom = spot
    y = top
    while y + 0.03 < bottom:
        x = left
        while x + 0.02 < right:
            c.box(x, y, x + 0.018, y + 0.024, fills[1] if rng.random() < lit_share else fills[0])
            x += 0.034
        y += 0.046
