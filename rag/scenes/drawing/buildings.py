"""Buildings."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, around
from rag.scenes.drawing.palette import CREAM, DARK_WOOD, GLASS, GOLD, INK, SNOW, WOOD, Tone


def house(c: Canvas, t: Tone) -> None:
    """A house with coloured walls; 1.0 by 0.92."""
    roof = (122, 92, 92)
    c.box(0.7, 0.06, 0.8, 0.34, roof)
    c.box(0.1, 0.38, 0.9, 0.92, t.base)
    c.box(0.1, 0.38, 0.9, 0.46, t.dark)
    c.poly([(0.0, 0.42), (0.5, 0.0), (1.0, 0.42)], roof)
    c.poly([(0.17, 0.36), (0.5, 0.09), (0.83, 0.36)], t.base)
    c.disc(0.5, 0.26, 0.065, GLASS)
    for x in (0.17, 0.65):
        c.box(x - 0.015, 0.525, x + 0.195, 0.735, SNOW, 0.01)
        c.box(x, 0.54, x + 0.18, 0.72, GLASS)
        c.line([(x + 0.09, 0.54), (x + 0.09, 0.72)], 0.016, SNOW, cap=False)
        c.line([(x, 0.63), (x + 0.18, 0.63)], 0.016, SNOW, cap=False)
        c.box(x - 0.02, 0.735, x + 0.2, 0.765, WOOD)
    c.box(0.41, 0.57, 0.59, 0.92, DARK_WOOD, 0.01)
    c.disc(0.55, 0.76, 0.018, GOLD)
    c.box(0.1, 0.87, 0.41, 0.92, t.deep)
    c.box(0.59, 0.87, 0.9, 0.92, t.deep)


def lighthouse(c: Canvas, t: Tone) -> None:
    """A striped tower with a lamp; 0.5 by 1.0."""
    c.blob([(0.0, 1.0), (0.08, 0.93), (0.25, 0.91), (0.42, 0.93), (0.5, 1.0)], (132, 130, 138))
    c.poly([(0.16, 0.26), (0.34, 0.26), (0.41, 0.95), (0.09, 0.95)], t.base)
    stripe = CREAM if t.accent == CREAM else t.accent
    c.poly([(0.148, 0.42), (0.352, 0.42), (0.364, 0.54), (0.136, 0.54)], stripe)
    c.poly([(0.118, 0.7), (0.382, 0.7), (0.394, 0.82), (0.106, 0.82)], stripe)
    c.poly([(0.18, 0.28), (0.22, 0.28), (0.18, 0.95), (0.13, 0.95)], (255, 255, 255, 60))
    c.box(0.1, 0.235, 0.4, 0.275, t.deep, 0.01)
    c.box(0.18, 0.12, 0.32, 0.235, (255, 236, 150))
    c.line([(0.25, 0.12), (0.25, 0.235)], 0.016, INK, cap=False)
    c.wedge(0.25, 0.125, 0.1, 180, 360, t.dark)
    c.line([(0.25, 0.0), (0.25, 0.04)], 0.02, INK)
    c.box(0.2, 0.83, 0.3, 0.95, INK, 0.03)
    c.box(0.22, 0.58, 0.28, 0.66, INK, 0.03)


def windmill(c: Canvas, t: Tone) -> None:
    """A mill with four sails; 0.86 by 1.0."""
    c.poly([(0.29, 0.32), (0.57, 0.32), (0.66, 1.0), (0.2, 1.0)], t.base)
    c.poly([(0.3, 0.34), (0.37, 0.34), (0.3, 1.0), (0.21, 1.0)], t.light)
    c.wedge(0.43, 0.34, 0.17, 180, 360, t.deep)
    c.box(0.36, 0.8, 0.5, 1.0, DARK_WOOD, 0.05)
    c.box(0.38, 0.56, 0.48, 0.68, GLASS, 0.02)
    for (x, y), (u, v) in zip(around(0.43, 0.36, 0.42, 4, 0.62), around(0.43, 0.36, 0.42, 4, 0.94), strict=True):
        near = [0.43 + (x - 0.43) * 0.28, 0.36 + (y - 0.36) * 0.28, 0.43 + (u - 0.43) * 0.28, 0.36 + (v - 0.36) * 0.28]
        c.poly([(near[0], near[1]), (x, y), (u, v), (near[2], near[3])], CREAM)
        c.line([(0.43, 0.36), (x, y)], 0.024, DARK_WOOD)
        mid = ((near[0] + x) / 2, (near[1] + y) / 2), ((near[2] + u) / 2, (near[3] + v) / 2)
        c.line(mid, 0.012, DARK_WOOD)
    c.disc(0.43, 0.36, 0.04, INK)


def castle(c: Canvas, t: Tone) -> None:
    """A castle with two towers; 1.0 by 0.92."""
    for x in (0.5,):
        c.box(x - 0.13, 0.2, x + 0.13, 0.6, t.dark)
        for i in range(3):
            c.box(x - 0.13 + i * 0.1, 0.15, x - 0.07 + i * 0.1, 0.22, t.dark)
    c.box(0.16, 0.46, 0.84, 0.92, t.base)
    for i in range(6):
        c.box(0.235 + i * 0.1, 0.4, 0.295 + i * 0.1, 0.48, t.base)
    for x in (0.0, 0.78):
        c.box(x, 0.3, x + 0.22, 0.92, t.base)
        c.box(x + 0.02, 0.32, x + 0.06, 0.9, t.light, 0.01)
        c.poly([(x - 0.0, 0.31), (x + 0.11, 0.06), (x + 0.22, 0.31)], t.deep)
        c.box(x + 0.08, 0.42, x + 0.14, 0.56, INK, 0.03)
        c.line([(x + 0.11, 0.0), (x + 0.11, 0.08)], 0.012, INK)
        c.poly([(x + 0.115, 0.0), (x + 0.2, 0.03), (x + 0.115, 0.06)], t.light)
    c.box(0.47, 0.28, 0.53, 0.38, INK, 0.03)
    c.disc(0.5, 0.7, 0.12, DARK_WOOD)
    c.box(0.38, 0.7, 0.62, 0.92, DARK_WOOD)
    for x in (0.44, 0.5, 0.56):
        c.line([(x, 0.62), (x, 0.91)], 0.012, INK)
    for x, y in ((0.26, 0.58), (0.3, 0.78), (0.7, 0.62), (0.68, 0.82), (0.06, 0.7), (0.9, 0.74)):
        c.box(x, y, x + 0.07, y + 0.03, t.dark, 0.008)


def tent(c: Canvas, t: Tone) -> None:
    """A ridge tent with an open flap; 1.0 by 0.68."""
    c.line([(0.5, 0.06), (0.04, 0.64)], 0.014, CREAM)
    c.poly([(0.5, 0.03), (1.0, 0.66), (0.0, 0.66)], t.base)
    c.poly([(0.5, 0.03), (1.0, 0.66), (0.78, 0.66)], t.dark)
    c.poly([(0.5, 0.03), (0.2, 0.66), (0.0, 0.66)], t.light)
    c.poly([(0.5, 0.16), (0.66, 0.66), (0.36, 0.66)], INK)
    c.poly([(0.5, 0.16), (0.36, 0.66), (0.27, 0.66)], t.accent)
    c.line([(0.5, 0.0), (0.5, 0.06)], 0.024, DARK_WOOD)


BUILDINGS = {
    "house": house,
    "lighthouse": lighthouse,
    "windmill": windmill,
    "castle": castle,
    "tent": tent,
}
