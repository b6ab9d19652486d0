"""Cars, boats and everything else that carries people."""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas, path
from rag.scenes.drawing.palette import CREAM, GLASS, GOLD, INK, STEEL, TYRE, WOOD, Tone

SHINE = (255, 255, 255, 90)
SHADE = (20, 10, 40, 46)


def wheel(c: Canvas, x: float, y: float, r: float) -> None:
    """A tyre with a bright hub."""
    c.disc(x, y, r, TYRE)
    c.disc(x, y, r * 0.58, STEEL)
    c.disc(x, y, r * 0.24, TYRE)


def car(c: Canvas, t: Tone) -> None:
    """A saloon from the side; 1.0 by 0.5."""
    c.blob([(0.2, 0.24), (0.3, 0.04), (0.42, 0.01), (0.6, 0.02), (0.7, 0.08), (0.82, 0.24), (0.5, 0.3)], t.base)
    c.box(0.01, 0.2, 0.99, 0.42, t.base, 0.08)
    c.poly([(0.27, 0.22), (0.35, 0.07), (0.49, 0.06), (0.49, 0.22)], GLASS)
    c.poly([(0.53, 0.22), (0.53, 0.06), (0.64, 0.08), (0.75, 0.22)], GLASS)
    c.poly([(0.3, 0.22), (0.4, 0.06), (0.45, 0.06), (0.35, 0.22)], SHINE)
    c.box(0.05, 0.23, 0.95, 0.26, t.light, 0.015)
    c.box(0.01, 0.35, 0.99, 0.42, t.dark, 0.03)
    c.line([(0.51, 0.25), (0.51, 0.38)], 0.008, t.deep)
    c.box(0.55, 0.28, 0.62, 0.295, t.deep)
    c.oval(0.96, 0.285, 0.03, 0.03, GOLD)
    c.box(0.0, 0.26, 0.04, 0.32, (214, 60, 60), 0.01)
    for x in (0.23, 0.77):
        c.disc(x, 0.4, 0.118, t.deep)
        wheel(c, x, 0.4, 0.1)


def bus(c: Canvas, t: Tone) -> None:
    """A city bus; 1.0 by 0.56."""
    c.box(0.0, 0.02, 1.0, 0.48, t.base, 0.06)
    c.box(0.02, 0.02, 0.98, 0.07, t.light, 0.03)
    for i in range(4):
        c.box(0.05 + i * 0.17, 0.11, 0.19 + i * 0.17, 0.27, GLASS, 0.015)
        c.poly(
            [(0.07 + i * 0.17, 0.27), (0.12 + i * 0.17, 0.11), (0.15 + i * 0.17, 0.11), (0.1 + i * 0.17, 0.27)], SHINE
        )
    c.box(0.75, 0.11, 0.87, 0.46, GLASS, 0.01)
    c.line([(0.81, 0.11), (0.81, 0.46)], 0.012, t.deep, cap=False)
    c.box(0.91, 0.1, 1.0, 0.28, GLASS, 0.02)
    c.box(0.0, 0.32, 0.72, 0.35, t.accent)
    c.box(0.0, 0.42, 1.0, 0.48, t.dark, 0.02)
    c.disc(0.965, 0.38, 0.022, GOLD)
    for x in (0.2, 0.66):
        wheel(c, x, 0.465, 0.09)


def truck(c: Canvas, t: Tone) -> None:
    """A box lorry with its cab on the right; 1.0 by 0.56."""
    c.box(0.02, 0.4, 0.98, 0.47, TYRE, 0.02)
    c.box(0.0, 0.0, 0.64, 0.42, t.base, 0.02)
    c.box(0.0, 0.0, 0.64, 0.04, t.light, 0.02)
    for x in (0.16, 0.32, 0.48):
        c.line([(x, 0.06), (x, 0.39)], 0.012, t.dark)
    c.poly([(0.67, 0.43), (0.67, 0.12), (0.85, 0.12), (0.93, 0.26), (0.99, 0.3), (0.99, 0.43)], t.light)
    c.poly([(0.73, 0.27), (0.73, 0.16), (0.83, 0.16), (0.89, 0.27)], GLASS)
    c.box(0.73, 0.31, 0.79, 0.325, t.deep)
    c.disc(0.965, 0.36, 0.022, GOLD)
    for x in (0.15, 0.38, 0.82):
        wheel(c, x, 0.465, 0.09)


