"""Things to eat."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, path
from rag.scenes.drawing.palette import DARK_WOOD, LEAF, SNOW, STEEL, Tone


def apple(c: Canvas, t: Tone) -> None:
    """An apple with a leaf; 0.9 by 1.0."""
    c.blob(
        path(
            "0.45 0.27, 0.62 0.2, 0.82 0.28, 0.9 0.5, 0.8 0.82, 0.62 0.99,"
            " 0.45 0.95, 0.28 0.99, 0.1 0.82, 0.0 0.5, 0.08 0.28, 0.28 0.2"
        ),
        t.base,
    )
    c.blob([(0.78, 0.34), (0.88, 0.52), (0.78, 0.82), (0.6, 0.97), (0.5, 0.95), (0.7, 0.76)], t.dark)
    c.blob([(0.16, 0.36), (0.28, 0.3), (0.22, 0.46), (0.14, 0.58)], t.pale)
    c.oval(0.45, 0.27, 0.1, 0.035, t.deep)
    c.curve([(0.45, 0.28), (0.46, 0.14), (0.54, 0.03)], 0.045, DARK_WOOD)
    c.blob([(0.5, 0.16), (0.62, 0.04), (0.82, 0.04), (0.7, 0.17)], LEAF)


def cake(c: Canvas, t: Tone) -> None:
    """A two-tier birthday cake with candles; 1.0 by 0.94."""
    for x in (0.38, 0.5, 0.62):
        c.box(x - 0.02, 0.1, x + 0.02, 0.28, SNOW, 0.01)
        c.line([(x - 0.015, 0.2), (x + 0.015, 0.16)], 0.014, t.base)
        c.blob([(x, 0.0), (x + 0.026, 0.06), (x, 0.1), (x - 0.026, 0.06)], (255, 190, 70))
    c.oval(0.5, 0.9, 0.5, 0.04, STEEL)
    c.box(0.08, 0.52, 0.92, 0.9, t.base, 0.06)
    c.box(0.24, 0.26, 0.76, 0.56, t.light, 0.05)
    for left, right, y in ((0.24, 0.76, 0.28), (0.08, 0.92, 0.53)):
        n = 5 if left > 0.2 else 8
        step = (right - left) / n
        c.box(left, y - 0.02, right, y + 0.04, t.accent, 0.02)
        for i in range(n):
            c.disc(left + step * (i + 0.5), y + 0.045, step * 0.42, t.accent)
    for i in range(6):
        c.disc(0.16 + i * 0.136, 0.76, 0.032, t.dark)


def ice_cream(c: Canvas, t: Tone) -> None:
    """A cone with two scoops; 0.52 by 1.0."""
    c.poly([(0.06, 0.48), (0.46, 0.48), (0.26, 1.0)], (228, 172, 104))
    for i in (-2, -1, 0, 1, 2):
        c.line([(0.26 + i * 0.09, 0.5), (0.26 + i * 0.02 + 0.05, 0.84 - abs(i) * 0.12)], 0.012, (186, 124, 66))
        c.line([(0.26 + i * 0.09, 0.5), (0.26 + i * 0.02 - 0.05, 0.84 - abs(i) * 0.12)], 0.012, (186, 124, 66))
    c.disc(0.26, 0.2, 0.2, t.light)
    c.disc(0.26, 0.38, 0.24, t.base)
    for x in (0.06, 0.16, 0.27, 0.37, 0.46):
        c.disc(x, 0.5, 0.055, t.base)
    c.blob([(0.1, 0.3), (0.16, 0.24), (0.14, 0.36), (0.1, 0.42)], t.pale)
    c.disc(0.3, 0.04, 0.045, (214, 50, 66))
    for x, y in ((0.2, 0.14), (0.34, 0.2), (0.24, 0.24)):
        c.line([(x, y), (x + 0.04, y + 0.02)], 0.02, t.accent)


def banana(c: Canvas, t: Tone) -> None:
    """A banana; 1.0 by 0.74."""
    c.blob(
        path(
            "0.04 0.22, 0.1 0.2, 0.24 0.4, 0.5 0.5, 0.74 0.38, 0.86 0.12,"
            " 0.95 0.13, 0.97 0.34, 0.84 0.58, 0.6 0.73, 0.34 0.71, 0.12 0.52"
        ),
        t.base,
    )
    c.blob(
        path("0.06 0.3, 0.22 0.5, 0.5 0.6, 0.78 0.46, 0.92 0.2, 0.96 0.34, 0.82 0.59, 0.6 0.72, 0.34 0.7, 0.13 0.51"),
        t.dark,
    )
    c.curve([(0.1, 0.3), (0.24, 0.46), (0.48, 0.55), (0.74, 0.45), (0.88, 0.22)], 0.03, t.light)
    c.poly([(0.86, 0.16), (0.87, 0.01), (0.95, 0.0), (0.955, 0.16)], DARK_WOOD)
    c.disc(0.06, 0.23, 0.035, DARK_WOOD)


FOOD = {
    "apple": apple,
    "cake": cake,
    "ice cream": ice_cream,
    "banana": banana,
}
