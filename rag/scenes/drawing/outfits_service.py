"""What firefighters, police, pilots and astronauts wear and carry.

Coordinates are those of `people`: head at (0.28, 0.16), hands at y 0.59.
"""

from __future__ import annotations

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.palette import GOLD, INK, NAVY, RED, RGB, STEEL, WHITE, WOOD


def firefighter(c: Canvas) -> None:
    """A dark jacket with bright stripes."""
    c.box(0.157, 0.5, 0.403, 0.66, (60, 62, 76), 0.02)
    for y in (0.42, 0.56):
        c.box(0.157, y, 0.403, y + 0.04, (250, 224, 80))
        c.line([(0.16, y + 0.02), (0.4, y + 0.02)], 0.01, WHITE, cap=False)
    c.line([(0.28, 0.3), (0.28, 0.65)], 0.012, (250, 224, 80))
    for x in (0.215, 0.345):
        c.box(x - 0.052, 0.8, x + 0.052, 0.84, (250, 224, 80))


def fire_helmet(c: Canvas) -> None:
    """A red helmet and an axe."""
    c.wedge(0.28, 0.115, 0.115, 180, 360, RED, 0.115)
    c.blob([(0.13, 0.12), (0.28, 0.1), (0.43, 0.12), (0.28, 0.135)], (170, 36, 40))
    c.box(0.255, 0.03, 0.305, 0.1, (250, 210, 80), 0.012)
    c.line([(0.49, 0.78), (0.49, 0.46)], 0.024, WOOD)
    c.blob([(0.47, 0.44), (0.54, 0.4), (0.56, 0.47), (0.54, 0.54), (0.47, 0.5)], STEEL)
    c.poly([(0.485, 0.45), (0.485, 0.49), (0.43, 0.47)], RED)


def police(c: Canvas) -> None:
    """Tie, badge, belt and epaulettes."""
    c.poly([(0.23, 0.285), (0.33, 0.285), (0.28, 0.36)], (150, 180, 220))
    c.line([(0.28, 0.32), (0.28, 0.46)], 0.026, INK)
    c.poly([(0.35, 0.38), (0.385, 0.38), (0.385, 0.42), (0.367, 0.445), (0.35, 0.42)], GOLD)
    c.box(0.155, 0.57, 0.405, 0.61, INK, 0.01)
    c.box(0.255, 0.575, 0.305, 0.605, GOLD, 0.006)
    for x in (0.175, 0.385):
        c.box(x - 0.025, 0.3, x + 0.025, 0.32, GOLD, 0.004)


def peaked_cap(c: Canvas, crown: RGB, band: RGB) -> None:
    """A peaked cap with a gold badge."""
    c.blob([(0.15, 0.07), (0.2, 0.01), (0.28, 0.0), (0.36, 0.01), (0.41, 0.07), (0.37, 0.1), (0.19, 0.1)], crown)
    c.box(0.185, 0.08, 0.375, 0.112, band)
    c.blob([(0.18, 0.11), (0.28, 0.1), (0.38, 0.11), (0.28, 0.135)], INK)
    c.disc(0.28, 0.06, 0.024, GOLD)


def police_cap(c: Canvas) -> None:
    """The navy cap."""
    peaked_cap(c, NAVY, INK)


def pilot(c: Canvas) -> None:
    """Tie, wings and gold stripes."""
    c.poly([(0.225, 0.285), (0.335, 0.285), (0.28, 0.42)], WHITE)
    c.line([(0.28, 0.32), (0.28, 0.41)], 0.022, INK)
    for y in (0.48, 0.55):
        for x in (0.25, 0.31):
            c.disc(x, y, 0.013, GOLD)
    c.blob([(0.3, 0.4), (0.35, 0.385), (0.4, 0.4), (0.35, 0.41)], GOLD)
    for side in (-1, 1):
        x = 0.28 + 0.19 * side
        for y in (0.5, 0.525):
            c.line([(x - 0.03, y), (x + 0.045, y)], 0.012, GOLD, cap=False)


def pilot_cap(c: Canvas) -> None:
    """A white cap and sunglasses."""
    peaked_cap(c, WHITE, INK)
    for side in (-1, 1):
        c.blob([(0.28 + 0.02 * side, 0.16), (0.28 + 0.05 * side, 0.145), (0.28 + 0.085 * side, 0.16),
                (0.28 + 0.07 * side, 0.19), (0.28 + 0.03 * side, 0.185)], INK)  # fmt: skip
    c.line([(0.25, 0.158), (0.31, 0.158)], 0.01, INK)


def astronaut(c: Canvas) -> None:
    """A control panel and belts."""
    c.box(0.2, 0.38, 0.36, 0.5, (176, 188, 208), 0.015)
    for x, fill in ((0.235, RED), (0.28, (64, 140, 214)), (0.325, GOLD)):
        c.disc(x, 0.42, 0.015, fill)
    c.box(0.22, 0.455, 0.34, 0.478, INK, 0.006)
    c.box(0.158, 0.55, 0.402, 0.58, (120, 140, 190))
    c.box(0.19, 0.27, 0.37, 0.31, (150, 160, 180), 0.02)
    for x in (0.215, 0.345):
        c.box(x - 0.052, 0.82, x + 0.052, 0.845, (240, 130, 60))


def backpack(c: Canvas) -> None:
    """The life support behind the back."""
    c.box(0.1, 0.26, 0.46, 0.58, (176, 188, 208), 0.04)


def space_helmet(c: Canvas) -> None:
    """A glass helmet and gloves."""
    c.ring(0.28, 0.155, 0.155, 0.034, WHITE)
    c.disc(0.28, 0.155, 0.122, (150, 200, 250, 60))
    c.ring(0.28, 0.155, 0.11, 0.02, (255, 255, 255, 170), 195, 260)
    for side in (-1, 1):
        c.box(0.28 + 0.15 * side - 0.02, 0.12, 0.28 + 0.15 * side + 0.02, 0.19, (240, 130, 60), 0.01)
        c.disc(0.28 + 0.205 * side, 0.59, 0.042, (150, 160, 180))
