"""What cooks, waiters, builders, painters and those who grow things wear and carry.

Coordinates are those of `people`: head at (0.28, 0.16), hands at y 0.59.
"""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, around, path
from rag.scenes.drawing.palette import DENIM, GLASS, GOLD, INK, LEAF, RED, SHADE, SNOW, STEEL, WHITE, WOOD


def chef(c: Canvas) -> None:
    """A buttoned jacket, neckerchief and apron."""
    c.blob([(0.2, 0.29), (0.28, 0.34), (0.36, 0.29), (0.28, 0.28)], RED)
    for x in (0.235, 0.325):
        for y in (0.38, 0.44, 0.5):
            c.disc(x, y, 0.011, INK)
    c.poly([(0.17, 0.55), (0.39, 0.55), (0.41, 0.76), (0.15, 0.76)], SNOW)
    c.line([(0.16, 0.55), (0.4, 0.55)], 0.012, SHADE)


def chef_hat(c: Canvas) -> None:
    """The tall hat and a ladle."""
    for x, y, r in (
        (0.2, 0.045, 0.05),
        (0.36, 0.045, 0.05),
        (0.28, 0.04, 0.06),
        (0.24, 0.04, 0.05),
        (0.32, 0.04, 0.05),
    ):
        c.oval(x, y + 0.01, r, r * 0.9, WHITE)
    c.box(0.195, 0.05, 0.365, 0.115, WHITE, 0.01)
    c.line([(0.2, 0.112), (0.36, 0.112)], 0.01, SHADE)
    for x in (0.24, 0.28, 0.32):
        c.line([(x, 0.06), (x, 0.095)], 0.006, SHADE)
    c.line([(0.49, 0.62), (0.49, 0.44)], 0.018, STEEL)
    c.oval(0.49, 0.42, 0.035, 0.04, STEEL)


def waiter(c: Canvas) -> None:
    """A waistcoat and bow tie."""
    c.poly(path("0.16 0.32, 0.22 0.285, 0.28 0.42, 0.34 0.285, 0.4 0.32, 0.4 0.62, 0.28 0.66, 0.16 0.62"), INK)
    c.poly([(0.28, 0.31), (0.22, 0.285), (0.22, 0.345)], RED)
    c.poly([(0.28, 0.31), (0.34, 0.285), (0.34, 0.345)], RED)
    for y in (0.48, 0.54, 0.6):
        c.disc(0.28, y, 0.011, GOLD)


def tray(c: Canvas) -> None:
    """A tray with a glass, and a napkin."""
    c.box(0.4, 0.55, 0.56, 0.575, STEEL, 0.01)
    c.poly([(0.44, 0.42), (0.52, 0.42), (0.48, 0.5)], (210, 80, 100))
    c.line([(0.48, 0.49), (0.48, 0.545)], 0.01, GLASS)
    c.line([(0.455, 0.548), (0.505, 0.548)], 0.01, GLASS)
    c.poly([(0.03, 0.55), (0.11, 0.55), (0.1, 0.72), (0.04, 0.72)], WHITE)


def farmer(c: Canvas) -> None:
    """Dungarees."""
    c.box(0.2, 0.4, 0.36, 0.6, DENIM, 0.015)
    c.box(0.158, 0.52, 0.402, 0.66, DENIM, 0.02)
    for x in (0.21, 0.35):
        c.line([(x, 0.3), (x, 0.42)], 0.03, DENIM)
        c.disc(x, 0.425, 0.012, GOLD)
    c.box(0.235, 0.45, 0.325, 0.51, (64, 94, 142), 0.01)


def straw_hat(c: Canvas) -> None:
    """A broad straw hat."""
    c.oval(0.28, 0.1, 0.19, 0.036, (238, 206, 120))
    c.wedge(0.28, 0.1, 0.1, 180, 360, (246, 218, 138), 0.1)
    c.box(0.182, 0.075, 0.378, 0.1, (190, 90, 70))


