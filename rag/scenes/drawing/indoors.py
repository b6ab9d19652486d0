"""Rooms, with the time of day in the window."""

# Coordinates are positional, as in every drawing interface.
# ruff: noqa: PLR0917
from __future__ import annotations

import random

from rag.scenes.drawing.canvas import Canvas
from rag.scenes.drawing.palette import RGB, mix

_DIM: RGB = (58, 38, 66)


def _in_room(colour: RGB, time: str) -> RGB:
    """Rooms are lit at night, only dimmer."""
    return mix(colour, _DIM, 0.38) if time == "night" else colour


def window(c: Canvas, x: float, y: float, w: float, h: float, time: str) -> None:
    """A window with four panes that shows sun and cloud, or moon and stars."""
    frame = _in_room((252, 250, 246), time)
    c.box(x - 0.015, y - 0.015, x + w + 0.015, y + h + 0.015, frame, 0.01)
    night = time == "night"
    c.box(x, y, x + w, y + h, (18, 26, 70) if night else (164, 214, 244))
    if night:
        c.disc(x + w * 0.7, y + h * 0.3, 0.028, (250, 244, 214))
        for dx, dy in ((0.2, 0.2), (0.35, 0.42), (0.15, 0.7), (0.62, 0.72), (0.85, 0.6), (0.45, 0.14)):
            c.disc(x + w * dx, y + h * dy, 0.0035, (255, 250, 220))
    else:
        c.disc(x + w * 0.74, y + h * 0.26, 0.026, (255, 236, 150))
        c.oval(x + w * 0.3, y + h * 0.4, w * 0.16, h * 0.07, (255, 255, 255))
        c.wedge(x + w * 0.5, y + h, w * 0.5, 180, 360, (150, 200, 130), h * 0.22)
    c.line([(x + w / 2, y), (x + w / 2, y + h)], 0.012, frame, cap=False)
    c.line([(x, y + h / 2), (x + w, y + h / 2)], 0.012, frame, cap=False)
    c.box(x - 0.03, y + h + 0.01, x + w + 0.03, y + h + 0.032, frame, 0.006)


def boards(c: Canvas, top: float, fill: RGB) -> None:
    """A wooden floor that runs towards the viewer."""
    c.box(0, top, 1, 1, fill)
    seam = mix(fill, (70, 40, 30), 0.22)
    for i in range(-6, 7):
        c.line([(0.5 + i * 0.1, top), (0.5 + i * 0.2, 1.02)], 0.004, seam)
    for i, y in enumerate((0.73, 0.8, 0.88, 0.95)):
        for k in range(-6, 6):
            if (k + i) % 3 == 0:
                spread = 0.1 + 0.1 * (y - top) / (1 - top)
                c.line([(0.5 + k * spread, y), (0.5 + (k + 1) * spread, y)], 0.004, seam)


