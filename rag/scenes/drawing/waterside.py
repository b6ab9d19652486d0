"""Places by the water; it reaches down to about 0.78 so that boats have room."""

from __future__ import annotations

import random

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.palette import RGB, lit, mix
from rag.scenes.drawing.scatter import land, pine, ripples, tufts


def water(c: Canvas, top: float, fill: RGB, time: str, rng: random.Random) -> None:
    """A lit surface from `top` to 0.82, paler near the horizon."""
    surface = lit(fill, time)
    far = mix(surface, lit((226, 240, 248), time), 0.45)
    for i in range(10):
        y = top + (0.82 - top) * i / 10
        c.box(-0.1, y, 1.1, 1.0, mix(far, surface, i / 9))
    ripples(c, rng, top, 0.8, 26, mix(surface, lit((255, 255, 255), time), 0.5))
    if time == "sunset":
        for i in range(7):
            y = top + 0.02 + i * 0.04
            half = 0.05 + 0.015 * i
            c.line([(0.5 - half, y), (0.5 + half, y)], 0.008, (255, 220, 150, 120))


def beach(c: Canvas, time: str, rng: random.Random) -> None:
    """Sea, foam, sand with shells, a palm at the side."""
    water(c, 0.42, (70, 176, 208), time, rng)
    a = rng.uniform(-0.02, 0.02)
    shore = [(0, 0.76 + a), (0.3, 0.74 - a), (0.6, 0.765 + a), (1, 0.74 - a)]
    sand = lit((246, 222, 170), time)
    land(c, [(x, y - 0.022) for x, y in shore], lit((150, 216, 224), time))
    land(c, [(x, y - 0.006) for x, y in shore], lit((250, 252, 250), time))
    land(c, [(x, y + 0.008) for x, y in shore], mix(sand, (170, 130, 90), 0.14))
    land(c, [(x, y + 0.035) for x, y in shore], sand)
    for _ in range(26):
        c.disc(rng.random(), rng.uniform(0.82, 0.99), 0.003, mix(sand, (150, 110, 70), 0.3))
    for _ in range(3):
        x, y = rng.random(), rng.uniform(0.84, 0.97)
        c.wedge(x, y, 0.018, 180, 360, lit((252, 206, 190), time))
    palm(c, rng.choice((0.03, 0.97)), time)


def palm(c: Canvas, x: float, time: str) -> None:
    """A palm that leans into the picture."""
    lean = 0.07 if x < 0.5 else -0.07
    top = (x + lean, 0.3)
    c.curve([(x, 0.86), (x + lean * 0.2, 0.6), top], 0.026, lit((160, 122, 86), time))
    leaf = lit((92, 164, 102), time)
    for dx, dy in ((-0.17, 0.05), (-0.12, -0.07), (0.0, -0.12), (0.12, -0.07), (0.17, 0.05)):
        tip = (top[0] + dx, top[1] + dy)
        mid = (top[0] + dx * 0.5, top[1] + dy * 0.5 - 0.045)
        low = (top[0] + dx * 0.5, top[1] + dy * 0.5 - 0.005)
        c.blob([top, mid, tip, low], mix(leaf, (255, 255, 200), 0.1 if dx > 0 else 0.0))


def harbour(c: Canvas, time: str, rng: random.Random) -> None:
    """Cranes and sheds across the water, a stone quay in front."""
    far = lit((166, 182, 202), time)
    for mast in (0.12, 0.84):
        x = mast + rng.uniform(-0.04, 0.04)
        c.line([(x, 0.46), (x, 0.22)], 0.014, far)
        c.line([(x - 0.1, 0.24), (x + 0.14, 0.22)], 0.012, far)
        c.line([(x, 0.17), (x - 0.1, 0.24)], 0.005, far)
        c.line([(x, 0.17), (x + 0.14, 0.22)], 0.005, far)
        c.line([(x, 0.17), (x, 0.24)], 0.012, far)
        c.line([(x + 0.12, 0.22), (x + 0.12, 0.33)], 0.004, far)
    x = -0.02
    while x < 1.0:
        w, h = rng.uniform(0.08, 0.15), rng.uniform(0.05, 0.11)
        wall = lit(rng.choice(((210, 176, 160), (190, 200, 210), (226, 214, 184), (176, 190, 184))), time)
        c.box(x, 0.46 - h, x + w, 0.48, wall)
        c.poly([(x, 0.46 - h), (x + w / 2, 0.42 - h), (x + w, 0.46 - h)], mix(wall, (90, 70, 90), 0.3))
        glow = (255, 224, 140) if time == "night" else mix(wall, (60, 70, 110), 0.4)
        c.box(x + w * 0.4, 0.475 - h * 0.7, x + w * 0.6, 0.475 - h * 0.3, glow)
        x += w + 0.004
    water(c, 0.47, (88, 146, 180), time, rng)
    stone = lit((196, 190, 184), time)
    c.box(0, 0.8, 1, 1, stone)
    c.box(0, 0.79, 1, 0.82, mix(stone, (255, 255, 255), 0.35))
    for row, y in enumerate((0.82, 0.88, 0.94)):
        c.line([(-0.1, y), (1.1, y)], 0.004, mix(stone, (80, 80, 100), 0.35))
        for i in range(7):
            x = (i + 0.5 * (row % 2)) / 6
            c.line([(x, y), (x, y + 0.06)], 0.004, mix(stone, (80, 80, 100), 0.35))
    for x in (0.06, 0.94):
        c.box(x - 0.016, 0.74, x + 0.016, 0.81, lit((84, 88, 100), time), 0.006)
        c.box(x - 0.026, 0.73, x + 0.026, 0.755, lit((104, 108, 120), time), 0.01)


def lake(c: Canvas, time: str, rng: random.Random) -> None:
    """Blue hills and firs across a lake, reeds in front."""
    a = rng.uniform(-0.03, 0.03)
    land(c, [(0, 0.36 + a), (0.25, 0.27), (0.5, 0.38 - a), (0.75, 0.28 + a), (1, 0.36)], lit((170, 190, 214), time))
    land(c, [(0, 0.41), (0.3, 0.38 - a), (0.7, 0.42 + a), (1, 0.38)], lit((140, 180, 164), time))
    for i in range(12):
        pine(
            c,
            (i + rng.random()) / 12,
            0.47,
            rng.uniform(0.07, 0.12),
            lit((104, 150, 128), time),
            lit((110, 90, 80), time),
        )
    water(c, 0.465, (92, 166, 204), time, rng)
    b = rng.uniform(-0.02, 0.02)
    grass = lit((140, 190, 108), time)
    land(c, [(0, 0.78 + b), (0.3, 0.81), (0.65, 0.79 - b), (1, 0.82)], mix(grass, (80, 100, 60), 0.25))
    land(c, [(0, 0.8 + b), (0.3, 0.83), (0.65, 0.81 - b), (1, 0.84)], grass)
    tufts(c, rng, 0.84, 24, lit((108, 160, 84), time))
    for side in (0.02, 0.9):
        for i in range(5):
            x, h = side + i * 0.02, rng.uniform(0.12, 0.2)
            c.line([(x, 0.86), (x + 0.005, 0.86 - h)], 0.006, lit((110, 150, 84), time))
            c.line([(x + 0.005, 0.86 - h), (x + 0.004, 0.9 - h)], 0.014, lit((150, 108, 76), time))


WATERSIDE = {"beach": beach, "harbour": harbour, "lake": lake}
