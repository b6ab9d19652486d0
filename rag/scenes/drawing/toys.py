"""Toys and presents."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, path, star
from rag.scenes.drawing.palette import CREAM, DARK_WOOD, GOLD, INK, SNOW, STEEL, WOOD, Tone


def ball(c: Canvas, t: Tone) -> None:
    """A ball with a star and a stripe; 1.0 by 1.0."""
    c.disc(0.5, 0.5, 0.5, t.base)
    c.wedge(0.5, 0.5, 0.5, 10, 170, t.dark)
    c.blob(path("0.02 0.42, 0.3 0.5, 0.7 0.5, 0.98 0.42, 0.99 0.6, 0.7 0.7, 0.3 0.7, 0.01 0.6"), t.accent)
    c.poly(star(0.5, 0.27, 0.13), t.accent)
    c.oval(0.24, 0.24, 0.1, 0.07, t.pale)


def kite(c: Canvas, t: Tone) -> None:
    """A diamond kite with a bowed tail; 0.74 by 1.0."""
    c.curve([(0.37, 0.68), (0.46, 0.78), (0.3, 0.88), (0.4, 0.99)], 0.018, INK)
    for x, y in ((0.42, 0.78), (0.35, 0.87), (0.38, 0.95)):
        c.poly([(x, y), (x - 0.07, y - 0.035), (x - 0.07, y + 0.035)], t.dark)
        c.poly([(x, y), (x + 0.07, y - 0.035), (x + 0.07, y + 0.035)], t.dark)
    c.poly([(0.37, 0.0), (0.74, 0.28), (0.37, 0.7), (0.0, 0.28)], t.base)
    c.poly([(0.37, 0.0), (0.37, 0.28), (0.0, 0.28)], t.light)
    c.poly([(0.37, 0.7), (0.37, 0.28), (0.74, 0.28)], t.dark)
    c.line([(0.37, 0.01), (0.37, 0.69)], 0.016, t.accent)
    c.line([(0.01, 0.28), (0.73, 0.28)], 0.016, t.accent)


def balloon(c: Canvas, t: Tone) -> None:
    """A toy balloon on a string; 0.62 by 1.0."""
    c.curve([(0.31, 0.72), (0.36, 0.8), (0.27, 0.9), (0.32, 1.0)], 0.016, (120, 120, 132))
    c.poly([(0.31, 0.66), (0.37, 0.75), (0.25, 0.75)], t.dark)
    c.blob(path("0.31 0.0, 0.52 0.08, 0.62 0.3, 0.54 0.52, 0.31 0.7, 0.08 0.52, 0.0 0.3, 0.1 0.08"), t.base)
    c.blob([(0.58, 0.2), (0.61, 0.34), (0.5, 0.54), (0.31, 0.69), (0.28, 0.66), (0.48, 0.44)], t.dark)
    c.blob([(0.1, 0.22), (0.18, 0.1), (0.22, 0.14), (0.15, 0.28)], t.pale)


def drum(c: Canvas, t: Tone) -> None:
    """A toy drum with sticks; 1.0 by 0.86."""
    c.oval(0.5, 0.72, 0.46, 0.14, GOLD)
    c.box(0.04, 0.26, 0.96, 0.72, t.base)
    c.oval(0.5, 0.7, 0.46, 0.12, t.base)
    for i in range(5):
        x = 0.06 + i * 0.176
        dip = 0.1 - abs(i - 2) * 0.025
        c.line([(x, 0.32 + dip), (x + 0.088, 0.66 + dip), (x + 0.176, 0.32 + dip)], 0.022, t.accent)
    c.oval(0.5, 0.28, 0.48, 0.16, GOLD)
    c.oval(0.5, 0.25, 0.45, 0.13, CREAM)
    c.line([(0.2, 0.06), (0.52, 0.24)], 0.036, WOOD)
    c.line([(0.84, 0.04), (0.56, 0.26)], 0.036, WOOD)
    for x, y in ((0.53, 0.245), (0.55, 0.265)):
        c.disc(x, y, 0.034, DARK_WOOD)


def teddy_bear(c: Canvas, t: Tone) -> None:
    """A sitting teddy bear; 0.86 by 1.0."""
    for x in (0.2, 0.66):
        c.disc(x, 0.1, 0.1, t.base)
        c.disc(x, 0.1, 0.055, t.pale)
    for points in ([(0.24, 0.52), (0.08, 0.66)], [(0.62, 0.52), (0.78, 0.66)]):
        c.line(points, 0.15, t.dark)
    c.oval(0.43, 0.68, 0.27, 0.26, t.base)
    c.oval(0.43, 0.7, 0.16, 0.17, t.pale)
    for x in (0.16, 0.7):
        c.disc(x, 0.87, 0.13, t.base)
        c.disc(x, 0.88, 0.075, t.pale)
    c.oval(0.43, 0.27, 0.3, 0.25, t.base)
    c.oval(0.43, 0.35, 0.14, 0.11, t.pale)
    c.oval(0.43, 0.31, 0.05, 0.036, INK)
    c.curve([(0.37, 0.38), (0.43, 0.41), (0.49, 0.38)], 0.016, INK)
    for x in (0.31, 0.55):
        c.disc(x, 0.23, 0.036, SNOW)
        c.disc(x, 0.23, 0.028, INK)
    c.poly([(0.43, 0.52), (0.31, 0.47), (0.31, 0.58)], t.accent)
    c.poly([(0.43, 0.52), (0.55, 0.47), (0.55, 0.58)], t.accent)


def robot(c: Canvas, t: Tone) -> None:
    """A toy robot; 0.74 by 1.0."""
    c.line([(0.37, 0.04), (0.37, 0.14)], 0.024, STEEL)
    c.disc(0.37, 0.04, 0.036, (236, 90, 80))
    for x in (0.06, 0.68):
        c.box(x - 0.05, 0.44, x + 0.05, 0.7, t.dark, 0.04)
        c.ring(x, 0.75, 0.065, 0.035, STEEL, -60, 240)
    for x in (0.26, 0.48):
        c.box(x - 0.06, 0.76, x + 0.06, 0.94, STEEL)
        c.box(x - 0.1, 0.91, x + 0.09, 1.0, t.deep, 0.03)
    c.box(0.13, 0.4, 0.61, 0.8, t.base, 0.05)
    c.box(0.15, 0.12, 0.59, 0.38, t.base, 0.07)
    c.box(0.17, 0.13, 0.57, 0.17, t.light, 0.02)
    for x in (0.27, 0.47):
        c.disc(x, 0.24, 0.06, SNOW)
        c.disc(x, 0.24, 0.03, INK)
    c.line([(0.29, 0.33), (0.45, 0.33)], 0.024, t.deep)
    c.box(0.21, 0.48, 0.53, 0.64, t.accent, 0.02)
    for i, fill in enumerate(((236, 90, 80), GOLD, (90, 180, 110))):
        c.disc(0.28 + i * 0.09, 0.56, 0.032, fill)
    c.line([(0.22, 0.72), (0.52, 0.72)], 0.02, t.deep)


def gift(c: Canvas, t: Tone) -> None:
    """A wrapped box with a bow; 0.9 by 0.96."""
    ribbon = t.accent
    for side in (-1, 1):
        c.blob(
            [(0.45, 0.22), (0.45 + 0.1 * side, 0.03), (0.45 + 0.27 * side, 0.04), (0.45 + 0.24 * side, 0.18)], ribbon
        )
        c.blob(
            [
                (0.45 + 0.06 * side, 0.18),
                (0.45 + 0.12 * side, 0.08),
                (0.45 + 0.2 * side, 0.1),
                (0.45 + 0.17 * side, 0.16),
            ],
            t.deep,
        )
    c.box(0.05, 0.34, 0.85, 0.96, t.base, 0.02)
    c.box(0.05, 0.38, 0.85, 0.44, t.dark)
    c.box(0.0, 0.19, 0.9, 0.4, t.light, 0.03)
    c.box(0.37, 0.19, 0.53, 0.96, ribbon)
    c.box(0.4, 0.16, 0.5, 0.24, ribbon, 0.03)
    for x, y in ((0.18, 0.58), (0.24, 0.8), (0.66, 0.56), (0.72, 0.82), (0.12, 0.86), (0.64, 0.7)):
        c.disc(x, y, 0.026, t.pale)


TOYS = {
    "ball": ball,
    "kite": kite,
    "balloon": balloon,
    "drum": drum,
    "teddy bear": teddy_bear,
    "robot": robot,
    "gift": gift,
}