def kitchen(c: Canvas, time: str, rng: random.Random) -> None:
    """Tiles, cupboards, a worktop with a stove, chequered floor."""
    wall = _in_room((228, 238, 232), time)
    c.box(0, 0, 1, 0.7, wall)
    tile = mix(wall, _in_room((150, 180, 174), time), 0.35)
    for i in range(1, 12):
        c.line([(i / 12, 0.28), (i / 12, 0.5)], 0.003, tile)
    for y in (0.28, 0.335, 0.39, 0.445):
        c.line([(0, y), (1, y)], 0.003, tile)
    door = _in_room((168, 204, 198), time)
    left = rng.choice((True, False))
    for x in (0.0, 0.17) if left else (0.66, 0.83):
        c.box(x + 0.008, 0.02, x + 0.162, 0.25, door, 0.012)
        c.box(x + 0.026, 0.04, x + 0.144, 0.23, mix(door, (255, 255, 255), 0.2), 0.008)
        c.disc(x + 0.13, 0.2, 0.008, _in_room((120, 110, 100), time))
    window(c, 0.58 if left else 0.14, 0.08, 0.28, 0.26, time)
    c.box(0, 0.49, 1, 0.52, _in_room((206, 178, 146), time))
    c.box(0, 0.52, 1, 0.69, _in_room((178, 210, 204), time))
    for i in range(6):
        x = i / 6
        c.box(x + 0.01, 0.535, x + 0.157, 0.675, mix(door, (255, 255, 255), 0.25), 0.008)
        c.line([(x + 0.06, 0.555), (x + 0.107, 0.555)], 0.008, _in_room((130, 124, 118), time))
    pots(c, 0.08 if left else 0.82, 0.49, time)
    light, dark = _in_room((240, 234, 222), time), _in_room((204, 198, 190), time)
    c.box(0, 0.69, 1, 1, light)
    for row, (y, bottom) in enumerate(((0.69, 0.74), (0.74, 0.81), (0.81, 0.9), (0.9, 1.02))):
        for k in range(-9, 9):
            if (k + row) % 2 == 0:
                a, b = 0.1 + 0.32 * (y - 0.69), 0.1 + 0.32 * (bottom - 0.69)
                c.poly(
                    [(0.5 + k * a, y), (0.5 + (k + 1) * a, y), (0.5 + (k + 1) * b, bottom), (0.5 + k * b, bottom)], dark
                )


def pots(c: Canvas, x: float, base: float, time: str) -> None:
    """A saucepan and a jar on the worktop."""
    steel = _in_room((150, 156, 166), time)
    c.box(x - 0.05, base - 0.06, x + 0.05, base, steel, 0.01)
    c.box(x - 0.055, base - 0.07, x + 0.055, base - 0.055, mix(steel, (255, 255, 255), 0.4), 0.006)
    c.disc(x, base - 0.076, 0.01, _in_room((80, 84, 96), time))
    c.line([(x + 0.05, base - 0.045), (x + 0.1, base - 0.045)], 0.012, _in_room((80, 84, 96), time))


def living_room(c: Canvas, time: str, rng: random.Random) -> None:
    """Striped wallpaper, pictures, a window with curtains and a rug."""
    wall = _in_room((244, 226, 204), time)
    c.box(0, 0, 1, 0.68, wall)
    for i in range(13):
        c.box(i / 13, 0, i / 13 + 0.035, 0.66, mix(wall, _in_room((226, 196, 166), time), 0.4))
    left = rng.choice((True, False))
    x = 0.1 if left else 0.58
    window(c, x, 0.1, 0.32, 0.32, time)
    curtain = _in_room((140, 170, 176), time)
    for side in (x - 0.075, x + 0.325):
        c.poly([(side, 0.05), (side + 0.07, 0.05), (side + 0.085, 0.5), (side - 0.015, 0.5)], curtain)
        c.line([(side + 0.035, 0.06), (side + 0.035, 0.49)], 0.008, mix(curtain, (255, 255, 255), 0.25))
    c.line([(x - 0.1, 0.05), (x + 0.42, 0.05)], 0.014, _in_room((150, 110, 76), time))
    px = 0.68 if left else 0.14
    for dx, dy, w, h in ((0.0, 0.12, 0.17, 0.13), (0.2, 0.17, 0.09, 0.12)):
        c.box(px + dx, dy, px + dx + w, dy + h, _in_room((160, 118, 82), time), 0.004)
        c.box(px + dx + 0.012, dy + 0.012, px + dx + w - 0.012, dy + h - 0.012, _in_room((236, 232, 220), time))
        c.oval(px + dx + w / 2, dy + h * 0.6, w * 0.24, h * 0.2, _in_room((158, 190, 176), time))
    c.box(0, 0.645, 1, 0.68, _in_room((252, 248, 240), time))
    boards(c, 0.68, _in_room((206, 160, 116), time))
    for r, fill in ((0.42, (206, 186, 176)), (0.37, (232, 218, 204)), (0.28, (216, 198, 188))):
        c.oval(0.5, 0.89, r, r * 0.24, _in_room(fill, time))


