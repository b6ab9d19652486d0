"""Furniture and luggage."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.palette import GOLD, INK, STEEL, WOOD, Tone


def chair(c: Canvas, t: Tone) -> None:
    """A kitchen chair; 0.58 by 1.0."""
    for x in (0.12, 0.47):
        c.box(x - 0.03, 0.55, x + 0.03, 0.93, t.deep, 0.015)
    c.box(0.03, 0.0, 0.1, 0.6, t.dark, 0.03)
    c.box(0.48, 0.0, 0.55, 0.6, t.dark, 0.03)
    for y in (0.04, 0.19, 0.34):
        c.box(0.07, y, 0.51, y + 0.09, t.base, 0.03)
    c.box(0.0, 0.54, 0.58, 0.65, t.base, 0.04)
    c.box(0.02, 0.55, 0.56, 0.585, t.light, 0.02)
    for x in (0.045, 0.535):
        c.box(x - 0.038, 0.63, x + 0.038, 1.0, t.base, 0.02)
    c.box(0.05, 0.78, 0.53, 0.82, t.dark, 0.01)


def table(c: Canvas, t: Tone) -> None:
    """A table with wide-set legs; 1.0 by 0.66."""
    for x in (0.17, 0.83):
        c.box(x - 0.025, 0.1, x + 0.025, 0.58, t.deep, 0.01)
    for x in (0.07, 0.93):
        c.box(x - 0.04, 0.08, x + 0.04, 0.66, t.base, 0.02)
        c.box(x - 0.04, 0.1, x - 0.015, 0.64, t.light, 0.01)
    c.box(0.06, 0.07, 0.94, 0.13, t.dark, 0.01)
    c.box(0.0, 0.0, 1.0, 0.09, t.base, 0.03)
    c.box(0.02, 0.005, 0.98, 0.035, t.light, 0.015)


def sofa(c: Canvas, t: Tone) -> None:
    """A sofa with two cushions; 1.0 by 0.58."""
    for x in (0.12, 0.88):
        c.box(x - 0.03, 0.5, x + 0.03, 0.58, WOOD, 0.01)
    c.box(0.08, 0.0, 0.92, 0.4, t.base, 0.09)
    c.line([(0.5, 0.05), (0.5, 0.3)], 0.014, t.dark)
    c.box(0.1, 0.02, 0.9, 0.06, t.light, 0.02)
    c.box(0.08, 0.42, 0.92, 0.53, t.dark, 0.03)
    for x in (0.15, 0.505):
        c.box(x, 0.29, x + 0.345, 0.43, t.light, 0.05)
    for x in (0.0, 0.83):
        c.box(x, 0.18, x + 0.17, 0.54, t.base, 0.08)
        c.oval(x + 0.085, 0.24, 0.06, 0.04, t.light)
    c.poly([(0.2, 0.31), (0.23, 0.12), (0.38, 0.14), (0.36, 0.32)], t.accent)


def lamp(c: Canvas, t: Tone) -> None:
    """A table lamp; 0.62 by 1.0."""
    c.box(0.285, 0.4, 0.335, 0.82, STEEL, 0.02)
    c.blob([(0.31, 0.56), (0.42, 0.7), (0.4, 0.86), (0.31, 0.92), (0.22, 0.86), (0.2, 0.7)], t.dark)
    c.box(0.14, 0.91, 0.48, 1.0, t.deep, 0.03)
    c.disc(0.31, 0.45, 0.07, (255, 236, 150))
    c.poly([(0.16, 0.0), (0.46, 0.0), (0.62, 0.44), (0.0, 0.44)], t.base)
    c.poly([(0.18, 0.02), (0.25, 0.02), (0.16, 0.42), (0.06, 0.42)], t.light)
    c.poly([(0.012, 0.4), (0.608, 0.4), (0.62, 0.44), (0.0, 0.44)], t.accent)


def suitcase(c: Canvas, t: Tone) -> None:
    """A travel case with a handle; 0.9 by 0.92."""
    c.ring(0.45, 0.15, 0.15, 0.05, INK, 180, 360)
    for x in (0.16, 0.74):
        c.disc(x, 0.88, 0.04, INK)
    c.box(0.0, 0.14, 0.9, 0.88, t.base, 0.09)
    c.box(0.03, 0.16, 0.87, 0.21, t.light, 0.03)
    for x in (0.17, 0.63):
        c.box(x, 0.14, x + 0.1, 0.88, t.deep)
        c.box(x + 0.015, 0.4, x + 0.085, 0.5, GOLD, 0.01)
    c.disc(0.45, 0.52, 0.1, t.accent)
    for x, y in ((0.05, 0.81), (0.79, 0.81)):
        c.box(x, y, x + 0.06, y + 0.04, t.deep, 0.01)


FURNITURE = {
    "chair": chair,
    "table": table,
    "sofa": sofa,
    "lamp": lamp,
    "suitcase": suitcase,
}