def bicycle(c: Canvas, t: Tone) -> None:
    """A bicycle from the side; 1.0 by 0.64."""
    for x in (0.22, 0.78):
        c.ring(x, 0.42, 0.215, 0.036, TYRE)
        c.ring(x, 0.42, 0.178, 0.012, STEEL)
        c.line([(x - 0.17, 0.42), (x + 0.17, 0.42)], 0.008, STEEL)
        c.line([(x, 0.25), (x, 0.59)], 0.008, STEEL)
    back, crank, seat, head, front = (0.22, 0.42), (0.46, 0.44), (0.38, 0.16), (0.68, 0.17), (0.78, 0.42)
    c.line([back, crank, head, seat, back], 0.052, t.base)
    c.line([seat, crank], 0.052, t.base)
    c.line([front, head, (0.655, 0.08)], 0.05, t.dark)
    c.curve([(0.655, 0.08), (0.6, 0.05), (0.72, 0.03), (0.77, 0.08)], 0.035, INK)
    c.line([(0.3, 0.12), (0.45, 0.11)], 0.05, INK)
    c.disc(*crank, 0.055, STEEL)
    c.line([(0.46, 0.44), (0.5, 0.55)], 0.024, INK)
    c.line([(0.46, 0.56), (0.55, 0.56)], 0.024, INK)


def boat(c: Canvas, t: Tone) -> None:
    """A sailing boat; 0.9 by 1.0."""
    c.line([(0.44, 0.02), (0.44, 0.76)], 0.03, WOOD)
    c.blob([(0.48, 0.05), (0.66, 0.28), (0.82, 0.62), (0.48, 0.62)], t.light)
    c.poly([(0.48, 0.62), (0.48, 0.5), (0.77, 0.5), (0.82, 0.62)], t.base)
    c.poly([(0.41, 0.12), (0.41, 0.62), (0.08, 0.62)], CREAM if t.accent == CREAM else t.accent)
    c.poly([(0.44, 0.0), (0.44, 0.08), (0.58, 0.04)], t.base)
    c.blob([(0.0, 0.7), (0.45, 0.72), (0.9, 0.68), (0.78, 0.9), (0.66, 0.99), (0.24, 0.99), (0.1, 0.88)], t.base)
    c.poly([(0.03, 0.76), (0.86, 0.75), (0.82, 0.81), (0.07, 0.81)], t.light)
    c.poly([(0.12, 0.91), (0.77, 0.91), (0.68, 0.99), (0.23, 0.99)], t.dark)
    for x in (0.28, 0.45, 0.62):
        c.disc(x, 0.86, 0.026, CREAM if t.accent == CREAM else t.accent)


def train(c: Canvas, t: Tone) -> None:
    """A steam engine; 1.0 by 0.6."""
    for x, y, r in ((0.8, 0.06, 0.06), (0.71, 0.05, 0.045)):
        c.disc(x, y, r, (232, 234, 240))
    c.box(0.02, 0.42, 0.98, 0.5, t.deep, 0.02)
    c.box(0.3, 0.24, 0.9, 0.45, t.base, 0.05)
    c.box(0.33, 0.27, 0.87, 0.31, t.light, 0.02)
    c.box(0.04, 0.06, 0.36, 0.45, t.base, 0.02)
    c.box(0.0, 0.03, 0.4, 0.09, t.deep, 0.02)
    c.box(0.1, 0.14, 0.3, 0.29, GLASS, 0.02)
    c.poly([(0.74, 0.25), (0.76, 0.15), (0.73, 0.11), (0.87, 0.11), (0.84, 0.15), (0.86, 0.25)], t.deep)
    c.wedge(0.54, 0.25, 0.07, 180, 360, GOLD)
    c.box(0.44, 0.24, 0.47, 0.45, GOLD)
    c.box(0.66, 0.24, 0.69, 0.45, GOLD)
    c.disc(0.91, 0.34, 0.05, GOLD)
    c.poly([(0.88, 0.48), (0.96, 0.48), (1.0, 0.58), (0.88, 0.58)], STEEL)
    for x, r in ((0.16, 0.11), (0.42, 0.09), (0.6, 0.09), (0.78, 0.09)):
        wheel(c, x, 0.6 - r, r)
    c.line([(0.16, 0.5), (0.78, 0.5)], 0.024, STEEL)