def bedroom(c: Canvas, time: str, rng: random.Random) -> None:
    """A dotted lilac wall, a bed at the side, a window."""
    wall = _in_room((222, 214, 238), time)
    c.box(0, 0, 1, 0.68, wall)
    for row in range(8):
        for i in range(11):
            c.disc((i + 0.5 * (row % 2)) / 10, 0.04 + row * 0.085, 0.008, mix(wall, (255, 255, 255), 0.45))
    left = rng.choice((True, False))
    window(c, 0.56 if left else 0.14, 0.1, 0.28, 0.28, time)
    c.box(0, 0.65, 1, 0.68, _in_room((250, 246, 250), time))
    boards(c, 0.68, _in_room((224, 196, 166), time))
    side = 0.0 if left else 0.62
    wood = _in_room((176, 136, 104), time)
    c.box(side - 0.02, 0.38, side + 0.4, 0.72, wood, 0.03)
    c.box(side + 0.0, 0.41, side + 0.38, 0.6, mix(wood, (255, 255, 255), 0.2), 0.02)
    for x in (0.02, 0.2):
        c.box(side + x, 0.49, side + x + 0.16, 0.6, _in_room((252, 250, 250), time), 0.03)
    cover = _in_room((158, 178, 212), time)
    c.box(side - 0.03, 0.57, side + 0.41, 0.77, cover, 0.03)
    c.box(side - 0.03, 0.57, side + 0.41, 0.62, mix(cover, (255, 255, 255), 0.45), 0.02)
    c.oval(0.5, 0.92, 0.44, 0.07, _in_room((236, 220, 232), time))


def office(c: Canvas, time: str, rng: random.Random) -> None:
    """Shelves of files, a wide window on the skyline, a grey carpet."""
    c.box(0, 0, 1, 0.68, _in_room((218, 226, 232), time))
    left = rng.choice((True, False))
    x = 0.42 if left else 0.08
    window(c, x, 0.08, 0.5, 0.32, time)
    far = (40, 46, 92) if time == "night" else (156, 178, 204)
    for i, h in enumerate((0.1, 0.16, 0.12, 0.19, 0.09, 0.14)):
        bx = x + 0.02 + i * 0.078
        c.box(bx, 0.4 - h, bx + 0.066, 0.4, far)
        for k in range(3):
            glow = (255, 222, 130) if time == "night" else (206, 222, 236)
            c.box(
                bx + 0.012 + (k % 2) * 0.026,
                0.41 - h + k * 0.026,
                bx + 0.026 + (k % 2) * 0.026,
                0.424 - h + k * 0.026,
                glow,
            )
    sx = 0.06 if left else 0.66
    shelf = _in_room((192, 168, 144), time)
    c.box(sx, 0.08, sx + 0.28, 0.66, shelf, 0.008)
    for row in range(3):
        y = 0.1 + row * 0.185
        c.box(sx + 0.014, y, sx + 0.266, y + 0.165, mix(shelf, (70, 50, 50), 0.25))
        for k in range(8):
            fill = _in_room(rng.choice(((196, 208, 214), (168, 186, 190), (220, 208, 190), (182, 176, 196))), time)
            c.box(sx + 0.02 + k * 0.03, y + rng.uniform(0.03, 0.06), sx + 0.045 + k * 0.03, y + 0.165, fill)
    c.box(0, 0.65, 1, 0.68, _in_room((244, 246, 248), time))
    carpet = _in_room((170, 182, 190), time)
    c.box(0, 0.68, 1, 1, carpet)
    for y in (0.74, 0.81, 0.9):
        c.line([(-0.1, y), (1.1, y)], 0.004, mix(carpet, (255, 255, 255), 0.2))
    for i in range(-6, 7):
        c.line([(0.5 + i * 0.12, 0.68), (0.5 + i * 0.24, 1.02)], 0.004, mix(carpet, (255, 255, 255), 0.2))


INDOORS = {"kitchen": kitchen, "living room": living_room, "bedroom": bedroom, "office": office}
