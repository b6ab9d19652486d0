"""What doctors, nurses, scientists and teachers wear and carry.

Coordinates are those of `people`: head at (0.28, 0.16), hands at y 0.59.
"""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.palette import GLASS, GOLD, INK, RED, RGB, SHADE, SNOW, STEEL, WHITE, WOOD


def lab_coat(c: Canvas, inner: RGB) -> None:
    """An open white coat over something in the `inner` colour."""
    c.poly([(0.16, 0.48), (0.4, 0.48), (0.43, 0.78), (0.13, 0.78)], WHITE)
    c.poly([(0.22, 0.28), (0.34, 0.28), (0.28, 0.45)], inner)
    c.line([(0.28, 0.45), (0.28, 0.77)], 0.01, SHADE)
    c.line([(0.22, 0.29), (0.28, 0.45), (0.34, 0.29)], 0.016, SHADE)
    c.box(0.31, 0.58, 0.39, 0.66, SHADE, 0.01)


def doctor(c: Canvas) -> None:
    """Lab coat, stethoscope, name tag."""
    lab_coat(c, (116, 168, 206))
    c.curve([(0.225, 0.28), (0.21, 0.38), (0.24, 0.46), (0.26, 0.5)], 0.018, INK)
    c.curve([(0.335, 0.28), (0.35, 0.36), (0.345, 0.4)], 0.018, INK)
    c.disc(0.265, 0.51, 0.028, STEEL)
    c.disc(0.345, 0.41, 0.016, STEEL)
    c.box(0.33, 0.47, 0.38, 0.5, RED, 0.004)


def nurse(c: Canvas) -> None:
    """Scrubs with a pocket."""
    c.poly([(0.22, 0.285), (0.34, 0.285), (0.28, 0.37)], (226, 246, 244))
    c.box(0.31, 0.4, 0.38, 0.47, (48, 150, 152), 0.006)
    c.line([(0.33, 0.38), (0.33, 0.43)], 0.012, SNOW)


def nurse_cap(c: Canvas) -> None:
    """A cap with a red cross, and a clipboard."""
    c.blob([(0.18, 0.09), (0.2, 0.01), (0.36, 0.01), (0.38, 0.09), (0.28, 0.07)], WHITE)
    c.box(0.265, 0.015, 0.295, 0.075, RED)
    c.box(0.25, 0.032, 0.31, 0.058, RED)
    c.box(0.42, 0.54, 0.55, 0.7, (190, 150, 110), 0.01)
    c.box(0.432, 0.56, 0.538, 0.69, SNOW)
    for y in (0.59, 0.62, 0.65):
        c.line([(0.45, y), (0.52, y)], 0.008, STEEL)


def scientist(c: Canvas) -> None:
    """A lab coat with a pen."""
    lab_coat(c, (126, 90, 160))
    c.line([(0.33, 0.38), (0.33, 0.44)], 0.012, RED)


def scientist_kit(c: Canvas) -> None:
    """Goggles and a bubbling flask."""
    c.box(0.17, 0.13, 0.39, 0.205, (70, 90, 120), 0.03)
    for x in (0.232, 0.328):
        c.box(x - 0.04, 0.14, x + 0.04, 0.195, (160, 226, 220), 0.02)
        c.disc(x, 0.168, 0.012, INK)
    c.box(0.47, 0.4, 0.51, 0.5, GLASS)
    c.poly([(0.47, 0.48), (0.51, 0.48), (0.56, 0.6), (0.42, 0.6)], GLASS)
    c.poly([(0.452, 0.53), (0.528, 0.53), (0.555, 0.6), (0.425, 0.6)], (92, 210, 110))
    for x, y in ((0.48, 0.36), (0.51, 0.33)):
        c.disc(x, y, 0.016, (92, 210, 110))


def teacher(c: Canvas) -> None:
    """Shirt, tie and cardigan."""
    c.poly([(0.21, 0.285), (0.35, 0.285), (0.31, 0.63), (0.25, 0.63)], WHITE)
    c.line([(0.28, 0.31), (0.28, 0.5)], 0.024, (196, 84, 84))
    for y in (0.42, 0.5, 0.58):
        c.disc(0.335, y, 0.011, GOLD)


def teacher_kit(c: Canvas) -> None:
    """Glasses, a pointer and a red book."""
    for x in (0.238, 0.322):
        c.ring(x, 0.166, 0.036, 0.011, INK)
    c.line([(0.274, 0.162), (0.286, 0.162)], 0.01, INK)
    c.line([(0.48, 0.6), (0.545, 0.28)], 0.018, WOOD)
    c.disc(0.546, 0.275, 0.014, RED)
    c.box(0.0, 0.5, 0.14, 0.68, RED, 0.012)
    c.box(0.012, 0.51, 0.03, 0.67, SNOW)
    c.box(0.055, 0.54, 0.125, 0.57, (250, 226, 200), 0.006)