def farmer_kit(c: Canvas) -> None:
    """The hat and a pitchfork."""
    straw_hat(c)
    c.line([(0.5, 0.95), (0.5, 0.3)], 0.022, WOOD)
    for x in (0.455, 0.5, 0.545):
        c.line([(x, 0.3), (x, 0.17)], 0.014, STEEL)
    c.line([(0.455, 0.3), (0.545, 0.3)], 0.016, STEEL)


def gardener(c: Canvas) -> None:
    """A green apron with a pocket."""
    c.poly([(0.2, 0.37), (0.36, 0.37), (0.37, 0.5), (0.42, 0.74), (0.14, 0.74), (0.19, 0.5)], (84, 156, 90))
    for x in (0.22, 0.34):
        c.line([(x, 0.29), (x, 0.38)], 0.02, (84, 156, 90))
    c.box(0.21, 0.57, 0.35, 0.66, (64, 126, 74), 0.01)
    c.line([(0.25, 0.58), (0.25, 0.53)], 0.012, LEAF)
    c.disc(0.25, 0.52, 0.022, (246, 130, 160))


def gardener_kit(c: Canvas) -> None:
    """A sun hat and a watering can."""
    straw_hat(c)
    c.disc(0.36, 0.085, 0.026, (246, 130, 160))
    c.box(0.42, 0.6, 0.54, 0.73, (64, 140, 180), 0.012)
    c.line([(0.43, 0.7), (0.37, 0.62)], 0.024, (64, 140, 180))
    c.ring(0.49, 0.6, 0.06, 0.02, (48, 110, 150), 180, 360)
    for x, y in ((0.35, 0.64), (0.34, 0.68), (0.37, 0.66)):
        c.disc(x, y, 0.009, (130, 200, 240))


def builder(c: Canvas) -> None:
    """A high-visibility vest."""
    c.box(0.255, 0.29, 0.305, 0.64, (84, 100, 130))
    for x in (0.205, 0.355):
        c.box(x - 0.018, 0.31, x + 0.018, 0.63, (250, 236, 110))
    for left, right in ((0.158, 0.255), (0.305, 0.402)):
        c.box(left, 0.5, right, 0.535, (250, 236, 110))


def builder_kit(c: Canvas) -> None:
    """A hard hat and a hammer."""
    c.wedge(0.28, 0.115, 0.112, 180, 360, (252, 206, 50), 0.112)
    c.box(0.255, 0.0, 0.305, 0.11, (238, 180, 36), 0.02)
    c.box(0.15, 0.1, 0.41, 0.128, (238, 180, 36), 0.012)
    c.line([(0.49, 0.68), (0.49, 0.44)], 0.026, WOOD)
    c.box(0.425, 0.39, 0.555, 0.46, STEEL, 0.012)


def painter(c: Canvas) -> None:
    """A smock with spots of paint."""
    c.poly([(0.165, 0.4), (0.395, 0.4), (0.43, 0.74), (0.13, 0.74)], (236, 228, 212))
    for x, y, fill in ((0.2, 0.58, RED), (0.33, 0.5, (64, 140, 214)), (0.26, 0.67, (246, 190, 60)), (0.36, 0.66, LEAF)):
        c.disc(x, y, 0.02, fill)
    c.blob([(0.21, 0.28), (0.28, 0.35), (0.35, 0.28), (0.28, 0.3)], (70, 96, 160))


def painter_kit(c: Canvas) -> None:
    """A beret, a palette and a brush."""
    c.blob([(0.15, 0.09), (0.2, 0.02), (0.32, 0.0), (0.42, 0.05), (0.4, 0.1), (0.28, 0.09)], (70, 96, 160))
    c.line([(0.3, 0.02), (0.31, 0.0)], 0.016, (70, 96, 160))
    c.oval(0.09, 0.58, 0.09, 0.075, (206, 160, 110))
    for (x, y), fill in zip(around(0.085, 0.575, 0.05, 5, 0.6), (RED, GOLD, LEAF, (64, 140, 214), SNOW), strict=True):
        c.disc(x, y, 0.018, fill)
    c.line([(0.48, 0.63), (0.53, 0.42)], 0.016, WOOD)
    c.line([(0.53, 0.42), (0.54, 0.38)], 0.026, RED)
