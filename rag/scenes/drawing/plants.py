"""Plants; crown, petals, cap or skin carry the colour."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, around, path
from rag.scenes.drawing.palette import CREAM, DARK_WOOD, GOLD, LEAF, Tone


def tree(c: Canvas, t: Tone) -> None:
    """A round-crowned tree; 0.84 by 1.0."""
    c.poly([(0.38, 0.5), (0.46, 0.5), (0.48, 0.88), (0.54, 1.0), (0.3, 1.0), (0.36, 0.88)], DARK_WOOD)
    c.line([(0.42, 0.66), (0.56, 0.5)], 0.04, DARK_WOOD)
    for x, y, r in ((0.2, 0.42, 0.2), (0.64, 0.42, 0.2), (0.42, 0.46, 0.17)):
        c.disc(x, y, r, t.dark)
    for x, y, r in ((0.42, 0.21, 0.21), (0.23, 0.33, 0.19), (0.62, 0.33, 0.19), (0.42, 0.38, 0.2)):
        c.disc(x, y, r, t.base)
    for x, y, r in ((0.36, 0.15, 0.1), (0.19, 0.28, 0.08), (0.58, 0.27, 0.08)):
        c.disc(x, y, r, t.light)
    for x, y in ((0.3, 0.44), (0.52, 0.46), (0.7, 0.42), (0.46, 0.3)):
        c.ring(x, y, 0.06, 0.018, t.deep, 20, 160)


def flower(c: Canvas, t: Tone) -> None:
    """A flower with eight petals; 0.66 by 1.0."""
    c.curve([(0.33, 0.4), (0.35, 0.7), (0.33, 0.99)], 0.05, LEAF)
    c.blob([(0.34, 0.86), (0.44, 0.68), (0.62, 0.64), (0.58, 0.78)], LEAF)
    c.blob([(0.33, 0.92), (0.24, 0.78), (0.06, 0.72), (0.12, 0.86)], (78, 138, 76))
    for i, (x, y) in enumerate(around(0.33, 0.33, 0.205, 8)):
        c.disc(x, y, 0.125, t.base if i % 2 else t.light)
    for x, y in around(0.33, 0.33, 0.14, 8, 0.39):
        c.disc(x, y, 0.05, t.dark)
    c.disc(0.33, 0.33, 0.115, GOLD if t.accent == CREAM else (150, 100, 60))
    c.disc(0.31, 0.31, 0.05, (255, 255, 255, 80))


def cactus(c: Canvas, t: Tone) -> None:
    """A potted cactus with two arms; 0.72 by 1.0."""
    for points in (path("0.36 0.56, 0.14 0.56, 0.1 0.5, 0.1 0.3"), path("0.36 0.46, 0.58 0.46, 0.62 0.4, 0.62 0.22")):
        c.line(points, 0.15, t.base)
    c.box(0.24, 0.06, 0.48, 0.84, t.base, 0.12)
    for x in (0.3, 0.36, 0.42):
        c.line([(x, 0.14), (x, 0.76)], 0.014, t.dark)
    for x, y in (
        (0.29, 0.26),
        (0.43, 0.34),
        (0.33, 0.44),
        (0.4, 0.6),
        (0.29, 0.64),
        (0.09, 0.36),
        (0.63, 0.3),
        (0.39, 0.2),
    ):
        c.line([(x - 0.02, y - 0.015), (x + 0.02, y + 0.015)], 0.01, t.accent)
        c.line([(x + 0.02, y - 0.015), (x - 0.02, y + 0.015)], 0.01, t.accent)
    for x, y in around(0.36, 0.06, 0.04, 5):
        c.disc(x, y, 0.032, (246, 150, 180))
    c.poly([(0.14, 0.8), (0.58, 0.8), (0.53, 1.0), (0.19, 1.0)], (196, 116, 82))
    c.box(0.11, 0.76, 0.61, 0.84, (214, 134, 96), 0.02)


def mushroom(c: Canvas, t: Tone) -> None:
    """A toadstool with a spotted cap; 0.96 by 1.0."""
    c.blob(path("0.36 0.5, 0.6 0.5, 0.62 0.76, 0.7 0.96, 0.48 1.0, 0.26 0.96, 0.34 0.76"), (244, 228, 200))
    c.blob([(0.54, 0.5), (0.6, 0.5), (0.62, 0.76), (0.7, 0.96), (0.56, 0.98)], (224, 202, 170))
    c.oval(0.48, 0.53, 0.44, 0.1, (226, 204, 174))
    c.wedge(0.48, 0.52, 0.48, 180, 360, t.base, 0.52)
    c.oval(0.48, 0.52, 0.48, 0.06, t.dark)
    c.oval(0.48, 0.535, 0.36, 0.045, (226, 204, 174))
    for x, y, rx, ry in (
        (0.46, 0.16, 0.1, 0.08),
        (0.2, 0.34, 0.08, 0.08),
        (0.72, 0.3, 0.09, 0.08),
        (0.47, 0.37, 0.07, 0.055),
    ):
        c.oval(x, y, rx, ry, t.accent if t.accent == CREAM else (206, 212, 226))


PLANTS = {
    "tree": tree,
    "flower": flower,
    "cactus": cactus,
    "mushroom": mushroom,
}
