"""Clothes, laid out as in a shop window."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, path, star
from rag.scenes.drawing.palette import CREAM, SNOW, STEEL, Tone


def dress(c: Canvas, t: Tone) -> None:
    """A summer dress with a flared skirt; 0.74 by 1.0."""
    c.line([(0.26, 0.02), (0.28, 0.14)], 0.04, t.dark)
    c.line([(0.48, 0.02), (0.46, 0.14)], 0.04, t.dark)
    c.poly(path("0.22 0.1, 0.3 0.1, 0.37 0.16, 0.44 0.1, 0.52 0.1, 0.55 0.24, 0.5 0.42, 0.24 0.42, 0.19 0.24"), t.base)
    c.blob(
        path("0.25 0.42, 0.49 0.42, 0.62 0.66, 0.74 0.94, 0.56 0.98, 0.37 1.0, 0.18 0.98, 0.0 0.94, 0.12 0.66"), t.base
    )
    for x, end in ((0.31, 0.22), (0.37, 0.38), (0.43, 0.54)):
        c.line([(x, 0.5), (end, 0.95)], 0.018, t.dark)
    c.poly([(0.26, 0.48), (0.29, 0.48), (0.14, 0.94), (0.06, 0.93)], t.light)
    c.box(0.22, 0.39, 0.52, 0.46, t.accent, 0.02)


def hat(c: Canvas, t: Tone) -> None:
    """A top hat with a band; 1.0 by 0.6."""
    c.blob(path("0.0 0.42, 0.2 0.47, 0.5 0.46, 0.8 0.47, 1.0 0.42, 0.9 0.56, 0.5 0.6, 0.1 0.56"), t.dark)
    c.poly([(0.2, 0.06), (0.8, 0.06), (0.76, 0.52), (0.24, 0.52)], t.base)
    c.oval(0.5, 0.06, 0.3, 0.06, t.light)
    c.poly([(0.232, 0.38), (0.768, 0.38), (0.758, 0.5), (0.242, 0.5)], t.accent)
    c.poly([(0.27, 0.14), (0.33, 0.15), (0.34, 0.37), (0.29, 0.37)], t.light)


def shoe(c: Canvas, t: Tone) -> None:
    """A laced trainer; 1.0 by 0.56."""
    c.blob(
        path("0.04 0.06, 0.2 0.14, 0.4 0.03, 0.52 0.18, 0.72 0.28, 0.96 0.36, 0.98 0.48, 0.5 0.5, 0.03 0.48"), t.base
    )
    c.blob([(0.74, 0.3), (0.95, 0.36), (0.97, 0.46), (0.74, 0.46), (0.7, 0.38)], t.light)
    c.blob([(0.04, 0.1), (0.16, 0.17), (0.18, 0.46), (0.04, 0.46)], t.dark)
    c.curve([(0.2, 0.44), (0.4, 0.4), (0.56, 0.26)], 0.05, t.accent)
    for x, y in ((0.42, 0.12), (0.5, 0.19), (0.58, 0.24)):
        c.line([(x, y), (x + 0.1, y - 0.05 + 0.06)], 0.028, SNOW)
    c.box(0.01, 0.45, 0.99, 0.56, CREAM, 0.05)
    c.line([(0.05, 0.505), (0.95, 0.505)], 0.014, STEEL)


def shirt(c: Canvas, t: Tone) -> None:
    """A T-shirt; 1.0 by 0.92."""
    c.poly(
        path(
            "0.28 0.06, 0.4 0.01, 0.6 0.01, 0.72 0.06, 1.0 0.28, 0.86 0.46,"
            " 0.76 0.38, 0.76 0.92, 0.24 0.92, 0.24 0.38, 0.14 0.46, 0.0 0.28"
        ),
        t.base,
    )
    c.poly([(0.24, 0.38), (0.14, 0.46), (0.0, 0.28), (0.05, 0.24), (0.2, 0.36)], t.light)
    c.poly([(0.76, 0.38), (0.86, 0.46), (1.0, 0.28), (0.95, 0.24), (0.8, 0.36)], t.dark)
    c.wedge(0.5, 0.0, 0.13, 0, 180, t.deep, 0.15)
    c.line([(0.24, 0.3), (0.26, 0.42)], 0.014, t.dark)
    c.line([(0.76, 0.3), (0.74, 0.42)], 0.014, t.deep)
    c.poly(star(0.5, 0.5, 0.16), t.accent)
    c.box(0.24, 0.86, 0.76, 0.885, t.dark)


CLOTHES = {
    "dress": dress,
    "hat": hat,
    "shoe": shoe,
    "shirt": shirt,
}