def aeroplane(c: Canvas, t: Tone) -> None:
    """An airliner that flies to the right; 1.0 by 0.5."""
    c.poly([(0.42, 0.24), (0.36, 0.06), (0.44, 0.06), (0.6, 0.24)], t.dark)
    c.poly([(0.0, 0.0), (0.11, 0.0), (0.24, 0.2), (0.1, 0.24)], t.base)
    c.blob(path("0.06 0.2, 0.3 0.18, 0.8 0.17, 0.95 0.22, 0.99 0.28, 0.9 0.33, 0.5 0.35, 0.2 0.31"), t.base)
    c.poly([(0.12, 0.22), (0.8, 0.195), (0.9, 0.215), (0.2, 0.24)], t.light)
    for i in range(7):
        c.disc(0.28 + i * 0.075, 0.262, 0.02, GLASS)
    c.poly([(0.86, 0.22), (0.93, 0.22), (0.965, 0.26), (0.87, 0.26)], GLASS)
    c.poly([(0.1, 0.25), (0.24, 0.25), (0.12, 0.36), (0.03, 0.36)], t.dark)
    c.poly([(0.4, 0.3), (0.6, 0.3), (0.36, 0.5), (0.25, 0.5)], t.dark)
    c.box(0.4, 0.39, 0.53, 0.45, STEEL, 0.03)


def rocket(c: Canvas, t: Tone) -> None:
    """A space rocket on its flame; 0.5 by 1.0."""
    c.blob([(0.17, 0.8), (0.33, 0.8), (0.33, 0.9), (0.25, 1.0), (0.17, 0.9)], (250, 170, 50))
    c.blob([(0.21, 0.8), (0.29, 0.8), (0.25, 0.94)], (255, 232, 130))
    c.poly([(0.12, 0.5), (0.0, 0.72), (0.0, 0.88), (0.14, 0.76)], t.dark)
    c.poly([(0.38, 0.5), (0.5, 0.72), (0.5, 0.88), (0.36, 0.76)], t.dark)
    c.blob(
        path("0.25 0.0, 0.35 0.14, 0.41 0.36, 0.4 0.62, 0.35 0.82, 0.15 0.82, 0.1 0.62, 0.09 0.36, 0.15 0.14"), t.base
    )
    c.blob([(0.25, 0.0), (0.32, 0.09), (0.35, 0.16), (0.15, 0.16), (0.18, 0.09)], t.deep)
    c.poly([(0.14, 0.25), (0.18, 0.2), (0.18, 0.76), (0.14, 0.7)], t.light)
    c.box(0.12, 0.62, 0.38, 0.66, t.accent)
    c.disc(0.25, 0.38, 0.1, t.accent)
    c.disc(0.25, 0.38, 0.072, GLASS)
    c.wedge(0.25, 0.38, 0.072, 200, 290, SHINE)


def tractor(c: Canvas, t: Tone) -> None:
    """A farm tractor; 1.0 by 0.74."""
    c.box(0.86, 0.12, 0.9, 0.32, TYRE, 0.01)
    c.box(0.44, 0.28, 0.98, 0.54, t.base, 0.06)
    c.box(0.48, 0.31, 0.94, 0.35, t.light, 0.02)
    c.poly([(0.16, 0.04), (0.52, 0.04), (0.56, 0.34), (0.14, 0.34)], GLASS)
    c.line([(0.17, 0.05), (0.15, 0.4)], 0.04, t.dark)
    c.line([(0.51, 0.05), (0.54, 0.34)], 0.04, t.dark)
    c.box(0.12, 0.0, 0.57, 0.06, t.base, 0.03)
    c.box(0.1, 0.32, 0.56, 0.5, t.base, 0.05)
    for y in (0.4, 0.44, 0.48):
        c.line([(0.68, y), (0.9, y)], 0.014, t.deep)
    c.disc(0.97, 0.38, 0.03, GOLD)
    c.wedge(0.25, 0.48, 0.28, 190, 330, t.dark)
    for x, r in ((0.25, 0.25), (0.82, 0.16)):
        c.disc(x, 0.74 - r, r, TYRE)
        c.disc(x, 0.74 - r, r * 0.56, t.light)
        c.disc(x, 0.74 - r, r * 0.2, TYRE)


VEHICLES = {
    "car": car,
    "bus": bus,
    "truck": truck,
    "bicycle": bicycle,
    "boat": boat,
    "train": train,
    "aeroplane": aeroplane,
    "rocket": rocket,
    "tractor": tractor,
}
