"""Smaller things about the house."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, around, path
from rag.scenes.drawing.palette import CREAM, DARK_WOOD, GOLD, INK, SNOW, STEEL, WOOD, Tone

SHINE = (255, 255, 255, 90)


def clock(c: Canvas, t: Tone) -> None:
    """An alarm clock with two bells; 0.82 by 1.0."""
    for x, foot in ((0.2, 0.12), (0.62, 0.7)):
        c.line([(x, 0.84), (foot, 0.97)], 0.06, t.deep)
    c.line([(0.41, 0.03), (0.41, 0.2)], 0.05, STEEL)
    for x, turn in ((0.19, 130.0), (0.63, 230.0)):
        c.wedge(x, 0.2, 0.17, turn + 20, turn + 200 - 20, t.dark)
    c.disc(0.41, 0.56, 0.39, t.base)
    c.ring(0.41, 0.56, 0.37, 0.035, t.light, 150, 290)
    c.disc(0.41, 0.56, 0.29, CREAM)
    for i, (x, y) in enumerate(around(0.41, 0.56, 0.235, 12)):
        c.disc(x, y, 0.026 if i % 3 == 0 else 0.014, INK)
    c.line([(0.41, 0.56), (0.41, 0.38)], 0.03, INK)
    c.line([(0.41, 0.56), (0.54, 0.62)], 0.036, INK)
    c.disc(0.41, 0.56, 0.034, (214, 70, 60))


def cup(c: Canvas, t: Tone) -> None:
    """A mug with steam; 1.0 by 0.84."""
    for x in (0.3, 0.46):
        c.curve([(x, 0.18), (x - 0.05, 0.12), (x + 0.04, 0.07), (x, 0.0)], 0.026, (226, 230, 238))
    c.ring(0.74, 0.5, 0.24, 0.085, t.dark, 250, 110)
    c.blob(
        path("0.06 0.24, 0.4 0.22, 0.74 0.24, 0.74 0.5, 0.68 0.76, 0.56 0.83, 0.24 0.83, 0.12 0.76, 0.06 0.5"), t.base
    )
    c.oval(0.4, 0.25, 0.34, 0.065, t.deep)
    c.oval(0.4, 0.262, 0.29, 0.044, (104, 66, 44))
    c.box(0.13, 0.36, 0.19, 0.68, t.light, 0.03)
    c.poly([(0.3, 0.52), (0.4, 0.46), (0.5, 0.52), (0.4, 0.66)], t.accent)


def bottle(c: Canvas, t: Tone) -> None:
    """A corked bottle with a label; 0.38 by 1.0."""
    c.box(0.145, 0.0, 0.235, 0.1, WOOD, 0.02)
    c.blob(
        path(
            "0.13 0.06, 0.25 0.06, 0.255 0.26, 0.36 0.4, 0.37 0.7,"
            " 0.36 0.96, 0.19 0.99, 0.02 0.96, 0.01 0.7, 0.02 0.4, 0.125 0.26"
        ),
        t.base,
    )
    c.box(0.115, 0.07, 0.265, 0.12, t.dark, 0.02)
    c.box(0.02, 0.52, 0.36, 0.8, CREAM if t.accent == CREAM else t.accent, 0.01)
    c.disc(0.19, 0.66, 0.085, t.dark)
    c.box(0.06, 0.42, 0.1, 0.94, SHINE, 0.02)


def book(c: Canvas, t: Tone) -> None:
    """An upright closed book; 0.82 by 1.0."""
    c.box(0.06, 0.06, 0.82, 1.0, t.deep, 0.03)
    c.box(0.08, 0.07, 0.79, 0.97, SNOW, 0.01)
    for x in (0.75, 0.77):
        c.line([(x, 0.08), (x, 0.95)], 0.006, STEEL)
    c.box(0.0, 0.0, 0.73, 0.94, t.base, 0.03)
    c.box(0.0, 0.0, 0.12, 0.94, t.dark, 0.03)
    c.box(0.2, 0.14, 0.65, 0.36, t.accent, 0.02)
    c.line([(0.27, 0.21), (0.58, 0.21)], 0.03, t.deep)
    c.line([(0.33, 0.29), (0.52, 0.29)], 0.024, t.deep)
    c.disc(0.43, 0.64, 0.13, t.light)


def umbrella(c: Canvas, t: Tone) -> None:
    """An open umbrella; 1.0 by 1.0."""
    c.line([(0.5, 0.02), (0.5, 0.9)], 0.034, DARK_WOOD)
    c.ring(0.57, 0.9, 0.085, 0.034, DARK_WOOD, 0, 180)
    c.wedge(0.5, 0.47, 0.5, 180, 360, t.base, 0.42)
    c.blob([(0.5, 0.06), (0.6, 0.16), (0.67, 0.46), (0.5, 0.47), (0.33, 0.46), (0.4, 0.16)], t.light)
    c.curve([(0.5, 0.06), (0.24, 0.22), (0.17, 0.46)], 0.012, t.dark)
    c.curve([(0.5, 0.06), (0.76, 0.22), (0.83, 0.46)], 0.012, t.dark)
    for x in (0.085, 0.25, 0.415, 0.585, 0.75, 0.915):
        c.oval(x, 0.465, 0.084, 0.04, t.dark)


def guitar(c: Canvas, t: Tone) -> None:
    """An upright acoustic guitar; 0.46 by 1.0."""
    c.box(0.195, 0.08, 0.265, 0.6, DARK_WOOD, 0.01)
    c.box(0.175, 0.0, 0.285, 0.12, INK, 0.03)
    for y in (0.03, 0.08):
        c.disc(0.165, y, 0.016, GOLD)
        c.disc(0.295, y, 0.016, GOLD)
    c.blob(
        path(
            "0.23 0.44, 0.36 0.48, 0.37 0.6, 0.35 0.66, 0.45 0.78, 0.42 0.94,"
            " 0.23 1.0, 0.04 0.94, 0.01 0.78, 0.11 0.66, 0.09 0.6, 0.1 0.48"
        ),
        t.base,
    )
    c.blob([(0.13, 0.52), (0.16, 0.5), (0.14, 0.66), (0.06, 0.8), (0.06, 0.9), (0.04, 0.8), (0.12, 0.66)], t.light)
    c.box(0.2, 0.4, 0.26, 0.62, DARK_WOOD)
    c.disc(0.23, 0.67, 0.075, INK)
    c.box(0.14, 0.84, 0.32, 0.88, DARK_WOOD, 0.01)
    for x in (0.213, 0.23, 0.247):
        c.line([(x, 0.1), (x, 0.86)], 0.006, CREAM)


HOUSEHOLD = {
    "clock": clock,
    "cup": cup,
    "bottle": bottle,
    "book": book,
    "umbrella": umbrella,
    "guitar": guitar,
}
